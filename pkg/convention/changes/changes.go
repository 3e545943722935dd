// Package changes answers from which image on the boxes of a source differ from those of its other images.
//
// It knows no reading of a file. The other rules of pkg/convention name what a program did; this one sees that a part
// of the images is unlike the rest, whatever did it: boxes that were cut, scaled, moved, joined or rounded there alone.
// Of finds the part, and Finding tells of it.
package changes

import (
	"math"
	"slices"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
)

// Changes are images that follow each other and whose boxes differ from those of all others.
type Changes struct {
	From, To int32   // about the first and the last one, From is -1 if there are none
	ByID     bool    // in the order of the ids, and not in that of the file
	Tail     bool    // all images from the first one on
	Part     float64 // these, of all images with objects
	All      []Change
}

// Change is a mean over the boxes in which the part differs from the rest.
type Change struct {
	Mark       int     // in marks
	Rest, Part float64 // over the boxes of each
	odds       float64 // the logarithm of the chance
}

// Found reports whether there is such a part.
func (c *Changes) Found() bool { return c.From >= 0 }

// The images are taken in blocks that follow each other, and a mean of a part is judged by how much its blocks differ
// from each other: neighbours that look alike, as those of one street do, make blocks that differ, and are no evidence.
// A part has leastBlocks, and so has the rest. Of an image that many objects have, some are drawn.
const (
	blocks      = 32
	leastBlocks = 6
	leastImages = 3 * blocks
	blockImages = 24
	imageBoxes  = 12
)

// unlikely is the chance of one comparison, below which it is no accident. There are some 400 parts, 19 marks and two
// orders, most of which say the same of the same boxes: together below 1 in 60, which is for an info.
const unlikely = 1e-6

// Of looks for such a part. order are the images to look at, in the order of the file.
func Of(src *dataset.Source, order []int32) Changes {
	if len(order) < leastImages {
		return Changes{From: -1}
	}
	order = spread(order, blocks*blockImages)
	rows := make([]row, 0, 4*len(order))
	for i := range order {
		rows = marksOf(src, &src.Images[order[i]], order[i], rows)
	}
	lessClass(rows)
	best := blocksOf(rows, order).compare(order)
	byID := slices.Clone(order)
	if sample.SortByID(src, byID) {
		if c := blocksOf(rows, byID).compare(byID); c.Found() && (!best.Found() || c.All[0].odds < best.All[0].odds) {
			best, best.ByID = c, true
		}
	}
	return best
}

// spread returns at most n of a list, as far from each other as can be.
func spread(all []int32, n int) []int32 {
	if len(all) <= n {
		return all
	}
	out := make([]int32, n)
	for i := range out {
		out[i] = all[i*len(all)/n]
	}
	return out
}

// sums are those of a mark over the boxes of a block.
type sums struct {
	raw, by, n float64 // of its values, of these less the mean of their class, and how many
}

// table are the sums of all marks, by block.
type table struct {
	of [blocks][numMarks]sums
	at [blocks + 1]int // the first image of each block in its order, and the end
}

// blocksOf sums up the marks of the boxes in each block of an order.
func blocksOf(rows []row, order []int32) *table {
	t := &table{}
	in := make(map[int32]int, len(order))
	for q := range blocks {
		t.at[q+1] = len(order) * (q + 1) / blocks
		for _, i := range order[t.at[q]:t.at[q+1]] {
			in[i] = q
		}
	}
	q, last := 0, int32(-1)
	for i := range rows {
		r := &rows[i]
		if r.image != last {
			q, last = in[r.image], r.image
		}
		for m := range r.by {
			if v := r.raw[m]; v == v { // not NaN: the box has the mark
				s := &t.of[q][m]
				s.raw, s.by, s.n = s.raw+float64(v), s.by+float64(r.by[m]), s.n+1
			}
		}
	}
	return t
}

