package dataset

import (
	"cmp"
	"maps"
	"slices"

	"focalaudit/internal/pack"
	"focalaudit/pkg/geom"
)

// A data set can be taken apart and put together again, so that parts of it are read on several
// machines. What a source says by itself is packed as it is. What depends on the other sources, the
// numbers of the classes and the flaws that compare names, is left out: Gather settles it again as
// Join does, from what each source declares.

// Declared is what one file says of its categories: what Join settles the classes by.
type Declared struct {
	categories []category
	refs       []ID     // that annotations name, by first use
	members    []member // the first one, in which a class that no record declares stands; none in a file of its own
}

// Declared returns what the file declares. Call it before Join, which empties the builder.
func (b *Builder) Declared() Declared {
	return Declared{b.categories, b.refs.ids, b.members[:min(1, len(b.members))]}
}

// DeclaredBy returns what each file declares of those that were taken, in the order of the sources that Join will make
// of them.
func DeclaredBy(outcomes []Outcome) (all []Declared) {
	for _, o := range sorted(outcomes) {
		if o.Refused == nil && o.Builder != nil {
			all = append(all, o.Builder.Declared())
		}
	}
	return all
}

// compared are the codes of the flaws that depend on other sources.
func compared(code string) bool { return code == CategoryClash || code == CategoryCase }

// PackHead packs a source of a joined data set without its images and objects.
func PackHead(w *pack.Writer, src *Source, d Declared) {
	w.Text(src.Name)
	w.Int(src.Bytes)
	w.Text(src.SHA256)
	w.Len(len(d.categories))
	for i := range d.categories {
		c := &d.categories[i]
		packID(w, c.id)
		w.Text(c.name)
		w.Text(c.group)
		w.Int(c.offset)
		w.Int(int64(c.line))
		w.Bool(c.assumed)
	}
	w.Len(len(d.members))
	for _, m := range d.members {
		w.Text(m.name)
		w.Int(m.base)
	}
	w.Len(len(d.refs))
	for _, id := range d.refs {
		packID(w, id)
	}
	own := slices.DeleteFunc(slices.Clone(src.Flaws), func(f Flaw) bool { return compared(f.Code) })
	w.Len(len(own))
	for i := range own {
		packFlaw(w, &own[i])
	}
	w.Len(len(src.Parents))
	for _, name := range slices.Sorted(maps.Keys(src.Parents)) {
		w.Text(name)
	}
	w.Len(len(src.Uses))
	for _, as := range slices.Sorted(maps.Keys(src.Uses)) {
		w.Text(as)
		w.Int(int64(src.Uses[as]))
	}
	for i := range src.Traits {
		t := &src.Traits[i]
		w.Int(int64(t.N))
		w.Int(int64(t.First))
		w.Text(t.Text)
	}
	packAreas(w, src.AreaParts)
	w.Len(len(src.Unlisted))
	for _, code := range slices.Sorted(maps.Keys(src.Unlisted)) {
		w.Text(code)
		w.Int(int64(src.Unlisted[code]))
	}
	for _, n := range [...]int{src.Returns, src.BadImages, src.BadAnnotations} {
		w.Int(int64(n))
	}
	w.Len(len(src.Images))
	w.Len(len(src.Objects))
}

// Head is a packed source without its images and objects.
type Head struct {
	source   Source
	declared Declared

	images, objects int
}

// Name returns the name of the source.
func (h *Head) Name() string { return h.source.Name }

// SHA256 returns the hash of the source's file.
func (h *Head) SHA256() string { return h.source.SHA256 }

// Bytes returns how many bytes the source's records take at least, packed.
func (h *Head) Bytes() int64 { return Stretch{Images: h.images, Objects: h.objects}.Bytes() }

// The fewest bytes of a packed image and of a packed object.
const (
	leastImage  = 8
	leastObject = 40
)

// Rename gives the source another name.
func (h *Head) Rename(name string) { h.source.Name = name }

