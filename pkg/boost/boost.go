// Package boost fits gradient-boosted trees: small models that tell kinds apart by
// numbers of any scale. It is the multinomial boosting of Friedman, "Greedy
// function approximation: a gradient boosting machine" (2001), section 4.6, with
// the second-order leaves and the penalty of Chen and Guestrin, "XGBoost" (2016),
// equations 5 to 7, and trees grown leaf by leaf over binned values.
//
// A fit is a function of its rows in their order: the same on every run.
package boost

import (
	"context"
	"math"
	"slices"
)

// Settings are how a model is fitted.
type Settings struct {
	Trees  int     // of each kind
	Leaves int     // of a tree, at most
	Rate   float64 // part of a tree's correction that is taken
	Lambda float64 // penalty on the square of a leaf's value
	Least  int     // rows of a leaf

	// OneOf has each round learn from a random part of the rows, one of so many: Friedman's "Stochastic
	// gradient boosting" (2002). A power of 2; 0 and 1 are all rows. Least counts rows of this part.
	OneOf int
}

// Rows are the cases that a model learns from.
type Rows struct {
	Width int
	X     []float64 // Width numbers a row
	Kind  []uint8

	// Key tells rows apart, whatever their numbers: a row is drawn in the same rounds as long as it keeps
	// its key, so that a row that comes or goes leaves the draw of the others as it is. Nil: their places tell.
	Key []uint64
}

// Add adds a row.
func (r *Rows) Add(x []float64, kind uint8) {
	r.X, r.Kind = append(r.X, x...), append(r.Kind, kind)
}

// Len returns the number of rows.
func (r *Rows) Len() int { return len(r.Kind) }

// Model tells how likely each kind is. The zero value finds all equally likely.
type Model struct {
	prior []float64 // by kind: logarithm of its share of the rows
	trees [][]tree  // by round and kind
}

// tree is a binary tree; node 0 is its root.
type tree []node

// node sends a row left if its number is at most cut; a leaf has no feature.
type node struct {
	feature     int32 // -1 of a leaf
	left, right int32
	cut, value  float64
	bin         int32 // whose upper end the cut is
}

// Predict sets p to the probability of each kind, as common as among the rows of
// the fit.
func (m *Model) Predict(x, p []float64) {
	clear(p[copy(p, m.prior):]) // the zero value has no priors
	for _, round := range m.trees {
		for k := range round {
			p[k] += round[k].value(x)
		}
	}
	softmax(p)
}

// Kinds returns the number of kinds.
func (m *Model) Kinds() int { return len(m.prior) }

// Prior returns a kind's share of the rows of the fit, by their weight.
func (m *Model) Prior(kind int) float64 { return math.Exp(m.prior[kind]) }

//go:norace
func (t tree) value(x []float64) float64 {
	n := &t[0]
	for n.feature >= 0 {
		if x[n.feature] <= n.cut {
			n = &t[n.left]
		} else {
			n = &t[n.right]
		}
	}
	return n.value
}

//go:norace
func softmax(p []float64) {
	top := slices.Max(p)
	sum := 0.0
	for k := range p {
		p[k] = math.Exp(p[k] - top)
		sum += p[k]
	}
	for k := range p {
		p[k] /= sum
	}
}

// Fit fits a model to all rows, each counted once.
func Fit(ctx context.Context, r *Rows, kinds int, s Settings) *Model {
	all := make([]int32, r.Len())
	for i := range all {
		all[i] = int32(i)
	}
	return Bin(r).Fit(ctx, all, nil, kinds, s)
}

// Fit fits a model to some of the rows, in their order. weight says how much each row of the
// table counts, nil for once. A kind without rows counts as if it had half a one. When ctx is
// done it stops, with what it has.
func (t *Table) Fit(ctx context.Context, rows []int32, weight []float64, kinds int, s Settings) *Model {
	n := len(rows)
	m := &Model{prior: make([]float64, kinds)}
	w := func(i int32) float64 {
		if weight == nil {
			return 1
		}
		return weight[i]
	}
	counts, total := make([]float64, kinds), 0.0
	for _, i := range rows {
		counts[t.kind[i]] += w(i)
		total += w(i)
	}
	for k := range counts {
		m.prior[k] = math.Log(max(counts[k], 0.5) / max(1, total))
	}
	if n == 0 {
		return m
	}
	g := newGrower(t, rows, s)
	raw := make([]float64, n*kinds)
	for i := range n {
		copy(raw[i*kinds:], m.prior)
	}
	p := make([]float64, n*kinds)
	for round := range s.Trees {
		if ctx.Err() != nil {
			break
		}
		g.draw(s.OneOf, uint64(round))
		for _, i := range g.drawn {
			of := p[int(i)*kinds : (int(i)+1)*kinds]
			copy(of, raw[int(i)*kinds:])
			softmax(of)
		}
		trees := make([]tree, kinds)
		for k := range kinds {
			if kinds == 2 && k == 0 {
				continue // the mirror image of the other one
			}
			for _, i := range g.drawn {
				y := 0.0
				if int(t.kind[rows[i]]) == k {
					y = 1
				}
				q := p[int(i)*kinds+k]
				g.grad[i], g.hess[i] = float64(w(rows[i])*(q-y)), float64(w(rows[i])*q*(1-q))
			}
			trees[k] = g.grow(func(i int32, value float64) { raw[int(i)*kinds+k] += value })
		}
		if kinds == 2 {
			trees[0] = mirrored(trees[1])
			for i := range n {
				raw[2*i] = m.prior[0] + m.prior[1] - raw[2*i+1]
			}
		}
		m.trees = append(m.trees, trees)
	}
	return m
}

// mirrored is the tree of the other one of two kinds, whose gradients are the opposite.
func mirrored(t tree) tree {
	out := slices.Clone(t)
	for i := range out {
		out[i].value = -out[i].value
	}
	return out
}
