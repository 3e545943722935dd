package findings

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

type floats []float64

func (f floats) Len() int         { return len(f) }
func (f floats) At(i int) float64 { return f[i] }

// TestMeasureSorted: numbers that are divided among sorted lists anyhow have the median and the spread of all of them,
// to the bit, and the lists' outliers are those numbers that Score flags. So have numbers that are counted.
func TestMeasureSorted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.Map(rapid.IntRange(0, 3), func(n int) float64 { return float64(n) })
		number := rapid.OneOf(rapid.Float64Range(-8, 8), whole,
			rapid.SampledFrom([]float64{math.Inf(1), math.Inf(-1), 0, 50, -50}))
		all := rapid.SliceOfN(number, 0, 120).Draw(t, "numbers")
		lists := make([]floats, rapid.IntRange(1, 5).Draw(t, "lists"))
		counts := map[int32]int64{}
		values := []float64{}
		for _, x := range all {
			k := rapid.IntRange(0, len(lists)-1).Draw(t, "list")
			lists[k] = append(lists[k], x)
			at := slices.Index(values, x)
			if at < 0 {
				at, values = len(values), append(values, x)
			}
			counts[int32(at)]++
		}
		for _, l := range lists {
			slices.Sort(l)
		}
		want := Measure(slices.Clone(all))
		if got := MeasureSorted(lists); got != want {
			t.Fatalf("sorted: %+v, want %+v", got, want)
		}
		if !math.IsInf(want.Median, 0) {
			if got := MeasureCounts(counts, func(i int32) float64 { return values[i] }); got != want {
				t.Fatalf("counted: %+v, want %+v", got, want)
			}
		}
		for _, l := range lists {
			first, last := want.Outliers(l)
			for i, x := range l {
				if z, outlier := want.Score(x); outlier != (i < first || i >= last) || outlier && (z < 0) != (i < first) {
					t.Fatalf("%g of %v: outliers up to %d and from %d", x, l, first, last)
				}
			}
		}
	})
}
