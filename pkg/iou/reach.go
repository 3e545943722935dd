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
			r.shape(&q, &l.grids[level], v, level, k)
		}
	}
}

// shape finds the rows of one shape on one level.
func (r *reachByIoU) shape(q *query, g *geom.Grid, l *level, number, k int) {
	p, least := q.bounds(g, l, k)
	if p.rows <= 0 || p.cols <= 0 {
		return
	}
	r.widths, r.sides = r.widths[:0], r.sides[:0]
	for col := p.col; col < p.col+p.cols; col++ {
		ax0, ax1 := g.SpanX(int(col), k)
		r.widths = append(r.widths, max(0, min(q.o.X1, ax1)-max(q.o.X0, ax0)))
		r.sides = append(r.sides, ax1-ax0)
	}
	s := &l.shapes[k]
	left, right := (q.x0-s.x1-l.x)*l.perX, (q.x1-s.x0-l.x)*l.perX
	step := int32(len(g.Shapes))
	if g.Planar {
		step = 1
	}
	rows := &r.rows
	wide := min(q.w, s.w)
	for row := p.row; row < p.row+p.rows; row++ {
		ay0, ay1 := g.SpanY(int(row), k)
		tall, high := ay1-ay0, max(0, min(q.o.Y1, ay1)-max(q.o.Y0, ay0))
		reach := float64(high) + q.slack
		if wide*reach < least {
			continue
		}
		low := (least/reach - q.slack) * l.perX
		first, last := max(0, ceil(left+low)-int(p.col)), min(int(p.cols), floor(right-low)+1-int(p.col))
		if first >= last {
			continue
		}
		widths, sides := r.widths[first:last], r.sides[first:last]
		begin := len(rows.IoU)
		rows.IoU = slices.Grow(rows.IoU, len(widths))[:begin+len(widths)]
		out := rows.IoU[begin:]
		best := uint32(0)
		for i, w := range widths {
			inter := float32(w * high)
			v := inter / (float32(q.area+float32(sides[i]*tall)) - inter)
			out[i] = v
			best = max(best, math.Float32bits(v))
		}
		top := math.Float32frombits(best)
		if top < q.t {
			rows.IoU = rows.IoU[:begin]
			continue
		}
		rows.Best = max(rows.Best, top)
		rows.List = append(rows.List, Row{
			Anchor: int32(g.Index(int(row), int(p.col)+first, k)), Step: step, N: int32(len(widths)),
			Place: int32(g.First + (k*g.Rows+int(row))*g.Cols + int(p.col) + first), Level: uint8(number),
		})
	}
}