// lessClass fills in by how much the marks of each row differ from the mean over those of its class: parts in which
// other things are shown do not differ by it. How far sizes scatter is the mean distance from that of the class.
func lessClass(rows []row) {
	byClass := func(marks []int) {
		type mean struct{ sum, n [numMarks]float64 }
		of := map[int32]*mean{}
		for i := range rows {
			r := &rows[i]
			c := of[r.class]
			if c == nil {
				c = &mean{}
				of[r.class] = c
			}
			for _, m := range marks {
				if v := float64(r.raw[m]); v == v {
					c.sum[m] += v
					c.n[m]++
				}
			}
		}
		for i := range rows {
			r, c := &rows[i], of[rows[i].class]
			for _, m := range marks {
				r.by[m] = r.raw[m] - float32(c.sum[m]/c.n[m])
			}
		}
	}
	var first, scatter []int
	for m := range marks {
		if marks[m].scatter == 0 {
			first = append(first, m)
		} else {
			scatter = append(scatter, m)
		}
	}
	byClass(first)
	for i := range rows {
		for _, m := range scatter {
			rows[i].raw[m] = float32(math.Abs(float64(rows[i].by[marks[m].scatter])))
		}
	}
	byClass(scatter)
}

// totals are sums over blocks from which the mean and its variance follow.
type totals struct{ raw, by, n, byBy, byN, nn, k, nextByBy, nextByN, nextNN float64 }

// less returns totals of the blocks that are in t and not in u.
func (t totals) less(u *totals) totals {
	return totals{
		t.raw - u.raw, t.by - u.by, t.n - u.n, t.byBy - u.byBy, t.byN - u.byN, t.nn - u.nn, t.k - u.k,
		t.nextByBy - u.nextByBy, t.nextByN - u.nextByN, t.nextNN - u.nextNN,
	}
}

// apart takes block q and the one before it for no neighbours.
func (t *totals) apart(up *[blocks + 1]totals, q int) {
	if q < blocks {
		pair := up[q+1].less(&up[q])
		t.nextByBy, t.nextByN, t.nextNN = t.nextByBy-pair.nextByBy, t.nextByN-pair.nextByN, t.nextNN-pair.nextNN
	}
}

// estimate is a ratio of sums over blocks, with what its residuals in the blocks say: their squares, and the products
// of those of neighbours.
type estimate struct{ mean, squares, products float64 }

// estimate returns that of the blocks of t.
func (t *totals) estimate() (e estimate) {
	m := t.by / t.n
	e.mean = m
	e.squares = max(0, t.byBy-2*m*t.byN+m*m*t.nn)
	e.products = t.nextByBy - m*t.nextByN + m*m*t.nextNN
	return e
}

// variance returns that of a ratio of sums over blocks as clusters (Cochran 1977, Sampling techniques, 6.3).
func (e *estimate) variance(t *totals) float64 { return e.squares * t.k / (t.k - 1) / (t.n * t.n) }

// alike returns by what factor blocks that are like their neighbours say less than others do: (1 + r) / (1 - r), where
// r is how far the residuals of neighbours go together (Bayley and Hammersley 1946, "The effective number of
// independent observations in an autocorrelated time series"), less the bias of it in so few blocks (Kendall 1954).
func alike(x, y *estimate) float64 {
	r := 0.
	if all := x.squares + y.squares; all > 0 {
		r = (x.products + y.products) / all
	}
	r += (1 + 3*r) / blocks
	r = min(max(r, 0), mostAlike)
	return (1 + r) / (1 - r)
}

// mostAlike bounds it.
const mostAlike = 0.9

