package iou

// outsideMatch is the match of an anchor centred outside the image, under rules that
// ignore those.
var outsideMatch = Match{Object: -1, Label: Ignored}

// edge is where the anchors of a shape begin whose centre is outside the image.
type edge struct{ row, col int32 }

// place is an anchor's place in the grids.
type place struct {
	level, row, col, shape int
}

// locate finds an anchor's place.
func (r *Result) locate(anchor int32) place {
	grids := r.grids
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
	for level := range r.grids {
		g := &r.grids[level]
		for k := range g.Shapes {
			e := &r.outside[r.first[level]+k]
			for row := range g.Rows {
				first := int(e.col)
				if row >= int(e.row) {
					first = 0
				}
				for col := first; col < g.Cols; col++ {
					anchor := int32(g.Index(row, col, k))
					if _, known := r.table.Lookup(anchor); !known {
						list = append(list, anchor)
					}
				}
			}
		}
	}
	return list
}
