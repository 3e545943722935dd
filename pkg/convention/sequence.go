package convention

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"focalaudit/pkg/dataset"
)

// Sequence is an order of images. None depends on where their records stand in the file.
type Sequence uint8

// The sequences.
const (
	ByImageID      Sequence = iota // whole numbers
	ByName                         // of the file, with numbers as numbers
	ByAnnotationID                 // the least of each image, whole numbers
	sequences
)

// String returns what a sequence goes by.
func (q Sequence) String() string {
	return [...]string{"image id", "file name", "annotation id"}[q]
}

// arrange puts images into a sequence, and those that are equal in it by name. It reports whether it moved any,
// and leaves them as they are if some lack what it goes by.
func arrange(src *dataset.Source, order []int32, by Sequence) (changed, ok bool) {
	if by == ByName {
		return sortByName(src, order), true
	}
	keys := make([]keyed, len(order))
	for i, at := range order {
		id, whole := src.Images[at].ID.Int()
		if by == ByAnnotationID {
			id, whole = leastAnnotation(src, &src.Images[at])
		}
		if !whole {
			return false, false
		}
		keys[i] = keyed{id, at}
	}
	return sortByKey(keys, order, func(a, b int32) int { return compareNames(src, a, b) }), true
}

// leastAnnotation returns the least id of an image's annotations, if all are whole numbers.
func leastAnnotation(src *dataset.Source, im *dataset.Image) (least int64, whole bool) {
	least = math.MaxInt64
	for k := im.First; k < im.Last; k++ {
		id, ok := src.Objects[k].ID.Int()
		if !ok {
			return 0, false
		}
		least = min(least, id)
	}
	return least, true
}

// sortByName sorts images of a source by file name, then by id, and reports whether that changed their order.
func sortByName(src *dataset.Source, order []int32) bool {
	compare := func(a, b int32) int { return compareNames(src, a, b) }
	if slices.IsSortedFunc(order, compare) {
		return false
	}
	slices.SortFunc(order, compare)
	return true
}

// compareNames compares images of a source by file name, then by id, and by their place only where both are equal.
func compareNames(src *dataset.Source, a, b int32) int {
	x, y := &src.Images[a], &src.Images[b]
	if c := compareNumbered(x.File, y.File); c != 0 {
		return c
	}
	if c := cmp.Compare(x.ID.String(), y.ID.String()); c != 0 {
		return c
	}
	return cmp.Compare(a, b)
}

// compareNumbered compares names, and numbers in them by their value: 9.jpg comes before 10.jpg.
func compareNumbered(a, b string) int {
	for i, j := 0, 0; ; {
		if i == len(a) || j == len(b) {
			if c := cmp.Compare(len(a)-i, len(b)-j); c != 0 {
				return c
			}
			return cmp.Compare(a, b) // names that differ in zeros only
		}
		if !digit(a[i]) || !digit(b[j]) {
			if a[i] != b[j] {
				return cmp.Compare(a[i], b[j])
			}
			i, j = i+1, j+1
			continue
		}
		x, y := number(a[i:]), number(b[j:])
		i, j = i+len(x), j+len(y)
		x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
		if c := cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)); c != 0 {
			return c
		}
	}
}

// number returns the digits that a text begins with.
func number(s string) string {
	n := 0
	for n < len(s) && digit(s[n]) {
		n++
	}
	return s[:n]
}

// sortByID sorts images of a source by id, then by place, and reports whether that
// changed their order.
func sortByID(src *dataset.Source, order []int32) bool {
	keys := make([]keyed, len(order))
	for i, at := range order {
		id, _ := src.Images[at].ID.Int() // 0 for an id that is no whole number
		keys[i] = keyed{id, at}
	}
	return sortByKey(keys, order, cmp.Compare[int32])
}

// keyed is an image with what it is sorted by.
type keyed struct {
	key int64
	at  int32
}

// sortByKey sorts images by key, then by tie, and reports whether that changed their order.
func sortByKey(keys []keyed, order []int32, tie func(a, b int32) int) bool {
	compare := func(a, b keyed) int {
		if a.key != b.key {
			return cmp.Compare(a.key, b.key)
		}
		return tie(a.at, b.at)
	}
	if slices.IsSortedFunc(keys, compare) {
		return false
	}
	slices.SortFunc(keys, compare)
	for i := range keys {
		order[i] = keys[i].at
	}
	return true
}
