package boost

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

var settings = Settings{Trees: 80, Leaves: 6, Rate: 0.1, Lambda: 1, Least: 20}

// draw draws rows of three kinds: inside a ring, beyond it, and above a line.
func draw(seed uint64, n int) *Rows {
	rng := rand.New(rand.NewPCG(seed, 1))
	r := &Rows{Width: 3}
	for range n {
		x, y := 2*rng.Float64()-1, 2*rng.Float64()-1
		r.Add([]float64{x, y, rng.Float64()}, truth(x, y))
	}
	return r
}

func truth(x, y float64) uint8 {
	switch {
	case y > 0.6:
		return 2
	case x*x+y*y < 0.4:
		return 0
	}
	return 1
}

// TestFit: the model tells rows apart that it has not seen, where no single number
// does; the third number says nothing.
func TestFit(t *testing.T) {
	m := Fit(context.Background(), draw(1, 4000), 3, settings)
	test := draw(2, 2000)
	wrong := 0
	var p [3]float64
	for i, kind := range test.Kind {
		m.Predict(test.X[3*i:3*i+3], p[:])
		if s := p[0] + p[1] + p[2]; math.Abs(s-1) > 1e-12 {
			t.Fatalf("probabilities add up to %v", s)
		}
		for _, q := range p {
			if q > p[kind] {
				wrong++
				break
			}
		}
	}
	if wrong > 100 {
		t.Errorf("%d of 2000 wrong", wrong)
	}
}

// TestCalibrated: where kinds are a matter of chance, probabilities are how often
// they come: within four standard deviations, and 0.02 for the model's own variance.
func TestCalibrated(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	r := &Rows{Width: 1}
	const n = 20000
	var count [4]float64
	for range n {
		step := rng.IntN(4)
		kind := uint8(0)
		if rng.Float64() < 0.1+0.2*float64(step) {
			kind = 1
		}
		count[step]++
		r.Add([]float64{float64(step)}, kind)
	}
	m := Fit(context.Background(), r, 2, settings)
	var p [2]float64
	for step := range 4 {
		want := 0.1 + 0.2*float64(step)
		m.Predict([]float64{float64(step)}, p[:])
		if math.Abs(p[1]-want) > 0.02+4*math.Sqrt(want*(1-want)/count[step]) {
			t.Errorf("step %d: %v, want %v", step, p[1], want)
		}
	}
}

func TestFitIsTheSame(t *testing.T) {
	if a, b := fmt.Sprint(*Fit(context.Background(), draw(1, 500), 3, settings)), fmt.Sprint(*Fit(context.Background(), draw(1, 500), 3, settings)); a != b {
		t.Error("two fits of the same rows differ")
	}
}

// TestFitLittle: no rows, one, equal ones, and kinds that never come.
func TestFitLittle(t *testing.T) {
	var p [3]float64
	for _, n := range []int{0, 1, 50} {
		r := &Rows{Width: 2}
		for range n {
			r.Add([]float64{1, 2}, 1)
		}
		Fit(context.Background(), r, 3, settings).Predict([]float64{5, 5}, p[:])
		for k, q := range p {
			if math.IsNaN(q) || n == 50 && (k == 1) != (q > 0.9) {
				t.Errorf("%d rows: %v", n, p)
			}
		}
	}
}

// TestAnswers: a tree with a table of answers has the values that it has without, at the cuts and beside them, for NaN,
// and as a lone leaf. Trees of more divisions have no table.
func TestAnswers(t *testing.T) {
	rng := rand.New(rand.NewPCG(18, 18))
	for range 300 {
		var of tree
		of.values = append(of.values, rng.Float64())
		for s := range rng.IntN(mostAnswers + 3) {
			d := division{leaf: int32(rng.IntN(s + 1)), feature: int32(rng.IntN(3)), cut: float64(rng.IntN(5))}
			of.divisions, of.values = append(of.divisions, d), append(of.values, rng.Float64())
		}
		plain := of
		of.answer()
		if small := len(of.divisions) <= mostAnswers; (of.answers != nil) != small {
			t.Fatalf("%d divisions: %d answers", len(of.divisions), len(of.answers))
		}
		for range 50 {
			x := []float64{float64(rng.IntN(6)), float64(rng.IntN(12)) / 2, math.NaN()}
			if got, want := of.value(x), plain.value(x); got != want {
				t.Fatalf("%v of %+v: %v, want %v", x, plain, got, want)
			}
		}
	}
}

// BenchmarkPredict asks a model of the size of those of objects' labels.
func BenchmarkPredict(b *testing.B) {
	rng := rand.New(rand.NewPCG(19, 19))
	rows := random(rng, 4000, 32, 5)
	m := Fit(context.Background(), rows, 5, Settings{Trees: 80, Leaves: 4, Rate: 0.1, Lambda: 1, Least: 20, OneOf: 4})
	p, i := make([]float64, 5), 0
	for b.Loop() {
		m.Predict(row(rows, i), p)
		i = (i + 1) % rows.Len()
	}
}

func BenchmarkFit(b *testing.B) {
	rows := draw(1, 20000)
	for b.Loop() {
		Fit(context.Background(), rows, 3, settings)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/20000, "ns/row")
}
