package convention

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// joinGroups returns a source in which each object of which half lies in a larger one of another class is joined with
// that one.
func joinGroups(src *dataset.Source) *dataset.Source {
	return realfiles.Rebuilt(src, func(_ int, _ *dataset.Image, own []dataset.Object) (out []dataset.Object) {
		slices.SortStableFunc(own, func(a, b dataset.Object) int {
			return cmp.Compare(b.Box.W*b.Box.H, a.Box.W*a.Box.H)
		})
		gone := make([]bool, len(own))
		for i := range own {
			if gone[i] {
				continue
			}
			for j := i + 1; j < len(own); j++ {
				a, b := own[i].Box.Box(), own[j].Box.Box()
				if gone[j] || own[i].Class == own[j].Class || 2*a.Intersect(b).Area() < b.Area() || b.Area() <= 0 {
					continue
				}
				gone[j] = true
				x, y := min(a.X0, b.X0), min(a.Y0, b.Y0)
				own[i].Box = geom.Rect{X: x, Y: y, W: max(a.X1, b.X1) - x, H: max(a.Y1, b.Y1) - y}
			}
			out = append(out, own[i])
		}
		return out
	})
}

// TestGrouped: no real file seems to have objects joined with those they lie on, nor do parts of it; with all joined,
// those with pairs enough do.
func TestGrouped(t *testing.T) {
	found, of, tries := 0, 0, 0
	sources := realfiles.FirstImages(t)
	rng := rand.New(rand.NewPCG(9, 10))
	for i := range sources {
		src := &sources[i]
		g := OfGrouped(src)
		if g.Found() {
			t.Errorf("%s: %+v", src.Name, g)
		}
		for _, n := range []int{60, 200, 600} {
			for range 20 {
				if n >= len(src.Images) {
					break
				}
				tries++
				part := *src
				from := rng.IntN(len(src.Images) - n)
				part.Images = src.Images[from : from+n]
				if g := OfGrouped(&part); g.Found() {
					t.Errorf("%s, %d images: %+v", src.Name, n, g)
				}
			}
		}
		if g.Same < 30 || g.Other < 30 {
			continue
		}
		of++
		broken := OfGrouped(joinGroups(src))
		found += sample.One(broken.Found())
		t.Logf("%s: %+v, joined %+v", src.Name, g, broken)
	}
	t.Logf("%d of %d, %d parts", found, of, tries)
	if found < 9 {
		t.Errorf("%d of %d are told of", found, of)
	}
}
