package between

import (
	"cmp"
	"fmt"
	"iter"
	"math"
	"net/url"
	"path"
	"regexp"
	"slices"

	"focalaudit/pkg/convention/names"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/naming"
	"focalaudit/pkg/text"
)

// Pictures are known again under another name by two rules. Numbered names are often
// used again for other pictures, so neither goes by names alone.
const (
	// minRenamed and renamedShare: as many images, and this share of the source's, must have the same boxes
	// within one source, or where lists of boxes come again within a source as often as in the other one, as
	// forms of one layout do. Else one image is enough: of the 117,266 images of COCO train2017 no two have
	// the same list of two boxes or more, so that none of its splits has such a pair.
	minRenamed   = 5
	renamedShare = 0.05

	// manyWhole is how many boxes tell a picture where all their numbers are whole:
	// two or three such boxes are the same by chance, or by the grid they stand in.
	manyWhole = 4

	// maxPlaces bounds how many sources may have the same boxes.
	maxPlaces = 16
)

// renamed returns the findings on pictures that two sources have, or one has twice, under
// different names, but for sources whose names in common tell already, of two or of several together.
func renamed(
	d *dataset.Dataset, told []Shared, together func(a, b int) bool, sighted func(List) iter.Seq[Sighting],
) (all []findings.Finding) {
	pairs, twice, again := byBoxes(d, sighted(Layouts))
	if len(d.Sources) > 1 {
		byStems(pairs, sighted(Stems))
	}
	for s := range d.Sources {
		t := twice[s]
		if len(t) >= minRenamed {
			t = notMeant(d, s, t)
		}
		if len(t) >= minRenamed && enough(len(t), inUse(d, s)) {
			all = append(all, twiceFinding(d, s, t))
		}
	}
	toldOf := map[[2]int]bool{}
	for _, s := range told {
		toldOf[[2]int{s.A, s.B}] = true
	}
	for _, of := range sortedPairs(pairs) {
		t := pairs[of]
		if toldOf[of] || together(of[0], of[1]) {
			t.byBoxes = slices.DeleteFunc(t.byBoxes, func(w twin) bool { return w.sameName(d, of) })
		}
		if s, ok := t.shared(d, of, again[of[0]]+again[of[1]]); ok {
			f := s.renamedFinding(d)
			if toldOf[of] {
				f.Key = "renamed" // beside the finding on those that have one name
			}
			all = append(all, f)
		}
	}
	return all
}

// sameName tells whether the images of two sources have one name, as Beside compares them.
func (w twin) sameName(d *dataset.Dataset, of [2]int) bool {
	a, b := d.Image(of[0], int(w.a)).File, d.Image(of[1], int(w.b)).File
	return a != "" && naming.Normal(a) == naming.Normal(b)
}

// twin is one picture as two images: of two sources, or of one.
type twin struct{ a, b int32 }

// twins are the pictures that two sources have in common, by either rule.
type twins struct{ byBoxes, byStems []twin }

func enough(n, of int) bool { return n >= minRenamed && float64(n) >= renamedShare*float64(of) }

// seen is where a layout of boxes is: an image of a source, the last one that has it again, and how many have.
type seen struct {
	source, image, again, n int32
	alone                   bool // it has one box
}

// byBoxes finds images of one size with the same boxes that have them alone in their
// source: forms of one layout, and what stands still in a video, have them often. Images with one box must have
// one id too. Twice are images of one source, further apart than two frames of a video; repeats is how many lists of
// boxes come again within a source.
func byBoxes(d *dataset.Dataset, layouts iter.Seq[Sighting]) (pairs map[[2]int]*twins, twice [][]twin, repeats []int) {
	var repeated [][]seen
	for same := range again(layouts) {
		var all []seen
		for _, p := range same {
			if k := len(all) - 1; k >= 0 && all[k].source == p.Source {
				all[k].again, all[k].n = p.Image, all[k].n+1
				continue
			}
			all = append(all, seen{p.Source, p.Image, -1, 1, p.alone()})
		}
		repeated = append(repeated, all)
	}
	slices.SortFunc(repeated, func(a, b []seen) int {
		return cmp.Or(cmp.Compare(a[0].source, b[0].source), cmp.Compare(a[0].image, b[0].image))
	})
	pairs, twice, repeats = map[[2]int]*twins{}, make([][]twin, len(d.Sources)), make([]int, len(d.Sources))
	for _, all := range repeated {
		for i, p := range all {
			if p.n > 1 && !p.alone {
				repeats[p.source]++
			}
			if p.n == 2 && !p.alone && p.again > p.image+1 && !sameStem(d, p) {
				twice[p.source] = append(twice[p.source], twin{p.image, p.again})
			}
			if len(all) > maxPlaces || p.n > 1 {
				continue
			}
			for _, q := range all[:i] {
				if q.n == 1 && (!p.alone || sameID(d, int(q.source), q.image, int(p.source), p.image)) {
					of := [2]int{int(q.source), int(p.source)}
					if pairs[of] == nil {
						pairs[of] = &twins{}
					}
					pairs[of].byBoxes = append(pairs[of].byBoxes, twin{q.image, p.image})
				}
			}
		}
	}
	return pairs, twice, repeats
}

