package trainer

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
)

// TestSixDigits: the quick way gives what writing and reading gives, of random numbers of all sizes, of numbers
// that lie between two of six digits, and of those beside them.
func TestSixDigits(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	check := func(v float64) {
		t.Helper()
		want, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 6, 64), 64)
		if got := sixDigits(v); got != want {
			t.Fatalf("%v: got %v, want %v", v, got, want)
		}
	}
	for range 300_000 {
		check(r.Float64())
		check(math.Pow(10, 12*r.Float64()-8))
		half := (float64(100_000+r.IntN(900_000)) + 0.5) / math.Pow(10, float64(4+r.IntN(7)))
		for _, v := range []float64{half, math.Nextafter(half, 0), math.Nextafter(half, 100), -half} {
			check(v)
		}
	}
	for _, v := range []float64{0, 1, 0.1, 0.01, 0.001, 1e-4, 1e-5, 10, 9.999995, 0.9999995, 0.09999995, 0.1 - 1e-17,
		math.Nextafter(0.1, 0), math.Nextafter(1, 0), math.Inf(1), 5e-324} {
		check(v)
	}
}
