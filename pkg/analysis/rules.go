package analysis

import (
	"focalaudit/pkg/anchors"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/scores"
)

// thresholdsOf returns the IoUs from which on anchors are ignored and positive, in
// float32 as most trainers compare them. Rules that have none give the anchors
// they reach an IoU of 1.
func thresholdsOf(m anchors.Matcher) iou.Matcher {
	if m.Rule == anchors.ATSS || m.Rule == anchors.ShapeRatio {
		return iou.Matcher{Low: 0.5, High: 0.5}
	}
	return iou.Matcher{Low: float32(m.Negative), High: float32(m.Positive), Rescue: m.Rescue, Overwrite: m.Overwrite, First: m.First}
}

// assigner returns the preset's rule. t is what thresholdsOf returned, with what
// the run wants listed.
func assigner(m anchors.Matcher, t iou.Matcher) iou.Assigner {
	switch m.Rule {
	case anchors.InclusiveIoU:
		return iou.InclusiveIoU{Low: m.Negative, High: m.Positive, Inside: m.Inside}
	case anchors.ATSS:
		return iou.ATSS{Candidates: int(m.Candidates)}
	case anchors.ShapeRatio:
		return iou.ShapeRatio{Most: float32(m.MaxRatio)}
	}
	return t
}

// geometric returns what finds the anchors that the illustration believes in:
// from half of the lower threshold on, or where there is none those that an object
// reaches.
func geometric(m anchors.Matcher, t iou.Matcher) iou.Reacher {
	switch m.Rule {
	case anchors.InclusiveIoU:
		return iou.InclusiveIoU{Low: float64(scores.GeometryFrom(float32(m.Negative))), High: m.Positive}.Reacher()
	case anchors.ATSS, anchors.ShapeRatio:
		return assigner(m, t).Reacher()
	}
	t.Low = scores.GeometryFrom(t.Low)
	return t.Reacher()
}

// adaptive reports whether no IoU by itself makes an anchor positive.
func (w *worker) adaptive() bool {
	rule := w.r.Config.Preset.Matcher.Rule
	return rule == anchors.ATSS || rule == anchors.ShapeRatio
}
