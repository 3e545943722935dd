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
}

// Rows are the cases that a model learns from.
type Rows struct {
	Width int
	X     []float64 // Width numbers a row
	Kind  []uint8
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

// Prior returns a kind's share of the rows of the fit.
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

// Fit fits a model. A kind without rows counts as if it had half a one. When ctx is
// done it stops, with what it has.
func Fit(ctx context.Context, r *Rows, kinds int, s Settings) *Model {
	n := r.Len()
	m := &Model{prior: make([]float64, kinds)}
	counts := make([]float64, kinds)
	for _, k := range r.Kind {
		counts[k]++
	}
	for k := range counts {
		m.prior[k] = math.Log(max(counts[k], 0.5) / max(1, float64(n)))
	}
	if n == 0 {
		return m
	}
	g := newGrower(r, s)
	raw := make([]float64, n*kinds)
	for i := range n {
		copy(raw[i*kinds:], m.prior)
	}
	p := make([]float64, n*kinds)
	for range s.Trees {
		if ctx.Err() != nil {
			break
		}
		copy(p, raw)
		for i := range n {
			softmax(p[i*kinds : (i+1)*kinds])
		}
		round := make([]tree, kinds)
		for k := range kinds {
			for i := range n {
				y := 0.0
				if int(r.Kind[i]) == k {
					y = 1
				}
				q := p[i*kinds+k]
				g.grad[i], g.hess[i] = q-y, q*(1-q)
			}
			round[k] = g.grow(func(row int32, value float64) { raw[int(row)*kinds+k] += value })
		}
		m.trees = append(m.trees, round)
	}
	return m
}
