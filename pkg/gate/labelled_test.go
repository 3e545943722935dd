package gate_test

import (
	"math"
	"testing"

	"focalaudit/pkg/findings"
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

// TestList: what became of the old report's suspects follows from the labels and from what was kept, not from the new
// report's list; their scores are the old ones.
func TestList(t *testing.T) {
	at := func(x float64) geom.Rect { return geom.Rect{X: x, Y: 20, W: 30, H: 40} }
	near := geom.Rect{X: 502, Y: 20, W: 30, H: 40} // IoU 0.88 with the duplicate at 500
	suspect := func(code, class string, box geom.Rect, score float64) gate.Finding {
		return gate.Finding{Code: code, File: "a.jpg", Class: class, Box: box, HasBox: true, Score: score,
			Fingerprint: findings.Fingerprint(code, "a.jpg", class, box, true)}
	}
	label := func(class string, box geom.Rect) gate.Label { return gate.Label{Class: class, Box: box} }
	before, now := subject(), subject()
	for _, s := range []*gate.Subject{before, now} {
		m := s.Metrics["prior"]
		m.SuspectShare.BCE = number(0.1)
		s.Metrics["prior"], s.Findings = m, nil
	}
	reviewed := suspect("class", "cat", at(900), 0.5)
	reviewed.Reviewed = true
	before.Findings = []gate.Finding{
		suspect("class", "cat", at(0), 0.5),        // gets another class
		suspect("location", "cat", at(100), 0.25),  // is kept, under another kind
		suspect("spurious", "cat", at(200), 0.125), // nothing is decided, and the new list has it no more
		suspect("missing", "cat", at(300), 0.75),   // is labelled, as a dog
		suspect("missing", "cat", at(400), 0.375),  // a dog lay there before: nothing is labelled
		suspect("duplicate", "cat", at(500), 0.5),  // the other box is deleted
		reviewed, // was kept before
	}
	now.Findings = []gate.Finding{suspect("class", "cat", at(600), 0.9)} // is new
	now.Kept = []string{findings.Fingerprint("class", "a.jpg", "cat", at(100), true)}
	was := gate.Labelled{"a.jpg": {label("cat", at(0)), label("cat", at(100)), label("cat", at(200)), label("dog", at(400)),
		label("cat", at(500)), label("cat", near), label("cat", at(600)), label("cat", at(900))}}
	is := gate.Labelled{"a.jpg": {label("dog", at(0)), label("cat", at(100)), label("cat", at(200)), label("dog", at(300)),
		label("dog", at(400)), label("cat", at(500)), label("cat", at(600)), label("cat", at(900))}}
	d := gate.Diff(before, now)
	d.Trace(was, is)
	want := gate.List{
		All: gate.Part{Suspects: 6, Expected: 2.5}, Mended: gate.Part{Suspects: 2, Expected: 1.25},
		Settled: gate.Part{Suspects: 1, Expected: 0.5}, Kept: gate.Part{Suspects: 1, Expected: 0.25},
		Open: gate.Part{Suspects: 2, Expected: 0.5},
	}
	if d.List == nil || *d.List != want {
		t.Errorf("got %+v\nwant %+v", d.List, want)
	}
	for _, f := range d.Gone {
		if touched := f.Score == 0.5 || f.Score == 0.75; !f.Reviewed && f.Untouched == touched {
			t.Errorf("%s %v: untouched %v", f.Code, f.Box, f.Untouched)
		}
	}
	// A baseline keeps no labels, and boxes to the pixel.
	for i := range is["a.jpg"] {
		is["a.jpg"][i].Box.X += 0.3
	}
	d = gate.Diff(before, now)
	if d.Trace(nil, is); d.List == nil || d.List.Mended.Suspects != 3 { // the dog at 400 may be new
		t.Errorf("of a baseline: %+v", d.List)
	}
}