// UnpackHead reads what PackHead packed.
func UnpackHead(r *pack.Reader) *Head {
	h := &Head{}
	src := &h.source
	src.Name, src.Bytes, src.SHA256 = r.Text(), r.Int(), r.Text()
	for range r.Len(4) {
		h.declared.categories = append(h.declared.categories,
			category{id: unpackID(r), name: r.Text(), group: r.Text(), offset: r.Int(), line: r.Int32(), assumed: r.Bool()})
	}
	for range r.Len(2) {
		h.declared.members = append(h.declared.members, member{r.Text(), r.Int()})
	}
	for range r.Len(2) {
		h.declared.refs = append(h.declared.refs, unpackID(r))
	}
	for range r.Len(8) {
		src.Flaws = append(src.Flaws, unpackFlaw(r))
	}
	for range r.Len(1) {
		if src.Parents == nil {
			src.Parents = map[string]bool{}
		}
		src.Parents[r.Text()] = true
	}
	for range r.Len(2) {
		if src.Uses == nil {
			src.Uses = map[string]int{}
		}
		as := r.Text()
		src.Uses[as] = int(r.Int())
	}
	for i := range src.Traits {
		src.Traits[i] = Tally{N: int(r.Int()), First: r.Int32(), Text: r.Text()}
	}
	src.AreaParts = unpackAreas(r)
	src.Unlisted = map[string]int{}
	for range r.Len(2) {
		code := r.Text()
		src.Unlisted[code] = int(r.Int())
	}
	src.Returns, src.BadImages, src.BadAnnotations = int(r.Int()), int(r.Int()), int(r.Int())
	h.images, h.objects = r.Below(1<<31), r.Below(1<<31)
	if !h.holds() {
		r.Fail()
	}
	return h
}

// holds reports whether the numbers of a head fit each other: a forged one may name records that it has not, or
// count less than nothing.
func (h *Head) holds() bool {
	src := &h.source
	among := func(i int32, n int) bool { return i >= -1 && int(i) < n }
	for i := range src.Flaws {
		f := &src.Flaws[i]
		if !among(f.Image, h.images) || !among(f.Object, h.objects) || f.Cases < 0 {
			return false
		}
		switch f.Code {
		case BoxNegative, BoxEmpty, BoxOutside: // of an annotation
			if f.Object < 0 {
				return false
			}
		}
	}
	for i := range src.Traits {
		of := h.objects
		if Trait(i).OfImages() {
			of = h.images
		}
		if t := &src.Traits[i]; t.N < 0 || t.N > 0 && (t.First < 0 || !among(t.First, of)) {
			return false
		}
	}
	if a := src.AreaParts; a != nil {
		if a.Compared < 0 || !among(a.First, h.objects) {
			return false
		}
		for _, at := range a.Places {
			if at.Object < 0 || !among(at.Object, h.objects) {
				return false
			}
		}
	}
	for _, n := range src.Unlisted {
		if n < 0 {
			return false
		}
	}
	return min(src.Bytes, int64(src.Returns), int64(src.BadImages), int64(src.BadAnnotations)) >= 0
}

// Codes returns the codes of the source's flaws.
func (h *Head) Codes() []string {
	codes := slices.Collect(maps.Keys(h.source.Unlisted))
	for i := range h.source.Flaws {
		codes = append(codes, h.source.Flaws[i].Code)
	}
	return codes
}

// Sizes returns how many images and objects the source has.
func (h *Head) Sizes() (images, objects int) { return h.images, h.objects }

// blanks are how many images and objects each source has whose records are not held.
type blanks struct{ images, objects int }

// Blank returns a source of a gathered data set with a stretch of its records in which all images and objects are left
// out: what stands for them where they can't be read.
func (d *Dataset) Blank(i int, of Stretch) *Source {
	out := d.Sources[i]
	out.Images, out.Objects = make([]Image, of.Images), make([]Object, of.Objects)
	for k := range out.Images {
		out.Images[k] = Image{ID: absent, LeftOut: NoID}
	}
	for k := range out.Objects {
		out.Objects[k] = Object{ID: absent, Image: -1, Class: -1, LeftOut: NoImage}
	}
	return &out
}

// Count returns how many images and objects a source has.
func (d *Dataset) Count(i int) (images, objects int) {
	if d.records == nil {
		return len(d.Sources[i].Images), len(d.Sources[i].Objects)
	}
	return d.sizes[i].images, d.sizes[i].objects
}

// Records reads the records of a gathered data set, of a source by its number among its Sources.
type Records interface {
	Source(i int) *Source
	Images(i int) []Image

	// Run returns images that begin with one, as many as are read together.
	Run(source, image int) []Image

	Image(source, image int) *Image
	Object(source, object int) *Object
	Objects(source, image int) []Object
	ImageID(source, object int) ID
}

// Gather makes one data set of packed sources, which it sorts by name: the one that Join makes of their files. Its
// sources have no images and objects: records reads them.
func Gather(heads []*Head, records Records) *Dataset {
	slices.SortStableFunc(heads, func(a, b *Head) int { return cmp.Compare(a.source.Name, b.source.Name) })
	d := &Dataset{Sources: make([]Source, len(heads)), records: records, sizes: make([]blanks, len(heads))}
	c := newClassifier()
	for i, h := range heads {
		b := &Builder{
			Name: h.source.Name, categories: h.declared.categories, refs: refs{ids: h.declared.refs},
			members: h.declared.members,
		}
		src := &d.Sources[i]
		*src, d.sizes[i] = h.source, blanks{h.images, h.objects}
		src.Categories = c.add(b).categories
		maps.DeleteFunc(src.Unlisted, func(code string, _ int) bool { return compared(code) })
		for code, n := range b.unlisted() {
			if compared(code) {
				src.Unlisted[code] = n
			}
		}
		src.Flaws = slices.Concat(src.Flaws, slices.DeleteFunc(b.flaws, func(f Flaw) bool { return !compared(f.Code) }))
		sortFlaws(src.Flaws)
		h.source, h.declared = Source{Name: src.Name}, Declared{}
	}
	d.Classes = c.classes
	return d
}

