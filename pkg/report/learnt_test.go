package report

import "testing"

// TestLearnt: what is said of a detector needs its side's loss to have changed.
func TestLearnt(t *testing.T) {
	for _, c := range []struct {
		positive, negative float64
		want               string
	}{
		{1, 1, "much as at initialisation"}, {0.99, 1.01, "much as at initialisation"},
		{0.3, 1, "it has learnt the positives"}, {0.3, 0.1, "it has learnt the positives"},
		{0.3, 2, "it has learnt the positives, and fires on background"},
		{1, 18, "it fires on background, and has not learnt the positives"},
		{3, 400, "both sides cost more than at initialisation"},
		{1.5, 0.1, "it finds fewer of the positives than at initialisation"},
		{1, 0.1, "it has learnt the negatives, not the positives"},
	} {
		if got := learnt(c.positive, c.negative); got != c.want {
			t.Errorf("%v, %v: got %q, want %q", c.positive, c.negative, got, c.want)
		}
	}
}
