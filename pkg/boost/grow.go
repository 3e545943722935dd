package boost

import (
	"slices"
)

// bins is how many steps a number is told apart by.
const bins = 64

// Table is rows whose numbers are binned: many fits may share one.
type Table struct {
	width  int
	cuts   [][]float64 // by feature: the upper ends of all bins but the last
	binned []uint8     // width bins a row
	kind   []uint8
	key    []uint64 // nil: the row's number
}

// Bin bins the numbers of rows.
func Bin(r *Rows) *Table {
	n := r.Len()
	t := &Table{width: r.Width, kind: r.Kind, key: r.Key}
	t.cuts, t.binned = make([][]float64, r.Width), make([]uint8, n*r.Width)
	column := make([]float64, n)
	for f := range t.cuts {
		for i := range n {
			column[i] = r.X[i*r.Width+f]
		}
		slices.Sort(column)
		t.cuts[f] = cutsOf(column)
		for i := range n {
			at, _ := slices.BinarySearch(t.cuts[f], r.X[i*r.Width+f])
			t.binned[i*r.Width+f] = uint8(at)
		}
	}
	return t
}

// grower grows trees over some rows of a table, which it numbers from 0 on. It belongs to one
// goroutine; its inner loops are left out of the race detector, under which they would take
// minutes.
type grower struct {
	*Table
	s          Settings
	of         []int32 // row of the table, by number
	grad, hess []float64
	drawn      []int32 // rows that this round's trees learn from
	rest       []int32 // the others
	rows       []int32 // those that were drawn, in the order of leaves
	spare      []int32
	pool       [][]cell // of leaves that are done
}

func newGrower(t *Table, rows []int32, s Settings) *grower {
	n := len(rows)
	return &grower{Table: t, s: s, of: rows, grad: make([]float64, n), hess: make([]float64, n), spare: make([]int32, n)}
}

// mix spreads the bits of a number: SplitMix64 (Steele, Lea and Flood 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// draw draws the rows that the next trees learn from: one of so many.
func (g *grower) draw(oneOf int, round uint64) {
	g.drawn, g.rest = g.drawn[:0], g.rest[:0]
	for i, row := range g.of {
		key := uint64(row)
		if g.key != nil {
			key = g.key[row]
		}
		if oneOf < 2 || mix(key+mix(round))%uint64(oneOf) == 0 {
			g.drawn = append(g.drawn, int32(i))
		} else {
			g.rest = append(g.rest, int32(i))
		}
	}
}

// cutsOf divides sorted numbers into bins of about as many, between different
// numbers, at the middle of both.
func cutsOf(sorted []float64) []float64 {
	var cuts []float64
	for b := 1; b < bins; b++ {
		at := b * len(sorted) / bins
		for at < len(sorted) && at > 0 && sorted[at] == sorted[at-1] {
			at++
		}
		if at == 0 || at == len(sorted) {
			continue
		}
		cut := sorted[at-1] + (sorted[at]-sorted[at-1])/2
		if len(cuts) == 0 || cut > cuts[len(cuts)-1] {
			cuts = append(cuts, cut)
		}
	}
	return cuts
}

// cell sums the rows of a bin.
type cell struct {
	grad, hess float64
	n          int
}

//go:norace
func (c *cell) add(o cell) {
	c.grad += o.grad
	c.hess += o.hess
	c.n += o.n
}

//go:norace
func (c cell) less(o cell) cell { return cell{c.grad - o.grad, c.hess - o.hess, c.n - o.n} }

// leaf is a node that may be divided.
type leaf struct {
	node     int32
	from, to int // its rows
	sum      cell
	cells    []cell // by feature and bin
	best     division
}

// division is the best one of a leaf; gain 0 if there is none.
type division struct {
	gain         float64
	feature, bin int
	left         cell
}

