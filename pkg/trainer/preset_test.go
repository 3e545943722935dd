package trainer_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"focalaudit/pkg/anchors"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/trainer"
)

// preset loads an embedded preset and changes it.
func preset(t testing.TB, name string, change ...func(*trainer.Preset)) trainer.Preset {
	t.Helper()
	p, err := trainer.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range change {
		c(&p)
	}
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	return p
}

// load writes a preset's file and loads it.
func load(t *testing.T, yaml string) (trainer.Preset, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "mine.yaml")
	if err := os.WriteFile(path, []byte(yaml), 0o666); err != nil {
		t.Fatal(err)
	}
	return trainer.Load(path)
}

func TestEmbeddedPresets(t *testing.T) {
	names := trainer.Names()
	if want := []string{"atss-mmdet", "d-fine", "efficientdet-d0-automl", "efficientdet-d0-effdet", "fcos-detectron2", "fcos-mmdet", "fcos-mmdet-center", "fcos-torchvision", "fcos-torchvision-0.14", "retinanet-detectron2", "retinanet-keras-0.5", "retinanet-keras-1.0", "retinanet-keras-hub", "retinanet-mmdet", "retinanet-torchvision", "retinanet-torchvision-0.14", "rf-detr", "rf-detr-seg-medium", "rf-detr-seg-small", "rf-detr-seg-xlarge", "rpn-detectron2", "rpn-torchvision", "rpn-torchvision-0.14", "rt-detr", "ssd300-torchvision", "ssdlite320-torchvision", "ultralytics-8.3", "ultralytics-8.4", "ultralytics-8.4-stal16", "yolov5", "yolox"}; !slices.Equal(names, want) {
		t.Fatalf("Names() = %q, want %q: docs/presets.md and README name them", names, want)
	}
	if !slices.Contains(names, trainer.Default) {
		t.Errorf("the default %q is not among %q", trainer.Default, names)
	}
	for _, name := range names {
		p := preset(t, name) // loads and validates
		if must := trainer.MustLoad(name); !samePreset(must, p) {
			t.Errorf("MustLoad(%q) = %+v, want what Load gives, %+v", name, must, p)
		}
		if p.Name != name {
			t.Errorf("%s.yaml has the name %q", name, p.Name)
		}
		if p.About == "" || p.Sources == "" {
			t.Errorf("%s says neither what it is (%q) nor where its rules are from (%q)", name, p.About, p.Sources)
		}
		if src, err := trainer.Source(name); err != nil || len(src) == 0 {
			t.Errorf("Source(%q) = %d bytes, %v", name, len(src), err)
		}
	}
}

// TestFamilies: each embedded preset is in one family.
func TestFamilies(t *testing.T) {
	var names []string
	for _, f := range trainer.Families() {
		if f.Name == "" || f.Users == "" {
			t.Errorf("%+v", f)
		}
		names = append(names, f.Presets...)
	}
	if slices.Sort(names); !slices.Equal(names, trainer.Names()) {
		t.Errorf("families have %q", names)
	}
}

// TestFromStart: by hand from ultralytics' head.py, bias_init: log(5/nc/(640/s)²), and
// yolov5's yolo.py, log(8/(640/s)²); others have the prior of the focal-loss article, or ½.
func TestFromStart(t *testing.T) {
	for _, c := range []struct {
		preset   string
		level, k int
		bias     float64
	}{
		{"ultralytics-8.3", 0, 80, math.Log(5.0 / 80 / 6400)},
		{"ultralytics-8.4-stal16", 2, 2, math.Log(5.0 / 2 / 400)},
		{"yolov5", 1, 80, math.Log(8.0 / 1600)},
		{"retinanet-torchvision", 4, 91, math.Log(0.01 / 0.99)},
		{"retinanet-keras-hub", 0, 80, 0},
		{"rpn-torchvision-0.14", 0, 1, 0},
	} {
		p := preset(t, c.preset)
		if got, want := p.FromStart(c.level, c.k), 1/(1+math.Exp(-c.bias)); math.Abs(got-want) > 1e-12 {
			t.Errorf("%s, level %d: got %v, want %v", c.preset, c.level, got, want)
		}
	}
}

