package series

import (
	"math"

	"focalaudit/pkg/convention/sample"
)

// A trueRun is the part of a row of signs where most are true.
type trueRun struct {
	first, last int // signs, inclusive
	True, Of    int
}

// likeliestRun returns the stretch with the greatest sum of likelihoods of 4 in 5 against one half, and whether chance
// hardly gives as many true ones in any stretch of any of some ways to look.
func likeliestRun(signs []bool, ways int) (s trueRun, ok bool) {
	sum, top, from := 0.0, 0.0, 0
	s.last = -1
	for i, is := range signs {
		if sum <= 0 {
			sum, from = 0, i
		}
		if is {
			sum += math.Log(0.8 / 0.5)
		} else {
			sum += math.Log(0.2 / 0.5)
		}
		if sum > top {
			top, s.first, s.last = sum, from, i
		}
	}
	s.Of = s.last - s.first + 1
	rest := 0
	for i, is := range signs {
		if i >= s.first && i <= s.last {
			s.True += sample.One(is)
		} else {
			rest += sample.One(is)
		}
	}
	tries := 2*math.Log(float64(len(signs))+1) + math.Log(float64(ways))
	nats := float64(s.Of) * beyond(s.True, s.Of, trueByChance(rest, len(signs)-s.Of))
	return s, tries-nats <= math.Log(sample.Unlikely)
}

// trueByChance is how often a sign is true where nothing is wrong: one half at most, or where twenty others are known,
// as often as there, and two standard errors.
func trueByChance(n, of int) float64 {
	if of < 20 {
		return 0.5
	}
	p := float64(n+1) / float64(of+2)
	return min(0.5, p+2*math.Sqrt(p*(1-p)/float64(of)))
}

// beyond is Chernoff's bound of the chance that some of n or more have what a part q of all has, in nats for each of n.
func beyond(some, n int, q float64) float64 {
	return sample.Nats(some, n, q) / float64(max(n, 1))
}
