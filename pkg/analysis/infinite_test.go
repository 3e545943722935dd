package analysis

import (
	"math"
	"strings"
	"testing"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// TestSizesOutOfRange: the logarithms of sizes and aspects are those of the sides where product and quotient are out of
// range, and no message holds an infinity.
func TestSizesOutOfRange(t *testing.T) {
	for _, c := range []struct{ w, h, size, aspect float64 }{
		{16, 4, 8, 0.25}, {1e200, 1e200, 1e200, 1}, {1e-200, 1e-200, 1e-200, 1}, {1e308, 1e-9, 1e149 * math.Sqrt(10), 0},
		{1e-9, 1e308, 1e149 * math.Sqrt(10), math.Inf(1)},
	} {
		o := &dataset.Object{Box: geom.Rect{W: c.w, H: c.h}}
		if got := math.Exp2(logSize(o)); math.Abs(got/c.size-1) > 1e-9 {
			t.Errorf("%g × %g: a size of %g, want %g", c.w, c.h, got, c.size)
		}
		got := logAspect(o)
		if want := (math.Log10(c.h) - math.Log10(c.w)) / math.Log10(2); math.Abs(got-want) > 1e-9*max(1, math.Abs(want)) {
			t.Errorf("%g × %g: an aspect of 2^%g, want 2^%g", c.w, c.h, got, want)
		}
		for _, text := range []string{exponential(got), exponential(logSize(o))} {
			if strings.Contains(text, "Inf") || text == "0" {
				t.Errorf("%g × %g: %q", c.w, c.h, text)
			}
		}
	}
}

// TestVerbs: one thing has, several have.
func TestVerbs(t *testing.T) {
	if verb(1, "has", "have") != "has" || verb(0, "has", "have") != "have" || verb(2, "has", "have") != "have" {
		t.Error("a verb of another number")
	}
}
