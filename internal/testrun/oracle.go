package testrun

import (
	"math"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/anchors"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/trainer"
)

// EachAnchor calls f with every anchor of an image: its index, its level and its box.
func EachAnchor(grids []geom.Grid, f func(index, level int, a geom.Box32)) {
	for i := range grids {
		g := &grids[i]
		for k := g.First; k < g.First+g.Len(); k++ {
			f(k, i, g.At(g.Place(k)))
		}
	}
}

// Bests returns the highest IoU that each box has with any anchor.
func Bests(grids []geom.Grid, boxes []geom.Box32) []float32 {
	best := make([]float32, len(boxes))
	EachAnchor(grids, func(_, _ int, a geom.Box32) {
		for k, b := range boxes {
			best[k] = max(best[k], iou.Of32(b, a))
		}
	})
	return best
}

// EachLabel calls f with every anchor of image i of the first source, unless it is
// ignored: its index, level and box, and the object that it is positive for, nil if it
// is negative. Under the rule max-iou it looks at the full matrix of IoUs; the other
// rules are held to such a look by the tests of package iou.
func EachLabel(
	r *analysis.Result, i int, frame *anchors.Frame,
	f func(index, level int, a geom.Box32, owner *dataset.Object),
) {
	src := r.Data.Source(0)
	var boxes []geom.Box
	var owners []*dataset.Object
	for k := src.Images[i].First; k < src.Images[i].Last; k++ {
		o := &src.Objects[k]
		b, drop := r.Trainer.Place(frame, trainer.AnnotationOf(o, r.Data.Classes))
		if drop == trainer.Kept {
			boxes, owners = append(boxes, b), append(owners, o)
		}
	}
	rule := r.Trainer.Preset.Matcher
	if !MaxIoU(rule) {
		m := rule.Assigner(true).Assign(iou.Scene{Objects: boxes, Grids: frame.Grids, Resized: frame.Resized})
		EachAnchor(frame.Grids, func(index, level int, a geom.Box32) {
			switch at := m.Of(int32(index)); at.Label {
			case iou.Positive:
				f(index, level, a, owners[at.Object])
			case iou.Negative:
				f(index, level, a, nil)
			}
		})
		return
	}
	var objects []geom.Box32
	for _, b := range boxes {
		objects = append(objects, b.Narrow())
	}
	by, best := rule.Thresholds(), Bests(frame.Grids, objects)
	EachAnchor(frame.Grids, func(index, level int, a geom.Box32) {
		at, v, forced := -1, float32(0), false
		for k, o := range objects {
			u := iou.Of32(o, a)
			if at < 0 || u > v {
				at, v = k, u
			}
			forced = forced || u == best[k]
		}
		switch {
		case at >= 0 && (v >= by.High || forced):
			f(index, level, a, owners[at])
		case v < by.Low:
			f(index, level, a, nil)
		}
	})
}

// MaxIoU reports whether a rule is max-iou.
func MaxIoU(m trainer.Matcher) bool {
	_, ok := m.Rule.(*iou.MaxIoU)
	return ok
}

// Near reports whether a sum is as wanted to nine digits: an oracle that adds up one
// term after the other rounds each time.
func Near(got, want float64) bool { return math.Abs(got-want) <= 1e-9*math.Abs(want) }
