package iou

import (
	"math"
	"slices"

	"focalaudit/pkg/geom"
)

// Margins of the search. Let u = 2^-24 be the relative error of one float32
// operation and M the largest coordinate that takes part.
//
//   - An edge of an anchor is computed with three roundings (i·stride, plus
//     offset, plus the shape's corner), each off by at most u·M: so an overlap
//     or a side differs from its exact value by less than 8·u·M, with room for
//     both edges.
//   - From exact coordinates, Of32 rounds the two sides, the product, the
//     areas (three each), their sum, the difference and the quotient. The
//     union is at least half the sum of the areas, so cancellation at most
//     doubles an error there: 3u for the intersection, 12u for the union, u
//     for the quotient make 16u. An IoU that is computed to reach t needs an
//     intersection of at least (1-16u)·t/(1+t)·(sum of areas); twice that is
//     taken off: relSlack.
const (
	unit     = 1.0 / (1 << 24)
	relSlack = 32 * unit
)

// lattice is an image's grids made ready for searching: what a search needs
// of every shape, computed once an image.
type lattice struct {
	grids  []geom.Grid
	levels []level
	slack  float64 // px by which an edge or a side may differ from its exact value
	last   float64 // largest coordinate of an anchor
}

// level is one grid.
type level struct {
	shapes     []shape
	widest     float64 // sides and area beyond which no shape of the level goes
	highest    float64
	smallest   float64
	perX, perY float64 // lattice points for one px
	x, y       float64 // of the first lattice point

	of    []geom.Box32 // what the shapes are made of, with a slack of
	slack float64
	far   float64 // largest distance of a corner from the lattice point
}

// shape is one anchor shape, its corners relative to the lattice point.
type shape struct {
	x0, y0, x1, y1 float64
	w, h           float64 // its sides at most
	area           float64 // its area at least
}

// prepare makes the lattice ready for the grids of an image and the objects
// to be searched in them. What an image has in common with the one before is
// kept: the images of a data set have the same shapes.
func (l *lattice) prepare(grids []geom.Grid, objects []geom.Box32) {
	l.grids, l.last = grids, 0
	if len(l.levels) != len(grids) {
		l.levels = make([]level, len(grids))
	}
	for i := range grids {
		g := &grids[i]
		far := max(float64(g.Cols)*float64(g.StrideX), float64(g.Rows)*float64(g.StrideY))
		l.last = max(l.last, far+l.levels[i].span(g))
	}
	slack := 8 * unit * l.last
	for i := range objects {
		slack = max(slack, l.slackOf(objects[i]))
	}
	_, power := math.Frexp(slack)
	l.slack = math.Ldexp(1, power) // the next power of two, so that images of like sizes share it
	for i := range grids {
		l.levels[i].prepare(&grids[i], l.slack)
	}
}

// slackOf returns the slack that an object's own coordinates ask for.
func (l *lattice) slackOf(o geom.Box32) float64 {
	return 8 * unit * float64(max(o.X1, o.Y1, -o.X0, -o.Y0))
}

// span returns how far the shapes of a level reach from their lattice point.
func (l *level) span(g *geom.Grid) float64 {
	if !slices.Equal(l.of, g.Shapes) {
		l.of = append(l.of[:0], g.Shapes...)
		l.slack, l.far = -1, 0
		for k := range g.Shapes {
			s := &g.Shapes[k]
			l.far = max(l.far, float64(max(s.X1, s.Y1)), -float64(min(s.X0, s.Y0)))
		}
	}
	return l.far
}

func (l *level) prepare(g *geom.Grid, slack float64) {
	l.perX, l.perY = 1/float64(g.StrideX), 1/float64(g.StrideY)
	l.x, l.y = float64(g.OffsetX), float64(g.OffsetY)
	if l.slack == slack {
		return
	}
	l.slack = slack
	l.widest, l.highest, l.smallest = 0, 0, math.Inf(1)
	l.shapes = l.shapes[:0]
	for k := range g.Shapes {
		b := &g.Shapes[k]
		s := shape{x0: float64(b.X0), y0: float64(b.Y0), x1: float64(b.X1), y1: float64(b.Y1)}
		s.w, s.h = s.x1-s.x0+slack, s.y1-s.y0+slack
		s.area = max(0, s.w-2*slack) * max(0, s.h-2*slack)
		l.widest, l.highest, l.smallest = max(l.widest, s.w), max(l.highest, s.h), min(l.smallest, s.area)
		l.shapes = append(l.shapes, s)
	}
}

