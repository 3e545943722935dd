package results

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestScoresBesideMargins: where the boxes of a part have a margin, its IoU hardly goes with the score any more, and the
// scores are right; where scores were exchanged among images of the part, they are not.
func TestScoresBesideMargins(t *testing.T) {
	found := 0
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 12))
		units := make([]rankUnit, 1000)
		for i := range units {
			score := rng.Float64()
			units[i] = rankUnit{single: true, score: score, best: math.Min(1, .6+.3*score+.08*rng.NormFloat64())}
		}
		order := upTo(len(units))
		look := func(units []rankUnit) (u Unranked) {
			best := 0.0
			u.singles(units, order[500:], order[:500], func() string { return "the second half" }, &best)
			return u
		}
		if u := look(units); u.Found() {
			t.Errorf("%d: as they are: %+v", seed, u)
		}
		margin := append([]rankUnit(nil), units...)
		for i := 500; i < len(margin); i++ { // a tenth at each side: 1/1.44, whatever the score
			margin[i].best = min(margin[i].best, 1/1.44) + .06*rng.NormFloat64() - .05
		}
		if u := look(margin); u.Found() {
			t.Errorf("%d: with a margin: %+v", seed, u)
		}
		swapped := append([]rankUnit(nil), units...)
		for i, k := range rng.Perm(500) {
			swapped[500+i].score = units[500+k].score
		}
		if u := look(swapped); u.Found() {
			found++
		}
	}
	if found < 20 {
		t.Errorf("%d of 20 parts with exchanged scores are told of", found)
	}
}
