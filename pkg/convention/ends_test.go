package convention

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestEnds: the ends are those of the sorted numbers.
func TestEnds(t *testing.T) {
	rng := rand.New(rand.NewPCG(28, 6))
	for range 500 {
		all := make([]float64, 1+rng.IntN(60))
		for i := range all {
			all[i] = float64(rng.IntN(40))
		}
		sorted := slices.Sorted(slices.Values(all))
		but := rng.IntN(len(all))
		if low, high := ends(all, but); low != sorted[but] || high != sorted[len(all)-1-but] {
			t.Fatalf("%v but %d: %v, %v", all, but, low, high)
		}
	}
}