// Stretch is a stretch of a source's records: images that stand behind each other, and their objects. The last one of
// a source, or several of them, also have the objects without an image.
type Stretch struct {
	Image, Object   int // the numbers of the first ones
	Images, Objects int // how many there are
}

// Whole returns the stretch of all records of a source.
func (d *Dataset) Whole(source int) Stretch {
	images, objects := d.Count(source)
	return Stretch{Images: images, Objects: objects}
}

// Bytes returns how many bytes the records of a stretch take at least, packed.
func (of Stretch) Bytes() int64 { return leastImage*int64(of.Images) + leastObject*int64(of.Objects) }

// Divide cuts the records of a source into stretches of at least so many, unless fewer are left: images with their
// objects, then the objects without an image.
func (src *Source) Divide(least int) (all []Stretch) {
	var at Stretch
	end := func() {
		all = append(all, at)
		at = Stretch{Image: at.Image + at.Images, Object: at.Object + at.Objects}
	}
	for i := range src.Images {
		at.Images++
		if at.Objects = int(src.Images[i].Last) - at.Object; at.Images+at.Objects >= least {
			end()
		}
	}
	for at.Images > 0 || at.Object < len(src.Objects) || len(all) == 0 {
		at.Objects = min(len(src.Objects)-at.Object, max(at.Objects, least-at.Images))
		end()
	}
	return all
}

// PackImages packs the images of a stretch of a source.
func PackImages(w *pack.Writer, src *Source, of Stretch) {
	w.Len(of.Images)
	offset, line := int64(0), int64(0)
	for i := of.Image; i < of.Image+of.Images; i++ {
		im := &src.Images[i]
		packID(w, im.ID)
		w.Text(im.File)
		w.Int(int64(im.Size.W))
		w.Int(int64(im.Size.H))
		w.Int(im.Offset - offset)
		w.Int(int64(im.Line) - line)
		w.Len(int(im.Last - im.First))
		w.Uint(uint64(im.LeftOut))
		offset, line = im.Offset, int64(im.Line)
	}
}

// PackObjects packs the objects of a stretch of a source. Where an object's class stands, there is the place of a
// category among the source's, from 1; 0 for none.
func PackObjects(w *pack.Writer, src *Source, of Stretch) {
	place := map[int32]uint64{-1: 0}
	for i, c := range src.Categories {
		if _, had := place[c.Class]; !had {
			place[c.Class] = uint64(i + 1)
		}
	}
	w.Len(of.Objects)
	offset, line := int64(0), int64(0)
	for i := of.Object; i < of.Object+of.Objects; i++ {
		o := &src.Objects[i]
		packID(w, o.ID)
		id := src.ImageID(i)
		same := o.Image >= 0 && sameText(id, src.Images[o.Image].ID)
		w.Bool(same)
		if !same {
			packID(w, id)
		}
		w.Uint(place[o.Class])
		w.Float(o.Box.X)
		w.Float(o.Box.Y)
		w.Float(o.Box.W)
		w.Float(o.Box.H)
		w.Int(o.Offset - offset)
		w.Int(int64(o.Line) - line)
		w.Uint(uint64(o.Flags))
		w.Uint(uint64(o.LeftOut))
		w.Uint(uint64(o.Outline))
		offset, line = o.Offset, int64(o.Line)
	}
}

// UnpackImages appends the images of a stretch that PackImages packed.
func UnpackImages(r *pack.Reader, of Stretch, to []Image) []Image {
	if r.Len(leastImage) != of.Images {
		r.Fail()
		return to
	}
	offset, line, first, end := int64(0), int32(0), int32(of.Object), of.Object+of.Objects
	for range of.Images {
		im := Image{ID: unpackID(r), File: r.Text()}
		im.Size = geom.Size{W: int(r.Int32()), H: int(r.Int32())}
		im.Offset, im.Line = offset+r.Int(), line+r.Int32()
		im.First = first
		im.Last = first + int32(r.Below(end-int(first)+1))
		im.LeftOut = Reason(r.Below(int(ImageLeftOut) + 1))
		offset, line, first = im.Offset, im.Line, im.Last
		to = append(to, im)
	}
	return to
}

