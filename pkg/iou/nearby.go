package iou

import (
	"math"
	"math/bits"

	"focalaudit/pkg/geom"
)

// nearby finds the boxes that may fit an anchor among very many. Boxes are
// kept by the powers of two of their sides, each such class in cells of these
// sides, by the corner nearest the origin: so a box reaches no further than
// into the next cell, a query looks at few cells of each class, and at no class
// whose boxes are too small or too large.
type nearby struct {
	boxes   []geom.Box32
	classes []class
}

type class struct {
	w, h    float32 // of a cell; sides of the boxes are below these and not below their halves
	least   float64 // area of any box
	cells   map[cell][]int32
	members []int32
}

type cell struct{ x, y int32 }

// newNearby indexes boxes, in time proportional to their number. It keeps boxes.
func newNearby(boxes []geom.Box32) *nearby {
	x := &nearby{boxes: boxes}
	bySize := map[cell]int{}
	for i, b := range boxes {
		size := cell{power(b.Width()), power(b.Height())}
		k, ok := bySize[size]
		if !ok {
			k = len(x.classes)
			bySize[size] = k
			c := class{w: float32(math.Ldexp(1, int(size.x))), h: float32(math.Ldexp(1, int(size.y))), cells: map[cell][]int32{}}
			if size.x > 0 && size.y > 0 {
				c.least = float64(c.w) * float64(c.h) / 4
			}
			x.classes = append(x.classes, c)
		}
		c := &x.classes[k]
		at := c.cell(b.X0, b.Y0)
		c.cells[at] = append(c.cells[at], int32(i))
		c.members = append(c.members, int32(i))
	}
	return x
}

// power returns the power of two above a side: 0 for sides below 1.
func power(side float32) int32 { return int32(bits.Len32(uint32(min(max(side, 0), 1<<30)))) }

func (c *class) cell(x, y float32) cell {
	return cell{int32(math.Floor(float64(x / c.w))), int32(math.Floor(float64(y / c.h)))}
}

// each calls f with the index of every box whose IoU with b may be least or
// more and that shares area with it, in no useful order.
func (x *nearby) each(b geom.Box32, least float32, f func(i int)) {
	w, h := float64(b.Width()), float64(b.Height())
	// The margin of the searches, for the rounding of the IoUs compared.
	share := float64(least) * (1 - relSlack)
	for k := range x.classes {
		c := &x.classes[k]
		if min(w, float64(c.w))*min(h, float64(c.h)) < share*max(w*h, c.least) {
			continue
		}
		lo, hi := c.cell(b.X0-c.w, b.Y0-c.h), c.cell(b.X1, b.Y1)
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
