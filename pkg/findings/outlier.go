package findings

import "math"

// Usual is what is usual for a quantity: its median and its spread.
type Usual struct {
	N      int
	Median float64
	Spread float64 // median absolute deviation, scaled to a normal distribution's standard deviation
}

// madScale makes the median absolute deviation of a normal distribution its
// standard deviation: 1/Φ⁻¹(3/4).
const madScale = 1.4826022185056018

// Measure returns what is usual among xs, which it reorders.
func Measure(xs []float64) Usual {
	if len(xs) == 0 {
		return Usual{}
	}
	u := Usual{N: len(xs), Median: median(xs)}
	if u.Spread = math.Inf(1); math.IsInf(u.Median, 0) { // nothing is far from it
		return u
	}
	for i, x := range xs {
		xs[i] = math.Abs(x - u.Median)
	}
	u.Spread = madScale * median(xs)
	return u
}

// Outlier settings. A class tells what is usual from minObjects objects on:
// the median absolute deviation of 30 values is known to about one fifth.
// Under a normal distribution of logarithms, a deviation of 6 spreads is met
// once in 5·10^8 objects; real classes have heavier tails, so that what is
// flagged is rare but not always wrong: the severity is info. minSpread, a
// quarter octave, keeps classes of near-constant size from flagging every
// rounding.
const (
	minObjects = 30
	maxScore   = 6
	minSpread  = 0.25

	// maxShare is the share of a class, on one side, above which outliers are no exception:
	// a traffic data set has 11 % of its cars seen from the side.
	maxShare = 0.01
)

// Rare reports whether so many outliers are few enough among the values to be
// exceptions.
func (u Usual) Rare(outliers int) bool { return float64(outliers) <= max(1, maxShare*float64(u.N)) }

// Score returns how many spreads x is from the median, signed, and whether
// that is far enough, among enough values, to be flagged.
func (u Usual) Score(x float64) (z float64, outlier bool) {
	if u.N < minObjects {
		return 0, false
	}
	z = (x - u.Median) / max(u.Spread, minSpread)
	return z, math.Abs(z) > maxScore
}

// median returns the lower median of xs, which it reorders, by Hoare's selection.
// slices.Sort would be plainer, but takes 160 ns a value where this takes 20
// (BenchmarkMedian): half a second more for COCO train2017, whose 850,000 sizes and as
// many aspects each need two medians.
func median(xs []float64) float64 {
	lo, hi, k := 0, len(xs)-1, (len(xs)-1)/2
	for lo < hi {
		pivot := xs[lo+(hi-lo)/2]
		i, j := lo, hi
		for i <= j {
			for xs[i] < pivot {
				i++
			}
			for xs[j] > pivot {
				j--
			}
			if i <= j {
				xs[i], xs[j] = xs[j], xs[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case k <= j:
			hi = j
		case k >= i:
			lo = i
		default:
			return xs[k]
		}
	}
	return xs[k]
}
