package convention

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/naming"
	"focalaudit/pkg/text"
)

// Flipped counts pictures that are mirrored copies of others, by their names, and have the boxes of
// the original as they stand.
type Flipped struct {
	Same, Of   int      // copies with exactly the boxes of the original, copies that could tell
	Edges, Any int      // copies whose boxes begin where a mirror shows the left edge, copies that could tell
	Example    [2]int32 // the original and the copy, -1 if there is none
}

// Found reports whether boxes of mirrored copies seem to be wrong in either way. No name in the real files has such a
// word.
func (p *Flipped) Found() bool { return p.Unchanged() || p.FromEdge() }

// Unchanged reports whether boxes seem not to be mirrored with their pictures: 10 copies, and four in five.
func (p *Flipped) Unchanged() bool { return p.Same >= 10 && 5*p.Same >= 4*p.Of }

// FromEdge reports whether x seems to be the mirrored left edge, width - x, where it should be the mirrored right one:
// 10 copies, and four in five.
func (p *Flipped) FromEdge() bool { return p.Edges >= 10 && 5*p.Edges >= 4*p.Any }

// mirrors are the words for a mirrored copy in the name of a picture, the longest first.
var mirrors = []string{
	"horizontalflip", "verticalflip", "horizontal_flip", "vertical_flip", "mirrored", "fliplr", "flipud", "flipped",
	"mirror", "hflip", "vflip", "flip",
}

// OfFlipped compares mirrored copies with their originals.
func OfFlipped(src *dataset.Source) Flipped {
	p := Flipped{Example: [2]int32{-1, -1}}
	var copies []int32
	for i := range src.Images {
		if im := &src.Images[i]; im.LeftOut == dataset.InUse && im.First < im.Last && hasMirror(im.File) {
			copies = append(copies, int32(i))
		}
	}
	if len(copies) < 10 {
		return p
	}
	originals := map[string]int32{} // the first image of a name, with its directory and without
	for i := range src.Images {
		im := &src.Images[i]
		if im.LeftOut != dataset.InUse || hasMirror(im.File) {
			continue
		}
		name := joints.Replace(naming.Normal(im.File))
		for _, key := range [...]string{name, path.Base(name)} {
			if _, known := originals[key]; !known {
				originals[key] = int32(i)
			}
		}
	}
	var pairs []twin
	for _, i := range copies {
		name := unmirrored(src.Images[i].File)
		at, known := originals[name]
		if !known {
			at, known = originals[path.Base(name)]
		}
		if known && src.Images[at].Size == src.Images[i].Size {
			pairs = append(pairs, twin{at, i})
		}
	}
	p.addAll(src, pairs)
	return p
}

// addAll compares copies with their originals, those of one original behind each other.
func (p *Flipped) addAll(src *dataset.Source, pairs []twin) {
	slices.SortStableFunc(pairs, func(x, y twin) int { return cmp.Compare(x.a, y.a) })
	same, edges := twin{-1, -1}, twin{-1, -1} // the first copies
	var of original
	for i, w := range pairs {
		if i == 0 || w.a != pairs[i-1].a {
			of = original{src: src, at: w.a}
		}
		if p.edges(&of, w.b) && (edges.b < 0 || w.b < edges.b) {
			edges = w
		}
		if p.same(&of, w.b) && (same.b < 0 || w.b < same.b) {
			same = w
		}
	}
	if same.b < 0 { // of copies with both, that of the rule that is asked first
		same = edges
	}
	p.Example = [2]int32{same.a, same.b}
}

// same counts a copy that may have exactly the boxes of its original, in whatever order, and tells whether it has.
// Boxes in the middle are where a mirror shows them: they tell nothing.
func (p *Flipped) same(of *original, copied int32) bool {
	own, others := of.src.Images[of.at], of.src.Images[copied]
	if own.Last-own.First != others.Last-others.First || !of.tells() {
		return false
	}
	p.Of++
	if !slices.Equal(of.sorted(), sortedLabels(of.src, copied)) {
		return false
	}
	p.Same++
	return true
}

// edges compares the boxes of a copy with those that begin at the mirrored left edge, as x becomes width - x, and may
// be cut at the edge; boxes whose width is left then are dropped perhaps. Where a box that is due fits too, as a narrow
// one does, it tells nothing. It tells whether the copy has such boxes.
func (p *Flipped) edges(of *original, copied int32) bool {
	b := &of.src.Images[copied]
	tell, all := false, true
	edge, due := of.mirrored(int(b.Last - b.First))
	for k := b.First; k < b.Last && all; k++ {
		if x := &of.src.Objects[k]; told(x) {
			all = edge(x)
			tell = tell || all && !due(x)
		}
	}
	p.Any++
	if !tell || !all {
		return false
	}
	p.Edges++
	return true
}

// hasMirror tells whether a name has one of the words.
func hasMirror(file string) bool {
	if strings.IndexByte(file, 'i') < 0 && strings.IndexByte(file, 'I') < 0 { // as in most names
		return false
	}
	for i := 0; i+4 <= len(file); i++ {
		switch file[i] | 0x20 {
		case 'f':
			if strings.EqualFold(file[i:i+4], "flip") {
				return true
			}
		case 'm':
			if i+6 <= len(file) && strings.EqualFold(file[i:i+6], "mirror") {
				return true
			}
		}
	}
	return false
}

// unmirrored returns a name without the words for mirrored copies, and what joins them.
func unmirrored(file string) string {
	name := naming.Normal(file)
	for _, word := range mirrors {
		name = strings.ReplaceAll(name, word, "")
	}
	return joints.Replace(name)
}

// joints removes what joins the parts of a name.
var joints = strings.NewReplacer("_", "", "-", "", " ", "", "(", "", ")", "")

// finding returns the finding on boxes that were not mirrored.
func (p *Flipped) finding(src *dataset.Source, s int32) findings.Finding {
	a, b := &src.Images[p.Example[0]], &src.Images[p.Example[1]]
	if !p.Unchanged() {
		f := finding("box-convention", s, b.Offset, b.Line, "the boxes of mirrored copies begin at the mirrored left edge, "+
			"width - x, where they should begin at the mirrored right one, width - x - w: in %s of %s whose names say that "+
			"they are mirrored. Write x as width - x - w there. Example: %s beside %s", group(p.Edges), plural(p.Any, "image"),
			label(b), label(a))
		f.Level, f.Image, f.Size, f.Cases = findings.Warning, p.Example[1], float64(p.Edges), int64(p.Edges)
		return f
	}
	f := finding("boxes-carried-over", s, b.Offset, b.Line, "%s: %s of %s whose names say that they are mirrored have "+
		"exactly the boxes of the original. The pictures were mirrored, and their boxes not: x becomes width - x - w (y "+
		"becomes height - y - h from top to bottom). Example: %s, which has the boxes of %s",
		text.Printable(src.Name), group(p.Same), plural(p.Of, "image"), label(b), label(a))
	f.Image, f.Size, f.Cases = p.Example[1], float64(p.Same), int64(p.Same)
	return f
}
