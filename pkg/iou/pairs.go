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
// at most so many partners to its right, by their left edges. If the IoU is at least t, the
// left edges are no further apart than 1-t of a width: so a sweep from left to right sees few
// candidates, and the upper edges tell most of these apart. Where it sees too many, as with
// thousands of boxes that share a left edge, a tree finds the rest of a box's partners.
func EachPair(boxes []geom.Box, least float64, most int, yield func(Pair)) {
	eachPair(boxes, least, most, patience, yield)
}

// patience is at how many boxes the sweep looks for the partners of one, and perPartner at how many more for each that
// it finds, before the tree is asked. A query of the tree takes as long as the sweep over some 1,000 boxes of
// 20,000, and longer the more it finds (BenchmarkEachPair). Images of fewer boxes never need it.
const (
	patience   = 1000
	perPartner = 32
)

// eachPair returns at how many boxes and nodes it looked.
func eachPair(boxes []geom.Box, least float64, most, patience int, yield func(Pair)) (looks int) {
	if len(boxes) < 2 {
		return 0
	}
	order := byLeft(boxes)
	sorted := make([]geom.Box, len(order))
	for k, i := range order {
		sorted[k] = boxes[i]
	}
	var tree *pairTree
	for k := range sorted {
		b := sorted[k]
		reach := b.X0 + float64((1-least)*(b.X1-b.X0))
		// 1-t of the taller height, which is at most 1/t of this one
		top := float64((1-least)/least*(b.Y1-b.Y0)) * (1 + 1e-9)
		partners, j, end := 0, k+1, k+1+patience
		for ; j < len(sorted) && sorted[j].X0 <= reach && j < end; j++ {
			if math.Abs(sorted[j].Y0-b.Y0) > top {
				continue
			}
			if v := Of(b, sorted[j]); v >= least {
				yield(Pair{min(order[k], order[j]), max(order[k], order[j]), v})
				if partners++; partners == most {
					break
				}
				end += perPartner
			}
		}
		if looks += j - k; j < end || partners == most {
			continue
		}
		if tree == nil {
			tree = newPairTree(sorted)
		}
		q := pairQuery{box: b, area: b.Area(), least: least, reach: reach, top: top, place: k, from: j, most: most - partners}
		for _, f := range tree.partners(&q) {
			yield(Pair{min(order[k], order[f.at]), max(order[k], order[f.at]), f.iou})
		}
	}
	if tree != nil {
		looks += tree.looks
	}
	return looks
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
