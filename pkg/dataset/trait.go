package dataset

import (
	"math"
	"slices"
)

// Trait is something about an annotation's keys that concerns a source as a whole: most of
// its annotations have it or none, since one program wrote them.
type Trait uint8

// The traits.
const (
	OddCrowd  Trait = iota // iscrowd is neither 0 nor 1
	OddIgnore              // ignore is neither 0 nor 1

	// There is no such key.
	NoIDKey
	NoCrowdKey
	NoAreaKey
	NoOutlineKey

	OddArea // area is null, text or a list

	// What segmentation is where that is no outline; crowds are not counted.
	NullOutline   // null, false, text, a number, or an object that is no mask
	EmptyOutline  // []
	FlatOutline   // a list in which something has no length, as in a polygon without the list around it
	ShortOutline  // a list of polygons of which the first has fewer than 5 coordinates
	PackedOutline // a mask with its counts as text
	BytesOutline  // a mask with its counts as the text of Python's bytes, b'...', which is no mask's

	// What stands among the numbers of such an outline.
	NestedPoints // lists: points as pairs
	TextPoints   // text that is no number
	ObjectPoints // objects
	NullRuns     // of a mask: null or an object among its counts, null or text among its size
	TextRuns     // of a mask: text that is no whole number, a list, NaN or Infinity among its counts
	UnsetPoints  // null, NaN or Infinity
	QuotedPoints // true, false, or numbers as text
	CrowdRuns    // NullRuns or TextRuns of a crowd

	IDZero // the id is 0

	// What keys that no trainer reads say against the annotation.
	Rotated  // attributes.rotation is no multiple of 180, within a degree
	Hidden   // visibility is 0
	Passive  // mot_conf is 0
	Believed // score is between 0 and 1, as a detector's
	Grouped  // IsGroupOf is 1 or true: one box for many objects, as OpenImages has it

	// What the recorded area says of the rings of an outline, where the reader compared them.
	HoleRings   // rings inside others are holes
	JoinedRings // one ring is several, written behind each other

	CrossedRings // one ring of four points, two sides of which cross: where the reader compared outlines

	HalvedRings // rings are all x and then all y: where the reader compared outlines
	PartBox     // the box is that of one part of several: where it compared them, and in more places

	CrowdOutline // iscrowd is set, and segmentation is a list of polygons
	Difficult    // difficult is 1 or true, and neither ignore nor iscrowd is set

	// What the box of a Rotated annotation may be: the upright box around a turned rectangle has sides that are the more
	// alike the nearer the turn is to 45 degrees.
	TurnedWithin // turned by 30 degrees or more, and the box may be that around it
	TurnedBeyond // the box can't be that around it
	TurnedLong   // turned by less than 15 degrees, and one side is longer than any box around a turn of 30 may have it
	TurnedArea   // the area is that of the turned rectangle around which the box is upright, and not that of the box

	// TrackTurned: of the images that have an object of its track, the one before by name has it at the same place
	// with another class. Text says how many tracks of how many turn. It is settled when the file is joined.
	TrackTurned
	TrackStates // the same where the two classes are states of an object, which changes between them for a while

	// What keys say against the record as a whole. Text says which key and value.
	Outside     // its object is not in the picture
	Removed     // it is deleted, rejected or not valid
	Prelabelled // a model made it, and nobody has looked at it
	ModelMade   // a model made it
	Unreviewed  // nobody has looked at it
	Covered     // occlusion is 1
	PartCovered // occlusion is between 0 and 1
	Stuff       // its category is no countable thing, and others are. It is settled when the file is joined

	// The same of images: First is an index in Source.Images. They are settled when the file is joined.
	RemovedImage // as Removed
	Unlabelled   // not labelled yet, and without an object
	BegunImage   // not labelled yet, or not to the end, and with objects
	NumTraits
)

// OfImages tells whether a trait is one of images.
func (t Trait) OfImages() bool { return t >= RemovedImage && t <= BegunImage }

// Tally says how many annotations have a trait.
type Tally struct {
	N     int
	First int32  // index in Source.Objects of the first in the file
	Text  string // what stands there
}

// Trait counts a trait of an annotation and returns the tally, to which the reader adds
// the text if the annotation is the first.
func (r Record) Trait(t Trait) *Tally {
	tally := &r.b.traits[t]
	if tally.N++; tally.N == 1 {
		tally.First = r.number
	}
	return tally
}

