package audit

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestPairedWhateverTheOrder: which objects are compared with the suspects does not depend on where their records
// stand, as far as their figures tell: there are many with equal ones.
func TestPairedWhateverTheOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 1))
	for range 300 {
		n := 2 + rng.IntN(30)
		all := make([]priced, n)
		suspect := make([]bool, n)
		for i := range all {
			all[i] = priced{perAnchor: float64(rng.IntN(4)), positives: int32(1 + rng.IntN(2)), focal: float64(rng.IntN(2))}
			suspect[i] = rng.IntN(3) == 0
		}
		figures := func(order []int) (out []string) {
			var suspects, others []priced
			for place, i := range order {
				p := all[i]
				p.object = place
				if suspect[i] {
					suspects = append(suspects, p)
				} else {
					others = append(others, p)
				}
			}
			for _, p := range paired(suspects, others) {
				out = append(out, fmt.Sprint(p.perAnchor, p.positives, p.focal))
			}
			slices.Sort(out)
			return out
		}
		if a, b := figures(rng.Perm(n)), figures(rng.Perm(n)); !slices.Equal(a, b) {
			t.Fatalf("%v of %v: %v and %v", suspect, all, a, b)
		}
	}
}
