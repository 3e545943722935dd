package convention

import (
	"math/rand/v2"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
)

// onSides returns which of the two slips of sides a source shows.
func onSides(src *dataset.Source) SlipKind {
	if m := clamped(src); m.Example >= 0 {
		return m.Kind
	}
	if m := sorted(src); m.Example >= 0 {
		return m.Kind
	}
	return NoSlip
}

// resided returns a source whose boxes have other sides.
func resided(src *dataset.Source, f func(o *dataset.Object)) *dataset.Source {
	return copied(src, func(s *dataset.Source) {
		for k := range s.Objects {
			f(&s.Objects[k])
		}
	})
}

// TestSidesOfRealFiles: no real file, and none of 20 draws of 100, 200 and 1,000 boxes of each, has sides that were
// enlarged or sorted; of the files made wrong, so many are told of.
func TestSidesOfRealFiles(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 9))
	var enlarged, upright, lying, files, several int
	sources := realfiles.FirstImages(t)
	for i := range sources {
		src := &sources[i]
		if kind := onSides(src); kind != NoSlip {
			t.Errorf("%s: %d", src.Name, kind)
		}
		for _, n := range []int{100, 200, 1000} {
			for range 20 {
				if kind := onSides(drawnFrom(src, n, rng)); kind != NoSlip {
					t.Errorf("%s, %d boxes: %d", src.Name, n, kind)
				}
			}
		}
		if len(usable(src)) < 500 {
			continue
		}
		files++
		enlarged += sample.One(onSides(resided(src, func(o *dataset.Object) {
			o.Box.W, o.Box.H = max(32, o.Box.W), max(32, o.Box.H)
		})) == Clamped)
		up := onSides(resided(src, func(o *dataset.Object) { o.Box.W, o.Box.H = min(o.Box.W, o.Box.H), max(o.Box.W, o.Box.H) }))
		flat := onSides(resided(src, func(o *dataset.Object) { o.Box.H, o.Box.W = min(o.Box.W, o.Box.H), max(o.Box.W, o.Box.H) }))
		upright += sample.One(up == Upright)
		lying += sample.One(flat == Lying)
		classes := map[int32]bool{}
		for k := range src.Objects {
			classes[src.Objects[k].Class] = true
		}
		several += sample.One(len(classes) >= 3)
	}
	t.Logf("of %d files: enlarged %d; of %d with three classes: upright %d, lying %d", files, enlarged, several, upright, lying)
	if files < 15 || 2*enlarged < files || 3*upright < several || 3*lying < several {
		t.Errorf("of %d files: enlarged %d; of %d with three classes: upright %d, lying %d", files, enlarged, several, upright,
			lying)
	}
}

// TestOnceOfRealFiles: in no real file do classes come once an image, and nearly all show it once only the last object
// of each class is kept.
func TestOnceOfRealFiles(t *testing.T) {
	told, files := 0, 0
	sources := realfiles.FirstImages(t)
	for i := range sources {
		src := &sources[i]
		if o := OfOnce(src); o.Found() {
			t.Errorf("%s: %+v", src.Name, o)
		}
		wrong := &dataset.Source{Name: src.Name}
		several := 0
		for i := range src.Images {
			im := src.Images[i]
			last := map[int32]int32{}
			for k := im.First; k < im.Last; k++ {
				last[src.Objects[k].Class] = k
			}
			first := int32(len(wrong.Objects))
			for k := im.First; k < im.Last; k++ {
				if last[src.Objects[k].Class] == k {
					wrong.Objects = append(wrong.Objects, src.Objects[k])
				}
			}
			im.First, im.Last = first, int32(len(wrong.Objects))
			wrong.Images = append(wrong.Images, im)
			several += sample.One(im.LeftOut == dataset.InUse && len(last) > 1)
		}
		if several >= 30 {
			files++
			o := OfOnce(wrong)
			told += sample.One(o.Found())
		}
	}
	if told != files || files < 8 {
		t.Errorf("%d of %d", told, files)
	}
}
