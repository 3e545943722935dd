package labels

import "math"

// scale brings a model's chances to what happens: boosting stops while it is still
// too cautious. It is Platt's (1999): the logit times slope plus shift, fitted on
// rows that the model has not seen. It keeps the order. Some kinds have another fit (contrast.go).
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

// newton sums the first and second derivatives of a likelihood by shift and slope, over rows.
type newton struct{ g0, g1, h00, h01, h11 float64 }

// add adds a row with the logit z: the derivatives by the scaled logit, d and h.
func (n *newton) add(d, h, z float64) {
	n.g0 += d
	n.g1 += float64(d * z)
	n.h00 += h
	n.h01 += float64(h * z)
	n.h11 += float64(h * z * z)
}

// step returns the step of shift and slope, neither of more than one unit, so that a few odd rows can't throw it. It
// is not ok where the rows do not tell.
func (n *newton) step() (shift, slope float64, ok bool) {
	det := float64(n.h00*n.h11) - float64(n.h01*n.h01)
	if !(det > 1e-12*n.h00*n.h11) {
		return 0, 0, false
	}
	a := (float64(n.h11*n.g0) - float64(n.h01*n.g1)) / det
	b := (float64(n.h00*n.g1) - float64(n.h01*n.g0)) / det
	most := max(1, math.Abs(a), math.Abs(b))
	return a / most, b / most, true
}

// fitScale fits a scale by Newton's method. It gives up, to a scale that changes
// nothing, where the rows do not tell.
func fitScale(rows []row) scale {
	s := scale{0, 1}
	for range 50 {
		var n newton
		for _, r := range rows {
			p, y := sigmoid(s.shift+float64(s.slope*r.z)), 0.0
			if r.wrong {
				y = 1
			}
			n.add(float64(r.weight*(p-y)), float64(r.weight*p*(1-p)), r.z)
		}
		a, b, ok := n.step()
		if !ok {
			return scale{0, 1}
		}
		s.shift -= a
		s.slope -= b
		if math.Abs(a)+math.Abs(b) < 1e-9 {
			break
		}
	}
	if !(s.slope > 0.1 && s.slope < 10) {
		return scale{0, 1}
	}
	return s
}

// calibrate fits the scale of every kind on rows that the models have not seen, as common as at
// the judge's prevalence: simulated errors against right labels, or against labels as they are.
func (j *Judge) calibrate(f *fitting, a *answers, l *learner) {
	var n [NumKinds]float64
	left := 1.0
	for i, k := range l.objects.Kind {
		if f.has(&l.objects.at[i], k) {
			n[k] += f.weight(0, i)
		}
	}
	for k := Spurious; k < NumKinds; k++ {
		left -= j.prevalence[k]
	}
	posteriors := make([][NumKinds]float64, len(a.objects))
	for i, r := range a.objects {
		posteriors[i] = j.posterior(r)
	}
	for kind := Spurious; kind < NumKinds; kind++ {
		if contrasted[kind] {
			if j.scales[kind] = (scale{0, 1}); j.known[kind] {
				rows := j.contrasts(kind, f, a, l)
				most := float64(j.prevalence[kind] * float64(len(a.labels)))
				j.scales[kind] = bounded(fitContrast(rows).coarse(), rows, most+math.Sqrt(most)).coarse()
			}
			continue
		}
		var rs []row
		for i, k := range l.objects.Kind {
			if !f.has(&l.objects.at[i], k) {
				continue
			}
			w := f.weight(0, i) * left
			if k != right {
				w = f.weight(0, i) * j.prevalence[k] * n[right] / n[k]
			}
			rs = append(rs, row{logit(posteriors[i][kind]), w, k == uint8(kind)})
		}
		j.scales[kind] = j.scaleOf(kind, rs)
	}
	var rs []row
	for i, k := range l.seen.Kind {
		if !f.has(&l.seen.at[i], k) {
			continue
		}
		w := f.weight(1, i)
		if k == isMissed {
			w *= j.prevalence[Missing] / float64(rate*f.simulations)
		}
		rs = append(rs, row{logit(j.overlooked(a.seen[i])), w, k == isMissed})
	}
	j.scales[Missing] = j.scaleOf(Missing, rs)
}

// scaleOf fits the scale of a kind, which changes nothing if the kind is not known.
func (j *Judge) scaleOf(kind Kind, rs []row) scale {
	if !j.known[kind] {
		return scale{0, 1}
	}
	return fitScale(rs)
}
