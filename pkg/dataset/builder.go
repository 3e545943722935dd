package dataset

import (
	"cmp"
	"fmt"
	"slices"

	"focalaudit/pkg/geom"
)

// Builder takes the records of one file from a reader, in the order of the file,
// and keeps them until Join.
type Builder struct {
	Name   string // as Source.Name
	Bytes  int64  // as Source.Bytes
	SHA256 string // as Source.SHA256

	fields     Fields
	images     list[Image]
	drafts     list[draft]
	categories []category
	parents    map[string]bool
	refs       refs

	flaws  []Flaw
	about  []int32        // by flaw: the number of its annotation in file order, -1 if the flaw has its indices
	counts map[string]int // of flaws by code, listed or not
	bad    [kinds]int
	traits [NumTraits]Tally // First is a number in file order
	parts  *AreaParts
	uses   map[string]int // images by the text that says for what they are
	tracks []uint32       // of annotations in file order, as far as they have any; 0 for none

	said   []said // of images
	things int    // categories that are countable things

	members []member
}

// member is a file of a source that is made up of several.
type member struct {
	name string
	base int64 // offset of its first byte in the source
}

// Fields are a format's own names for the fields that Join's messages are about.
type Fields struct {
	Image    string // an annotation's reference to its image
	Category string // an annotation's reference to its category
	Box      string // an annotation's box
	File     string // an image's file name
}

// NewBuilder returns a builder for a file, by its name and the names of its
// format's fields.
func NewBuilder(name string, f Fields) *Builder { return &Builder{Name: name, fields: f} }

// Kind is a kind of records.
type Kind uint8

// The kinds of records.
const (
	Images Kind = iota
	Annotations
	Categories
	kinds
)

// Annotation is an object as its file describes it. It names its image and its
// category by their ids, where an Object has indices.
type Annotation struct {
	ID, Image, Category ID
	Box                 geom.Rect
	Offset              int64 // of the record's first byte in the (decompressed) file
	Line                int32 // of that byte, from 1
	Flags               Flags
	LeftOut             Reason // InUse or NoBox
	Outline             Outline
}

// draft is an annotation that is not joined yet. It takes no more memory than the
// Object that it becomes.
type draft struct {
	id, imageID ID
	category    int32 // the number of its category's id in Builder.refs, -1 for none
	image       int32 // index in Source.Images, -1 for none; known when all images are
	box         geom.Rect
	offset      int64
	line        int32
	flags       Flags
	leftOut     Reason
	outline     Outline
}

// category is what a file declares an id to stand for.
type category struct {
	id     ID
	name   string
	group  string // see Category.Group
	offset int64
	line   int32

	assumed bool // no record declares it
	stuff   bool // it is no countable thing
}

// Image adds an image. One without an id or without a size is left out, with its
// annotations; First and Last are Join's to set.
func (b *Builder) Image(im *Image) Record {
	added := b.images.next()
	*added = *im
	switch {
	case im.ID.Kind() == Absent:
		added.LeftOut = NoID
	case im.Size.W == 0 || im.Size.H == 0:
		added.LeftOut = NoImageSize
	}
	return Record{b, Images, int32(b.images.n - 1)}
}

// Object adds an annotation.
func (b *Builder) Object(a *Annotation) Record {
	d := b.drafts.next()
	d.id, d.imageID = a.ID, a.Image
	d.category, d.image = b.refs.index(a.Category), -1
	d.box, d.offset, d.line = a.Box, a.Offset, a.Line
	d.flags, d.leftOut, d.outline = a.Flags, a.LeftOut, a.Outline
	return Record{b, Annotations, int32(b.drafts.n - 1)}
}

// Category adds a category.
func (b *Builder) Category(id ID, name string, offset int64, line int32) Record {
	b.categories = append(b.categories, category{id: id, name: name, offset: offset, line: line})
	return Record{b, Categories, int32(len(b.categories) - 1)}
}

// Only adds the one class of a format that has none, and returns the id by which annotations name it. What
// other sources call that id is no matter.
func (b *Builder) Only(class string) ID {
	id := PlainID(1)
	b.categories = append(b.categories, category{id: id, name: class, line: 1, assumed: true})
	return id
}

// Group says which supercategory the category has that was added last.
func (b *Builder) Group(name string) { b.categories[len(b.categories)-1].group = name }

// Parent notes a name that a category has as its supercategory, and that is not its own.
func (b *Builder) Parent(name string) {
	if name == "" || b.parents[name] {
		return
	}
	if b.parents == nil {
		b.parents = map[string]bool{}
	}
	b.parents[name] = true
}

