package distribution

import "math"

// Drift is how far one source is apart from all others together, in one figure.
type Drift struct {
	Figure Figure
	Source int

	// Divergence is the Jensen-Shannon divergence to base 2 of the source's histogram and
	// that of the others (Lin, "Divergence measures based on the Shannon entropy", 1991), in
	// [0,1]: 0 for equal ones, 1 for such that have nothing in common.
	Divergence float64

	// ByChance is the divergence to expect of two samples of these sizes from one
	// distribution: (k-1)(1/n+1/m)/(8 ln 2) with k bins in use, at most 1. It is the mean of
	// the chi-squared distribution that the divergence has then, times its factor. Objects of
	// one image are alike, so that chance alone may do more.
	ByChance float64
}

// Drifts returns for each figure the source that is farthest from the others; none for a
// figure in which fewer than two sources have anything.
func (d *Distribution) Drifts() (out []Drift) {
	for f := range Figure(NumFigures) {
		all := make([]int64, f.bins(d.Classes))
		for s := range d.Sources {
			addTo(all, d.Sources[s].Counts[f])
		}
		worst, found := Drift{}, false
		for s := range d.Sources {
			if of, ok := drift(d.Sources[s].Counts[f], all); ok && (!found || of.Divergence > worst.Divergence) {
				worst, found = of, true
				worst.Figure, worst.Source = f, s
			}
		}
		if found {
			out = append(out, worst)
		}
	}
	return out
}

// drift returns how far one histogram is from the rest of all; ok is false if it or the rest
// has nothing.
func drift(own, all []int64) (out Drift, ok bool) {
	n, m, k := 0.0, 0.0, 0
	for i := range all {
		n += float64(own[i])
		m += float64(all[i] - own[i])
		if all[i] > 0 {
			k++
		}
	}
	if n == 0 || m == 0 {
		return Drift{}, false
	}
	chance := float64(k-1) * (1/n + 1/m) / (8 * math.Ln2)
	return Drift{Divergence: jensenShannon(own, all, n, m), ByChance: min(1, chance)}, true
}

// jensenShannon returns the divergence of a histogram of n and the rest of all, m.
func jensenShannon(own, all []int64, n, m float64) (sum float64) {
	part := func(p, mean float64) float64 {
		if p == 0 {
			return 0
		}
		return float64(p * math.Log2(p/mean))
	}
	for i := range own {
		p, q := float64(own[i])/n, float64(all[i]-own[i])/m
		mean := (p + q) / 2
		sum += part(p, mean) + part(q, mean)
	}
	return max(0, min(1, sum/2))
}
