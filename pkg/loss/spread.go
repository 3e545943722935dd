package loss

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Mass is a number of terms of one target that share one score.
type Mass struct {
	N      int64
	Z      Logit
	Target Target

	// Less is how much less than 1 a term with target One should have scored: 0 but for soft
	// targets. Their focal loss is |p-t|^γ times cross entropy (quality focal loss: Li et al., 2020,
	// Generalized Focal Loss), their α_t lies between those of both targets in proportion.
	Less float64
}

// loss returns the loss of one term.
func (m *Mass) loss(f Focal) float64 {
	if m.Less == 0 {
		return f.Loss(m.Z, m.Target)
	}
	s, target := m.Z.Score(), 1-m.Less
	return f.softWeight(target) * Power(math.Abs(s.P-target), f.Gamma) * s.softCE(target)
}

// lnOff returns the logarithm of the distance from the score to the target.
func (m *Mass) lnOff() float64 {
	if m.Less == 0 {
		return -softplus(m.Z.truth(m.Target))
	}
	return math.Log(max(math.Abs(m.Z.P()-(1-m.Less)), math.SmallestNonzeroFloat64))
}

// Sum returns the loss of all terms.
func (f Focal) Sum(masses []Mass) float64 {
	var s Sum
	for _, m := range masses {
		s.Add(float64(m.N) * m.loss(f))
	}
	return s.Total()
}

// HardestShare returns the share of the loss that sits on the given fraction
// of the terms with the highest loss. Equal scores are one mass: where the
// limit falls within one, it counts in proportion. It is NaN if there is no
// loss to share.
func (f Focal) HardestShare(masses []Mass, fraction float64) float64 {
	var n int64
	for _, m := range masses {
		n += m.N
	}
	total := f.Sum(masses)
	if total == 0 {
		return math.NaN()
	}
	byLoss := f.byLoss(masses)
	left := fraction * float64(n)
	var hard Sum
	for _, m := range byLoss {
		take := min(left, float64(m.N))
		hard.Add(take * m.loss(f))
		left -= take
	}
	return hard.Total() / total
}

// byLoss returns masses, those of the highest loss first.
func (f Focal) byLoss(masses []Mass) []Mass {
	type priced struct {
		Mass
		each float64
	}
	ps := make([]priced, len(masses))
	for i, m := range masses {
		ps[i] = priced{m, m.loss(f)}
	}
	slices.SortStableFunc(ps, func(a, b priced) int { return cmp.Compare(b.each, a.each) })
	sorted := make([]Mass, len(ps))
	for i := range ps {
		sorted[i] = ps[i].Mass
	}
	return sorted
}

// MaxGamma is how far Balance looks.
const MaxGamma = 10

// Balance returns the smallest γ in [0, MaxGamma], to 1e-6, at which the focal
// loss with the given α weighs the same on both targets, or an error that says
// why there is none.
//
// In γ the difference of the two sides is a sum of exponentials, so it can
// change sign more than once; it is walked in steps of 1/64 and the first
// change of sign is bisected. Two crossings within one step, where a curve
// only just touches the other, would be missed.
func Balance(masses []Mass, alpha float64) (float64, error) {
	if err := bothSides(masses); err != nil {
		return math.NaN(), err
	}
	excess := excess(masses, alpha)
	const steps = 64 * MaxGamma
	at0 := excess(0)
	for i := 1; i <= steps; i++ {
		hi := float64(i) * MaxGamma / steps
		if at0 == 0 || (excess(hi) > 0) != (at0 > 0) {
			return bisect(excess, hi-MaxGamma/float64(steps), hi, at0 > 0), nil
		}
	}
	if at0 > 0 {
		return math.NaN(), fmt.Errorf("negatives weigh more at every γ up to %d", MaxGamma)
	}
	return math.NaN(), fmt.Errorf("positives weigh more at every γ up to %d", MaxGamma)
}

// excess returns the loss of target 0 less that of target 1 as a function of γ.
func excess(masses []Mass, alpha float64) func(gamma float64) float64 {
	type term struct{ at0, lnq float64 } // its loss at γ = 0, and ln(1-p_t), or ln|p-t|
	terms := make([]term, len(masses))
	for i, m := range masses {
		f := Focal{Alpha: alpha}
		sign := float64(1 - 2*int(m.Target))
		terms[i] = term{sign * float64(m.N) * m.loss(f), m.lnOff()}
	}
	return func(gamma float64) float64 {
		var s Sum
		for _, t := range terms {
			s.Add(t.at0 * math.Exp(gamma*t.lnq))
		}
		return s.Total()
	}
}

func bothSides(masses []Mass) error {
	var n [2]int64
	for _, m := range masses {
		n[m.Target] += m.N
	}
	switch {
	case n[One] == 0:
		return fmt.Errorf("there are no positives")
	case n[Zero] == 0:
		return fmt.Errorf("there are no negatives")
	}
	return nil
}

// bisect narrows a change of sign of f in [lo,hi] down to 1e-7.
func bisect(f func(float64) float64, lo, hi float64, above bool) float64 {
	for hi-lo > 1e-7 {
		mid := (lo + hi) / 2
		if v := f(mid); v != 0 && (v > 0) == above {
			lo = mid
		} else {
			hi = mid
		}
	}
	return (lo + hi) / 2
}

// Sum is a compensated sum (Neumaier, "Rundungsfehleranalyse einiger Verfahren
// zur Summation endlicher Summen", 1974): its error stays near one rounding of
// the result, whatever the number of terms, as long as they do not cancel. The
// zero value is empty.
type Sum struct{ total, rest float64 }

// Add adds x.
func (s *Sum) Add(x float64) {
	x = float64(x) // a product that the caller passes is rounded first, on every processor
	t := s.total + x
	if math.Abs(s.total) >= math.Abs(x) {
		s.rest += (s.total - t) + x
	} else {
		s.rest += (x - t) + s.total
	}
	s.total = t
}

// Total returns the sum so far.
func (s *Sum) Total() float64 { return s.total + s.rest }
