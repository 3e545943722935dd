package iou

import (
	"slices"

	"focalaudit/internal/anchorindex"
	"focalaudit/pkg/geom"
)

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
	Object  int32   // the object that it is assigned to, or has the highest IoU with
	IoU     float32 // the highest with any object
	Shape   uint16  // of the anchor's grid
	Level   uint8   // index of the anchor's grid
	Label   Label
	Rescued bool  // positive only because it is the best of some object
	forced  bool  // it is the best of some object
	owner   int32 // with Overwrite, the last such object
}

// Object is what the anchors are to one object.
type Object struct {
	IoU       float32 // highest with any anchor
	Anchor    int32   // the first anchor that has it
	Level     uint8   // of that anchor
	Shape     uint16  // of that anchor
	Ties      int     // anchors that have it
	Positives int     // anchors assigned to this object
	Rescued   int     // those of them that are positive, or its, only as the best of some object

	// AtLow and AtHigh count the anchors whose IoU with this object reaches the lower
	// and the higher threshold; under rules without thresholds, those that the rule
	// would give it.
	AtLow, AtHigh int

	// Shared are those of AtHigh that are other objects' too, under rules of points; Tied
	// those of them that equal claims decide, under fcos.
	Shared, Tied int

	// Far are those of AtHigh that are too far from a side of the object for the trainer's
	// outputs, under task-aligned.
	Far int

	// Ratio takes the place of IoU under rules that measure BySides: the factor by
	// which the sides of the most similar shape differ at most.
	Ratio float32
}

// Best reports whether Anchor is the object's best in any sense.
func (o *Object) Best() bool { return o.IoU > 0 || o.Ratio > 0 }

// TieUnit is the least number that 1 to 10 divide.
const TieUnit = 2520

// prefer counts an object for the shapes of its best anchors, by their places in ByShape. Where
// more than 10 tie, the first of them gets what does not divide.
func (r *Result) prefer(shapes []int) {
	if len(shapes) == 0 {
		return
	}
	part := TieUnit / len(shapes)
	for _, s := range shapes {
		r.BestFor[s] += part
	}
	r.BestFor[slices.Min(shapes)] += TieUnit - part*len(shapes)
}

// Count is how many anchors have a label.
type Count struct{ Positives, Ignored int }

// Result is what a rule found in an image.
type Result struct {
	// Matches are the anchors that are not as Rest says, in no useful order: all of them
	// if that was asked for, else only those that objects may share.
	Matches []Match
	Objects []Object // in the order given

	// Rest is what all other anchors are: negative, but for one hazard (Matcher.Match).
	// Its Anchor, Shape and Level mean nothing.
	Rest Match

	Anchors, Positives, Negatives, Ignored int // they add up
	RescuedNegative, RescuedIgnored        int // positives that would be negative, ignored without Rescue

	// Under rules of points: the points that some object may have, those that several may,
	// and those that equal claims decide.
	Candidates, Contested, Tied int
	Points                      []Points // of every object on the first level, then on the next; else empty
	AtLevel                     []int    // candidates by level; else empty

	Surplus int // objects beyond the outputs that there are, under one-to-one

	ByShape []Count // of every grid's shapes, one grid after the other

	// BestFor says, as ByShape, for how many objects an anchor of the shape is the best: in parts of
	// 1/TieUnit, since an object counts in equal parts for all shapes that tie.
	BestFor []int

	// soft says that the rule gives positive anchors targets: targets, by match.
	soft    bool
	targets []float32

	tied    []int // scratch of prefer
	grids   []geom.Grid
	first   [256]int          // by level: where its shapes begin in ByShape
	table   anchorindex.Index // the matches by anchor
	outside []edge            // as ByShape: where the anchors begin that are ignored for their place; nil if none are
}

// reset makes r ready for an image: every anchor negative.
func (r *Result) reset(objects int, grids []geom.Grid) {
	r.Matches, r.Rest, r.grids = r.Matches[:0], Match{Object: -1}, grids
	r.Objects = append(r.Objects[:0], make([]Object, objects)...)
	r.Anchors, r.Positives, r.Negatives, r.Ignored = 0, 0, 0, 0
	r.RescuedNegative, r.RescuedIgnored = 0, 0
	r.Candidates, r.Contested, r.Tied, r.Points, r.AtLevel = 0, 0, 0, r.Points[:0], r.AtLevel[:0]
	r.Surplus, r.outside = 0, nil
	r.soft, r.targets = false, r.targets[:0]
	shapes := 0
	for i := range grids {
		r.Anchors += grids[i].Len()
		r.first[i] = shapes
		shapes += len(grids[i].Shapes)
	}
	r.ByShape = append(r.ByShape[:0], make([]Count, shapes)...)
	r.BestFor = append(r.BestFor[:0], make([]int, shapes)...)
	r.table.Reset()
}

// Of returns what an anchor was found to be. All matches have to be listed.
func (r *Result) Of(anchor int32) *Match {
	if k, known := r.table.Lookup(anchor); known {
		return &r.Matches[k]
	}
	if r.outside != nil && r.isOutside(anchor) {
		return &outsideMatch
	}
	return &r.Rest
}

// EachSpecial calls f with the anchors that are not as Rest says, in no useful order. place numbers them as Patch.Place
// does. All matches have to be listed.
func (r *Result) EachSpecial(f func(anchor, place int32, m *Match)) {
	for k := range r.Matches {
		if m := &r.Matches[k]; m.Label != Negative {
			g := &r.grids[m.Level]
			row, col, shape := g.Place(int(m.Anchor))
			f(m.Anchor, int32(g.First+(shape*g.Rows+row)*g.Cols+col), m)
		}
	}
	if r.outside != nil {
		for _, anchor := range r.appendOutside(nil) {
			f(anchor, PlaceOf(r.grids, anchor), &outsideMatch)
		}
	}
}

// Target returns the score, in [0,1], that the trainer wants at an anchor for its object's class;
// soft is false under rules that always want 1 of positive anchors.
func (r *Result) Target(anchor int32) (target float32, soft bool) {
	if k, known := r.table.Lookup(anchor); known && r.soft {
		return r.targets[k], true
	}
	return 0, r.soft
}

// Special appends to list the anchors that are not as Rest says, in no useful
// order. All matches have to be listed.
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

// total counts the image's anchors by what was counted for each shape.
func (r *Result) total() {
	for i := range r.ByShape {
		r.Positives += r.ByShape[i].Positives
		r.Ignored += r.ByShape[i].Ignored
	}
	r.Negatives = r.Anchors - r.Positives - r.Ignored
}
