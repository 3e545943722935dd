package iou

import (
	"cmp"
	"math"
	"slices"

	"focalaudit/pkg/geom"
)

// Pair is two boxes that overlap.
type Pair struct {
	I, J int // I < J
	IoU  float64
}

// MaxPartners bounds the pairs that one box enters, so that thousands of equal
// boxes in one image stay linear.
const MaxPartners = 8

// Pairs returns pairs of boxes with an IoU of at least least > 0. A box that
// overlaps very many others is paired with some of them only (MaxPartners to its
// right).
func Pairs(boxes []geom.Box, least float64) []Pair {
	var pairs []Pair
	EachPair(boxes, least, MaxPartners, func(p Pair) { pairs = append(pairs, p) })
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
		if a, b := boxes[i].X0, boxes[j].X0; a != b {
			return cmp.Compare(a, b)
		}
		return cmp.Compare(i, j)
	})
	return order
}
