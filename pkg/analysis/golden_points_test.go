package analysis_test

import (
	"strconv"
	"strings"
	"testing"

	"focalaudit/internal/golden"
	"focalaudit/internal/testrun"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/trainer"
)

// pointGoldens are the tables of what libraries that lay points gave as candidates. A name
// that ends in -6digits is that of a preset whose labels go through a text file.
var pointGoldens = []struct{ data, table, preset string }{
	{"coco/instances_val2014_100.json", "val2014_100.ultralytics-8.3", "ultralytics-8.3"},
	{"coco/instances_val2014_100.json", "val2014_100.ultralytics-8.3-6digits", "ultralytics-8.3"},
	{"coco/instances_val2014_100.json", "val2014_100.ultralytics-8.4", "ultralytics-8.4"},
	{"coco/instances_val2014_100.json", "val2014_100.ultralytics-8.4-6digits", "ultralytics-8.4"},
	{"coco/instances_val2014_100.json", "val2014_100.ultralytics-8.4-stal16", "ultralytics-8.4-stal16"},
	{"taco/annotations.json", "taco.ultralytics-8.3", "ultralytics-8.3"},
	{"taco/annotations.json", "taco.ultralytics-8.3-6digits", "ultralytics-8.3"},
	{"taco/annotations.json", "taco.ultralytics-8.4", "ultralytics-8.4"},
	{"taco/annotations.json", "taco.ultralytics-8.4-6digits", "ultralytics-8.4"},
	{"taco/annotations.json", "taco.ultralytics-8.4-stal16", "ultralytics-8.4-stal16"},
	{"exporters/visdrone_coco_first50.json", "visdrone_50.ultralytics-8.3", "ultralytics-8.3"},
	{"exporters/visdrone_coco_first50.json", "visdrone_50.ultralytics-8.3-6digits", "ultralytics-8.3"},
	{"exporters/visdrone_coco_first50.json", "visdrone_50.ultralytics-8.4", "ultralytics-8.4"},
	{"exporters/visdrone_coco_first50.json", "visdrone_50.ultralytics-8.4-6digits", "ultralytics-8.4"},
	{"exporters/visdrone_coco_first50.json", "visdrone_50.ultralytics-8.4-stal16", "ultralytics-8.4-stal16"},

	{"coco/instances_val2014_100.json", "val2014_100.yolox", "yolox"},
	{"taco/annotations.json", "taco.yolox", "yolox"},
	{"exporters/visdrone_coco_first50.json", "visdrone_50.yolox", "yolox"},

	{"coco/instances_val2014_100.json", "val2014_100.fcos-torchvision", "fcos-torchvision"},
	{"coco/instances_val2014_100.json", "val2014_100.fcos-torchvision-0.14", "fcos-torchvision-0.14"},
	{"coco/instances_val2014_100.json", "val2014_100.fcos-detectron2", "fcos-detectron2"},
	{"coco/instances_val2014_100.json", "val2014_100.fcos-mmdet", "fcos-mmdet"},
	{"coco/instances_val2014_100.json", "val2014_100.fcos-mmdet-center", "fcos-mmdet-center"},
	{"taco/annotations.json", "taco.fcos-torchvision", "fcos-torchvision"},
	{"taco/annotations.json", "taco.fcos-torchvision-0.14", "fcos-torchvision-0.14"},
	{"taco/annotations.json", "taco.fcos-detectron2", "fcos-detectron2"},
	{"taco/annotations.json", "taco.fcos-mmdet", "fcos-mmdet"},
	{"taco/annotations.json", "taco.fcos-mmdet-center", "fcos-mmdet-center"},
}

// TestGoldenPoints reads the files themselves and holds every column of every image and
// object against the libraries' own tables.
func TestGoldenPoints(t *testing.T) {
	for _, g := range pointGoldens {
		t.Run(g.table, func(t *testing.T) {
			p := trainer.MustLoad(g.preset)
			if strings.HasPrefix(g.preset, "ultralytics") && !strings.HasSuffix(g.table, "-6digits") {
				p.Digits = trainer.ExactDigits
			}
			of, err := trainer.New(p)
			if err != nil {
				t.Fatal(err)
			}
			d := testrun.Read(t, golden.Shared(t, "data", g.data))
			gts := map[[2]string]golden.Row{}
			for _, row := range golden.Table(t, g.table+".gts") {
				gts[[2]string{row["image_id"], row["ann_pos"]}] = row
			}
			images := golden.Table(t, g.table+".images")
			if len(images) != len(d.Sources[0].Images) || len(gts) != len(d.Sources[0].Objects) {
				t.Fatalf("%d images and %d annotations, want %d and %d", len(d.Sources[0].Images), len(d.Sources[0].Objects), len(images), len(gts))
			}
			byID := map[string]golden.Row{}
			for _, row := range images {
				byID[row["image_id"]] = row
			}
			if images[0]["kc_fl_normalised"] != "" {
				c := testrun.Config(t, g.preset)
				c.Preset, c.Classes = p, len(d.Classes)
				compareImages(t, testrun.Run(t, d, c), images)
			}
			s := of.NewScene(true)
			for i := range d.Sources[0].Images {
				comparePoints(t, s, d, i, byID[d.Sources[0].Images[i].ID.String()], gts)
			}
			if testing.Verbose() {
				t.Logf("%d images, %d annotations", len(images), len(gts))
			}
		})
	}
}

