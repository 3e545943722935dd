package fit

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/anchors"
	"focalaudit/pkg/coco"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/text"
	"focalaudit/pkg/trainer"
)

// read reads a data set.
func read(t testing.TB, path string) *dataset.Dataset {
	t.Helper()
	files, err := coco.Find([]string{path}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := coco.Read(context.Background(), files, coco.Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func sample(t testing.TB) *dataset.Dataset {
	return read(t, filepath.Join("..", "..", "testdata", "sample"))
}

// shared returns a file of the real data, which a fresh clone need not have beside it.
func shared(t *testing.T, name string) string {
	path := filepath.Join("..", "..", "..", "shared", "data", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("%s is not there: real data are optional", name)
	}
	return path
}

func world(t testing.TB, d *dataset.Dataset, p trainer.Preset) *World {
	t.Helper()
	w, err := NewWorld(context.Background(), d, p)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestCountIsDense holds what is counted for an object and a shape against the IoU with every anchor of the grid.
func TestCountIsDense(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		px := func(name string, low, high float64) float64 {
			return math.Round(rapid.Float64Range(low, high).Draw(t, name)*8) / 8
		}
		stride := rapid.SampledFrom([]float64{8, 16, 61}).Draw(t, "stride")
		cols, rows := rapid.IntRange(1, 12).Draw(t, "cols"), rapid.IntRange(1, 12).Draw(t, "rows")
		x, y := px("x", -10, 500), px("y", -10, 500)
		o := geom.Box{X0: x, Y0: y, X1: x + px("w", 1, 200), Y1: y + px("h", 1, 200)}
		sw, sh := px("sw", 1, 200), px("sh", 1, 200)
		threshold := rapid.SampledFrom([]float64{0.3, 0.5, 0.7}).Draw(t, "threshold")
		dense, close := int64(0), false
		for row := range rows {
			for col := range cols {
				cx, cy := float64(col)*stride, float64(row)*stride
				v := iou.Of(o, geom.Box{X0: cx - sw/2, Y0: cy - sh/2, X1: cx + sw/2, Y1: cy + sh/2})
				close = close || math.Abs(v-threshold) < 1e-6
				if v >= threshold {
					dense++
				}
			}
		}
		w := World{
			Objects: 1, Cells: []int64{int64(cols * rows)}, Suit: iou.Suit{Threshold: threshold},
			sides: []side{{o.X1 - o.X0, o.Y1 - o.Y0}},
			at: [][]place{{{
				float32((o.X0 + o.X1) / 2), float32((o.Y0 + o.Y1) / 2), float32(stride), float32(stride), int32(cols), int32(rows),
			}}},
		}
		var got covered
		w.cover(0, boxOf(sw, sh), &got)
		switch {
		case close: // float32 and float64 may differ there
		case got.set[0] != 0 != (dense > 0):
			t.Fatalf("covered %v, and %d anchors reach the threshold", got.set[0] != 0, dense)
		case dense <= rowsCounted && got.positives != dense:
			t.Fatalf("%d positives, dense %d", got.positives, dense)
		}
	})
}

// TestMeasureIsTheMatchers: the objects that Measure says no anchor suits are those that the matcher gives fallback
// anchors only, or none, but for what others take from them, and its anchors per positive are about the matcher's.
func TestMeasureIsTheMatchers(t *testing.T) {
	for _, preset := range []string{"retinanet-torchvision", "retinanet-detectron2", "retinanet-mmdet", "rpn-torchvision", "yolov5"} {
		d, p := sample(t), trainer.MustLoad(preset)
		w := world(t, d, p)
		got := Measure(w, &p)
		of, err := analysis.Compare(context.Background(), d, analysis.CompareConfig(analysis.Default()), []trainer.Preset{p}, nil)
		if err != nil {
			t.Fatal(err)
		}
		all := of.Of[0].All().Objects
		weak := int(all[analysis.Unassigned] + all[analysis.Weakly])
		if got.Uncovered > weak || weak-got.Uncovered > 3 {
			t.Errorf("%s: %d objects without an anchor that fits, the matcher has %d", preset, got.Uncovered, weak)
		}
		if 10*weak > w.Objects { // each has several equal fallback anchors, and counts one
			continue
		}
		ratio := float64(of.Of[0].Total.Anchors) / float64(of.Of[0].Total.Positives)
		if got.Ratio > 1.1*ratio || got.Ratio < 0.75*ratio { // objects that overlap share their anchors
			t.Errorf("%s: %.1f anchors per positive, the matcher has %.1f", preset, got.Ratio, ratio)
		}
	}
}

// TestBestIsTheLimit: no shape of a dense grid of shapes does better than the formula, and some shape does as well.
func TestBestIsTheLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.Float64Range(2, 60).Draw(t, "w"), rapid.Float64Range(2, 60).Draw(t, "h")
		dx, dy := rapid.Float64Range(0, 20).Draw(t, "dx"), rapid.Float64Range(0, 20).Draw(t, "dy")
		limit, high := best(w, h, dx, dy), 0.0
		o := geom.Box{X0: -w / 2, Y0: -h / 2, X1: w / 2, Y1: h / 2}
		for i := range 81 {
			for j := range 81 {
				sw, sh := (w+2*dx)*1.1*float64(i)/80, (h+2*dy)*1.1*float64(j)/80
				high = max(high, iou.Of(o, geom.Box{X0: dx - sw/2, Y0: dy - sh/2, X1: dx + sw/2, Y1: dy + sh/2}))
			}
		}
		if high > limit+1e-9 || high < limit-0.05 {
			t.Fatalf("the best of 6,561 shapes has %g, the formula says %g", high, limit)
		}
	})
}

