package convention

import (
	"math/rand/v2"
	"slices"
	"testing"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
)

// TestUnlike: a part of pictures whose boxes are shrunk, for no reason that a rule knows, is told of once; where a rule
// names what happened, it alone is; and frames of a video are not told of, since they drift.
func TestUnlike(t *testing.T) {
	rng := rand.New(rand.NewPCG(14, 30))
	codes := func(src *dataset.Source) (all []string) {
		d := &dataset.Dataset{Sources: []dataset.Source{*src}, Classes: make([]dataset.Class, 5)}
		for _, f := range InspectSource(d, 0) {
			all = append(all, f.Code)
		}
		return all
	}
	third := func(src *dataset.Source, f func(o *dataset.Object)) *dataset.Source {
		return copied(src, func(src *dataset.Source) {
			for k := range src.Objects {
				if o := &src.Objects[k]; 3*int(o.Image) >= 2*len(src.Images) {
					f(o)
				}
			}
		})
	}
	shrink := func(o *dataset.Object) { o.Box.W, o.Box.H = 0.37*o.Box.W, 0.37*o.Box.H }
	stills := drawnStills(600, 5, rng)
	if got := codes(stills); slices.Contains(got, "part-differs") {
		t.Errorf("right pictures: %v", got)
	}
	if got := codes(third(stills, shrink)); !slices.Contains(got, "part-differs") {
		t.Errorf("boxes shrunk in the last third: %v", got)
	}
	at := site{src: third(stills, shrink), seen: glanceAt(third(stills, shrink))}
	told := []findings.Finding{findings.New("box-convention")}
	if got := at.unlike(told); len(got) != 1 {
		t.Errorf("beside box-convention: %v", got)
	}
	films := third(filmed(stills, film{5, 80, 4, false, false}, rng), shrink)
	if got := codes(films); slices.Contains(got, "part-differs") {
		t.Errorf("a video: %v", got)
	}
}
