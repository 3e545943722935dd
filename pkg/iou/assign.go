package iou

import (
	"focalaudit/pkg/geom"
)

// Assigner is a trainer's rule of what makes an anchor positive, ignored or
// negative.
type Assigner interface {
	// Assign labels the anchors of grids, laid over a resized image, for the objects
	// in it, and leaves what it finds in r.
	Assign(r *Result, objects []geom.Box, grids []geom.Grid, resized geom.Size)

	// Reacher returns what finds the anchors that single boxes reach.
	Reacher() Reacher
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

// Assign is Match for boxes whose corners are float32's numbers.
func (m Matcher) Assign(r *Result, objects []geom.Box, grids []geom.Grid, _ geom.Size) {
	m.Match(r, r.narrowed(objects), grids)
}

// Reacher returns what finds a box's anchors by m's thresholds.
func (m Matcher) Reacher() Reacher { return &reachByIoU{matcher: m} }

func (r *Result) narrowed(boxes []geom.Box) []geom.Box32 {
	r.narrow = r.narrow[:0]
	for i := range boxes {
		r.narrow = append(r.narrow, boxes[i].Narrow())
	}
	return r.narrow
}

// outsideMatch is what an anchor is whose centre is outside the image, where
// such are ignored.
var outsideMatch = Match{Object: -1, Label: Ignored}

// Of returns what an anchor was found to be. A Matcher has to have listed all.
func (r *Result) Of(anchor int32) *Match {
	if k, known := r.table.lookup(anchor); known {
		return &r.Matches[k]
	}
	if r.outside != nil && r.isOutside(anchor) {
		return &outsideMatch
	}
	return &r.Rest
}

// Special appends to list the anchors that are not as Rest says, in no useful
// order. A Matcher has to have listed all.
func (r *Result) Special(list []int32) []int32 {
	for k := range r.Matches {
		if m := &r.Matches[k]; m.Label != Negative {
			list = append(list, m.Anchor)
		}
	}
	if r.outside != nil {
		list = r.appendOutside(list)
	}
	return list
}

// Background returns how many anchors a rule would give a box that took no part in
// what it left in r, and that are negative all the same. Best anchors below the
// threshold do not count.
func (r *Result) Background(rule Assigner, box geom.Box, grids []geom.Grid) (n int) {
	if m, ok := rule.(Matcher); ok { // it may have listed few of its matches
		return r.background(m, box.Narrow(), grids)
	}
	by := rule.Reacher()
	by.Prepare(grids, []geom.Box{box})
	by.Each(box, func(anchor int32, _ uint8, _ float32, _ bool) {
		if r.Of(anchor).Label == Negative {
			n++
		}
	})
	return n
}

// positive makes all matches positive, for rules without ignored anchors, and
// counts them.
func (r *Result) positive() {
	for k := range r.Matches {
		b := &r.Matches[k]
		b.Label = Positive
		r.ByShape[r.first[b.Level]+int(b.Shape)].Positives++
		r.Objects[b.Object].Positives++
	}
	r.Positives = len(r.Matches)
	r.Negatives = r.Anchors - r.Positives
}
