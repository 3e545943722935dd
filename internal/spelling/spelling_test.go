package spelling

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestNearest(t *testing.T) {
	names := []string{"output", "scores", "anchors", "size", "seize"}
	for _, c := range []struct {
		name string
		n    int
		want []string
	}{
		{"output", 1, []string{"output"}},
		{"outptu", 1, []string{"output"}}, // 2 away; the others differ in 5 letters or more
		{"size", 2, []string{"size", "seize"}},
		{"seze", 2, []string{"size", "seize"}}, // both 1 away: in the order given
		{"x", 0, []string{}},
		{"x", -1, []string{}},
		{"", 9, []string{"size", "seize", "output", "scores", "anchors"}}, // the shortest first
	} {
		if got := Nearest(c.name, names, c.n); !slices.Equal(got, c.want) {
			t.Errorf("Nearest(%q, %d) = %q, want %q", c.name, c.n, got, c.want)
		}
	}
	if names[0] != "output" || names[4] != "seize" {
		t.Errorf("the caller's names were reordered: %q", names)
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "abc", 0},
		{"kitten", "sitting", 3}, // two substitutions, one insertion
		{"flaw", "lawn", 2},      // one deletion, one insertion
		{"ab", "ba", 2},          // an exchange is two
	} {
		if got := Distance(c.a, c.b); got != c.want {
			t.Errorf("Distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
		if got := Distance(c.b, c.a); got != c.want {
			t.Errorf("Distance(%q, %q) = %d, want %d", c.b, c.a, got, c.want)
		}
	}
}

// TestNear: only names nearly as near as the nearest are named.
func TestNear(t *testing.T) {
	names := []string{"check-outlines", "scores", "objective", "only-new", "size", "seize", "sizes"}
	for name, want := range map[string]string{
		"chek-outlines": "the nearest is check-outlines",         // 1 away, the others 8 or more
		"siz":           "the nearest are size, seize and sizes", // 1, 2 and 2 away
		"onlynew":       "the nearest is only-new",
	} {
		if got := Near(name, names, 3); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// TestDistanceIsAMetric: 0 between equal words only, at least the difference of
// lengths, at most the longer length, and no way around is shorter.
func TestDistanceIsAMetric(t *testing.T) {
	word := rapid.StringMatching(`[abc]{0,7}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := word.Draw(t, "a"), word.Draw(t, "b"), word.Draw(t, "c")
		ab := Distance(a, b)
		if (ab == 0) != (a == b) || ab < max(len(a), len(b))-min(len(a), len(b)) || ab > max(len(a), len(b)) {
			t.Fatalf("Distance(%q, %q) = %d", a, b, ab)
		}
		if around := Distance(a, c) + Distance(c, b); ab > around {
			t.Fatalf("Distance(%q, %q) = %d, but %d by way of %q", a, b, ab, around, c)
		}
	})
}
