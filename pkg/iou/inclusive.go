package iou

import (
	"fmt"
	"math"
	"slices"

	"focalaudit/pkg/geom"
)

// InclusiveIoU assigns anchors as keras-retinanet does (utils/anchors.py and
// utils/compute_overlap.pyx). All is float64. Up to release 0.5.1 a box is taken to hold
// the pixels at both of its edges, and so to be 1 px wider and higher than its corners say;
// from 1.0.0 on it is not (Exclusive). The first of the objects with an anchor's highest IoU v counts: v >= High is
// positive, Low < v < High ignored, any other negative. With Inside, anchors are
// ignored, whatever their IoU, whose centre is at or beyond the right or lower
// edge of the image. No object has a right to its best anchor.
//
// Grids must have Exact shapes. As in Matcher, only anchors are looked at that may
// exceed Low, and those outside are counted.
type InclusiveIoU struct {
	High float64 `yaml:"positive,omitempty" json:"positive,omitempty"` // 0 < Low <= High <= 1
	Low  float64 `yaml:"negative,omitempty" json:"negative,omitempty"`

	// Exclusive takes boxes for as wide and high as their corners say.
	Exclusive bool `yaml:"exclusive,omitempty" json:"exclusive,omitempty"`

	// Inside has anchors ignored whose centre is right of the image or below it.
	Inside bool `yaml:"ignore_outside,omitempty" json:"ignore_outside,omitempty"`
}

const nameInclusive = "inclusive-iou"

var _ = Register(nameInclusive, func() Rule { return &InclusiveIoU{} })

// Outside is InclusiveIoU's own reason: anchors suit the object, but those that
// nobody else has are ignored for a centre outside the image.
var Outside = newWhy("outside")

// edge returns by how many px boxes are wider and higher than their corners say.
func (m *InclusiveIoU) edge() float64 {
	if m.Exclusive {
		return 0
	}
	return 1
}

// Validate implements Rule.
func (m *InclusiveIoU) Validate([]int) error {
	if err := within("negative", m.Low, 0.01, 1); err != nil {
		return err
	}
	return within("positive", m.High, m.Low, 1)
}

// String implements Rule.
func (m *InclusiveIoU) String() string {
	text := fmt.Sprintf("%s: positive from %g, negative up to %g", nameInclusive, m.High, m.Low)
	if m.Exclusive {
		text += ", boxes as wide as their corners say"
	}
	if m.Inside {
		text += ", ignored if centred outside the image"
	}
	return text
}

// Thresholds implements Rule.
func (m *InclusiveIoU) Thresholds() Thresholds {
	return Thresholds{Low: float32(m.Low), High: float32(m.High)}
}

// Suit implements Suiter.
func (m *InclusiveIoU) Suit() Suit { return Suit{ByIoU, m.High, m.edge()} }

// Measure implements Rule.
func (m *InclusiveIoU) Measure() Measure { return ByIoU }

// Covers implements Rule.
func (m *InclusiveIoU) Covers() string {
	return fmt.Sprintf("that overlap it by more than IoU %g", m.Low)
}

// Assigner implements Rule. It lists every match.
func (m *InclusiveIoU) Assigner(bool) Assigner { return &assignInclusive{rule: *m} }

// assignInclusive is InclusiveIoU at work.
type assignInclusive struct {
	Result
	rule  InclusiveIoU
	exact []float64 // by match, its IoU
	edges []edge    // scratch of outside
	scene Scene

	columns []along // scratch of each
}

// overlapOf returns the IoU of an anchor and an object as compute_overlap does.
func (m *InclusiveIoU) overlapOf(anchor, object *geom.Box, area float64) float64 {
	edge := m.edge()
	w := min(anchor.X1, object.X1) - max(anchor.X0, object.X0) + edge
	h := min(anchor.Y1, object.Y1) - max(anchor.Y0, object.Y0) + edge
	if !(w > 0 && h > 0) {
		return 0
	}
	inter := float64(w * h)
	return inter / (float64((anchor.X1-anchor.X0+edge)*(anchor.Y1-anchor.Y0+edge)) + area - inter)
}

