package convention

import (
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
)

// TestNoFalseAlarmOnTiles: real files that are cut into tiles as is due show nothing that tools leave.
func TestNoFalseAlarmOnTiles(t *testing.T) {
	sources := realfiles.FirstImages(t)
	ratio := 0.0
	for i := range sources {
		src := &sources[i]
		if len(src.Images) > 1000 {
			cutImages(src, 0, 1000)
		}
		for _, g := range tilings {
			cut := g.of(src)
			if m, across := fromOrigin(cut); m.Boxes >= 20 && 100*m.Boxes >= 3*m.Of {
				ratio = max(ratio, float64(m.Boxes)/float64(max(across, 1)))
			}
			if u := OfUnmarked(cut, classes(cut)); u.Class >= 0 && !g.boxed && !g.counted {
				t.Errorf("%s, %s: class %d is not marked %s", src.Name, g.format, u.Class, u.Part)
			}
			d := &dataset.Dataset{Sources: []dataset.Source{*cut}}
			for _, f := range InspectSource(d, 0) {
				t.Errorf("%s, %s: %s", src.Name, g.format, f.Message)
			}
		}
	}
	t.Logf("at most %.2f times as many boxes begin at the upper left corner as end at the lower right one", ratio)
	if ratio > originRatio/2 {
		t.Errorf("%.2f times as many: the bound is too near", ratio)
	}
}
