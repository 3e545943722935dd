package convention

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// joinFrom returns a source in whose images from one on the boxes of one class that overlap are one.
func joinFrom(src *dataset.Source, from int) *dataset.Source {
	return realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
		for again := i >= from; again; {
			again = false
			for a := 0; a < len(own) && !again; a++ {
				for b := a + 1; b < len(own) && !again; b++ {
					x, y := own[a].Box.Box(), own[b].Box.Box()
					if own[a].Class != own[b].Class || x.Intersect(y).Empty() {
						continue
					}
					x = geom.Box{X0: min(x.X0, y.X0), Y0: min(x.Y0, y.Y0), X1: max(x.X1, y.X1), Y1: max(x.Y1, y.Y1)}
					own[a].Box = geom.Rect{X: x.X0, Y: x.Y0, W: x.X1 - x.X0, H: x.Y1 - x.Y0}
					own, again = slices.Delete(own, b, b+1), true
				}
			}
		}
		return own
	})
}

// scattered returns n images of six boxes each of one class, in a place of the images.
func scattered(n int, rng *rand.Rand) *dataset.Source {
	src := &dataset.Source{Name: "x", Categories: []dataset.Category{{ID: dataset.PlainID(1)}}}
	for i := range n {
		im := dataset.Image{ID: dataset.PlainID(int64(i + 1)), Size: geom.Size{W: 200, H: 200}, First: int32(6 * i)}
		im.Last = im.First + 6
		for range 6 {
			src.Objects = append(src.Objects, dataset.Object{
				Image: int32(i), Class: 0, Box: geom.Rect{X: 150 * rng.Float64(), Y: 150 * rng.Float64(), W: 40, H: 40},
			})
		}
		src.Images = append(src.Images, im)
	}
	return src
}

// TestJoinedIn: a stretch of images in which boxes were joined is told of; boxes that are far apart there are not.
func TestJoinedIn(t *testing.T) {
	src := scattered(240, rand.New(rand.NewPCG(1, 2)))
	if j := OfJoinedIn(src); j.Found() {
		t.Errorf("as it is: %+v", j)
	}
	d := &dataset.Dataset{Sources: []dataset.Source{*joinFrom(src, 120)}}
	j := OfJoinedIn(d.Source(0))
	if !j.Found() || j.Example < 110 || j.Example > 130 || j.n < 30 {
		t.Errorf("the last 120 of 240: %+v", j)
	}
	f, ok := joinedIn(site{d: d, src: d.Source(0), seen: glanceAt(d.Source(0))})
	if !ok || f.Code != "annotations-cut" || !strings.Contains(f.Message, "none has two of one class that overlap, and") {
		t.Errorf("%t, %v", ok, f)
	}
	apart := asIs(src)
	for k := range apart.Objects {
		if o := &apart.Objects[k]; o.Image >= 120 { // six places, 25 px apart
			o.Box = geom.Rect{X: 10 + 65*float64(k%3), Y: 10 + 65*float64(k/3%2), W: 40, H: 40}
		}
	}
	if j := OfJoinedIn(apart); j.Found() {
		t.Errorf("apart: %+v", j)
	}
}

// behind returns a source of the images of two, at most 600 of each.
// The classes of the second one have numbers from one on.
func behind(a, b *dataset.Source, first int32) *dataset.Source {
	out := asIs(a)
	if len(out.Images) > 600 {
		realfiles.CutImages(out, 0, 600)
		out = asIs(out)
	}
	from := asIs(b)
	for i, im := range from.Images {
		if i == 600 {
			break
		}
		objects := from.Objects[im.First:im.Last]
		im.First = int32(len(out.Objects))
		for _, o := range objects {
			o.Image = int32(len(out.Images))
			o.Class += first
			out.Objects = append(out.Objects, o)
		}
		im.Last = int32(len(out.Objects))
		out.Images = append(out.Images, im)
	}
	return out
}

// TestJoinedInRealFiles: of no real file, nor of any stretch or draw of one, nor of one whose images are sorted by their
// classes or their number of objects, boxes of a part seem to be joined; with those of the last third joined, as many are
// told of as stand in docs/conventions.md.
func TestJoinedInRealFiles(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 23))
	tries, of, found := 0, 0, 0
	right := func(src *dataset.Source, what string) {
		tries++
		if j := OfJoinedIn(src); j.Found() {
			t.Errorf("%s, %s, %d images: %+v", src.Name, what, len(src.Images), j)
		}
	}
	for _, src := range realfiles.FirstImages(t) {
		right(&src, "as it is")
		for range 20 {
			right(drawnFrom(&src, 1000, rng), "drawn")
			right(drawnFrom(&src, 3000, rng), "drawn")
			for _, n := range []int{50, 100, 200, 400, 1000, 2500} {
				if n < len(src.Images) {
					part := src
					realfiles.CutImages(&part, rng.IntN(len(src.Images)-n), n)
					right(&part, "stretch")
				}
			}
		}
		sets := setsOf(&src)
		set := func(im *dataset.Image) []int32 { return sets[im.File+im.ID.String()] }
		right(inOrder(&src, func(a, b *dataset.Image) int { return slices.Compare(set(a), set(b)) }), "by classes")
		right(inOrder(&src, func(a, b *dataset.Image) int { return cmp.Compare(len(set(a)), len(set(b))) }), "by how many")
		right(inOrder(&src, func(a, b *dataset.Image) int { return int(a.Last - a.First - b.Last + b.First) }), "by objects")
		n := len(src.Images)
		overlaps := 0
		whole := joinFrom(&src, n)
		for i := range whole.Images[:len(whole.Images)-len(whole.Images)/3] {
			overlaps += sample.One(markJoint(whole, &whole.Images[i]) == noMark)
		}
		if overlaps < leastRest {
			continue
		}
		of++
		if j := OfJoinedIn(joinFrom(&src, n-n/3)); j.Found() {
			found++
		} else {
			t.Logf("%s, %d images: nothing is told", src.Name, n)
		}
	}
	all := realfiles.FirstImages(t)
	for a := range all {
		for b := range all {
			if a != b {
				right(behind(&all[a], &all[b], 0), "before "+all[b].Name)
				right(behind(&all[a], &all[b], 100), "before other classes of "+all[b].Name)
			}
		}
	}
	t.Logf("%d right ones; of %d files %d are told of", tries, of, found)
	if of < 8 || 2*found < of {
		t.Errorf("of %d files %d are told of", of, found)
	}
}
