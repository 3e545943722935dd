package iou

import (
	"fmt"
	"math"
	"slices"

	"focalaudit/pkg/geom"
)

// Rule is one trainer's rule of what makes an anchor positive, ignored or negative,
// with its parameters: the fields of its type, which a preset's file gives under the
// key matcher by their yaml names. It is safe for concurrent use.
//
// Each rule is one file with its parameters, scratch, reasons and words; no other code
// asks which rule it is. docs/extending.md has the recipe for a new one.
type Rule interface {
	// Validate reports the first parameter that makes no sense, by its key, with what
	// was given and what is allowed; or the first level with a number of shapes that
	// the rule can't take. shapes has that number for each level.
	Validate(shapes []int) error

	// String describes the parameters in a line.
	String() string

	// Thresholds returns the IoUs to compare Reacher's v with.
	Thresholds() Thresholds

	// Measure says what Object compares an object and its best anchor by.
	Measure() Measure

	// Covers describes the anchors that Assigner.Background counts: it goes on after
	// "27 anchors".
	Covers() string

	// Assigner returns the rule's scratch for one goroutine. With list, what it finds
	// lists every match, for Result.Of and Result.Special; without, only counts are
	// sure to be complete.
	Assigner(list bool) Assigner

	// Reacher returns what finds the anchors that single boxes reach: from the rule's
	// own lower threshold on, or from the given IoU on if that is not 0. Rules that
	// have no threshold of IoU find the anchors that they would give the box.
	Reacher(from float32) Reacher
}

// Scene is one image as an assigner is given it.
type Scene struct {
	Objects []geom.Box  // in the frame of the grids, as the trainer's loader places them
	Grids   []geom.Grid // all anchors: one grid a level; a rule of points has one shape a level
	Resized geom.Size   // px; the grids may cover padding beyond it

	// Predicted is what a detector predicts, for rules that choose by it; nil if that is unknown.
	Predicted *Predicted
}

// Assigner assigns the anchors of one image after the other. It belongs to one
// goroutine.
type Assigner interface {
	// Assign labels the anchors of a scene. Scene and result are the assigner's until
	// the next call.
	Assign(s Scene) *Result

	// Why says why object i of the scene has no anchor on its own merit; its Why is Fine
	// if it has one.
	Why(i int) Verdict

	// Explain puts the numbers to a verdict on object i.
	Explain(i int, v Verdict) string

	// Hazard says how object i, which overlaps no anchor, makes anchors positive all
	// the same; "" if it does not. It goes on after "annotation 7 overlaps no anchor".
	Hazard(i int) string

	// Background counts the negative anchors that the rule would give to a box, if the
	// box were an object of the scene. Best anchors below the threshold do not count.
	Background(box geom.Box) int
}

// Reacher finds the anchors that a box by itself would make positive or
// ignored, whatever else is in the image. It is reused from image to image.
type Reacher interface {
	// Prepare makes it ready for an image with the given grids, and for boxes.
	Prepare(grids []geom.Grid, boxes []geom.Box)

	// Each calls f with every anchor that a box reaches: its index and level, the IoU
	// (1 under rules that have no threshold of it), and whether the anchor is among
	// the box's best and positive for this.
	Each(box geom.Box, f func(anchor int32, level uint8, v float32, best bool))
}

// LevelReacher is a Reacher of points, which counts what it reaches on each level.
type LevelReacher interface {
	Reacher

	// AtLevels appends to into how many points of each level Each calls its f with.
	AtLevels(box geom.Box, into []int) []int
}

// PatchReacher is a Reacher that hands over many anchors at a time.
type PatchReacher interface {
	Reacher

	// Patches returns patches of anchors, among them every anchor whose IoU with the box is at least Patches.Low.
	// They are valid until the next call of any method.
	Patches(box geom.Box) *Patches
}

// Patches are rectangles of anchors around a box, of one shape and level each.
type Patches struct {
	List  []Patch
	Low   float32 // the IoU from which on the box reaches an anchor
	Area  float32 // the box's
	spans []Span  // of the patches
}

// Span is what a box and the anchors of a column or a row have in common in one direction: by how much they overlap,
// and the anchors' side.
type Span struct{ Overlap, Side float32 }

// IoU returns that of the box and an anchor, as Of32 does.
func (p *Patches) IoU(column, row Span) float32 {
	inter := float32(column.Overlap * row.Overlap)
	return inter / (float32(p.Area+float32(column.Side*row.Side)) - inter)
}

