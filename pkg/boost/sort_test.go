package boost

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSortNumbers: numbers come in the order of slices.Sort, few and many, of both signs, equal, infinite and NaN.
func TestSortNumbers(t *testing.T) {
	rng := rand.New(rand.NewPCG(18, 18))
	var keys [2][]uint64
	for _, n := range []int{0, 1, small - 1, small, 3*small + 7} {
		for _, draw := range []func() float64{
			func() float64 { return 3 },
			func() float64 { return float64(rng.IntN(5) - 2) },
			func() float64 { return float64(float32(rng.NormFloat64())) },
			func() float64 { return math.Float64frombits(rng.Uint64()) },
			func() float64 {
				return []float64{math.NaN(), math.Inf(1), math.Inf(-1), 5e-324, -5e-324, 0}[rng.IntN(6)]
			},
		} {
			got := make([]float64, n)
			for i := range got {
				got[i] = draw()
			}
			want := slices.Clone(got)
			slices.Sort(want)
			sortNumbers(got, &keys)
			if !slices.EqualFunc(got, want, func(a, b float64) bool { return a == b || a != a && b != b }) {
				t.Fatalf("%d numbers are in another order", n)
			}
		}
	}
}
