package sample

import (
	"cmp"
	"slices"

	"focalaudit/pkg/dataset"
)

// MostPlaces is how far classes are taken to be moved in the list of categories, in either direction, where a part of
// the labels, or of the detections, was written with another list.
const MostPlaces = 3

// ListRanks returns the place of each class in the list of categories, by id; nil where ids are no whole numbers.
func ListRanks(src *dataset.Source) map[int32]int {
	type entry struct {
		id    int64
		class int32
	}
	var list []entry
	for i := range src.Categories {
		id, whole := src.Categories[i].ID.Int()
		if !whole {
			return nil
		}
		list = append(list, entry{id, src.Categories[i].Class})
	}
	slices.SortFunc(list, func(a, b entry) int { return cmp.Compare(a.id, b.id) })
	rank := map[int32]int{}
	for i := range list {
		if _, again := rank[list[i].class]; !again { // names may stand twice
			rank[list[i].class] = len(rank)
		}
	}
	return rank
}

// RanksTwice returns twice the rank of each number, from 0; equal ones share the mean of theirs.
func RanksTwice(x []float64) []int64 {
	order, out := make([]int, len(x)), make([]int64, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(x[a], x[b]) })
	for from := 0; from < len(x); {
		to := from
		for to < len(x) && x[order[to]] == x[order[from]] {
			to++
		}
		for k := from; k < to; k++ {
			out[order[k]] = int64(from + to - 1)
		}
		from = to
	}
	return out
}
