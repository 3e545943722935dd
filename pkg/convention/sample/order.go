package sample

import (
	"cmp"
	"math/bits"
	"slices"

	"focalaudit/pkg/dataset"
)

// FileOrder returns the objects of a source in the order of their file, and the place of each in it.
func FileOrder(src *dataset.Source) (order, place []int32) {
	order, place = make([]int32, len(src.Objects)), make([]int32, len(src.Objects))
	for k := range order {
		order[k] = int32(k)
	}
	if src.Returns > 0 {
		sortByOffset(src.Objects, order)
	}
	for i, k := range order {
		place[k] = int32(i)
	}
	return order, place
}

// sortByOffset sorts all objects by their places in the file. Records are about as long as each other, so that a place
// tells the bucket in which few others are: sorting 860,000 objects so takes a tenth of the time.
func sortByOffset(objects []dataset.Object, order []int32) {
	low, high := objects[0].Offset, objects[0].Offset
	for k := range objects {
		low, high = min(low, objects[k].Offset), max(high, objects[k].Offset)
	}
	n := len(objects)
	bucket := func(k int32) int {
		return int(float64(objects[k].Offset-low) / float64(high-low+1) * float64(n-1))
	}
	ends := make([]int32, n+1)
	for k := range objects {
		ends[bucket(int32(k))+1]++
	}
	for b := range n {
		ends[b+1] += ends[b]
	}
	from := slices.Clone(ends[:n])
	for k := range objects {
		b := bucket(int32(k))
		order[from[b]] = int32(k)
		from[b]++
	}
	for b := range n {
		if in := order[ends[b]:ends[b+1]]; len(in) > 1 {
			slices.SortFunc(in, func(a, b int32) int { return cmp.Compare(objects[a].Offset, objects[b].Offset) })
		}
	}
}

// stretchBuckets is how many parts of a file stretches counts objects in.
const stretchBuckets = 4096

// Buckets has the part of its file for each object of a source.
type Buckets struct {
	low   int64
	shift int
	of    []uint16
}

// NewBuckets returns buckets that are to be filled, or nil if so many stretches of so many objects are found without
// them.
func NewBuckets(src *dataset.Source, n, size int) *Buckets {
	objects := src.Objects
	if src.Returns == 0 || 2*n*size >= len(objects) {
		return nil
	}
	low, high := objects[0].Offset, objects[0].Offset
	for i := range stretchBuckets { // about where the records begin and end: those beyond are in the outer buckets
		at := objects[int(int64(i)*int64(len(objects))/stretchBuckets)].Offset
		low, high = min(low, at), max(high, at)
	}
	shift := max(0, bits.Len64(uint64(high-low))-bits.Len(stretchBuckets-1))
	return &Buckets{low, shift, make([]uint16, len(objects))}
}

// Fill notes the buckets of objects from one on.
func (b *Buckets) Fill(first int32, objects []dataset.Object) {
	of := b.of[first : int(first)+len(objects)]
	for k := range objects {
		of[k] = b.at(objects[k].Offset)
	}
}

// at is the bucket of a place.
func (b *Buckets) at(offset int64) uint16 {
	if offset < b.low {
		return 0
	}
	return uint16(min((offset-b.low)>>b.shift, stretchBuckets-1))
}

// Stretches returns n stretches of so many objects, in the order of their file: the q-th begins behind q/n of all. They
// are those of fileOrder, found without sorting the objects in between. placed are the buckets of all objects, if there
// are any.
func Stretches(src *dataset.Source, n, size int, placed *Buckets) [][]int32 {
	objects, of := src.Objects, make([][]int32, n)
	if placed == nil {
		if placed = NewBuckets(src, n, size); placed != nil {
			placed.Fill(0, objects)
		}
	}
	if placed == nil {
		order, _ := FileOrder(src)
		for q := range of {
			from := len(order) * q / n
			of[q] = order[from : from+size]
		}
		return of
	}
	var ranks [stretchBuckets + 1]int // of the first object of a bucket
	for _, b := range placed.of {
		ranks[b+1]++
	}
	for b := range stretchBuckets {
		ranks[b+1] += ranks[b]
	}
	var in [stretchBuckets]bool // some stretch has objects of the bucket
	for q := range of {
		from := len(objects) * q / n
		for b := range in {
			in[b] = in[b] || ranks[b] < from+size && ranks[b+1] > from
		}
	}
	buckets := make([][]int32, stretchBuckets)
	for k, b := range placed.of {
		if in[b] {
			buckets[b] = append(buckets[b], int32(k))
		}
	}
	for b := range buckets {
		slices.SortFunc(buckets[b], func(a, b int32) int { return cmp.Compare(objects[a].Offset, objects[b].Offset) })
	}
	for q := range of {
		from := len(objects) * q / n
		of[q] = make([]int32, 0, size)
		for b := range buckets {
			if in[b] && ranks[b] < from+size && ranks[b+1] > from {
				part := buckets[b][max(0, from-ranks[b]):min(len(buckets[b]), from+size-ranks[b])]
				of[q] = append(of[q], part...)
			}
		}
	}
	return of
}
