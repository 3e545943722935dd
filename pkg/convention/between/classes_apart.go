package between

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"focalaudit/internal/pack"
	"focalaudit/pkg/convention/names"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// minApart is how many images with objects a part of a data set must have to show which classes its
// annotators marked, and manyApart how many classes one of two parts must have: pictures that are
// sorted into directories by what they show have one class each.
const (
	minApart  = 200
	manyApart = 3
)

// Part is a source, or its images in one directory.
type Part struct {
	Source  int
	Dir     string  // below what all file names have in common, "" for the whole source
	Images  int     // with objects in use
	Classes int     // of these objects
	First   int32   // the first such image, -1 if there is none
	has     []int32 // these, rising behind close

	seen map[int32]bool // those in has, until close
}

// name returns the part as messages have it.
func (p *Part) name(d *dataset.Dataset) string {
	if p.Dir == "" {
		return text.Printable(d.Sources[p.Source].Name)
	}
	return "the pictures in " + text.Printable(p.Dir) + "/"
}

// ClassesApart returns two parts of the data that have no class in common, of 200 images with objects each, and
// three classes in one of them, if there are any: of several such pairs, the one with the most
// images. Parts are the sources, or the directories of one.
func ClassesApart(d *dataset.Dataset) (two [2]Part, ok bool) {
	parts := make([][]Part, len(d.Sources))
	for s := range d.Sources {
		parts[s] = PartsOf(d, s, len(d.Sources) == 1)
	}
	return apartOf(parts)
}

// PartsOf returns the parts of one source: the whole first, if it has enough images, and its directories. The whole of
// a source that is alone, with which nothing is compared, is not counted.
func PartsOf(d *dataset.Dataset, s int, alone bool) (parts []Part) {
	src := d.Source(s)
	if len(src.Images) < minApart {
		return nil
	}
	p := newPart(s, "")
	for i := 0; i < len(src.Images) && !alone; i++ {
		p.add(src, int32(i), len(d.Classes))
	}
	p.close()
	return append(append(parts, p), directories(d, s)...)
}

// apartOf is ClassesApart of the parts by source.
func apartOf(parts [][]Part) (two [2]Part, ok bool) {
	var sources []Part
	for _, of := range parts {
		if len(of) == 0 {
			continue
		}
		if len(parts) > 1 {
			sources = append(sources, of[0])
		}
		two = moreApart(two, of[1:])
	}
	two = moreApart(two, sources)
	return two, two[0].Images > 0
}

// As returns the part with other numbers: that of its source, and those of its classes.
func (p *Part) As(source int, classes []int) Part {
	out := *p
	out.Source, out.has = source, make([]int32, len(p.has))
	for i, c := range p.has {
		out.has[i] = int32(classes[c])
	}
	slices.Sort(out.has)
	return out
}

// moreApart returns the two parts, of those given and of all pairs in a list, that are apart and of which
// the smaller one has most images.
func moreApart(two [2]Part, parts []Part) [2]Part {
	ranks := commonFirst(parts)
	for i := range parts {
		for j := range i {
			a, b := &parts[j], &parts[i]
			n := min(a.Images, b.Images)
			if n >= minApart && max(a.Classes, b.Classes) >= manyApart && n > min(two[0].Images, two[1].Images) &&
				!meet(ranks[j], ranks[i]) {
				two = [2]Part{*a, *b}
			}
		}
	}
	return two
}

// commonFirst returns the classes of each part as their ranks by how many parts have them, rising: a class that most
// parts have comes first, so that parts which have it in common meet at once, however many classes they have.
func commonFirst(parts []Part) [][]int32 {
	n := map[int32]int{}
	for i := range parts {
		for _, c := range parts[i].has {
			n[c]++
		}
	}
	order := slices.SortedFunc(maps.Keys(n), func(a, b int32) int { return cmp.Or(n[b]-n[a], int(a-b)) })
	rank := make(map[int32]int32, len(order))
	for r, c := range order {
		rank[c] = int32(r)
	}
	out := make([][]int32, len(parts))
	for i := range parts {
		for _, c := range parts[i].has {
			out[i] = append(out[i], rank[c])
		}
		slices.Sort(out[i])
	}
	return out
}

