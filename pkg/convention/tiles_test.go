package convention

import (
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/classes"
	"focalaudit/pkg/dataset"
)

// TestNoFalseAlarmOnTiles: real files that are cut into tiles as is due show nothing that tools leave.
func TestNoFalseAlarmOnTiles(t *testing.T) {
	sources := realfiles.FirstImages(t)
	ratio := 0.0
	for i := range sources {
		src := &sources[i]
		if len(src.Images) > 1000 {
			realfiles.CutImages(src, 0, 1000)
		}
		for _, g := range realfiles.Tilings {
			cut := g.Of(src)
			if m, across := fromOrigin(cut); m.Boxes >= 20 && 100*m.Boxes >= 3*m.Of {
				ratio = max(ratio, float64(m.Boxes)/float64(max(across, 1)))
			}
			if u := classes.OfUnmarked(cut, realfiles.Classes(cut)); u.Class >= 0 && !g.Boxed && !g.Counted {
				t.Errorf("%s, %s: class %d is not marked %s", src.Name, g.Format, u.Class, u.Part)
			}
			d := &dataset.Dataset{Sources: []dataset.Source{*cut}}
			for _, f := range InspectSource(d, 0) {
				t.Errorf("%s, %s: %s", src.Name, g.Format, f.Message)
			}
		}
	}
	t.Logf("at most %.2f times as many boxes begin at the upper left corner as end at the lower right one", ratio)
	if ratio > originRatio/2 {
		t.Errorf("%.2f times as many: the bound is too near", ratio)
	}
}
