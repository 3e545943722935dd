package analysis_test

import (
	"math"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"focalaudit/internal/golden"
	"focalaudit/internal/testrun"
	"focalaudit/pkg/analysis"
	"focalaudit/pkg/anchors"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/loss"
	"focalaudit/pkg/pass"
	"focalaudit/pkg/trainer"
)

// changeRule changes the configuration's own copy of its rule.
func changeRule(c *analysis.Config, change func(*iou.MaxIoU)) {
	m := *c.Preset.Matcher.Rule.(*iou.MaxIoU)
	change(&m)
	c.Preset.Matcher.Rule = &m
}

// goldens are the tables of what torchvision, detectron2 and mmdetection themselves
// assigned, and the preset that reproduces each.
var goldens = []struct{ data, table, preset string }{
	{"coco/instances_val2014_100.json", "val2014_100.retinanet-torchvision-f64resize", "retinanet-torchvision"},
	{"taco/annotations.json", "taco.retinanet-torchvision-f64resize", "retinanet-torchvision"},
	{"coco/instances_val2014_100.json", "val2014_100.retinanet-torchvision", "retinanet-torchvision-0.14"},
	{"taco/annotations.json", "taco.retinanet-torchvision", "retinanet-torchvision-0.14"},
	{"coco/instances_val2014_100.json", "val2014_100.retinanet-torchvision-nolowq", "retinanet-torchvision-0.14"},
	{"coco/instances_val2014_100.json", "val2014_100.retinanet-detectron2", "retinanet-detectron2"},
	{"coco/instances_val2014_100.json", "val2014_100.retinanet-detectron2-nolowq", "retinanet-detectron2"},
	{"taco/annotations.json", "taco.retinanet-detectron2", "retinanet-detectron2"},
	{"coco/instances_val2014_100.json", "val2014_100.retinanet-mmdet", "retinanet-mmdet"},
	{"coco/instances_val2014_100.json", "val2014_100.retinanet-mmdet-nolowq", "retinanet-mmdet"},
	{"taco/annotations.json", "taco.retinanet-mmdet", "retinanet-mmdet"},
	{"coco/instances_val2014_100.json", "val2014_100.ssd300-torchvision", "ssd300-torchvision"},
	{"taco/annotations.json", "taco.ssd300-torchvision", "ssd300-torchvision"},
	{"coco/instances_val2014_100.json", "val2014_100.fasterrcnn-rpn-torchvision", "rpn-torchvision-0.14"},
	{"taco/annotations.json", "taco.fasterrcnn-rpn-torchvision", "rpn-torchvision-0.14"},
	{"coco/instances_val2014_100.json", "val2014_100.yolov5", "yolov5"},
	{"taco/annotations.json", "taco.yolov5", "yolov5"},
	{"coco/instances_val2014_100.json", "val2014_100.atss-mmdet", "atss-mmdet"},
	{"taco/annotations.json", "taco.atss-mmdet", "atss-mmdet"},

	{"coco/instances_val2014_100.json", "val2014_100.ssdlite320-torchvision", "ssdlite320-torchvision"},
	{"taco/annotations.json", "taco.ssdlite320-torchvision", "ssdlite320-torchvision"},
	{"coco/instances_val2014_100.json", "val2014_100.efficientdet-d0-effdet", "efficientdet-d0-effdet"},
	{"taco/annotations.json", "taco.efficientdet-d0-effdet", "efficientdet-d0-effdet"},
	{"coco/instances_val2014_100.json", "val2014_100.efficientdet-d0-automl", "efficientdet-d0-automl"},
	{"taco/annotations.json", "taco.efficientdet-d0-automl", "efficientdet-d0-automl"},
	{"coco/instances_val2014_100.json", "val2014_100.retinanet-keras-hub", "retinanet-keras-hub"},
	{"coco/instances_val2014_100.json", "val2014_100.retinanet-keras-0.5", "retinanet-keras-0.5"},
	{"coco/instances_val2014_100.json", "val2014_100.retinanet-keras-1.0", "retinanet-keras-1.0"},

	// Boxes of integers, which detectron2 truncates; in the last one some have fractions.
	{"coco/instances_val2014_100.json", "val2014_100.rpn-detectron2", "rpn-detectron2"},
	{"../golden-2/voc2007_200.json", "voc2007_200.retinanet-detectron2", "retinanet-detectron2"},
	{"../golden-2/voc2007_200.json", "voc2007_200.rpn-detectron2", "rpn-detectron2"},
	{"exporters/visdrone_coco_first50.json", "visdrone_50.retinanet-detectron2", "retinanet-detectron2"},
	{"exporters/visdrone_coco_first50.json", "visdrone_50.rpn-detectron2", "rpn-detectron2"},
	{"exporters/dup_ann_ids_2184.json", "fsoco_mixed.retinanet-detectron2", "retinanet-detectron2"},
}

