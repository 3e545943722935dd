package sample

import "math"

// Unlikely is the chance below which places are no accident, all steps and places of a file together.
const Unlikely = 1e-6

// Nats are those by which it is unlikely that some of n things or more have what each has with a chance: the exponent
// of Chernoff's bound, so that the probability is exp(-Nats) at most (Hoeffding 1963, "Probability inequalities for
// sums of bounded random variables", theorem 1). They are 0 where no more have it than expected.
func Nats(some, n int, chance float64) float64 {
	share := float64(some) / float64(max(n, 1))
	if share <= chance {
		return 0
	}
	nats := float64(some) * math.Log(share/chance)
	if some < n {
		nats += float64(float64(n-some) * math.Log((1-share)/(1-chance)))
	}
	return nats
}
