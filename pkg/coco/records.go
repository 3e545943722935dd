package coco

import "focalaudit/pkg/dataset"

// The keys that matter, by the kind of record.
const (
	imageKeys    = 1<<fID | 1<<fFile | 1<<fWidth | 1<<fHeight
	objectKeys   = 1<<fID | 1<<fImage | 1<<fCategory | 1<<fBox | 1<<fArea | 1<<fCrowd | 1<<fAlias | 1<<fIgnore | 1<<fOutline
	categoryKeys = 1<<fID | 1<<fName
)

// image adds a record of the array "images" to a chunk.
func (x *extract) image(chunk []dataset.Image, r *raw) []dataset.Image {
	s := subject{x: x, r: r, word: "image", image: x.imageCount, obj: -1}
	if r.list {
		x.badImages++
		s.word = "images"
		s.notObject()
		return chunk
	}
	im := dataset.Image{ID: r.id, File: r.file, Offset: r.offset, Line: x.line + r.line + 1}
	im.Size.W, im.Size.H = int(r.width), int(r.height)
	if r.twice|r.nan != 0 || r.id.Kind() != dataset.Plain {
		s.common(imageKeys)
	}
	if r.file == "" {
		s.flaw(dataset.FileNoName, "%s, expected the image's file name", s.text(fFile))
	}
	if r.width == 0 || r.height == 0 {
		im.LeftOut = dataset.NoImageSize
		s.flaw(dataset.ImageNoSize, "%s, expected whole numbers from 1 to %d; its annotations are left out", s.sizes(), maxSize-1)
	}
	if r.id.Kind() == dataset.Absent {
		im.LeftOut = dataset.NoID
	}
	x.imageCount++
	return append(chunk, im)
}

// text says what stands in a field that should hold a string.
func (s *subject) text(f field) string {
	if s.r.has.has(f) && len(s.r.notes) == 0 {
		return f.String() + ` is ""`
	}
	return s.r.found(f)
}

// sizes says which of width and height are not usable.
func (s *subject) sizes() string {
	switch {
	case s.r.width != 0:
		return s.r.found(fHeight)
	case s.r.height != 0:
		return s.r.found(fWidth)
	}
	return s.r.found(fWidth) + ", " + s.r.found(fHeight)
}

// object adds a record of the array "annotations" to a chunk.
func (x *extract) object(chunk []dataset.Object, r *raw) []dataset.Object {
	s := subject{x: x, r: r, word: "annotation", image: -1, obj: x.count}
	if r.list {
		x.badObjects++
		s.word = "annotations"
		s.notObject()
		return chunk
	}
	o := dataset.Object{
		ID: r.id, ImageID: r.image, Image: -1, Class: x.refs.index(r.category), Box: r.box,
		Offset: r.offset, Line: x.line + r.line + 1, Flags: r.flags,
		Outline: r.confirms,
	}
	if !r.has.has(fArea) {
		o.Flags |= dataset.NoArea
	}
	x.boxed = x.boxed || r.has&(1<<fBox|1<<fOutline) != 0
	if r.twice|r.nan != 0 || r.id.Kind() != dataset.Plain {
		s.common(objectKeys)
	}
	if r.boxed != boxRead {
		s.boxFlaws(&o)
	}
	if of := r.outline; of != nil {
		s.flaw(dataset.BoxOffOutline, "bbox is [%v, %v, %v, %v], and the box of its segmentation [%v, %v, %v, %v]", o.Box.X, o.Box.Y, o.Box.W, o.Box.H, of.X, of.Y, of.W, of.H)
	}
	if r.has&(1<<fAlias|1<<fIgnore) != 0 || r.odd != 0 {
		s.flagFlaws()
	}
	x.count++
	return append(chunk, o)
}

// boxFlaws reports a bbox that could not be used as it stands.
func (s *subject) boxFlaws(o *dataset.Object) {
	derived := o.Flags&dataset.FromOutline != 0
	then := "; the annotation is left out"
	if derived {
		then = "; the box of its segmentation is used"
	} else {
		o.LeftOut = dataset.NoBox
	}
	found := s.r.found(fBox)
	switch {
	case s.r.boxed == boxMalformed:
		s.flaw(dataset.BoxMalformed, "%s, expected four numbers%s", found, then)
	case s.r.boxed == boxNotFinite:
		s.flaw(dataset.BoxNotFinite, "%s, expected four finite numbers%s", found, then)
	case !derived:
		s.flaw(dataset.BoxMissing, "%s and no segmentation gives one, expected four numbers%s", found, then)
	}
	if derived {
		s.flaw(dataset.BoxFromOutline, "%s, expected four numbers%s: [%v, %v, %v, %v]", found, then, o.Box.X, o.Box.Y, o.Box.W, o.Box.H)
	}
}

// flagFlaws reports iscrowd and ignore where they are not plain.
func (s *subject) flagFlaws() {
	r := s.r
	crowd := fCrowd
	if r.has.has(fAlias) && !r.has.has(fCrowd) {
		crowd = fAlias
		s.flaw(dataset.CrowdKey, "the key is is_crowd, expected iscrowd; most trainers overlook it")
	}
	for _, f := range []field{crowd, fIgnore} {
		if r.odd.has(f) {
			s.flaw(dataset.FlagNotNumber, "%s, expected 0 or 1", r.found(f))
		}
	}
	if r.flags&dataset.Ignore != 0 {
		s.flaw(dataset.IgnoreFlag, "ignore is set; trainers disagree on what that means")
	}
}

// category adds a record of the array "categories".
func (x *extract) category(r *raw) {
	s := subject{x: x, r: r, word: "category", image: -1, obj: -1}
	if r.list {
		s.word = "categories"
		s.notObject()
		return
	}
	s.common(categoryKeys)
	c := category{id: r.id, name: r.name, offset: r.offset, line: x.line + r.line + 1}
	if c.name == "" {
		c.name = dataset.Label("category", r.id)
		s.flaw(dataset.CategoryNoName, "%s, expected a name; it is called %q", s.text(fName), c.name)
	}
	if r.id.Kind() != dataset.Absent {
		x.categories = append(x.categories, c)
	}
}