func (m *InclusiveIoU) area(b *geom.Box) float64 {
	edge := m.edge()
	return float64((b.X1 - b.X0 + edge) * (b.Y1 - b.Y0 + edge))
}

// exactAt returns the anchor of a grid in float64.
func exactAt(g *geom.Grid, row, col, shape int) geom.Box {
	x := float64(float64(col)*float64(g.StrideX)) + float64(g.OffsetX)
	y := float64(float64(row)*float64(g.StrideY)) + float64(g.OffsetY)
	s := &g.Exact[shape]
	return geom.Box{X0: x + s.X0, Y0: y + s.Y0, X1: x + s.X1, Y1: y + s.Y1}
}

// Margins of each, far above what float64 rounds: of the intersection, and px.
const (
	exactShare = 1 - 1e-9
	exactSlack = 1e-6
)

// along is what the anchors of one column have in common: their side, and their overlap with the object.
type along struct{ side, overlap float64 }

// each calls f with the anchors whose IoU with an object, as overlapOf computes it, is at least least > 0. What
// depends on the column alone is computed once, in columns, which is returned for the next call.
func (m *InclusiveIoU) each(
	o *geom.Box, grids []geom.Grid, least float64, columns []along, f func(at place, v float64),
) []along {
	area, edge := m.area(o), m.edge()
	ow, oh := o.Width()+edge, o.Height()+edge
	share := least / (1 + least) * exactShare
	for level := range grids {
		g := &grids[level]
		for k := range g.Exact {
			s := &g.Exact[k]
			sw, sh := s.Width()+edge, s.Height()+edge
			inter := share * (float64(ow*oh) + float64(sw*sh))
			wide, high := min(ow, sw), min(oh, sh)
			if wide*high < inter {
				continue
			}
			low := inter/wide - exactSlack
			top := max(0, ceil((o.Y0+low-s.Y1-edge-float64(g.OffsetY))/float64(g.StrideY)))
			bottom := min(g.Rows-1, floor((o.Y1+edge-low-s.Y0-float64(g.OffsetY))/float64(g.StrideY)))
			low = inter/high - exactSlack
			left := max(0, ceil((o.X0+low-s.X1-edge-float64(g.OffsetX))/float64(g.StrideX)))
			right := min(g.Cols-1, floor((o.X1+edge-low-s.X0-float64(g.OffsetX))/float64(g.StrideX)))
			columns = columns[:0]
			for col := left; col <= right; col++ {
				x := float64(float64(col)*float64(g.StrideX)) + float64(g.OffsetX) // exactAt, and overlapOf below
				x0, x1 := x+s.X0, x+s.X1
				columns = append(columns, along{x1 - x0 + edge, min(x1, o.X1) - max(x0, o.X0) + edge})
			}
			for row := top; row <= bottom; row++ {
				y := float64(float64(row)*float64(g.StrideY)) + float64(g.OffsetY)
				y0, y1 := y+s.Y0, y+s.Y1
				side, h := y1-y0+edge, min(y1, o.Y1)-max(y0, o.Y0)+edge
				if !(h > 0) {
					continue
				}
				for col := range columns {
					c := &columns[col]
					if !(c.overlap > 0) {
						continue
					}
					inter := float64(c.overlap * h)
					if v := inter / (float64(c.side*side) + area - inter); v >= least {
						f(place{level, row, left + col, k}, v)
					}
				}
			}
		}
	}
	return columns
}

