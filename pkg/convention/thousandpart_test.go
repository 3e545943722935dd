package convention

import (
	"math"
	"math/rand/v2"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// toThousandths writes a box in whole thousandths of the image's sides.
func toThousandths(b geom.Rect, im *dataset.Image) geom.Rect {
	w, h := float64(im.Size.W), float64(im.Size.H)
	at := func(v, side float64) float64 { return math.Round(1000 * v / side) }
	return geom.Rect{X: at(b.X, w), Y: at(b.Y, h), W: max(1, at(b.W, w)), H: max(1, at(b.H, h))}
}

// TestThousandsInScenes: thousandths in a part are told of, in short images and in long ones; boxes of pictures that
// were resized to 1,000 px and kept their shape, and of a crop of 1,000 px, are not.
func TestThousandsInScenes(t *testing.T) {
	rng := rand.New(rand.NewPCG(53, 54))
	src := inScenes(300, 1, rng)
	scaled := func(src *dataset.Source, by float64) func(b geom.Rect, _ *dataset.Image) geom.Rect {
		return func(b geom.Rect, _ *dataset.Image) geom.Rect {
			return geom.Rect{X: by * b.X, Y: by * b.Y, W: by * b.W, H: by * b.H}
		}
	}
	large := anew(src, 0, scaled(src, 4))
	for i := range large.Images {
		large.Images[i].Size = geom.Size{W: 2560, H: 1920}
	}
	for _, s := range []*dataset.Source{src, large} {
		if h := OfThousandsIn(anew(s, 220, toThousandths)); !h.Found() || h.Example < 210 {
			t.Errorf("%d: %+v", s.Images[0].Size.W, h)
		}
		if h := OfThousandsIn(s); h.Found() {
			t.Errorf("%d, as it is: %+v", s.Images[0].Size.W, h)
		}
	}
	if h := OfThousandsIn(anew(src, 220, scaled(src, 1000./640))); h.Found() {
		t.Errorf("resized: %+v", h)
	}
	cut := anew(large, 220, func(b geom.Rect, _ *dataset.Image) geom.Rect {
		return geom.Rect{X: (1000 - b.W) * rng.Float64(), Y: (1000 - b.H) * rng.Float64(), W: b.W, H: b.H}
	})
	if h := OfThousandsIn(cut); h.Found() {
		t.Errorf("a crop: %+v", h)
	}
}

// TestThousandsIn: no real file has such a stretch, nor any draw or stretch of one, nor one whose last third was resized
// to a longest side of 1,000 px; made so, as many are told of as stand in docs/conventions.md.
func TestThousandsIn(t *testing.T) {
	tries := 0
	right := func(src *dataset.Source) {
		tries++
		if h := OfThousandsIn(src); h.Found() {
			t.Errorf("%s, %d images: %+v", src.Name, len(src.Images), h)
		}
	}
	stretches(t, rand.New(rand.NewPCG(55, 56)), 30, right)
	of, found := 0, 0
	for _, src := range realfiles.FirstImages(t) {
		n := len(src.Images)
		if n < 90 {
			continue
		}
		of++
		if h := OfThousandsIn(anew(&src, n-n/3, toThousandths)); h.Found() {
			found++
		} else {
			t.Logf("%s: nothing is told", src.Name)
		}
		if square(&src) { // then thousandths are pixels of a picture of 1,000 px
			continue
		}
		right(anew(&src, n-n/3, func(b geom.Rect, im *dataset.Image) geom.Rect {
			by := 1000 / float64(max(im.Size.W, im.Size.H))
			return geom.Rect{X: by * b.X, Y: by * b.Y, W: by * b.W, H: by * b.H}
		}))
	}
	t.Logf("%d right ones; of %d files %d are told of", tries, of, found)
	if of != 18 || found < 13 {
		t.Errorf("of %d files %d are told of, want 13 of 18", of, found)
	}
}

// square tells whether most images of a source are as high as they are wide.
func square(src *dataset.Source) bool {
	n := 0
	for i := range src.Images {
		n += sample.One(src.Images[i].Size.W == src.Images[i].Size.H)
	}
	return 2*n > len(src.Images)
}
