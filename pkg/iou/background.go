package iou

import "focalaudit/pkg/geom"

// background returns how many anchors overlap b by at least m.Low and are
// negative.
func (r *Matching) background(m Matcher, b geom.Box32, grids []geom.Grid) int {
	r.lattice.prepare(grids, []geom.Box32{b})
	r.spare.reset()
	r.lattice.search(&r.spare, m, -1, b, m.Low)
	n := 0
	for k := range r.spare.list {
		p := &r.spare.list[k]
		for j, v := range r.spare.of(p) {
			if v >= m.Low && r.labelOf(m, p.level, p.row+int32(j)/p.cols, p.col+int32(j)%p.cols, p.shape) == Negative {
				n++
			}
		}
	}
	return n
}

// labelOf returns the label of an anchor.
func (r *Matching) labelOf(m Matcher, level uint8, row, col int32, shape uint16) Label {
	anchor := int32(r.lattice.grids[level].Index(int(row), int(col), int(shape)))
	if k, known := r.table.Lookup(anchor); known {
		return r.Matches[k].Label
	}
	for at := r.heads[r.first[level]+int(shape)]; at >= 0; at = r.patches.list[at].next {
		p := &r.patches.list[at]
		if p.shared || p.weak || row < p.row || row >= p.row+p.rows || col < p.col || col >= p.col+p.cols {
			continue
		}
		switch v := r.patches.of(p)[(row-p.row)*p.cols+col-p.col]; {
		case v >= m.High || m.Rescue && v == r.Objects[p.object].IoU && (!m.First || anchor == r.Objects[p.object].Anchor):
			return Positive
		case v >= m.Low:
			return Ignored
		}
		break
	}
	return r.Rest.Label
}
