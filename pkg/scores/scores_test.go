package scores

import (
	"math"
	"slices"
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

func TestDetectionsSpec(t *testing.T) {
	ss, err := Apply(Default(), "detections:a,b=1.json,floor=0.001,source=x/y.json,name=yolo")
	if err != nil {
		t.Fatal(err)
	}
	s := ss[2]
	if s.Name != "yolo" || *s.Detector != (Detector{File: "a,b=1.json", Origin: "x/y.json", Floor: 0.001}) || s.Negative != loss.LogitOf(0.001) {
		t.Errorf("got %+v, %+v", s, s.Detector)
	}
	if got := s.Detector.All(); !slices.Equal(got, []float64{0.01, 0.001, 0.0001}) {
		t.Errorf("floors: got %v", got)
	}
	for _, spec := range []string{"detections:", "detections:,floor=0.1", "detections:a.json,floor=1", "detections:a.json,floor=x",
		"detections:a.json,name=", "detections:a.json,name=a@b", "detections:a.json,floor=0.1,floor=0.1", "detections:b.json,name=yolo"} {
		if _, err := Apply(slices.Clone(ss), spec); err == nil {
			t.Errorf("%s: no error", spec)
		}
	}
}

// TestBelief: thresholds 0.4 and 0.5, whose middle is halfway up the ramp.
func TestBelief(t *testing.T) {
	for _, c := range []struct {
		score float64
		v     float32
		best  bool
		want  float64
	}{
		{0.8, 0.5, false, 0.8}, {0.8, 0.9, true, 0.8}, {0.8, 0.1, true, 0.8}, {0.8, 0.4, false, 0}, {0.8, 0.45, false, 0.4},
		{1, 0.7, false, 1 - 1.0/(1<<24)}, {0.8, 0.3, false, 0},
	} {
		if got := Belief(c.score, c.v, 0.4, 0.5, c.best); math.Abs(got-c.want) > 1e-6*c.want {
			t.Errorf("%+v: got %v", c, got)
		}
	}
}

// TestBeliefOfOneThreshold: without an ignored band there is no ramp.
func TestBeliefOfOneThreshold(t *testing.T) {
	for v, want := range map[float32]float64{0.1: 0, 0.49: 0, 0.5: 0.6} {
		if got := Belief(0.6, v, 0.5, 0.5, false); got != want {
			t.Errorf("IoU %v: got %v, want %v", v, got, want)
		}
	}
}

// TestGeometry: thresholds 0.4 and 0.5, so lo is 0.2 and mid 0.45: π up to 0.2,
// 1/2 at 0.45, 1-π from 0.7 on.
func TestGeometry(t *testing.T) {
	for v, want := range map[float32]float64{0: 0.01, 0.2: 0.01, 0.45: 0.5, 0.7: 0.99, 1: 0.99} {
		if got := Geometry(v, 0.4, 0.5, 0.01); math.Abs(got-want) > 1e-6 {
			t.Errorf("IoU %v: got %v, want %v", v, got, want)
		}
	}
	ss, err := Apply(Default(), "geometry")
	if err != nil || !ss[2].Geometry || ss[2].Name != "geometry" {
		t.Errorf("got %+v, %v", ss, err)
	}
	if _, err := Apply(Default(), "geometry:x"); err == nil {
		t.Error("arguments are taken")
	}
}
