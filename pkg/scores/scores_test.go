package scores

import (
	"math"
	"strings"
	"testing"

	"focalaudit/pkg/loss"
)

// TestArticle: the article's losses are 3 for a positive and 0.1 for a
// negative, by definition of its scores.
func TestArticle(t *testing.T) {
	a := Article()
	if got := loss.BCE.Loss(a.Positive, loss.One); math.Abs(got-3) > 1e-14 {
		t.Errorf("positive: got %v, want 3", got)
	}
	if got := loss.BCE.Loss(a.Negative, loss.Zero); math.Abs(got-0.1) > 1e-15 {
		t.Errorf("negative: got %v, want 0.1", got)
	}
}

func TestApply(t *testing.T) {
	s, err := Apply(Default(), "prior:0.02")
	if err != nil || len(s) != 2 || math.Abs(s[0].Positive.P()-0.02) > 1e-15 || s[0].Name != "prior" {
		t.Errorf("prior:0.02: got %v, %v", s, err)
	}
	s, err = Apply(Default(), "constant:pos=0.3,neg=0.05")
	if err != nil || len(s) != 3 || math.Abs(s[2].Positive.P()-0.3) > 1e-15 || math.Abs(s[2].Negative.P()-0.05) > 1e-15 {
		t.Errorf("constant: got %v, %v", s, err)
	}
	if _, err := Apply(s, "constant:pos=0.3,neg=0.05"); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("the same scores twice: got %v", err)
	}
}

func TestApplyRefuses(t *testing.T) {
	for spec, want := range map[string]string{
		"guess":                   "unknown kind",
		"prior:":                  "expected a probability",
		"prior:0":                 "expected a probability",
		"prior:1":                 "expected a probability",
		"prior:NaN":               "expected a probability",
		"constant:pos=0.1":        "expected constant:pos=P,neg=N",
		"constant:pos=2,neg=0.1":  "expected a probability",
		"constant:pos=.1,odd=0.1": "unknown key",
	} {
		if _, err := Apply(Default(), spec); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want an error with %q", spec, err, want)
		}
	}
}
