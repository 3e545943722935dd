package ledger

import "focalaudit/pkg/geom"

// Tally counts images, objects and anchors of some part of the data set.
type Tally struct {
	Images                          int64 // in use
	Objects                         int64 // matched
	Anchors                         int64
	Positives, Negatives, Ignored   int64 // add up to Anchors; of a class or size only Positives is known
	RescuedNegative, RescuedIgnored int64
}

// Add adds another part's counts.
func (t *Tally) Add(o *Tally) {
	t.Images += o.Images
	t.Objects += o.Objects
	t.Anchors += o.Anchors
	t.Positives += o.Positives
	t.Negatives += o.Negatives
	t.Ignored += o.Ignored
	t.RescuedNegative += o.RescuedNegative
	t.RescuedIgnored += o.RescuedIgnored
}

// Shape counts the anchors of one shape of one level.
type Shape struct {
	Anchors, Positives, Ignored int64
	Candidates                  int64 // under rules of points: those that an object may have

	// BestFor counts the objects whose best anchor has this shape, in parts of 1/iou.TieUnit: an
	// object whose best anchors are of several shapes counts in equal parts for each.
	BestFor int64
}

// Add adds another part's counts.
func (s *Shape) Add(o *Shape) {
	s.Anchors += o.Anchors
	s.Positives += o.Positives
	s.Candidates += o.Candidates
	s.Ignored += o.Ignored
	s.BestFor += o.BestFor
}

// Class counts what belongs to one class.
type Class struct {
	Tally
	Annotations     int64 // with those that are left out
	WithoutPositive int64 // matched objects that no anchor is assigned to
	Rescued         int64 // matched objects that only the low-quality rule gave anchors
	BySize          [NumSizes]int64
}

// Add adds another part's counts.
func (c *Class) Add(o *Class) {
	c.Tally.Add(&o.Tally)
	c.Annotations += o.Annotations
	c.WithoutPositive += o.WithoutPositive
	c.Rescued += o.Rescued
	for i := range c.BySize {
		c.BySize[i] += o.BySize[i]
	}
}

// Size is an object's size class, by the area of its box in the annotated
// image, at COCO's limits.
type Size uint8

// The size classes.
const (
	SmallBox  Size = iota // below 32² px²
	MediumBox             // below 96² px²
	LargeBox
	NumSizes
)

// String returns the name of the class.
func (s Size) String() string { return [...]string{"small", "medium", "large"}[s] }

// SizeOf returns the size class of a box.
func SizeOf(box geom.Rect) Size {
	switch a := box.Box().Area(); {
	case a < 32*32:
		return SmallBox
	case a < 96*96:
		return MediumBox
	}
	return LargeBox
}
