package analysis

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// minNames is how many file names have to be odd: fewer may be an example.
const minNames = 5

// pictures are the endings of what image libraries and medical readers open.
var pictures = strings.Fields(".jpg .jpeg .jpe .jfif .png .bmp .dib .tif .tiff .webp .gif .jp2 .j2k .heic .heif " +
	".avif .ppm .pgm .pbm .pnm .exr .hdr .dcm .dicom .nii .gz .npy .npz .raw .dng .arw .cr2 .nef .svs .ndpi .mrxs .svg " +
	".tga .pcx .im .mpo .ico .sgi .ras .fits .fit .mat .h5 .pt .pkl .mp4 .avi .mov .mkv")

// noPictures tells of a source in which no file name ends as a picture's does: a script has spoilt them.
func (r *Result) noPictures(s int) (f findings.Finding, ok bool) {
	src := r.Data.Source(s)
	named, first := 0, -1
	for i := range src.Images {
		file := src.Images[i].File
		switch {
		case file == "":
			continue
		case slices.Contains(pictures, strings.ToLower(path.Ext(strings.TrimSpace(file)))):
			return f, false
		}
		if named++; first < 0 {
			first = i
		}
	}
	if named < minNames {
		return f, false
	}
	im := &src.Images[first]
	f = findings.New("file-name-missing")
	f.Level = findings.Info // names there are
	f.Source, f.Image, f.Offset, f.Line = int32(s), int32(first), im.Offset, im.Line
	f.Size, f.Cases = float64(named), int64(named)
	f.Message = fmt.Sprintf("%s: none of %s ends as a picture's does, such as .jpg; trainers open file_name as it "+
		"stands. Write the pictures' names. Example: %q", text.Printable(src.Name), text.Plural(named, "file name"), im.File)
	return f, true
}

// findSpelled tells of categories that are the letters of a word: a script went through a
// text in place of a list of names. Letters in their order are an alphabet, and meant.
func (r *Result) findSpelled(s int) {
	src := &r.Data.Sources[s]
	if len(src.Categories) < 3 {
		return
	}
	word, before := "", int64(-1)
	for i, c := range src.Categories {
		name := r.Data.Classes[c.Class].Name
		id, whole := c.ID.Int()
		letter := len(name) == 1 && (name >= "a" && name <= "z" || name >= "A" && name <= "Z")
		if !letter || !whole || i > 0 && id != before+1 {
			return
		}
		word, before = word+name, id
	}
	if letters := []byte(strings.ToLower(word)); slices.IsSorted(letters) {
		return
	}
	f := findings.New("category-unnamed")
	f.Source, f.Class, f.Cases, f.Level = int32(s), src.Categories[0].Class, int64(len(src.Categories)), findings.Info
	f.Message = fmt.Sprintf("%s: the names of %d categories are single letters, which spell %q: "+
		"a text seems to stand where a list of names should. Write the names",
		text.Printable(src.Name), len(src.Categories), word)
	r.Findings = append(r.Findings, f)
}

// isBackground tells whether a class is called the background.
func isBackground(c *dataset.Class) bool {
	return strings.Trim(strings.ToLower(c.Name), "_ ") == "background"
}

// notObjects are names, in lower case and letters only, that tools and data sets give to regions
// that are not to be trained: KITTI's DontCare, VisDrone's ignored regions, CVAT's and SuperAnnotate's
// unlabeled, and the background.
var notObjects = map[string]bool{
	"dontcare": true, "ignore": true, "ignored": true, "ignoredregion": true, "ignoredregions": true,
	"ignoreregion": true, "ignoreregions": true, "ignorearea": true, "ignoredarea": true, "void": true,
	"unlabeled": true, "unlabelled": true, "background": true, "bg": true, "notanobject": true, "noobject": true,
}

// findNotObjects tells of classes with objects whose name says that they are none.
func (r *Result) findNotObjects() {
	for i := range r.Classes {
		letters := strings.Map(func(c rune) rune {
			if c = unicode.ToLower(c); unicode.IsLetter(c) {
				return c
			}
			return -1
		}, r.Data.Classes[i].Name)
		if r.Classes[i].Objects == 0 || !notObjects[letters] {
			continue
		}
		f := findings.New("class-not-object")
		f.Class, f.Size = int32(i), float64(r.Classes[i].Objects)
		f.Message = fmt.Sprintf("%s of class %q %s trained as a class of its own, and by its name it is none: "+
			"a detector learns to find what is to be ignored", text.Plural(int(r.Classes[i].Objects), "object"),
			r.Data.Classes[i].Name, isAre(r.Classes[i].Objects))
		r.Findings = append(r.Findings, f)
	}
}

// isAre returns the verb for a number of objects.
func isAre(n int64) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// findBackground tells of objects whose class is the background, with the id 0: ids of
// the others are then one too low, too.
func (r *Result) findBackground() {
	for s := range r.Data.Sources {
		for _, c := range r.Data.Sources[s].Categories {
			id, whole := c.ID.Int()
			if !whole || id != 0 || !isBackground(&r.Data.Classes[c.Class]) || r.Classes[c.Class].Annotations == 0 {
				continue
			}
			f := findings.New("category-id-zero")
			f.Source, f.Class, f.Size = int32(s), c.Class, float64(r.Classes[c.Class].Annotations)
			if _, lost := r.Trainer.ZeroID(); lost {
				f.Level = findings.Error
			}
			f.Message = fmt.Sprintf("%s: %s of class %q, id 0: the category ids of the annotations seem one too low. "+
				"Add 1 to each, or give the class the name of what it is", text.Printable(r.Data.Sources[s].Name),
				text.Plural(int(r.Classes[c.Class].Annotations), "annotation"), r.Data.Classes[c.Class].Name)
			r.Findings = append(r.Findings, f)
		}
	}
}
