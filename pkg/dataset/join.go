package dataset

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"focalaudit/pkg/geom"
	"focalaudit/pkg/par"
)

// Outcome is the result of reading one file: it was taken, passed over or refused.
type Outcome struct {
	Name    string
	Builder *Builder // what the file says; nil if it was not taken
	Skip    string   // why it was passed over: it holds no boxes
	Refused error    // why it can't be read; the message names the file
}

// Refusal is why a file could not be read. The message begins with the file's name.
type Refusal struct {
	Name string
	Err  error
}

// Error returns why, with the file's name.
func (r *Refusal) Error() string { return r.Err.Error() }

// Unwrap returns why.
func (r *Refusal) Unwrap() error { return r.Err }

// Join makes one data set of all files, sorted by their names. The builders are
// empty afterwards. An error means that ctx is done.
//
// The order of the classes depends on the order of the sources, so one goroutine
// settles them; the rest is done by several workers.
func Join(ctx context.Context, workers int, outcomes []Outcome) (*Dataset, error) {
	outcomes = sorted(outcomes)
	d := &Dataset{}
	c := newClassifier()
	var builders []*Builder
	var meanings []meaning
	drafts := 0
	for _, o := range outcomes {
		switch {
		case o.Refused != nil:
			d.Refused = append(d.Refused, &Refusal{o.Name, o.Refused})
		case o.Builder == nil:
			d.Skipped = append(d.Skipped, Skip{Name: o.Name, Why: o.Skip})
		default:
			builders = append(builders, o.Builder)
			drafts += o.Builder.drafts.n
			meanings = append(meanings, c.add(o.Builder))
		}
	}
	d.Classes = c.classes
	d.Sources = make([]Source, len(builders))
	err := par.Do(ctx, max(workers, 1), len(builders), func(i int) error {
		d.Sources[i] = builders[i].join(meanings[i])
		*builders[i] = Builder{} // its memory is free
		return nil
	})
	if drafts >= manyDrafts {
		runtime.GC()
	}
	return d, err
}

// manyDrafts are as many annotations as make it worth to collect what was read at once: drafts take more memory than
// the objects that they became, and what comes next allocates as much again (pass.Allocate).
const manyDrafts = 100_000

// sorted returns outcomes by name.
func sorted(outcomes []Outcome) []Outcome {
	outcomes = slices.Clone(outcomes)
	slices.SortStableFunc(outcomes, func(a, b Outcome) int { return strings.Compare(a.Name, b.Name) })
	return outcomes
}

// joiner joins the annotations of a source to its images and classes.
type joiner struct {
	b       *Builder
	m       meaning
	images  []Image
	objects []Object
	place   []int32    // by file order: the index in objects
	again   [][2]int32 // by file order: annotations whose id an earlier one has, that one first
	returns int
	loose   []reference // by index: objects whose category is not known, or known by an id of another type
	odd     []imageRef  // by index: those of Source.odd
}

// reference is the category reference of an object.
type reference struct {
	object int32
	number int32 // in Builder.refs, -1 for none
}

// join returns what a file says, with ids resolved.
func (b *Builder) join(m meaning) Source {
	j := joiner{b: b, m: m, images: b.images.all()}
	byID := j.index()
	j.group(byID)
	j.settle()
	j.turns()
	j.said()
	j.fill()
	flaws := b.flaws
	sortFlaws(flaws)
	return Source{
		Name: b.Name, Bytes: b.Bytes, SHA256: b.SHA256,
		Images: j.images, Objects: j.objects, Flaws: flaws, Categories: m.categories, Traits: b.traits, AreaParts: b.parts,
		Parents: b.parents, Uses: b.uses, Returns: j.returns, odd: j.odd,
		Unlisted:  b.unlisted(),
		BadImages: b.bad[Images], BadAnnotations: b.bad[Annotations],
	}
}

// sortFlaws sorts the flaws of a source by place, then code.
func sortFlaws(flaws []Flaw) {
	slices.SortStableFunc(flaws, func(a, b Flaw) int {
		return cmp.Or(cmp.Compare(a.Offset, b.Offset), cmp.Compare(a.Code, b.Code))
	})
}

