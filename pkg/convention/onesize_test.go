package convention

import (
	"math/rand/v2"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// TestOneSize: boxes that were multiplied by the size of one image are told of, in as many real files as stand in
// docs/conventions.md; no real file raises it as it stands, nor does any part of one, nor few boxes of it.
func TestOneSize(t *testing.T) {
	sources := realfiles.FirstImages(t)
	rng := rand.New(rand.NewPCG(9, 10))
	said := func(src *dataset.Source) bool { s := OfSizes(src); return s.Kind == OneSize }
	tries, of, found := 0, [2]int{}, [2]int{}
	for i := range sources {
		src := &sources[i]
		if said(src) {
			t.Errorf("%s: %+v", src.Name, OfSizes(src))
		}
		for _, n := range []int{30, 100, 400, 1500} {
			for range 60 {
				if n >= len(src.Images) {
					break
				}
				tries++
				part := asIs(src)
				realfiles.CutImages(part, rng.IntN(len(src.Images)-n), n)
				if said(part) {
					t.Errorf("%s, %d images: %+v", src.Name, n, OfSizes(part))
				}
				if n := 2 * n; n <= len(src.Objects) {
					tries++
					if few := drawnFrom(src, n, rng); said(few) {
						t.Errorf("%s, %d boxes: %+v", src.Name, n, OfSizes(few))
					}
				}
			}
		}
		for which, at := range [2]int{0, len(src.Images) - 1} {
			its, larger := src.Images[at].Size, 0
			wrong := realfiles.Rebuilt(src, func(_ int, im *dataset.Image, own []dataset.Object) []dataset.Object {
				x, y := float64(its.W)/float64(im.Size.W), float64(its.H)/float64(im.Size.H)
				for k := range own {
					b := own[k].Box
					own[k].Box = geom.Rect{X: x * b.X, Y: y * b.Y, W: x * b.W, H: y * b.H}
				}
				larger += sample.One(float64(im.Size.W) > 1.1*float64(its.W) || float64(im.Size.H) > 1.1*float64(its.H))
				return own
			})
			if larger < 20 {
				continue
			}
			of[which]++
			if said(wrong) {
				found[which]++
			} else {
				t.Logf("%s is not told of: %+v", src.Name, OfSizes(wrong))
			}
		}
	}
	t.Logf("%d draws and stretches; of %v files %v", tries, of, found)
}