// patch is a rectangle of one grid's anchors of one shape, in which all of them
// lie whose IoU with an object reaches a threshold.
type patch struct {
	object        int32
	row, col      int32 // of its first anchor
	rows, cols    int32
	values        int32 // where its IoUs begin in patches.iou, row by row
	atLow, atHigh int32 // anchors that reach the matcher's thresholds
	next          int32 // the patch before this one that has the same shape, -1 if there is none
	best          float32
	shape         uint16
	level         uint8
	shared        bool // another object's patch may have the same anchors
	weak          bool // best is below the lower threshold
}

// meets reports whether two patches of one shape have anchors in common.
func (p *patch) meets(o *patch) bool {
	return p.col < o.col+o.cols && o.col < p.col+p.cols && p.row < o.row+o.rows && o.row < p.row+p.rows
}

// patches is what searches find.
type patches struct {
	list []patch
	iou  []float32 // of the anchors of all patches

	widths, sides []float32 // of the columns at hand: overlaps with the object, and sides of the anchors
}

func (ps *patches) reset() { ps.list, ps.iou = ps.list[:0], ps.iou[:0] }

// of returns the IoUs of a patch.
func (ps *patches) of(p *patch) []float32 { return ps.iou[p.values : p.values+p.rows*p.cols] }

// search appends to ps the patches that hold every anchor whose IoU with
// object i, as Of32 computes it, is at least t > 0, and none without such an
// anchor.
//
// IoU >= t needs an intersection of at least t/(1+t) of the two areas' sum.
// Divided by the widest overlap that the other direction allows, this bounds
// the anchor's place in each direction; only the lattice points within are
// evaluated. The cost is that of what is found and a rim around it, whatever the
// number of anchors.
func (l *lattice) search(ps *patches, m Matcher, i int32, o geom.Box32, t float32) {
	q := query{
		object: i, o: o, area: o.Area(), t: t, slack: l.slack, share: float64(t) / (1 + float64(t)) * (1 - relSlack),
		low: math.Float32bits(m.Low), high: math.Float32bits(m.High),
		x0: float64(o.X0), y0: float64(o.Y0), x1: float64(o.X1), y1: float64(o.Y1),
	}
	q.w, q.h = q.x1-q.x0, q.y1-q.y0
	for level := range l.levels {
		v := &l.levels[level]
		if min(q.w, v.widest)*min(q.h, v.highest) < q.share*(float64(q.w*q.h)+v.smallest) {
			continue
		}
		for k := range v.shapes {
			q.scan(ps, &l.grids[level], v, level, k)
		}
	}
}

// query is an object to search the anchors of.
type query struct {
	object         int32
	o              geom.Box32
	area           float32
	t              float32
	low, high      uint32 // the matcher's thresholds, as bits
	slack, share   float64
	x0, y0, x1, y1 float64 // o's corners
	w, h           float64 // o's sides
}

// extent is a rectangle of lattice points.
type extent struct{ row, col, rows, cols int32 }

// bounds returns where the anchors of one shape on one level may reach the threshold, and
// the px² that they have to overlap the object by at least.
func (q *query) bounds(g *geom.Grid, l *level, k int) (p extent, least float64) {
	s := &l.shapes[k]
	least = q.share * (float64(q.w*q.h) + s.area)
	wide, high := min(q.w, s.w), min(q.h, s.h)
	if wide*high < least {
		return
	}
	low := least/wide - q.slack
	row := max(0, ceil((q.y0+low-s.y1-l.y)*l.perY))
	rows := min(g.Rows-1, floor((q.y1-low-s.y0-l.y)*l.perY)) - row + 1
	low = least/high - q.slack
	col := max(0, ceil((q.x0+low-s.x1-l.x)*l.perX))
	cols := min(g.Cols-1, floor((q.x1-low-s.x0-l.x)*l.perX)) - col + 1
	return extent{int32(row), int32(col), int32(rows), int32(cols)}, least
}

