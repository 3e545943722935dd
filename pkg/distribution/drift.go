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
		worst, found := Drift{Figure: f}, false
		for s := range d.Sources {
			if of, ok := d.DriftOf(f, s); ok && (!found || of.Divergence > worst.Divergence) {
				worst, found = of, true
			}
		}
		if found {
			out = append(out, worst)
		}
	}
	return out
}

// DriftOf returns how far a source is from all others; ok is false if it or they have
// nothing.
func (d *Distribution) DriftOf(f Figure, source int) (out Drift, ok bool) {
	own := d.Sources[source].Counts[f]
	rest := make([]int64, len(own))
	for s := range d.Sources {
		if s != source {
			addTo(rest, d.Sources[s].Counts[f])
		}
	}
	n, m := total(own), total(rest)
	if n == 0 || m == 0 {
		return Drift{}, false
	}
	k := 0
	for i := range own {
		if own[i]+rest[i] > 0 {
			k++
		}
	}
	chance := float64(k-1) * (1/n + 1/m) / (8 * math.Ln2)
	return Drift{f, source, jensenShannon(own, rest, n, m), min(1, chance)}, true
}

func total(of []int64) (n float64) {
	for _, x := range of {
		n += float64(x)
	}
	return n
}

// jensenShannon returns the divergence of two histograms with these totals.
func jensenShannon(a, b []int64, n, m float64) (sum float64) {
	part := func(p, mean float64) float64 {
		if p == 0 {
			return 0
		}
		return float64(p * math.Log2(p/mean))
	}
	for i := range a {
		p, q := float64(a[i])/n, float64(b[i])/m
		mean := (p + q) / 2
		sum += part(p, mean) + part(q, mean)
	}
	return max(0, min(1, sum/2))
}
