package findings

import "slices"

// Reason is one for which an object has no anchor on its own merit, or for which an
// annotation or an image is left out: a value of the columns why and left_out.
type Reason struct {
	Code  string
	Text  string // goes on after "objects are left out, since …" or the like
	Stops bool   // the trainer stops with an error rather than going on without the record
}

// reasons are all of them: first those for want of an anchor, then those of reading,
// of trainers and of the run.
var reasons = []Reason{
	{Code: "too-small", Text: "even an anchor of its own aspect would be too large"},
	{Code: "too-large", Text: "even an anchor of its own aspect would be too small"},
	{Code: "aspect", Text: "no anchor has an aspect near enough to its, whatever its size"},
	{Code: "size-aspect", Text: "no anchor is near enough to it in size and aspect at once"},
	{Code: "off-grid", Text: "a shape would suit it, but not at the places where anchors lie"},
	{Code: "no-centre", Text: "of the anchors that stand out among its nearest, none is centred in it (ATSS)"},
	{Code: "out-competed", Text: "anchors suit it, but each was given to another object"},
	{Code: "no-point", Text: "no point of the trainer's grids lies in it, or near its centre if the rule asks for that"},
	{Code: "no-point-at-level", Text: "points lie in it, but none of the level that is for its size"},
	{Code: "few-points", Text: "fewer points lie in it than the trainer would give it"},
	{Code: "no-overlap", Text: "points lie in it, but no box that the model predicts there fits it at this moment"},
	{Code: "surplus", Text: "the image has more objects than the trainer has outputs, and one object has one output"},
	{Code: "outside", Text: "anchors suit it, but those left to it are centred outside the image, and ignored"},

	{Code: "box-missing", Text: "it has no box of four finite numbers, and none could be derived from an outline"},
	{Code: "image-unknown", Text: "its image is not among the file's"},
	{Code: "image-left-out", Text: "its image is left out"},
	{Code: "id-missing", Text: "the image has no id"},
	{Code: "image-id-duplicate", Text: "an earlier image has the same id"},
	{Code: "image-size-missing", Text: "the image has no width and height"},

	{Code: "crowd", Text: "a group of objects in one box (iscrowd); its place is trained as background"},
	{Code: "flag-misread",
		Text: "its key iscrowd or ignore is null or text, which Python takes for set: None == 0 is false, and \"0\" is true"},
	{Code: "no-area-in-image", Text: "nothing of the box is within the image"},
	{Code: "no-valid-polygon", Text: "its outline has no polygon of three points"},
	{Code: "side-under-1e-5-px", Text: "a side of at most 0.00001 px after resizing"},
	{Code: "truncated-to-nothing",
		Text: "its box is written in integers, the trainer cuts the fractions of its resized corners off, " +
			"and a side is 0 px then"},
	{Code: "side-under-1-px", Text: "a side below 1 px"},
	{Code: "side-up-to-1-px", Text: "a side of 1 px or less after resizing, and other boxes of the image are larger"},
	{Code: "side-under-1-px-resized", Text: "a side below 1 px after resizing"},
	{Code: "beyond-resized-image",
		Text: "it ends at the right or lower edge of its image, and resizing rounds that edge to beyond the resized image"},
	{Code: "beyond-the-cap", Text: "the trainer takes so many objects of an image, and this one comes after them"},
	{Code: "beyond-the-cap-refused", Text: "the image has more objects than the trainer takes, and it stops with an error",
		Stops: true},
	{Code: "area-not-above-0", Text: "its key area is not above 0"},
	{Code: "ignore", Text: "its key ignore is set"},
	{Code: "undeclared-category", Text: "its category is not among the file's"},
	{Code: "sticks-out", Text: "a corner is outside the image, by however little"},
	{Code: "repeated", Text: "an earlier annotation of the image has the same class and box"},
	{Code: "ignore-refused", Text: "its key ignore is not 0, and the trainer stops with an error", Stops: true},
	{Code: "integer-refused",
		Text: "a number of its box is an integer of 2^63 or more, and the trainer stops with an error", Stops: true},
	{Code: "degenerate-refused", Text: "resizing leaves no side, and the trainer stops with an error", Stops: true},
	{Code: "undeclared-category-refused",
		Text: "its category is not among the file's, and the trainer stops with an error", Stops: true},
	{Code: "image-refused",
		Text: "the loader leaves out the whole image, for one box that is centred outside or larger than it"},

	{Code: "image-under-10-px", Text: "a side of the image is below 10 px, and the loader leaves it out"},
	{Code: "image-under-32-px", Text: "a side of the image is below 32 px, and the loader leaves it out"},
	{Code: "skipped-by-loader", Text: "the trainer's loader skips images like this one (--skip-empty)"},
	{Code: "resized-to-nothing", Text: "a side of the resized image would be 0 px"},
	{Code: "too-many-anchors", Text: "the image has more than 2^26 anchors"},
}

// LookupReason returns a reason by its code.
func LookupReason(code string) (Reason, bool) {
	for _, r := range reasons {
		if r.Code == code {
			return r, true
		}
	}
	return Reason{}, false
}

// Reasons returns all reasons, in the order in which they are told.
func Reasons() []Reason { return slices.Clone(reasons) }
