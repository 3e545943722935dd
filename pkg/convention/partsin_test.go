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

// toDigits writes the boxes of images from one on as YOLO does, with so many digits, and reads them again to
// hundredths of a px.
func toDigits(src *dataset.Source, digits, from int) *dataset.Source {
	to := math.Pow(10, float64(digits))
	round := func(v float64) float64 { return math.Round(v*to) / to }
	px := func(v float64) float64 { return math.Round(100*v) / 100 }
	return realfiles.Rebuilt(src, func(i int, im *dataset.Image, own []dataset.Object) (out []dataset.Object) {
		W, H := float64(im.Size.W), float64(im.Size.H)
		for _, o := range own {
			if b := &o.Box; i >= from {
				x, y, w, h := round((b.X+b.W/2)/W), round((b.Y+b.H/2)/H), round(b.W/W), round(b.H/H)
				if w <= 0 || h <= 0 {
					continue
				}
				*b = geom.Rect{X: px((x - w/2) * W), Y: px((y - h/2) * H), W: px(w * W), H: px(h * H)}
			}
			out = append(out, o)
		}
		return out
	})
}

// TestPartsInScenes: two digits in a part are told of, four are not, nor is an object that stays where it is from
// image to image, whose place is in hundredths by chance.
func TestPartsInScenes(t *testing.T) {
	rng := rand.New(rand.NewPCG(25, 26))
	src := inScenes(300, 1, rng)
	if p := OfPartsIn(toDigits(src, 2, 220)); !p.Found() || p.Example < 220 {
		t.Errorf("two digits: %+v", p)
	}
	if p := OfPartsIn(realfiles.Permuted(toDigits(src, 2, 220), rng)); !p.Found() { // ids are as they were
		t.Errorf("two digits, in any order: %+v", p)
	}
	for _, digits := range []int{3, 4, 6} {
		if p := OfPartsIn(toDigits(src, digits, 220)); p.Found() {
			t.Errorf("%d digits: %+v", digits, p)
		}
	}
	still := realfiles.Rebuilt(src, func(i int, im *dataset.Image, own []dataset.Object) []dataset.Object {
		if i >= 150 {
			own = own[:1]
			own[0].Box = geom.Rect{X: 64, Y: 48, W: 128, H: 240}
		}
		return own
	})
	if p := OfPartsIn(still); p.Found() {
		t.Errorf("an object that stays: %+v", p)
	}
}

// TestPartsIn: no real file has such a stretch, nor any part or draw of one; made so, as many are told of as stand in
// docs/conventions.md.
func TestPartsIn(t *testing.T) {
	rng := rand.New(rand.NewPCG(27, 28))
	tries, of, found := 0, 0, 0
	right := func(src *dataset.Source) {
		tries++
		if p := OfPartsIn(src); p.Found() {
			t.Errorf("%s, %d images: %+v", src.Name, len(src.Images), p)
		}
	}
	for _, src := range realfiles.FirstImages(t) {
		rightParts(&src, 30, []int{50, 150, 400, 1500}, rng, right)
		large := 0
		for i := range src.Images {
			im := &src.Images[i]
			large += sample.One(min(im.Size.W, im.Size.H) >= leastParts && im.First < im.Last)
		}
		if large < 100 {
			continue
		}
		of++
		n := len(src.Images)
		if p := OfPartsIn(toDigits(&src, 2, n-n/3)); p.Found() {
			found++
		} else {
			t.Logf("%s: nothing is told", src.Name)
		}
		right(toDigits(&src, 4, n-n/3))
	}
	t.Logf("%d right ones; of %d files %d are told of", tries, of, found)
	if of != 12 || found < 12 {
		t.Errorf("of %d files %d are told of, want 12 of 12", of, found)
	}
}
