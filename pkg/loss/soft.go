package loss

import (
	"cmp"
	"maps"
	"slices"
)

// SoftHistogram counts terms with soft targets by logit, in bins of 1/64, and target, in bins of 1/256.
// As a Histogram's, its bins keep sums of places in whole numbers, and stand for their terms by the mean: the cross
// entropy of a bin is off by at most 1/(32·64²) of a nat for each term, 7.6e-6, if all sit in opposite corners.
type SoftHistogram map[softBin]softCell

type softBin struct{ z, t int32 }

type softCell struct{ n, z, t int64 } // terms; sums of places within the bin, in 1/placeUnit of its width

const (
	softPerLogit = 64
	softTargets  = 256
)

// Add counts a term with a target in [0,1].
func (h SoftHistogram) Add(z Logit, target float64) {
	at := (max(-MaxLogit, min(float64(z), MaxLogit)) + MaxLogit) * softPerLogit
	to := target * softTargets
	bin := softBin{min(int32(at), 2*MaxLogit*softPerLogit-1), min(int32(to), softTargets-1)}
	c := h[bin]
	c.n++
	c.z += int64((at - float64(bin.z)) * placeUnit)
	c.t += int64((to - float64(bin.t)) * placeUnit)
	h[bin] = c
}

// Merge adds the terms of another histogram.
func (h SoftHistogram) Merge(o SoftHistogram) {
	for bin, c := range o {
		had := h[bin]
		h[bin] = softCell{had.n + c.n, had.z + c.z, had.t + c.t}
	}
}

// Masses appends a mass for every bin, in rising order of logit.
func (h SoftHistogram) Masses(ms []Mass) []Mass {
	bins := slices.SortedFunc(maps.Keys(h), func(a, b softBin) int {
		return cmp.Or(cmp.Compare(a.z, b.z), cmp.Compare(a.t, b.t))
	})
	for _, bin := range bins {
		c := h[bin]
		mean := func(sum int64) float64 { return float64(sum) / float64(c.n) / placeUnit }
		ms = append(ms, Mass{
			N: c.n, Z: Logit((float64(bin.z)+mean(c.z))/softPerLogit - MaxLogit), Target: One,
			Less: 1 - (float64(bin.t)+mean(c.t))/softTargets,
		})
	}
	return ms
}
