package coco

import (
	"cmp"
	"fmt"
	"slices"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// joiner joins the annotations of a source to its images and classes.
type joiner struct {
	x       *extract
	m       meaning
	images  []dataset.Image
	objects []dataset.Object
	place   []int32    // by file order: the index in objects
	again   [][2]int32 // by file order: annotations whose id an earlier one has, that one first
}

// join returns what a file says, with ids resolved.
func join(x *extract, m meaning) dataset.Source {
	j := joiner{x: x, m: m, images: slices.Concat(x.images...)}
	byID := j.index()
	j.group(byID)
	j.renumber()
	j.fill()
	flaws := x.flaws
	slices.SortStableFunc(flaws, func(a, b dataset.Flaw) int {
		return cmp.Or(cmp.Compare(a.Offset, b.Offset), cmp.Compare(a.Code, b.Code))
	})
	return dataset.Source{
		Name: x.file, Images: j.images, Objects: j.objects, Flaws: flaws, Categories: m.categories, Unlisted: x.unlisted(),
		BadImages: x.badImages, BadAnnotations: x.badObjects,
	}
}

// renumber gives the flaws of annotations the places that group gave these.
func (j *joiner) renumber() {
	for i := range j.x.flaws {
		if f := &j.x.flaws[i]; f.Object >= 0 {
			f.Object = j.place[f.Object]
			f.Image = j.objects[f.Object].Image
		}
	}
}

// imageFlaw adds a flaw of an image.
func (j *joiner) imageFlaw(i int, code, format string, args ...any) {
	if j.x.full(code) {
		return
	}
	im := &j.images[i]
	j.x.flaws = append(j.x.flaws, dataset.Flaw{
		Code: code, Offset: im.Offset, Line: im.Line, Image: int32(i), Object: -1, Record: im.ID,
		Message: dataset.Label("image", im.ID) + ": " + fmt.Sprintf(format, args...),
	})
}

// index finds the images by id. The first of two images with one id counts.
func (j *joiner) index() *table {
	byID := newTable(len(j.images))
	files := make(map[string]int32, len(j.images))
	for i := range j.images {
		im := &j.images[i]
		if im.File != "" {
			if first, ok := files[im.File]; ok {
				j.imageFlaw(i, dataset.FileDuplicate, "file_name %q is also that of %s, expected names that differ",
					im.File, dataset.Label("image", j.images[first].ID))
			} else {
				files[im.File] = int32(i)
			}
		}
		if im.LeftOut == dataset.NoID {
			continue
		}
		if first := byID.put(im.ID, int32(i)); first != int32(i) {
			im.LeftOut = dataset.DuplicateImage
			j.imageFlaw(i, dataset.ImageDuplicate, "the image at %s has the same id and counts; this one is left out", spot(j.images[first].Offset, j.images[first].Line))
		}
	}
	return byID
}

// group finds each annotation's image and lays out the annotations image by
// image, by counting.
func (j *joiner) group(byID *table) {
	last := len(j.images) // the place of those without an image
	counts := make([]int32, last+2)
	ids := newIDSet(int(j.x.count))
	repeated := map[dataset.IDKey]int32{} // ids that were met again
	n := int32(0)                         // in file order
	for _, chunk := range j.x.objects {
		for i := range chunk {
			o := &chunk[i]
			if o.ImageID.Kind() != dataset.Absent {
				o.Image = byID.get(o.ImageID)
			}
			counts[j.slot(o)+1]++
			if o.ID.Kind() != dataset.Absent {
				if ids.add(o.ID) {
					repeated[o.ID.Key()] = -1
				}
			}
			n++
		}
	}
	j.pairUp(repeated)
	for i := 1; i < len(counts); i++ {
		counts[i] += counts[i-1]
	}
	for i := range j.images {
		j.images[i].First, j.images[i].Last = counts[i], counts[i+1]
	}
	j.objects = make([]dataset.Object, j.x.count)
	j.place = make([]int32, 0, j.x.count)
	for n, chunk := range j.x.objects {
		for i := range chunk {
			at := &counts[j.slot(&chunk[i])]
			j.objects[*at] = chunk[i]
			j.place = append(j.place, *at)
			*at++
		}
		j.x.objects[n] = nil
	}
}

// pairUp finds the annotations whose id an earlier one has, and that one.
func (j *joiner) pairUp(repeated map[dataset.IDKey]int32) {
	if len(repeated) == 0 {
		return
	}
	n := int32(0) // in file order
	for _, chunk := range j.x.objects {
		for i := range chunk {
			if k := chunk[i].ID.Key(); chunk[i].ID.Kind() != dataset.Absent {
				if first, ok := repeated[k]; ok && first >= 0 {
					j.again = append(j.again, [2]int32{first, n})
				} else if ok {
					repeated[k] = n
				}
			}
			n++
		}
	}
}

func (j *joiner) slot(o *dataset.Object) int {
	if o.Image < 0 {
		return len(j.images)
	}
	return int(o.Image)
}

// fill completes the annotations.
func (j *joiner) fill() {
	for _, pair := range j.again {
		had := &j.objects[j.place[pair[0]]]
		j.flaw(j.place[pair[1]], dataset.ObjectDuplicate, "the annotation at %s has the same id, expected ids that differ", spot(had.Offset, had.Line))
	}
	for at := range j.objects {
		j.class(int32(at))
		j.image(int32(at))
	}
}

// flaw adds a flaw of an annotation.
func (j *joiner) flaw(at int32, code, format string, args ...any) {
	if j.x.full(code) {
		return
	}
	o := &j.objects[at]
	j.x.flaws = append(j.x.flaws, dataset.Flaw{
		Code: code, Offset: o.Offset, Line: o.Line, Image: o.Image, Object: at, Record: o.ID,
		Message: dataset.Label("annotation", o.ID) + ": " + fmt.Sprintf(format, args...),
	})
}

// class puts the class in the place of the number of the category id.
func (j *joiner) class(at int32) {
	o := &j.objects[at]
	ref := o.Class
	if ref < 0 {
		j.flaw(at, dataset.CategoryUnknown, "no usable category_id, expected the id of a category")
		return
	}
	o.Class = j.m.class[ref]
	id := j.x.refs.ids[ref]
	switch {
	case !j.m.known[ref]:
		j.flaw(at, dataset.CategoryUnknown, "category_id is %s, expected the id of a category in the file", id.Quoted())
	case j.m.text[ref] != textual(id):
		j.mixed(at, fCategory, id)
	}
}

// mixed reports a reference that is a string while the id is a number, or the
// other way round.
func (j *joiner) mixed(at int32, f field, id dataset.ID) {
	is, should := "a number", "a string"
	if textual(id) {
		is, should = should, is
	}
	j.flaw(at, dataset.IDTypeMixed, "%s is %s, %s, but the id that it refers to is %s; Python would not find it", f, id.Quoted(), is, should)
}

// image checks what an annotation has to do with its image.
func (j *joiner) image(at int32) {
	o := &j.objects[at]
	if o.Image < 0 {
		o.LeftOut = dataset.NoImage
		if o.ImageID.Kind() == dataset.Absent {
			j.flaw(at, dataset.ImageUnknown, "no usable image_id, expected the id of an image; the annotation is left out")
		} else {
			j.flaw(at, dataset.ImageUnknown, "image_id is %s, expected the id of an image in the file; the annotation is left out", o.ImageID.Quoted())
		}
		return
	}
	im := &j.images[o.Image]
	if textual(im.ID) != textual(o.ImageID) {
		j.mixed(at, fImage, o.ImageID)
	}
	if im.LeftOut != dataset.InUse {
		o.LeftOut = dataset.ImageLeftOut
		return
	}
	if o.LeftOut == dataset.InUse {
		j.box(at, im.Size)
	}
}

// slack is how far, in pixels, a box may stick out of its image before that is
// worth a word: exporters round outward.
const slack = 0.5

// box holds a box against its image.
func (j *joiner) box(at int32, size geom.Size) {
	b := &j.objects[at].Box
	w, h := float64(size.W), float64(size.H)
	if b.W > 0 && b.H > 0 && b.X >= 0 && b.Y >= 0 && b.X+b.W <= w && b.Y+b.H <= h {
		return
	}
	// The order matters: a box of no area is outside of everything.
	out := max(-b.X, -b.Y, b.X+b.W-w, b.Y+b.H-h)
	switch {
	case b.W < 0 || b.H < 0:
		j.flaw(at, dataset.BoxNegative, "bbox has %s, expected > 0", sides(b, func(v float64) bool { return v < 0 }))
	case b.W == 0 || b.H == 0:
		j.flaw(at, dataset.BoxEmpty, "bbox has %s, expected > 0", sides(b, func(v float64) bool { return v == 0 }))
	case b.X >= w || b.Y >= h || b.X+b.W <= 0 || b.Y+b.H <= 0:
		j.flaw(at, dataset.BoxOutside, "bbox [%v, %v, %v, %v] has nothing in common with its image of %d x %d", b.X, b.Y, b.W, b.H, size.W, size.H)
	case out > slack:
		j.flaw(at, dataset.BoxPartlyOutside, "bbox [%v, %v, %v, %v] sticks out of its image of %d x %d by %.4g px", b.X, b.Y, b.W, b.H, size.W, size.H, out)
	}
}

// sides names the sides of a box that are bad.
func sides(b *geom.Rect, bad func(float64) bool) string {
	switch {
	case bad(b.W) && bad(b.H):
		return fmt.Sprintf("width %v and height %v", b.W, b.H)
	case bad(b.W):
		return fmt.Sprintf("width %v", b.W)
	}
	return fmt.Sprintf("height %v", b.H)
}

// spot says where a record stands; files on one line need the byte.
func spot(offset int64, line int32) string { return fmt.Sprintf("byte %d, line %d,", offset, line) }
