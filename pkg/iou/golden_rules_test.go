package iou_test

import (
	"testing"

	"focalaudit/internal/golden"
	"focalaudit/pkg/anchors"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/trainer"
)

// eachGolden lays a preset's grids over the images of a golden table, with the
// objects that its trainer matched.
func eachGolden(t *testing.T, table, preset string, f func(image golden.Row, frame *anchors.Frame, objects []golden.Row)) {
	p, err := trainer.Load(preset)
	if err != nil {
		t.Fatal(err)
	}
	byImage := map[string][]golden.Row{}
	for _, r := range golden.Table(t, table+".gts") {
		if r.Int(t, "gt_index") >= 0 {
			byImage[r["image_id"]] = append(byImage[r["image_id"]], r)
		}
	}
	var frame anchors.Frame
	l := anchors.New(p.Spec())
	for _, image := range golden.Table(t, table+".images") {
		l.Lay(&frame, geom.Size{W: image.Int(t, "width"), H: image.Int(t, "height")})
		f(image, &frame, byImage[image["image_id"]])
	}
}

// TestGoldenShapeRatio holds every anchor count of yolov5's own build_targets, and
// of every object the rows it has, the cells it owns and its most similar shape.
func TestGoldenShapeRatio(t *testing.T) {
	for _, table := range []string{"val2014_100.yolov5", "taco.yolov5"} {
		t.Run(table, func(t *testing.T) {
			a := (&iou.ShapeRatio{Most: 4}).Assigner(true)
			eachGolden(t, table, "yolov5", func(image golden.Row, f *anchors.Frame, objects []golden.Row) {
				var boxes []geom.Box
				for _, o := range objects {
					x, y, w, h := float64(o.Float32(t, "x1")), float64(o.Float32(t, "y1")), float64(o.Float32(t, "x2")), float64(o.Float32(t, "y2"))
					boxes = append(boxes, geom.Box{X0: 640 * (x - w/2), Y0: 640 * (y - h/2), X1: 640 * (x + w/2), Y1: 640 * (y + h/2)})
				}
				r := a.Assign(iou.Scene{Objects: boxes, Grids: f.Grids, Resized: f.Resized})
				if got, want := [2]int{r.Positives, r.Negatives}, [2]int{image.Int(t, "n_pos"), image.Int(t, "n_neg")}; got != want {
					t.Errorf("image %s: positives, negatives: got %v, want %v", image["image_id"], got, want)
				}
				for i, o := range objects {
					b := r.Objects[i]
					got := [3]int{3*int(b.Level) + int(b.Shape), b.AtHigh, b.Positives}
					want := [3]int{o.Int(t, "best_anchor"), o.Int(t, "n_ge_hi"), o.Int(t, "n_assigned")}
					if got != want || b.Ratio != o.Float32(t, "best_iou") {
						t.Errorf("image %s, annotation %s: shape, rows, cells: got %v at ratio %v, want %v at %s", image["image_id"], o["ann_id"], got, b.Ratio, want, o["best_iou"])
					}
				}
			})
		})
	}
}

// TestGoldenATSS holds the labels of mmdetection's own ATSSAssigner, and what its
// IoUs are. Of 4 objects of the one table and 45 of the other, two anchors are
// equally far away of which only one is a candidate; the counts agree there too.
func TestGoldenATSS(t *testing.T) {
	for _, table := range []string{"val2014_100.atss-mmdet", "taco.atss-mmdet"} {
		t.Run(table, func(t *testing.T) {
			a := (&iou.ATSS{Candidates: 9}).Assigner(true)
			var plain iou.Matching
			eachGolden(t, table, "atss-mmdet", func(image golden.Row, f *anchors.Frame, objects []golden.Row) {
				var boxes []geom.Box
				var narrow []geom.Box32
				for _, o := range objects {
					b := geom.Box32{X0: o.Float32(t, "x1"), Y0: o.Float32(t, "y1"), X1: o.Float32(t, "x2"), Y1: o.Float32(t, "y2")}
					narrow, boxes = append(narrow, b), append(boxes, b.Wide())
				}
				r := a.Assign(iou.Scene{Objects: boxes, Grids: f.Grids, Resized: f.Resized})
				low, middle := 0, 0 // positives by their highest IoU with any object
				for _, m := range r.Matches {
					g, best := &f.Grids[m.Level], float32(0)
					for _, o := range narrow {
						best = max(best, iou.Of32(o, g.At(g.Place(int(m.Anchor)))))
					}
					switch {
					case best < 0.4:
						low++
					case best < 0.5:
						middle++
					}
				}
				got := [5]int{r.Positives, r.Negatives, r.Ignored, low, middle}
				want := [5]int{image.Int(t, "n_pos"), image.Int(t, "n_neg"), image.Int(t, "n_ign"), image.Int(t, "n_low_quality_pos"), image.Int(t, "n_low_quality_ign2pos")}
				if got != want {
					t.Errorf("image %s: positives, negatives, ignored, positives below 0.4, below 0.5: got %v, want %v", image["image_id"], got, want)
				}
				iou.Matcher{Low: 0.4, High: 0.5}.Match(&plain, narrow, f.Grids)
				for i, o := range objects {
					b := r.Objects[i]
					got := [5]int{int(b.Anchor), b.Ties, plain.Objects[i].AtLow, plain.Objects[i].AtHigh, b.Positives}
					want := [5]int{o.Int(t, "best_anchor"), o.Int(t, "n_ties"), o.Int(t, "n_ge_lo"), o.Int(t, "n_ge_hi"), o.Int(t, "n_assigned")}
					if got != want || b.IoU != o.Float32(t, "best_iou") {
						t.Errorf("image %s, annotation %s: best anchor, ties, at 0.4, at 0.5, positives: got %v at IoU %v, want %v at %s",
							image["image_id"], o["ann_id"], got, b.IoU, want, o["best_iou"])
					}
				}
			})
		})
	}
}
