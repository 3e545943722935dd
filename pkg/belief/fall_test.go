package belief

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"focalaudit/pkg/loss"
)

// TestFallSorts compares with a stable sort: numbers that are equal, that differ in their last bits only, zeros, and
// more than keys have room for.
func TestFallSorts(t *testing.T) {
	var by terms
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 8))
		n := 1 + rng.IntN(200)
		if seed == 0 {
			n = 1 << 17
		}
		got := make([]loss.Sample, n)
		for i := range got {
			v := float64(rng.IntN(20)) / 7
			for range rng.IntN(3) {
				v = math.Nextafter(v, 9)
			}
			got[i] = loss.Sample{BCE: v, N: float64(i)}
		}
		want := slices.Clone(got)
		slices.SortStableFunc(want, func(a, b loss.Sample) int { return cmp.Compare(b.BCE, a.BCE) })
		by.fall(got)
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d: %d samples are in another order than a stable sort gives", seed, n)
		}
	}
}
