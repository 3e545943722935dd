package boost

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestExp: e to a power differs from the library's by no more than 1e-14 of it, and is exact where that is known.
func TestExp(t *testing.T) {
	if exp(0) != 1 || exp(math.Inf(-1)) != 0 || !math.IsNaN(exp(math.NaN())) {
		t.Errorf("exp(0) = %v, exp(-∞) = %v, exp(NaN) = %v", exp(0), exp(math.Inf(-1)), exp(math.NaN()))
	}
	rng := rand.New(rand.NewPCG(15, 15))
	for range 200000 {
		x := -math.Pow(10, 8*rng.Float64()-5.5)
		if got, want := exp(x), math.Exp(x); math.Abs(got-want) > 1e-14*want {
			t.Fatalf("exp(%v) = %v, want %v", x, got, want)
		}
	}
}

// TestCells: sums in whole units are the sums, for few rows and many, light and heavy ones, and no field runs over
// into another.
func TestCells(t *testing.T) {
	rng := rand.New(rand.NewPCG(16, 16))
	for _, n := range []int{1, 2, 63, 64, 1000, 100000} {
		for _, weight := range []float64{1e-9, 0.3, 1, 8, 1e6} {
			u := unitsOf(n, weight)
			var sum, half cell
			var grad, hess, steep float64
			for i := range n { // half of the rows at the most that there is
				w, q := weight, 0.5
				if i%2 == 0 {
					w, q = weight*rng.Float64(), rng.Float64()
				}
				c := u.cell(-w*q, w*q*(1-q))
				sum.add(c)
				if i < n/2 {
					half.add(c)
				}
				grad, hess, steep = grad-w*q, hess+w*q*(1-q), steep+w
			}
			g, h := u.of(sum)
			if u.n(sum) != n || math.Abs(g-grad) > 1e-9*steep || math.Abs(h-hess) > 1e-9*steep {
				t.Errorf("%d rows of %v: sums %v, %v of %d, want %v, %v", n, weight, g, h, u.n(sum), grad, hess)
			}
			if u.n(sum.less(half)) != n-n/2 {
				t.Errorf("%d rows of %v: %d are left without a half", n, weight, u.n(sum.less(half)))
			}
			var full cell
			for range n {
				full.add(u.cell(weight, weight/4))
			}
			if g, h := u.of(full); math.Abs(g-weight*float64(n)) > 1e-9*g || math.Abs(h-g/4) > 1e-9*g || u.n(full) != n {
				t.Errorf("%d rows of %v, all at the most: sums %v, %v of %d", n, weight, g, h, u.n(full))
			}
		}
	}
}

// TestAsk: rows of a table, and other rows binned like them, get what Predict says of their numbers, NaN and what is
// beyond all rows included.
func TestAsk(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 17))
	for _, kinds := range []int{2, 3} {
		a, b := random(rng, 700, 3, kinds), random(rng, 300, 3, kinds)
		b.X[0], b.X[4], b.X[8] = math.NaN(), math.Inf(1), math.Inf(-1)
		table := Bin(a)
		var some []int32
		for i := range a.Len() / 2 {
			some = append(some, int32(2*i))
		}
		m := table.Fit(context.Background(), some, nil, kinds,
			Settings{Trees: 20, Leaves: 6, Rate: 0.2, Lambda: 1, Least: 5, OneOf: 2})
		want := make([]float64, kinds)
		for _, c := range []struct {
			rows  *Rows
			table *Table
			of    []int32
		}{{a, table, some}, {b, table.Like(b), []int32{299, 0, 1, 2, 77}}, {b, table.Like(b), nil}} {
			got := make([]float64, kinds*len(c.of))
			m.Ask(c.table, c.of, got)
			for j, i := range c.of {
				m.Predict(row(c.rows, int(i)), want)
				if !slices.Equal(got[j*kinds:(j+1)*kinds], want) {
					t.Fatalf("row %d: got %v, want %v", i, got[j*kinds:(j+1)*kinds], want)
				}
			}
		}
	}
}
