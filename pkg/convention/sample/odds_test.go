package sample

import (
	"math"
	"testing"
)

// TestNats: the bound is above the tail of the binomial distribution, summed up term by term, and by less than the
// number of its terms.
func TestNats(t *testing.T) {
	for _, n := range []int{1, 2, 7, 40, 200} {
		for _, chance := range []float64{0.001, 0.1, 0.4, 0.9} {
			tail := 0.0
			for some := n; some >= 0; some-- {
				all, _ := math.Lgamma(float64(n + 1))
				has, _ := math.Lgamma(float64(some + 1))
				rest, _ := math.Lgamma(float64(n - some + 1))
				tail += math.Exp(all - has - rest + float64(some)*math.Log(chance) + float64(n-some)*math.Log(1-chance))
				bound := math.Exp(-Nats(some, n, chance))
				if bound < tail*(1-1e-9) || float64(some) > chance*float64(n) && bound > tail*float64(n+1) {
					t.Errorf("%d of %d at %v: %v, and the tail is %v", some, n, chance, bound, tail)
				}
			}
		}
	}
	if got := Nats(0, 0, 0.5); got != 0 {
		t.Errorf("of nothing: %v", got)
	}
}
