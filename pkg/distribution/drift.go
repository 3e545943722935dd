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
		all := d.all(f)
		worst, found := Drift{}, false
		for s := range d.Sources {
			if of, ok := all.drift(d.Sources[s].bins(f)); ok && (!found || of.Divergence > worst.Divergence) {
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

// bin is a bin that is not empty.
type bin struct {
	at int32
	n  int64
}

// bins returns the bins of a figure that are not empty. There may be many sources with a few of many classes each, so
// nothing goes through the empty bins of a source.
func (s *Source) bins(f Figure) (own []bin) {
	if f == Class {
		for i := range s.Classes {
			own = append(own, bin{s.Classes[i].Class, s.Classes[i].Objects})
		}
		return own
	}
	for i, n := range s.Counts[f] {
		if n > 0 {
			own = append(own, bin{int32(i), n})
		}
	}
	return own
}

// histogram counts a figure over all sources.
type histogram struct {
	counts []int64
	n      int64 // sum of counts
	used   int   // bins that have something
}

// all returns the histogram of a figure over all sources.
func (d *Distribution) all(f Figure) histogram {
	h := histogram{counts: make([]int64, f.bins(d.Classes))}
	for s := range d.Sources {
		for _, b := range d.Sources[s].bins(f) {
			if h.counts[b.at] == 0 {
				h.used++
			}
			h.counts[b.at] += b.n
			h.n += b.n
		}
	}
	return h
}

// drift returns how far a source with some bins is from the rest; ok is false if it or the rest has nothing.
func (h *histogram) drift(own []bin) (out Drift, ok bool) {
	total := int64(0)
	for _, b := range own {
		total += b.n
	}
	n, m := float64(total), float64(h.n-total)
	if n == 0 || m == 0 {
		return Drift{}, false
	}
	chance := float64(h.used-1) * (1/n + 1/m) / (8 * math.Ln2)
	return Drift{Divergence: h.jensenShannon(own, n, m), ByChance: min(1, chance)}, true
}

// jensenShannon returns the divergence of a source with n objects or images from the rest with m. A bin in which the
// source has nothing adds the rest's share of it: the mean is half of that, and log2(2) is 1.
func (h *histogram) jensenShannon(own []bin, n, m float64) float64 {
	part := func(p, mean float64) float64 {
		if p == 0 {
			return 0
		}
		return float64(p * math.Log2(p/mean))
	}
	sum, alone := 0.0, h.n // alone: of the rest, in bins in which the source has nothing
	for _, b := range own {
		of := h.counts[b.at]
		p, q := float64(b.n)/n, float64(of-b.n)/m
		mean := (p + q) / 2
		sum += part(p, mean) + part(q, mean)
		alone -= of
	}
	return max(0, min(1, (sum+float64(alone)/m)/2))
}
