package iou

import (
	"math"

	"focalaudit/pkg/geom"
)

// InclusiveIoU assigns anchors as keras-retinanet does (utils/anchors.py and
// utils/compute_overlap.pyx). All is float64. A box is taken to hold the pixels
// at both of its edges, and so to be 1 px wider and higher than its corners say;
// the first of the objects with an anchor's highest IoU v counts: v >= High is
// positive, Low < v < High ignored, any other negative. With Inside, anchors are
// ignored, whatever their IoU, whose centre is at or beyond the right or lower
// edge of the image. No object has a right to its best anchor.
//
// Grids must have Exact shapes. As in Matcher, only anchors are looked at that may
// exceed Low, and those outside are counted.
type InclusiveIoU struct {
	Low, High float64 // 0 < Low <= High <= 1
	Inside    bool
}

// edge is where the anchors of a shape begin whose centre is outside the image.
type edge struct{ row, col int32 }

// overlapOf returns the IoU of an anchor and an object as compute_overlap does.
func overlapOf(anchor, object *geom.Box, area float64) float64 {
	w := min(anchor.X1, object.X1) - max(anchor.X0, object.X0) + 1
	h := min(anchor.Y1, object.Y1) - max(anchor.Y0, object.Y0) + 1
	if !(w > 0 && h > 0) {
		return 0
	}
	inter := float64(w * h)
	return inter / (float64((anchor.X1-anchor.X0+1)*(anchor.Y1-anchor.Y0+1)) + area - inter)
}

func inclusiveArea(b *geom.Box) float64 {
	return float64((b.X1 - b.X0 + 1) * (b.Y1 - b.Y0 + 1))
}

// exactAt returns the anchor of a grid in float64.
func exactAt(g *geom.Grid, row, col, shape int) geom.Box {
	x, y := float64(col)*float64(g.StrideX)+float64(g.OffsetX), float64(row)*float64(g.StrideY)+float64(g.OffsetY)
	s := &g.Exact[shape]
	return geom.Box{X0: x + s.X0, Y0: y + s.Y0, X1: x + s.X1, Y1: y + s.Y1}
}

// place is an anchor's place in the grids.
type place struct {
	level, row, col, shape int
}

// Margins of each, far above what float64 rounds: of the intersection, and px.
const (
	exactShare = 1 - 1e-9
	exactSlack = 1e-6
)

// each calls f with all anchors whose IoU with an object is at least least > 0,
// and with some others.
func (m InclusiveIoU) each(o *geom.Box, grids []geom.Grid, least float64, f func(at place, v float64)) {
	area := inclusiveArea(o)
	ow, oh := o.Width()+1, o.Height()+1
	share := least / (1 + least) * exactShare
	for level := range grids {
		g := &grids[level]
		for k := range g.Exact {
			s := &g.Exact[k]
			sw, sh := s.Width()+1, s.Height()+1
			inter := share * (float64(ow*oh) + float64(sw*sh))
			wide, high := min(ow, sw), min(oh, sh)
			if wide*high < inter {
				continue
			}
			low := inter/wide - exactSlack
			top := max(0, ceil((o.Y0+low-s.Y1-1-float64(g.OffsetY))/float64(g.StrideY)))
			bottom := min(g.Rows-1, floor((o.Y1+1-low-s.Y0-float64(g.OffsetY))/float64(g.StrideY)))
			low = inter/high - exactSlack
			left := max(0, ceil((o.X0+low-s.X1-1-float64(g.OffsetX))/float64(g.StrideX)))
			right := min(g.Cols-1, floor((o.X1+1-low-s.X0-float64(g.OffsetX))/float64(g.StrideX)))
			for row := top; row <= bottom; row++ {
				for col := left; col <= right; col++ {
					anchor := exactAt(g, row, col, k)
					f(place{level, row, col, k}, overlapOf(&anchor, o, area))
				}
			}
		}
	}
}

// reach returns an IoU with the object that some anchor has: see lattice.reach.
func (m InclusiveIoU) reach(o *geom.Box, grids []geom.Grid) (best float64) {
	area := inclusiveArea(o)
	for level := range grids {
		g := &grids[level]
		for k := range g.Exact {
			s := &g.Exact[k]
			col := nearest(((o.X0+o.X1-s.X0-s.X1)/2-float64(g.OffsetX))/float64(g.StrideX), g.Cols)
			row := nearest(((o.Y0+o.Y1-s.Y0-s.Y1)/2-float64(g.OffsetY))/float64(g.StrideY), g.Rows)
			anchor := exactAt(g, row, col, k)
			best = max(best, overlapOf(&anchor, o, area))
		}
	}
	return best
}

// Assign labels the anchors of grids for objects.
func (m InclusiveIoU) Assign(r *Result, objects []geom.Box, grids []geom.Grid, resized geom.Size) {
	r.reset(len(objects), grids)
	r.lattice.grids = grids
	r.exact = r.exact[:0]
	if m.Inside {
		r.outside = r.edges[:0]
		for i := range grids {
			for k := range grids[i].Shapes {
				r.outside = append(r.outside, edgeOf(&grids[i], k, resized))
			}
		}
		r.edges = r.outside
	}
	for i := range objects {
		m.take(r, int32(i), &objects[i], grids)
	}
	m.label(r)
}

