package iou

import (
	"math"

	"focalaudit/pkg/geom"
)

// Reach finds the anchors that a box by itself would make positive or ignored,
// whatever else is in the image. It is reused from image to image.
type Reach struct {
	lattice lattice
	patches patches
}

// Prepare makes r ready for an image with the given grids, and for boxes.
func (r *Reach) Prepare(grids []geom.Grid, boxes []geom.Box32) { r.lattice.prepare(grids, boxes) }

// Each calls f with every anchor whose IoU with a box that was prepared is at
// least m.Low, or if there is none and m.Rescue holds, with its best anchors: the
// anchor's index and level, the IoU, and whether it is among the box's best.
func (r *Reach) Each(m Matcher, box geom.Box32, f func(anchor int32, level uint8, v float32, best bool)) {
	least := m.Low
	r.patches.reset()
	r.lattice.search(&r.patches, m, 0, box, least)
	if len(r.patches.list) == 0 {
		if !m.Rescue {
			return
		}
		least = max(r.lattice.reach(box), math.SmallestNonzeroFloat32)
		r.lattice.search(&r.patches, m, 0, box, least)
	}
	var best float32
	for k := range r.patches.list {
		best = max(best, r.patches.list[k].best)
	}
	if best < m.Low {
		least = best
	}
	var first Object // its first best anchor
	if m.First {
		for k := range r.patches.list {
			if p := &r.patches.list[k]; p.best == best {
				first.IoU = best
				surveyTies(&first, p, &r.lattice.grids[p.level], r.patches.of(p))
			}
		}
	}
	for k := range r.patches.list {
		p := &r.patches.list[k]
		if p.best < least {
			continue
		}
		g := &r.lattice.grids[p.level]
		values := r.patches.of(p)
		for row := range p.rows {
			anchor := int32(g.Index(int(p.row+row), int(p.col), int(p.shape)))
			for col, v := range values[row*p.cols : (row+1)*p.cols] {
				at := anchor + int32(col*len(g.Shapes))
				forced := v == best && (!m.First || at == first.Anchor)
				if v >= least && (v >= m.Low || forced) {
					f(at, p.level, v, forced)
				}
			}
		}
	}
}

// Of returns what an anchor was found to be, with Matcher.List.
func (r *Result) Of(anchor int32) *Match {
	if k, known := r.table.lookup(anchor); known {
		return &r.Matches[k]
	}
	return &r.Rest
}
