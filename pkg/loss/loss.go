// Package loss says what a score costs, and how the cost is spread.
//
// Everything is computed from the logit x, with p = 1/(1+e^-x). For a term
// with target 1 the probability of the truth is p_t = p, for target 0 it is
// p_t = 1-p: both are the sigmoid of a signed logit, x or -x, and 1-p_t is the
// sigmoid of its opposite. In this form neither p_t near 1 nor p_t near 0
// loses digits: ln p_t is never taken of a rounded p_t, and 1-p_t is never a
// difference. Losses are in nats.
package loss

import "math"

// Logit is the log-odds ln(p/(1-p)) of a score p.
type Logit float64

// LogitOf returns the logit of a probability in (0,1).
func LogitOf(p float64) Logit { return Logit(ln(p) - math.Log1p(-p)) }

// ln is math.Log, which on amd64 is off by up to 35 below the smallest normal number: its assembly (log_amd64.s) takes
// the leading bit of the fraction as given.
func ln(p float64) float64 {
	const normal, shift = 0x1p-1022, 52
	if p < normal {
		return math.Log(p*(1<<shift)) - float64(shift*math.Ln2)
	}
	return math.Log(p)
}

// P returns the probability of z, in [0,1].
func (z Logit) P() float64 { return sigmoid(float64(z)) }

// sigmoid is 1/(1+e^-x) with full relative precision at both ends.
func sigmoid(x float64) float64 {
	if x >= 0 {
		return 1 / (1 + math.Exp(-x))
	}
	e := math.Exp(x)
	return e / (1 + e)
}

// softplus is ln(1+e^x), without overflow and without cancellation.
func softplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

// Target is what a term should have scored.
type Target uint8

// The targets of a sigmoid term.
const (
	Zero Target = iota // background, or another class
	One                // the object's own term
)

// truth returns the signed logit: p_t is its sigmoid.
func (z Logit) truth(y Target) float64 {
	if y == One {
		return float64(z)
	}
	return -float64(z)
}

// PT returns p_t, the probability that the score gives to the truth.
func PT(z Logit, y Target) float64 { return sigmoid(z.truth(y)) }

// Off as the Alpha of a Focal switches balancing off: both targets weigh 1.
const Off = -1

// Focal is the focal loss -α_t·(1-p_t)^γ·ln p_t of Lin et al., "Focal Loss for
// Dense Object Detection" (ICCV 2017), equation 5, as torchvision's
// ops/focal_loss.py has it: α_t is α for target 1 and 1-α for target 0. Binary
// cross entropy is Focal{Off, 0}, the α-balanced one Focal{α, 0}.
type Focal struct {
	Alpha float64 // in [0,1], or Off
	Gamma float64 // >= 0
}

// BCE is binary cross entropy, -ln p_t.
var BCE = Focal{Alpha: Off}

// Weight returns α_t.
func (f Focal) Weight(y Target) float64 {
	switch {
	case f.Alpha < 0:
		return 1
	case y == One:
		return f.Alpha
	}
	return 1 - f.Alpha
}

// Loss returns the loss of one term, >= 0.
func (f Focal) Loss(z Logit, y Target) float64 {
	x := z.truth(y)
	return f.Weight(y) * f.modulate(x) * softplus(-x)
}

// Grad returns the magnitude of the loss's derivative by the logit, which is
// what training feels: α_t·(1-p_t)^γ·(γ·p_t·(-ln p_t) + 1 - p_t), from
// appendix B of the article.
func (f Focal) Grad(z Logit, y Target) float64 {
	x := z.truth(y)
	return f.Weight(y) * f.modulate(x) * (float64(f.Gamma*sigmoid(x)*softplus(-x)) + sigmoid(-x))
}

// modulate is (1-p_t)^γ. Through the logarithm it keeps its relative precision
// where 1-p_t is tiny and γ is large.
func (f Focal) modulate(x float64) float64 {
	switch f.Gamma {
	case 0:
		return 1
	case 1:
		return sigmoid(-x)
	case 2:
		q := sigmoid(-x)
		return q * q
	}
	return math.Pow(sigmoid(-x), f.Gamma)
}
