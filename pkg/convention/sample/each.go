// Package sample answers which records of a source a rule looks at, and in which order.
//
// It has the objects whose boxes stand in the file (Told, Each), the order of the file (FileOrder) and stretches of it
// (Stretches), some of many, whatever their order (Chosen, ChosenBoxes), and the classes in the order of the list of
// categories (ListRanks). It judges nothing.
package sample

import (
	"focalaudit/pkg/dataset"
)

// Told tells whether an object's box stands in the file, in an image with a size.
func Told(o *dataset.Object) bool {
	return o.LeftOut == dataset.InUse && o.Flags&dataset.FromOutline == 0
}

// Each calls f with every object whose box stands in the file, in an image with a
// size.
func Each(src *dataset.Source, f func(k int32, o *dataset.Object, w, h float64)) {
	EachWhile(src, func(k int32, o *dataset.Object, w, h float64) bool {
		f(k, o, w, h)
		return true
	})
}

// EachWhile is Each that ends at the first object for which f returns false.
func EachWhile(src *dataset.Source, f func(k int32, o *dataset.Object, w, h float64) bool) {
	for i := range src.Images {
		im := &src.Images[i]
		if im.LeftOut != dataset.InUse {
			continue
		}
		w, h := float64(im.Size.W), float64(im.Size.H)
		for k := im.First; k < im.Last; k++ {
			if o := &src.Objects[k]; Told(o) && !f(k, o, w, h) {
				return
			}
		}
	}
}

// One returns 1 if something is so, else 0: what it adds to a count.
func One(is bool) int {
	if is {
		return 1
	}
	return 0
}
