package convention

import (
	"math/rand/v2"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// pointed returns the boxes of a source as boxes of one size around their centres.
func pointed(src *dataset.Source, side float64) *dataset.Source {
	return realfiles.Rebuilt(src, func(_ int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
		for k := range own {
			b := own[k].Box
			own[k].Box = geom.Rect{X: b.X + b.W/2 - side/2, Y: b.Y + b.H/2 - side/2, W: side, H: side}
		}
		return own
	})
}

// widened returns the boxes of a source as squares around them, but for a part that is drawn.
func widened(src *dataset.Source, but float64, rng *rand.Rand) *dataset.Source {
	return realfiles.Rebuilt(src, func(_ int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
		for k := range own {
			b := own[k].Box
			if side := max(b.W, b.H); rng.Float64() >= but {
				own[k].Box = geom.Rect{X: b.X + b.W/2 - side/2, Y: b.Y + b.H/2 - side/2, W: side, H: side}
			}
		}
		return own
	})
}

// TestAlikeScenes: boxes of one size, and squares, are told of as what they are; others are not, nor half of them.
func TestAlikeScenes(t *testing.T) {
	rng := rand.New(rand.NewPCG(61, 62))
	src := inScenes(300, 1, rng)
	if a := OfAlike(src); a.Found() {
		t.Errorf("as they are: %+v", a)
	}
	if a := OfAlike(pointed(src, 32)); !a.Found() || a.Square || a.W != 32 || a.H != 32 || a.Boxes != a.Of {
		t.Errorf("points: %+v", a)
	}
	for _, but := range []float64{0, 0.03} {
		if a := OfAlike(widened(src, but, rng)); !a.Found() || !a.Square {
			t.Errorf("squares but for %.0f %%: %+v", 100*but, a)
		}
	}
	for _, but := range []float64{0.1, 0.5} {
		if a := OfAlike(widened(src, but, rng)); a.Found() {
			t.Errorf("squares but for %.0f %%: %+v", 100*but, a)
		}
	}
}

// TestAlike: no real file has such boxes, nor any part or draw of one; made so, all are told of.
func TestAlike(t *testing.T) {
	rng := rand.New(rand.NewPCG(63, 64))
	tries, of, found := 0, 0, [2]int{}
	for _, src := range realfiles.FirstImages(t) {
		rightParts(&src, 20, []int{50, 150, 400, 1500}, rng, func(src *dataset.Source) {
			tries++
			if a := OfAlike(src); a.Found() {
				t.Errorf("%s, %d images: %+v", src.Name, len(src.Images), a)
			}
		})
		if len(usable(&src)) < 100 {
			continue
		}
		of++
		if a := OfAlike(pointed(&src, 32)); a.Found() && !a.Square {
			found[0]++
		} else {
			t.Logf("%s, points: %+v", src.Name, a)
		}
		if a := OfAlike(widened(&src, 0.01, rng)); a.Found() && a.Square {
			found[1]++
		} else {
			t.Logf("%s, squares: %+v", src.Name, a)
		}
	}
	t.Logf("%d right ones; of %d files %v are told of", tries, of, found)
	if found != [2]int{19, 18} { // of one there are few boxes of 8 px and more
		t.Errorf("of %d files %v are told of, want 19 and 18", of, found)
	}
}
