package results

import (
	"math"
	"slices"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// TestLabelsOfDetector: in no real pair labels are the detections, and where they are, in whole numbers or in a third of
// the images, it is told once.
func TestLabelsOfDetector(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	told := 0
	for _, p := range realPairs(t) {
		r := p.results(t, nil)
		v := Judge(p.d, r)
		if v.Copies.Taken() {
			t.Errorf("%s: %+v", p.name, v.Copies)
		}
		if len(p.d.Sources) != 1 || len(r.Detections) < 500 || strings.Contains(p.name, "fake") ||
			strings.Contains(p.name, "glyphs") || strings.Contains(p.name, "cases") {
			continue
		}
		told++
		for what, from := range map[string]int{"all": 0, "third": len(p.d.Source(0).Images) * 2 / 3, "rounded": 0} {
			d := *p.d
			d.Sources = slices.Clone(p.d.Sources)
			d.Sources[0] = *realfiles.Rebuilt(p.d.Source(0), func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
				if i < from {
					return own
				}
				var out []dataset.Object
				for _, a := range r.Of(0, i) {
					if a.Score < 0.25 {
						continue
					}
					b := a.Box
					if what == "rounded" {
						b = geom.Rect{X: math.Round(b.X), Y: math.Round(b.Y), W: math.Round(b.W), H: math.Round(b.H)}
					}
					out = append(out, dataset.Object{Image: int32(i), Class: a.Class, Box: b})
				}
				return out
			})
			v := Judge(&d, r)
			n := 0
			for _, f := range v.records(&d, r) {
				n += sample.One(strings.Contains(f.Message, "its own output"))
			}
			t.Logf("%s, %s: %+v", p.name, what, v.Copies)
			if n != 1 && !v.Copies.Found() {
				t.Errorf("%s, %s: told %d times: %+v", p.name, what, n, v.Copies)
			}
		}
	}
	if told < 3 {
		t.Errorf("%d pairs", told)
	}
}