// sameID tells whether two images have one id.
func sameID(d *dataset.Dataset, a int, imageA int32, b int, imageB int32) bool {
	x, y := d.Image(a, int(imageA)).ID, d.Image(b, int(imageB)).ID
	return x.String() != "" && x.String() == y.String()
}

// notMeant leaves out of the pictures that a source has twice those of which one is a copy of the other with other
// colours, by its name.
func notMeant(d *dataset.Dataset, s int, t []twin) (rest []twin) {
	pairs := make([][2]string, len(t))
	for k, w := range t {
		pairs[k] = [2]string{d.Image(s, int(w.a)).File, d.Image(s, int(w.b)).File}
	}
	for k, is := range names.Augmented(pairs, nil) {
		if !is {
			rest = append(rest, t[k])
		}
	}
	return rest
}

// sameStem tells whether an image and the one that is the same again have one name without what export
// tools add to it: such copies are meant.
func sameStem(d *dataset.Dataset, p seen) bool {
	file := func(image int32) string { return d.Image(int(p.source), int(image)).File }
	return stem(file(p.image)) == stem(file(p.again))
}

// layoutKey is what an image's size and boxes are known again by.
type layoutKey [2]uint64

// layout returns what an image's size and boxes are known again by, if they are more
// than what other pictures have too.
func layout(src *dataset.Source, image int32) (key layoutKey, ok bool) {
	im := &src.Images[image]
	if im.LeftOut != dataset.InUse || im.First == im.Last {
		return key, false
	}
	n, whole, sums := 0, true, [2]uint64{}
	for k := im.First; k < im.Last; k++ {
		o := &src.Objects[k]
		if o.LeftOut != dataset.InUse {
			continue
		}
		n++
		of := [2]uint64{1, 2}
		for _, v := range [4]float64{o.Box.X, o.Box.Y, o.Box.W, o.Box.H} {
			whole = whole && v == math.Trunc(v)
			of[0], of[1] = sample.Mix(of[0]^math.Float64bits(v)), sample.Mix(of[1]+math.Float64bits(v))
		}
		sums[0], sums[1] = sums[0]+of[0], sums[1]+of[1] // in whatever order the boxes stand
	}
	if n == 0 || whole && n < manyWhole {
		return key, false
	}
	size := sample.Mix(uint64(im.Size.W)<<32 ^ uint64(im.Size.H))
	return layoutKey{(sums[0]^size)&^1 | uint64(sample.One(n == 1)), sums[1] + size}, true
}

// alone tells of a sighting in Layouts whether its image has one box: the last bit of layoutKey[0].
func (s *Sighting) alone() bool { return s.Key[7]&1 == 1 }

// added is what export tools put behind the name of a picture.
var added = regexp.MustCompile(`(\.rf\.[0-9a-f]{32}|[._](jpe?g|png|bmp|tiff?|webp))+$`)

// stem returns a name without its ending and what export tools change in it: Roboflow
// writes a.jpg as a_jpg.rf.<32 hexadecimal digits>.jpg, web servers write %20.
func stem(file string) string {
	if plain, err := url.PathUnescape(file); err == nil {
		file = plain
	}
	name := path.Base(naming.Normal(file))
	return added.ReplaceAllString(name, "")
}

// byStems adds the images of two sources whose names are one stem, and whose size is one.
func byStems(pairs map[[2]int]*twins, stems iter.Seq[Sighting]) {
	for same := range again(stems) {
		same = firstOfEach(same)
		same = same[:min(len(same), maxPlaces)]
		for i, here := range same {
			for _, p := range same[:i] {
				if p.Size != here.Size || p.Base == here.Base {
					continue
				}
				of := [2]int{int(p.Source), int(here.Source)}
				if pairs[of] == nil {
					pairs[of] = &twins{}
				}
				pairs[of].byStems = append(pairs[of].byStems, twin{p.Image, here.Image})
			}
		}
	}
	for _, t := range pairs { // in the order of the images, whatever their keys are
		slices.SortFunc(t.byStems, func(a, b twin) int { return cmp.Compare(a.b, b.b) })
	}
}

