package iou

import (
	"cmp"
	"math"
	"slices"

	"focalaudit/pkg/geom"
)

// Fit is how well an image's anchors could suit an object, wherever it lay.
type Fit struct {
	IoU               float64 // with the best shape, centred on the object
	Smallest, Largest float64 // square root of the area of the smallest and largest shape, px

	// Stretch is the factor, 1 or more, by which the sides of the shape with the most
	// similar aspect differ from the object's once both have one area: one side is
	// longer by it, the other shorter.
	Stretch float64
}

// Aspect returns the IoU that a shape has with the object, centred on it, if it
// has the object's area and the most similar aspect of all.
func (f *Fit) Aspect() float64 { return 1 / (2*f.Stretch - 1) }

// FitOf returns how well the shapes of grids suit an object of the given sides,
// if all are wider and higher by so many px as their corners say.
func FitOf(w, h float64, grids []geom.Grid, by float64) Fit {
	w, h = w+by, h+by
	f := Fit{Stretch: math.Inf(1)}
	for i := range grids {
		for _, s := range grids[i].Shapes {
			sw, sh := float64(s.Width())+by, float64(s.Height())+by
			inter := min(w, sw) * min(h, sh)
			f.IoU = max(f.IoU, inter/(w*h+sw*sh-inter))
			stretch := w * sh / (h * sw) // of the aspects, to be the root
			f.Stretch = min(f.Stretch, max(stretch, 1/stretch))
			area := sw * sh
			if f.Smallest == 0 || area < f.Smallest {
				f.Smallest = area
			}
			f.Largest = max(f.Largest, area)
		}
	}
	f.Smallest, f.Largest, f.Stretch = math.Sqrt(f.Smallest), math.Sqrt(f.Largest), math.Sqrt(f.Stretch)
	return f
}

// background returns how many anchors overlap b by at least m.Low and are
// negative.
func (r *Result) background(m Matcher, b geom.Box32, grids []geom.Grid) int {
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
func (r *Result) labelOf(m Matcher, level uint8, row, col int32, shape uint16) Label {
	anchor := int32(r.lattice.grids[level].Index(int(row), int(col), int(shape)))
	if k, known := r.table.lookup(anchor); known {
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

// Pair is two boxes that overlap.
type Pair struct {
	I, J int // I < J
	IoU  float64
}

// maxPartners bounds the pairs that one box enters, so that thousands of equal
// boxes in one image stay linear.
const maxPartners = 8

// Pairs returns pairs of boxes with an IoU of at least least > 0. A box that
// overlaps very many others is paired with some of them only (maxPartners to its
// right).
func Pairs(boxes []geom.Box, least float64) []Pair {
	var pairs []Pair
	EachPair(boxes, least, maxPartners, func(p Pair) { pairs = append(pairs, p) })
	return pairs
}

// EachPair yields pairs of boxes with an IoU of at least least > 0, each box with
// at most so many partners to its right. If the IoU is at least t, the left edges
// are no further apart than 1-t of a width: so a sweep from left to right sees few
// candidates, and the upper edges tell most of these apart.
func EachPair(boxes []geom.Box, least float64, most int, yield func(Pair)) {
	if len(boxes) < 2 {
		return
	}
	order := byLeft(boxes)
	sorted := make([]geom.Box, len(order))
	for k, i := range order {
		sorted[k] = boxes[i]
	}
	for k := range sorted {
		b := sorted[k]
		reach := b.X0 + float64((1-least)*(b.X1-b.X0))
		// 1-t of the taller height, which is at most 1/t of this one
		top := float64((1-least)/least*(b.Y1-b.Y0)) * (1 + 1e-9)
		partners := 0
		for j := k + 1; j < len(sorted) && sorted[j].X0 <= reach && partners < most; j++ {
			if math.Abs(sorted[j].Y0-b.Y0) > top {
				continue
			}
			if v := Of(b, sorted[j]); v >= least {
				yield(Pair{min(order[k], order[j]), max(order[k], order[j]), v})
				partners++
			}
		}
	}
}

// byLeft returns the indices of non-empty boxes by their left edge, then by
// index.
func byLeft(boxes []geom.Box) []int {
	order := make([]int, 0, len(boxes))
	for i, b := range boxes {
		if !b.Empty() {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(i, j int) int {
		return cmp.Or(cmp.Compare(boxes[i].X0, boxes[j].X0), cmp.Compare(i, j))
	})
	return order
}
