package iou

import (
	"math"

	"focalaudit/pkg/geom"
)

// Matcher labels anchors as torchvision's and detectron2's Matcher do. With v
// the highest IoU of an anchor with any object, the first object among equals:
// v >= High is positive, Low <= v < High ignored, v < Low negative. Both
// thresholds are compared in float32. With Rescue, every anchor whose IoU with
// some object equals the highest that the object has with any anchor is
// positive too (low-quality match), whatever v is; it goes to its own best
// object, which need not be the one that forced it.
type Matcher struct {
	Low, High float32 // 0 < Low <= High <= 1
	Rescue    bool
}

// Label is what an anchor is to the trainer.
type Label uint8

// The labels.
const (
	Negative Label = iota
	Ignored
	Positive
)

// Match is what one anchor was found to be.
type Match struct {
	Anchor  int32   // index in the image
	Object  int32   // the object with the highest IoU, the first among equals
	IoU     float32 // with that object
	Shape   uint16  // of the anchor's grid
	Level   uint8   // index of the anchor's grid
	Label   Label
	Rescued bool // positive only because it is the best of some object
	forced  bool // it is the best of some object
	weak    bool // no object reaches Low, so the best object is yet to be found
}

// Object is what the anchors are to one object.
type Object struct {
	IoU           float32 // highest with any anchor
	Anchor        int32   // the first anchor that has it
	Level         uint8   // of that anchor
	Shape         uint16  // of that anchor
	Ties          int     // anchors that have it
	AtLow, AtHigh int     // anchors whose IoU with this object is at least Low, High
	Positives     int     // anchors assigned to this object
	Rescued       int     // those of them that are positive only as the best of some object
}

// Count is how many anchors have a label.
type Count struct{ Positives, Ignored int }

// Result is what Match finds. It is reused from image to image.
type Result struct {
	Matches []Match  // every anchor that is not as Rest says, in no useful order
	Objects []Object // in the order given
	Rest    Match    // what all other anchors are: negative, but for one hazard (see Match); Anchor, Shape and Level mean nothing

	Anchors, Positives, Negatives, Ignored int // they add up
	RescuedNegative, RescuedIgnored        int // positives that would be negative, ignored without Rescue

	ByShape []Count // of every grid's shapes, one grid after the other

	lattice lattice
	table   touched
	weak    []int32 // indices of weak matches
	spare   []Match // of Background
}

// Match labels the anchors of grids for an image with the given objects, and
// leaves what it finds in r.
//
// Where an object overlaps no anchor at all and m.Rescue holds, every anchor
// ties for its best at IoU 0, and the trainers make each of them positive.
// Then r.Rest is Positive, with the first object. The trainers' clipping keeps
// such objects out; user presets may not.
func (m Matcher) Match(r *Result, objects []geom.Box32, grids []geom.Grid) {
	r.reset(len(objects), grids)
	r.lattice.prepare(grids, objects)
	hazard := false
	for i, o := range objects {
		r.take(m, int32(i), o, m.Low)
		hazard = hazard || (m.Rescue && r.Objects[i].IoU == 0)
	}
	if hazard {
		r.retake(m, objects, grids)
	}
	r.settle(objects, grids)
	r.label(m)
}

func (r *Result) reset(objects int, grids []geom.Grid) {
	r.Matches, r.weak, r.Rest = r.Matches[:0], r.weak[:0], Match{Object: -1}
	r.Objects = append(r.Objects[:0], make([]Object, objects)...)
	r.Anchors, r.Positives, r.Negatives, r.Ignored = 0, 0, 0, 0
	r.RescuedNegative, r.RescuedIgnored = 0, 0
	shapes := 0
	for i := range grids {
		r.Anchors += grids[i].Len()
		shapes += len(grids[i].Shapes)
	}
	r.ByShape = append(r.ByShape[:0], make([]Count, shapes)...)
	r.table.reset()
}

// take enters the anchors of object i that reach least, and forces its best.
// They are appended to the matches as they are found; those that are matches
// already are then merged with these and taken out again.
func (r *Result) take(m Matcher, i int32, o geom.Box32, least float32) {
	first := len(r.Matches)
	r.Matches = r.lattice.search(r.Matches, i, o, least)
	below := len(r.Matches) == first
	if below {
		// What the best shape has where it is best centred is reached: no anchor
		// is left out that is as good as the best.
		t := max(r.lattice.reach(o), math.SmallestNonzeroFloat32)
		r.Matches = r.lattice.search(r.Matches, i, o, t)
	}
	b := &r.Objects[i]
	b.survey(r.Matches[first:], m, r.Anchors)
	best := b.IoU
	if !m.Rescue {
		best = 2 // no anchor is forced
	}
	if below {
		r.Matches = keepBest(r.Matches, first, best)
	}
	r.merge(first, best, below)
}

// survey sums up the anchors that were found for an object, among which all
// its best ones are.
func (b *Object) survey(found []Match, m Matcher, anchors int) {
	b.Ties = anchors // an object without any overlap has the same IoU with all of them
	for k := range found {
		f := &found[k]
		if f.IoU >= m.Low {
			b.AtLow++
		}
		if f.IoU >= m.High {
			b.AtHigh++
		}
		switch {
		case f.IoU > b.IoU:
			b.IoU, b.Anchor, b.Level, b.Shape, b.Ties = f.IoU, f.Anchor, f.Level, f.Shape, 1
		case f.IoU == b.IoU:
			b.Ties++
			if f.Anchor < b.Anchor {
				b.Anchor, b.Level, b.Shape = f.Anchor, f.Level, f.Shape
			}
		}
	}
}

// keepBest removes the matches from first on that are not as good as the best.
func keepBest(ms []Match, first int, best float32) []Match {
	n := first
	for k := first; k < len(ms); k++ {
		if ms[k].IoU == best {
			ms[n] = ms[k]
			n++
		}
	}
	return ms[:n]
}

// merge gives every anchor from first on to the earlier object that has it
// already, if that fits it as well, else to this one. Weak anchors, which are
// below the threshold, are settled later: another object may fit them better
// without reaching the threshold either.
func (r *Result) merge(first int, best float32, weak bool) {
	n := first
	for k := first; k < len(r.Matches); k++ {
		f := &r.Matches[k]
		forced := f.IoU == best
		if at, known := r.table.find(f.Anchor, int32(n)); known {
			b := &r.Matches[at]
			b.forced = b.forced || forced
			if f.IoU > b.IoU {
				b.Object, b.IoU = f.Object, f.IoU
			}
			continue
		}
		f.forced, f.weak = forced, weak
		if weak {
			r.weak = append(r.weak, int32(n))
		}
		if n != k {
			r.Matches[n] = *f
		}
		n++
	}
	r.Matches = r.Matches[:n]
}
