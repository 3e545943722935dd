package sample

import (
	"cmp"
	"math"
	"slices"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// Chosen returns at most n objects of an image: of more, some that are drawn by their numbers, wherever in the file
// they stand. Exporters sort by class, by place or by size, so that the first ones are like each other.
func Chosen(src *dataset.Source, im *dataset.Image, n int) []dataset.Object {
	objects := src.Objects[im.First:im.Last]
	if len(objects) <= n {
		return objects
	}
	return lowest(objects, n, drawOfObject)
}

// ChosenAt returns the numbers of Chosen among all objects of the source, rising.
func ChosenAt(src *dataset.Source, im *dataset.Image, n int) []int32 {
	at := make([]int32, im.Last-im.First)
	for i := range at {
		at[i] = im.First + int32(i)
	}
	if len(at) <= n {
		return at
	}
	at = lowest(at, n, func(k *int32) uint64 { return drawOfObject(&src.Objects[*k]) })
	slices.Sort(at)
	return at
}

// drawOfObject is DrawOf of an object's box, class and flags.
func drawOfObject(o *dataset.Object) uint64 {
	return Mix(DrawOf(o.Box) ^ uint64(o.Class)<<32 ^ uint64(o.Flags)<<16 ^ uint64(o.LeftOut))
}

// ChosenBoxes is chosen of boxes.
func ChosenBoxes(boxes []geom.Box, n int) []geom.Box {
	if len(boxes) <= n {
		return boxes
	}
	return lowest(boxes, n, func(b *geom.Box) uint64 { return DrawOf(geom.Rect{X: b.X0, Y: b.Y0, W: b.X1, H: b.Y1}) })
}

// DrawOf returns a number that four others make, as good as drawn.
func DrawOf(b geom.Rect) (of uint64) {
	for _, v := range [4]float64{b.X, b.Y, b.W, b.H} {
		of = Mix(of ^ math.Float64bits(v+0)) // -0 is 0
	}
	return of
}

// lowest returns the n with the lowest numbers.
func lowest[T any](all []T, n int, number func(*T) uint64) []T {
	type ranked struct {
		number uint64
		at     int32
	}
	order := make([]ranked, len(all))
	for i := range all {
		order[i] = ranked{number(&all[i]), int32(i)}
	}
	slices.SortFunc(order, func(a, b ranked) int { return cmp.Compare(a.number, b.number) })
	out := make([]T, n)
	for i := range out {
		out[i] = all[order[i].at]
	}
	return out
}

// Mix spreads the bits of a number over all of it (Steele, Lea and Flood 2014, Fast
// splittable pseudorandom number generators: the finalizer of SplitMix64).
func Mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
