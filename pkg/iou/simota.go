package iou

import (
	"fmt"

	"focalaudit/pkg/geom"
)

// SimOTA gives an object the points around its centre that predict it best, as YOLOX does
// (models/yolo_head.py, get_assignments; Ge et al., 2021, YOLOX: Exceeding YOLO Series in
// 2021). The candidates of an object are the points of every level within Radius strides of
// its centre, in x and in y. How many it gets, and which, is up to what the detector
// predicts: as many as the ten highest IoUs of its predicted boxes add up to, one at least;
// where its own candidates are too few, those of other objects will do.
//
// Predictions are not looked at here. Candidates are exact, in float32 and by the trainer's
// own comparison; positives are a bound.
//
// Objects are float32 centres and sides; their float64 corners give the centres back.
type SimOTA struct {
	// Radius is how far from an object's centre a candidate is at most, in strides.
	Radius float64 `yaml:"radius,omitempty" json:"radius,omitempty"`

	// Top is how many points an object has at most.
	Top int `yaml:"top,omitempty" json:"top,omitempty"`
}

const nameSimOTA = "simota"

var _ = Register(nameSimOTA, func() Rule { return &SimOTA{} })

// Validate implements Rule.
func (o *SimOTA) Validate(shapes []int) error {
	if err := within("top", float64(o.Top), 1, 1000); err != nil {
		return err
	}
	if err := within("radius", o.Radius, 0.5, 1000); err != nil {
		return err
	}
	return onePoint(nameSimOTA, shapes)
}

// String implements Rule.
func (o *SimOTA) String() string {
	return fmt.Sprintf("%s: at most %d of the points within %g strides of the centre, those that predict it best",
		nameSimOTA, o.Top, o.Radius)
}

// Thresholds implements Rule.
func (o *SimOTA) Thresholds() Thresholds { return Thresholds{Low: 0.5, High: 0.5, Bounds: true} }

// Measure implements Rule.
func (o *SimOTA) Measure() Measure { return ByPoints }

// Covers implements Rule.
func (o *SimOTA) Covers() string { return "around its centre that are no object's" }

// Assigner implements Rule. It lists nothing: which candidates are positive is not known.
func (o *SimOTA) Assigner(bool) Assigner { return &assignSimOTA{rule: *o} }

// assignSimOTA is SimOTA at work.
type assignSimOTA struct {
	offered
	rule SimOTA
}

// candidates returns the points of a grid around a box's centre, as get_geometry_constraint
// has it.
func (o *SimOTA) candidates(g *geom.Grid, box geom.Box) area {
	around := func(on axis, centre float32) span {
		distance := float32(on.stride * float32(o.Radius))
		low, high := centre-distance, centre+distance
		return on.where(float64(low), float64(high), func(p float32) bool { return p-low > 0 && high-p > 0 })
	}
	return area{around(axisX(g), float32((box.X0+box.X1)/2)), around(axisY(g), float32((box.Y0+box.Y1)/2))}
}

// Assign implements Assigner.
func (a *assignSimOTA) Assign(s Scene) *Result {
	a.offer(s)
	for i := range s.Objects {
		for level := range s.Grids {
			a.areas[a.at(level, i)] = a.rule.candidates(&s.Grids[level], s.Objects[i])
		}
	}
	a.count()
	a.bound(a.rule.Top, true)
	return &a.Result
}

// Why implements Assigner.
func (a *assignSimOTA) Why(i int) Verdict {
	if a.Objects[i].Positives == 0 {
		return shortOfPoints(NoPoint, 0, a.rule.Top)
	}
	return Verdict{}
}

// Explain implements Assigner.
func (a *assignSimOTA) Explain(i int, _ Verdict) string {
	return fmt.Sprintf("no point: %s; no point lies within %g strides of its centre, nor of any other object's",
		sides(a.scene.Objects[i]), a.rule.Radius)
}

// Background implements Assigner.
func (a *assignSimOTA) Background(box geom.Box) int {
	areas := make([]area, len(a.scene.Grids))
	for level := range areas {
		areas[level] = a.rule.candidates(&a.scene.Grids[level], box)
	}
	return a.without(areas)
}

// Reacher returns what finds the candidates of a box.
func (o *SimOTA) Reacher(float32) Reacher { return &reachBySimOTA{rule: o} }

type reachBySimOTA struct {
	rule  *SimOTA
	grids []geom.Grid
}

// Prepare implements Reacher.
func (r *reachBySimOTA) Prepare(grids []geom.Grid, _ []geom.Box) { r.grids = grids }

// Each calls f with the points around the box's centre.
func (r *reachBySimOTA) Each(box geom.Box, f func(anchor int32, level uint8, v float32, best bool)) {
	for level := range r.grids {
		g := &r.grids[level]
		eachPoint(g, level, r.rule.candidates(g, box), f)
	}
}

// AtLevels implements LevelReacher.
func (r *reachBySimOTA) AtLevels(box geom.Box, into []int) []int {
	for level := range r.grids {
		into = append(into, r.rule.candidates(&r.grids[level], box).count())
	}
	return into
}
