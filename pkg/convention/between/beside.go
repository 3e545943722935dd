package between

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"

	"focalaudit/pkg/convention/names"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/text"
)

// Shared says that two sources have images in common.
type Shared struct {
	A, B     int   // indices of the sources, A < B
	Images   int   // that both have
	Of       int   // images in use of the source that has fewer
	Boxed    int   // of Images, those with a box in common
	Boxes    int   // objects of B whose box an object of A has
	Holed    int   // images without a box in common, and with missing numbers between the ids of one of both
	Filled   int   // of these: each file has just the numbers that the other lacks
	Example  int32 // an image of B
	Original int32 // the same image in A
	Kind     SharedKind
	Include  string // a pattern for --include that keeps one of them, "" if there is none

	crowded bool // an image by whose name they met is in more than maxPlaces sources
}

// SharedKind says what two sources are to each other.
type SharedKind uint8

// The kinds.
const (
	Twice  SharedKind = iota // annotations of the same images, read as two files
	Leak                     // one is for training, the other for validation or testing
	Layers                   // COCO's files for one set: instances, person_keypoints and so on
)

// Beside finds the sources that have images in common.
//
// Names are compared without regard to "\" or "/", "./", case and the form of
// Unicode. In files of one directory, one name is one picture. In files of two
// directories it may be another picture, as numbered frames are; there the image must
// have the same size, and half of the images with objects in both files a box in
// common. Of more than maxPlaces sources with one name not all pairs are there, see crowded.
func Beside(d *dataset.Dataset) []Shared { return besideOf(d, Sighted(d, Names)) }

// besideOf is Beside of sorted sightings by names.
func besideOf(d *dataset.Dataset, names iter.Seq[Sighting]) []Shared {
	if len(d.Sources) < 2 {
		return nil
	}
	pairs := map[[2]int32]*Shared{}
	var met []meeting
	meet := func(of *Shared, a, b int32) {
		if met = append(met, meeting{of, a, b}); len(met) == manyMet {
			met = addAll(d, met)
		}
	}
	many := crowded{d: d}
	for same := range again(names) {
		same = firstOfEach(same) // of the others Spellings tells, or the reader
		if len(same) > maxPlaces {
			many.add(same)
			continue
		}
		for i, here := range same {
			for _, p := range same[:i] {
				of := sharedBy(pairs, spot{p.Source, p.Image}, spot{here.Source, here.Image})
				meet(of, p.Image, here.Image)
			}
		}
	}
	many.choose(pairs)
	used := counted(d)
	complete := func(pairs map[[2]int32]*Shared) (found []Shared) {
		many.count(pairs, meet)
		met = addAll(d, met)
		for _, of := range sortedPairs(pairs) {
			if s := pairs[of]; s.complete(d, used) {
				found = append(found, *s)
			}
		}
		return found
	}
	found := complete(pairs)
	if len(many.names) == 0 {
		return found
	}
	found = append(found, complete(many.leaks(found, pairs))...)
	slices.SortFunc(found, func(a, b Shared) int { return cmp.Or(a.A-b.A, a.B-b.B) })
	return found
}

// sortedPairs lists pairs of sources in their order, so that their records are asked for in this order.
func sortedPairs[N cmp.Ordered, V any](pairs map[[2]N]V) [][2]N {
	return slices.SortedFunc(maps.Keys(pairs), func(a, b [2]N) int {
		return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
	})
}

// meeting is an image that two sources have.
type meeting struct {
	of   *Shared
	a, b int32
}

// manyMet is how many of these are gathered before they are looked at, source by source.
const manyMet = 1 << 18

// addAll counts images that two sources have, and returns an empty slice.
func addAll(d *dataset.Dataset, met []meeting) []meeting {
	slices.SortFunc(met, func(a, b meeting) int { return cmp.Or(a.of.A-b.of.A, a.of.B-b.of.B) })
	for _, m := range met {
		m.of.add(d, m.a, m.b)
	}
	return met[:0]
}

// add counts an image that both sources have. Of counts images with objects in both
// until complete.
func (s *Shared) add(d *dataset.Dataset, a, b int32) {
	x, y := &d.Sources[s.A], &d.Sources[s.B]
	p, q := d.Image(s.A, int(a)), d.Image(s.B, int(b))
	if p.Size != q.Size && path.Dir(x.Name) != path.Dir(y.Name) {
		return
	}
	s.Images++
	if p.First == p.Last || q.First == q.Last {
		return
	}
	s.Of++
	own, theirs := d.Objects(s.A, int(a)), d.Objects(s.B, int(b))
	n := common(own, theirs)
	if s.Boxes += n; n > 0 {
		s.Boxed++
	} else if holed, filled := fill(own, theirs); holed {
		s.Holed++
		s.Filled += sample.One(filled)
	}
}

