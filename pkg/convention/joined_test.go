package convention

import (
	"math/rand/v2"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// joinBoxes makes one box of all boxes of a class that overlap, in some images, until none do.
func joinBoxes(src *dataset.Source, in func(image int) bool) *dataset.Source {
	return realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
		if !in(i) {
			return own
		}
		for again := true; again; {
			again = false
		next:
			for a := range own {
				for b := range a {
					x, y := own[a].Box.Box(), own[b].Box.Box()
					if own[a].Class == own[b].Class && !x.Intersect(y).Empty() {
						own[b].Box = geom.Box{
							X0: min(x.X0, y.X0), Y0: min(x.Y0, y.Y0), X1: max(x.X1, y.X1), Y1: max(x.Y1, y.Y1),
						}.Rect()
						own = append(own[:a], own[a+1:]...)
						again = true
						break next
					}
				}
			}
		}
		return own
	})
}

// TestJoined: no real file, nor a stretch of it or boxes drawn from it, seems to have its boxes joined; joined, the
// files with enough overlaps are told of.
func TestJoined(t *testing.T) {
	sources := realfiles.FirstImages(t)
	rng := rand.New(rand.NewPCG(5, 6))
	found, third, of, tries, most := 0, 0, 0, 0, 0.0
	for i := range sources {
		src := &sources[i]
		if j := OfJoined(src); j.Found() {
			t.Errorf("%s: %+v", src.Name, j)
		}
		for range 20 {
			for _, n := range []int{200, 1000, 3000} {
				if n < len(src.Objects) {
					tries++
					if j := OfJoined(drawnFrom(src, n, rng)); j.Found() {
						t.Errorf("%s, %d boxes: %+v", src.Name, n, j)
					}
				}
			}
			for _, n := range []int{100, 400, 1500} {
				if n < len(src.Images) {
					tries++
					part := realfiles.Rebuilt(src, func(_ int, _ *dataset.Image, own []dataset.Object) []dataset.Object { return own })
					if n >= len(part.Images) {
						continue
					}
					realfiles.CutImages(part, rng.IntN(len(part.Images)-n), n)
					if j := OfJoined(part); j.Found() {
						t.Errorf("%s, %d images: %+v", src.Name, n, j)
					}
				}
			}
		}
		all := Joined{Example: -1} // of all images
		for k := range src.Images {
			all.image(src, int32(k), nil)
		}
		t.Logf("%s: %d of %d pairs, %d of %d of two classes, %.1f expected", src.Name, all.SameCross, all.Same,
			all.OtherCross, all.Other, all.Expected())
		if e := all.Expected(); e >= 30 {
			of++
			most = max(most, e/float64(max(1, all.SameCross)))
			n := len(src.Images)
			a := OfJoined(joinBoxes(src, func(int) bool { return true }))
			b := OfJoined(joinBoxes(src, func(k int) bool { return k >= n-n/3 }))
			found += sample.One(a.Found())
			third += sample.One(b.Found())
			if !a.Found() {
				t.Logf("not told of")
			}
		}
	}
	t.Logf("%d of %d, %d where a third is so; %d tries; in real files %.2f times as many are expected at most", found, of,
		third, tries, most)
	if found < 10 || third < 5 {
		t.Errorf("%d and %d of %d are told of, want 10 and 5", found, third, of)
	}
}
