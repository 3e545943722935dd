package findings

import (
	"math"
	"slices"
	"testing"

	"focalaudit/pkg/geom"

	"pgregory.net/rapid"
)

func TestFingerprintIsStable(t *testing.T) {
	box := geom.Rect{X: 10.2, Y: 20.4, W: 30, H: 40}
	same := Fingerprint("box-tiny", "a.jpg", "car", box, true)
	if got := Fingerprint("box-tiny", "a.jpg", "car", geom.Rect{X: 10.4, Y: 19.6, W: 30.3, H: 39.9}, true); got != same {
		t.Error("a box that moves within its pixel gets another fingerprint")
	}
	for _, other := range []string{
		Fingerprint("box-empty", "a.jpg", "car", box, true),
		Fingerprint("box-tiny", "b.jpg", "car", box, true),
		Fingerprint("box-tiny", "a.jpg", "bus", box, true),
		Fingerprint("box-tiny", "a.jpg", "car", geom.Rect{X: 11, Y: 20, W: 30, H: 40}, true),
		Fingerprint("box-tiny", "a.jpg", "car", box, false),
		Fingerprint("box-tiny", `a.jpg"car`, "", box, true),
	} {
		if other == same {
			t.Error("different findings share a fingerprint")
		}
	}
	if a, b := Fingerprint("c", "", "", geom.Rect{X: -0.3}, true), Fingerprint("c", "", "", geom.Rect{X: 0.3}, true); a != b {
		t.Error("-0 and 0 are different pixels")
	}
}

func TestRank(t *testing.T) {
	fs := []Finding{
		{Code: "size-outlier", Size: 9, Offset: 1}, {Code: "box-outside", Offset: 7}, {Code: "size-outlier", Size: 12, Offset: 5},
		{Code: "near-duplicate", Size: 0.95}, {Code: "box-outside", Offset: 3}, {Code: "box-empty", Offset: 90},
	}
	fs = Rank(fs)
	if len(fs) != 6 {
		t.Fatalf("got %d findings, want 6", len(fs))
	}
	want := []string{"box-empty", "box-outside", "box-outside", "near-duplicate", "size-outlier", "size-outlier"}
	for i, f := range fs {
		if f.Code != want[i] {
			t.Fatalf("rank %d: got %s, want %s", i+1, f.Code, want[i])
		}
	}
	if fs[1].Offset != 3 || fs[4].Size != 12 {
		t.Errorf("within a code: got %+v", fs)
	}
}

// TestMeasure: of 1, 2, 4, 8, 100 the median is 4, the deviations are 3, 2, 0,
// 4, 96 and their median is 3.
func TestMeasure(t *testing.T) {
	got := Measure([]float64{100, 1, 8, 2, 4})
	if want := (Usual{5, 4, madScale * 3}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := Measure(nil); got != (Usual{}) {
		t.Errorf("nothing: got %+v", got)
	}
}

func TestMedianIsTheSortedMiddle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		xs := rapid.SliceOfN(rapid.Float64Range(-5, 5), 1, 60).Draw(t, "xs")
		if rapid.Bool().Draw(t, "ties") {
			for i := range xs {
				xs[i] = math.Round(xs[i])
			}
		}
		sorted := slices.Sorted(slices.Values(xs))
		if got, want := median(slices.Clone(xs)), sorted[(len(xs)-1)/2]; got != want {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

func TestScore(t *testing.T) {
	u := Usual{N: 100, Median: 5, Spread: 0.5}
	for _, c := range []struct {
		x, z    float64
		outlier bool
	}{{5, 0, false}, {8, 6, false}, {8.1, 6.2, true}, {1.9, -6.2, true}} {
		if z, out := u.Score(c.x); math.Abs(z-c.z) > 1e-12 || out != c.outlier {
			t.Errorf("Score(%v) = %v, %v, want %v, %v", c.x, z, out, c.z, c.outlier)
		}
	}
	if _, out := (Usual{N: minObjects - 1, Spread: 1}).Score(1e9); out {
		t.Error("a class of too few objects has an outlier")
	}
	if z, _ := (Usual{N: 100}).Score(1); z != 1/minSpread {
		t.Errorf("without spread: got %v, want %v", z, 1/minSpread)
	}
}
