package answer

import (
	"testing"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/audit"
)

// TestWrong: the share of classes comes with its range, that of boxes with its end, and nothing is said of kinds that
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
	want := "If the detector was not trained on these labels, about 4 % of all labels have the wrong class (1.2 to 9.1 %), " +
		"and at most 11 % have a box that is off; such ranges held in 9 of 10 tests. Spurious, missing and second labels " +
		"can't be counted: the detector overlooks too many."
	if got := Wrong(r); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
