package audit

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestPaired: by hand. Suspects of 9, 5 and 5 choose among 10, 8, 5, 4.9 and 1: 9 takes the harder of two that are as
// near, the first 5 its equal, the second one the next nearest.
func TestPaired(t *testing.T) {
	of := func(costs ...float64) (out []priced) {
		for k, c := range costs {
			out = append(out, priced{perAnchor: c, object: k})
		}
		return out
	}
	var got []float64
	for _, p := range paired(of(5, 9, 5), of(1, 4.9, 8, 5, 10)) {
		got = append(got, p.perAnchor)
	}
	if want := []float64{10, 5, 4.9}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestPairedIsNearest: against a search of all others that are left, over random costs with many equal ones.
func TestPairedIsNearest(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		draw := func(n int) (out []priced) {
			for k := range n {
				out = append(out, priced{perAnchor: float64(rng.IntN(12)), positives: rng.Int32N(2), object: k})
			}
			return out
		}
		suspects, others := draw(rng.IntN(8)), draw(rng.IntN(12))
		left := slices.Clone(others)
		got := paired(suspects, others)
		if want := min(len(suspects), len(left)); len(got) != want {
			t.Fatalf("%d controls, want %d", len(got), want)
		}
		for i, p := range got {
			nearest := math.Inf(1)
			for _, o := range left {
				nearest = min(nearest, math.Abs(o.perAnchor-suspects[i].perAnchor))
			}
			at := slices.Index(left, p)
			if at < 0 || math.Abs(p.perAnchor-suspects[i].perAnchor) != nearest {
				t.Fatalf("suspect %v got %v of %v", suspects[i], p, left)
			}
			left = slices.Delete(left, at, at+1)
		}
	}
}
