package labels

import (
	"math"
	"math/rand/v2"
	"testing"
)

// drawnContrast draws n labels as they are, of which a share is wrong, and as many simulated errors. The evidence of
// right labels is normal about -m, that of wrong ones about m: by Bayes' rule the logit of the chance that a label is
// wrong is logit(share) + 2mx.
func drawnContrast(rng *rand.Rand, n int, share, m float64) (rows []contrast) {
	for range n {
		at := -m
		if rng.Float64() < share {
			at = m
		}
		rows = append(rows, contrast{at + rng.NormFloat64(), 1, false}, contrast{m + rng.NormFloat64(), share, true})
	}
	return rows
}

// TestContrastFindsBayes: from labels of which nobody says which are wrong, the fit finds what Bayes' rule gives,
// within four times the spread of 20 such fits (at most 0.026 and 0.038).
func TestContrastFindsBayes(t *testing.T) {
	const m = 1.2
	rng := rand.New(rand.NewPCG(61, 61))
	for _, share := range []float64{0.02, 0.1, 0.3} {
		s := fitContrast(drawnContrast(rng, 20000, share, m))
		if math.Abs(s.shift-logit(share)) > 0.104 || math.Abs(s.slope-2*m) > 0.152 {
			t.Errorf("share %v: shift %v and slope %v, want %v and %v", share, s.shift, s.slope, logit(share), 2*m)
		}
	}
}

// TestContrastIsHighest: at the fit the likelihood is highest: no scale beside it has a higher one.
func TestContrastIsHighest(t *testing.T) {
	rng := rand.New(rand.NewPCG(62, 62))
	for range 20 {
		rows := drawnContrast(rng, 300, 0.05+0.3*rng.Float64(), 0.3+rng.Float64())
		s := fitContrast(rows)
		if s == (scale{0, 1}) {
			t.Fatal("the fit gave up")
		}
		most := likelihood(rows, s)
		for _, by := range [][2]float64{{0.01, 0}, {-0.01, 0}, {0, 0.01}, {0, -0.01}, {0.01, 0.01}, {-0.01, -0.01}} {
			if v := likelihood(rows, scale{s.shift + by[0], s.slope + by[1]}); v > most+1e-9 {
				t.Errorf("%v: %v higher at %v", s, v-most, by)
			}
		}
	}
}

// TestContrastByHand: with all rows at two places the chances are what makes p/(1+p) the part of a place that is
// simulated: 1 of 4 gives 1/3, 1 of 3 gives 1/2.
func TestContrastByHand(t *testing.T) {
	rows := []contrast{{-1, 1, true}, {-1, 3, false}, {1, 2, true}, {1, 4, false}}
	s := fitContrast(rows)
	for _, c := range []struct{ z, want float64 }{{-1, 1.0 / 3}, {1, 0.5}} {
		if p := sigmoid(s.shift + s.slope*c.z); math.Abs(p-c.want) > 1e-6 {
			t.Errorf("at %v: %v, want %v", c.z, p, c.want)
		}
	}
}

// TestContrastGivesUp: where the rows do not tell, nothing changes.
func TestContrastGivesUp(t *testing.T) {
	for name, rows := range map[string][]contrast{
		"no rows":             nil,
		"one place":           {{1, 1, true}, {1, 5, false}},
		"only labels":         {{1, 1, false}, {2, 1, false}},
		"divided":             {{-1, 1, false}, {1, 1, true}},
		"the wrong way":       {{-1, 1, true}, {-1, 2, false}, {1, 1, true}, {1, 9, false}},
		"without weight":      {{-1, 0, true}, {1, 0, false}},
		"weight is no number": {{-1, math.NaN(), true}, {1, 1, false}},
	} {
		if got := fitContrast(rows); got != (scale{0, 1}) {
			t.Errorf("%s: got %v, want no change", name, got)
		}
	}
}

// TestBounded: chances that add up to more than is estimated are lowered until they add up to it, with the same slope;
// those of simulated errors do not count, and what is within the estimate stays.
func TestBounded(t *testing.T) {
	rows := []contrast{{3, 1, true}, {3, 1, false}, {2, 1, false}, {-4, 1, false}}
	s := scale{2, 1.5}
	sum := sigmoid(2+4.5) + sigmoid(2+3) + sigmoid(2-6)
	if got := bounded(s, rows, sum+1e-9); got != s {
		t.Errorf("within the estimate: %v", got)
	}
	for _, most := range []float64{1.9, 1, 0.01} {
		got := bounded(s, rows, most)
		sum := sigmoid(got.shift+4.5) + sigmoid(got.shift+3) + sigmoid(got.shift-6)
		if got.slope != s.slope || got.shift >= s.shift || math.Abs(sum-most) > 1e-9 {
			t.Errorf("%v that add up to %v, want %v", got, sum, most)
		}
	}
}