// settle gives the reader's flaws and tallies of annotations the indices of the objects
// and images that they are about.
func (j *joiner) settle() {
	for i := range j.b.traits {
		if t := &j.b.traits[i]; t.N > 0 {
			t.First = j.place[t.First]
		}
	}
	if p := j.b.parts; p != nil {
		if p.First >= 0 {
			p.First = j.place[p.First]
		}
		for i := range p.Places {
			p.Places[i].Object = j.place[p.Places[i].Object]
		}
	}
	for i, n := range j.b.about {
		if n >= 0 {
			f := &j.b.flaws[i]
			f.Object = j.place[n]
			f.Image = j.objects[f.Object].Image
		}
	}
}

// index finds the images by id. The first of two images with one id counts.
func (j *joiner) index() *table {
	byID := newTable(len(j.images))
	files := make(map[string]int32, len(j.images))
	for i := range j.images {
		im := &j.images[i]
		if im.File != "" {
			if first, ok := files[im.File]; ok {
				j.b.imageFlaw(im, int32(i), FileDuplicate, "%s %q is also that of %s, expected names that differ",
					j.b.fields.File, im.File, Label("image", j.images[first].ID))
			} else {
				files[im.File] = int32(i)
			}
		}
		if im.LeftOut == NoID {
			continue
		}
		if first := byID.put(im.ID, int32(i)); first != int32(i) {
			im.LeftOut = DuplicateImage
			had := &j.images[first]
			j.b.imageFlaw(im, int32(i), ImageDuplicate, "the image at %s has the same id and is kept; this one is left out",
				spot(had.Offset, had.Line))
		}
	}
	return byID
}

// group finds each annotation's image and lays out the annotations image by
// image, by counting.
func (j *joiner) group(byID *table) {
	last := len(j.images) // the place of those without an image
	counts := make([]int32, last+2)
	ids := newIDSet(j.b.drafts.n)
	repeated := map[IDKey]int32{} // ids that were met again
	before := int32(-1)
	for _, chunk := range j.b.drafts.chunks {
		for i := range chunk {
			d := &chunk[i]
			if d.imageID.Kind() != Absent {
				d.image = byID.get(d.imageID)
			}
			if d.image >= 0 {
				if d.image < before {
					j.returns++
				}
				before = d.image
			}
			counts[j.slot(d)+1]++
			if d.id.Kind() != Absent && len(j.b.members) == 0 {
				if ids.add(d.id) {
					repeated[d.id.Key()] = -1
				}
			}
		}
	}
	j.pairUp(repeated)
	for i := 1; i < len(counts); i++ {
		counts[i] += counts[i-1]
	}
	for i := range j.images {
		j.images[i].First, j.images[i].Last = counts[i], counts[i+1]
	}
	j.objects = make([]Object, j.b.drafts.n)
	j.place = make([]int32, 0, j.b.drafts.n)
	for n, chunk := range j.b.drafts.chunks {
		for i := range chunk {
			d := &chunk[i]
			at := &counts[j.slot(d)]
			j.complete(&j.objects[*at], d)
			if d.image < 0 || !sameText(d.imageID, j.images[d.image].ID) {
				j.odd = append(j.odd, imageRef{*at, d.imageID})
			}
			if ref := d.category; ref < 0 || !j.m.known[ref] || j.m.mixed[ref] {
				j.loose = append(j.loose, reference{*at, ref})
			}
			j.place = append(j.place, *at)
			*at++
		}
		j.b.drafts.chunks[n] = nil
	}
	slices.SortFunc(j.loose, func(a, b reference) int { return cmp.Compare(a.object, b.object) })
	slices.SortFunc(j.odd, func(a, b imageRef) int { return cmp.Compare(a.object, b.object) })
}

// complete makes o the object that an annotation stands for.
func (j *joiner) complete(o *Object, d *draft) {
	o.ID, o.Image = d.id, d.image
	o.Class = -1
	if d.category >= 0 {
		o.Class = j.m.class[d.category]
	}
	o.Box, o.Offset, o.Line = d.box, d.offset, d.line
	o.Flags, o.LeftOut, o.Outline = d.flags, d.leftOut, d.outline
}

