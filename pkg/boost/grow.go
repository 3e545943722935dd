package boost

import (
	"encoding/binary"
	"math"
	"math/bits"
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
	cuts, column := make([][]float64, r.Width), make([]float64, r.Len())
	var keys [2][]uint64
	for f := range cuts {
		for i := range column {
			column[i] = r.X[i*r.Width+f]
		}
		sortNumbers(column, &keys)
		cuts[f] = cutsOf(column)
	}
	return binBy(cuts, r)
}

// Like bins other rows as those of the table are.
func (t *Table) Like(r *Rows) *Table { return binBy(t.cuts, r) }

func binBy(cuts [][]float64, r *Rows) *Table {
	t := &Table{width: r.Width, cuts: cuts, binned: make([]uint8, len(r.X)), kind: r.Kind, key: r.Key}
	padded := make([][bins]float64, r.Width)
	for f := range padded {
		for b := range padded[f][copy(padded[f][:], cuts[f]):] {
			padded[f][len(cuts[f])+b] = math.Inf(1)
		}
	}
	for i := 0; i < len(r.X); i += r.Width {
		for f, x := range r.X[i : i+r.Width] {
			t.binned[i+f] = binOf(&padded[f], x)
		}
	}
	return t
}

// binOf returns how many of the cuts are below a number, by halves and without jumps: the last cut is infinite, so that
// six halves tell.
func binOf(cuts *[bins]float64, x float64) uint8 {
	at := 0
	for half := bins / 2; half > 0; half /= 2 {
		up := 0
		if cuts[(at+half-1)&(bins-1)] < x {
			up = half
		}
		at += up
	}
	return uint8(at)
}

// words is how many words hold a byte for each of n rows.
func words(n int) int { return (n + 7) / 8 }

// columnsOf returns the bins of rows by feature, eight rows in a word. Each row has a byte for each feature, and stride
// bytes in all.
func columnsOf(binned []uint8, width, stride, n int) [][]uint64 {
	columns, all := make([][]uint64, width), make([]uint64, width*words(n))
	for f := range columns {
		columns[f] = all[f*words(n) : (f+1)*words(n)]
		for i := range n {
			columns[f][i/8] |= uint64(binned[i*stride+f]) << (i % 8 * 8)
		}
	}
	return columns
}

// grower grows trees over some rows of a table, which it numbers from 0 on. It belongs to one
// goroutine; its inner loops are left out of the race detector, under which they would take
// minutes.
type grower struct {
	*Table
	s       Settings
	units   units
	stride  int        // bytes from row to row in binned and near: whole words, so that they are copied by words
	binned  []uint8    // of its rows
	columns [][]uint64 // the same, by feature, eight rows in a word
	leaf    []uint64   // of its rows, eight in a word
	key     []uint64   // of its rows
	luck    []uint64   // hashes of its rows, for some rounds
	weight  []float64  // of its rows, nil for 1 each
	target  []uint8    // the kind of its rows
	of      []cell     // what each row that was drawn adds to its bins
	drawn   []int32    // rows that this round's trees learn from
	near    []uint8    // their bins, side by side
	rows    []int32    // places among those that were drawn, in the order of leaves
	spare   []int32
	pool    [][][bins]cell // of leaves that are done
}

func newGrower(t *Table, rows []int32, s Settings, weight []float64) *grower {
	n, stride := len(rows), 8*words(t.width)
	g := &grower{
		Table: t, s: s, stride: stride,
		binned: make([]uint8, n*stride), near: make([]uint8, n*stride),
		key: make([]uint64, n), target: make([]uint8, n),
		leaf: make([]uint64, words(n)), of: make([]cell, n), drawn: make([]int32, n), rows: make([]int32, n),
		spare: make([]int32, n), luck: make([]uint64, n),
	}
	most := 1.0
	if weight != nil {
		g.weight, most = make([]float64, n), 0
	}
	for i, row := range rows {
		copy(g.binned[i*stride:], t.binned[int(row)*t.width:(int(row)+1)*t.width])
		g.target[i], g.key[i] = t.kind[row], uint64(row)
		if t.key != nil {
			g.key[i] = t.key[row]
		}
		if weight != nil {
			g.weight[i] = weight[row]
			most = max(most, weight[row])
		}
	}
	g.units = unitsOf(n, most)
	g.columns = columnsOf(g.binned, t.width, stride, n)
	return g
}

