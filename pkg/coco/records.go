package coco

import (
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// The keys that matter, by the kind of record.
const (
	imageKeys    = 1<<fID | 1<<fFile | 1<<fWidth | 1<<fHeight
	objectKeys   = 1<<fID | 1<<fImage | 1<<fCategory | 1<<fBox | 1<<fArea | crowdKeys | 1<<fIgnore | 1<<fOutline
	crowdKeys    = 1<<fCrowd | 1<<fAlias
	categoryKeys = 1<<fID | 1<<fName
	resultKeys   = 1<<fImage | 1<<fCategory | 1<<fBox | 1<<fScore
)

// image adds a record of the array "images".
func (x *extract) image(r *raw) {
	if r.list {
		x.notObject(dataset.Images, images, r)
		return
	}
	im := dataset.Image{ID: r.id, File: r.file, Offset: r.offset, Line: x.lineOf(r)}
	im.Size.W, im.Size.H = int(r.width), int(r.height)
	s := subject{x.b.Image(&im), r}
	if r.parent != "" {
		s.Use(r.parent)
	}
	s.saidOfImage()
	if r.twice|r.nan != 0 || r.id.Kind() != dataset.Plain {
		s.common(imageKeys)
	}
	if r.file == "" {
		s.Flaw(dataset.FileNoName, "%s, expected the image's file name", s.text(fFile))
	}
	if r.width == 0 || r.height == 0 {
		s.Flaw(dataset.ImageNoSize, "%s, expected whole numbers from 1 to %d; its annotations are left out",
			s.sizes(), maxSize-1)
	}
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

// object adds a record of the array "annotations".
func (x *extract) object(r *raw) {
	x.annotation(r)
	if r.list {
		x.notObject(dataset.Annotations, annotations, r)
		return
	}
	a := dataset.Annotation{
		ID: r.id, Image: r.image, Category: r.category, Box: r.box,
		Offset: r.offset, Line: x.lineOf(r), Flags: r.flags, Outline: r.confirms,
	}
	if !r.has.has(fArea) {
		a.Flags |= dataset.NoArea
	}
	if r.boxed != boxRead && r.flags&dataset.FromOutline == 0 {
		a.LeftOut = dataset.NoBox
	}
	s := subject{x.b.Object(&a), r}
	if r.twice|r.nan != 0 || r.id.Kind() != dataset.Plain {
		s.common(objectKeys)
	}
	if r.boxed != boxRead {
		s.boxFlaws()
	}
	if of := r.outline; of != nil {
		s.Flaw(dataset.BoxOffOutline, "bbox is %s, and the box of its segmentation %s", numbers(r.box), numbers(*of))
	}
	if r.odd.has(fBox) {
		s.Flaw(dataset.BoxMalformed, "%s, expected four numbers; true counts as 1 and false as 0, as in Python",
			r.found(fBox))
	}
	if r.has&(1<<fAlias|1<<fIgnore) != 0 || r.odd != 0 {
		s.flagFlaws()
	}
	if n, whole := r.id.Int(); r.has&readKeys != readKeys || r.shape != shapeFine || whole && n == 0 {
		s.keyTraits()
	}
	if r.part > 0 {
		s.AreaPart(r.part, r.whole)
	}
	if r.asides != 0 {
		s.asides()
	}
	if r.track != 0 {
		s.Track(r.track)
	}
	if len(r.says) > 0 {
		s.said()
	}
}

// boxFlaws reports a bbox that could not be used as it stands.
func (s *subject) boxFlaws() {
	derived := s.r.flags&dataset.FromOutline != 0
	then := "; the annotation is left out"
	if derived {
		then = "; the box of its segmentation is used"
	}
	found, box := s.r.found(fBox), s.r.box
	switch {
	case s.r.boxed == boxMalformed:
		s.Flaw(dataset.BoxMalformed, "%s, expected four numbers%s", found, then)
	case s.r.boxed == boxNotFinite:
		s.Flaw(dataset.BoxNotFinite, "%s, expected four finite numbers%s", found, then)
	case !derived:
		s.Flaw(dataset.BoxMissing, "%s and no segmentation gives one, expected four numbers%s", found, then)
	}
	if derived {
		s.Flaw(dataset.BoxFromOutline, "%s, expected four numbers%s: %s", found, then, numbers(box))
	}
}

// numbers shows a box.
func numbers(b geom.Rect) string {
	n := dataset.Number
	return "[" + n(b.X) + ", " + n(b.Y) + ", " + n(b.W) + ", " + n(b.H) + "]"
}

// flagFlaws reports iscrowd and ignore where they are not plain.
func (s *subject) flagFlaws() {
	r := s.r
	crowd := fCrowd
	if r.has.has(fAlias) && !r.has.has(fCrowd) {
		crowd = fAlias
		s.Flaw(dataset.CrowdKey, "the key is %s, expected iscrowd; most trainers overlook it", r.spelt)
	} else if r.alias && r.flags&dataset.Crowd == 0 {
		s.Flaw(dataset.CrowdKey, "the key %s is set and iscrowd is not, expected iscrowd alone; most trainers overlook %s",
			r.spelt, r.spelt)
	}
	if r.odd.has(crowd) {
		s.trait(dataset.OddCrowd, crowd)
	}
	if r.odd.has(fIgnore) {
		s.trait(dataset.OddIgnore, fIgnore)
	}
	if r.odd.has(fArea) {
		s.trait(dataset.OddArea, fArea)
	}
}

// readKeys are the keys of annotations that some trainers read without asking whether
// they are there.
const readKeys = 1<<fID | 1<<fArea | 1<<fCrowd | 1<<fOutline

// keyTraits counts what trainers stop at: keys that are not there, and outlines that are
// none.
func (s *subject) keyTraits() {
	r := s.r
	for i, key := range [...]field{fID, fCrowd, fArea, fOutline} {
		if !r.has.has(key) {
			s.Trait(dataset.NoIDKey + dataset.Trait(i))
		}
	}
	if n, whole := r.id.Int(); whole && n == 0 {
		s.Trait(dataset.IDZero)
	}
	v := r.flags.CrowdValue()
	if r.shape == shapeFine {
		return
	}
	if v != dataset.FlagZero && v != dataset.FlagAbsent {
		if r.shape == shapeNullRuns || r.shape == shapeTextRuns {
			s.Trait(dataset.CrowdRuns)
		}
		return
	}
	if t := dataset.NullOutline + dataset.Trait(r.shape-shapeNull); t == dataset.NullOutline {
		s.trait(t, fOutline)
	} else {
		s.Trait(t)
	}
}

// trait counts a trait of an annotation, whose text is that of a field.
func (s *subject) trait(t dataset.Trait, f field) {
	if tally := s.Trait(t); tally.N == 1 {
		tally.Text = s.r.found(f)
	}
}

// category adds a record of the array "categories".
func (x *extract) category(r *raw) {
	if r.list {
		x.notObject(dataset.Categories, categories, r)
		return
	}
	name := r.name
	if name == "" {
		name = dataset.Label("category", r.id)
	}
	s := subject{x.b.Category(r.id, name, r.offset, x.lineOf(r)), r}
	s.common(categoryKeys)
	x.b.Group(r.parent)
	for _, of := range r.says {
		if of.trait == dataset.Stuff {
			x.b.Thing(of.text == thing)
		}
	}
	if r.parent != name {
		x.b.Parent(r.parent)
	}
	if r.name == "" {
		s.Flaw(dataset.CategoryNoName, "%s, expected a name; it is called %q", s.text(fName), name)
	}
}
