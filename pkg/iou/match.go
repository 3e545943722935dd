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

// Result is what Match finds. It is reused from image to image.
type Result struct {
	Matches []Match  // every anchor that is not as Rest says, in no useful order
	Objects []Object // in the order given
	Rest    Match    // what all other anchors are: negative, but for one hazard (see Match); Anchor, Shape and Level mean nothing

	Anchors, Positives, Negatives, Ignored int // they add up
	RescuedNegative, RescuedIgnored        int // positives that would be negative, ignored without Rescue

	lattice lattice
	table   touched
	hits    []hit
	weak    []int32 // indices of weak matches
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
	for i := range grids {
		r.Anchors += grids[i].Len()
	}
	r.table.reset()
}

// take enters the anchors of object i that reach least, and forces its best.
func (r *Result) take(m Matcher, i int32, o geom.Box32, least float32) {
	b := &r.Objects[i]
	b.Ties = r.Anchors
	r.hits = r.lattice.search(r.hits[:0], o, least)
	for _, h := range r.hits {
		r.offer(i, h)
		b.survey(h, m)
	}
	if len(r.hits) == 0 {
		r.hits = r.searchBest(o)
		for _, h := range r.hits {
			b.survey(h, m)
		}
	}
	if !m.Rescue || b.IoU == 0 {
		return
	}
	for _, h := range r.hits {
		if h.iou == b.IoU {
			r.force(i, h)
		}
	}
}

// searchBest returns anchors among which are all the best ones of an object,
// none if the object overlaps no anchor.
func (r *Result) searchBest(o geom.Box32) []hit {
	t := max(r.lattice.reach(o), math.SmallestNonzeroFloat32)
	return r.lattice.search(r.hits[:0], o, t)
}

// survey takes a hit into account, among others of which some are the best
// ones.
func (b *Object) survey(h hit, m Matcher) {
	if h.iou >= m.Low {
		b.AtLow++
	}
	if h.iou >= m.High {
		b.AtHigh++
	}
	switch {
	case h.iou > b.IoU:
		b.IoU, b.Anchor, b.Level, b.Shape, b.Ties = h.iou, h.anchor, h.level, h.shape, 1
	case h.iou == b.IoU:
		b.Ties++
		if h.anchor < b.Anchor {
			b.Anchor, b.Level, b.Shape = h.anchor, h.level, h.shape
		}
	}
}

// offer gives an anchor to object i unless an earlier one fits it as well.
func (r *Result) offer(i int32, h hit) {
	k, known := r.table.find(h.anchor, int32(len(r.Matches)))
	if !known {
		r.Matches = append(r.Matches, Match{Anchor: h.anchor, Object: i, IoU: h.iou, Shape: h.shape, Level: h.level})
	} else if b := &r.Matches[k]; h.iou > b.IoU {
		b.Object, b.IoU = i, h.iou
	}
}

// force marks an anchor as a best one. One that was not offered may yet have a
// better object, below the threshold.
func (r *Result) force(i int32, h hit) {
	k, known := r.table.find(h.anchor, int32(len(r.Matches)))
	if !known {
		r.Matches = append(r.Matches, Match{Anchor: h.anchor, Object: i, IoU: h.iou, Shape: h.shape, Level: h.level, weak: true})
		r.weak = append(r.weak, k)
	}
	r.Matches[k].forced = true
}
