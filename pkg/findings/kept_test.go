package findings_test

import (
	"slices"
	"testing"

	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
)

// TestKeptBy: who kept an annotation under one kind of label error kept it under all of them, but no other finding, and
// no other box or class.
func TestKeptBy(t *testing.T) {
	box := geom.Rect{X: 10, Y: 20, W: 30, H: 40}
	print := func(code, class string, box geom.Rect) string {
		return findings.Fingerprint(code, "a.jpg", class, box, true)
	}
	ofAnnotations := []string{"spurious", "location", "class", "duplicate"}
	for _, was := range ofAnnotations {
		kept := findings.NewKept([]string{print(was, "cat", box)})
		for _, c := range []struct {
			code, class string
			box         geom.Rect
			want        bool
		}{
			{"spurious", "cat", box, true}, {"location", "cat", box, true}, {"class", "cat", box, true},
			{"duplicate", "cat", box, true},
			{"missing", "cat", box, false}, {"box-tiny", "cat", box, false}, // not about what was looked at
			{"location", "dog", box, false}, {"location", "cat", geom.Rect{X: 12, Y: 20, W: 30, H: 40}, false},
		} {
			by := kept.By(print(c.code, c.class, c.box), c.code, "a.jpg", c.class, c.box, true)
			if got := slices.Equal(by, []string{print(was, "cat", box)}); got != c.want || !c.want && by != nil {
				t.Errorf("kept as %s, %s of a %s at %v: by %v, want %v", was, c.code, c.class, c.box, by, c.want)
			}
		}
	}
	kept := findings.NewKept([]string{print("missing", "cat", box)})
	for _, code := range ofAnnotations {
		if by := kept.By(print(code, "cat", box), code, "a.jpg", "cat", box, true); by != nil {
			t.Errorf("a place without an annotation was kept, and %s of an annotation there counts as kept", code)
		}
	}
	if by := kept.By(print("missing", "cat", box), "missing", "a.jpg", "cat", box, true); len(by) != 1 {
		t.Error("a place that was kept does not count as kept")
	}
}
