package series

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
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
	Ending     string   // of names of copies that don't say that they are mirrored
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

// copyPair are the images of an original and of its copy.
type copyPair struct{ a, b int32 }

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
		return ofCopies(src)
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
	var pairs []copyPair
	for _, i := range copies {
		name := unmirrored(src.Images[i].File)
		at, known := originals[name]
		if !known {
			at, known = originals[path.Base(name)]
		}
		if known && src.Images[at].Size == src.Images[i].Size {
			pairs = append(pairs, copyPair{at, i})
		}
	}
	p.addAll(src, pairs, true)
	return p
}

// manyNames is about how many names are asked for an ending that several have, drawn by their bytes.
const manyNames = 200

// sharedEnding returns what follows the last joint of a name in a tenth of those that are asked, "" if none does.
func sharedEnding(src *dataset.Source) string {
	counts, best := map[string]int{}, ""
	n, step := 0, uint64(len(src.Images)/manyNames+1)
	for i := range src.Images {
		name := src.Images[i].File
		if drawOfName(name)%step != 0 {
			continue
		}
		n++
		name = strings.TrimSuffix(name, path.Ext(name))
		at := strings.LastIndexAny(name, "_- (/")
		if at <= 0 || name[at] == '/' {
			continue
		}
		end := name[at:]
		counts[end]++
		if most := counts[best]; counts[end] > most || counts[end] == most && end < best {
			best = end
		}
	}
	if counts[best] < 10 || 10*counts[best] < n {
		return ""
	}
	return best
}

// drawOfName mixes the last bytes of a name, in which names differ.
func drawOfName(name string) (of uint64) {
	for _, c := range []byte(name[max(0, len(name)-12):]) {
		of = of*31 + uint64(c)
	}
	return sample.Mix(of)
}

// ofCopies compares images whose names are those of others with an ending behind, as _aug1, with these others. Boxes of
// the original as they stand tell nothing then: not every copy is mirrored.
func ofCopies(src *dataset.Source) Flipped {
	p := Flipped{Example: [2]int32{-1, -1}}
	if len(src.Images) < 20 {
		return p
	}
	if p.Ending = sharedEnding(src); p.Ending == "" {
		return p
	}
	originals := map[string]int32{} // the first image of the name that a copy would have
	var copies []int32
	for i := range src.Images {
		im := &src.Images[i]
		if im.LeftOut != dataset.InUse || im.First == im.Last {
			continue
		}
		name, ext := strings.TrimSuffix(im.File, path.Ext(im.File)), path.Ext(im.File)
		if strings.HasSuffix(name, p.Ending) {
			copies = append(copies, int32(i))
		} else if _, known := originals[name+p.Ending+ext]; !known {
			originals[name+p.Ending+ext] = int32(i)
		}
	}
	var pairs []copyPair
	for _, i := range copies {
		if at, known := originals[src.Images[i].File]; known && src.Images[at].Size == src.Images[i].Size {
			pairs = append(pairs, copyPair{at, i})
		}
	}
	p.addAll(src, pairs, false)
	return p
}

// addAll compares copies with their originals, those of one original behind each other. named tells that all are
// mirrored, by their names.
func (p *Flipped) addAll(src *dataset.Source, pairs []copyPair, named bool) {
	slices.SortStableFunc(pairs, func(x, y copyPair) int { return cmp.Compare(x.a, y.a) })
	same, edges := copyPair{-1, -1}, copyPair{-1, -1} // the first copies
	var of original
	for i, w := range pairs {
		if i == 0 || w.a != pairs[i-1].a {
			of = original{src: src, at: w.a}
		}
		if p.edges(&of, w.b) && (edges.b < 0 || w.b < edges.b) {
			edges = w
		}
		if named && p.same(&of, w.b) && (same.b < 0 || w.b < same.b) {
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
		if x := &of.src.Objects[k]; sample.Told(x) {
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

// Finding returns the finding on boxes that were not mirrored.
func (p *Flipped) Finding(src *dataset.Source, s int32) findings.Finding {
	a, b := &src.Images[p.Example[0]], &src.Images[p.Example[1]]
	if !p.Unchanged() {
		which := "say that they are mirrored"
		if p.Ending != "" {
			which = "are those of others with " + text.Printable(p.Ending) + " behind"
		}
		f := say.Finding("box-convention", s, b.Offset, b.Line,
			"the boxes of mirrored copies begin at the mirrored left edge, "+
				"width - x, where they should begin at the mirrored right one, width - x - w: in %s of %s whose names %s. Write x "+
				"as width - x - w there. Example: %s beside %s", say.Group(p.Edges), say.Plural(p.Any, "image"), which,
			say.Label(b), say.Label(a))
		f.Level, f.Image, f.Size, f.Cases = findings.Warning, p.Example[1], float64(p.Edges), int64(p.Edges)
		return f
	}
	f := say.Finding("boxes-carried-over", s, b.Offset, b.Line,
		"%s: %s of %s whose names say that they are mirrored have "+
			"exactly the boxes of the original. The pictures were mirrored, and their boxes not: x becomes width - x - w (y "+
			"becomes height - y - h from top to bottom). Example: %s, which has the boxes of %s",
		text.Printable(src.Name), say.Group(p.Same), say.Plural(p.Of, "image"), say.Label(b), say.Label(a))
	f.Image, f.Size, f.Cases = p.Example[1], float64(p.Same), int64(p.Same)
	return f
}