// scan appends the patch of one shape on one level.
func (q *query) scan(ps *patches, g *geom.Grid, l *level, number, k int) {
	at, _ := q.bounds(g, l, k)
	if at.rows <= 0 || at.cols <= 0 {
		return
	}
	ps.list = append(ps.list, patch{})
	p := &ps.list[len(ps.list)-1] // field by field: a composite is put together elsewhere first
	p.object, p.row, p.col, p.rows, p.cols = q.object, at.row, at.col, at.rows, at.cols
	p.values, p.shape, p.level = int32(len(ps.iou)), uint16(k), uint8(number)
	q.evaluate(ps, p, g)
	if p.best < q.t {
		ps.iou = ps.iou[:p.values]
		ps.list = ps.list[:len(ps.list)-1]
	}
}

// evaluate computes the IoUs of a patch as Of32 would. What depends on the
// column alone is computed once. IoUs are not negative, so their bits are in
// the same order as they are, and comparing these takes no branches.
func (q *query) evaluate(ps *patches, p *patch, g *geom.Grid) {
	ps.widths, ps.sides = ps.widths[:0], ps.sides[:0]
	// SpanX and SpanY are called only where they have to be: calls cost a tenth.
	s, plain := &g.Shapes[p.shape], g.Unit == 0 && !g.Once
	for col := p.col; col < p.col+p.cols; col++ {
		x := g.ShiftX(int(col))
		ax0, ax1 := x+s.X0, x+s.X1
		if !plain {
			ax0, ax1 = g.SpanX(int(col), int(p.shape))
		}
		ps.widths = append(ps.widths, max(0, min(q.o.X1, ax1)-max(q.o.X0, ax0)))
		ps.sides = append(ps.sides, ax1-ax0)
	}
	n := int(p.cols)
	widths, sides := ps.widths[:n], ps.sides[:n]
	ps.iou = slices.Grow(ps.iou, int(p.rows)*n)
	best, atLow, atHigh := uint32(0), int32(0), int32(0)
	for row := p.row; row < p.row+p.rows; row++ {
		y := g.ShiftY(int(row))
		ay0, ay1 := y+s.Y0, y+s.Y1
		if !plain {
			ay0, ay1 = g.SpanY(int(row), int(p.shape))
		}
		tall, high := ay1-ay0, max(0, min(q.o.Y1, ay1)-max(q.o.Y0, ay0))
		end := len(ps.iou)
		ps.iou = ps.iou[:end+n]
		out := ps.iou[end : end+n]
		for k, w := range widths {
			inter := float32(w * high)
			v := inter / (float32(q.area+float32(sides[k]*tall)) - inter)
			out[k] = v
			u := math.Float32bits(v)
			best = max(best, u)
			if u >= q.low {
				atLow++
			}
			if u >= q.high {
				atHigh++
			}
		}
	}
	p.best, p.atLow, p.atHigh = math.Float32frombits(best), atLow, atHigh
}

// reach returns an IoU with the object that some anchor has: that of the best
// centred anchor of the best shape. The overlap along an axis falls with the
// distance of the centres, so the nearest lattice point is a shape's best. A
// shape that could not do better even at the object's own place is passed by.
func (l *lattice) reach(o geom.Box32) float32 {
	var best float32
	x0, y0, x1, y1 := float64(o.X0), float64(o.Y0), float64(o.X1), float64(o.Y1)
	for i := range l.levels {
		v, g := &l.levels[i], &l.grids[i]
		for k := range v.shapes {
			s := &v.shapes[k]
			inter := float64(min(x1-x0, s.w) * min(y1-y0, s.h))
			if inter < float64(best)*(float64((x1-x0)*(y1-y0))+s.area-inter) {
				continue
			}
			col := nearest(((x0+x1-s.x0-s.x1)/2-v.x)*v.perX, g.Cols)
			row := nearest(((y0+y1-s.y0-s.y1)/2-v.y)*v.perY, g.Rows)
			best = max(best, Of32(o, g.At(row, col, k)))
		}
	}
	return best
}

// nearest rounds to the nearest of the numbers 0 to n-1.
func nearest(x float64, n int) int { return min(max(floor(float64(x)+0.5), 0), n-1) }

// ceil and floor are math.Ceil and math.Floor for numbers far below 2^52,
// which coordinates are.
func ceil(x float64) int {
	n := int(x)
	if float64(n) < x {
		n++
	}
	return n
}

func floor(x float64) int {
	n := int(x)
	if float64(n) > x {
		n--
	}
	return n
}