// TestGolden reads the files themselves and holds every image and object
// against the trainers' own tables: counts exactly, losses to the nine digits
// that the tables have.
func TestGolden(t *testing.T) {
	for _, g := range goldens {
		t.Run(g.table, func(t *testing.T) {
			images, gts := golden.Table(t, g.table+".images"), golden.Table(t, g.table+".gts")
			c := testrun.Config(t, g.preset)
			if strings.HasSuffix(g.table, "-nolowq") {
				changeRule(&c, func(m *iou.MaxIoU) { m.LowQuality, m.Overwrite = false, false })
			}
			d := testrun.Read(t, golden.Shared(t, "data", g.data))
			c.Classes = len(d.Classes) // as the tables of all trainers have it
			r := testrun.Run(t, d, c)
			compareObjects(t, r, gts)
			compareImages(t, r, images)
		})
	}
}

func compareObjects(t *testing.T, r *analysis.Result, gts []golden.Row) {
	byPlace := map[[2]string]golden.Row{}
	for _, g := range gts {
		byPlace[[2]string{g["image_id"], g["ann_pos"]}] = g
	}
	src := &r.Data.Sources[0]
	if len(src.Objects) != len(gts) {
		t.Fatalf("got %d annotations, want %d", len(src.Objects), len(gts))
	}
	for i := range src.Images {
		im := &src.Images[i]
		for k := im.First; k < im.Last; k++ {
			g := byPlace[[2]string{im.ID.String(), dataset.PlainID(int64(k - im.First)).String()}]
			o := &r.ObjectSlots(0)[k]
			if o.Matched() != (g.Int(t, "gt_index") >= 0) || src.Objects[k].ID.String() != g["ann_id"] {
				t.Fatalf("image %s, annotation %s: left out %q, want %q of annotation %s", im.ID, src.Objects[k].ID, o.LeftOut, g["dropped"], g["ann_id"])
			}
			if !o.Matched() {
				continue
			}
			got, v := [5]int{int(o.Anchor), int(o.Ties), int(o.AtLow), int(o.AtHigh), int(o.Positives)}, o.IoU
			want := [5]int{g.Int(t, "best_anchor"), 0, 0, 0, g.Int(t, "n_assigned")}
			switch r.Config.Preset.Matcher.Rule.(type) {
			case *iou.ShapeRatio: // the table has the number of the best shape, no ties, and its ratio as its IoU
				got[0], got[1], got[2], v = 3*int(o.Level)+int(o.Shape), 0, 0, o.Ratio
				want[3] = g.Int(t, "n_ge_hi")
			case *iou.ATSS: // the table counts anchors at thresholds that play no part
				got[2], got[3] = 0, 0
				want[1] = g.Int(t, "n_ties")
			default:
				want[1], want[2], want[3] = g.Int(t, "n_ties"), g.Int(t, "n_ge_lo"), g.Int(t, "n_ge_hi")
			}
			same := v == g.Float32(t, "best_iou")
			if _, ok := r.Config.Preset.Matcher.Rule.(*iou.InclusiveIoU); ok { // a float64's nine digits, and it rounded to float32
				same = math.Abs(float64(v)-g.Float(t, "best_iou")) <= 1.0/(1<<25)+1e-9
			}
			if got != want || !same {
				t.Errorf("image %s, annotation %s: got %v at IoU %v, want %v at %s", im.ID, src.Objects[k].ID, got, o.IoU, want, g["best_iou"])
			}
		}
	}
}

func compareImages(t *testing.T, r *analysis.Result, images []golden.Row) {
	byID := map[string]golden.Row{}
	for _, g := range images {
		byID[g["image_id"]] = g
	}
	src := &r.Data.Sources[0]
	if len(src.Images) != len(images) {
		t.Fatalf("got %d images, want %d", len(src.Images), len(images))
	}
	for i := range src.Images {
		g, im := byID[src.Images[i].ID.String()], &r.ImageSlots(0)[i]
		got := []int{im.Resized.H, im.Resized.W, im.Padded.H, im.Padded.W, im.Anchors, im.Objects, im.Positives, im.Negatives, im.Ignored, im.RescuedNegative, im.RescuedIgnored}
		var want []int
		for _, col := range []string{"resized_h", "resized_w", "padded_h", "padded_w", "n_anchors", "n_gt", "n_pos", "n_neg", "n_ign", "n_low_quality_pos", "n_low_quality_ign2pos"} {
			if _, has := g[col]; !has && r.Config.Preset.Matcher.Measure() == iou.ByPoints {
				want = append(want, 0) // nothing is ignored or rescued
				continue
			}
			want = append(want, g.Int(t, col))
		}
		if _, ok := r.Config.Preset.Matcher.Rule.(*iou.ATSS); ok { // the table counts positives below thresholds that play no part
			want[9], want[10] = 0, 0
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("image %s: got %v, want %v", src.Images[i].ID, got, want)
		}
		compareLosses(t, r, i, g)
	}
}

