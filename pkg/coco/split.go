package coco

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/find"
)

// Parts are what became of a file that was split.
type Parts struct {
	Images, Annotations []int64 // how many elements of each array a part has, by part
	Odd                 []Odd   // the first records that have no place of their own, in the order of the file
	NumOdd              int64   // how many there are
}

// Odd is a record whose place in the parts does not follow from its image's.
type Odd struct {
	Offset  int64 // of its first byte in the decompressed file
	Line    int32 // of that byte, from 1
	Part    int   // which has it
	Message string
}

// maxOdd is how many odd records are told one by one.
const maxOdd = 100

// Split cuts a file into n parts, each a COCO file of its own, and gives their bytes to write, in the order of
// each part. A part is the file without the records of the other parts: every byte outside of the
// elements of images and annotations is in all of them, and the elements, with the white space and the
// comma before each, are in one, in the order of the file.
//
// The i-th of N images goes to part i·n/N, rounded down, one that repeats an id to the part of the first image
// with it, and an annotation to the part of its image. The last part has the annotations that belong to
// no image, and those that are no record.
//
// The file is read twice, since annotations may stand before images: the first time for the ids of images.
// Memory is needed for these alone: some 30 bytes for each image, more where ids are no whole numbers.
func Split(
	ctx context.Context, f find.File, n int, write func(part int, b []byte) error, o Options,
) (*Parts, error) {
	r := &reader{Options: o, block: blockSize, open: open}
	return r.split(ctx, f, n, write)
}

func (r *reader) split(
	ctx context.Context, f find.File, n int, write func(part int, b []byte) error,
) (*Parts, error) {
	c := &census{nature: nature{bare: -1}}
	before, err := r.pass(ctx, f, c)
	if err != nil {
		return nil, err
	}
	switch {
	case !c.isCOCO():
		return nil, refused(f.Name, annotated, r.kind(f, &c.nature))
	case c.notArray != nil:
		return nil, c.notArray
	}
	d := &divider{ids: &c.ids, n: n, write: write, had: make([]bool, n), over: -1}
	d.parts.Images, d.parts.Annotations = make([]int64, n), make([]int64, n)
	now, err := r.pass(ctx, f, d)
	if err == nil && now != before {
		err = fmt.Errorf("%s: the file changed while it was read: run again when nothing writes to it", f.Name)
	}
	return &d.parts, err
}

// pass reads a file from its beginning to its end, and returns its hash.
func (r *reader) pass(ctx context.Context, f find.File, to taker) (sum string, err error) {
	if f.Err != nil {
		return "", unnamed(f.Name, f.Err)
	}
	in, err := r.open(f, r.progress)
	if err != nil {
		return "", unnamed(f.Name, err)
	}
	defer in.close()
	err = r.records(ctx, f, in, max(1, r.Workers), unknown, to)
	var bad *SyntaxError
	var out *writeError
	switch changed := in.unchanged(); {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case changed != nil:
		return "", unnamed(f.Name, changed)
	case errors.As(err, &out):
		return "", out.error
	case errors.As(err, &bad):
		return "", r.notJSON(f, bad, annotated)
	case errors.Is(err, errEnough):
		return "", nil // a list, which is no COCO file
	case err != nil:
		return "", unnamed(f.Name, in.wrap(err))
	}
	if _, err = io.Copy(io.Discard, in.raw); err == nil { // a decoder may stop short of what stands behind its data
		err = in.unchanged()
	}
	if err != nil {
		return "", unnamed(f.Name, err)
	}
	return in.hex(), nil
}

// census takes what the first pass over a file has to find out: its images' ids.
type census struct {
	nature
	ids imageIDs
}

// take implements taker.
func (c *census) take(a *assembly, p *part) error {
	if err := c.look(a, p); err != nil {
		return err
	}
	for i, r := range p.runs {
		recs := p.of(i)
		for k := range recs {
			switch r.kind {
			case images:
				c.ids.add(recs[k].id)
			case annotations:
				c.annotation(&recs[k])
			}
		}
	}
	return nil
}