// mix spreads the bits of a number: SplitMix64 (Steele, Lea and Flood 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// draw draws the rows that the next trees learn from: one of so many, by hashes of a row's key, the seed and the round.
// Of a row nothing else counts, neither its place nor what other rows there are.
//
// A hash is mix(key + salt), with a salt for each seed and some rounds. mix is one to one, so two salts give a row the
// same bits only if they are equal: for mix(a)+b and mix(c)+d, with b and d below 2^6, that takes two of the seeds'
// numbers nearer than 2^6, of 2^64. They are mixed, and no bare sum of seed, round and key, because keys are sums of
// round numbers themselves, and two rows under two seeds might come to the same sum.
//
//go:norace
func (g *grower) draw(oneOf int, round uint64) {
	drawn := g.drawn[:len(g.key)]
	mask := uint64(max(1, oneOf) - 1)
	// a hash of a row is good for as many rounds as it has bits for
	per := uint64(64 / max(1, bits.Len64(mask)))
	if round%per == 0 {
		salt := mix(mix(g.s.Seed) + round/per)
		for i, key := range g.key {
			g.luck[i] = mix(key + salt)
		}
	}
	from := round % per * uint64(bits.Len64(mask))
	at := 0
	for i, luck := range g.luck {
		drawn[at] = int32(i)
		hit := 0
		if luck>>from&mask == 0 {
			hit = 1
		}
		at += hit
	}
	g.drawn = drawn[:at]
	for j, i := range g.drawn {
		from, to := g.binned[int(i)*g.stride:][:g.stride], g.near[j*g.stride:][:g.stride]
		for len(from) >= 8 && len(to) >= 8 {
			binary.LittleEndian.PutUint64(to, binary.LittleEndian.Uint64(from))
			from, to = from[8:], to[8:]
		}
	}
}