// compareLosses holds an image's sums under both objectives against a table's.
func compareLosses(t *testing.T, r *analysis.Result, image int, g golden.Row) {
	t.Helper()
	for _, p := range r.Prices() {
		name := map[ledger.NamedLoss]string{{Name: "bce", Focal: loss.BCE}: "bce", {Name: "focal", Focal: loss.Focal{Alpha: 0.25}}: "abce",
			{Name: "focal", Focal: loss.Focal{Alpha: 0.25, Gamma: 2}}: "fl"}[p.Loss]
		if p.Scores != "prior" || name == "" {
			continue
		}
		var l ledger.ImageLoss
		p.Of(&l, 0, image, int64(r.ImageSlots(0)[image].Positives), int64(r.ImageSlots(0)[image].Negatives))
		prefix := "k1_" + name
		if p.Objective == ledger.PerClass {
			prefix = "kc_" + name
			nine(t, g, prefix+"_off", l.Sum[1])
		}
		nine(t, g, prefix+"_pos", l.Sum[0])
		nine(t, g, prefix+"_neg", l.Sum[2])
		if name == "fl" {
			nine(t, g, prefix+"_normalised", l.Normalised)
		}
	}
}

// nine compares with a number that was written with nine significant digits:
// half a unit of the ninth is at most 5e-9 of it.
func nine(t *testing.T, g golden.Row, col string, got float64) {
	t.Helper()
	if want := g.Float(t, col); math.Abs(got-want) > 5.001e-9*math.Abs(want) {
		t.Errorf("image %s: %s: got %.12g, want %s", g["image_id"], col, got, g[col])
	}
}

// TestLedgerIsDense labels every anchor of a file by the full matrix of IoUs,
// adds up every term of every anchor one by one in float64, and holds all
// counts, sums and gradients against that.
func TestLedgerIsDense(t *testing.T) {
	r := testrun.Run(t, testrun.Read(t, filepath.Join(testrun.Sample, "harbour.json")), testrun.Config(t, "retinanet-torchvision"))
	type key struct {
		scores, loss string
		set          ledger.Set
		gamma        float64
		objective    ledger.Objective
	}
	want := map[key]*terms{}
	labels := map[iou.Label]int64{}
	eachAnchor(r, func(label iou.Label) { labels[label]++ })
	for _, s := range r.Config.Scores {
		for _, l := range r.Setting.Losses {
			for _, o := range []ledger.Objective{ledger.Objectness, ledger.PerClass} {
				k := int64(1)
				if o == ledger.PerClass {
					k = int64(r.Setting.K)
					want[key{s.Name, l.Name, ledger.OtherClass, l.Gamma, o}] = addUp(labels[iou.Positive]*(k-1), l, s.Negative, loss.Zero)
				}
				want[key{s.Name, l.Name, ledger.Positive, l.Gamma, o}] = addUp(labels[iou.Positive], l, s.Positive, loss.One)
				want[key{s.Name, l.Name, ledger.Negative, l.Gamma, o}] = addUp(labels[iou.Negative]*k, l, s.Negative, loss.Zero)
			}
		}
	}
	seen := 0
	for e := range r.Entries() {
		if e.Scope != ledger.All {
			continue
		}
		seen++
		w := want[key{e.Scores, e.Loss.Name, e.Set, e.Loss.Gamma, e.Objective}]
		if w == nil || e.N != w.n || !testrun.Near(e.Sum, w.sum) || !testrun.Near(e.Grad, w.grad) {
			t.Errorf("got %+v, want %+v", e, w)
		}
	}
	if seen != len(want) {
		t.Errorf("got %d entries, want %d", seen, len(want))
	}
}

// terms are summed one by one.
type terms struct {
	n         int64
	sum, grad float64
}

func addUp(n int64, l ledger.NamedLoss, z loss.Logit, y loss.Target) *terms {
	each, slope := l.Loss(z, y), l.Grad(z, y)
	var sum, grad loss.Sum
	for range n {
		sum.Add(each)
		grad.Add(slope)
	}
	return &terms{n, sum.Total(), grad.Total()}
}

