package iou

import (
	"fmt"

	"focalaudit/pkg/geom"
)

// TaskAligned gives an object the points in its box that predict it best, as the
// TaskAlignedAssigner of ultralytics does (utils/tal.py; Feng et al., 2021, TOOD: Task-aligned
// One-stage Object Detection). Of its candidates, those that lie in the box, an object has
// the Top whose predicted score and IoU are highest; one that several objects would have goes
// to the one that its predicted box overlaps most.
//
// With predictions (Scene.Predicted) points are assigned as the trainer would at that moment
// (task_aligned_choice.go). Without, what they do not change is counted: the candidates, in
// float32 and by the trainer's own comparison. An object without any is trained in no epoch.
// Positives are a bound then: all objects together have at most Top each.
//
// From release 8.4 on every side below Below px is set to Widen px about the box's centre
// before that (small-target-aware label assignment), and all boxes are turned into centre and
// sides and back, by which an edge can move by float32's last digit.
type TaskAligned struct {
	// Top is how many points an object has at most.
	Top int `yaml:"top,omitempty" json:"top,omitempty"`

	// Below is the side, in px of the trainer's frame, up to which sides are set to Widen; 0
	// if none is.
	Below float64 `yaml:"widen_below,omitempty" json:"widen_below,omitempty"`
	Widen float64 `yaml:"widen_to,omitempty" json:"widen_to,omitempty"`

	// Reach is the distance, in strides, beyond which a point's outputs can't place a side of
	// the box (distribution focal loss with 16 bins: 14.99); 0 if there is none.
	Reach float64 `yaml:"reach,omitempty" json:"reach,omitempty"`
}

const nameTaskAligned = "task-aligned"

var _ = Register(nameTaskAligned, func() Rule { return &TaskAligned{} })

// Validate implements Rule.
func (t *TaskAligned) Validate(shapes []int) error {
	if err := within("top", float64(t.Top), 1, 1000); err != nil {
		return err
	}
	if err := within("widen_below", t.Below, 0, 1<<14); err != nil {
		return err
	}
	if err := within("widen_to", t.Widen, t.Below, 1<<14); err != nil {
		return err
	}
	if err := within("reach", t.Reach, 0, 1<<14); err != nil {
		return err
	}
	return onePoint(nameTaskAligned, shapes)
}

// String implements Rule.
func (t *TaskAligned) String() string {
	text := fmt.Sprintf("%s: at most %d of the points in the box, those that predict it best", nameTaskAligned, t.Top)
	if t.Below > 0 {
		text += fmt.Sprintf(", sides below %g px widened to %g", t.Below, t.Widen)
	}
	return text
}

// Thresholds implements Rule.
func (t *TaskAligned) Thresholds() Thresholds {
	return Thresholds{Low: 0.5, High: 0.5, Bounds: true, Chooses: true}
}

// Measure implements Rule.
func (t *TaskAligned) Measure() Measure { return ByPoints }

// Covers implements Rule.
func (t *TaskAligned) Covers() string { return "that lie in it and in no object" }

// Assigner implements Rule. Without predictions it lists nothing: which candidates are positive is
// not known then.
func (t *TaskAligned) Assigner(bool) Assigner { return &assignTaskAligned{rule: *t} }

// assignTaskAligned is TaskAligned at work.
type assignTaskAligned struct {
	offered
	choice
	rule TaskAligned
}

// tooNear is how far inside a box, in px, a candidate is at least.
const tooNear = float32(1e-9)

// inside reports whether a point lies between two edges, as select_candidates_in_gts has it.
func inside(p, low, high float32) bool { return p-low > tooNear && high-p > tooNear }

// widened returns a box as the rule looks for candidates in it.
func (t *TaskAligned) widened(b geom.Box32) geom.Box32 {
	if t.Widen == 0 {
		return b
	}
	b.X0, b.X1 = t.widenSide(b.X0, b.X1)
	b.Y0, b.Y1 = t.widenSide(b.Y0, b.Y1)
	return b
}

// widenSide follows xyxy2xywh, the comparison, and xywh2xyxy.
func (t *TaskAligned) widenSide(low, high float32) (float32, float32) {
	centre, side := (low+high)/2, high-low
	if side < float32(t.Below) {
		side = float32(t.Widen)
	}
	return centre - side/2, centre + side/2
}

// counts reports whether a box is taken for an object: ultralytics pads its lists of objects
// with zeros, and tells these by the sum of the corners.
func counts(b geom.Box32) bool { return b.X0+b.Y0+b.X1+b.Y1 > 0 }

// candidates returns the points of a grid that lie in a box.
func (t *TaskAligned) candidates(g *geom.Grid, b geom.Box32) area {
	if !counts(b) {
		return area{}
	}
	w := t.widened(b)
	return area{
		cols: axisX(g).where(float64(w.X0), float64(w.X1), func(p float32) bool { return inside(p, w.X0, w.X1) }),
		rows: axisY(g).where(float64(w.Y0), float64(w.Y1), func(p float32) bool { return inside(p, w.Y0, w.Y1) }),
	}
}

