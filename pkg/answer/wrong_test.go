package answer

import (
	"testing"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/audit"
	"focalaudit/pkg/labels"
)

// TestWrong: the number of wrong classes comes with its range, that of boxes with its end, and nothing is said of kinds that
// have none.
func TestWrong(t *testing.T) {
	num := func(x float64) analysis.Number { return &x }
	var m analysis.Metrics
	r := &analysis.Result{Metrics: []analysis.Metrics{m}, Audit: &audit.Audit{}}
	if got := Wrong(r); got != "" {
		t.Errorf("without estimates: %q", got)
	}
	m.EstimatedWrong = analysis.Wrong{Class: num(0.04), Location: num(0.03), Spurious: num(0.02)}
	m.EstimatedWrongLow = analysis.Wrong{Class: num(0.012), Location: num(0)}
	m.EstimatedWrongHigh = analysis.Wrong{Class: num(0.091), Location: num(0.11)}
	r.Metrics[0] = m
	r.Audit.Estimates[labels.Class].Of = 2000
	want := "A second count, of shares and not label by label (estimated_wrong in summary.json): if the detector was not " +
		"trained on these labels, about 80 of the 2,000 labels that it judged have the " +
		"wrong class (24 to 182), and at most 220 have a box that is off; such ranges of classes held in 84 of 91 tests, such bounds of boxes in 91 of 91. How many labels are spurious, " +
		"missing or second ones beyond those on the list can't be told: the detector overlooks too many."
	if got := Wrong(r); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
