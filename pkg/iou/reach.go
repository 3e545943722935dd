package iou

import (
	"math"
	"slices"

	"focalaudit/pkg/geom"
)

// reachByIoU finds the anchors whose IoU with a box reaches the matcher's Low, or if
// there is none and Rescue holds, the box's best ones.
type reachByIoU struct {
	matcher Matcher
	lattice lattice
	patches Patches
	narrow  []geom.Box32
	values  []float32 // IoUs of all patches, row by row
}

// Prepare implements Reacher.
func (r *reachByIoU) Prepare(grids []geom.Grid, boxes []geom.Box) {
	r.narrow = narrowed(r.narrow, boxes)
	r.lattice.prepare(grids, r.narrow)
}

// Each calls f with the anchors that reach Low, or else the box's best.
func (r *reachByIoU) Each(b geom.Box, f func(anchor int32, level uint8, v float32, best bool)) {
	m, box := r.matcher, b.Narrow()
	r.search(box, m.Low)
	best := r.evaluate()
	if best < m.Low {
		if !m.Rescue {
			return
		}
		r.search(box, max(r.lattice.reach(box), math.SmallestNonzeroFloat32))
		best = r.evaluate()
	}
	only := int32(-1)
	if m.First {
		only = math.MaxInt32
		r.each(func(anchor int32, _ uint8, v float32) {
			if v == best {
				only = min(only, anchor)
			}
		})
	}
	r.each(func(anchor int32, level uint8, v float32) {
		forced := v == best && (only < 0 || anchor == only)
		if v >= m.Low || forced {
			f(anchor, level, v, forced)
		}
	})
}

// evaluate sets values to the IoUs of the patches, and returns the highest, -1 if there is none above 0.
func (r *reachByIoU) evaluate() float32 {
	r.values = r.values[:0]
	best := float32(0)
	for i := range r.patches.List {
		p := &r.patches.List[i]
		for j := range p.Rows {
			for k := range p.Columns {
				v := r.patches.IoU(p.Columns[k], p.Rows[j])
				best = greater(best, v)
				r.values = append(r.values, v)
			}
		}
	}
	if best == 0 {
		return -1
	}
	return best
}

// each calls f with the anchors of the patches, and their values.
func (r *reachByIoU) each(f func(anchor int32, level uint8, v float32)) {
	values := r.values
	for i := range r.patches.List {
		p := &r.patches.List[i]
		for j := range p.Rows {
			anchor := p.Anchor + int32(j)*p.Stride
			for _, v := range values[:len(p.Columns)] {
				f(anchor, p.Level, v)
				anchor += p.Step
			}
			values = values[len(p.Columns):]
		}
	}
}

// Patches implements PatchReacher.
func (r *reachByIoU) Patches(b geom.Box) *Patches {
	r.search(b.Narrow(), r.matcher.Low)
	return &r.patches
}

// search finds patches that hold every anchor whose IoU with a box is at least t > 0, as lattice.search does.
func (r *reachByIoU) search(o geom.Box32, t float32) {
	l := &r.lattice
	q := query{
		o: o, area: o.Area(), t: t, slack: l.slack, share: float64(t) / (1 + float64(t)) * (1 - relSlack),
		x0: float64(o.X0), y0: float64(o.Y0), x1: float64(o.X1), y1: float64(o.Y1),
	}
	q.w, q.h = q.x1-q.x0, q.y1-q.y0
	ps := &r.patches
	ps.List, ps.spans, ps.Low, ps.Area = ps.List[:0], ps.spans[:0], r.matcher.Low, q.area
	own := float64(q.w * q.h)
	for level := range l.levels {
		v := &l.levels[level]
		if lesser(q.w, v.widest)*lesser(q.h, v.highest) < q.share*(own+v.smallest) {
			continue
		}
		for k := range v.shapes {
			s := &v.shapes[k] // as bounds begins: most shapes end here
			if lesser(q.w, s.w)*lesser(q.h, s.h) < q.share*(own+s.area) {
				continue
			}
			if at, _ := q.bounds(&l.grids[level], v, k); at.rows > 0 && at.cols > 0 {
				ps.add(&q, &l.grids[level], at, level, k)
			}
		}
	}
}

// add appends the patch of one shape on one level.
func (ps *Patches) add(q *query, g *geom.Grid, at extent, level, k int) {
	from, n := len(ps.spans), int(at.cols+at.rows)
	ps.spans = slices.Grow(ps.spans, n)[:from+n]
	columns := ps.spans[from:][:at.cols]
	rows := ps.spans[from+len(columns):][:at.rows]
	// SpanX and SpanY are called only where they have to be: calls cost a tenth.
	s, plain := &g.Shapes[k], g.Unit == 0 && !g.Once
	for i := range columns {
		x := g.ShiftX(int(at.col) + i)
		a0, a1 := x+s.X0, x+s.X1
		if !plain {
			a0, a1 = g.SpanX(int(at.col)+i, k)
		}
		columns[i] = Span{overlap(q.o.X0, q.o.X1, a0, a1), a1 - a0}
	}
	for i := range rows {
		y := g.ShiftY(int(at.row) + i)
		a0, a1 := y+s.Y0, y+s.Y1
		if !plain {
			a0, a1 = g.SpanY(int(at.row)+i, k)
		}
		rows[i] = Span{overlap(q.o.Y0, q.o.Y1, a0, a1), a1 - a0}
	}
	step := int32(len(g.Shapes))
	if g.Planar {
		step = 1
	}
	ps.List = append(ps.List, Patch{})
	p := &ps.List[len(ps.List)-1] // field by field: a composite is put together elsewhere first
	p.Columns, p.Rows = columns, rows
	p.Anchor, p.Step, p.Stride = int32(g.Index(int(at.row), int(at.col), k)), step, step*int32(g.Cols)
	p.Place, p.Across = int32(g.First+(k*g.Rows+int(at.row))*g.Cols+int(at.col)), int32(g.Cols)
	p.Level = uint8(level)
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
