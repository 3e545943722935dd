package coco

import (
	"bytes"
	"math"

	"focalaudit/internal/jsonscan"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// raw is a record of any array, read before it is known of which: the union of
// what matters in images, annotations and categories.
type raw struct {
	id, image, category dataset.ID
	box                 geom.Rect
	file, name          string
	parent              string // of a category: its supercategory; of an image: the text that says for what it is
	score               float64
	area                float64 // meaningful if its key is there and its value finite
	part                float64 // what area is of the outline's, or of width times height, 0 if not compared
	whole               float64 // what area should be, where it was compared
	notes               []note  // what stands where something else should
	offset              int64
	size                int   // bytes from offset to its end, 0 if that was not reached
	line                int32 // newlines between the beginning of the stretch and the record
	width, height       int32 // 0 if missing or not a usable size
	has, twice          keys  // keys it has, keys it repeats
	nan                 keys  // keys whose value is not finite
	odd                 keys  // flags that are not plain 0 or 1, a bbox with booleans, an area that is no number
	garbled             keys  // keys whose text is not UTF-8
	lengthy             keys  // keys whose text or number is longer than maxText
	flags               dataset.Flags
	alias               bool   // is_crowd, or what stands for it, is set
	spelt               string // that key as the record has it
	shape               shape
	boxed               boxState
	asides              uint32     // traits of asideTraits, by their index
	turn                float32    // of Rotated, in degrees
	track               uint32     // a hash of its track's id, 0 if it has none
	says                []saying   // what its keys say against it
	looked              bool       // a key says that somebody has looked at it
	list                bool       // it is not an object
	outline             *geom.Rect // the box of its segmentation, if it is far from its box
	confirms            dataset.Outline
}

// boxState is what became of a record's bbox.
type boxState uint8

const (
	boxMissing boxState = iota // or null
	boxMalformed
	boxNotFinite
	boxRead
)

// field is a key that is read.
type field uint8

const (
	fID field = iota
	fImage
	fCategory
	fBox
	fArea
	fCrowd
	fAlias
	fIgnore
	fOutline
	fFile
	fWidth
	fHeight
	fName
	fScore
	fParent
	fOther // any other key

	// Keys of which a trait may come, and nothing else; no set of keys holds them.
	fAttributes
	fVisibility
	fConfidence
	fGroup
	fDifficult
	fSplit
	fTrack

	// Keys that may say that the record does not hold: see sayings.
	fOutside
	fRemoved
	fValid
	fStatus
	fReviewed
	fOrigin
	fLabelled
	fOcclusion
	fThing

	fEnd // no key but the end of the record
)

// fieldNames are the keys as they stand in files.
var fieldNames = [fOther]string{
	"id", "image_id", "category_id", "bbox", "area", "iscrowd", "is_crowd",
	"ignore", "segmentation", "file_name", "width", "height", "name", "score", "supercategory",
}

// String returns the key as it stands in files.
func (f field) String() string { return fieldNames[f] }

// keys is a set of fields.
type keys uint16

func (k keys) has(f field) bool { return k&(1<<f) != 0 }

// fieldOf returns the field of a key; keys are case-sensitive, as in Python. Only iscrowd
// is known in other spellings, since trainers miss it without a word.
func fieldOf(key []byte) field {
	switch string(key) {
	case "id":
		return fID
	case "image_id":
		return fImage
	case "category_id":
		return fCategory
	case "bbox":
		return fBox
	case "area":
		return fArea
	case "iscrowd":
		return fCrowd
	case "ignore":
		return fIgnore
	case "segmentation":
		return fOutline
	case "file_name":
		return fFile
	case "width":
		return fWidth
	case "height":
		return fHeight
	case "name":
		return fName
	case "score":
		return fScore
	case "supercategory":
		return fParent
	case "attributes":
		return fAttributes
	case "visibility":
		return fVisibility
	case "mot_conf":
		return fConfidence
	case "IsGroupOf", "isgroupof", "is_group_of", "isGroupOf":
		return fGroup
	case "difficult":
		return fDifficult
	case "track_id", "instance_id", "trackid", "trackId", "track", "tracking_id":
		return fTrack
	case "split", "subset", "set", "phase", "partition", "usage":
		return fSplit
	}
	if f, ok := sayingKeys[string(key)]; ok {
		return f
	}
	if len(key) >= len("iscrowd") && len(key) < 2*len("iscrowd") && key[0]|0x20 == 'i' &&
		bytes.EqualFold(bytes.ReplaceAll(key, []byte("_"), nil), []byte("iscrowd")) {
		return fAlias // is_crowd, isCrowd
	}
	return fOther
}

// note is a value of the wrong type or range, as it stands in the file.
type note struct {
	field field
	text  string
}

// found says what stands in a field that is not usable.
func (r *raw) found(f field) string {
	key := f.String()
	if f == fAlias && r.spelt != "" {
		key = r.spelt
	}
	for _, n := range r.notes {
		if n.field == f {
			return key + " is " + n.text
		}
	}
	return key + " is missing"
}

// forget drops the notes on a field.
func (r *raw) forget(f field) {
	kept := r.notes[:0]
	for _, n := range r.notes {
		if n.field != f {
			kept = append(kept, n)
		}
	}
	r.notes = kept
}

// record reads a record, or whatever stands in its place.
func (s *scan) record(r *raw) bool {
	if s.Peek() != '{' {
		from := s.Pos()
		r.list = true
		if !s.SkipValue(recordDepth - 1) {
			return false
		}
		r.notes = append(r.notes, note{fOther, jsonscan.Clip(s.Since(from))})
		return true
	}
	s.segment = nil
	for i := 0; ; i++ {
		f, ok := s.nextField(i)
		switch {
		case !ok:
			return false
		case f == fEnd:
			s.finish(r)
			return true
		case !s.field(r, f):
			return false
		}
	}
}

// habit is what stood between two values of the record before: all bytes from
// behind one value to the next, and the field that they mean. Records of one
// file are written by one program, so it mostly stands there again, and a
// comparison takes the place of reading it.
type habit struct {
	text  []byte
	field field
	spelt string // the key, if it is another spelling of iscrowd, or one that may say something against the record
}

// nextField reads what stands before the i-th value of a record, the value's
// key included, or the record's end.
func (s *scan) nextField(i int) (f field, ok bool) {
	if i < len(s.habits) {
		if h := &s.habits[i]; bytes.HasPrefix(s.Ahead(), h.text) {
			s.Move(len(h.text))
			s.Space()
			if h.spelt != "" {
				s.spelt = h.spelt
			}
			return h.field, true
		}
	}
	from := s.Pos()
	f, ok = s.readField(i == 0)
	if ok && f != fEnd && i < maxHabits {
		h := habit{text: s.Since(from), field: f}
		if f == fAlias || f >= fOutside {
			h.spelt = s.spelt
		}
		s.habits = append(s.habits[:i], h)
	}
	return f, ok
}

// maxHabits is how many values of a record are worth a habit.
const maxHabits = 32

// readField is nextField without habits.
func (s *scan) readField(first bool) (field, bool) {
	s.Space()
	switch c := s.Peek(); {
	case c == '}' && !first:
		s.Move(1)
		return fEnd, true
	case c == ',' || first:
		s.Move(1) // or the opening bracket
		s.Space()
	default:
		return 0, s.Fail(`"," or "}"`)
	}
	if first && s.Peek() == '}' {
		s.Move(1)
		return fEnd, true
	}
	key, ok := s.Name()
	f := fieldOf(key)
	if f == fAlias || f >= fOutside && f < fEnd {
		s.spelt = string(key)
	}
	return f, ok
}

// field reads the value of a key.
func (s *scan) field(r *raw, f field) bool {
	switch {
	case f == fSplit:
		return s.useOf(r)
	case f >= fOutside:
		return s.says(r, f)
	case f > fOther:
		return s.aside(r, f)
	case f == fOther || f == fParent && s.Peek() != '"':
		return s.SkipValue(recordDepth)
	}
	bit := keys(1) << f
	if r.has&bit != 0 { // the last one counts
		r.twice |= bit
		r.nan &^= bit
		r.odd &^= bit
		r.forget(f)
	}
	r.has |= bit
	switch f {
	case fID:
		return s.id(r, f, &r.id)
	case fImage:
		return s.id(r, f, &r.image)
	case fCategory:
		return s.id(r, f, &r.category)
	case fBox:
		return s.box(r)
	case fArea:
		return s.area(r)
	case fAlias:
		r.spelt = s.spelt
		return s.flag(r, f)
	case fCrowd, fIgnore:
		return s.flag(r, f)
	case fOutline:
		return s.outline(r)
	case fFile:
		return s.textOf(r, f, &r.file)
	case fName:
		return s.textOf(r, f, &r.name)
	case fParent:
		return s.textOf(r, f, &r.parent)
	case fScore:
		return s.score(r)
	case fWidth:
		return s.size(r, f, &r.width)
	default:
		return s.size(r, f, &r.height)
	}
}

// finish settles what depends on several keys.
func (s *scan) finish(r *raw) {
	if !r.has.has(fCrowd) && r.alias {
		r.flags |= dataset.Crowd
	}
	if r.flags&(dataset.Crowd|dataset.Ignore) != 0 {
		r.setAside(dataset.Difficult, false)
	}
	s.measure(r)
	if s.segment == nil {
		return
	}
	if r.flags&dataset.Crowd != 0 {
		r.setAside(dataset.CrowdOutline, s.segment[0] == '[' && r.shape == shapeFine)
	}
	if r.boxed == boxRead {
		if s.outlines || sampled(r.offset) {
			s.compare(r)
		}
		if s.parts > 1 {
			s.compareParts(r)
		}
		if s.onlyCorners(r) {
			r.flags |= dataset.OnlyCorners
		}
		return
	}
	if box, ok := outlineBox(s.segment); ok {
		r.box = box
		r.flags |= dataset.FromOutline
	}
}

// An outline and a box disagree if their IoU is below outlineIoU and some of their
// sides are more than outlineSlack px apart. In COCO val2014, TACO and LVIS, what
// belongs together has an IoU of 0.92 or more and is within half a pixel, and what
// does not has one of 0.
const (
	outlineIoU   = 0.8
	outlineSlack = 2
)

// thinRing is the share of its box below which an outline's area is looked at for sides that cross: the two halves of a
// bow tie have areas of opposite signs, and those of a rectangle's corners are equal.
const thinRing = 0.1

// compare finds the reading of the box that the segmentation confirms, and keeps
// the box of the segmentation if it is far from that of bbox and was asked for.
func (s *scan) compare(r *raw) {
	of, ok := outlineBox(s.segment)
	if !ok {
		return
	}
	r.confirms = confirmed(of.Box(), r.box)
	whole := polygonsArea(s.segment)
	if whole < thinRing*of.W*of.H && s.segment[0] == '[' && crossed(s.segment) {
		r.setAside(dataset.CrossedRings, true)
	}
	if s.segment[0] == '[' && halved(s.segment, of.Box()) {
		r.setAside(dataset.HalvedRings, true)
	}
	if whole > 0 && r.area > 0 && r.flags&dataset.NoArea == 0 {
		r.part, r.whole = r.area/whole, whole
		if offArea(whole, r.area) {
			if trait, ok := ringTrait(s.segment, r.area); ok {
				r.setAside(trait, true)
			}
		}
	}
	if s.outlines && r.confirms != dataset.OutlineBox {
		r.outline = &of
	}
}

// near tells whether a box is that of an outline.
func near(a, b geom.Box) bool {
	off := max(math.Abs(a.X0-b.X0), math.Abs(a.Y0-b.Y0), math.Abs(a.X1-b.X1), math.Abs(a.Y1-b.Y1))
	if off <= outlineSlack {
		return true
	}
	return overlap(a, b, outlineIoU)
}

// overlap tells whether two boxes overlap by an IoU of least or more.
func overlap(a, b geom.Box, least float64) bool {
	inter := a.Intersect(b).Area()
	return inter >= least*(a.Area()+b.Area()-inter) && !a.Empty() && !b.Empty()
}