// eachAnchor labels every anchor of a result's images by the full matrix of
// IoUs.
func eachAnchor(r *analysis.Result, f func(iou.Label)) {
	p := r.Trainer.Preset
	by := p.Matcher.Thresholds()
	low, high := by.Low, by.High
	for s := range r.Data.Sources {
		src := &r.Data.Sources[s]
		for i := range src.Images {
			var frame anchors.Frame
			if r.ImageSlots(s)[i].LeftOut != (pass.LeftOut{}) || r.Trainer.Layout.Lay(&frame, src.Images[i].Size) != anchors.Laid {
				continue
			}
			var objects []geom.Box32
			for k := src.Images[i].First; k < src.Images[i].Last; k++ {
				if r.ObjectSlots(s)[k].Matched() {
					b, _ := r.Trainer.Place(&frame, trainer.Annotation{Box: src.Objects[k].Box})
					objects = append(objects, b.Narrow())
				}
			}
			labelAll(objects, frame.Grids, low, high, f)
		}
	}
}

func labelAll(objects []geom.Box32, grids []geom.Grid, low, high float32, f func(iou.Label)) {
	best := make([]float32, len(objects))
	each := func(f func(geom.Box32)) {
		for i := range grids {
			g := &grids[i]
			for row := range g.Rows {
				for col := range g.Cols {
					for s := range g.Shapes {
						f(g.At(row, col, s))
					}
				}
			}
		}
	}
	each(func(a geom.Box32) {
		for i, o := range objects {
			best[i] = max(best[i], iou.Of32(o, a))
		}
	})
	each(func(a geom.Box32) {
		label := iou.Negative
		for i, o := range objects {
			switch v := iou.Of32(o, a); {
			case v >= high || v == best[i]:
				label = iou.Positive
			case v >= low:
				label = max(label, iou.Ignored)
			}
		}
		f(label)
	})
}

// TestWorkersAgree: the result is the same for any number of workers.
func TestWorkersAgree(t *testing.T) {
	d := testrun.Read(t, testrun.Sample)
	c := testrun.Config(t, "retinanet-detectron2")
	c.Workers = 1
	want := testrun.Run(t, d, c)
	for _, c.Workers = range []int{2, 7} {
		got := testrun.Run(t, d, c)
		got.Config.Workers = 1
		got.Trainer, got.Plan, want.Plan = want.Trainer, nil, nil
		if !reflect.DeepEqual(clean(got), clean(want)) {
			t.Errorf("%d workers: another result than with one", c.Workers)
		}
	}
}

// clean replaces what reflect.DeepEqual can't compare: NaN differs from itself.
func clean(r *analysis.Result) *analysis.Result {
	for i := range r.Findings {
		if math.IsNaN(r.Findings[i].IoU) {
			r.Findings[i].IoU = -1
		}
	}
	return r
}

// TestTotalsAgree: levels, shapes, sources, classes and sizes are parts of one
// whole.
func TestTotalsAgree(t *testing.T) {
	r := testrun.Run(t, testrun.Read(t, testrun.Sample), testrun.Config(t, "retinanet-torchvision"))
	var levels, sizes, classes ledger.Tally
	for _, l := range r.Levels {
		levels.Anchors += l.Anchors
		levels.Positives += l.Positives
		levels.Negatives += l.Negatives
	}
	for _, s := range r.Sizes {
		sizes.Positives += s.Positives
		sizes.Objects += s.Objects
	}
	for _, c := range r.Classes {
		classes.Positives += c.Positives
		classes.Objects += c.Objects
	}
	if levels.Anchors != r.Total.Anchors || levels.Positives != r.Total.Positives || levels.Negatives != r.Total.Negatives {
		t.Errorf("levels: %+v, total: %+v", levels, r.Total)
	}
	if sizes.Positives != r.Total.Positives || sizes.Objects != r.Total.Objects || classes.Positives != r.Total.Positives {
		t.Errorf("sizes: %+v, classes: %+v, total: %+v", sizes, classes, r.Total)
	}
}

// TestTooFewClasses: fewer outputs than the annotations have classes are refused; classes without
// annotations need none.
func TestTooFewClasses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "gt.json")
	testrun.Write(t, path, `{"images":[{"id":1,"file_name":"a.jpg","width":800,"height":800}],
		"categories":[{"id":1,"name":"a"},{"id":2,"name":"b"},{"id":3,"name":"c"}],"annotations":[
		{"id":1,"image_id":1,"category_id":1,"bbox":[100,100,128,128]},{"id":2,"image_id":1,"category_id":3,"bbox":[400,100,128,128],"iscrowd":1}]}`)
	d := testrun.Read(t, path)
	for k, refused := range map[int]bool{0: false, 1: true, 2: false, 3: false} {
		c := testrun.Config(t, "retinanet-torchvision")
		c.Classes = k
		_, err := analysis.Run(t.Context(), d, c)
		if (err != nil) != refused || refused && !strings.Contains(err.Error(), "the annotations have 2 classes, and each needs an output; expected 2 or more") {
			t.Errorf("%d classes: got %v", k, err)
		}
	}
}
