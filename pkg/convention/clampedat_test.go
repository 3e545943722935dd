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

// clampTo cuts the boxes of images from one on off at a number of px along both axes; what is left of none is dropped.
func clampTo(src *dataset.Source, px float64, from int) *dataset.Source {
	return realfiles.Rebuilt(src, func(i int, im *dataset.Image, own []dataset.Object) (out []dataset.Object) {
		for _, o := range own {
			b := o.Box.Box()
			if i >= from {
				b.X1, b.Y1 = min(b.X1, px), min(b.Y1, px)
				b.X0, b.Y0 = min(max(b.X0, 0), px), min(max(b.Y0, 0), px)
				if b.X1-b.X0 < 1 || b.Y1-b.Y0 < 1 {
					continue
				}
				o.Box = b.Rect()
			}
			out = append(out, o)
		}
		return out
	})
}

// resized has the boxes of pictures that were resized to a longest side of so many px.
func resized(src *dataset.Source, px float64) *dataset.Source {
	return realfiles.Rebuilt(src, func(i int, im *dataset.Image, own []dataset.Object) []dataset.Object {
		by := px / float64(max(im.Size.W, im.Size.H))
		round := func(v float64) float64 { return math.Round(100*v) / 100 }
		for k := range own {
			b := &own[k].Box
			*b = geom.Rect{X: round(b.X * by), Y: round(b.Y * by), W: round(b.W * by), H: round(b.H * by)}
		}
		return own
	})
}

// TestClampedScenes: boxes of drawn images that are cut off at one number are told of, in all images or in a part, and
// those of pictures that were resized, or that stand side by side in one image, are not.
func TestClampedScenes(t *testing.T) {
	rng := rand.New(rand.NewPCG(29, 30))
	src := inScenes(400, 1, rng)
	for i := range src.Images { // two sizes, one of them upright, and objects at all four edges
		im := &src.Images[i]
		if i%2 == 1 {
			im.Size = geom.Size{W: 480, H: 640}
		}
		for k := im.First; k < im.Last; k++ {
			b := &src.Objects[k].Box
			w, h := float64(im.Size.W), float64(im.Size.H)
			x, y := -30+(w+30)*rng.Float64(), -30+(h+30)*rng.Float64()
			x1, y1 := min(x+120+100*rng.Float64(), w), min(y+120+100*rng.Float64(), h)
			*b = geom.Rect{X: max(x, 0), Y: max(y, 0), W: x1 - max(x, 0), H: y1 - max(y, 0)}
		}
	}
	if c := OfClampedAt(src); c.Found() {
		t.Errorf("as it is: %+v", c)
	}
	if c := OfClampedAt(clampTo(src, 320, 0)); !c.Found() || !c.Whole || c.Side != 320 {
		t.Errorf("all: %+v", c)
	}
	if c := OfClampedAt(clampTo(src, 320, 280)); !c.Found() || c.Whole || c.Side != 320 || c.Example < 280 {
		t.Errorf("a part: %+v", c)
	}
	if c := OfClampedAt(realfiles.Permuted(clampTo(src, 320, 280), rng)); !c.Found() || c.Whole || c.Side != 320 {
		t.Errorf("a part, in any order: %+v", c)
	}
	if c := OfClampedAt(resized(src, 320)); c.Found() {
		t.Errorf("resized: %+v", c)
	}
	beside := realfiles.Rebuilt(src, func(i int, im *dataset.Image, own []dataset.Object) []dataset.Object {
		w := im.Size.W
		im.Size.W *= 2
		for k := range own {
			if rng.IntN(2) == 0 {
				own[k].Box.X += float64(w)
			}
		}
		return own
	})
	if c := OfClampedAt(beside); c.Found() {
		t.Errorf("side by side: %+v", c)
	}
}

// TestClampedAt: no real file has boxes that are cut off so, nor any stretch or draw of one, nor what is left of
// pictures that were resized; cut off, as many are told of as stand in docs/conventions.md.
func TestClampedAt(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 32))
	tries, of, found := 0, [2]int{}, [2]int{}
	right := func(src *dataset.Source, what string) {
		tries++
		if c := OfClampedAt(src); c.Found() {
			t.Errorf("%s, %d images, %s: %+v", src.Name, len(src.Images), what, c)
		}
	}
	for _, src := range realfiles.FirstImages(t) {
		rightParts(&src, 30, []int{50, 150, 400, 1500}, rng, func(part *dataset.Source) {
			right(part, "whole, drawn or a stretch")
		})
		longest := 0
		for i := range src.Images {
			longest = max(longest, src.Images[i].Size.W, src.Images[i].Size.H)
		}
		px := math.Round(0.6 * float64(longest))
		right(resized(&src, px), "resized")
		n := len(src.Images)
		for k, from := range []int{0, n - n/3} {
			wrong := clampTo(&src, px, from)
			cut := 0
			sample.Each(wrong, func(_ int32, o *dataset.Object, w, h float64) {
				cut += sample.One(o.Box.X+o.Box.W == px && w > 1.1*px || o.Box.Y+o.Box.H == px && h > 1.1*px)
			})
			if cut < 3*leastClamped {
				continue
			}
			of[k]++
			if c := OfClampedAt(wrong); c.Found() && c.Side == px {
				found[k]++
			} else {
				t.Logf("%s, from %d of %d images on, %d boxes are cut: nothing is told", src.Name, from, n, cut)
			}
		}
	}
	t.Logf("%d right ones; of %v files %v are told of", tries, of, found)
	if of != [2]int{17, 12} || found[0] < 17 || found[1] < 11 {
		t.Errorf("of %v files %v are told of, want 17 of 17, and 11 of 12 where a third is cut", of, found)
	}
}
