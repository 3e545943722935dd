package anchors_test

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"focalaudit/pkg/anchors"
	"focalaudit/pkg/geom"
)

// preset loads an embedded preset and changes it.
func preset(t testing.TB, name string, change ...func(*anchors.Preset)) anchors.Preset {
	t.Helper()
	p, err := anchors.Load(name)
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
func load(t *testing.T, yaml string) (anchors.Preset, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "mine.yaml")
	if err := os.WriteFile(path, []byte(yaml), 0o666); err != nil {
		t.Fatal(err)
	}
	return anchors.Load(path)
}

// --- presets ---

func TestEmbeddedPresets(t *testing.T) {
	names := anchors.Names()
	if want := []string{"atss-mmdet", "retinanet-detectron2", "retinanet-keras", "retinanet-mmdet", "retinanet-torchvision", "retinanet-torchvision-0.14", "rpn-detectron2", "rpn-torchvision", "rpn-torchvision-0.14", "ssd300-torchvision", "yolov5"}; !slices.Equal(names, want) {
		t.Fatalf("Names() = %q, want %q: docs/presets.md and README name them", names, want)
	}
	if !slices.Contains(names, anchors.Default) {
		t.Errorf("the default %q is not among %q", anchors.Default, names)
	}
	for _, name := range names {
		p := preset(t, name) // loads and validates
		if p.Name != name {
			t.Errorf("%s.yaml has the name %q", name, p.Name)
		}
		if p.About == "" || p.Sources == "" {
			t.Errorf("%s says neither what it is (%q) nor where its rules are from (%q)", name, p.About, p.Sources)
		}
		if src, err := anchors.Source(name); err != nil || len(src) == 0 {
			t.Errorf("Source(%q) = %d bytes, %v", name, len(src), err)
		}
	}
}

