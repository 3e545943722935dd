package gate_test

import (
	"math"
	"testing"

	"focalaudit/pkg/gate"
	"focalaudit/pkg/geom"
)

// TestTrace: of suspects that are in one report only, those whose label is in both are told from those whose label was
// changed, deleted or added.
func TestTrace(t *testing.T) {
	box := geom.Rect{X: 10, Y: 20, W: 30, H: 40}
	moved := geom.Rect{X: 10, Y: 20, W: 30, H: 41}
	rounded := geom.Rect{X: 10.004, Y: 20, W: 30, H: 40}
	far := geom.Rect{X: 200, Y: 20, W: 30, H: 40}
	suspect := func(code string) gate.Finding {
		return gate.Finding{Code: code, File: "a.jpg", Class: "cat", Box: box, HasBox: true, Score: 0.4}
	}
	label := func(class string, box geom.Rect) gate.Labelled {
		return gate.Labelled{"a.jpg": {{Class: class, Box: box}}}
	}
	unscored := suspect("class")
	unscored.Score = math.NaN()
	for _, c := range []struct {
		name              string
		f                 gate.Finding
		now               gate.Labelled
		traced, untouched bool
	}{
		{"as it was", suspect("class"), label("cat", box), true, true},
		{"written with two decimals", suspect("class"), label("cat", rounded), true, true},
		{"of another class", suspect("class"), label("dog", box), true, false},
		{"moved by a pixel", suspect("location"), label("cat", moved), true, false},
		{"deleted", suspect("spurious"), gate.Labelled{}, true, false},
		{"in another image", suspect("spurious"), gate.Labelled{"b.jpg": {{Class: "cat", Box: box}}}, true, false},
		{"missing as before", suspect("missing"), label("cat", far), true, true},
		{"labelled", suspect("missing"), label("dog", moved), true, false},
		{"a baseline", suspect("class"), nil, false, false},
		{"no suspect", suspect("box-tiny"), label("cat", box), false, false},
		{"without a score", unscored, label("cat", box), false, false},
	} {
		for _, side := range []string{"gone", "new"} {
			d := gate.Difference{}
			of := []gate.Finding{c.f}
			if side == "gone" {
				d.Gone = of
				d.Trace(nil, c.now)
			} else {
				d.New = of
				d.Trace(c.now, nil)
			}
			if f := of[0]; f.Traced != c.traced || f.Untouched != c.untouched {
				t.Errorf("%s, %s: traced %v, untouched %v", c.name, side, f.Traced, f.Untouched)
			}
		}
	}
	d := gate.Difference{Gone: []gate.Finding{suspect("class")}, Moved: &gate.Moved{}}
	if d.Trace(nil, label("cat", box)); d.Gone[0].Traced {
		t.Error("traced though images have other names now")
	}
}
