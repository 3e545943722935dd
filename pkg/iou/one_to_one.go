package iou

import (
	"fmt"

	"focalaudit/pkg/geom"
)

// OneToOne gives each object one output, that which predicts it best when all are matched
// together, as the Hungarian matcher of DETR and its descendants does (Carion et al., 2020,
// End-to-End Object Detection with Transformers). Outputs have no place, so all that geometry
// settles is their number: an image with more objects than outputs has objects without one
// at each step. Which ones depends on the predictions; here they are the last ones.
type OneToOne struct{}

const nameOneToOne = "one-to-one"

var _ = Register(nameOneToOne, func() Rule { return &OneToOne{} })

// Surplus is OneToOne's own reason: the image has more objects than outputs.
var Surplus = newWhy("surplus")

// Validate implements Rule.
func (o *OneToOne) Validate(shapes []int) error { return onePoint(nameOneToOne, shapes) }

// String implements Rule.
func (o *OneToOne) String() string { return nameOneToOne + ": one output for each object" }

// Thresholds implements Rule.
func (o *OneToOne) Thresholds() Thresholds { return Thresholds{Low: 0.5, High: 0.5, Bounds: true} }

// Measure implements Rule.
func (o *OneToOne) Measure() Measure { return ByPoints }

// Covers implements Rule.
func (o *OneToOne) Covers() string { return "that could be its if it were an object" }

// Assigner implements Rule. It lists nothing: which outputs are positive is not known.
func (o *OneToOne) Assigner(bool) Assigner { return &assignOneToOne{} }

// assignOneToOne is OneToOne at work.
type assignOneToOne struct {
	Result
	scene Scene
}

// Assign implements Assigner.
func (a *assignOneToOne) Assign(s Scene) *Result {
	a.scene = s
	a.reset(len(s.Objects), s.Grids)
	n := len(s.Objects)
	a.Positives = min(n, a.Anchors)
	a.Negatives, a.Surplus = a.Anchors-a.Positives, n-a.Positives
	if n > 0 {
		a.Candidates = a.Anchors
	}
	if n > 1 {
		a.Contested = a.Anchors
	}
	left := a.Positives
	for level := range s.Grids {
		of := min(left, s.Grids[level].Len())
		a.ByShape[level].Positives = of
		a.AtLevel = append(a.AtLevel, min(a.Candidates, s.Grids[level].Len()))
		left -= of
	}
	for i := range a.Objects {
		o := &a.Objects[i]
		o.AtLow, o.AtHigh = a.Anchors, a.Anchors
		if n > 1 {
			o.Shared = a.Anchors
		}
		if i < a.Positives {
			o.Positives = 1
		}
	}
	return &a.Result
}

// Why implements Assigner.
func (a *assignOneToOne) Why(i int) Verdict {
	if a.Objects[i].Positives > 0 {
		return Verdict{}
	}
	return shortOfPoints(Surplus, 0, 1)
}

// Explain implements Assigner.
func (a *assignOneToOne) Explain(int, Verdict) string {
	return fmt.Sprintf("surplus: %d objects for %d outputs; which of them go without changes from step to step",
		len(a.Objects), a.Anchors)
}

// Hazard implements Assigner: nothing is forced.
func (a *assignOneToOne) Hazard(int) string { return "" }

// Background implements Assigner: no output lies on a box.
func (a *assignOneToOne) Background(geom.Box) int { return 0 }

// Reacher returns what finds no output, since none has a place.
func (o *OneToOne) Reacher(float32) Reacher { return reachNothing{} }

type reachNothing struct{}

// Prepare implements Reacher.
func (reachNothing) Prepare([]geom.Grid, []geom.Box) {}

// Each calls f with nothing.
func (reachNothing) Each(geom.Box, func(anchor int32, level uint8, v float32, best bool)) {}