// TestSourceIsAStart: what `analyze presets NAME` prints loads as a file.
func TestSourceIsAStart(t *testing.T) {
	for _, name := range anchors.Names() {
		src, err := anchors.Source(name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := load(t, string(src))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if want := preset(t, name); !samePreset(got, want) {
			t.Errorf("%s: as a file %+v, embedded %+v", name, got, want)
		}
	}
}

func samePreset(a, b anchors.Preset) bool {
	sameLevel := func(x, y anchors.Level) bool { return x.Stride == y.Stride && slices.Equal(x.Sizes, y.Sizes) }
	if !slices.Equal(a.Anchors.Ratios, b.Anchors.Ratios) || !slices.EqualFunc(a.Anchors.Levels, b.Anchors.Levels, sameLevel) {
		return false
	}
	flat := func(p anchors.Preset) [10]any {
		x := p.Anchors
		return [10]any{p.Extends, p.Name, p.About, p.Sources, p.Loss, p.Boxes, p.Skip,
			[2]any{p.Resize, p.Pad}, [3]any{x.Arithmetic, x.Strides, x.Offset}, p.Matcher}
	}
	return flat(a) == flat(b)
}

func TestExtendsKeepsWhatIsLeftOut(t *testing.T) {
	base := preset(t, "retinanet-torchvision")
	for _, c := range []struct {
		name, yaml string
		change     func(*anchors.Preset)
	}{
		{"nothing", "", func(*anchors.Preset) {}},
		{"a scalar", "pad: 64", func(p *anchors.Preset) { p.Pad = 64 }},
		{"a key of a mapping", "matcher: {positive: 0.7}", func(p *anchors.Preset) { p.Matcher.Positive = 0.7 }},
		{"false", "matcher: {low_quality: false}", func(p *anchors.Preset) { p.Matcher.Rescue = false }},
		{"a rule", "resize: {rule: none}", func(p *anchors.Preset) { p.Resize.Rule = anchors.ResizeNone }},
		{"a list is replaced", "anchors: {ratios: [3]}", func(p *anchors.Preset) { p.Anchors.Ratios = []float64{3} }},
		{"a list of mappings is replaced", "anchors: {levels: [{stride: 4, sizes: [9]}]}", func(p *anchors.Preset) {
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
	for _, text := range []string{"name: " + strings.Repeat("[", 5000), "name: " + strings.Repeat("[ ", 5000), "name:\n " + strings.Repeat("- ", 5000)} {
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
	if p.Resize.Rule != anchors.ResizeTorchvision014 || p.Boxes != anchors.TorchvisionBoxes || len(p.Anchors.Levels) != 5 || p.Pad != 64 {
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
		{"type in a list", ext + "anchors:\n  ratios: [1, two]\n", []string{"[3:15]", "got a text, expected a number", "ratios: [1, two]"}},
		{"type of a factor", "extends: yolov5\nmatcher: {max_ratio: four}\n", []string{"[2:", "got a text, expected a number", "max_ratio: four"}},
		{"type of a flag", ext + "matcher: {low_quality: often}\n", []string{"[2:", "got a text, expected true or false"}},
		{"a mapping for a list", ext + "anchors: {levels: {stride: 8}}\n", []string{"[2:", "mapping was used where sequence is expected"}},
		{"not YAML", "extends: [1\n", []string{"[1:10]"}},
		{"extends of another type", "extends: {a: 1}\n", []string{"[1:", "got a mapping, expected a text"}},
		{"extends nothing", "extends: retinanet\n", []string{"extends", `"retinanet"`, strings.Join(anchors.Names(), ", ")}},
		{"no name", "pad: 1\n", []string{"name", "missing"}},
		{"loss", ext + "loss: hinge\n", []string{"loss", `"hinge"`, "sigmoid-per-class, sigmoid-objectness, softmax"}},
		{"boxes", ext + "boxes: mmdet\n", []string{"boxes", `"mmdet"`, "torchvision, detectron2"}},
		{"skip", ext + "skip_empty_image: never\n", []string{"skip_empty_image", `"never"`, "no-box-over-1px, no-uncrowded"}},
		{"resize rule", ext + "resize: {rule: pillow}\n", []string{"resize.rule", `"pillow"`, "torchvision, torchvision-0.14, detectron2, mmdetection, keras-retinanet, letterbox, stretch, none"}},
		{"first only", ext + "matcher: {low_quality: false, low_quality_first: true}\n", []string{"matcher.low_quality_first", "got true", "only with low_quality"}},
		{"ratios of a level", ext + "anchors: {levels: [{stride: 8, sizes: [32], ratios: [2]}]}\n", []string{"anchors.levels[0].ratios", "only with the arithmetic ssd"}},
		{"ssd sizes", "extends: ssd300-torchvision\nanchors: {levels: [{stride: 8, sizes: [32]}]}\n", []string{"anchors.levels[0].sizes", "got 1", "allowed: 2"}},
		{"ssd resize", "extends: ssd300-torchvision\nresize: {long_side: 400}\n", []string{"resize", "300 and 400", "square"}},
		{"ssd offset", "extends: ssd300-torchvision\nanchors: {offset: 0}\n", []string{"anchors", "offset 0", "0.5"}},
		{"overwriting", ext + "matcher: {low_quality: false, low_quality_overwrites: true}\n", []string{"matcher.low_quality_overwrites", "got true", "only with low_quality"}},
		{"rule", ext + "matcher: {rule: nearest}\n", []string{"matcher.rule", `"nearest"`, "max-iou, inclusive-iou, atss, shape-ratio"}},
		{"thresholds under atss", "extends: atss-mmdet\nmatcher: {positive: 0.5}\n", []string{"matcher.positive", "got 0.5", "only with the rules max-iou and inclusive-iou", "leave it out"}},
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
		_, err := anchors.Load(name)
		if err == nil {
			t.Errorf("%q: accepted", name)
			continue
		}
		for _, part := range append(anchors.Names(), `"`+name+`"`) {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q: got %q, expected it to name %q", name, err, part)
			}
		}
	}
	if _, err := anchors.Load(t.TempDir()); err == nil {
		t.Error("a directory: accepted")
	}
}

// --- shapes ---

// corners returns the shapes of a level as half widths and half heights.
func corners(t *testing.T, l *anchors.Layout, level, n int) [][2]float32 {
	t.Helper()
	var got [][2]float32
	for k := range n {
		b := l.Box(level, k)
		if b.X0 != -b.X1 || b.Y0 != -b.Y1 {
			t.Errorf("shape %d is not centred: %v", k, b)
		}
		got = append(got, [2]float32{b.X1, b.Y1})
	}
	return got
}

// TestTorchvisionShapes: by hand from torchvision's generate_anchors
// (models/detection/anchor_utils.py): h = √ratio, w = 1/h, ratios outer, sizes
// inner, round(±size·w/2), round(±size·h/2), halves to even.
func TestTorchvisionShapes(t *testing.T) {
	l := anchors.New(preset(t, "retinanet-torchvision"))
	for _, c := range []struct {
		level int
		want  [][2]float32
	}{
		{0, [][2]float32{ // sizes 32, 40, 50
			{23, 11}, // ratio ½: 32·1.41421/2 = 22.63, 32·0.70711/2 = 11.31
			{28, 14}, // 28.28, 14.14
			{35, 18}, // 35.36, 17.68
			{16, 16}, {20, 20}, {25, 25},
			{11, 23}, {14, 28}, {18, 35},
		}},
		{1, [][2]float32{ // sizes 64, 80, 101
			{45, 23}, // 45.25, 22.63
			{57, 28}, // 56.57, 28.28
			{71, 36}, // 71.42, 35.71
			{32, 32}, {40, 40},
			{50, 50}, // 101/2 = 50.5: to the even 50
			{23, 45}, {28, 57}, {36, 71},
		}},
		{2, [][2]float32{ // sizes 128, 161, 203
			{91, 45},   // 90.51, 45.25
			{114, 57},  // 113.84, 56.92
			{144, 72},  // 143.54, 71.77
			{64, 64},   //
			{80, 80},   // 80.5: to the even 80
			{102, 102}, // 101.5: to the even 102
			{45, 91}, {57, 114}, {72, 144},
		}},
	} {
		if got := corners(t, l, c.level, len(c.want)); !slices.Equal(got, c.want) {
			t.Errorf("level %d: got %v, want %v", c.level, got, c.want)
		}
	}
}

// TestDetectron2Anchors holds the grid to the table of detectron2's own test,
// tests/modeling/test_anchor_generator.py, test_default_anchor_generator: sizes
// 32 and 64, ratios ¼, 1, 4, stride 4, offset 0, one row of two cells.
func TestDetectron2Anchors(t *testing.T) {
	l := anchors.New(preset(t, "retinanet-detectron2", func(p *anchors.Preset) {
		p.Resize.Rule, p.Pad = anchors.ResizeNone, 1
		p.Anchors.Ratios = []float64{0.25, 1, 4}
		p.Anchors.Levels = []anchors.Level{{Stride: 4, Sizes: []float64{32, 64}}}
	}))
	var f anchors.Frame
	if !l.Lay(&f, geom.Size{W: 8, H: 4}) {
		t.Fatal("not laid")
	}
	want := []geom.Box32{
		{X0: -32, Y0: -8, X1: 32, Y1: 8}, {X0: -16, Y0: -16, X1: 16, Y1: 16}, {X0: -8, Y0: -32, X1: 8, Y1: 32},
		{X0: -64, Y0: -16, X1: 64, Y1: 16}, {X0: -32, Y0: -32, X1: 32, Y1: 32}, {X0: -16, Y0: -64, X1: 16, Y1: 64},
		{X0: -28, Y0: -8, X1: 36, Y1: 8}, {X0: -12, Y0: -16, X1: 20, Y1: 16}, {X0: -4, Y0: -32, X1: 12, Y1: 32},
		{X0: -60, Y0: -16, X1: 68, Y1: 16}, {X0: -28, Y0: -32, X1: 36, Y1: 32}, {X0: -12, Y0: -64, X1: 20, Y1: 64},
	}
	if got := boxes(&f); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// boxes lists all anchors of a frame in their order.
func boxes(f *anchors.Frame) []geom.Box32 {
	var all []geom.Box32
	for i := range f.Grids {
		g := &f.Grids[i]
		for k := range g.Len() {
			all = append(all, g.At(g.Place(g.First+k)))
		}
	}
	return all
}

// TestDetectron2Offset: the first anchor lies offset strides from the corner.
// detectron2's test_default_anchor_generator_centered has -30, -6, 34, 10 as
// the first anchor of the table above at an offset of ½: moved by ½·4 = 2.
func TestDetectron2Offset(t *testing.T) {
	l := anchors.New(preset(t, "retinanet-detectron2", func(p *anchors.Preset) {
		p.Resize.Rule, p.Pad = anchors.ResizeNone, 1
		p.Anchors.Offset = 0.5
		p.Anchors.Ratios = []float64{0.25}
		p.Anchors.Levels = []anchors.Level{{Stride: 4, Sizes: []float64{32}}}
	}))
	var f anchors.Frame
	l.Lay(&f, geom.Size{W: 4, H: 4})
	if got, want := boxes(&f), []geom.Box32{{X0: -30, Y0: -6, X1: 34, Y1: 10}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestDetectron2ShapesAreNotRounded: w = √(32²/½) = 45.2548340, h = w/2.
func TestDetectron2ShapesAreNotRounded(t *testing.T) {
	l := anchors.New(preset(t, "retinanet-detectron2"))
	want := [][2]float32{{22.627417, 11.3137085}, {16, 16}, {11.3137085, 22.627417}, {28.508760, 14.254380}}
	for k, w := range want {
		b := l.Box(0, k)
		if math.Abs(float64(b.X1-w[0])) > 1e-5 || math.Abs(float64(b.Y1-w[1])) > 1e-5 {
			t.Errorf("shape %d: got %v, want half sides %v", k, b, w)
		}
	}
}

// TestShapeNamesTheBox: the size and ratio that reports give a shape are those
// that its box was made of.
func TestShapeNamesTheBox(t *testing.T) {
	for _, c := range []struct {
		preset  string
		rounded float64 // px by which a side can differ
	}{{"retinanet-torchvision", 1}, {"retinanet-detectron2", 1e-4}} {
		p := preset(t, c.preset)
		l := anchors.New(p)
		for level, lv := range p.Anchors.Levels {
			seen := map[[2]float64]bool{}
			for k := range len(lv.Sizes) * len(p.Anchors.Ratios) {
				size, ratio := l.Shape(level, k)
				seen[[2]float64{size, ratio}] = true
				b := l.Box(level, k)
				w, h := size/math.Sqrt(ratio), size*math.Sqrt(ratio)
				if math.Abs(float64(b.Width())-w) > c.rounded || math.Abs(float64(b.Height())-h) > c.rounded {
					t.Errorf("%s, level %d, shape %d: size %g, ratio %g are %g x %g, the box is %v", c.preset, level, k, size, ratio, w, h, b)
				}
			}
			if len(seen) != len(lv.Sizes)*len(p.Anchors.Ratios) {
				t.Errorf("%s, level %d: %d pairs of size and ratio", c.preset, level, len(seen))
			}
		}
	}
}

// --- frames ---

// TestResize: 640 x 427 is the size that docs/methods.md, 2.1, works out.
//
//	torchvision       s = 800/427 = 1.8735363: 640·s = 1199.06, 427·s = 800
//	torchvision-0.14  float32(1/427)·800 falls short of s: 427·s = 799.99…
//	detectron2        1199.06 rounds to 1199
//	1000 x 400        800/400 = 2, 1333/1000 = 1.333: the long side decides:
//	                  400·1.333 = 533.2, rounded to 533 by all
//	1000 x 401        401·1.333 = 534.533: 534, rounded half up 535
func TestResize(t *testing.T) {
	for _, c := range []struct {
		rule     anchors.ResizeRule
		in, want geom.Size
	}{
		{anchors.ResizeTorchvision, geom.Size{W: 640, H: 427}, geom.Size{W: 1199, H: 800}},
		{anchors.ResizeTorchvision014, geom.Size{W: 640, H: 427}, geom.Size{W: 1199, H: 799}},
		{anchors.ResizeDetectron2, geom.Size{W: 640, H: 427}, geom.Size{W: 1199, H: 800}},
		{anchors.ResizeNone, geom.Size{W: 640, H: 427}, geom.Size{W: 640, H: 427}},
		{anchors.ResizeTorchvision, geom.Size{W: 427, H: 640}, geom.Size{W: 800, H: 1199}},
		{anchors.ResizeTorchvision014, geom.Size{W: 427, H: 640}, geom.Size{W: 799, H: 1199}},
		{anchors.ResizeDetectron2, geom.Size{W: 427, H: 640}, geom.Size{W: 800, H: 1199}},
		{anchors.ResizeTorchvision, geom.Size{W: 1000, H: 400}, geom.Size{W: 1333, H: 533}},
		{anchors.ResizeDetectron2, geom.Size{W: 1000, H: 400}, geom.Size{W: 1333, H: 533}},
		{anchors.ResizeTorchvision, geom.Size{W: 1000, H: 401}, geom.Size{W: 1333, H: 534}},
		{anchors.ResizeDetectron2, geom.Size{W: 1000, H: 401}, geom.Size{W: 1333, H: 535}},
		{anchors.ResizeTorchvision, geom.Size{W: 1, H: 1}, geom.Size{W: 800, H: 800}},
		{anchors.ResizeDetectron2, geom.Size{W: 1, H: 1}, geom.Size{W: 800, H: 800}},
	} {
		var f anchors.Frame
		l := anchors.New(preset(t, "retinanet-torchvision", func(p *anchors.Preset) { p.Resize.Rule = c.rule }))
		if !l.Lay(&f, c.in) || f.Resized != c.want || f.Image != c.in {
			t.Errorf("%s: %v became %v, want %v", c.rule, c.in, f.Resized, c.want)
		}
	}
}

// TestResizedToNothing: 10000 x 1 shrinks by 1333/10000, so that the short
// side becomes 0.1333 px, which all rules round to 0. 2665 x 1 leaves 0.5002,
// which only detectron2 rounds to 1.
func TestResizedToNothing(t *testing.T) {
	for _, c := range []struct {
		preset string
		in     geom.Size
		want   bool
	}{
		{"retinanet-torchvision", geom.Size{W: 10000, H: 1}, false},
		{"retinanet-torchvision-0.14", geom.Size{W: 10000, H: 1}, false},
		{"retinanet-detectron2", geom.Size{W: 10000, H: 1}, false},
		{"retinanet-torchvision", geom.Size{W: 1, H: 10000}, false},
		{"retinanet-detectron2", geom.Size{W: 1, H: 10000}, false},
		{"retinanet-torchvision", geom.Size{W: 2665, H: 1}, false},
		{"retinanet-detectron2", geom.Size{W: 2665, H: 1}, true},
		{"retinanet-torchvision", geom.Size{W: 1333, H: 1}, true}, // at a scale of 1
	} {
		var f anchors.Frame
		if got := anchors.New(preset(t, c.preset)).Lay(&f, c.in); got != c.want {
			t.Errorf("%s: %v: laid: %v as %v, want %v", c.preset, c.in, got, f.Resized, c.want)
		}
	}
}

// TestTooManyAnchors: 2^13 x 2^13 cells are 2^26 anchors, as many as an image
// may have; a row more is too much.
func TestTooManyAnchors(t *testing.T) {
	l := anchors.New(preset(t, "retinanet-torchvision", func(p *anchors.Preset) {
		p.Resize.Rule, p.Pad, p.Anchors.Ratios = anchors.ResizeNone, 1, []float64{1}
		p.Anchors.Levels = []anchors.Level{{Stride: 1, Sizes: []float64{8}}}
	}))
	var f anchors.Frame
	if l.Lay(&f, geom.Size{W: 1 << 13, H: 1<<13 + 1}) {
		t.Error("2^26 + 2^13 anchors are laid")
	}
	if !l.Lay(&f, geom.Size{W: 1 << 13, H: 1 << 13}) {
		t.Error("2^26 anchors are not laid")
	}
}

// TestPaddedStrides: rows by hand for 800 px, which needs no padding: 800/8 =
// 100, 50, 25 cells; 800/64 = 12.5: 13 cells of ⌊800/13⌋ = 61; 800/128 = 6.25:
// 7 cells of ⌊800/7⌋ = 114. Columns for 1199 px, padded to 1216: 152, 76, 38,
// 19 of 64 each; 1216/128 = 9.5: 10 of 121.
func TestPaddedStrides(t *testing.T) {
	type grid struct {
		rows, cols int
		y, x       float32
	}
	for _, c := range []struct {
		preset string
		want   []grid
	}{
		{"retinanet-torchvision", []grid{{100, 152, 8, 8}, {50, 76, 16, 16}, {25, 38, 32, 32}, {13, 19, 61, 64}, {7, 10, 114, 121}}},
		{"retinanet-detectron2", []grid{{100, 152, 8, 8}, {50, 76, 16, 16}, {25, 38, 32, 32}, {13, 19, 64, 64}, {7, 10, 128, 128}}},
	} {
		var f anchors.Frame
		if !anchors.New(preset(t, c.preset)).Lay(&f, geom.Size{W: 640, H: 427}) {
			t.Fatal("not laid")
		}
		if want := (geom.Size{W: 1216, H: 800}); f.Padded != want {
			t.Errorf("%s: padded to %v, want %v", c.preset, f.Padded, want)
		}
		n := 0
		var got []grid
		for _, g := range f.Grids {
			got = append(got, grid{g.Rows, g.Cols, g.StrideY, g.StrideX})
			if g.First != n || len(g.Shapes) != 9 || g.OffsetX != 0 || g.OffsetY != 0 {
				t.Errorf("%s: grid %+v, expected it to begin at %d with 9 shapes", c.preset, g, n)
			}
			n += g.Rows * g.Cols * 9
		}
		if !slices.Equal(got, c.want) || f.Len != n {
			t.Errorf("%s: %d anchors, got %v, want %v", c.preset, f.Len, got, c.want)
		}
	}
}

// TestLayReusesItsFrame: a frame that has held another image is as good as new.
func TestLayReusesItsFrame(t *testing.T) {
	l := anchors.New(preset(t, anchors.Default))
	var used, fresh anchors.Frame
	l.Lay(&used, geom.Size{W: 1280, H: 720})
	l.Lay(&used, geom.Size{W: 640, H: 427})
	l.Lay(&fresh, geom.Size{W: 640, H: 427})
	if used.Len != fresh.Len || used.Padded != fresh.Padded || len(used.Grids) != len(fresh.Grids) || used.Grids[4].First != fresh.Grids[4].First {
		t.Errorf("reused %+v, fresh %+v", used, fresh)
	}
}

// --- annotations ---

// frame lays an image of 100 x 50 px that is resized by the factor 2 exactly.
func frame(t testing.TB, name string) (*anchors.Layout, *anchors.Frame) {
	t.Helper()
	l := anchors.New(preset(t, name, func(p *anchors.Preset) { p.Resize.Short, p.Resize.Long = 100, 200 }))
	var f anchors.Frame
	if !l.Lay(&f, geom.Size{W: 100, H: 50}) || f.Resized != (geom.Size{W: 200, H: 100}) {
		t.Fatalf("laid as %v", f.Resized)
	}
	return l, &f
}

// TestPlace: by hand from the rules that docs/methods.md, 2.2, cites; the image
// is 100 x 50 px and everything is doubled.
func TestPlace(t *testing.T) {
	rect := func(x, y, w, h float64) anchors.Annotation {
		return anchors.Annotation{Box: geom.Rect{X: x, Y: y, W: w, H: h}}
	}
	with := func(a anchors.Annotation, change func(*anchors.Annotation)) anchors.Annotation {
		change(&a)
		return a
	}
	whole := geom.Box32{X0: 20, Y0: 20, X1: 60, Y1: 40}
	for _, c := range []struct {
		name         string
		in           anchors.Annotation
		tv, d2       geom.Box32
		tvWhy, d2Why anchors.Drop
	}{
		{name: "inside", in: rect(10, 10, 20, 10), tv: whole, d2: whole},
		{name: "clipped at the left and top", in: rect(-10, -5, 20, 10),
			tv: geom.Box32{X1: 20, Y1: 10}, d2: geom.Box32{X1: 20, Y1: 10}},
		{name: "clipped at the right and bottom", in: rect(90, 45, 20, 10),
			tv: geom.Box32{X0: 180, Y0: 90, X1: 200, Y1: 100}, d2: geom.Box32{X0: 180, Y0: 90, X1: 200, Y1: 100}},
		{name: "outside", in: rect(100, 0, 10, 10), tvWhy: anchors.DropNoArea, d2Why: anchors.DropNoArea},
		{name: "no width", in: rect(10, 10, 0, 10), tvWhy: anchors.DropNoArea, d2Why: anchors.DropNoArea},
		{name: "negative width", in: rect(30, 10, -20, 10), tvWhy: anchors.DropNoArea, d2: whole},
		{name: "negative height", in: rect(10, 20, 20, -10), tvWhy: anchors.DropNoArea, d2: whole},
		{name: "crowd", in: with(rect(10, 10, 20, 10), func(a *anchors.Annotation) { a.Crowd = true }),
			tvWhy: anchors.DropCrowd, d2Why: anchors.DropCrowd},
		{name: "ignore", in: with(rect(10, 10, 20, 10), func(a *anchors.Annotation) { a.Ignore = true }),
			tv: whole, d2Why: anchors.RefuseIgnore},
		{name: "no valid polygon", in: with(rect(10, 10, 20, 10), func(a *anchors.Annotation) { a.NoValidPolygon = true }),
			tv: whole, d2Why: anchors.DropNoPolygon},
		{name: "an ignored crowd stops detectron2", in: with(rect(10, 10, 20, 10), func(a *anchors.Annotation) { a.Crowd, a.Ignore = true, true }),
			tvWhy: anchors.DropCrowd, d2Why: anchors.RefuseIgnore},
		// 4e-6 px doubled are 8e-6: not more than detectron2's 1e-5.
		{name: "tiny", in: rect(0, 10, 4e-6, 10),
			tv: geom.Box32{Y0: 20, X1: 8e-6, Y1: 40}, d2Why: anchors.DropTiny},
		{name: "just not tiny", in: rect(0, 10, 6e-6, 10),
			tv: geom.Box32{Y0: 20, X1: 1.2e-5, Y1: 40}, d2: geom.Box32{Y0: 20, X1: 1.2e-5, Y1: 40}},
		// at 64 px the neighbours of a float32 are 2^-17 = 7.6e-6 apart: 1e-6 is lost
		{name: "lost in float32", in: rect(64, 10, 1e-6, 10), tvWhy: anchors.DropNoArea, d2Why: anchors.DropNoArea},
		{name: "huge", in: rect(-1e300, -1e300, 1e300, 1e300), tvWhy: anchors.DropNoArea, d2Why: anchors.DropNoArea},
		{name: "huge width", in: rect(10, 10, 1e300, 1e300),
			tv: geom.Box32{X0: 20, Y0: 20, X1: 200, Y1: 100}, d2: geom.Box32{X0: 20, Y0: 20, X1: 200, Y1: 100}},
		{name: "huge negative width", in: rect(10, 10, -1e300, 10), tvWhy: anchors.DropNoArea,
			d2: geom.Box32{X0: 0, Y0: 20, X1: 20, Y1: 40}},
	} {
		t.Run(c.name, func(t *testing.T) {
			check := func(name string, want geom.Box32, why anchors.Drop) {
				l, f := frame(t, name)
				if got, gotWhy := l.Place(f, c.in); got != want.Wide() || gotWhy != why {
					t.Errorf("%s: got %v %q, want %v %q", name, got, gotWhy, want, why)
				}
			}
			check("retinanet-torchvision", c.tv, c.tvWhy)
			check("retinanet-detectron2", c.d2, c.d2Why)
		})
	}
}

// TestPlaceDegenerate: torchvision drops by the area before it resizes, so a
// box can lose it afterwards, and there it stops with a ValueError. 1e-45 px,
// float32's least, times 800/1600 is 0.
func TestPlaceDegenerate(t *testing.T) {
	l := anchors.New(preset(t, "retinanet-torchvision"))
	var f anchors.Frame
	l.Lay(&f, geom.Size{W: 1600, H: 1600})
	a := anchors.Annotation{Box: geom.Rect{W: math.SmallestNonzeroFloat32, H: 10}}
	if got, why := l.Place(&f, a); why != anchors.RefuseNoArea || !why.Refused() {
		t.Errorf("got %v %q, want %q", got, why, anchors.RefuseNoArea)
	}
}

// TestPlaceKeras: by hand from preprocessing/coco.py and filter_annotations; the
// image is 100 × 50 px, and the one scale is 2.
func TestPlaceKeras(t *testing.T) {
	l, f := frame(t, "retinanet-keras")
	for _, c := range []struct {
		name string
		in   anchors.Annotation
		want geom.Box
		why  anchors.Drop
	}{
		{"inside", anchors.Annotation{Box: geom.Rect{X: 10.1, Y: 10, W: 20, H: 10}}, geom.Box{X0: 2 * 10.1, Y0: 20, X1: 2 * (10.1 + 20), Y1: 40}, anchors.Kept},
		{"to the edges", anchors.Annotation{Box: geom.Rect{W: 100, H: 50}}, geom.Box{X1: 200, Y1: 100}, anchors.Kept},
		{"beyond the right edge by little", anchors.Annotation{Box: geom.Rect{X: 90, Y: 10, W: 10.01, H: 10}}, geom.Box{}, anchors.DropSticksOut},
		{"beyond the left edge", anchors.Annotation{Box: geom.Rect{X: -0.5, Y: 10, W: 10, H: 10}}, geom.Box{}, anchors.DropSticksOut},
		{"a detection beyond the right edge", anchors.Annotation{Box: geom.Rect{X: 90, Y: 10, W: 20, H: 10}, Detection: true}, geom.Box{X0: 180, Y0: 20, X1: 200, Y1: 40}, anchors.Kept},
		{"a detection outside", anchors.Annotation{Box: geom.Rect{X: 110, Y: 10, W: 20, H: 10}, Detection: true}, geom.Box{}, anchors.DropNoArea},
		{"narrow", anchors.Annotation{Box: geom.Rect{X: 10, Y: 10, W: 0.99, H: 10}}, geom.Box{}, anchors.DropUnder1},
		{"crowd", anchors.Annotation{Box: geom.Rect{X: 10, Y: 10, W: 9, H: 10}, Crowd: true}, geom.Box{}, anchors.DropCrowd},
		{"no class", anchors.Annotation{Box: geom.Rect{X: 10, Y: 10, W: 9, H: 10}, NoClass: true}, geom.Box{}, anchors.RefuseNoClass},
	} {
		if got, why := l.Place(f, c.in); got != c.want || why != c.why {
			t.Errorf("%s: got %v %q, want %v %q", c.name, got, why, c.want, c.why)
		}
	}
}

// TestPlaceYOLO: by hand from the conversion to label files and verify_image_label; an
// image of 320 × 160 px is doubled, and moved down by 160 px into the square. Half
// and quarter parts are exact in float32.
func TestPlaceYOLO(t *testing.T) {
	l := anchors.New(preset(t, "yolov5"))
	var f anchors.Frame
	if !l.Lay(&f, geom.Size{W: 320, H: 160}) || f.Resized != (geom.Size{W: 640, H: 320}) || f.Padded != (geom.Size{W: 640, H: 640}) || f.Top != 160 || f.Left != 0 {
		t.Fatalf("laid as %+v", f)
	}
	for _, c := range []struct {
		name string
		in   anchors.Annotation
		want geom.Box
		why  anchors.Drop
	}{
		{"inside", anchors.Annotation{Box: geom.Rect{X: 80, Y: 40, W: 160, H: 80}}, geom.Box{X0: 160, Y0: 240, X1: 480, Y1: 400}, anchors.Kept},
		{"over the left edge", anchors.Annotation{Box: geom.Rect{X: -20, Y: 40, W: 80, H: 80}}, geom.Box{X0: 0, Y0: 240, X1: 120, Y1: 400}, anchors.Kept},
		{"centred outside", anchors.Annotation{Box: geom.Rect{X: -60, Y: 40, W: 80, H: 80}}, geom.Box{}, anchors.RefuseImage},
		{"wider than the image", anchors.Annotation{Box: geom.Rect{X: -20, Y: 40, W: 380, H: 80}}, geom.Box{}, anchors.RefuseImage},
		{"a detection wider than the image", anchors.Annotation{Box: geom.Rect{X: -20, Y: 40, W: 260, H: 80}, Detection: true}, geom.Box{X0: 0, Y0: 240, X1: 480, Y1: 400}, anchors.Kept},
		{"no width", anchors.Annotation{Box: geom.Rect{X: 20, Y: 40, W: 0, H: 80}}, geom.Box{}, anchors.DropNoArea},
		{"crowd", anchors.Annotation{Box: geom.Rect{X: -90, Y: 10, W: 9, H: 10}, Crowd: true}, geom.Box{}, anchors.DropCrowd},
	} {
		got, why := l.Place(&f, c.in)
		for i, x := range [4]float64{got.X0 - c.want.X0, got.Y0 - c.want.Y0, got.X1 - c.want.X1, got.Y1 - c.want.Y1} {
			if math.Abs(x) > 1e-4 || why != c.why {
				t.Errorf("%s: got %v %q, want %v %q (corner %d)", c.name, got, why, c.want, c.why, i)
			}
		}
		if back := f.Back(c.want); why == anchors.Kept && math.Abs(back.X0-max(0, c.in.Box.X)) > 1e-3 {
			t.Errorf("%s: %v lies at %v in the image", c.name, c.want, back)
		}
	}
}

// TestKerasSizes: cv2.resize rounds halves to even: 1001 × 640 px times 800/640 are
// 1251.25 × 800, 401 × 320 are 1002.5 × 800, of which 1002 is even.
func TestKerasSizes(t *testing.T) {
	l := anchors.New(preset(t, "retinanet-keras"))
	for _, c := range []struct{ in, want geom.Size }{
		{geom.Size{W: 1001, H: 640}, geom.Size{W: 1251, H: 800}},
		{geom.Size{W: 401, H: 320}, geom.Size{W: 1002, H: 800}},
		{geom.Size{W: 2000, H: 500}, geom.Size{W: 1333, H: 333}}, // the long side is the limit: 0.6665 times 500 are 333.25
	} {
		var f anchors.Frame
		if l.Lay(&f, c.in); f.Resized != c.want || f.Padded != c.want {
			t.Errorf("%v: got %v, padded to %v, want %v and no padding", c.in, f.Resized, f.Padded, c.want)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		drop anchors.Drop
		want bool
	}{
		{anchors.Kept, false}, {anchors.DropCrowd, false}, {anchors.DropNoArea, false}, {anchors.DropNoPolygon, false},
		{anchors.DropTiny, false}, {anchors.RefuseIgnore, true}, {anchors.RefuseNoArea, true},
		{anchors.DropSticksOut, false}, {anchors.DropRepeated, false}, {anchors.RefuseNoClass, true}, {anchors.RefuseImage, true},
	} {
		if c.drop.Refused() != c.want {
			t.Errorf("%q.Refused() = %v", c.drop, !c.want)
		}
	}
}

// coordinate draws numbers of every size that a file can hold.
func coordinate() *rapid.Generator[float64] {
	return rapid.OneOf(
		rapid.Float64Range(-3000, 3000),
		rapid.Map(rapid.IntRange(-3000, 3000), func(n int) float64 { return float64(n) }),
		rapid.Float64Range(-1e-4, 1e-4),
		rapid.SampledFrom([]float64{0, 1e300, -1e300, math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, math.MaxFloat32, 1e-45}),
	)
}

// TestPlacedBoxesLieInTheImage: whatever the file says, a box that is kept has
// an area and lies in the resized image, and one that is dropped is zero.
func TestPlacedBoxesLieInTheImage(t *testing.T) {
	for _, name := range anchors.Names() {
		l := anchors.New(preset(t, name))
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				side := rapid.IntRange(1, 3000)
				var f anchors.Frame
				if !l.Lay(&f, geom.Size{W: side.Draw(t, "width"), H: side.Draw(t, "height")}) {
					t.Skip("no frame")
				}
				c := coordinate()
				a := anchors.Annotation{
					Box:   geom.Rect{X: c.Draw(t, "x"), Y: c.Draw(t, "y"), W: c.Draw(t, "w"), H: c.Draw(t, "h")},
					Crowd: rapid.Bool().Draw(t, "crowd") && rapid.Bool().Draw(t, "really"),
				}
				b, why := l.Place(&f, a)
				switch {
				case why != anchors.Kept:
					if b != (geom.Box{}) {
						t.Fatalf("dropped as %q, but placed at %v", why, b)
					}
				case a.Crowd:
					t.Fatal("a crowd was kept")
				case l.Preset().Boxes == anchors.YOLOBoxes && b.Width() >= 0 && b.Height() >= 0:
					// yolov5 keeps boxes of which clipping leaves nothing; corners are those of a float32 centre and sides
					if e := 1e-4; !(b.X0 >= -e && b.Y0 >= -e && b.X1 <= 640+e && b.Y1 <= 640+e) {
						t.Fatalf("%v is not within %v", b, f.Padded)
					}
				case !(b.Width() > 0 && b.Height() > 0): // false for NaN
					t.Fatalf("kept without an area: %v", b)
				case !(b.X0 >= 0 && b.Y0 >= 0 && b.X1 <= limit(l, f.Resized.W) && b.Y1 <= limit(l, f.Resized.H)):
					t.Fatalf("%v is not within %v", b, f.Resized)
				}
			})
		})
	}
}

// limit is the greatest coordinate along a side: detectron2 clips in the
// resized image. torchvision clips before it resizes, and
// width·(resized/width) in float32 can come out an ulp or two above resized.
func limit(l *anchors.Layout, side int) float64 {
	if l.Preset().Boxes == anchors.Detectron2Boxes {
		return float64(side)
	}
	return float64(side) * (1 + 2.0/(1<<23))
}

// TestPlaceScales: without clipping, a box's corners are those of the
// annotation times the ratio of the sides, to float32.
func TestPlaceScales(t *testing.T) {
	for _, name := range anchors.Names() {
		l := anchors.New(preset(t, name))
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				side := rapid.IntRange(200, 2000)
				var f anchors.Frame
				l.Lay(&f, geom.Size{W: side.Draw(t, "width"), H: side.Draw(t, "height")})
				at, long := rapid.Float64Range(0, 100), rapid.Float64Range(1, 100)
				r := geom.Rect{X: at.Draw(t, "x"), Y: at.Draw(t, "y"), W: long.Draw(t, "w"), H: long.Draw(t, "h")}
				got, why := l.Place(&f, anchors.Annotation{Box: r})
				sx, sy, e := float64(f.Content.W)/float64(f.Image.W), float64(f.Content.H)/float64(f.Image.H), 1e-6
				switch l.Preset().Boxes {
				case anchors.KerasBoxes: // one scale for both sides, whatever these are rounded to
					sx = min(800/float64(min(f.Image.W, f.Image.H)), 1333/float64(max(f.Image.W, f.Image.H)))
					sy = sx
				case anchors.YOLOBoxes: // float32 as parts of 640 px; the scale is not of the side as it is rounded
					e = 640.0/(1<<22) + 0.5/float64(min(f.Image.W, f.Image.H))
				}
				want := [4]float64{f.Left + r.X*sx, f.Top + r.Y*sy, f.Left + (r.X+r.W)*sx, f.Top + (r.Y+r.H)*sy}
				for i, x := range [4]float64{got.X0, got.Y0, got.X1, got.Y1} {
					if math.Abs(x-want[i]) > e*(1+want[i]) || why != anchors.Kept {
						t.Fatalf("%v became %v %q, want %v", r, got, why, want)
					}
				}
			})
		})
	}
}