// Assign implements Assigner. The objects' corners are float32's numbers.
func (a *assignTaskAligned) Assign(s Scene) *Result {
	a.offer(s)
	for i := range s.Objects {
		b := s.Objects[i].Narrow()
		for level := range s.Grids {
			g := &s.Grids[level]
			k := a.at(level, i)
			a.areas[k] = a.rule.candidates(g, b)
			a.measure(&a.Points[k], g, a.areas[k], b)
		}
	}
	a.count()
	if s.Predicted != nil {
		a.choose()
	} else {
		a.bound(a.rule.Top, false)
	}
	return &a.Result
}

// measure counts the candidates in an area that lie outside the box itself, and those that
// are too far from its sides.
func (a *assignTaskAligned) measure(p *Points, g *geom.Grid, of area, b geom.Box32) {
	n := of.count()
	if n == 0 {
		return
	}
	if a.rule.Widen > 0 {
		own := func(on axis, low, high float32) span {
			return on.where(float64(low), float64(high), func(p float32) bool { return inside(p, low, high) })
		}
		p.Outside = n - own(axisX(g), b.X0, b.X1).within(of.cols)*own(axisY(g), b.Y0, b.Y1).within(of.rows)
	}
	if a.rule.Reach > 0 {
		x, y := a.rule.far(axisX(g), of.cols, b.X0, b.X1), a.rule.far(axisY(g), of.rows, b.Y0, b.Y1)
		p.Far = n - (of.cols.n-min(of.cols.n, x))*(of.rows.n-min(of.rows.n, y))
		p.Sides = x*of.rows.n + y*of.cols.n
	}
}

// far counts, along an axis, the points of a run that are too far from the one edge, and
// those that are too far from the other. A point can be both.
func (t *TaskAligned) far(on axis, s span, low, high float32) (n int) {
	reach := float64(t.Reach) * float64(on.stride)
	beyond := func(d float32) bool { return d/on.stride > float32(t.Reach) }
	left := on.where(float64(low)+reach, float64(on.at(s.first+s.n-1)), func(p float32) bool { return beyond(p - low) })
	right := on.where(float64(on.at(s.first)), float64(high)-reach, func(p float32) bool { return beyond(high - p) })
	return left.within(s) + right.within(s)
}

// within returns how many points two runs have in common.
func (s span) within(o span) int {
	return max(0, min(s.first+s.n, o.first+o.n)-max(s.first, o.first))
}

// Why implements Assigner.
func (a *assignTaskAligned) Why(i int) Verdict {
	switch n := a.Objects[i].AtHigh; {
	case n == 0:
		return shortOfPoints(NoPoint, n, a.rule.Top)
	case a.scene.Predicted != nil && a.Objects[i].Positives == 0 && a.claims[i] == 0:
		return shortOfPoints(NoOverlap, 0, a.rule.Top)
	case a.scene.Predicted != nil && a.Objects[i].Positives == 0:
		return shortOfPoints(OutCompeted, 0, a.rule.Top)
	case n < a.rule.Top:
		return shortOfPoints(FewPoints, n, a.rule.Top)
	}
	return Verdict{}
}

// Explain implements Assigner.
func (a *assignTaskAligned) Explain(i int, v Verdict) string {
	switch v.Why {
	case NoOverlap:
		return fmt.Sprintf("no overlap: %s; %d points lie in it, and no box predicted there fits it at this moment",
			sides(a.scene.Objects[i]), a.Objects[i].AtHigh)
	case OutCompeted:
		return fmt.Sprintf("out-competed: %s; %d points lie in it, and those that predict it best overlap other objects more",
			sides(a.scene.Objects[i]), a.Objects[i].AtHigh)
	case FewPoints:
		return fmt.Sprintf("few points: %s; %d points lie in it, and it would have up to %d",
			sides(a.scene.Objects[i]), a.Objects[i].AtHigh, a.rule.Top)
	}
	return fmt.Sprintf("no point: %s; none of the points, which are %g px apart or more, lies in it",
		sides(a.scene.Objects[i]), a.scene.Grids[0].StrideX)
}

// Background implements Assigner.
func (a *assignTaskAligned) Background(box geom.Box) int {
	areas := make([]area, len(a.scene.Grids))
	for level := range areas {
		areas[level] = a.rule.candidates(&a.scene.Grids[level], box.Narrow())
	}
	return a.without(areas)
}

// Reacher returns what finds the candidates of a box.
func (t *TaskAligned) Reacher(float32) Reacher { return &reachByTask{rule: t} }

type reachByTask struct {
	rule  *TaskAligned
	grids []geom.Grid
}

// Prepare implements Reacher.
func (r *reachByTask) Prepare(grids []geom.Grid, _ []geom.Box) { r.grids = grids }

// Each calls f with the points that lie in the box.
func (r *reachByTask) Each(box geom.Box, f func(anchor int32, level uint8, v float32, best bool)) {
	for level := range r.grids {
		g := &r.grids[level]
		eachPoint(g, level, r.rule.candidates(g, box.Narrow()), f)
	}
}

// AtLevels implements LevelReacher.
func (r *reachByTask) AtLevels(box geom.Box, into []int) []int {
	for level := range r.grids {
		into = append(into, r.rule.candidates(&r.grids[level], box.Narrow()).count())
	}
	return into
}