// Patch is the anchors of one shape and level at the crossings of some rows and columns. Place numbers the image's
// anchors so that those of a row follow each other (PlaceOf).
type Patch struct {
	Columns, Rows []Span
	Anchor, Place int32 // of the first anchor
	Step, Stride  int32 // by how much Anchor grows with a column and with a row
	Across        int32 // by how much Place grows with a row
	Level         uint8
}

// PlaceOf returns an anchor's number by level, shape, row and column, as Patch.Place has it.
func PlaceOf(grids []geom.Grid, anchor int32) int32 {
	for i := range grids {
		if g := &grids[i]; int(anchor) < g.First+g.Len() {
			row, col, shape := g.Place(int(anchor))
			return int32(g.First + (shape*g.Rows+row)*g.Cols + col)
		}
	}
	return anchor
}

// Thresholds are the IoUs from which on anchors are ignored and positive, in float32
// as most trainers compare them; under rules without any, every anchor that is
// reached has the IoU 1 and is positive.
type Thresholds struct {
	Low, High float32
	Best      bool // an object's best anchors are positive whatever their IoU

	// Bounds says that the rule sees predictions: without them, Result's positives are what
	// there can be at most, and nothing says which anchors they are.
	Bounds bool

	// Chooses says that the rule assigns anchors exactly where a scene has predictions.
	Chooses bool
}

// reached are the thresholds of rules that have none of IoU.
var reached = Thresholds{Low: 0.5, High: 0.5}

// Suit is how a rule tells whether an anchor suits an object, if their shapes and the distance of their centres
// tell it.
type Suit struct {
	Measure Measure

	// Threshold is the IoU from which on an anchor is positive, or the factor that sides may
	// differ by, exclusive.
	Threshold float64

	Edges float64 // px that every box counts more in width and height
}

// Suiter is a rule that has a Suit: anchors can be fitted to objects under it.
type Suiter interface{ Suit() Suit }

// Measure is what an object and its best anchor are compared by.
type Measure uint8

// The measures.
const (
	ByIoU    Measure = iota // Object.IoU: the higher the better
	BySides                 // Object.Ratio: by which factor sides differ at most, the lower the better
	ByPoints                // neither: Object.AtHigh, the points that it may have
)

// Points reports whether objects are compared with points, which have no shape.
func (m Measure) Points() bool { return m == ByPoints }

// rules are all that were registered, by name.
var rules = map[string]func() Rule{}

// Register enters a rule under a name, and returns the name. zero makes the rule with
// no parameter set, as a pointer to its type.
func Register(name string, zero func() Rule) string {
	if _, had := rules[name]; had {
		panic("iou: two rules are called " + name)
	}
	rules[name] = zero
	return name
}

// New returns the rule of a name with no parameter set.
func New(name string) (Rule, bool) {
	zero, ok := rules[name]
	if !ok {
		return nil, false
	}
	return zero(), true
}

// Rules returns the names of all rules, sorted.
func Rules() []string {
	names := make([]string, 0, len(rules))
	for name := range rules {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// within reports a parameter out of its range.
func within(key string, got, least, most float64) error {
	if got >= least && got <= most {
		return nil
	}
	return fmt.Errorf("matcher.%s: got %g, allowed: %g to %g", key, got, least, most)
}

// onlyWith reports a switch that is on without the one that it belongs to.
func onlyWith(key string, on bool, with string, has bool) error {
	if !on || has {
		return nil
	}
	return fmt.Errorf("matcher.%s: got true, allowed: only %s; leave it out or set it to false", key, with)
}

// background counts the anchors that a reacher finds for a box and that are negative.
func (r *Result) background(by Reacher, box geom.Box, grids []geom.Grid) (n int) {
	by.Prepare(grids, []geom.Box{box})
	by.Each(box, func(anchor int32, _ uint8, _ float32, _ bool) {
		if r.Of(anchor).Label == Negative {
			n++
		}
	})
	return n
}

// narrowed appends boxes to into in float32, which their corners are numbers of.
func narrowed(into []geom.Box32, boxes []geom.Box) []geom.Box32 {
	into = into[:0]
	for i := range boxes {
		into = append(into, boxes[i].Narrow())
	}
	return into
}

// below writes an IoU with three digits, cut off rather than rounded: what is
// below a threshold does not look as if it were on it.
func below(v float64) string { return fmt.Sprintf("%.3f", math.Floor(v*1000)/1000) }

// sides writes the sides of an object.
func sides(o geom.Box) string {
	return fmt.Sprintf("%.4g × %.4g px after resizing", o.Width(), o.Height())
}