// pairUp finds the annotations whose id an earlier one has, and that one.
func (j *joiner) pairUp(repeated map[IDKey]int32) {
	if len(repeated) == 0 {
		return
	}
	n := int32(0) // in file order
	for _, chunk := range j.b.drafts.chunks {
		for i := range chunk {
			if k := chunk[i].id.Key(); chunk[i].id.Kind() != Absent {
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

// slot returns the image of an annotation, one beyond the last for none.
func (j *joiner) slot(d *draft) int {
	if d.image < 0 {
		return len(j.images)
	}
	return int(d.image)
}

// fill completes the objects.
func (j *joiner) fill() {
	j.repeated()
	loose, odd := j.loose, j.odd
	for at := range j.objects {
		if len(loose) > 0 && loose[0].object == int32(at) {
			j.class(loose[0])
			loose = loose[1:]
		}
		if len(odd) > 0 && odd[0].object == int32(at) {
			j.image(int32(at), odd[0].id)
			odd = odd[1:]
		} else {
			j.image(int32(at), j.images[j.objects[at].Image].ID)
		}
	}
}

// maxIDs is how many ids, and places of one id, a message lists.
const maxIDs = 3

// repeated tells of the annotations that share an id: once for the file, at the first that repeats
// an earlier one.
func (j *joiner) repeated() {
	if len(j.again) == 0 {
		return
	}
	uses := map[int32][]int32{} // by file order of the first of one id: of all of them
	var firsts []int32
	for _, pair := range j.again {
		if uses[pair[0]] == nil {
			firsts = append(firsts, pair[0])
			uses[pair[0]] = []int32{pair[0]}
		}
		uses[pair[0]] = append(uses[pair[0]], pair[1])
	}
	var ids []string
	for _, first := range firsts[:min(maxIDs, len(firsts))] {
		ids = append(ids, j.uses(uses[first]))
	}
	at := &j.objects[j.place[j.again[0][1]]]
	f := Flaw{
		Code: ObjectDuplicate, Offset: at.Offset, Line: at.Line, Image: -1, Object: -1, Record: absent, Cases: len(j.again),
	}
	if len(firsts) == 1 {
		j.b.flaw(f, -1, "", "annotation %s", ids[0])
		return
	}
	which := strings.Join(ids, ", ")
	if more := len(firsts) - len(ids); more > 0 {
		which += fmt.Sprintf(" and %d more", more)
	}
	j.b.flaw(f, -1, "", "%d annotation ids are used more than once: %s", len(firsts), which)
}

// uses says how often an id is used, and where.
func (j *joiner) uses(all []int32) string {
	times := "twice"
	if len(all) > 2 {
		times = fmt.Sprintf("%d times", len(all))
	}
	var at []string
	for _, n := range all[:min(maxIDs, len(all))] {
		o := &j.objects[j.place[n]]
		place := fmt.Sprintf("byte %d", o.Offset)
		if o.Image >= 0 && j.images[o.Image].File != "" {
			place = fmt.Sprintf("image %s, %s", j.images[o.Image].File, place)
		}
		at = append(at, place)
	}
	places := strings.Join(at, "; ")
	if len(all) > len(at) {
		places += "; …"
	}
	return fmt.Sprintf("id %s is used %s (%s)", j.objects[j.place[all[0]]].ID.Quoted(), times, places)
}

// flaw adds a flaw of an object.
func (j *joiner) flaw(at int32, code, format string, args ...any) {
	o := &j.objects[at]
	f := Flaw{Code: code, Offset: o.Offset, Line: o.Line, Image: o.Image, Object: at, Record: o.ID}
	j.b.flaw(f, -1, "annotation", format, args...)
}

// class reports a category reference that does not lead to a category.
func (j *joiner) class(ref reference) {
	if ref.number < 0 {
		j.flaw(ref.object, CategoryUnknown, "no usable %s, expected the id of a category", j.b.fields.Category)
		return
	}
	id := j.b.refs.ids[ref.number]
	if !j.m.known[ref.number] {
		j.flaw(ref.object, CategoryUnknown, "%s is %s, expected the id of a category in the file",
			j.b.fields.Category, id.Quoted())
		return
	}
	j.mixed(ref.object, j.b.fields.Category, id)
}

// mixed reports a reference that is a string while the id is a number, or the
// other way round.
func (j *joiner) mixed(at int32, field string, id ID) {
	is, should := "a number", "a string"
	if textual(id) {
		is, should = should, is
	}
	j.flaw(at, IDTypeMixed, "%s is %s, %s, but the id that it refers to is %s; Python would not find it",
		field, id.Quoted(), is, should)
}

// image checks what an annotation has to do with its image, which it names by an id.
func (j *joiner) image(at int32, id ID) {
	o, name := &j.objects[at], j.b.fields.Image
	if o.Image < 0 {
		o.LeftOut = NoImage
		if id.Kind() == Absent {
			j.flaw(at, ImageUnknown, "no usable %s, expected the id of an image; the annotation is left out", name)
		} else {
			j.flaw(at, ImageUnknown, "%s is %s, expected the id of an image in the file; the annotation is left out",
				name, id.Quoted())
		}
		return
	}
	im := &j.images[o.Image]
	if textual(im.ID) != textual(id) {
		j.mixed(at, name, id)
	}
	if im.LeftOut != InUse {
		o.LeftOut = ImageLeftOut
		return
	}
	if o.LeftOut == InUse {
		j.box(at, im.Size)
	}
}

// slack is how far, in pixels, a box may stick out of its image before that is
// worth a word: exporters round outward.
const slack = 0.5

// box holds a box against its image.
func (j *joiner) box(at int32, size geom.Size) {
	b, name := &j.objects[at].Box, j.b.fields.Box
	w, h := float64(size.W), float64(size.H)
	if b.W > 0 && b.H > 0 && b.X >= 0 && b.Y >= 0 && b.X+b.W <= w && b.Y+b.H <= h {
		return
	}
	out := max(-b.X, -b.Y, b.X+b.W-w, b.Y+b.H-h)
	switch code := NoAreaIn(size, *b); {
	case code == BoxNegative:
		j.flaw(at, BoxNegative, "%s has %s, expected > 0", name, BadSides(*b, func(v float64) bool { return v < 0 }))
	case code == BoxEmpty:
		j.flaw(at, BoxEmpty, "%s has %s, expected > 0", name, BadSides(*b, func(v float64) bool { return v == 0 }))
	case code == BoxOutside:
		j.flaw(at, BoxOutside, "%s [%s, %s, %s, %s] has nothing in common with its image of %d x %d",
			name, Number(b.X), Number(b.Y), Number(b.W), Number(b.H), size.W, size.H)
	case out > slack:
		j.flaw(at, BoxPartlyOutside, "%s [%s, %s, %s, %s] sticks out of its image of %d x %d by %.4g px",
			name, Number(b.X), Number(b.Y), Number(b.W), Number(b.H), size.W, size.H, out)
	}
}

// NoAreaIn returns the code of the flaw of a box that has no area in its image, "" if it has some.
func NoAreaIn(size geom.Size, b geom.Rect) string {
	switch { // the order matters: a box of no area is outside of everything
	case b.W < 0 || b.H < 0:
		return BoxNegative
	case b.W == 0 || b.H == 0:
		return BoxEmpty
	case b.X >= float64(size.W) || b.Y >= float64(size.H) || b.X+b.W <= 0 || b.Y+b.H <= 0:
		return BoxOutside
	}
	return ""
}

// Number writes a coordinate without the digits that only rounding has made: 22.4 for
// 22.400000000000006.
func Number(v float64) string {
	if short, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 12, 64), 64); err == nil {
		v = short
	}
	return fmt.Sprint(v)
}

// BadSides names the sides of a box that are bad, and their lengths.
func BadSides(b geom.Rect, bad func(float64) bool) string {
	switch {
	case bad(b.W) && bad(b.H):
		return fmt.Sprintf("width %s and height %s", Number(b.W), Number(b.H))
	case bad(b.W):
		return fmt.Sprintf("width %s", Number(b.W))
	}
	return fmt.Sprintf("height %s", Number(b.H))
}

// spot says where a record stands; files on one line need the byte.
func spot(offset int64, line int32) string { return fmt.Sprintf("byte %d, line %d,", offset, line) }