// reach returns an IoU with the object that some anchor has: see lattice.reach.
func (m *InclusiveIoU) reach(o *geom.Box, grids []geom.Grid) (best float64) {
	area := m.area(o)
	for level := range grids {
		g := &grids[level]
		for k := range g.Exact {
			s := &g.Exact[k]
			col := nearest(((o.X0+o.X1-s.X0-s.X1)/2-float64(g.OffsetX))/float64(g.StrideX), g.Cols)
			row := nearest(((o.Y0+o.Y1-s.Y0-s.Y1)/2-float64(g.OffsetY))/float64(g.StrideY), g.Rows)
			anchor := exactAt(g, row, col, k)
			best = max(best, m.overlapOf(&anchor, o, area))
		}
	}
	return best
}

// Assign implements Assigner.
func (a *assignInclusive) Assign(s Scene) *Result {
	a.scene = s
	a.reset(len(s.Objects), s.Grids)
	a.exact = a.exact[:0]
	if a.rule.Inside {
		a.outside = a.edges[:0]
		for i := range s.Grids {
			for k := range s.Grids[i].Shapes {
				a.outside = append(a.outside, edgeOf(&s.Grids[i], k, s.Resized))
			}
		}
		a.edges = a.outside
	}
	for i := range s.Objects {
		a.take(int32(i), &s.Objects[i])
	}
	a.label()
	return &a.Result
}

// Why implements Assigner.
func (a *assignInclusive) Why(i int) Verdict {
	o, box := &a.Objects[i], a.scene.Objects[i]
	if o.Positives > 0 {
		return Verdict{}
	}
	fit := fitOf(box.Width(), box.Height(), a.scene.Grids, a.rule.edge())
	switch {
	case o.AtHigh > 0 && a.rule.Inside && a.leftOutside(i):
		return shortOfIoU(Outside, fit, o)
	case o.AtHigh > 0:
		return shortOfIoU(OutCompeted, fit, o)
	}
	why := whyShape(box.Width()+a.rule.edge(), box.Height()+a.rule.edge(), fit, float64(float32(a.rule.High)))
	return shortOfIoU(why, fit, o)
}

// leftOutside reports whether an anchor that reaches the positive threshold with an
// object, and would be its, is ignored for its place.
func (a *assignInclusive) leftOutside(i int) bool {
	ignored := false
	by := a.rule.Reacher(0)
	by.Prepare(a.scene.Grids, nil)
	by.Each(a.scene.Objects[i], func(anchor int32, _ uint8, v float32, _ bool) {
		m := a.Of(anchor)
		ignored = ignored || float64(v) >= a.rule.High && m.Label == Ignored && int(m.Object) == i
	})
	return ignored
}

// Explain implements Assigner.
func (a *assignInclusive) Explain(i int, v Verdict) string {
	o, box := &a.Objects[i], a.scene.Objects[i]
	if v.Why == Outside {
		return fmt.Sprintf("outside: of %d anchors that reach %g, those it could have are ignored, "+
			"since their centres are outside the image (%s)",
			o.AtHigh, float32(a.rule.High), sides(box))
	}
	return explainShape(box, o, v, float32(a.rule.High), a.rule.edge())
}

// Hazard implements Assigner: nothing is forced.
func (a *assignInclusive) Hazard(int) string { return "" }

// Background implements Assigner.
func (a *assignInclusive) Background(box geom.Box) int {
	return a.background(a.rule.Reacher(0), box, a.scene.Grids)
}

// take enters the anchors of an object.
func (a *assignInclusive) take(i int32, o *geom.Box) {
	m, grids := &a.rule, a.scene.Grids
	b := &a.Objects[i]
	best := 0.0
	a.tied = a.tied[:0]
	survey := func(at place, v float64) {
		switch {
		case v == 0 || v < best:
			return
		case v > best:
			best, b.Ties, b.Anchor = v, 0, math.MaxInt32
			a.tied = a.tied[:0]
		}
		b.Ties++
		if shape := a.first[at.level] + at.shape; !slices.Contains(a.tied, shape) {
			a.tied = append(a.tied, shape)
		}
		if anchor := int32(grids[at.level].Index(at.row, at.col, at.shape)); anchor < b.Anchor {
			b.Anchor, b.Level, b.Shape = anchor, uint8(at.level), uint16(at.shape)
		}
	}
	a.columns = m.each(o, grids, m.Low, a.columns, func(at place, v float64) {
		survey(at, v)
		if v > m.Low || v >= m.High {
			b.AtLow++
			if v >= m.High {
				b.AtHigh++
			}
			a.enter(int32(grids[at.level].Index(at.row, at.col, at.shape)), i, at, v)
		}
	})
	if least := m.reach(o, grids); best < m.Low && least > 0 {
		best, b.Ties, a.tied = 0, 0, a.tied[:0]
		a.columns = m.each(o, grids, least, a.columns, survey)
	}
	b.IoU = float32(best)
	if best == 0 {
		b.Anchor, b.Level, b.Shape, b.Ties = 0, 0, 0, a.Anchors
	}
	a.prefer(a.tied)
}