// Begin returns a source of a gathered data set with images, its own or those of a stretch, and room for objects.
func (d *Dataset) Begin(i int, images []Image, objects int) *Source {
	out := d.Sources[i]
	out.Images, out.Objects = images, make([]Object, 0, objects)
	return &out
}

// UnpackObjects appends to a source the objects of a stretch that PackObjects packed; images are those of the stretch.
func UnpackObjects(r *pack.Reader, of Stretch, images []Image, to *Source) {
	if r.Len(leastObject) != of.Objects || len(images) != of.Images {
		r.Fail()
		return
	}
	image := 0
	offset, line := int64(0), int32(0)
	for k := of.Object; k < of.Object+of.Objects; k++ {
		for image < len(images) && int(images[image].Last) <= k {
			image++
		}
		o := Object{ID: unpackID(r), Image: -1}
		if image < len(images) {
			o.Image = int32(of.Image + image)
		}
		switch same := r.Bool(); {
		case !same:
			to.odd = append(to.odd, imageRef{int32(k), unpackID(r)})
		case o.Image < 0:
			r.Fail()
		}
		o.Class = -1
		if place := r.Below(len(to.Categories) + 1); place > 0 {
			o.Class = to.Categories[place-1].Class
		}
		o.Box = geom.Rect{X: r.Float(), Y: r.Float(), W: r.Float(), H: r.Float()}
		o.Offset, o.Line = offset+r.Int(), line+r.Int32()
		o.Flags = Flags(r.Below(1 << 16))
		o.LeftOut, o.Outline = Reason(r.Below(int(ImageLeftOut)+1)), Outline(r.Below(int(OutlineApart)+1))
		offset, line = o.Offset, o.Line
		to.Objects = append(to.Objects, o)
	}
}

// ImageIDIn is ImageID of a source that has a stretch of its records only, whose images and objects begin with these
// numbers.
func (s *Source) ImageIDIn(of Stretch, object int) ID {
	image := s.Objects[object-of.Object].Image
	if image >= 0 {
		image -= int32(of.Image)
	}
	return s.imageID(object, image)
}

// sameText reports whether two ids stand in the file alike, so that one can be written for the other.
func sameText(a, b ID) bool {
	return a.Kind() == b.Kind() && a.Key() == b.Key() && a.String() == b.String()
}

func packID(w *pack.Writer, d ID) {
	w.Byte(byte(d.Kind()))
	switch d.Kind() {
	case Plain:
		w.Int(d.num)
	case Float, Text:
		w.Text(d.other.text)
	}
}

func unpackID(r *pack.Reader) ID {
	switch IDKind(r.Byte()) {
	case Plain:
		return PlainID(r.Int())
	case Float:
		return NumberID(r.Text())
	case Text:
		return TextID(r.Text())
	case Absent:
		return absent
	}
	r.Fail()
	return absent
}

func packFlaw(w *pack.Writer, f *Flaw) {
	w.Text(f.Code)
	w.Int(f.Offset)
	w.Int(int64(f.Line))
	w.Int(int64(f.Image))
	w.Int(int64(f.Object))
	packID(w, f.Record)
	w.Int(int64(f.Cases))
	w.Text(f.Message)
}

func unpackFlaw(r *pack.Reader) Flaw {
	return Flaw{
		Code: r.Text(), Offset: r.Int(), Line: r.Int32(), Image: r.Int32(), Object: r.Int32(), Record: unpackID(r),
		Cases: int(r.Int()), Message: r.Text(),
	}
}

func packAreas(w *pack.Writer, p *AreaParts) {
	w.Bool(p != nil)
	if p == nil {
		return
	}
	w.Int(int64(p.Compared))
	w.Int(int64(p.First))
	w.Bool(p.parts != nil)
	if p.parts != nil {
		for _, n := range p.parts {
			w.Int(int64(n))
		}
	}
	w.Uint(uint64(p.thin))
	w.Len(len(p.Places))
	for _, at := range p.Places {
		w.Int(int64(at.Object))
		w.Float32(at.Part)
		w.Float32(at.Of)
	}
}

func unpackAreas(r *pack.Reader) *AreaParts {
	if !r.Bool() {
		return nil
	}
	p := &AreaParts{Compared: int(r.Int()), First: r.Int32()}
	if r.Bool() {
		p.parts = new([10 * partBins]int32)
		for i := range p.parts {
			p.parts[i] = r.Int32()
		}
	}
	p.thin = uint32(r.Below(1 << 30))
	const least = 9 // bytes of a place
	p.Places = make([]AreaPlace, r.Len(least))
	for i := range p.Places {
		p.Places[i] = AreaPlace{Object: r.Int32(), Part: r.Float32(), Of: r.Float32()}
	}
	return p
}
