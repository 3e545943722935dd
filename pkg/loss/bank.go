package loss

import "math"

// Bank computes several losses of one term together: they share the sigmoid
// and the logarithm, which cost most.
type Bank []Focal

// Score is a probability in (0,1) with what its losses take: its complement,
// and the logarithms of both.
type Score struct{ P, Q, lp, lq float64 }

// ScoreOf returns the score of a probability. 1-p is exact for p above 1/2.
func ScoreOf(p float64) Score { return Score{p, 1 - p, ln(p), math.Log1p(-p)} }

// ScoreOfLogs returns the score of a probability whose complement and logarithms are known.
func ScoreOfLogs(p, q, lp, lq float64) Score { return Score{p, q, lp, lq} }

// Score returns the score of a logit.
func (z Logit) Score() Score {
	x := float64(z)
	return Score{sigmoid(x), sigmoid(-x), -softplus(-x), -softplus(x)}
}

// CE returns the cross entropy, -ln p_t.
func (s Score) CE(y Target) float64 {
	if y == One {
		return -s.lp
	}
	return -s.lq
}

// Logit returns the score's logit.
func (s Score) Logit() Logit { return Logit(s.lp - s.lq) }

// PT returns p_t, the probability that the score gives to the truth.
func (s Score) PT(y Target) float64 {
	if y == One {
		return s.P
	}
	return s.Q
}

// At sets loss and grad to what Focal.Loss and Focal.Grad give for each loss of
// the bank, to a few roundings of the score.
func (b Bank) At(s Score, y Target, loss, grad []float64) {
	p, q, ce := s.P, s.Q, -s.lp
	if y == Zero {
		p, q, ce = q, p, -s.lq
	}
	for i, f := range b {
		w := f.Weight(y) * Power(q, f.Gamma)
		loss[i] = w * ce
		grad[i] = w * (float64(f.Gamma*p*ce) + q)
	}
}

// Soft sets loss and grad to what Mass.Loss and the magnitude of its derivative by the logit are
// for each loss of the bank, where a term should have scored target.
func (b Bank) Soft(s Score, target float64, loss, grad []float64) {
	off, ce := math.Abs(s.P-target), s.softCE(target)
	for i, f := range b {
		w := f.softWeight(target)
		power := Power(off, f.Gamma)
		loss[i] = w * power * ce
		grad[i] = w * float64(power*off)
		if f.Gamma > 0 && off > 0 {
			grad[i] += float64(w * float64(f.Gamma*power/off) * float64(s.P*s.Q) * ce)
		}
	}
}

// softCE is the cross entropy of a term that should have scored target.
func (s Score) softCE(target float64) float64 {
	return float64(-s.lp*target) + float64(-s.lq*(1-target))
}

// softWeight is α_t of a term that should have scored target.
func (f Focal) softWeight(target float64) float64 {
	if f.Alpha < 0 {
		return 1
	}
	return float64(f.Alpha*target) + float64((1-f.Alpha)*(1-target))
}

// Losses sets loss to what At does.
func (b Bank) Losses(s Score, y Target, loss []float64) {
	q, ce := s.Q, -s.lp
	if y == Zero {
		q, ce = s.P, -s.lq
	}
	for i, f := range b {
		loss[i] = f.Weight(y) * Power(q, f.Gamma) * ce
	}
}

// Power is q^γ, without a logarithm for the exponents that are swept.
func Power(q, gamma float64) float64 {
	switch gamma {
	case 0:
		return 1
	case 0.5:
		return math.Sqrt(q)
	case 1:
		return q
	case 2:
		return q * q
	case 5:
		return q * q * (q * q) * q
	}
	return math.Pow(q, gamma)
}
