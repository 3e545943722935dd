package anchors_test

import (
	"slices"
	"strconv"
	"testing"

	"focalaudit/internal/golden"
	"focalaudit/pkg/anchors"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/trainer"
)

// goldens are the sizes that torchvision and detectron2 themselves gave for
// every image: resized, padded, anchors of each level.
var goldens = map[string][]string{
	"retinanet-torchvision":      {"val2014_100.retinanet-torchvision-f64resize", "taco.retinanet-torchvision-f64resize"},
	"retinanet-torchvision-0.14": {"val2014_100.retinanet-torchvision", "taco.retinanet-torchvision"},
	"retinanet-mmdet":            {"val2014_100.retinanet-mmdet", "taco.retinanet-mmdet"},
	"ssd300-torchvision":         {"val2014_100.ssd300-torchvision", "taco.ssd300-torchvision"},
	"rpn-torchvision-0.14":       {"val2014_100.fasterrcnn-rpn-torchvision", "taco.fasterrcnn-rpn-torchvision"},
	"yolov5":                     {"val2014_100.yolov5", "taco.yolov5"},
	"atss-mmdet":                 {"val2014_100.atss-mmdet", "taco.atss-mmdet"},
	"retinanet-detectron2":       {"val2014_100.retinanet-detectron2", "taco.retinanet-detectron2"},
	"ultralytics-8.3":            {"val2014_100.ultralytics-8.3", "taco.ultralytics-8.3", "visdrone_50.ultralytics-8.3"},
	"yolox":                      {"val2014_100.yolox", "taco.yolox", "visdrone_50.yolox"},
	"fcos-torchvision":           {"val2014_100.fcos-torchvision", "taco.fcos-torchvision"},
	"fcos-torchvision-0.14":      {"val2014_100.fcos-torchvision-0.14", "taco.fcos-torchvision-0.14"},
	"fcos-detectron2":            {"val2014_100.fcos-detectron2", "taco.fcos-detectron2"},
	"fcos-mmdet":                 {"val2014_100.fcos-mmdet", "taco.fcos-mmdet"},
	"ssdlite320-torchvision":     {"val2014_100.ssdlite320-torchvision", "taco.ssdlite320-torchvision"},
	"efficientdet-d0-effdet":     {"val2014_100.efficientdet-d0-effdet", "taco.efficientdet-d0-effdet"},
	"efficientdet-d0-automl":     {"val2014_100.efficientdet-d0-automl", "taco.efficientdet-d0-automl"},
	"retinanet-keras-0.5":        {"val2014_100.retinanet-keras-0.5"},
	"retinanet-keras-hub":        {"val2014_100.retinanet-keras-hub"},
}

func TestGoldenFrames(t *testing.T) {
	for preset, tables := range goldens {
		p, err := trainer.Load(preset)
		if err != nil {
			t.Fatal(err)
		}
		l := anchors.New(p.Spec())
		for _, table := range tables {
			t.Run(table, func(t *testing.T) {
				for _, r := range golden.Table(t, table+".images") {
					compareFrame(t, l, r)
				}
			})
		}
	}
}

func compareFrame(t *testing.T, l *anchors.Layout, r golden.Row) {
	var f anchors.Frame
	if l.Lay(&f, geom.Size{W: r.Int(t, "width"), H: r.Int(t, "height")}) != anchors.Laid {
		t.Fatalf("image %s: no frame", r["image_id"])
	}
	got := []int{f.Resized.H, f.Resized.W, f.Padded.H, f.Padded.W, f.Len}
	var want []int
	for _, col := range []string{"resized_h", "resized_w", "padded_h", "padded_w", "n_anchors"} {
		want = append(want, r.Int(t, col))
	}
	for i := range f.Grids {
		got = append(got, f.Grids[i].Len())
		want = append(want, r.Int(t, "n_l"+strconv.Itoa(i)))
	}
	if !slices.Equal(got, want) {
		t.Fatalf("image %s: got %v, want %v", r["image_id"], got, want)
	}
}
