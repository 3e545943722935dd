package loss

import "math"

// Histogram counts terms of one target by logit, in bins of 1/2048. Each bin
// keeps the sum of its terms' places within it in whole numbers: so histograms
// add up to the same in any order, and a bin's terms are stood in for by their
// mean. The loss of a bin is off by at most (1+γ)²/(8·2048²) of itself, the
// second order for terms at both ends of a bin: 2.7e-7 for γ = 2, 3.6e-6 for
// γ = 10, and a third of that for terms that spread evenly. A term beyond ±MaxLogit goes to the last bin.
type Histogram struct {
	n     []int64 // of the bins from base on: memory is taken for those around the terms only
	place []int64 // sum of places within the bin, in 2^-20 of its width
	base  int
	first int // bins from first to last may hold terms
	last  int
}

// MaxLogit bounds the logits that a Histogram tells apart: a float64 sigmoid is
// 1 to its last digit from 37 on, a float32 one from 17 on.
const MaxLogit = 40

const (
	perLogit  = 2048
	bins      = 2 * MaxLogit * perLogit
	placeUnit = 1 << 20
	stretch   = 1 << 12 // bins whose memory is taken together; divides bins
)

// cover takes the memory of some bins.
func (h *Histogram) cover(first, last int) {
	if h.n == nil {
		h.first, h.last = bins, -1
		h.base = first / stretch * stretch
	} else if first >= h.base && last < h.base+len(h.n) {
		return
	}
	from := min(h.base, first/stretch*stretch)
	to := max(h.base+len(h.n), (last/stretch+1)*stretch)
	n, place := make([]int64, to-from), make([]int64, to-from)
	copy(n[h.base-from:], h.n)
	copy(place[h.base-from:], h.place)
	h.n, h.place, h.base = n, place, from
}

// Add counts a term.
func (h *Histogram) Add(z Logit) { h.AddN(z, 1) }

// AddN counts n terms of one logit.
func (h *Histogram) AddN(z Logit, n int64) {
	at := (max(-MaxLogit, min(float64(z), MaxLogit)) + MaxLogit) * perLogit
	bin := min(int(at), bins-1)
	if k := bin - h.base; k < 0 || k >= len(h.n) {
		h.cover(bin, bin)
	}
	h.n[bin-h.base] += n
	h.place[bin-h.base] += n * int64((at-float64(bin))*placeUnit)
	h.first, h.last = min(h.first, bin), max(h.last, bin)
}

// Merge adds the terms of another histogram.
func (h *Histogram) Merge(o *Histogram) {
	if o.n == nil {
		return
	}
	h.cover(o.first, o.last)
	for bin := o.first; bin <= o.last; bin++ {
		h.n[bin-h.base] += o.n[bin-o.base]
		h.place[bin-h.base] += o.place[bin-o.base]
	}
	h.first, h.last = min(h.first, o.first), max(h.last, o.last)
}

// Masses appends a mass for every bin that holds terms, in rising order of
// logit.
func (h *Histogram) Masses(ms []Mass, y Target) []Mass {
	if h.n == nil {
		return ms
	}
	for bin := h.first; bin <= h.last; bin++ {
		if n := h.n[bin-h.base]; n > 0 {
			within := (float64(h.place[bin-h.base])/float64(n) + 0.5) / placeUnit
			ms = append(ms, Mass{N: n, Z: Logit((float64(bin)+within)/perLogit - MaxLogit), Target: y})
		}
	}
	return ms
}

// Point is a point of a cumulative curve.
type Point struct {
	X float64 // fraction of the terms, those of the lowest loss first
	Y float64 // their share of the loss
}

// curveStep is how far in y the points of a curve are apart, unless a single mass
// makes a larger step.
const curveStep = 1.0 / 2048

// Curve returns the cumulative distribution of the loss over terms of one target,
// figure 4 of the focal-loss paper: from (0,0) to (1,1), straight between the
// points. Equal scores are one mass, whose line is exact; elsewhere no y is off
// by more than 1/2048. It is nil if there is no loss to share.
func (f Focal) Curve(masses []Mass) []Point {
	byLoss := f.byLoss(masses)
	var n int64
	for _, m := range byLoss {
		n += m.N
	}
	total := f.Sum(masses)
	if !(total > 0) || math.IsInf(total, 0) {
		return nil
	}
	points := []Point{{}}
	var x int64
	var y Sum
	at := Point{}
	for i := len(byLoss) - 1; i >= 0; i-- {
		m := byLoss[i]
		before := at
		x += m.N
		y.Add(float64(m.N) * m.loss(f))
		at = Point{float64(x) / float64(n), min(1, y.Total()/total)}
		last := points[len(points)-1]
		if at.Y-last.Y > curveStep && before != last {
			points = append(points, before)
		}
		if at.Y-points[len(points)-1].Y > curveStep {
			points = append(points, at)
		}
	}
	if points[len(points)-1] != (Point{1, 1}) {
		points = append(points, Point{1, 1})
	}
	return points
}
