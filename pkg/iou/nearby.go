package iou

import (
	"math"
	"math/bits"

	"focalaudit/pkg/geom"
)

// nearby finds the boxes that overlap a given one among very many. Boxes are
// kept by size class (powers of two of the longer side) in square cells of
// that size, by their corner nearest the origin: so a box reaches no further
// than into the next cell, and a query looks at few cells of each class.
type nearby struct {
	boxes   []geom.Box32
	classes []class
}

type class struct {
	side    float32 // of a cell; no box of the class is longer
	cells   map[cell][]int32
	members []int32
}

type cell struct{ x, y int32 }

// newNearby indexes boxes, in time proportional to their number. It keeps boxes.
func newNearby(boxes []geom.Box32) *nearby {
	x := &nearby{boxes: boxes}
	bySize := map[int]int{}
	for i, b := range boxes {
		size := max(0, bits.Len32(uint32(min(max(b.Width(), b.Height()), 1<<30))))
		k, ok := bySize[size]
		if !ok {
			k = len(x.classes)
			bySize[size] = k
			x.classes = append(x.classes, class{side: float32(math.Ldexp(1, size)), cells: map[cell][]int32{}})
		}
		c := &x.classes[k]
		at := c.cell(b.X0, b.Y0)
		c.cells[at] = append(c.cells[at], int32(i))
		c.members = append(c.members, int32(i))
	}
	return x
}

func (c *class) cell(x, y float32) cell {
	return cell{int32(math.Floor(float64(x / c.side))), int32(math.Floor(float64(y / c.side)))}
}

// each calls f with the index of every box that shares area with b, in no
// useful order.
func (x *nearby) each(b geom.Box32, f func(i int)) {
	for k := range x.classes {
		c := &x.classes[k]
		lo, hi := c.cell(b.X0-c.side, b.Y0-c.side), c.cell(b.X1, b.Y1)
		if cells := (float64(hi.x-lo.x) + 1) * (float64(hi.y-lo.y) + 1); cells >= float64(len(c.members)) {
			x.among(c.members, b, f)
			continue
		}
		for cy := lo.y; cy <= hi.y; cy++ {
			for cx := lo.x; cx <= hi.x; cx++ {
				x.among(c.cells[cell{cx, cy}], b, f)
			}
		}
	}
}

// among calls f for those of the boxes that share area with b.
func (x *nearby) among(boxes []int32, b geom.Box32, f func(i int)) {
	for _, i := range boxes {
		if o := &x.boxes[i]; o.X0 < b.X1 && b.X0 < o.X1 && o.Y0 < b.Y1 && b.Y0 < o.Y1 {
			f(int(i))
		}
	}
}