// divider gives the bytes of a file to its parts, in the second pass.
type divider struct {
	ids   *imageIDs
	n     int
	write func(part int, b []byte) error
	parts Parts
	image int64 // elements of images that were met

	in   kind   // the array that the bytes are in: images or annotations, else unknown
	gap  []byte // the bytes behind its last element, or behind its bracket, that are not written yet
	head []byte // the white space behind its bracket
	met  bool   // it has an element
	had  []bool // by part: it has an element in that part
	over int    // the part of the element that is passed over, since it is too long; -1 if there is none
	mark bool   // the file has begun, with a byte order mark if it has one
}

// writeError is an error of the parts, where others are of the file.
type writeError struct{ error }

// take implements taker.
func (d *divider) take(a *assembly, p *part) error {
	if err := d.deal(a, p); err != nil {
		return &writeError{err}
	}
	return nil
}

func (d *divider) deal(a *assembly, p *part) error {
	data, at := a.data[:p.used], 0
	if a.marked && !d.mark {
		if err := d.all(bom); err != nil {
			return err
		}
	}
	d.mark = true
	if d.over >= 0 {
		if at = len(data); p.over >= 0 {
			at = int(p.over - a.base)
		}
		if err := d.write(d.over, data[:at]); err != nil {
			return err
		}
		if p.over >= 0 {
			d.over = -1
		}
	}
	for i, r := range p.runs {
		if r.kind != images && r.kind != annotations || r.not != "" {
			continue
		}
		if r.opens {
			body := int(r.body - a.base)
			if err := d.between(data[at:body]); err != nil {
				return err
			}
			d.begin(r.kind)
			at = body
		}
		recs := p.of(i)
		for k := range recs {
			rec := &recs[k]
			from := at
			if rec.size > 0 {
				from = int(rec.offset - a.base)
			}
			if err := d.between(data[at:from]); err != nil {
				return err
			}
			at = from + rec.size
			if err := d.element(a, rec, data[from:at]); err != nil {
				return err
			}
		}
	}
	return d.between(data[at:])
}

// begin begins an array.
func (d *divider) begin(k kind) {
	d.in, d.met, d.gap, d.head = k, false, d.gap[:0], d.head[:0]
	clear(d.had)
}

// between takes bytes that are of no element.
func (d *divider) between(b []byte) error {
	if d.in == unknown {
		return d.all(b)
	}
	d.gap = append(d.gap, b...)
	if !bytes.HasPrefix(bytes.TrimLeft(d.gap, " \t\r\n"), []byte("]")) {
		return nil
	}
	d.in = unknown
	return d.all(d.gap)
}

// all writes bytes to all parts.
func (d *divider) all(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	for i := range d.n {
		if err := d.write(i, b); err != nil {
			return err
		}
	}
	return nil
}

// element writes an element of images or annotations, or what is there of it, to its part.
func (d *divider) element(a *assembly, r *raw, b []byte) error {
	var at int
	if d.in == images {
		at = d.placeImage(a, r)
		d.parts.Images[at]++
	} else {
		at = d.placeAnnotation(a, r)
		d.parts.Annotations[at]++
	}
	if !d.met {
		d.met = true
		d.head = append(d.head, d.gap...)
	}
	before := d.gap
	if !d.had[at] {
		d.had[at] = true
		before = d.head
	}
	if err := d.write(at, before); err != nil {
		return err
	}
	d.gap = d.gap[:0]
	if r.size == 0 {
		d.over = at
	}
	return d.write(at, b)
}

// part returns the part of the i-th image.
func (d *divider) part(i int64) int { return int(i * int64(d.n) / d.ids.n) }

// placeImage returns the part of the next image.
func (d *divider) placeImage(a *assembly, r *raw) int {
	i := d.image
	d.image++
	at := d.part(i)
	switch {
	case r.list:
		d.odd(a, r, at, "an element of images is %s, expected an object%s", r.notes[0].text, r.most())
	case r.id.Kind() == dataset.Absent:
		d.odd(a, r, at, "image without id: %s, expected a whole number", r.found(fID))
	default:
		if first := d.ids.find(r.id); first >= 0 && first < i {
			at = d.part(first)
			d.odd(a, r, at, "%s: an earlier image has the same id; this one goes along with it", dataset.Label("image", r.id))
		}
	}
	return at
}

