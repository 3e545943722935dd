package results

import (
	"strings"
	"testing"
)

// TestHeld: what is said of detections has its figures, and never that boxes agree with them.
func TestHeld(t *testing.T) {
	for _, c := range []struct {
		v         Verdict
		want, not string
	}{
		{Verdict{}, "", "object"},
		{Verdict{Objects: 1000, Overlapped: 800, Swap: Swap{Pairs: 700, Same: 690}},
			"800 of 1,000 objects that were held against the detector's results (r.json) are overlapped by a detection with " +
				"an IoU of 0.5 or more; of 700 that one overlaps with a score of 0.3 or more, 690 are by one of their class",
			"weak"},
		{Verdict{Objects: 1000, Overlapped: 799}, "In real files that belong together, 80 % of the objects or more are overlapped", "score"},
	} {
		got := c.v.Held("r.json")
		if !strings.Contains(got, c.want) || strings.Contains(got, c.not) || strings.Contains(got, "agree") ||
			(got == "") != (c.want == "") {
			t.Errorf("got %q, want %q and not %q", got, c.want, c.not)
		}
	}
}
