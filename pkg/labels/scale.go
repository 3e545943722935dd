package labels

import "math"

// scale brings a model's chances to what happens: boosting stops while it is still
// too cautious. It is Platt's (1999): the logit times slope plus shift, fitted on
// rows that the model has not seen. It keeps the order.
type scale struct{ shift, slope float64 }

// of returns the chance for a model's.
func (s scale) of(p float64) float64 { return sigmoid(s.shift + float64(s.slope*logit(p))) }

func sigmoid(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

func logit(p float64) float64 {
	p = max(1e-12, min(1-1e-12, p))
	return math.Log(p / (1 - p))
}

// row is a chance with what came of it, so many times over.
type row struct {
	z, weight float64
	wrong     bool
}

// fitScale fits a scale by Newton's method. It gives up, to a scale that changes
// nothing, where the rows do not tell.
func fitScale(rows []row) scale {
	s := scale{0, 1}
	for range 50 {
		var g0, g1, h00, h01, h11 float64
		for _, r := range rows {
			p, y := sigmoid(s.shift+float64(s.slope*r.z)), 0.0
			if r.wrong {
				y = 1
			}
			d, h := float64(r.weight*(p-y)), float64(r.weight*p*(1-p))
			g0 += d
			g1 += float64(d * r.z)
			h00 += h
			h01 += float64(h * r.z)
			h11 += float64(h * r.z * r.z)
		}
		det := float64(h00*h11) - float64(h01*h01)
		if !(det > 1e-12*h00*h11) {
			return scale{0, 1}
		}
		a, b := (float64(h11*g0)-float64(h01*g1))/det, (float64(h00*g1)-float64(h01*g0))/det
		// no step of more than one unit, so that a few odd rows can't throw it
		most := max(1, math.Abs(a), math.Abs(b))
		s.shift -= a / most
		s.slope -= b / most
		if math.Abs(a)+math.Abs(b) < 1e-9 {
			break
		}
	}
	if !(s.slope > 0.1 && s.slope < 10) {
		return scale{0, 1}
	}
	return s
}

// calibrate fits the scale of every kind, with rows as common as at the prevalence.
func (j *Judge) calibrate(heldOut [][]chances, rounds int) {
	var n [2][NumKinds]float64
	for i, of := range heldOut {
		for k := range of {
			n[i%2][of[k].kind]++
		}
	}
	left := 1.0
	for k := Spurious; k < NumKinds; k++ {
		left -= Prevalence[k]
	}
	for kind := range NumKinds {
		j.scales[kind] = scale{0, 1}
		if !j.known[kind] {
			continue
		}
		var rows []row
		for i, of := range heldOut {
			if (i%2 == 1) != (kind == Missing) {
				continue
			}
			for k := range of {
				r := row{logit(of[k].p[kind]), 1, of[k].kind == uint8(kind)}
				switch {
				case kind == Missing:
					r.wrong = of[k].kind == isMissed
					if r.wrong {
						r.weight = Prevalence[Missing] / (rate * float64(rounds))
					}
				case of[k].kind == right:
					r.weight = left
				default:
					r.weight = Prevalence[of[k].kind] * n[0][right] / n[0][of[k].kind]
				}
				rows = append(rows, r)
			}
		}
		j.scales[kind] = fitScale(rows)
	}
}
