package iou

import (
	"math"
	"slices"

	"focalaudit/pkg/geom"
)

// reachByIoU finds the anchors whose IoU with a box reaches the matcher's Low, or if
// there is none and Rescue holds, the box's best ones.
type reachByIoU struct {
	matcher       Matcher
	lattice       lattice
	rows          Rows
	narrow        []geom.Box32
	widths, sides []float32 // of the columns at hand: overlaps with the box, and sides of the anchors
}

// Prepare implements Reacher.
func (r *reachByIoU) Prepare(grids []geom.Grid, boxes []geom.Box) {
	r.narrow = narrowed(r.narrow, boxes)
	r.lattice.prepare(grids, r.narrow)
}

// Each calls f with the anchors that reach Low, or else the box's best.
func (r *reachByIoU) Each(b geom.Box, f func(anchor int32, level uint8, v float32, best bool)) {
	rows := r.Rows(b)
	values := rows.IoU
	for i := range rows.List {
		row := &rows.List[i]
		at := row.Anchor
		for _, v := range values[:row.N] {
			forced := v == rows.Best && (rows.Only < 0 || at == rows.Only)
			if v >= rows.Low || forced {
				f(at, row.Level, v, forced)
			}
			at += row.Step
		}
		values = values[row.N:]
	}
}

// Rows implements RowReacher.
func (r *reachByIoU) Rows(b geom.Box) *Rows {
	m, box := r.matcher, b.Narrow()
	rows := &r.rows
	*rows = Rows{List: rows.List[:0], IoU: rows.IoU[:0], Low: m.Low, Best: -1, Only: -1}
	r.search(box, m.Low)
	if len(rows.List) == 0 {
		if !m.Rescue {
			return rows
		}
		r.search(box, max(r.lattice.reach(box), math.SmallestNonzeroFloat32))
	}
	if m.First {
		rows.Only = math.MaxInt32
		values := rows.IoU
		for i := range rows.List {
			row := &rows.List[i]
			if k := slices.Index(values[:row.N], rows.Best); k >= 0 {
				rows.Only = min(rows.Only, row.Anchor+int32(k)*row.Step)
			}
			values = values[row.N:]
		}
	}
	return rows
}

// search finds rows that hold every anchor whose IoU with a box is at least t > 0, as
// lattice.search does. The columns of each row are bounded by its own overlap with the
// box.
func (r *reachByIoU) search(o geom.Box32, t float32) {
	l := &r.lattice
	q := query{
		o: o, area: o.Area(), t: t, slack: l.slack, share: float64(t) / (1 + float64(t)) * (1 - relSlack),
		x0: float64(o.X0), y0: float64(o.Y0), x1: float64(o.X1), y1: float64(o.Y1),
	}
	q.w, q.h = q.x1-q.x0, q.y1-q.y0
	for level := range l.levels {
		v := &l.levels[level]
		if min(q.w, v.widest)*min(q.h, v.highest) < q.share*(float64(q.w*q.h)+v.smallest) {
			continue
		}
		for k := range v.shapes {
			s := &v.shapes[k] // as bounds begins: most shapes end here
			if lesser(q.w, s.w)*lesser(q.h, s.h) >= q.share*(float64(q.w*q.h)+s.area) {
				r.shape(&q, &l.grids[level], v, level, k)
			}
		}
	}
}

// lesser and greater are min and max of numbers that are not NaN and not zeros of two signs, in fewer instructions.
func lesser[T float32 | float64](a, b T) T {
	if a < b {
		return a
	}
	return b
}

func greater[T float32 | float64](a, b T) T {
	if a > b {
		return a
	}
	return b
}

// overlap is by how much two ranges overlap, 0 if they do not.
func overlap(a0, a1, b0, b1 float32) float32 {
	if v := lesser(a1, b1) - greater(a0, b0); v > 0 {
		return v
	}
	return 0
}

// columns sets widths and sides to those of a patch's columns.
func (r *reachByIoU) columns(q *query, p extent, g *geom.Grid, k int) {
	n := int(p.cols)
	r.widths, r.sides = slices.Grow(r.widths[:0], n)[:n], slices.Grow(r.sides[:0], n)[:n]
	widths, sides := r.widths, r.sides[:len(r.widths)]
	s, plain := &g.Shapes[k], g.Unit == 0 && !g.Once
	for i := range widths {
		x := g.ShiftX(int(p.col) + i)
		ax0, ax1 := x+s.X0, x+s.X1
		if !plain {
			ax0, ax1 = g.SpanX(int(p.col)+i, k)
		}
		widths[i], sides[i] = overlap(q.o.X0, q.o.X1, ax0, ax1), ax1-ax0
	}
}

// shape finds the rows of one shape on one level. A box has some 27 rows of 3 anchors: what is done for each row is
// what it costs.
func (r *reachByIoU) shape(q *query, g *geom.Grid, l *level, number, k int) {
	p, least := q.bounds(g, l, k)
	if p.rows <= 0 || p.cols <= 0 {
		return
	}
	r.columns(q, p, g, k)
	s, of, plain := &l.shapes[k], &g.Shapes[k], g.Unit == 0 && !g.Once
	left, right := (q.x0-s.x1-l.x)*l.perX, (q.x1-s.x0-l.x)*l.perX
	step := int32(len(g.Shapes))
	if g.Planar {
		step = 1
	}
	anchor, perRow := int32(g.Index(int(p.row), int(p.col), k)), step*int32(g.Cols)
	place := int32(g.First + (k*g.Rows+int(p.row))*g.Cols + int(p.col))
	rows, wide, cols := &r.rows, lesser(q.w, s.w), int(p.cols)
	area, top := q.area, math.Float32bits(q.t)
	list := slices.Grow(rows.List, int(p.rows))
	from, all := len(rows.IoU), slices.Grow(rows.IoU, int(p.rows)*cols)
	all = all[:cap(all)]
	highest := math.Float32bits(0)
	for row := p.row; row < p.row+p.rows; row, anchor, place = row+1, anchor+perRow, place+int32(g.Cols) {
		y := g.ShiftY(int(row))
		ay0, ay1 := y+of.Y0, y+of.Y1
		if !plain {
			ay0, ay1 = g.SpanY(int(row), k)
		}
		tall, high := ay1-ay0, overlap(q.o.Y0, q.o.Y1, ay0, ay1)
		reach := float64(high) + q.slack
		if wide*reach < least {
			continue
		}
		low := float64((least/reach - q.slack) * l.perX)
		first, last := max(0, ceil(left+low)-int(p.col)), min(cols, floor(right-low)+1-int(p.col))
		if first >= last {
			continue
		}
		widths := r.widths[first:last]
		sides, out := r.sides[first:][:len(widths)], all[from:][:len(widths)]
		best := uint32(0) // IoUs are not negative, so their bits are in their order
		for i, w := range widths {
			inter := float32(w * high)
			v := inter / (float32(area+float32(sides[i]*tall)) - inter)
			out[i] = v
			best = max(best, math.Float32bits(v))
		}
		if best < top {
			continue
		}
		highest = max(highest, best)
		from += len(widths)
		list = append(list, Row{anchor + int32(first)*step, step, int32(len(widths)), place + int32(first), uint8(number)})
	}
	rows.List, rows.IoU = list, all[:from]
	if highest > 0 {
		rows.Best = max(rows.Best, math.Float32frombits(highest))
	}
}