func newPart(s int, dir string) Part {
	return Part{Source: s, Dir: dir, First: -1, seen: map[int32]bool{}}
}

// close ends the adding of images.
func (p *Part) close() {
	slices.Sort(p.has)
	p.seen = nil
}

// add adds an image of a data set with so many classes.
func (p *Part) add(src *dataset.Source, i int32, classes int) {
	im, any, last := &src.Images[i], false, int32(-1)
	for k := im.First; k < im.Last; k++ {
		o := &src.Objects[k]
		if !sample.Told(o) || o.Class < 0 || o.Flags&dataset.Crowd != 0 {
			continue
		}
		any = true
		if o.Class != last {
			if last = o.Class; !p.seen[last] {
				p.seen[last] = true
				p.has = append(p.has, last)
				p.Classes++
			}
		}
		if p.Classes == classes { // the other objects of the image tell nothing more
			break
		}
	}
	if any {
		if p.Images++; p.First < 0 {
			p.First = i
		}
	}
}

// directories returns the directories of a source's pictures that have enough images: the first below
// what all file names have in common.
func directories(d *dataset.Dataset, s int) []Part {
	src := d.Source(s)
	if len(src.Images) < 2*minApart || !strings.Contains(src.Images[0].File, "/") {
		return nil
	}
	common := names.CommonDirectory(src)
	counts := map[string]int{}
	for i := range src.Images {
		counts[names.Below(src.Images[i].File, common)] += sample.One(src.Images[i].First < src.Images[i].Last)
	}
	at := map[string]int{} // index in parts, plus 1
	var parts []Part
	for i := range src.Images {
		dir := names.Below(src.Images[i].File, common)
		if counts[dir] < minApart || dir == "" {
			continue
		}
		if at[dir] == 0 {
			parts = append(parts, newPart(s, dir))
			at[dir] = len(parts)
		}
		parts[at[dir]-1].add(src, int32(i), len(d.Classes))
	}
	for i := range parts {
		parts[i].close()
	}
	return parts
}

// apartFinding returns the finding on two parts.
func apartFinding(d *dataset.Dataset, two [2]Part) findings.Finding {
	classes := func(p *Part) string {
		return fmt.Sprintf("%s (%s, %s)", p.name(d), say.Plural(p.Images, "image"), say.Plural(p.Classes, "class"))
	}
	b := &two[1]
	im := d.Image(b.Source, int(b.First))
	f := say.Finding("classes-apart", int32(b.Source), im.Offset, im.Line, "%s and %s have no class in common. If the "+
		"pictures "+
		"of one show objects of the other's classes, these are trained as background there: look at some, and mark them or "+
		"train two detectors. Example: %s", classes(&two[0]), classes(b), say.Label(im))
	f.Cases = int64(min(two[0].Images, b.Images))
	f.Size = float64(f.Cases)
	return f
}

// Pack packs a part.
func (p *Part) Pack(w *pack.Writer) {
	w.Text(p.Dir)
	w.Int(int64(p.Images))
	w.Int(int64(p.Classes))
	w.Int(int64(p.First))
	w.Len(len(p.has))
	last := int32(-1)
	for _, c := range p.has {
		w.Uint(uint64(c - last - 1))
		last = c
	}
}

// UnpackPart reads what Pack packed of a data set with so many classes.
func UnpackPart(r *pack.Reader, classes int) Part {
	p := Part{Dir: r.Text(), Images: int(r.Int()), Classes: int(r.Int()), First: r.Int32()}
	last := -1
	for range r.Len(1) {
		last += 1 + r.Below(max(0, classes-last-1))
		p.has = append(p.has, int32(last))
	}
	if r.Err() != nil {
		p.has = nil
	}
	return p
}
