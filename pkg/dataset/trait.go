package dataset

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

	IDZero // the id is 0
	NumTraits
)

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
