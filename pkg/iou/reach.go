package iou

import (
	"math"

	"focalaudit/pkg/geom"
)

// reachByIoU finds the anchors whose IoU with a box reaches the matcher's Low, or if
// there is none and Rescue holds, the box's best ones.
type reachByIoU struct {
	matcher Matcher
	lattice lattice
	patches patches
	narrow  []geom.Box32
}

// Prepare implements Reacher.
func (r *reachByIoU) Prepare(grids []geom.Grid, boxes []geom.Box) {
	r.narrow = narrowed(r.narrow, boxes)
	r.lattice.prepare(grids, r.narrow)
}

// Each calls f with the anchors that reach Low, or else the box's best.
func (r *reachByIoU) Each(b geom.Box, f func(anchor int32, level uint8, v float32, best bool)) {
	m, box := r.matcher, b.Narrow()
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
