package convention

import (
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Once says that no image has two objects of one class.
type Once struct {
	Images  int   // with objects of two classes or more
	Example int32 // the first of these, -1 if an image has two objects of one class, or there are none
}

// Found reports whether so many images have several classes that objects of one class would stand beside each other
// now and then: 30. In each of the real files with such images, a third of all images have two of a class.
func (o *Once) Found() bool { return o.Example >= 0 && o.Images >= 30 }

// OfOnce counts classes by image, up to the first image with two objects of one.
func OfOnce(src *dataset.Source) Once {
	of := Once{Example: -1}
	for i := range src.Images {
		im := &src.Images[i]
		if im.LeftOut != dataset.InUse {
			continue
		}
		if im.Last-im.First < 2 {
			continue
		}
		if twice(src.Objects[im.First:im.Last]) {
			return Once{Example: -1}
		}
		if of.Images++; of.Example < 0 {
			of.Example = int32(i)
		}
	}
	return of
}

// fewObjects is how many objects are compared with each other; of more, a map finds equal ones.
const fewObjects = 16

// twice tells whether two objects have one class.
func twice(objects []dataset.Object) bool {
	if len(objects) <= fewObjects {
		for k := range objects {
			for j := range k {
				if objects[j].Class == objects[k].Class {
					return true
				}
			}
		}
		return false
	}
	had := map[int32]bool{}
	for k := range objects {
		if had[objects[k].Class] {
			return true
		}
		had[objects[k].Class] = true
	}
	return false
}

// finding returns the finding on classes that come once an image, an info: parts of one body do so by right.
func (o *Once) finding(src *dataset.Source, s int32) findings.Finding {
	im := &src.Images[o.Example]
	f := finding("annotations-cut", s, im.Offset, im.Line, "%s: of %s with objects of two classes or more, none has "+
		"two of one class. Do the pictures show no more? A script that keeps its objects by class, so that the last one "+
		"replaces the others, leaves such files, and so does one that draws one box around all objects of a class: write "+
		"each object, since those left out are trained as background. Example: %s", text.Printable(src.Name),
		plural(o.Images, "image"), label(im))
	f.Level, f.Size, f.Cases = findings.Info, float64(o.Images), int64(o.Images)
	return f
}