// TestSearch: the settings do not depend on workers, keep to what a trainer can be given, and never leave more
// objects uncovered than the preset does at the same number of shapes; Measure of a setting read back says what the
// search said.
func TestSearch(t *testing.T) {
	for _, preset := range []string{"retinanet-torchvision", "retinanet-mmdet", "yolov5"} {
		d, p := sample(t), trainer.MustLoad(preset)
		w := world(t, d, p)
		search := func(workers int) []Point {
			points, err := Search(context.Background(), w, &p, Options{Seed: 7, Workers: workers})
			if err != nil {
				t.Fatal(err)
			}
			return points
		}
		points := search(1)
		if again := search(2); !reflect.DeepEqual(again, points) {
			t.Errorf("%s: other settings with two workers", preset)
		}
		today, least := Measure(w, &p), math.MaxInt
		for _, of := range points {
			changed := of.Preset(&p, "fitted")
			if err := changed.Validate(); err != nil {
				t.Errorf("%s: %v", preset, err)
			}
			if of.Shapes == today.Shapes {
				least = min(least, of.Uncovered)
			}
			before := 0.0
			for _, l := range of.Anchors.Levels {
				for _, s := range l.Sizes {
					if s < before*1.12 || s < float64(l.Stride)*0.99 || s > float64(l.Stride)*16.1 { // rounded to 3 digits
						t.Errorf("%s: size %g behind %g at stride %d", preset, s, before, l.Stride)
					}
					before = s
				}
				for _, b := range l.Boxes {
					if min(b[0], b[1]) < float64(l.Stride)*0.99 || max(b[0], b[1]) > float64(l.Stride)*16.1 {
						t.Errorf("%s: box %v at stride %d", preset, b, l.Stride)
					}
				}
			}
			if again := Measure(w, &changed); math.Abs(float64(again.Uncovered-of.Uncovered)) > 0.02*float64(w.Objects) {
				t.Errorf("%s: %d uncovered in the search, %d as written", preset, of.Uncovered, again.Uncovered)
			}
		}
		if least > today.Uncovered {
			t.Errorf("%s: %d uncovered at best, %d today", preset, least, today.Uncovered)
		}
	}
}

