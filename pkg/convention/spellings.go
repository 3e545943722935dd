package convention

import (
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/naming"
)

// Spelling is a name that several images of a source have in different spellings.
type Spelling struct {
	Names   int      // that are spelt in several ways
	Images  int      // that have such a name, beyond the first of each
	Example [2]int32 // two images with one name
}

// Found reports whether a name is spelt in several ways.
func (p *Spelling) Found() bool { return p.Images > 0 }

// Spellings finds names of a source that are one name but for "\", "./", case or the
// form of Unicode. Names that are equal to the byte are the reader's to tell of.
func Spellings(src *dataset.Source) Spelling {
	s := Spelling{Example: [2]int32{-1, -1}}
	odd := false
	for i := range src.Images {
		odd = odd || !naming.Plain(src.Images[i].File)
	}
	if !odd {
		return s
	}
	first := make(map[string]int32, len(src.Images))
	counted := map[string]bool{}
	for i := range src.Images {
		im := &src.Images[i]
		if im.File == "" || im.LeftOut != dataset.InUse {
			continue
		}
		name := naming.Normal(im.File)
		k, known := first[name]
		if !known {
			first[name] = int32(i)
			continue
		}
		if src.Images[k].File == im.File {
			continue
		}
		if s.Images++; !counted[name] {
			counted[name] = true
			if s.Names++; s.Names == 1 {
				s.Example = [2]int32{k, int32(i)}
			}
		}
	}
	return s
}

// Finding returns the finding on names that a source spells in several ways.
func (p *Spelling) Finding(src *dataset.Source, s int32) findings.Finding {
	a, b := &src.Images[p.Example[0]], &src.Images[p.Example[1]]
	f := say.Finding("file-name-duplicate", s, b.Offset, b.Line,
		"%s %s spelt in several ways: without regard to \"\\\", \"./\", case and the form of Unicode, "+
			"there are %s more than names. Write each name in one way. Example: %q and %q",
		say.Plural(p.Names, "file name"), say.Are(p.Names), say.Plural(p.Images, "image"), a.File, b.File)
	f.Image, f.Cases = p.Example[1], int64(p.Images)
	return f
}