// derive sets what the rows that were drawn add to the sums of a kind: the derivatives of their loss. p are
// their probabilities, row by row.
//
//go:norace
func (g *grower) derive(p []float64, kinds, k int) {
	for j, i := range g.drawn {
		y, w := 0.0, 1.0
		if int(g.target[i]) == k {
			y = 1
		}
		if g.weight != nil {
			w = g.weight[i]
		}
		q := p[j*kinds+k]
		g.of[j] = g.units.cell(float64(w*(q-y)), float64(w*q*(1-q)))
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

// cell sums the rows of a bin in whole units, so that sums are the same in any order of rows, and the difference of
// two sums is the sum of what they differ by.
type cell struct {
	grad int64
	rest uint64 // the number of rows in the lower bits, the sum of second derivatives above them
}

// units are what cells count in.
type units struct {
	grad, hess float64 // units in 1, powers of 2
	bits       int     // of the number of rows
}

// unitsOf returns the finest units in which sums over so many rows of a weight of at most so much stay in their
// fields: first derivatives are within the weight, second ones within a quarter of it.
func unitsOf(rows int, weight float64) units {
	n := bits.Len(uint(rows))
	_, e := math.Frexp(weight) // weight ≤ 2^e
	return units{math.Ldexp(1, 62-n-e), math.Ldexp(1, 64-n-n+1-e), n}
}

// cell is what a row adds.
func (u *units) cell(grad, hess float64) cell {
	return cell{int64(float64(grad * u.grad)), uint64(int64(float64(hess*u.hess)))<<u.bits | 1}
}

// of returns a cell's sums.
func (u *units) of(c cell) (grad, hess float64) {
	return float64(c.grad) / u.grad, float64(int64(c.rest>>u.bits)) / u.hess
}

// n is a cell's number of rows.
func (u *units) n(c cell) int { return int(c.rest & (1<<u.bits - 1)) }

func (c *cell) add(o cell) {
	c.grad += o.grad
	c.rest += o.rest
}

func (c cell) less(o cell) cell { return cell{c.grad - o.grad, c.rest - o.rest} }

// leaf is a node that may be divided.
type leaf struct {
	from, to int // its rows
	sum      cell
	cells    [][bins]cell // by feature
	best     choice
}

// choice is the best division of a leaf; gain 0 if there is none.
type choice struct {
	gain         float64
	feature, bin int
	left         cell
}

// grow grows a tree.
func (g *grower) grow() tree {
	root := leaf{to: len(g.drawn)}
	g.rows = g.rows[:root.to]
	for i, of := range g.of[:root.to] {
		g.rows[i] = int32(i)
		root.sum.add(of)
	}
	g.gather(&root)
	g.search(&root)
	var t tree
	leaves := []leaf{root}
	most := min(g.s.Leaves, mostLeaves)
	for len(leaves) < most {
		best := 0
		for i := range leaves {
			if leaves[i].best.gain > leaves[best].best.gain {
				best = i
			}
		}
		c := leaves[best].best
		if c.gain <= 0 {
			break
		}
		left, right := g.divide(&leaves[best], len(leaves)+1 < most)
		t.divisions = append(t.divisions, division{int32(best), int32(c.feature), int32(c.bin), g.cuts[c.feature][c.bin]})
		leaves[best] = left
		leaves = append(leaves, right)
	}
	for i := range leaves {
		grad, hess := g.units.of(leaves[i].sum)
		t.values = append(t.values, -g.s.Rate*grad/(hess+g.s.Lambda))
		if leaves[i].cells != nil {
			g.pool = append(g.pool, leaves[i].cells)
		}
	}
	return t
}

// correct adds a tree to the scores of all rows.
//
//go:norace
func (g *grower) correct(t *tree, raw []float64) {
	t.leaves(g.columns, g.leaf)
	values := t.padded()
	for i := range raw {
		raw[i] += values[g.leaf[i/8]>>(i%8*8)&(mostLeaves-1)]
	}
}

// mostLeaves is how many leaves a tree has at most: so their numbers are less than the highest bit of a byte.
const mostLeaves = 128

// padded returns the values of a tree's leaves, and zeros for those that it has not.
func (t *tree) padded() (v [mostLeaves]float64) {
	copy(v[:], t.values)
	return v
}

// ones has a 1 in each byte.
const ones = 0x0101010101010101

// leaves finds the leaf of each of some rows, whose bins are given by feature. Rows stand eight in a word, a byte each,
// and are compared at once: bins and leaves are below 128, so that sums and differences stay in their bytes.
//
//go:norace
func (t *tree) leaves(columns [][]uint64, leaf []uint64) {
	clear(leaf)
	for s := range t.divisions {
		d := &t.divisions[s]
		// bin + (127 - cut) has its highest bit set if the bin is above the cut
		past := uint64(127-d.bin) * ones
		parent, up := uint64(d.leaf)*ones, uint64(s+1)-uint64(d.leaf)
		for i, b := range columns[d.feature][:len(leaf)] {
			// 128 - (leaf xor parent) has it set if both are equal
			hit := ((b + past) & (0x80*ones - (leaf[i] ^ parent))) >> 7 & ones
			leaf[i] += hit * up
		}
	}
}

// gather sums a leaf's rows by feature and bin.
//
//go:norace
func (g *grower) gather(l *leaf) {
	if n := len(g.pool); n > 0 {
		l.cells, g.pool = g.pool[n-1], g.pool[:n-1]
		clear(l.cells)
	} else {
		l.cells = make([][bins]cell, g.width)
	}
	for _, row := range g.rows[l.from:l.to] {
		of, at := g.of[row], int(row)*g.stride
		x := g.near[at : at+g.width]
		cells := l.cells[:len(x)]
		for f, b := range x {
			c := &cells[f][b%bins]
			c.grad += of.grad
			c.rest += of.rest
		}
	}
}

// search finds the best division of a leaf: equation 7 of XGBoost.
//
//go:norace
func (g *grower) search(l *leaf) {
	u := g.units
	perGrad, perHess := 1/u.grad, 1/u.hess // powers of 2: products are the quotients to the last bit, and cheaper
	score := func(c cell) float64 {
		grad, hess := float64(float64(c.grad)*perGrad), float64(float64(int64(c.rest>>u.bits))*perHess)
		return grad * grad / (hess + g.s.Lambda)
	}
	whole, n := score(l.sum), u.n(l.sum)
	if n < 2*g.s.Least {
		return
	}
	for f := range g.cuts {
		var left cell
		for b := range g.cuts[f] {
			c := l.cells[f][b]
			if c.rest == 0 {
				continue // as the cut before
			}
			left.add(c)
			below := u.n(left)
			if below < g.s.Least {
				continue
			}
			if n-below < g.s.Least {
				break
			}
			if gain := score(left) + score(l.sum.less(left)) - whole; gain > l.best.gain+1e-12 {
				l.best = choice{gain, f, b, left}
			}
		}
	}
}

// divide divides a leaf: the rows of its smaller half are summed, those of the
// other are what is left. The halves of a tree's last division are not asked how they divide.
//
//go:norace
func (g *grower) divide(l *leaf, further bool) (left, right leaf) {
	d := l.best
	left = leaf{from: l.from, to: l.from + g.units.n(d.left), sum: d.left}
	right = leaf{from: left.to, to: l.to, sum: l.sum.less(d.left)}
	if !further {
		left.cells = l.cells
		return left, right
	}
	rows, spare := g.rows[l.from:l.to], g.spare[:l.to-l.from]
	at, rest := 0, 0
	column, bin := g.near[d.feature:], uint8(d.bin)
	for _, row := range rows {
		rows[at], spare[rest] = row, row
		hit := 0
		if column[int(row)*g.stride] <= bin {
			hit = 1
		}
		at += hit
		rest += 1 - hit
	}
	copy(rows[at:], spare[:rest])
	small, large := &left, &right
	if right.to-right.from < left.to-left.from {
		small, large = large, small
	}
	g.gather(small)
	large.cells = l.cells
	for f := range small.cells {
		for b := range small.cells[f] {
			large.cells[f][b] = large.cells[f][b].less(small.cells[f][b])
		}
	}
	g.search(&left)
	g.search(&right)
	return left, right
}