// maxUses is how many texts that say for what images are count in a source: more are no such texts.
const maxUses = 64

// Use counts an image by a text that says for what it is.
func (r Record) Use(as string) {
	if _, has := r.b.uses[as]; !has && len(r.b.uses) == maxUses {
		return
	}
	if r.b.uses == nil {
		r.b.uses = map[string]int{}
	}
	r.b.uses[as]++
}

// AreaParts counts annotations by which part their area is of what it should be, to one or two
// percent: the outline's area where the reader compared it, width times height where there is
// no outline.
type AreaParts struct {
	Compared int
	First    int32                 // index in Source.Objects of the first in the file whose area is a part
	parts    *[10 * partBins]int32 // nil if none is a part: there may be many files

	// Places are those that were compared, or a draw of them by their place in the file, in its order.
	Places []AreaPlace
	thin   uint32 // mask of the draw: 0 for all
}

// AreaPlace is an annotation whose area was compared.
type AreaPlace struct {
	Object int32 // index in Source.Objects
	Part   float32
	Of     float32 // what the area should be
}

// maxAreaPlaces bounds Places: half of them are dropped where more would stand there.
const maxAreaPlaces = 8192

// drawn tells whether a record is in the draw: by the upper bits of its number times a large odd number.
func (p *AreaParts) drawn(number int32) bool { return uint32(number)*0x9e3779b1>>12&p.thin == 0 }

// place keeps where a part stands.
func (p *AreaParts) place(number int32, part, of float64) {
	if !p.drawn(number) {
		return
	}
	if len(p.Places) == maxAreaPlaces {
		p.thin = p.thin<<1 | 1
		p.Places = slices.DeleteFunc(p.Places, func(at AreaPlace) bool { return !p.drawn(at.Object) })
		if !p.drawn(number) {
			return
		}
	}
	p.Places = append(p.Places, AreaPlace{number, float32(part), float32(of)})
}

// partBins is the number of bins between a part and its half; aPart is the largest that counts
// as one: the areas of rasterised outlines are off by some percent.
const (
	partBins = 64
	aPart    = 0.9
)

// AreaPart counts an area that is a part of what it should be, above 0, and what that is. Parts below 1/1024 count
// as that.
func (r Record) AreaPart(part, of float64) {
	if r.b.parts == nil {
		r.b.parts = &AreaParts{First: -1}
	}
	r.b.parts.Add(r.number, part, of)
}

// Add counts the area of an object; objects come in the order of the file. First has to be -1 before the first one.
func (p *AreaParts) Add(object int32, part, of float64) {
	p.place(object, part, of)
	if p.Compared++; part > aPart {
		return
	}
	if p.First < 0 {
		p.First = object
	}
	if p.parts == nil {
		p.parts = new([10 * partBins]int32)
	}
	fraction, exponent := math.Frexp(part) // fraction in [0.5, 1), exponent 0 or below
	p.parts[min(-exponent, 9)*partBins+int((2*fraction-1)*partBins)]++
}

// Below returns how many areas are below an eighth of what they should be.
func (p *AreaParts) Below() (n int) {
	if p == nil || p.parts == nil {
		return 0
	}
	for _, bin := range p.parts[3*partBins:] {
		n += int(bin)
	}
	return n
}

// Parts returns how many areas are a part of what they should be.
func (p *AreaParts) Parts() (n int) {
	if p == nil || p.parts == nil {
		return 0
	}
	for _, bin := range p.parts {
		n += int(bin)
	}
	return n
}

// Most returns the part that most areas have, of two neighbouring bins, and how many: none where
// p is nil or has no parts.
func (p *AreaParts) Most() (part float64, n int) {
	if p == nil || p.parts == nil {
		return 0, 0
	}
	best := 0
	for at := range p.parts {
		if both := int(p.parts[at]) + p.above(at); both > n {
			best, n = at, both
		}
	}
	exponent := best / partBins
	width := math.Ldexp(0.5/partBins, -exponent)
	part = math.Ldexp(0.5, -exponent) + width*(float64(best%partBins)+0.5)
	if p.above(best) > int(p.parts[best]) {
		part += width
	}
	return part, n
}

// above returns the count of the bin of the next larger parts.
func (p *AreaParts) above(at int) int {
	switch {
	case at%partBins < partBins-1:
		return int(p.parts[at+1])
	case at/partBins == 0:
		return 0
	}
	return int(p.parts[(at/partBins-1)*partBins])
}
