package show

import (
	"bytes"
	"strings"
	"testing"

	"focalaudit/pkg/gate"
)

// told returns what a comparison says, unwrapped.
func told(t *testing.T, d *gate.Difference) string {
	t.Helper()
	var out bytes.Buffer
	if err := DiffText(&out, d); err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

// TestDiffBeginsWithDecisions: the old list less the decisions comes first, then the loss, then the new list, which also
// moves with the model.
func TestDiffBeginsWithDecisions(t *testing.T) {
	d := &gate.Difference{
		Labels: [2]*gate.Labels{{Suspects: 424, Wrong: 95}, {Suspects: 404, Wrong: 82}},
		List: &gate.List{
			All: gate.Part{Suspects: 424, Expected: 95}, Mended: gate.Part{Suspects: 10, Expected: 5.24},
			Kept: gate.Part{Suspects: 6, Expected: 3}, Open: gate.Part{Suspects: 408, Expected: 86.8},
		},
		Losses: [2]*gate.Losses{{BCE: 100, Focal: 100}, {BCE: 100.001, Focal: 98}},
		New:    []gate.Finding{{Code: "class", Untouched: true, Score: 0.25}},
	}
	before := -1
	got := told(t, d)
	for _, want := range []string{
		"decisions on 16 of 424 suspects before: 10 mended (5.24 expected to be wrong), 6 kept (3 expected to be wrong). " +
			"Open: 408; by the scores before, expect 86.8 of these to be wrong",
		"changed with the labels: focal loss -2 %, cross entropy by less than 0.01 %",
		"suspects 424 → 404; expected wrong labels 95 → 82",
		"0 suspects left the list and 1 joined it (0.25 expected to be wrong) though their labels are as they were. Decide on the old list to its end",
	} {
		at := strings.Index(got, want)
		if at <= before {
			t.Errorf("%q at %d, behind %d, in\n%s", want, at, before, got)
		}
		before = at
	}
	d.List.Open, d.List.Kept = gate.Part{}, gate.Part{Suspects: 414, Expected: 89.76}
	if got = told(t, d); !strings.Contains(got, "The list is done: it expected 95 to be wrong") || strings.Contains(got, "Decide on") {
		t.Errorf("%s", got)
	}
}

// TestDiffMetrics: less than half a label is left out, and a change is said to be for the better, or the new list's.
func TestDiffMetrics(t *testing.T) {
	number := func(x float64) *float64 { return &x }
	d := &gate.Difference{OldSize: [2]int{10, 1000}, NewSize: [2]int{10, 1000}, Metrics: []gate.MetricChange{
		{Scores: "d", Metric: "estimated_wrong_low.class", Old: number(8.6e-9), New: number(0)},
		{Scores: "d", Metric: "estimated_wrong_high.class", Old: number(0.01), New: number(0)},
		{Metric: "objects_rescued", Old: number(7), New: number(6)}, {Metric: "objects_without_positive", Old: number(1), New: number(2)},
		{Metric: "positives", Old: number(1), New: number(2)},
	}}
	got := told(t, d)
	for want, is := range map[string]bool{
		"estimated_wrong_low": false, "d.estimated_wrong_high.class 1 % 0 % -100 % (new list)": true,
		"objects_rescued 7 6 -14.3 % (better)": true, "objects_without_positive 1 2 +100 % (worse)": true,
		"positives 1 2 +100 % find": true,
	} {
		if strings.Contains(got, want) != is {
			t.Errorf("%q: want %v in\n%s", want, is, got)
		}
	}
}

// TestDiffOfFewerAnnotations: what is gone is told first of all, and fewer objects without an anchor are no gain then.
func TestDiffOfFewerAnnotations(t *testing.T) {
	number := func(x float64) *float64 { return &x }
	d := &gate.Difference{OldSize: [2]int{10, 1000}, NewSize: [2]int{10, 900}, Metrics: []gate.MetricChange{
		{Metric: "objects_rescued", Old: number(7), New: number(1)}, {Metric: "objects_without_positive", Old: number(1), New: number(2)},
	}}
	got := told(t, d)
	if !strings.Contains(got, "100 annotations fewer: where an object is still in its picture, it is trained as background now") ||
		strings.Contains(got, "(better)") || !strings.Contains(got, "(worse)") {
		t.Errorf("%s", got)
	}
}