// compare returns the part that differs most from the rest, in the mark that chance explains least.
func (t *table) compare(order []int32) Changes {
	best, from, to := Change{Mark: -1}, 0, 0
	limit := math.Log(unlikely)
	for m := range marks {
		up := t.running(m)
		for a := 1; a < blocks; a++ {
			for b := a + leastBlocks; b <= blocks && blocks-(b-a) >= leastBlocks; b++ {
				if c, ok := differ(m, up, a, b); ok && c.odds < limit && (best.Mark < 0 || c.odds < best.odds) {
					best, from, to = c, a, b
				}
			}
		}
	}
	if best.Mark < 0 {
		return Changes{From: -1}
	}
	if to == blocks && 2*from < blocks { // the smaller part is the odd one: up to an image, and not from it on
		from, to = 0, from
		best.Rest, best.Part = best.Part, best.Rest
	}
	c := Changes{
		From: order[t.at[from]], To: order[t.at[to]-1], Tail: to == blocks,
		Part: float64(t.at[to]-t.at[from]) / float64(len(order)), All: []Change{best},
	}
	for m := range marks { // what else differs there
		if d, ok := differ(m, t.running(m), from, to); ok && m != best.Mark && d.odds < limit/2 {
			c.All = append(c.All, d)
		}
	}
	slices.SortStableFunc(c.All[1:], func(a, b Change) int {
		if a.odds < b.odds {
			return -1
		}
		return 1
	})
	return c
}

// running returns the totals of a mark over the first blocks, none to all.
func (t *table) running(m int) *[blocks + 1]totals {
	var up [blocks + 1]totals
	for q := range blocks {
		s, u := &t.of[q][m], up[q]
		next := sums{}
		if q > 0 {
			next = t.of[q-1][m]
		}
		up[q+1] = totals{
			u.raw + s.raw, u.by + s.by, u.n + s.n, u.byBy + s.by*s.by, u.byN + s.by*s.n, u.nn + s.n*s.n, u.k + 1,
			u.nextByBy + s.by*next.by, u.nextByN + s.by*next.n + s.n*next.by, u.nextNN + s.n*next.n,
		}
	}
	return &up
}

// leastBoxes is how many boxes with a mark a part has, and so has the rest.
const leastBoxes = 60

// differ compares blocks a to b with all others by Welch's test (1947). It reports whether they differ by so much that
// it may matter, whatever they show: with and without what the classes explain.
func differ(m int, up *[blocks + 1]totals, a, b int) (c Change, ok bool) {
	part := up[b].less(&up[a])
	rest := up[blocks].less(&part)
	part.apart(up, a) // neighbours of which one is in the part and the other in the rest
	rest.apart(up, b)
	if min(part.n, rest.n) < leastBoxes {
		return c, false
	}
	c = Change{Mark: m, Rest: rest.raw / rest.n, Part: part.raw / part.n}
	x, y := part.estimate(), rest.estimate()
	at := c.Rest + x.mean - y.mean // of the part, if it had the classes of the rest
	if !marks[m].matters(c.Rest, c.Part) || !marks[m].matters(c.Rest, at) || (at > c.Rest) != (c.Part > c.Rest) {
		return c, false
	}
	like := alike(&x, &y)
	vx, vy := x.variance(&part)*like, y.variance(&rest)*like
	if marks[m].share { // no less than if each box were drawn for itself
		p := (part.raw + rest.raw + 1) / (part.n + rest.n + 2)
		vx, vy = max(vx, p*(1-p)/part.n), max(vy, p*(1-p)/rest.n)
	}
	if vx+vy <= 0 {
		return c, false
	}
	free := (vx + vy) * (vx + vy) / (vx*vx/(part.k-1) + vy*vy/(rest.k-1)) / like
	c.odds = logTail((x.mean-y.mean)/math.Sqrt(vx+vy), free)
	return c, true
}

// logTail returns the logarithm of the chance of a value of Student's distribution that is as far from 0, or an upper
// bound of it: as a normal one (Wallace 1959, "Bounds on normal approximations to Student's and the chi-square
// distributions"), whose tail is below its density by its distance.
func logTail(t, free float64) float64 {
	z := (8*free + 1) / (8*free + 3) * math.Sqrt(free*math.Log1p(t*t/free))
	if z < 1 {
		return 0
	}
	return math.Log(2) - z*z/2 - math.Log(z*math.Sqrt(2*math.Pi))
}