// enter makes a match, or merges it with that of an earlier object.
func (a *assignInclusive) enter(anchor, object int32, at place, v float64) {
	k, known := a.table.Add(anchor, int32(len(a.Matches)))
	switch {
	case !known:
		a.Matches = append(a.Matches, Match{
			Anchor: anchor, Object: object, IoU: float32(v), Shape: uint16(at.shape), Level: uint8(at.level),
		})
		a.exact = append(a.exact, v)
	case v > a.exact[k]:
		a.Matches[k].Object, a.Matches[k].IoU, a.exact[k] = object, float32(v), v
	}
}

// label reads the labels off and counts them.
func (a *assignInclusive) label() {
	shape := 0
	for i := range a.grids {
		g := &a.grids[i]
		for range g.Shapes {
			if a.outside != nil {
				e := &a.outside[shape]
				a.ByShape[shape].Ignored = g.Rows*g.Cols - int(e.row)*int(e.col)
			}
			shape++
		}
	}
	for k := range a.Matches {
		b := &a.Matches[k]
		c := &a.ByShape[a.first[b.Level]+int(b.Shape)]
		switch {
		case a.outside != nil && a.isOutside(b.Anchor):
			b.Label = Ignored // and counted
		case a.exact[k] >= a.rule.High:
			b.Label = Positive
			c.Positives++
			a.Objects[b.Object].Positives++
		default:
			b.Label = Ignored
			c.Ignored++
		}
	}
	a.total()
}

// edgeOf finds the first row and column of a shape's anchors whose centre, as it
// is computed from the corners, is at or beyond the image's edge.
func edgeOf(g *geom.Grid, shape int, resized geom.Size) edge {
	e := edge{int32(g.Rows), int32(g.Cols)}
	for e.col > 0 {
		if b := exactAt(g, 0, int(e.col)-1, shape); (b.X0+b.X1)/2 < float64(resized.W) {
			break
		}
		e.col--
	}
	for e.row > 0 {
		if b := exactAt(g, int(e.row)-1, 0, shape); (b.Y0+b.Y1)/2 < float64(resized.H) {
			break
		}
		e.row--
	}
	return e
}

// Reacher returns what finds a box's anchors by m's thresholds.
func (m *InclusiveIoU) Reacher(from float32) Reacher {
	r := &reachInclusive{rule: *m}
	if from > 0 {
		r.rule.Low = float64(from)
	}
	return r
}

type reachInclusive struct {
	rule  InclusiveIoU
	grids []geom.Grid

	columns []along // scratch of each
}

// Prepare implements Reacher.
func (r *reachInclusive) Prepare(grids []geom.Grid, _ []geom.Box) { r.grids = grids }

// Each calls f with the anchors that are not negative for the box, outside or not.
func (r *reachInclusive) Each(box geom.Box, f func(anchor int32, level uint8, v float32, best bool)) {
	r.columns = r.rule.each(&box, r.grids, r.rule.Low, r.columns, func(at place, v float64) {
		if v > r.rule.Low || v >= r.rule.High {
			f(int32(r.grids[at.level].Index(at.row, at.col, at.shape)), uint8(at.level), float32(v), false)
		}
	})
}
