package findings

import (
	"math"
	"sort"
)

// Sorted are numbers in ascending order, which need not be in memory.
type Sorted interface {
	Len() int
	At(i int) float64
}

// MeasureSorted is Measure of the numbers of all lists together. It asks for few of them: as many as it takes to find
// two medians by halving.
func MeasureSorted[S Sorted](lists []S) (u Usual) {
	var all, apart []run
	for _, l := range lists {
		if n := l.Len(); n > 0 {
			all = append(all, run{n, l.At})
			u.N += n
		}
	}
	if u.N == 0 {
		return u
	}
	u.Median = smallest(all, (u.N-1)/2)
	if u.Spread = math.Inf(1); math.IsInf(u.Median, 0) {
		return u
	}
	for _, l := range all { // on either side of the median, numbers are farther and farther away
		from := sort.Search(l.n, func(i int) bool { return l.at(i) >= u.Median })
		apart = append(apart,
			run{from, func(i int) float64 { return math.Abs(l.at(from-1-i) - u.Median) }},
			run{l.n - from, func(i int) float64 { return math.Abs(l.at(from+i) - u.Median) }})
	}
	u.Spread = madScale * smallest(apart, (u.N-1)/2)
	return u
}

// run is n numbers in ascending order.
type run struct {
	n  int
	at func(i int) float64
}

// smallest returns the number at place k, from 0, of all of some runs in ascending order.
func smallest(runs []run, k int) float64 {
	lo, hi := make([]int, len(runs)), make([]int, len(runs)) // the number is within these
	for i := range runs {
		hi[i] = runs[i].n
	}
	for {
		widest := 0
		for i := range runs {
			if hi[i]-lo[i] > hi[widest]-lo[widest] {
				widest = i
			}
		}
		if lo[widest] >= hi[widest] { // runs that are not in order: what is read of a damaged file
			return math.NaN()
		}
		mid := lo[widest] + (hi[widest]-lo[widest])/2
		pivot := runs[widest].at(mid)
		below, upTo := make([]int, len(runs)), make([]int, len(runs))
		nBelow, nUpTo := 0, 0
		for i, r := range runs {
			n := hi[i] - lo[i]
			below[i] = lo[i] + sort.Search(n, func(j int) bool { return r.at(lo[i]+j) >= pivot })
			upTo[i] = below[i] + sort.Search(hi[i]-below[i], func(j int) bool { return r.at(below[i]+j) > pivot })
			nBelow, nUpTo = nBelow+below[i], nUpTo+upTo[i]
		}
		switch {
		case k < nBelow:
			hi = below
		case k < nUpTo || below[widest] == upTo[widest]:
			return pivot
		default:
			lo = upTo
		}
	}
}

// MeasureCounts is Measure of numbers each of which comes so many times; of returns the number for a key.
func MeasureCounts(counts map[int32]int64, of func(int32) float64) Usual {
	type value struct {
		x float64
		n int64
	}
	var values []value
	u := Usual{}
	for key, n := range counts {
		values = append(values, value{of(key), n})
		u.N += int(n)
	}
	if u.N == 0 {
		return u
	}
	median := func() float64 {
		sort.Slice(values, func(i, j int) bool { return values[i].x < values[j].x })
		left := int64(u.N-1) / 2
		for _, v := range values {
			if left -= v.n; left < 0 {
				return v.x
			}
		}
		return math.NaN()
	}
	u.Median = median()
	for i := range values {
		values[i].x = math.Abs(values[i].x - u.Median)
	}
	u.Spread = madScale * median()
	return u
}

// Outliers returns how many of the first numbers of a list are flagged, and from which on the last ones are.
func (u Usual) Outliers(l Sorted) (first, last int) {
	first = sort.Search(l.Len(), func(i int) bool {
		z, outlier := u.Score(l.At(i))
		return !outlier || z > 0
	})
	last = sort.Search(l.Len(), func(i int) bool {
		z, outlier := u.Score(l.At(i))
		return outlier && z > 0
	})
	return first, last
}
