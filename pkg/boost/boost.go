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
	Leaves int     // of a tree, at most; never more than 128
	Rate   float64 // part of a tree's correction that is taken
	Lambda float64 // penalty on the square of a leaf's value
	Least  int     // rows of a leaf

	// OneOf has each round learn from a random part of the rows, one of so many: Friedman's "Stochastic
	// gradient boosting" (2002). A power of 2; 0 and 1 are all rows. Least counts rows of this part.
	OneOf int

	// Seed tells fits apart: those of different seeds draw the parts of the same rows independently of each other.
	Seed uint64
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
	share []float64 // by kind: its share of the rows
	trees [][]tree  // by round and kind; of two kinds those of the second one, since the first has the opposite values
}

// tree is a binary tree as it grew: it begins with one leaf, number 0, and division s makes leaf s+1 of the rows of
// another leaf whose number is above a cut. So a row's leaf follows from a comparison for each division, without
// jumps that a processor would have to guess.
type tree struct {
	divisions []division
	values    []float64 // by leaf
	answers   []float64 // by the answers to all divisions, a bit each, 1 for above: the value; nil of large trees
}

// division is how a leaf was divided.
type division struct {
	leaf    int32 // that keeps the rows up to the cut
	feature int32
	bin     int32 // whose upper end the cut is
	cut     float64
}

// Predict sets p to the probability of each kind, as common as among the rows of
// the fit.
func (m *Model) Predict(x, p []float64) {
	clear(p[copy(p, m.prior):]) // the zero value has no priors
	for _, round := range m.trees {
		if len(round) == 1 {
			v := round[0].value(x)
			p[0], p[1] = p[0]-v, p[1]+v
			continue
		}
		for k := range round {
			p[k] += round[k].value(x)
		}
	}
	softmax(p)
}

// Ask sets p to the probabilities of rows of a table, row by row. The table is that of the fit, or like it: each gets
// what Predict says of it.
func (m *Model) Ask(t *Table, rows []int32, p []float64) {
	kinds, n := len(m.prior), len(rows)
	binned := make([]uint8, 0, n*t.width)
	for _, i := range rows {
		binned = append(binned, t.binned[int(i)*t.width:(int(i)+1)*t.width]...)
	}
	columns, leaf := columnsOf(binned, t.width, t.width, n), make([]uint64, words(n))
	for i := range n {
		copy(p[i*kinds:], m.prior)
	}
	for _, round := range m.trees {
		for k := range round {
			round[k].leaves(columns, leaf)
			values := round[k].padded()
			of := func(i int) float64 { return values[leaf[i/8]>>(i%8*8)&(mostLeaves-1)] }
			for i := range n {
				if len(round) == 1 {
					p[2*i], p[2*i+1] = p[2*i]-of(i), p[2*i+1]+of(i)
				} else {
					p[i*kinds+k] += of(i)
				}
			}
		}
	}
	for i := range n {
		softmax(p[i*kinds : (i+1)*kinds])
	}
}

// Kinds returns the number of kinds.
func (m *Model) Kinds() int { return len(m.prior) }

// Prior returns a kind's share of the rows of the fit, by their weight.
func (m *Model) Prior(kind int) float64 { return m.share[kind] }

// mostAnswers is of how many divisions a tree has a table of answers: of 2^6 values at most.
const mostAnswers = 6

// answer makes a small tree's table of answers: then no comparison of a row waits for the one before.
func (t *tree) answer() {
	if len(t.divisions) > mostAnswers {
		return
	}
	t.answers = make([]float64, 1<<len(t.divisions))
	for given := range t.answers {
		leaf := int32(0)
		for s := range t.divisions {
			if t.divisions[s].leaf == leaf && given>>s&1 != 0 {
				leaf = int32(s + 1)
			}
		}
		t.answers[given] = t.values[leaf]
	}
}

// value is the value of a row's leaf.
//
//go:norace
func (t *tree) value(x []float64) float64 {
	if t.answers != nil {
		given := 0
		for s := range t.divisions {
			d, above := &t.divisions[s], 0
			if x[d.feature] > d.cut { // NaN is not, as in a table
				above = 1
			}
			given |= above << (s & 63)
		}
		return t.answers[given]
	}
	leaf := int32(0)
	for s := range t.divisions {
		d := &t.divisions[s]
		mine, above := 0, 0
		if d.leaf == leaf {
			mine = 1
		}
		if x[d.feature] > d.cut {
			above = 1
		}
		if mine&above != 0 {
			leaf = int32(s + 1)
		}
	}
	return t.values[leaf]
}

//go:norace
func softmax(p []float64) {
	top, sum := p[0], 0.0
	for _, z := range p[1:] {
		if z > top {
			top = z
		}
	}
	for k, z := range p {
		p[k] = 1 // of the highest: one exponential in two is saved, where there are two
		if z != top {
			p[k] = exp(z - top)
		}
		sum += p[k]
	}
	by := 1 / sum
	for k := range p {
		p[k] *= by
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
	m := &Model{prior: make([]float64, kinds), share: make([]float64, kinds)}
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
		m.share[k] = math.Exp(m.prior[k])
	}
	if n == 0 {
		return m
	}
	g := newGrower(t, rows, s, weight)
	raw := make([][]float64, kinds)
	for k := range raw {
		raw[k] = slices.Repeat(m.prior[k:k+1], n)
	}
	p := make([]float64, n*kinds)
	for round := range s.Trees {
		if ctx.Err() != nil {
			break
		}
		g.draw(s.OneOf, uint64(round))
		for j, i := range g.drawn {
			of := p[j*kinds : (j+1)*kinds]
			for k := range of {
				of[k] = raw[k][i]
			}
			softmax(of)
		}
		var trees []tree
		for k := range kinds {
			if kinds == 2 && k == 0 {
				continue // the mirror image of the other one
			}
			g.derive(p, kinds, k)
			trees = append(trees, g.grow())
			g.correct(&trees[len(trees)-1], raw[k])
			trees[len(trees)-1].answer()
		}
		if kinds == 2 {
			for i, z := range raw[1] {
				raw[0][i] = m.prior[0] + m.prior[1] - z
			}
		}
		m.trees = append(m.trees, trees)
	}
	return m
}
