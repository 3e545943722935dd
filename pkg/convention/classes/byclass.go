package classes

import (
	"sync"

	"focalaudit/pkg/dataset"
)

// byClass lends tables with an entry for each class of a data set, all zero. A source may have few of many classes, so
// that a new table for each source would take most of the time.
type byClass[T any] struct{ pool sync.Pool }

var (
	countTables byClass[int]
	placeTables byClass[int32]
	markTables  byClass[bool]
)

// get returns a table. Only entries of classes that the source has, in its categories or its objects, may be set.
func (b *byClass[T]) get(classes int) []T {
	if of, ok := b.pool.Get().(*[]T); ok && cap(*of) >= classes {
		return (*of)[:classes]
	}
	return make([]T, classes)
}

// put takes a table back.
func (b *byClass[T]) put(table []T, src *dataset.Source) {
	if len(table) <= len(src.Objects) {
		clear(table)
		b.pool.Put(&table)
		return
	}
	var zero T
	for i := range src.Categories {
		if c := src.Categories[i].Class; c >= 0 {
			table[c] = zero
		}
	}
	for k := range src.Objects {
		if c := src.Objects[k].Class; c >= 0 {
			table[c] = zero
		}
	}
	b.pool.Put(&table)
}
