package analysis_test

import (
	"math"
	"slices"
	"testing"

	"focalaudit/internal/testrun"
	"focalaudit/pkg/anchors"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/loss"
	"focalaudit/pkg/scores"
	"focalaudit/pkg/trainer"
)

// TestExposureIsDirect compares with the losses of objects and background taken
// anchor by anchor. Background is held to the histogram's bound.
func TestExposureIsDirect(t *testing.T) {
	gt, dt := testrun.World(t, 9, 8)
	r := testrun.Detected(t, testrun.Read(t, gt), testrun.Config(t, "retinanet-torchvision"), "detections:"+dt)
	focal := loss.Focal{Alpha: 0.25, Gamma: 2}
	objects := map[*dataset.Object]float64{}
	var background []float64
	floors := 0
	floor := focal.Loss(loss.LogitOf(0.01), loss.Zero)
	src := &r.Data.Sources[0]
	for i := range src.Images {
		var frame anchors.Frame
		r.Trainer.Layout.Lay(&frame, src.Images[i].Size)
		var boxes []geom.Box32
		of := r.Config.Results[2].Of(0, i)
		for _, d := range of {
			b, _ := r.Trainer.Place(&frame, trainer.Annotation{Box: d.Box}) // empty if it is dropped
			boxes = append(boxes, b.Narrow())
		}
		best := testrun.Bests(frame.Grids, boxes)
		testrun.EachLabel(r, i, &frame, func(_, _ int, a geom.Box32, owner *dataset.Object) {
			p := slices.Repeat([]float64{0.01}, len(r.Data.Classes))
			for k, d := range of {
				if v := iou.Of32(boxes[k], a); v > 0 && (v >= 0.4 || v == best[k]) {
					p[d.Class] = max(p[d.Class], scores.Belief(d.Score, v, 0.4, 0.5, v == best[k]))
				}
			}
			if owner != nil {
				objects[owner] += focal.Loss(loss.LogitOf(p[owner.Class]), loss.One)
				return
			}
			for _, p := range p {
				if p == 0.01 {
					floors++
				} else {
					background = append(background, focal.Loss(loss.LogitOf(p), loss.Zero))
				}
			}
		})
	}
	var own []float64
	for _, v := range objects {
		own = append(own, v)
	}
	top := func(values []float64, extra int, each, fraction float64) (n, share float64) {
		slices.Sort(values)
		slices.Reverse(values)
		n = fraction * float64(len(values)+extra)
		var taken loss.Sum
		all := float64(extra) * each
		left := n
		for _, v := range values {
			all += v
			take := max(0, min(1, left))
			taken.Add(take * v)
			left -= take
		}
		taken.Add(max(0, left) * each) // the floor's is the lowest here
		return n, taken.Total() / all
	}
	seen := 0
	for e := range r.Exposures() {
		if e.Scores != "detections" || e.Loss.Name != "focal" || e.Loss.Gamma != 2 {
			continue
		}
		seen++
		values, extra, within := own, 0, 1e-9
		if e.Of == "background" {
			values, extra, within = background, floors, 1e-6
		}
		n, share := top(slices.Clone(values), extra, floor, e.Fraction)
		if math.Abs(e.N/n-1) > 1e-12 || math.Abs(e.Share/share-1) > within {
			t.Errorf("%s, %v: got %v of %v, want %v of %v", e.Of, e.Fraction, e.Share, e.N, share, n)
		}
	}
	if seen != 6 {
		t.Errorf("%d exposures, want 6", seen)
	}
}

// TestExposureOfConstants: objects differ by their anchors only, whatever the
// loss, and background not at all.
func TestExposureOfConstants(t *testing.T) {
	r := testrun.Run(t, testrun.Read(t, testrun.Sample), testrun.Config(t, "retinanet-torchvision"))
	byObject := map[float64]float64{}
	for e := range r.Exposures() {
		switch {
		case e.Of == "background" && math.Abs(e.Share-e.Fraction) > 1e-9:
			t.Errorf("%+v: want the fraction", e)
		case e.Of == "object":
			if had, ok := byObject[e.Fraction]; ok && math.Abs(had-e.Share) > 1e-9 {
				t.Errorf("%+v: under another loss the share is %v", e, had)
			}
			byObject[e.Fraction] = e.Share
			if e.Share <= e.Fraction || e.Total >= e.Share {
				t.Errorf("%+v", e)
			}
		}
	}
	if len(byObject) != 3 {
		t.Errorf("fractions: %v", byObject)
	}
}