// grow grows a tree and yields every row's value.
func (g *grower) grow(yield func(row int32, value float64)) tree {
	g.rows = append(g.rows[:0], g.drawn...)
	root := leaf{to: len(g.rows)}
	g.gather(&root)
	for _, c := range root.cells[:bins] {
		root.sum.add(c)
	}
	g.search(&root)
	t := tree{{feature: -1}}
	leaves := []leaf{root}
	for len(leaves) < g.s.Leaves {
		best := 0
		for i := range leaves {
			if leaves[i].best.gain > leaves[best].best.gain {
				best = i
			}
		}
		if leaves[best].best.gain <= 0 {
			break
		}
		left, right := g.divide(&leaves[best])
		left.node, right.node = int32(len(t)), int32(len(t)+1)
		d := leaves[best].best
		t[leaves[best].node] = node{
			feature: int32(d.feature), left: left.node, right: right.node, cut: g.cuts[d.feature][d.bin],
			bin: int32(d.bin),
		}
		t = append(t, node{feature: -1}, node{feature: -1})
		leaves[best] = left
		leaves = append(leaves, right)
	}
	for i := range leaves {
		l := &leaves[i]
		value := -g.s.Rate * l.sum.grad / (l.sum.hess + g.s.Lambda)
		t[l.node].value = value
		g.pool = append(g.pool, l.cells)
		for _, row := range g.rows[l.from:l.to] {
			yield(row, value)
		}
	}
	for _, row := range g.rest {
		yield(row, t.binned(g.binned[int(g.of[row])*g.width:]))
	}
	return t
}

// binned is the value of a row by the bins of its numbers.
//
//go:norace
func (t tree) binned(x []uint8) float64 {
	n := &t[0]
	for n.feature >= 0 {
		if int32(x[n.feature]) <= n.bin {
			n = &t[n.left]
		} else {
			n = &t[n.right]
		}
	}
	return n.value
}

// gather sums a leaf's rows by feature and bin.
//
//go:norace
func (g *grower) gather(l *leaf) {
	if n := len(g.pool); n > 0 {
		l.cells, g.pool = g.pool[n-1], g.pool[:n-1]
		clear(l.cells)
	} else {
		l.cells = make([]cell, g.width*bins)
	}
	for _, row := range g.rows[l.from:l.to] {
		grad, hess, at := g.grad[row], g.hess[row], int(g.of[row])*g.width
		for f, b := range g.binned[at : at+g.width] {
			c := &l.cells[f*bins+int(b)]
			c.grad += grad
			c.hess += hess
			c.n++
		}
	}
}

// search finds the best division of a leaf: equation 7 of XGBoost.
//
//go:norace
func (g *grower) search(l *leaf) {
	score := func(c cell) float64 { return c.grad * c.grad / (c.hess + g.s.Lambda) }
	whole := score(l.sum)
	for f := range g.cuts {
		var left cell
		for b := range g.cuts[f] {
			left.add(l.cells[f*bins+b])
			right := l.sum.less(left)
			if left.n < g.s.Least || right.n < g.s.Least {
				continue
			}
			if gain := score(left) + score(right) - whole; gain > l.best.gain+1e-12 {
				l.best = division{gain, f, b, left}
			}
		}
	}
}

// divide divides a leaf: the rows of its smaller half are summed, those of the
// other are what is left.
//
//go:norace
func (g *grower) divide(l *leaf) (left, right leaf) {
	d := l.best
	rows := g.rows[l.from:l.to]
	at, rest := 0, g.spare[:0]
	for _, row := range rows {
		if int(g.binned[int(g.of[row])*g.width+d.feature]) <= d.bin {
			rows[at] = row
			at++
		} else {
			rest = append(rest, row)
		}
	}
	copy(rows[at:], rest)
	left = leaf{from: l.from, to: l.from + at, sum: d.left}
	right = leaf{from: l.from + at, to: l.to, sum: l.sum.less(d.left)}
	small, large := &left, &right
	if right.sum.n < left.sum.n {
		small, large = large, small
	}
	g.gather(small)
	large.cells = l.cells
	for i, c := range small.cells {
		large.cells[i] = large.cells[i].less(c)
	}
	g.search(&left)
	g.search(&right)
	return left, right
}