// columns are whole numbers by the name of their column.
type columns map[string]int

// compare fails the test where a table has another number, or one that is not compared.
func (c columns) compare(t *testing.T, what string, row golden.Row, other ...string) {
	t.Helper()
	for col := range row {
		got, known := c[col]
		if !known {
			for _, o := range other {
				known = known || strings.HasPrefix(col, o)
			}
			if !known {
				t.Fatalf("column %s is compared with nothing", col)
			}
			continue
		}
		if want := row.Int(t, col); got != want {
			t.Errorf("%s: %s is %d, want %d", what, col, got, want)
		}
	}
}

func comparePoints(t *testing.T, s *trainer.Scene, d *dataset.Dataset, i int, row golden.Row, gts map[[2]string]golden.Row) {
	im := &d.Sources[0].Images[i]
	name := "image " + im.ID.String()
	if why := s.See(d, 0, i); why != trainer.Seen {
		t.Fatalf("%s is left out: %s", name, why)
	}
	r, f := s.Found, &s.Frame
	got := columns{
		"width": f.Image.W, "height": f.Image.H, "resized_h": f.Resized.H, "resized_w": f.Resized.W,
		"padded_h": f.Padded.H, "padded_w": f.Padded.W, "n_anchors": r.Anchors, "n_ann": int(im.Last - im.First),
		"n_gt": len(s.Boxes), "n_cand": r.Candidates, "n_shared": r.Contested, "n_contested": r.Contested, "n_tied": r.Tied,
		"n_pos": r.Positives, "n_neg": r.Negatives,
	}
	for level := range f.Grids {
		got["n_l"+strconv.Itoa(level)] = f.Grids[level].Len()
	}
	compareObjectPoints(t, s, im, gts, got)
	got.compare(t, name, row, "image_id", "k1_", "kc_", "n_cand_")
}

// compareObjectPoints holds the objects of an image, and adds to its columns what their sums
// are.
func compareObjectPoints(t *testing.T, s *trainer.Scene, im *dataset.Image, gts map[[2]string]golden.Row, image columns) {
	r := s.Found
	_, tal := s.Trainer.Preset.Matcher.Rule.(*iou.TaskAligned)
	at := map[int]int{}
	for i, k := range s.Index {
		at[k] = i
	}
	for k := int(im.First); k < int(im.Last); k++ {
		row := gts[[2]string{im.ID.String(), strconv.Itoa(k - int(im.First))}]
		name := "image " + im.ID.String() + ", annotation " + row["ann_id"]
		i, matched := at[k]
		if matched != (row.Int(t, "gt_index") >= 0) {
			t.Errorf("%s: left out %q, want %q", name, s.Drops[k-int(im.First)], row["dropped"])
			continue
		}
		if !matched {
			if s.Drops[k-int(im.First)] == trainer.DropBeyondCap {
				image["n_over_120"]++
				image["n_over_50"]++
			}
			continue
		}
		b, o := s.Boxes[i], &r.Objects[i]
		for c, got := range map[string]float64{"x1": b.X0, "y1": b.Y0, "x2": b.X1, "y2": b.Y1} {
			// nine digits, which hold a float32; under yolox it is the centre that is one
			got, _ = strconv.ParseFloat(strconv.FormatFloat(got, 'g', 9, 64), 64)
			if want := row.Float(t, c); got != want {
				t.Errorf("%s: %s: got %v, want %v", name, c, got, want)
			}
		}
		got := columns{"n_cand": o.AtHigh, "n_shared": o.Shared, "n_assigned": o.Positives, "n_tied": o.Tied}
		var all iou.Points
		for level := range s.Frame.Grids {
			p := r.Points[level*len(s.Boxes)+i]
			got["n_l"+strconv.Itoa(level)], got["n_p"+strconv.Itoa(level+3)] = p.N, p.N
			got["dfl_p"+strconv.Itoa(level+3)] = p.Far
			all.N, all.Outside, all.Sides = all.N+p.N, all.Outside+p.Outside, all.Sides+p.Sides
		}
		got["n_outside"], got["dfl_sides"] = all.Outside, all.Sides
		got.compare(t, name, row, "image_id", "ann_", "gt_index", "class_index", "dropped", "x", "y")
		image["n_cand_pairs"] += all.N
		if i >= 50 {
			image["n_over_50"]++
		}
		switch {
		case o.AtHigh == 0:
			image["n_gt_no_cand"]++
		case o.AtHigh < 10 && tal:
			image["n_gt_1to9"]++
		}
		if o.Positives == 0 {
			image["n_gt_no_pos"]++
		}
	}
	for _, col := range []string{"n_cand_pairs", "n_over_50", "n_over_120", "n_gt_no_cand", "n_gt_1to9", "n_gt_no_pos"} {
		image[col] += 0
	}
}
