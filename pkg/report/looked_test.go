package report

import (
	"testing"

	"focalaudit/pkg/geom"
)

// TestLookedFor: the summary says that pictures were measured if half of those in use were, and that outlines were
// compared if the run was asked to.
func TestLookedFor(t *testing.T) {
	for _, c := range []struct {
		part int // of 4 pictures of each source
		want bool
	}{{0, false}, {1, false}, {2, true}, {4, true}} {
		r := *sample()
		r.Config.Outlines = c.part == 4
		for s := range r.Data.Sources {
			images, _ := r.Data.Count(s)
			sizes := make([]geom.Size, images)
			for i := range sizes {
				if i*4 < c.part*images {
					sizes[i] = geom.Size{W: 1, H: 1}
				}
			}
			r.Config.Sizes = append(r.Config.Sizes, sizes)
		}
		if got := Summarise(&r, "test").Configuration; got.Pictures != c.want || got.CheckOutlines != r.Config.Outlines {
			t.Errorf("with %d of 4 measured: %v, outlines %v", c.part, got.Pictures, got.CheckOutlines)
		}
	}
	if Summarise(sample(), "test").Configuration.Pictures {
		t.Error("without any")
	}
}
