package convention

import (
	"math/rand/v2"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
)

// TestDoubled: no real file or stretch has objects labelled twice; with a second box of each object, whose edges are
// off by up to 6 % of its sides, in a whole file or its last third, all of 400 objects are told of.
func TestDoubled(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 3))
	sources := realfiles.FirstImages(t)
	of, found, tries := 0, [2]int{}, 0
	for i := range sources {
		src := &sources[i]
		if d := OfDoubled(src); d.Found() {
			t.Errorf("%s: %+v", src.Name, d)
		}
		for _, n := range []int{50, 200, 600} {
			for range 30 {
				if n < len(src.Images) {
					part := asIs(src)
					realfiles.CutImages(part, rng.IntN(len(src.Images)-n), n)
					if d := OfDoubled(part); d.Found() {
						t.Errorf("%s, %d images: %+v", src.Name, n, d)
					}
					tries++
				}
			}
		}
		if len(src.Objects) < 400 || len(src.Images) < 60 {
			continue
		}
		of++
		for k, from := range []int{0, len(src.Images) * 2 / 3} {
			twice := realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
				if i < from {
					return own
				}
				for _, o := range own {
					w, h := o.Box.W, o.Box.H
					o.Box.X += (rng.Float64() - .5) * .12 * w
					o.Box.Y += (rng.Float64() - .5) * .12 * h
					own = append(own, o)
				}
				return own
			})
			d := OfDoubled(twice)
			found[k] += sample.One(d.Found())
			if !d.Found() {
				t.Logf("%s from %d: %+v", src.Name, from, d)
			}
		}
	}
	t.Logf("%d stretches; of %d files %v", tries, of, found)
	if found[0] < of-1 || found[1] < of-2 {
		t.Errorf("of %d files %v", of, found)
	}
}