// TestAliases: each alias is another name of an embedded preset, which keeps its own.
func TestAliases(t *testing.T) {
	for alias, name := range trainer.Aliases() {
		if p := preset(t, alias); p.Name != name || slices.Contains(trainer.Names(), alias) || !slices.Contains(trainer.Names(), name) {
			t.Errorf("%s is %s, want %s", alias, p.Name, name)
		}
		if p, err := load(t, "extends: "+alias+"\nname: mine\n"); err != nil || p.Name != "mine" {
			t.Errorf("extends: %s: %v, %v", alias, p.Name, err)
		}
	}
}

// TestSourceIsAStart: what `analyze presets NAME` prints loads as a file.
func TestSourceIsAStart(t *testing.T) {
	for _, name := range trainer.Names() {
		src, err := trainer.Source(name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := load(t, string(src))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		want := preset(t, name)
		want.Name = "mine" // as its file: it may have been changed
		if !samePreset(got, want) {
			t.Errorf("%s: as a file %+v, embedded %+v", name, got, want)
		}
	}
}

func samePreset(a, b trainer.Preset) bool {
	sameLevel := func(x, y anchors.Level) bool { return x.Stride == y.Stride && slices.Equal(x.Sizes, y.Sizes) }
	if !slices.Equal(a.Anchors.Ratios, b.Anchors.Ratios) || !slices.EqualFunc(a.Anchors.Levels, b.Anchors.Levels, sameLevel) {
		return false
	}
	flat := func(p trainer.Preset) [10]any {
		x := p.Anchors
		return [10]any{p.Extends, p.Name, p.About, p.Sources, p.Loss, p.Boxes, p.Skip,
			[2]any{p.Resize, p.Pad}, [3]any{x.Arithmetic, x.Strides, x.Offset}, fmt.Sprintf("%+v", p.Matcher.Rule)}
	}
	return flat(a) == flat(b)
}

// changeRule changes the preset's own copy of its rule.
func changeRule(p *trainer.Preset, change func(*iou.MaxIoU)) {
	m := *p.Matcher.Rule.(*iou.MaxIoU)
	change(&m)
	p.Matcher.Rule = &m
}

func TestExtendsKeepsWhatIsLeftOut(t *testing.T) {
	base := preset(t, "retinanet-torchvision")
	for _, c := range []struct {
		name, yaml string
		change     func(*trainer.Preset)
	}{
		{"nothing", "", func(*trainer.Preset) {}},
		{"a scalar", "pad: 64", func(p *trainer.Preset) { p.Pad = 64 }},
		{"a key of a mapping", "matcher: {positive: 0.7}", func(p *trainer.Preset) { changeRule(p, func(m *iou.MaxIoU) { m.Positive = 0.7 }) }},
		{"false", "matcher: {low_quality: false}", func(p *trainer.Preset) { changeRule(p, func(m *iou.MaxIoU) { m.LowQuality = false }) }},
		{"a rule", "resize: {rule: none}", func(p *trainer.Preset) { p.Resize.Rule = anchors.ResizeNone }},
		{"a list is replaced", "anchors: {ratios: [3]}", func(p *trainer.Preset) { p.Anchors.Ratios = []float64{3} }},
		{"a list of mappings is replaced", "anchors: {levels: [{stride: 4, sizes: [9]}]}", func(p *trainer.Preset) {
			p.Anchors.Levels = []anchors.Level{{Stride: 4, Sizes: []float64{9}}}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := load(t, "extends: retinanet-torchvision\nname: mine\n"+c.yaml)
			if err != nil {
				t.Fatal(err)
			}
			want := base
			want.Extends, want.Name, want.About = "retinanet-torchvision", "mine", "extends retinanet-torchvision"
			c.change(&want)
			if !samePreset(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
	if again := preset(t, "retinanet-torchvision"); !samePreset(again, base) {
		t.Errorf("extending a preset changed it: %+v", again)
	}
}

// TestDeepNestingIsRefused before the YAML library sees it.
func TestDeepNestingIsRefused(t *testing.T) {
	for _, text := range []string{"name: " + strings.Repeat("[", 4000), "name: " + strings.Repeat("[ ", 4000), "name:\n " + strings.Repeat("- ", 4000)} {
		if _, err := load(t, text); err == nil || !strings.Contains(err.Error(), "nested too deeply") {
			t.Errorf("%.20s…: got %v", text, err)
		}
	}
}

// TestChangedPresetHasItsOwnName: without a name of its own it goes by its file's.
func TestChangedPresetHasItsOwnName(t *testing.T) {
	p, err := load(t, "extends: retinanet-torchvision\npad: 64\n")
	if err != nil || p.Name != "mine" {
		t.Errorf("got %q, %v, want the name of the file mine.yaml", p.Name, err)
	}
}

// TestExtendsOfAnExtension: retinanet-torchvision-0.14 extends itself.
func TestExtendsOfAnExtension(t *testing.T) {
	p, err := load(t, "extends: retinanet-torchvision-0.14\npad: 64\n")
	if err != nil {
		t.Fatal(err)
	}
	if p.Resize.Rule != anchors.ResizeTorchvision014 || p.Boxes != "torchvision" || len(p.Anchors.Levels) != 5 || p.Pad != 64 {
		t.Errorf("got %+v", p)
	}
}

func TestPresetErrors(t *testing.T) {
	const ext = "extends: retinanet-torchvision\n"
	for _, c := range []struct {
		name, yaml string
		want       []string // parts of the message: key or line, what was given, what is allowed
	}{
		{"unknown key", ext + "pad: 32\nstrode: 8\n", []string{"[3:1]", `unknown field "strode"`}},
		{"unknown key below", ext + "matcher: {positve: 0.5}\n", []string{"[2:", `unknown field "positve"`}},
		{"type", ext + "\npad: wide\n", []string{"[3:6]", "got a text, expected a number", "pad: wide"}},
		{"fraction", ext + "pad: 1.5\n", []string{"pad: got 1.5, expected a whole number"}},
		{"a large side", ext + "resize: {short_side: 1e300}\n", []string{"resize.short_side: got 1e+300, expected a number that"}},
		{"no number", ext + "resize: {long_side: .nan}\n", []string{"resize.long_side: got NaN, expected a whole number"}},
		{"a number for a mapping", ext + "matcher: .inf\n", []string{"got a number, expected a mapping"}},
		{"type in a list", ext + "anchors:\n  ratios: [1, two]\n", []string{"[3:15]", "got a text, expected a number", "ratios: [1, two]"}},
		{"type of a factor", "extends: yolov5\nmatcher: {max_ratio: four}\n", []string{"[2:", "got a text, expected a number", "max_ratio: four"}},
		{"type of a flag", ext + "matcher: {low_quality: often}\n", []string{"[2:", "got a text, expected true or false"}},
		{"a mapping for a list", ext + "anchors: {levels: {stride: 8}}\n", []string{"[2:", "got a mapping, expected a list"}},
		{"not YAML", "extends: [1\n", []string{"[1:10]"}},
		{"extends of another type", "extends: {a: 1}\n", []string{"[1:", "got a mapping, expected a text"}},
		{"extends nothing", "extends: retinanet\n", []string{"extends", `"retinanet"`, strings.Join(trainer.Names(), ", ")}},
		{"no name", "pad: 1\n", []string{"name", "missing"}},
		{"loss", ext + "loss: hinge\n", []string{"loss", `"hinge"`, "sigmoid-per-class, sigmoid-objectness, softmax"}},
		{"boxes", ext + "boxes: mmdet\n", []string{"boxes", `"mmdet"`, "automl, detectron2, effdet, keras-hub, keras-retinanet, mmdetection, rf-detr, rt-detr, torchvision, ultralytics, yolov5, yolox"}},
		{"skip", ext + "skip_empty_image: never\n", []string{"skip_empty_image", `"never"`, "no-box-over-1px, no-uncrowded"}},
		{"resize rule", ext + "resize: {rule: pillow}\n", []string{"resize.rule", `"pillow"`, "torchvision, torchvision-0.14, detectron2, mmdetection, keras-retinanet, letterbox, ultralytics, corner, corner-float32, keras-hub, stretch, none"}},
		{"first only", ext + "matcher: {low_quality: false, low_quality_first: true}\n", []string{"matcher.low_quality_first", "got true", "only with low_quality"}},
		{"ratios of a level", ext + "anchors: {levels: [{stride: 8, sizes: [32], ratios: [2]}]}\n", []string{"anchors.levels[0].ratios", "only with the arithmetic ssd"}},
		{"ssd sizes", "extends: ssd300-torchvision\nanchors: {levels: [{stride: 8, sizes: [32]}]}\n", []string{"anchors.levels[0].sizes", "got 1", "allowed: 2"}},
		{"ssd resize", "extends: ssd300-torchvision\nresize: {long_side: 400}\n", []string{"resize", "300 and 400", "square"}},
		{"ssd offset", "extends: ssd300-torchvision\nanchors: {offset: 0}\n", []string{"anchors", "offset 0", "0.5"}},
		{"overwriting", ext + "matcher: {low_quality: false, low_quality_overwrites: true}\n", []string{"matcher.low_quality_overwrites", "got true", "only with low_quality"}},
		{"rule", ext + "matcher: {rule: nearest}\n", []string{"matcher.rule", `"nearest"`, strings.Join(iou.Rules(), ", ")}},
		{"thresholds under atss", "extends: atss-mmdet\nmatcher: {positive: 0.5}\n", []string{"matcher.positive", "got 0.5", "only with the rules inclusive-iou and max-iou", "leave it out"}},
		{"rescue under atss", "extends: atss-mmdet\nmatcher: {low_quality: true}\n", []string{"matcher.low_quality", "got true", "only with the rule max-iou"}},
		{"candidates", "extends: atss-mmdet\nmatcher: {candidates: 1}\n", []string{"matcher.candidates", "got 1", "2 to 1000"}},
		{"candidates elsewhere", ext + "matcher: {candidates: 9}\n", []string{"matcher.candidates", "got 9", "only with the rule atss"}},
		{"shapes under atss", "extends: atss-mmdet\nanchors: {ratios: [0.5, 1]}\n", []string{"anchors.levels[0]", "got 2 shapes", "allowed with the rule atss: 1"}},
		{"ignore_outside elsewhere", ext + "matcher: {ignore_outside: true}\n", []string{"matcher.ignore_outside", "got true", "only with the rule inclusive-iou"}},
		{"ratio", "extends: yolov5\nmatcher: {max_ratio: 1}\n", []string{"matcher.max_ratio", "got 1", "1.01 to 1000"}},
		{"ratio elsewhere", ext + "matcher: {max_ratio: 4}\n", []string{"matcher.max_ratio", "got 4", "only with the rule shape-ratio"}},
		{"boxes of a level", ext + "anchors: {levels: [{stride: 8, boxes: [[8, 8]]}]}\n", []string{"anchors.levels[0].boxes", "only with the arithmetic boxes"}},
		{"boxes of three numbers", "extends: yolov5\nanchors: {levels: [{stride: 8, boxes: [[8, 8, 8]]}]}\n", []string{"anchors.levels[0].boxes[0]", "got 3 numbers", "allowed: 2"}},
		{"boxes too small", "extends: yolov5\nanchors: {levels: [{stride: 8, boxes: [[8, 0]]}]}\n", []string{"anchors.levels[0].boxes[0][1]", "got 0", "1 to 16384"}},
		{"boxes and sizes", "extends: yolov5\nanchors: {levels: [{stride: 8, boxes: [[8, 8]], sizes: [8]}]}\n", []string{"anchors.levels[0]", "sizes", "boxes in their place"}},
		{"boxes with ratios", "extends: yolov5\nanchors: {ratios: [1]}\n", []string{"anchors.ratios", "got 1", "0 to 0"}},
		{"boxes off the cells' centres", "extends: yolov5\nanchors: {offset: 0}\n", []string{"anchors", "offset 0", "fixed and 0.5"}},
		{"yolov5's boxes alone", ext + "boxes: yolov5\n", []string{"anchors.arithmetic", `"torchvision"`, "boxes"}},
		{"letterbox with another matcher", "extends: yolov5\nmatcher: {rule: max-iou, max_ratio: 0, positive: 0.5, negative: 0.4}\n", []string{"matcher.rule", `"max-iou"`, "shape-ratio"}},
		{"letterbox that is no square", "extends: yolov5\nresize: {short_side: 320}\n", []string{"resize.short_side", "got 320", "640"}},
		{"letterbox of another pad", "extends: yolov5\nresize: {short_side: 600, long_side: 600}\n", []string{"resize.long_side", "got 600", "multiple of pad, 32"}},
		{"letterbox of broken cells", "extends: yolov5\npad: 16\n", []string{"pad", "got 16", "anchors.levels[2]"}},
		{"effdet's boxes alone", ext + "boxes: effdet\n", []string{"resize.rule", `"torchvision"`, "corner"}},
		{"keras-hub's resize alone", ext + "resize: {rule: keras-hub, short_side: 800, long_side: 800}\n", []string{"boxes", `"torchvision"`, "keras-hub"}},
		{"queries of others", ext + "anchors: {queries: 300}\n", []string{"anchors.queries without the arithmetic queries"}},
		{"no queries", "extends: rt-detr\nanchors: {queries: 0}\n", []string{"anchors.queries: got 0"}},
		{"aspects of one number", "extends: efficientdet-d0-effdet\nanchors: {aspects: [[1]]}\n", []string{"anchors.aspects[0]", "2, width and height"}},
		{"the earliest of none", ext + "matcher: {low_quality_earliest: true}\n", []string{"matcher.low_quality_earliest", "low_quality_overwrites"}},
		{"ultralytics' boxes alone", ext + "boxes: ultralytics\n", []string{"anchors.arithmetic", `"torchvision"`, "points"}},
		{"YOLOX's rule alone", "extends: fcos-mmdet\nmatcher: {rule: simota, radius: 1.5, top: 10}\n", []string{"boxes", `"mmdetection"`, "yolox"}},
		{"sizes of points", "extends: yolox\nanchors: {levels: [{stride: 8, sizes: [8]}]}\n", []string{"anchors.levels[0]", "the stride alone"}},
		{"ratios of points", "extends: yolox\nanchors: {ratios: [1]}\n", []string{"anchors.ratios", "points"}},
		{"aspects of others", ext + "anchors: {aspects: [[1, 1]]}\n", []string{"anchors.aspects", "only with the arithmetic efficientdet"}},
		{"no square", "extends: yolox\nresize: {short_side: 320, long_side: 640}\n", []string{"resize.long_side", "320"}},
		{"digits of others", ext + "digits: six\n", []string{"digits", "only with boxes: ultralytics"}},
		{"other digits", "extends: ultralytics-8.3\ndigits: seven\n", []string{"digits", `"seven"`, "six, exact"}},
		{"a negative cap", "extends: yolox\ncap: -1\n", []string{"cap: got -1", "or 0 for none"}},
		{"keras-retinanet's boxes alone", ext + "boxes: keras-retinanet\n", []string{"anchors.arithmetic", `"torchvision"`, "keras-retinanet"}},
		{"keras-retinanet with another resize", "extends: retinanet-keras\nresize: {rule: torchvision}\n", []string{"resize.rule", `"torchvision"`, "keras-retinanet"}},
		{"short side", ext + "resize: {short_side: 0}\n", []string{"resize.short_side", "got 0", "1 to 16384"}},
		{"long below short", ext + "resize: {long_side: 799}\n", []string{"resize.long_side", "got 799", "800 to 16384"}},
		{"pad", ext + "pad: 0\n", []string{"pad", "got 0", "1 to 16384"}},
		{"arithmetic", ext + "anchors: {arithmetic: float16}\n", []string{"anchors.arithmetic", `"float16"`, "torchvision, detectron2"}},
		{"strides", ext + "anchors: {strides: own}\n", []string{"anchors.strides", `"own"`, "fixed, padded"}},
		{"offset", ext + "anchors: {offset: -0.5}\n", []string{"anchors.offset", "got -0.5", "0 to 1"}},
		{"ratio 0", ext + "anchors: {ratios: [1, 0]}\n", []string{"anchors.ratios[1]", "got 0", "0.001 to 1000"}},
		{"ratio NaN", ext + "anchors: {ratios: [.nan]}\n", []string{"anchors.ratios[0]", "got NaN", "0.001 to 1000"}},
		{"ratio infinite", ext + "anchors: {ratios: [.inf]}\n", []string{"anchors.ratios[0]", "Inf", "0.001 to 1000"}},
		{"no ratios", ext + "anchors: {ratios: []}\n", []string{"anchors.ratios", "got 0", "1 to 1024"}},
		{"no levels", ext + "anchors: {levels: []}\n", []string{"anchors.levels", "got 0", "1 to 32"}},
		{"no sizes", ext + "anchors: {levels: [{stride: 8}]}\n", []string{"anchors.levels[0].sizes", "got 0", "1 to"}},
		{"size", ext + "anchors: {levels: [{stride: 8, sizes: [8, 0.5]}]}\n", []string{"anchors.levels[0].sizes[1]", "got 0.5", "1 to 16384"}},
		{"stride 0", ext + "anchors: {levels: [{stride: 0, sizes: [8]}]}\n", []string{"anchors.levels[0].stride", "got 0", "1 to 16384"}},
		{"two levels of one stride", ext + "anchors: {levels: [{stride: 8, sizes: [8]}, {stride: 16, sizes: [8]}, {stride: 8, sizes: [9]}]}\n",
			[]string{"anchors.levels[2].stride", "8", "earlier level"}},
		{"thresholds crossed", ext + "matcher: {positive: 0.4, negative: 0.5}\n", []string{"matcher.positive", "got 0.4", "0.5 to 1"}},
		{"positive above 1", ext + "matcher: {positive: 1.5}\n", []string{"matcher.positive", "got 1.5", "0.4 to 1"}},
		{"negative 0", ext + "matcher: {negative: 0}\n", []string{"matcher.negative", "got 0", "0.01 to 1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := load(t, c.yaml)
			if err == nil {
				t.Fatal("accepted")
			}
			for _, part := range append(c.want, "mine.yaml: ") {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("got %q, expected it to name %q", err, part)
				}
			}
		})
	}
}

func TestUnknownPreset(t *testing.T) {
	for _, name := range []string{"retinanet", "no/such/file.yaml", "", "../presets/retinanet-torchvision"} {
		_, err := trainer.Load(name)
		if err == nil {
			t.Errorf("%q: accepted", name)
			continue
		}
		for _, part := range []string{`"` + name + `"`, trainer.Near(name), "analyze presets lists all"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q: got %q, expected it to name %q", name, err, part)
			}
		}
	}
	if _, err := trainer.Load(t.TempDir()); err == nil {
		t.Error("a directory: accepted")
	}
}
