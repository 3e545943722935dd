package loss

import "math"

// Bank computes several losses of one term together: they share the sigmoid
// and the logarithm, which cost most.
type Bank []Focal

// At sets loss and grad to what Focal.Loss and Focal.Grad give for each loss of
// the bank, to a few roundings.
func (b Bank) At(z Logit, y Target, loss, grad []float64) {
	x := z.truth(y)
	p, q := sigmoid(x), sigmoid(-x)
	ce := softplus(-x)
	for i, f := range b {
		w := f.Weight(y) * power(q, f.Gamma)
		loss[i] = w * ce
		grad[i] = w * (float64(f.Gamma*p*ce) + q)
	}
}

// power is q^γ, without a logarithm for the exponents that are swept.
func power(q, gamma float64) float64 {
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
