package dataset

import "slices"

// list grows without moving what it holds: large files have millions of records.
type list[T any] struct {
	chunks [][]T
	n      int
}

// The room of the first chunk of a list, and the most that a chunk has.
const (
	firstChunk = 4 // many a data set has a file for each image
	mostChunk  = 4096
)

// next adds an element and returns it, to be filled.
func (l *list[T]) next() *T {
	last := len(l.chunks) - 1
	if last < 0 || len(l.chunks[last]) == cap(l.chunks[last]) {
		l.chunks = append(l.chunks, make([]T, 0, min(max(l.n, firstChunk), mostChunk)))
		last++
	}
	chunk := &l.chunks[last]
	n := len(*chunk)
	*chunk = (*chunk)[:n+1]
	l.n++
	return &(*chunk)[n]
}

// at returns the i-th element. The last ones are the quickest to find.
func (l *list[T]) at(i int) *T {
	k, from := len(l.chunks)-1, l.n-len(l.chunks[len(l.chunks)-1])
	for i < from {
		k--
		from -= len(l.chunks[k])
	}
	return &l.chunks[k][i-from]
}

// all returns all of it in one slice.
func (l *list[T]) all() []T { return slices.Concat(l.chunks...) }