// placeAnnotation returns the part of an annotation.
func (d *divider) placeAnnotation(a *assembly, r *raw) int {
	if r.list {
		d.odd(a, r, d.n-1, "an element of annotations is %s, expected an object%s", r.notes[0].text, r.most())
		return d.n - 1
	}
	if r.image.Kind() != dataset.Absent {
		if i := d.ids.find(r.image); i >= 0 {
			return d.part(i)
		}
	}
	what := r.found(fImage)
	if r.image.Kind() != dataset.Absent {
		what = "image_id is " + r.image.Quoted()
	}
	d.odd(a, r, d.n-1, "%s: %s, expected the id of an image in the file", dataset.Label("annotation", r.id), what)
	return d.n - 1
}

// odd notes a record without a place of its own.
func (d *divider) odd(a *assembly, r *raw, at int, format string, args ...any) {
	if d.parts.NumOdd++; d.parts.NumOdd > maxOdd {
		return
	}
	d.parts.Odd = append(d.parts.Odd, Odd{r.offset, a.line + r.line + 1, at, fmt.Sprintf(format, args...)})
}

// imageIDs finds the first image with an id. Ids that are whole numbers, in whatever notation, take 8 bytes, and
// 4 for each of at most 4 slots.
type imageIDs struct {
	n     int64   // images, those without an id included
	whole []int64 // ids of those that are in slots
	first []int64 // by index in whole: the image, if it is not the index itself
	slots []int32 // index in whole + 1, at a hash of the id or behind it; 0 is free
	other map[dataset.IDKey]int64
}

// add adds the next image.
func (t *imageIDs) add(id dataset.ID) {
	i := t.n
	t.n++
	if id.Kind() == dataset.Absent {
		return
	}
	n, whole := id.Int()
	if !whole {
		if t.other == nil {
			t.other = map[dataset.IDKey]int64{}
		}
		if _, had := t.other[id.Key()]; !had {
			t.other[id.Key()] = i
		}
		return
	}
	if 2*len(t.whole) >= len(t.slots) {
		t.grow()
	}
	at := t.slot(n)
	if t.slots[at] != 0 {
		return
	}
	if t.first == nil && i != int64(len(t.whole)) { // from here on the numbers differ
		t.first = make([]int64, len(t.whole), cap(t.whole))
		for k := range t.first {
			t.first[k] = int64(k)
		}
	}
	if t.first != nil {
		t.first = append(t.first, i)
	}
	t.whole = append(t.whole, n)
	t.slots[at] = int32(len(t.whole))
}

// find returns the first image with an id, -1 if there is none.
func (t *imageIDs) find(id dataset.ID) int64 {
	n, whole := id.Int()
	if !whole {
		if i, ok := t.other[id.Key()]; ok {
			return i
		}
		return -1
	}
	if len(t.slots) == 0 {
		return -1
	}
	k := int64(t.slots[t.slot(n)]) - 1
	if k >= 0 && t.first != nil {
		return t.first[k]
	}
	return k
}

// slot returns the slot of an id, or the free one that it would have.
func (t *imageIDs) slot(n int64) int {
	const golden = 0x9e3779b97f4a7c15 // 2^64 over the golden ratio: neighbours go far apart
	mask := uint64(len(t.slots) - 1)
	at := uint64(n) * golden >> 20 & mask
	for t.slots[at] != 0 && t.whole[t.slots[at]-1] != n {
		at = (at + 1) & mask
	}
	return int(at)
}

// grow doubles the slots.
func (t *imageIDs) grow() {
	t.slots = make([]int32, max(1024, 2*len(t.slots)))
	for k, n := range t.whole {
		t.slots[t.slot(n)] = int32(k + 1)
	}
}
