package boost

import (
	"math"
	"slices"
)

const (
	digit  = 11                       // bits by which numbers are sorted at once
	digits = (64 + digit - 1) / digit // of a number
	small  = 1 << digit               // so few numbers are sorted by comparison
	sign   = uint64(1) << 63
)

// sortNumbers sorts numbers as slices.Sort does, NaN first, by their digits from the lowest on. It leaves out digits
// that all numbers have in common, such as the lower half of numbers rounded to float32. keys are its memory.
func sortNumbers(x []float64, keys *[2][]uint64) {
	n := len(x)
	if n < small {
		slices.Sort(x)
		return
	}
	for i := range keys {
		keys[i] = slices.Grow(keys[i][:0], n)[:n]
	}
	from, to := keys[0], keys[1]
	var counts [digits][1 << digit]int32
	for i, v := range x {
		k := rising(v)
		from[i] = k
		for d := range counts {
			counts[d][k>>(digit*d)&(1<<digit-1)]++
		}
	}
	for d := range counts {
		count, shift := &counts[d], digit*d
		if int(count[from[0]>>shift&(1<<digit-1)]) == n {
			continue
		}
		at := int32(0)
		for b, c := range count {
			count[b] = at
			at += c
		}
		for _, k := range from {
			b := k >> shift & (1<<digit - 1)
			to[count[b]] = k
			count[b]++
		}
		from, to = to, from
	}
	for i, k := range from {
		x[i] = number(k)
	}
}

// rising returns a whole number that rises with x, 0 for NaN.
func rising(x float64) uint64 {
	k := math.Float64bits(x)
	switch {
	case x != x:
		return 0
	case k&sign != 0:
		return ^k
	}
	return k | sign
}

// number is the number that rising gives k for.
func number(k uint64) float64 {
	switch {
	case k == 0:
		return math.NaN()
	case k&sign != 0:
		return math.Float64frombits(k &^ sign)
	}
	return math.Float64frombits(^k)
}