// Bad counts an element that is not a record, such as a number in an array of
// objects. Only a flaw with the message is kept of it, code RecordNotObject.
func (b *Builder) Bad(k Kind, offset int64, line int32, format string, args ...any) {
	b.bad[k]++
	f := Flaw{Code: RecordNotObject, Offset: offset, Line: line, Image: -1, Object: -1, Record: absent}
	b.flaw(f, -1, "", format, args...)
}

// Member begins a file of a source that is made up of several, which stand behind one another in their order: what is
// added next is in it. Its first byte has an offset in all of them together; lines count from 1 in each.
// Ids of annotations need to be unique in each file only, which is the reader's to look after.
func (b *Builder) Member(name string, base int64) { b.members = append(b.members, member{name, base}) }

// Broken adds a flaw of the last member as a whole, of which nothing is kept.
func (b *Builder) Broken(format string, args ...any) { b.WholeMember(FileBroken, format, args...) }

// WholeMember adds a flaw of the last member as a whole, at its first byte.
func (b *Builder) WholeMember(code, format string, args ...any) {
	m := &b.members[len(b.members)-1]
	b.list(Flaw{Code: code, Offset: m.base, Line: 1, Image: -1, Object: -1, Record: absent}, -1,
		fmt.Sprintf(format, args...))
}

// within says in which member, and where in it, a byte of the source is; "" if there are no members.
func (b *Builder) within(offset int64) string {
	i, found := slices.BinarySearchFunc(b.members, offset, func(m member, at int64) int { return cmp.Compare(m.base, at) })
	if !found {
		i--
	}
	if i < 0 {
		return ""
	}
	return fmt.Sprintf("%s, byte %d: ", b.members[i].name, offset-b.members[i].base)
}

// Whole adds a flaw of the file as a whole, at its first byte.
func (b *Builder) Whole(code, format string, args ...any) {
	b.list(Flaw{Code: code, Line: 1, Image: -1, Object: -1, Record: absent}, -1, fmt.Sprintf(format, args...))
}

// Nested adds a flaw of the file as a whole, at the first bracket that is nested too deep.
func (b *Builder) Nested(offset int64, line int32, format string, args ...any) {
	f := Flaw{Code: FileNested, Offset: offset, Line: line, Image: -1, Object: -1, Record: absent}
	b.list(f, -1, fmt.Sprintf(format, args...))
}

// Record is a record that was added, for the flaws that its reader finds in it.
type Record struct {
	b      *Builder
	kind   Kind
	number int32 // in file order
}

// Flaw adds a flaw of the record. Its message begins with the record's label.
func (r Record) Flaw(code, format string, args ...any) {
	switch n := int(r.number); r.kind {
	case Images:
		r.b.imageFlaw(r.b.images.at(n), r.number, code, format, args...)
	case Annotations:
		d := r.b.drafts.at(n)
		f := Flaw{Code: code, Offset: d.offset, Line: d.line, Image: -1, Object: -1, Record: d.id}
		r.b.flaw(f, r.number, "annotation", format, args...)
	case Categories:
		c := &r.b.categories[n]
		f := Flaw{Code: code, Offset: c.offset, Line: c.line, Image: -1, Object: -1, Record: c.id}
		r.b.flaw(f, -1, "category", format, args...)
	}
}

// imageFlaw adds a flaw of the i-th image.
func (b *Builder) imageFlaw(im *Image, i int32, code, format string, args ...any) {
	f := Flaw{Code: code, Offset: im.Offset, Line: im.Line, Image: i, Object: -1, Record: im.ID}
	b.flaw(f, -1, "image", format, args...)
}

// MaxListed is how many flaws of one code are listed for one file. Nobody reads
// more of them, and a file that is nothing but flaws must not fill the memory;
// all are counted.
const MaxListed = 100_000

// flaw adds a flaw. If word is not "", the message begins with the record's label.
// number is the place in file order of an annotation whose indices are not known
// yet, else -1.
func (b *Builder) flaw(f Flaw, number int32, word, format string, args ...any) {
	if b.counts[f.Code] >= MaxListed {
		b.counts[f.Code]++
		return
	}
	message := fmt.Sprintf(format, args...)
	if word != "" {
		message = Label(word, f.Record) + ": " + message
	}
	b.list(f, number, b.within(f.Offset)+message)
}

// list counts a flaw, and lists it with its message.
func (b *Builder) list(f Flaw, number int32, message string) {
	if b.counts == nil {
		b.counts = map[string]int{}
	}
	if b.counts[f.Code]++; b.counts[f.Code] > MaxListed {
		return
	}
	f.Message = message
	b.flaws = append(b.flaws, f)
	b.about = append(b.about, number)
}

// unlisted returns the number of flaws beyond MaxListed by code.
func (b *Builder) unlisted() map[string]int {
	more := map[string]int{}
	for code, n := range b.counts {
		if n > MaxListed {
			more[code] = n - MaxListed
		}
	}
	return more
}
