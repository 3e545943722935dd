package answer

import (
	"math"
	"testing"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/audit"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/pass"
)

// TestContradicted: what the detector contradicts with certainty is told of from 10 labels on that the chances hold for
// right, if these are 1 % of all labels or 5 % of a class's, and not if the chances doubt half of them.
func TestContradicted(t *testing.T) {
	nan := float32(math.NaN())
	result := func(others int, all ...audit.Contradiction) *analysis.Result {
		objects := make([]dataset.Object, 250+others) // 200 cows that were judged, 50 that were not, and horses
		chances := make([]float32, len(objects))
		for k := range objects {
			if k >= 250 {
				objects[k].Class = 1
			} else if k >= 200 {
				chances[k] = nan
			}
		}
		return &analysis.Result{
			Pass: &pass.Pass{Data: &dataset.Dataset{
				Classes: []dataset.Class{{Name: "cow"}, {Name: "horse"}}, Sources: []dataset.Source{{Objects: objects}},
			}},
			Audit: &audit.Audit{Chances: [][]float32{chances}, Contradictions: all},
		}
	}
	cows := func(n int, wrong float64) audit.Contradiction {
		return audit.Contradiction{Class: 0, Seen: 1, Labels: n, Wrong: wrong}
	}
	few := audit.Contradiction{Class: 1, Seen: 0, Labels: 3}
	const told = ` On 15 labels the detector finds another class with a score above 0.8, and not the label's; by the chances 2 of ` +
		`these should be wrong. Most often it finds "horse" on 12 of 200 labels "cow". Either it takes one class for another or ` +
		`the annotators did, and only people can tell: look at some.`
	for _, c := range []struct {
		r    *analysis.Result
		want string
	}{
		{result(100), ""},
		{result(100, cows(12, 2), few), told},
		{result(1300, cows(12, 2), few), told},  // 1 % of 1,500
		{result(90000, cows(12, 2), few), told}, // 6 % of the cows
		{result(100, cows(11, 2)), ""},          // 9 that the chances hold for right
		{result(100, cows(30, 16)), ""},
	} {
		if got := contradicted(c.r); got != c.want {
			t.Errorf("got  %q\nwant %q", got, c.want)
		}
	}
	r := result(90000, cows(9, 0), few) // less than 5 % of the cows
	if got := contradicted(r); got != "" {
		t.Errorf("%q", got)
	}
}