// TestTACO: with nine shapes a cell at most 12 % of TACO's objects are without an anchor that fits, at no more than
// 6,000 negatives per positive, when all objects are matched; and no fewer than no shape can reach.
func TestTACO(t *testing.T) {
	if testing.Short() {
		t.Skip("searches for seconds; run without -short")
	}
	d, p := read(t, shared(t, "taco/annotations.json")), trainer.MustLoad("retinanet-torchvision")
	w := world(t, d, p)
	points, err := Search(context.Background(), w, &p, Options{Seed: 1, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for k := range points {
		if points[k].Shapes != 45 {
			continue
		}
		of, err := analysis.Compare(context.Background(), d, analysis.CompareConfig(analysis.Default()),
			[]trainer.Preset{points[k].Preset(&p, "fitted")}, nil)
		if err != nil {
			t.Fatal(err)
		}
		all := of.Of[0].All().Objects
		weak := float64(all[analysis.Unassigned]+all[analysis.Weakly]) / float64(w.Objects)
		found = found || weak <= 0.12 && *of.Of[0].Metrics.NegativesPerPositive <= 6000
		if weak < float64(w.Beyond())/float64(w.Objects) {
			t.Errorf("%.4f without an anchor that fits, and %d objects are beyond reach", weak, w.Beyond())
		}
	}
	if !found {
		t.Error("no setting with nine shapes a cell leaves 12 % or fewer at 6,000 or fewer")
	}
}

// TestRefusals: presets without shapes to fit are refused, with why.
func TestRefusals(t *testing.T) {
	for preset, want := range map[string]string{
		"atss-mmdet": "does not choose anchors by their shape", "ssd300-torchvision": "chains the sizes",
		"efficientdet-d0-effdet": "has aspects in the place of ratios", "ultralytics-8.3": "does not choose anchors by their shape",
	} {
		p := trainer.MustLoad(preset)
		if _, err := Suit(&p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", preset, err)
		}
	}
}

// TestLines: the configuration lines of each trainer, written by hand, with the input size and the outputs.
func TestLines(t *testing.T) {
	frame := anchors.Resize{Short: 640, Long: 960}
	levels := []anchors.Level{{Stride: 8, Sizes: []float64{9.5, 12}}, {Stride: 16, Sizes: []float64{30, 40}}}
	for arithmetic, want := range map[anchors.Arithmetic]string{
		anchors.TorchvisionAnchors: "sizes=((9.5, 12,), (30, 40,)),\n    aspect_ratios=((0.5, 1,),) * 2)\n" +
			"model = retinanet_resnet50_fpn(\n    num_classes=7, min_size=640, max_size=960, anchor_generator=anchors)",
		anchors.Detectron2Anchors: "SIZES: [[9.5, 12], [30, 40]]\n    ASPECT_RATIOS: [[0.5, 1]]\n  RETINANET:\n    NUM_CLASSES: 7\n" +
			"INPUT:\n  MIN_SIZE_TRAIN: [640]\n  MAX_SIZE_TRAIN: 960\n",
		anchors.MMDetectionAnchors: "scales=[1.19, 1.5],\n     ratios=[0.5, 1], strides=[8, 16])",
		anchors.KerasAnchors:       "sizes   = 9.5 30\nstrides = 8 16\nratios  = 0.5 1\nscales  = 1 1.26",
	} {
		a := anchors.Anchors{Arithmetic: arithmetic, Ratios: []float64{0.5, 1}, Levels: levels}
		p := trainer.Preset{Anchors: a, Resize: frame}
		if got := strings.Join(Lines(&p, 7), "\n"); !strings.Contains(got, want) {
			t.Errorf("%s: got %s", arithmetic, got)
		}
	}
	rpn := trainer.MustLoad("rpn-torchvision")
	if got := strings.Join(Lines(&rpn, 7), "\n"); !strings.Contains(got, "fasterrcnn_resnet50_fpn(\n    num_classes=7, min_size=800, "+
		"max_size=1333, rpn_anchor_generator=anchors)") {
		t.Errorf("got %s", got)
	}
	a := anchors.Anchors{Arithmetic: anchors.BoxAnchors, Levels: []anchors.Level{{Boxes: [][]float64{{10, 13}, {16, 30}}}}}
	yolo := trainer.Preset{Anchors: a, Resize: frame}
	if got := strings.Join(Lines(&yolo, 7), "\n"); !strings.Contains(got, "--imgsz 960\nnc: 7\nanchors:\n  - [10, 13, 16, 30]") {
		t.Errorf("got %s", got)
	}
}

// TestLinesAreNarrow: no line of five levels with three sizes of four digits is wider than a terminal, and folded lines
// are what the long one is.
func TestLinesAreNarrow(t *testing.T) {
	for _, name := range []string{"retinanet-torchvision", "rpn-torchvision", "retinanet-detectron2", "retinanet-mmdet", "retinanet-keras-0.5"} {
		p := trainer.MustLoad(name)
		for i := range p.Anchors.Levels {
			for k := range p.Anchors.Levels[i].Sizes {
				p.Anchors.Levels[i].Sizes[k] = 1234.5
			}
		}
		for _, line := range Lines(&p, 1000) {
			if len(line) > text.Columns {
				t.Errorf("%s: %d columns: %s", name, len(line), line)
			}
		}
	}
	parts := []string{"(1234.5, 1234.5, 1234.5,)", "(2,)", "(1234.5, 1234.5, 1234.5, 1234.5,)", "(4,)"}
	got := strings.Join(strings.Fields(strings.Join(folded("    sizes=(", parts, "),"), " ")), " ")
	if want := "sizes=(" + strings.Join(parts, ", ") + "),"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestFitted: the names are those that fit writes, beside names that end alike.
func TestFitted(t *testing.T) {
	for name, want := range map[string]bool{
		"retinanet-torchvision": false, Named(&trainer.Preset{Name: "mine"}, 7): true, "a-fit-0": true, "a-fit-3-fit-12": true,
		"a-fit-": false, "a-fit-x": false, "cross-fit": false, "a-fit-2b": false,
	} {
		if got := Fitted(&trainer.Preset{Name: name}); got != want {
			t.Errorf("%s: got %v", name, got)
		}
	}
	if !Fitted(&trainer.Preset{Name: "renamed", About: About + ", of x"}) {
		t.Error("a renamed one is not known by its description")
	}
}

// TestInput: each preset that trains with a library of which the arguments are known names its own size. The
// arguments are those of torchvision's GeneralizedRCNNTransform, of the INPUT keys of detectron2's defaults.py, of the
// transform Resize of mmdetection, of train.py of keras-retinanet and yolov5, and of ultralytics' cfg/default.yaml.
func TestInput(t *testing.T) {
	for name, want := range map[string]string{
		"retinanet-torchvision": "min_size=800, max_size=1333", "fcos-torchvision": "min_size=800, max_size=1333",
		"retinanet-mmdet": "scale=(1333, 800)", "retinanet-keras-0.5": "--image-min-side 800 --image-max-side 1333",
		"yolov5": "--imgsz 640", "ultralytics-8.3": "imgsz=640", "yolox": "",
		"retinanet-detectron2": "INPUT.MIN_SIZE_TRAIN (800,) INPUT.MAX_SIZE_TRAIN 1333 INPUT.MIN_SIZE_TEST 800 " +
			"INPUT.MAX_SIZE_TEST 1333",
	} {
		p := trainer.MustLoad(name)
		if got := Input(&p); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