// shared tells whether two sources have images in common, and what they are to each
// other. Of images with one stem half must have a box in common, twice as many as have
// one with the image of the next stem.
//
// Repeats is how many lists of boxes come again within the two sources: if as many do as in both, layouts repeat,
// and a few images with one list are no evidence.
func (t *twins) shared(d *dataset.Dataset, of [2]int, repeats int) (Shared, bool) {
	a, b := of[0], of[1]
	smaller := min(inUse(d, a), inUse(d, b))
	s := Shared{Example: -1}
	if next := turned(t.byStems); len(t.byStems) > 1 {
		got, _ := beside(d, of, t.byStems)
		chance, _ := beside(d, of, next)
		if got.Boxed > 1 && got.Boxed > 2*chance.Boxed {
			s = got
		}
	}
	if (len(t.byBoxes) > repeats || enough(len(t.byBoxes), smaller)) && len(t.byBoxes) > s.Images {
		s, _ = beside(d, of, t.byBoxes)
	}
	s.A, s.B, s.Of = a, b, smaller
	return s, s.Images > 0
}

// turned pairs each first image with the second of the next pair.
func turned(t []twin) []twin {
	next := slices.Clone(t)
	for i := range next {
		next[i].b = t[(i+1)%len(t)].b
	}
	return next
}

// beside asks what two sources are to each other if they had these images only, with
// one name in both.
func beside(d *dataset.Dataset, of [2]int, t []twin) (Shared, bool) {
	x, y := dataset.Source{Name: d.Sources[of[0]].Name}, dataset.Source{Name: d.Sources[of[1]].Name}
	if path.Dir(x.Name) == path.Dir(y.Name) { // there names count for more than boxes
		x.Name, y.Name = "a/"+x.Name, "b/"+y.Name
	}
	add := func(to *dataset.Source, s int, image int32, name string) {
		im := *d.Image(s, int(image))
		im.File, im.First = name, int32(len(to.Objects))
		to.Objects = append(to.Objects, d.Objects(s, int(image))...)
		im.Last = int32(len(to.Objects))
		to.Images = append(to.Images, im)
	}
	for i, w := range t {
		add(&x, of[0], w.a, fmt.Sprint(i))
		add(&y, of[1], w.b, fmt.Sprint(i))
	}
	found := Beside(&dataset.Dataset{Sources: []dataset.Source{x, y}})
	if len(found) == 0 {
		return Shared{}, false
	}
	s := found[0]
	s.Example, s.Original = t[s.Example].b, t[s.Original].a
	return s, true
}

// renamedFinding returns the finding on two sources with pictures in common under other names.
func (s *Shared) renamedFinding(d *dataset.Dataset) findings.Finding {
	a, b := &d.Sources[s.A], &d.Sources[s.B]
	im := d.Image(s.B, int(s.Example))
	nameA, nameB := text.Printable(a.Name), text.Printable(b.Name)
	f := findings.New("image-in-two-sources")
	f.Source, f.Offset, f.Line = int32(s.B), im.Offset, im.Line
	f.Size, f.Cases = float64(s.Images), int64(s.Images)
	mend := "Read only one of them, or remove the images from one"
	if s.Kind == Leak {
		f.Level = findings.Error
		mend = "A leak: what is measured on them is not about unseen images. " +
			"Remove them from the part for training and train again"
	}
	boxes := say.Plural(s.Boxes, "box")
	f.Message = fmt.Sprintf("%s and %s have %s in common under other names (the smaller file has %s): "+
		"their sizes and %s are equal. %s. Example: %s of %s is %s of %s",
		nameA, nameB, text.Plural(s.Images, "image"), text.Group(int64(s.Of)), boxes, mend,
		say.Label(d.Image(s.A, int(s.Original))), nameA, say.Label(im), nameB)
	return f
}

// twiceFinding returns the finding on pictures that one source has twice.
func twiceFinding(d *dataset.Dataset, s int, t []twin) findings.Finding {
	a, b := d.Image(s, int(t[0].a)), d.Image(s, int(t[0].b))
	f := findings.New("file-name-duplicate")
	f.Source, f.Image, f.Offset, f.Line = int32(s), t[0].b, b.Offset, b.Line
	f.Size, f.Cases = float64(len(t)), int64(len(t))
	f.Message = fmt.Sprintf("%s of %s seem to be there twice, under two names: size and all boxes are equal. "+
		"Remove the copies, or keep both in one part of a split. Example: %s and %s",
		text.Plural(len(t), "picture"), text.Printable(d.Sources[s].Name), say.Label(a), say.Label(b))
	return f
}
