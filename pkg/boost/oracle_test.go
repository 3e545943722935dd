package boost

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// oracle boosts rows as Friedman's section 4.6 and XGBoost's equations 5 and 7 say,
// in the plainest way: every leaf is divided by trial of every feature between every
// two values, and sums are taken over rows. Up to as many rows as there are bins, Fit
// may choose among the same divisions. It returns each row's scores before softmax;
// ok is false if two leaves had as much to gain, so that either may come first.
func oracle(r *Rows, kinds int, s Settings) (raw [][]float64, ok bool) {
	n := r.Len()
	raw = make([][]float64, n)
	for i := range raw {
		raw[i] = logShares(r, kinds)
	}
	for range s.Trees {
		p := make([][]float64, n)
		for i := range p {
			p[i] = normalised(raw[i])
		}
		for k := range kinds {
			sums := func(rows []int) (g, h float64) {
				for _, i := range rows {
					g += p[i][k]
					h += p[i][k] * (1 - p[i][k])
					if int(r.Kind[i]) == k {
						g--
					}
				}
				return g, h
			}
			leaves, ok := oracleLeaves(r, s, sums)
			if !ok {
				return nil, false
			}
			for _, leaf := range leaves {
				g, h := sums(leaf)
				for _, i := range leaf {
					raw[i][k] -= s.Rate * g / (h + s.Lambda)
				}
			}
		}
	}
	return raw, true
}

// part is a leaf's rows with the best way to divide them.
type part struct {
	rows, left, right []int
	gain              float64
}

// oracleLeaves grows a tree, the leaf of the most gain first, and returns the rows of
// its leaves.
func oracleLeaves(r *Rows, s Settings, sums func([]int) (g, h float64)) (leaves [][]int, ok bool) {
	score := func(rows []int) float64 {
		g, h := sums(rows)
		return g * g / (h + s.Lambda)
	}
	divided := func(rows []int) part {
		best := part{rows: rows}
		for f := range r.Width { // among equals, the first feature and the lowest cut
			x := func(i int) float64 { return r.X[i*r.Width+f] }
			sorted := slices.SortedFunc(slices.Values(rows), func(i, k int) int { return cmp.Compare(x(i), x(k)) })
			for at := max(1, s.Least); at <= len(sorted)-max(1, s.Least); at++ {
				low, high := sorted[:at], sorted[at:]
				if gain := score(low) + score(high) - score(rows); gain > best.gain+1e-12 {
					best = part{rows, low, high, gain}
				}
			}
		}
		return best
	}
	all := make([]int, r.Len())
	for i := range all {
		all[i] = i
	}
	parts := []part{divided(all)}
	for len(parts) < s.Leaves {
		best := 0
		for i := range parts {
			if i > 0 && parts[i].gain > 0 && math.Abs(parts[i].gain-parts[best].gain) < 1e-9 {
				return nil, false
			}
			if parts[i].gain > parts[best].gain {
				best = i
			}
		}
		if parts[best].gain == 0 {
			break
		}
		left, right := divided(parts[best].left), divided(parts[best].right)
		parts[best] = left
		parts = append(parts, right)
	}
	for _, p := range parts {
		leaves = append(leaves, p.rows)
	}
	return leaves, true
}

// logShares are the scores before the first tree: logarithms of the kinds' shares, a
// kind without rows as if it had half a one.
func logShares(r *Rows, kinds int) []float64 {
	out := make([]float64, kinds)
	for _, k := range r.Kind {
		out[k]++
	}
	for k := range out {
		out[k] = math.Log(max(0.5, out[k]) / float64(r.Len()))
	}
	return out
}

func normalised(raw []float64) []float64 {
	out, sum := make([]float64, len(raw)), 0.0
	for k, z := range raw {
		out[k] = math.Exp(z)
		sum += out[k]
	}
	for k := range out {
		out[k] /= sum
	}
	return out
}

// random draws rows of distinct numbers and of kinds that depend on them by chance.
func random(rng *rand.Rand, n, width, kinds int) *Rows {
	r := &Rows{Width: width}
	for range n {
		x := make([]float64, width)
		for f := range x {
			x[f] = rng.NormFloat64()
		}
		kind := rng.IntN(kinds)
		if rng.IntN(3) > 0 && x[0] > 0 {
			kind = 0
		}
		r.Add(x, uint8(kind))
	}
	return r
}

// TestFitIsTheOracle compares probabilities of all rows over random rows and
// settings, several rounds deep.
func TestFitIsTheOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		kinds := rapid.IntRange(2, 4).Draw(t, "kinds")
		r := random(rng, rapid.IntRange(1, 30).Draw(t, "rows"), rapid.IntRange(1, 3).Draw(t, "width"), kinds)
		s := Settings{
			Trees:  rapid.IntRange(0, 3).Draw(t, "trees"),
			Leaves: rapid.IntRange(1, 4).Draw(t, "leaves"),
			Rate:   rapid.Float64Range(0.05, 1).Draw(t, "rate"),
			Lambda: rapid.Float64Range(0.1, 3).Draw(t, "lambda"),
			Least:  rapid.IntRange(1, 4).Draw(t, "least"),
		}
		want, ok := oracle(r, kinds, s)
		if !ok {
			t.SkipNow()
		}
		m := Fit(context.Background(), r, kinds, s)
		p := make([]float64, kinds)
		for i := range want {
			m.Predict(row(r, i), p)
			for k, q := range normalised(want[i]) {
				if math.Abs(p[k]-q) > 1e-9 {
					t.Fatalf("row %d, kind %d: got %v, want %v", i, k, p[k], q)
				}
			}
		}
	})
}

// TestLeavesAreNewtonSteps: the two leaves of a first tree are the step of Newton's
// method on the log loss of their rows, whose derivatives are taken by finite
// differences, not by formulas.
func TestLeavesAreNewtonSteps(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	const kinds, n = 3, 60
	r := &Rows{Width: 1}
	for i := range n { // rows from 24 on differ in the only number, and mostly in kind
		x, kind := 0.0, rng.IntN(kinds)
		if i >= 24 {
			x = 1
			kind = min(kinds-1, rng.IntN(2*kinds))
		}
		r.Add([]float64{x}, uint8(kind))
	}
	s := Settings{Trees: 1, Leaves: 2, Rate: 0.3, Lambda: 0.7, Least: 1}
	m := Fit(context.Background(), r, kinds, s)
	for leaf := range 2 {
		x := float64(leaf)
		raw := logShares(r, kinds)
		want := logShares(r, kinds)
		for k := range kinds {
			loss := func(by float64) (sum float64) { // of the leaf's rows, with the score of kind k moved
				moved := append([]float64(nil), raw...)
				moved[k] += by
				for i, kind := range r.Kind {
					if r.X[i] == x {
						sum -= math.Log(normalised(moved)[kind])
					}
				}
				return sum
			}
			const h = 1e-4
			slope := (loss(h) - loss(-h)) / (2 * h)
			bend := (loss(h) - 2*loss(0) + loss(-h)) / (h * h)
			want[k] -= s.Rate * slope / (bend + s.Lambda)
		}
		p := make([]float64, kinds)
		m.Predict([]float64{x}, p)
		for k, q := range normalised(want) {
			if math.Abs(p[k]-q) > 1e-6 {
				t.Errorf("leaf %d, kind %d: got %v, want %v", leaf, k, p[k], q)
			}
		}
	}
}

// row returns the numbers of a row.
func row(r *Rows, i int) []float64 { return r.X[i*r.Width : (i+1)*r.Width] }
