package series

import (
	"math"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
)

// TestTileEdges: real files cut into tiles raise nothing where parts of 10, 30, 50 and 70 % of an object are kept, and
// are told of where only whole objects are, if enough objects stand across the edges.
func TestTileEdges(t *testing.T) {
	found, of, tries := 0, 0, 0
	least := math.Inf(1)
	for _, src := range realfiles.FirstImages(t) {
		if len(src.Images) > 1000 {
			realfiles.CutImages(&src, 0, 1000)
		}
		for _, g := range []realfiles.Tiling{
			{N: 2, Format: "%s_%d_%d"}, {N: 3, Format: "%s_r%d_c%d"}, {N: 3, Format: "%s_%d_%d", XFirst: true, Pixels: true},
			{N: 4, Format: "%s_%d_%d", Boxed: true},
		} {
			for _, g.Visible = range []float64{.1, .3, .5, .7} {
				tries++
				e := OfTileEdges(g.Of(&src))
				if e.Found() {
					t.Errorf("%s, %+v: %+v", src.Name, g, e)
				}
				if e.Expected >= leastAcross {
					least = min(least, float64(e.Cut)/e.Expected)
				}
			}
			g.Visible = 0.9999
			e := OfTileEdges(g.Of(&src))
			if e.Expected < leastAcross {
				continue
			}
			of++
			if found += sample.One(e.Found()); !e.Found() {
				t.Logf("%s, %+v: %+v", src.Name, g, e)
			}
		}
	}
	t.Logf("%d right ones, at least %.2f of what is expected; told of are %d of %d", tries, least, found, of)
	if found < 52 {
		t.Errorf("%d of %d are told of, want 52", found, of)
	}
}