// take enters the anchors of an object.
func (m InclusiveIoU) take(r *Result, i int32, o *geom.Box, grids []geom.Grid) {
	b := &r.Objects[i]
	best := 0.0
	survey := func(at place, v float64) {
		switch {
		case v == 0 || v < best:
			return
		case v > best:
			best, b.Ties, b.Anchor = v, 0, math.MaxInt32
		}
		b.Ties++
		if anchor := int32(grids[at.level].Index(at.row, at.col, at.shape)); anchor < b.Anchor {
			b.Anchor, b.Level, b.Shape = anchor, uint8(at.level), uint16(at.shape)
		}
	}
	m.each(o, grids, m.Low, func(at place, v float64) {
		survey(at, v)
		if v > m.Low || v >= m.High {
			b.AtLow++
			if v >= m.High {
				b.AtHigh++
			}
			r.enterExact(int32(grids[at.level].Index(at.row, at.col, at.shape)), i, at, v)
		}
	})
	if least := m.reach(o, grids); best < m.Low && least > 0 {
		best, b.Ties = 0, 0
		m.each(o, grids, least, survey)
	}
	b.IoU = float32(best)
	if best == 0 {
		b.Anchor, b.Level, b.Shape, b.Ties = 0, 0, 0, r.Anchors
	}
}

// enterExact makes a match, or merges it with that of an earlier object.
func (r *Result) enterExact(anchor, object int32, at place, v float64) {
	k, known := r.table.Find(anchor, int32(len(r.Matches)))
	switch {
	case !known:
		r.Matches = append(r.Matches, Match{Anchor: anchor, Object: object, IoU: float32(v), Shape: uint16(at.shape), Level: uint8(at.level)})
		r.exact = append(r.exact, v)
	case v > r.exact[k]:
		r.Matches[k].Object, r.Matches[k].IoU, r.exact[k] = object, float32(v), v
	}
}

// label reads the labels off and counts them.
func (m InclusiveIoU) label(r *Result) {
	shape := 0
	for i := range r.lattice.grids {
		g := &r.lattice.grids[i]
		for range g.Shapes {
			if r.outside != nil {
				e := &r.outside[shape]
				r.ByShape[shape].Ignored = g.Rows*g.Cols - int(e.row)*int(e.col)
			}
			shape++
		}
	}
	for k := range r.Matches {
		b := &r.Matches[k]
		c := &r.ByShape[r.first[b.Level]+int(b.Shape)]
		switch {
		case r.outside != nil && r.isOutside(b.Anchor):
			b.Label = Ignored // and counted
		case r.exact[k] >= m.High:
			b.Label = Positive
			c.Positives++
			r.Objects[b.Object].Positives++
		default:
			b.Label = Ignored
			c.Ignored++
		}
	}
	for i := range r.ByShape {
		r.Positives += r.ByShape[i].Positives
		r.Ignored += r.ByShape[i].Ignored
	}
	r.Negatives = r.Anchors - r.Positives - r.Ignored
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

// locate finds an anchor's place.
func (r *Result) locate(anchor int32) place {
	grids := r.lattice.grids
	level := len(grids) - 1
	for level > 0 && int(anchor) < grids[level].First {
		level--
	}
	row, col, shape := grids[level].Place(int(anchor))
	return place{level, row, col, shape}
}

func (r *Result) isOutside(anchor int32) bool {
	at := r.locate(anchor)
	e := &r.outside[r.first[at.level]+at.shape]
	return at.row >= int(e.row) || at.col >= int(e.col)
}

// appendOutside appends the anchors outside the image that no object reaches.
func (r *Result) appendOutside(list []int32) []int32 {
	for level := range r.lattice.grids {
		g := &r.lattice.grids[level]
		for k := range g.Shapes {
			e := &r.outside[r.first[level]+k]
			for row := range g.Rows {
				first := int(e.col)
				if row >= int(e.row) {
					first = 0
				}
				for col := first; col < g.Cols; col++ {
					anchor := int32(g.Index(row, col, k))
					if _, known := r.table.lookup(anchor); !known {
						list = append(list, anchor)
					}
				}
			}
		}
	}
	return list
}

// Reacher returns what finds a box's anchors by m's thresholds.
func (m InclusiveIoU) Reacher() Reacher { return &reachInclusive{rule: m} }

type reachInclusive struct {
	rule  InclusiveIoU
	grids []geom.Grid
}

// Prepare is Reacher's.
func (r *reachInclusive) Prepare(grids []geom.Grid, _ []geom.Box) { r.grids = grids }

// Each calls f with the anchors that are not negative for the box, outside or not.
func (r *reachInclusive) Each(box geom.Box, f func(anchor int32, level uint8, v float32, best bool)) {
	r.rule.each(&box, r.grids, r.rule.Low, func(at place, v float64) {
		if v > r.rule.Low || v >= r.rule.High {
			f(int32(r.grids[at.level].Index(at.row, at.col, at.shape)), uint8(at.level), float32(v), false)
		}
	})
}
