package convention

import (
	"math/rand/v2"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
)

// suppressFrom applies non-maximum suppression, in a drawn order, to the boxes of the images from one on.
func suppressFrom(src *dataset.Source, from int, limit float64, byClass bool, rng *rand.Rand) *dataset.Source {
	return realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
		if i < from {
			return own
		}
		drop := make([]bool, len(own))
		order := rng.Perm(len(own))
		for n, k := range order {
			for _, j := range order[:n] {
				if !drop[j] && (!byClass || own[j].Class == own[k].Class) &&
					iou.Of(own[k].Box.Box(), own[j].Box.Box()) >= limit {
					drop[k] = true
				}
			}
		}
		var out []dataset.Object
		for k := range own {
			if !drop[k] {
				out = append(out, own[k])
			}
		}
		return out
	})
}

// TestSuppressedInScenes: drawn boxes that were suppressed, of all classes or of each, in all images or in the last
// third, are told of, with the limit; as they were drawn they are not, nor are sheets that overlap by one amount.
func TestSuppressedInScenes(t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 42))
	src := inScenes(1900, 1, rng)
	if p := OfSuppressed(src); p.Found() {
		t.Errorf("as drawn: %+v", p)
	}
	if p := OfSuppressedIn(src); p.Found() {
		t.Errorf("as drawn: %+v", p)
	}
	for _, byClass := range []bool{false, true} {
		for _, limit := range []float64{0.3, 0.4, 0.5} {
			p := OfSuppressed(suppressFrom(src, 0, limit, byClass, rng))
			if !p.Found() || p.Limit > limit || p.Limit < 0.95*limit || p.Same != byClass {
				t.Errorf("limit %.1f, by class %v: %+v", limit, byClass, p)
			}
		}
	}
	if p := OfSuppressedIn(suppressFrom(src, 1300, 0.3, false, rng)); !p.Found() || p.Example < 1250 { // or soon before
		p.images = nil
		t.Errorf("last third: %+v", p)
	}
	sheets := realfiles.Rebuilt(src, func(_ int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
		for k := range own {
			own[k].Box = geom.Rect{X: 40 + 60*float64(k), Y: 100, W: 100, H: 150 + rng.Float64()}
		}
		return own
	})
	if p := OfSuppressed(sheets); p.Found() {
		t.Errorf("sheets: %+v", p)
	}
}

// TestSuppressed: no real file has such a limit, nor any part or draw of one; with labels suppressed at 0.3, as many
// are told of as stand in docs/conventions.md.
func TestSuppressed(t *testing.T) {
	rng := rand.New(rand.NewPCG(43, 44))
	tries, of, found := 0, [2]int{}, [2]int{}
	right := func(src *dataset.Source) {
		tries++
		if p := OfSuppressed(src); p.Found() {
			t.Errorf("%s, %d images: %+v", src.Name, len(src.Images), p)
		}
		if p := OfSuppressedIn(src); p.Found() {
			p.images = nil
			t.Errorf("%s, %d images, a part: %+v", src.Name, len(src.Images), p)
		}
	}
	for _, src := range realfiles.FirstImages(t) {
		rightParts(&src, 30, []int{50, 150, 400, 1500}, rng, right)
		for part, from := range [2]int{0, len(src.Images) * 2 / 3} {
			out := suppressFrom(&src, from, 0.3, false, rng)
			if len(src.Objects)-len(out.Objects) < 20 {
				continue
			}
			of[part]++
			p := OfSuppressed(out)
			if part == 1 {
				p = OfSuppressedIn(out)
			}
			if p.Found() {
				found[part]++
			} else {
				t.Logf("%s, from %d, %d lost: nothing is told", src.Name, from, len(src.Objects)-len(out.Objects))
			}
		}
	}
	t.Logf("%d right ones; whole and last third: %d of %d files are told of", tries, found, of)
	if want := [2]int{8, 4}; found != want {
		t.Errorf("of %d files %d are told of, want %d", of, found, want)
	}
}

// TestSuppressedBesideDoubled: where some objects of a part have a second box that lies on the first, as of rejected
// records that were kept, the rest was not suppressed.
func TestSuppressedBesideDoubled(t *testing.T) {
	rng := rand.New(rand.NewPCG(45, 46))
	var sources []dataset.Source
	for range 6 {
		sources = append(sources, *sparse(600, rng))
	}
	if !testing.Short() {
		sources = append(sources, realfiles.FirstImages(t)...)
	}
	for i := range sources {
		src := &sources[i]
		n := len(src.Images)
		for _, part := range [][2]int{{0, n / 3}, {n / 3, 2 * n / 3}, {2 * n / 3, n}} {
			out := realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
				if i < part[0] || i >= part[1] {
					return own
				}
				out := own
				for _, o := range own {
					if rng.IntN(7) == 0 {
						o.Box.X += o.Box.W * (0.1 + 0.5*rng.Float64())
						out = append(out, o)
					}
				}
				return out
			})
			if p := OfSuppressedIn(out); p.Found() {
				p.images = nil
				t.Errorf("%s, images %d to %d of %d: %+v", src.Name, part[0], part[1], n, p)
			}
		}
	}
}

// sparse returns n images of two to seven objects that overlap now and then.
func sparse(n int, rng *rand.Rand) *dataset.Source {
	return realfiles.Rebuilt(inScenes(n, 1, rng), func(_ int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
		for k := range own {
			w, h := 20+60*rng.Float64(), 20+60*rng.Float64()
			own[k].Box = geom.Rect{X: (640 - w) * rng.Float64(), Y: (480 - h) * rng.Float64(), W: w, H: h}
		}
		return own
	})
}
