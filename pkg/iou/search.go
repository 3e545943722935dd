package iou

import (
	"math"

	"focalaudit/pkg/geom"
)

// hit is an anchor that reaches the threshold of a search.
type hit struct {
	anchor int
	iou    float32
	shape  uint16
	level  uint8
}

// Margins of the search. Let u = 2^-24 be the relative error of one float32
// operation and M the largest coordinate that takes part.
//
//   - An edge of an anchor is computed with three roundings (i·stride, plus
//     offset, plus the shape's corner), each off by at most u·M: so an overlap
//     or a side differs from its exact value by less than 8·u·M, with room for
//     both edges: slackOf.
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

func slackOf(o geom.Box32, grids []geom.Grid) float64 {
	m := float64(max(o.X1, o.Y1, -o.X0, -o.Y0))
	for i := range grids {
		g := &grids[i]
		last := max(float64(g.Cols)*float64(g.StrideX), float64(g.Rows)*float64(g.StrideY))
		for _, s := range g.Shapes {
			m = max(m, last+float64(max(s.X1, s.Y1)), -float64(min(s.X0, s.Y0)))
		}
	}
	return 8 * unit * m
}

// search appends to hits every anchor whose IoU with the object, as Of32
// computes it, is at least t > 0, in rising order of index within each shape.
//
// IoU >= t needs an intersection of at least t/(1+t) of the two areas' sum.
// Divided by the widest overlap that the other direction allows, this bounds
// the anchor's place in each direction; only the lattice points within are
// evaluated. The cost is that of the hits and a rim around them, whatever the
// number of anchors.
func search(hits []hit, o geom.Box32, grids []geom.Grid, t float32, slack float64) []hit {
	share := float64(t) / (1 + float64(t)) * (1 - relSlack)
	q := query{
		o: o, area: o.Area(), t: t, slack: slack, share: share,
		x0: float64(o.X0), y0: float64(o.Y0), x1: float64(o.X1), y1: float64(o.Y1),
	}
	q.w, q.h = q.x1-q.x0, q.y1-q.y0
	for level := range grids {
		g := &grids[level]
		for shape := range g.Shapes {
			hits = q.scan(hits, g, level, shape)
		}
	}
	return hits
}

// query is an object to search the anchors of.
type query struct {
	o              geom.Box32
	area           float32
	t              float32
	slack, share   float64
	x0, y0, x1, y1 float64 // o's corners
	w, h           float64 // o's sides
}

// scan appends the hits of one shape on one grid.
func (q *query) scan(hits []hit, g *geom.Grid, level, shape int) []hit {
	s := &g.Shapes[shape]
	sx0, sy0, sx1, sy1 := float64(s.X0), float64(s.Y0), float64(s.X1), float64(s.Y1)
	w, h := sx1-sx0, sy1-sy0
	least := q.share * (q.w*q.h + max(0, w-q.slack)*max(0, h-q.slack)) // px² of intersection
	widest, highest := min(q.w, w+q.slack), min(q.h, h+q.slack)
	if widest*highest < least {
		return hits
	}
	d := q.slack
	strideX, strideY := float64(g.StrideX), float64(g.StrideY)
	offX, offY := float64(g.OffsetX), float64(g.OffsetY)
	low := least / widest
	firstRow := max(0, ceil((q.y0+low-sy1-d-offY)/strideY))
	lastRow := min(g.Rows-1, floor((q.y1-low-sy0+d-offY)/strideY))
	for row := firstRow; row <= lastRow; row++ {
		y := float64(row)*strideY + offY
		high := min(q.y1, y+sy1) - max(q.y0, y+sy0) + d
		if high <= 0 {
			continue
		}
		low := least / high
		firstCol := max(0, ceil((q.x0+low-sx1-d-offX)/strideX))
		lastCol := min(g.Cols-1, floor((q.x1-low-sx0+d-offX)/strideX))
		if firstCol <= lastCol {
			hits = q.scanRow(hits, g, level, shape, row, firstCol, lastCol)
		}
	}
	return hits
}

// scanRow evaluates the columns first to last of a row as Of32 would.
func (q *query) scanRow(hits []hit, g *geom.Grid, level, shape, row, first, last int) []hit {
	s, y := &g.Shapes[shape], g.ShiftY(row)
	ay0, ay1 := y+s.Y0, y+s.Y1
	tall := ay1 - ay0
	h := max(0, min(q.o.Y1, ay1)-max(q.o.Y0, ay0))
	index := g.Index(row, first, shape)
	for col := first; col <= last; col++ {
		x := g.ShiftX(col)
		ax0, ax1 := x+s.X0, x+s.X1
		w := max(0, min(q.o.X1, ax1)-max(q.o.X0, ax0))
		inter := float32(w * h)
		v := inter / (float32(q.area+float32((ax1-ax0)*tall)) - inter)
		if v >= q.t {
			hits = append(hits, hit{anchor: index, iou: v, shape: uint16(shape), level: uint8(level)})
		}
		index += len(g.Shapes)
	}
	return hits
}

// reach returns an IoU with the object that some anchor has: that of the best
// centred anchor of the best shape. The overlap along an axis falls with the
// distance of the centres, so the nearest lattice point is a shape's best.
func reach(o geom.Box32, grids []geom.Grid) float32 {
	var best float32
	cx, cy := (float64(o.X0)+float64(o.X1))/2, (float64(o.Y0)+float64(o.Y1))/2
	for i := range grids {
		g := &grids[i]
		for k, s := range g.Shapes {
			col := nearest(cx-(float64(s.X0)+float64(s.X1))/2-float64(g.OffsetX), float64(g.StrideX), g.Cols)
			row := nearest(cy-(float64(s.Y0)+float64(s.Y1))/2-float64(g.OffsetY), float64(g.StrideY), g.Rows)
			best = max(best, Of32(o, g.At(row, col, k)))
		}
	}
	return best
}

func nearest(x, stride float64, n int) int {
	return int(min(max(math.Round(x/stride), 0), float64(n-1)))
}

// ceil and floor convert to int without the range checks of a general
// conversion: coordinates are far below 2^52.
func ceil(x float64) int  { return int(math.Ceil(x)) }
func floor(x float64) int { return int(math.Floor(x)) }
