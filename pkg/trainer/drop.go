package trainer

import "focalaudit/pkg/dataset"

// Drop says why a trainer leaves an annotation out; Kept if it doesn't. The catalogue's
// reasons (package findings) explain each to people.
type Drop uint8

// Kept is no reason: the annotation takes part.
const Kept Drop = 0

// The reasons that several loaders have. A reason of one loader stands in that
// loader's file.
var (
	DropCrowd     = newDrop("crowd")                          // iscrowd is set
	DropFlag      = newDrop("flag-misread")                   // iscrowd or ignore is text or null, and counts as set
	DropNoArea    = newDrop("no-area-in-image")               // nothing is left of the box after clipping to the image
	DropUnder1    = newDrop("side-under-1-px")                // a side below 1 px of the annotated image
	DropBeyondCap = newDrop("beyond-the-cap")                 // the trainer has its most objects of an image
	RefuseCap     = newRefusal("beyond-the-cap-refused")      // the trainer stops at so many objects of an image
	RefuseNoClass = newRefusal("undeclared-category-refused") // the trainer stops: the category is not declared
)

// drops are the reasons by number.
var drops = []struct {
	code  string
	stops bool
}{Kept: {}}

// newDrop enters a reason under the code that reports have.
func newDrop(code string) Drop {
	drops = append(drops, struct {
		code  string
		stops bool
	}{code, false})
	return Drop(len(drops) - 1)
}

// newRefusal enters a reason for which the trainer stops with an error, rather than
// going on without the annotation.
func newRefusal(code string) Drop {
	d := newDrop(code)
	drops[d].stops = true
	return d
}

// Drops returns how many reasons there are, with Kept, which is 0.
func Drops() int { return len(drops) }

// String returns the reason as reports have it, "" for Kept.
func (d Drop) String() string { return drops[d].code }

// Misreads reports whether the reason is a flag of the annotation that its author has
// not set, but which counts as set.
func (d Drop) Misreads(f dataset.Flags) bool {
	return d == DropFlag || d == RefuseIgnore && f&dataset.Ignore == 0
}

// Ignores reports whether the reason is that the annotation is marked ignore.
func (d Drop) Ignores() bool { return d == DropIgnore || d == RefuseIgnore }

// Does says what the trainer does with such an annotation, "" if it trains on it. It goes on after
// the preset's name.
func (d Drop) Does() string {
	switch {
	case d == Kept:
		return ""
	case d == RefuseImage:
		return "leaves out the whole image for it"
	case d.Refused():
		return "stops with an error at it"
	}
	return "drops it"
}

// Refused reports whether the trainer stops with an error at such an annotation.
func (d Drop) Refused() bool { return drops[d].stops }