// fill tells whether numbers are missing between the annotation ids of one image in either of two files, and whether
// each file has those that the other lacks, and no other: annotations were divided then, and not images.
func fill(a, b []dataset.Object) (holed, filled bool) {
	ids := make([]int64, 0, len(a)+len(b))
	for _, of := range [...][]dataset.Object{a, b} {
		from := len(ids)
		for k := range of {
			id, whole := of[k].ID.Int()
			if !whole {
				return false, false
			}
			ids = append(ids, id)
		}
		slices.Sort(ids[from:])
		holed = holed || ids[len(ids)-1]-ids[from]+1 != int64(len(of))
	}
	slices.Sort(ids)
	for k := 1; k < len(ids); k++ {
		if ids[k] != ids[k-1]+1 {
			return holed, false
		}
	}
	return holed, holed
}

// leastFilled is how many images show that annotations were divided.
const leastFilled = 10

// divided reports whether the annotations of the images seem to be divided between the files: no box is in both, and of
// the images in which ids have holes, ten at least, nine in ten have their missing ids in the other file. Two people
// who label the same pictures number theirs by themselves.
func (s *Shared) divided() bool {
	return s.Filled >= leastFilled && 10*s.Filled >= 9*s.Holed && s.Boxes == 0
}

// common returns how many boxes of b are also in a.
func common(a, b []dataset.Object) int {
	n := 0
	has := make(map[geom.Rect]bool, len(a))
	for i := range a {
		has[a[i].Box] = true
	}
	for i := range b {
		if has[b[i].Box] {
			n++
		}
	}
	return n
}

// complete tells whether the images are the same, and what the sources are. used returns how many images of a source
// are in use.
func (s *Shared) complete(d *dataset.Dataset, used func(s int) int) bool {
	a, b := &d.Sources[s.A], &d.Sources[s.B]
	if s.Images == 0 || path.Dir(a.Name) != path.Dir(b.Name) && (s.Boxed == 0 || 2*s.Boxed < s.Of) &&
		!s.divided() {
		return false
	}
	s.Of = min(used(s.A), used(s.B))
	layerA, restA, okA := layer(a.Name)
	layerB, restB, okB := layer(b.Name)
	switch roleA, roleB := names.Role(a.Name), names.Role(b.Name); {
	case roleA != roleB && roleA != "" && roleB != "" && (roleA == "train" || roleB == "train"):
		s.Kind = Leak
	case okA && okB && restA == restB && layerA != layerB:
		s.Kind, s.Include = Layers, "instances_*"
		if layerA != "instances" && layerB != "instances" {
			s.Include = layerA + "_*"
		}
	}
	return true
}

// counted is inUse, which is counted once of each source.
func counted(d *dataset.Dataset) func(s int) int {
	known := map[int]int{}
	return func(s int) int {
		n, ok := known[s]
		if !ok {
			n = inUse(d, s)
			known[s] = n
		}
		return n
	}
}

// inUse counts the images of a source that are in use.
func inUse(d *dataset.Dataset, s int) (n int) {
	for _, images := range d.Runs(s) {
		for i := range images {
			if images[i].LeftOut == dataset.InUse {
				n++
			}
		}
	}
	return n
}

// layer returns which of COCO's files for one set a name is, and the rest of the
// name: "instances" and "val2017.json".
func layer(name string) (layer, rest string, ok bool) {
	base := strings.ToLower(path.Base(name))
	for _, layer := range []string{"instances", "person_keypoints", "captions", "stuff", "panoptic", "image_info"} {
		if rest, ok := strings.CutPrefix(base, layer+"_"); ok {
			return layer, rest, true
		}
	}
	return "", "", false
}

// Finding returns the finding on two sources with images in common, an error if one is
// for training and the other is not.
func (h *Shared) Finding(d *dataset.Dataset) findings.Finding {
	a, b := &d.Sources[h.A], &d.Sources[h.B]
	im := d.Image(h.B, int(h.Example))
	nameA, nameB := text.Printable(a.Name), text.Printable(b.Name)
	have := fmt.Sprintf("%s and %s have %s in common (the smaller file has %s)",
		nameA, nameB, say.Plural(h.Images, "image"), say.Group(h.Of))
	if h.Boxes > 0 {
		have += fmt.Sprintf(", with %s", say.Plural(h.Boxes, "equal box"))
	}
	mend := "Read only one of them, or remove the images from one"
	switch h.Kind {
	case Leak:
		train, other := nameA, nameB
		if names.Role(b.Name) == "train" {
			train, other = nameB, nameA
		}
		mend = fmt.Sprintf("A leak: what is measured on %s is not about unseen images. Remove them from %s and train again",
			other, train)
	case Layers:
		mend = fmt.Sprintf("Both describe one set of images, so that objects count twice: "+
			"read one of them, with --include '%s'", h.Include)
	}
	if h.divided() {
		have += fmt.Sprintf(", and no box in common; in %s of %s in which numbers are missing between the annotation ids, "+
			"the other file has just these", say.Group(h.Filled), say.Plural(h.Holed, "image"))
		mend = "Annotations seem to be divided between the files, and not images: each trains the other's objects as " +
			"background. Join both, and divide the images"
	}
	f := say.Finding("image-in-two-sources", int32(h.B), im.Offset, im.Line, "%s. %s. Example: %s", have, mend,
		say.Label(im))
	f.Cases = int64(h.Images)
	if h.Kind == Leak {
		f.Level = findings.Error
	}
	return f
}
