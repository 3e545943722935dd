package iou_test

import (
	"testing"

	"focalaudit/internal/golden"
	"focalaudit/pkg/anchors"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/trainer"
)

// goldens name, for each table of what torchvision and detectron2 assigned,
// the preset and whether the low-quality rule was on.
var goldens = []struct {
	table, preset string
	rescue        bool
}{
	{"val2014_100.retinanet-torchvision-f64resize", "retinanet-torchvision", true},
	{"taco.retinanet-torchvision-f64resize", "retinanet-torchvision", true},
	{"val2014_100.retinanet-torchvision", "retinanet-torchvision-0.14", true},
	{"val2014_100.retinanet-torchvision-nolowq", "retinanet-torchvision-0.14", false},
	{"taco.retinanet-torchvision", "retinanet-torchvision-0.14", true},
	{"val2014_100.retinanet-detectron2", "retinanet-detectron2", true},
	{"val2014_100.retinanet-detectron2-nolowq", "retinanet-detectron2", false},
	{"taco.retinanet-detectron2", "retinanet-detectron2", true},
	{"val2014_100.retinanet-mmdet", "retinanet-mmdet", true},
	{"val2014_100.retinanet-mmdet-nolowq", "retinanet-mmdet", false},
	{"taco.retinanet-mmdet", "retinanet-mmdet", true},
	{"val2014_100.ssd300-torchvision", "ssd300-torchvision", true},
	{"taco.ssd300-torchvision", "ssd300-torchvision", true},
	{"val2014_100.fasterrcnn-rpn-torchvision", "rpn-torchvision-0.14", true},
	{"taco.fasterrcnn-rpn-torchvision", "rpn-torchvision-0.14", true},
	{"val2014_100.rpn-detectron2", "rpn-detectron2", true},
	{"voc2007_200.retinanet-detectron2", "retinanet-detectron2", true},
	{"voc2007_200.rpn-detectron2", "rpn-detectron2", true},
	{"visdrone_50.retinanet-detectron2", "retinanet-detectron2", true},
	{"visdrone_50.rpn-detectron2", "rpn-detectron2", true},
	{"fsoco_mixed.retinanet-detectron2", "retinanet-detectron2", true},
}

// TestGoldenMatches holds labels and every object's best anchors against the
// trainers' own, given the trainer's own boxes.
func TestGoldenMatches(t *testing.T) {
	for _, g := range goldens {
		t.Run(g.table, func(t *testing.T) {
			p, err := trainer.Load(g.preset)
			if err != nil {
				t.Fatal(err)
			}
			m := p.Matcher.Rule.(*iou.MaxIoU).Matcher(false)
			m.Rescue, m.Overwrite = g.rescue, g.rescue && m.Overwrite
			byImage := map[string][]golden.Row{}
			for _, r := range golden.Table(t, g.table+".gts") {
				if r.Int(t, "gt_index") >= 0 {
					byImage[r["image_id"]] = append(byImage[r["image_id"]], r)
				}
			}
			var r iou.Matching
			var f anchors.Frame
			l := anchors.New(p.Spec())
			for _, image := range golden.Table(t, g.table+".images") {
				l.Lay(&f, geom.Size{W: image.Int(t, "width"), H: image.Int(t, "height")})
				compareImage(t, m, &r, &f, image, byImage[image["image_id"]])
			}
		})
	}
}

func compareImage(t *testing.T, m iou.Matcher, r *iou.Matching, f *anchors.Frame, image golden.Row, objects []golden.Row) {
	t.Helper()
	boxes := make([]geom.Box32, len(objects))
	for i, o := range objects {
		if o.Int(t, "gt_index") != i {
			t.Fatalf("image %s: objects out of order", image["image_id"])
		}
		boxes[i] = geom.Box32{X0: o.Float32(t, "x1"), Y0: o.Float32(t, "y1"), X1: o.Float32(t, "x2"), Y1: o.Float32(t, "y2")}
	}
	m.Match(r, boxes, f.Grids)
	got := [5]int{r.Positives, r.Negatives, r.Ignored, r.RescuedNegative, r.RescuedIgnored}
	want := [5]int{image.Int(t, "n_pos"), image.Int(t, "n_neg"), image.Int(t, "n_ign"), image.Int(t, "n_low_quality_pos"), image.Int(t, "n_low_quality_ign2pos")}
	if got != want {
		t.Errorf("image %s: positives, negatives, ignored, rescued from negative, from ignored: got %v, want %v", image["image_id"], got, want)
	}
	for i, o := range objects {
		b := r.Objects[i]
		got := [5]int{int(b.Anchor), b.Ties, b.AtLow, b.AtHigh, b.Positives}
		want := [5]int{o.Int(t, "best_anchor"), o.Int(t, "n_ties"), o.Int(t, "n_ge_lo"), o.Int(t, "n_ge_hi"), o.Int(t, "n_assigned")}
		if got != want || b.IoU != o.Float32(t, "best_iou") {
			t.Errorf("image %s, annotation %s: best anchor, ties, at low, at high, positives: got %v at IoU %v, want %v at %s",
				image["image_id"], o["ann_id"], got, b.IoU, want, o["best_iou"])
		}
	}
}
