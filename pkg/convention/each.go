package convention

import "focalaudit/pkg/dataset"

// told tells whether an object's box stands in the file, in an image with a size.
func told(o *dataset.Object) bool {
	return o.LeftOut == dataset.InUse && o.Flags&dataset.FromOutline == 0
}

// each calls f with every object whose box stands in the file, in an image with a
// size.
func each(src *dataset.Source, f func(k int32, o *dataset.Object, w, h float64)) {
	eachWhile(src, func(k int32, o *dataset.Object, w, h float64) bool {
		f(k, o, w, h)
		return true
	})
}

// eachWhile is each that ends at the first object for which f returns false.
func eachWhile(src *dataset.Source, f func(k int32, o *dataset.Object, w, h float64) bool) {
	for i := range src.Images {
		im := &src.Images[i]
		if im.LeftOut != dataset.InUse {
			continue
		}
		w, h := float64(im.Size.W), float64(im.Size.H)
		for k := im.First; k < im.Last; k++ {
			if o := &src.Objects[k]; told(o) && !f(k, o, w, h) {
				return
			}
		}
	}
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}
