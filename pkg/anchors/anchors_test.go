package anchors_test

import (
	"math"
	"slices"
	"testing"

	"focalaudit/pkg/anchors"
	"focalaudit/pkg/geom"
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

func spec(p trainer.Preset) anchors.Spec { return p.Spec() }

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
	l := anchors.New(spec(preset(t, "retinanet-torchvision")))
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
	l := anchors.New(spec(preset(t, "retinanet-detectron2", func(p *trainer.Preset) {
		p.Resize.Rule, p.Pad = anchors.ResizeNone, 1
		p.Anchors.Ratios = []float64{0.25, 1, 4}
		p.Anchors.Levels = []anchors.Level{{Stride: 4, Sizes: []float64{32, 64}}}
	})))
	var f anchors.Frame
	if l.Lay(&f, geom.Size{W: 8, H: 4}) != anchors.Laid {
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
	l := anchors.New(spec(preset(t, "retinanet-detectron2", func(p *trainer.Preset) {
		p.Resize.Rule, p.Pad = anchors.ResizeNone, 1
		p.Anchors.Offset = 0.5
		p.Anchors.Ratios = []float64{0.25}
		p.Anchors.Levels = []anchors.Level{{Stride: 4, Sizes: []float64{32}}}
	})))
	var f anchors.Frame
	l.Lay(&f, geom.Size{W: 4, H: 4})
	if got, want := boxes(&f), []geom.Box32{{X0: -30, Y0: -6, X1: 34, Y1: 10}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestDetectron2ShapesAreNotRounded: w = √(32²/½) = 45.2548340, h = w/2.
func TestDetectron2ShapesAreNotRounded(t *testing.T) {
	l := anchors.New(spec(preset(t, "retinanet-detectron2")))
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
		l := anchors.New(p.Spec())
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
		l := anchors.New(spec(preset(t, "retinanet-torchvision", func(p *trainer.Preset) { p.Resize.Rule = c.rule })))
		if l.Lay(&f, c.in) != anchors.Laid || f.Resized != c.want || f.Image != c.in {
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
		if got := anchors.New(spec(preset(t, c.preset))).Lay(&f, c.in) == anchors.Laid; got != c.want {
			t.Errorf("%s: %v: laid: %v as %v, want %v", c.preset, c.in, got, f.Resized, c.want)
		}
	}
}

// TestTooManyAnchors: 2^13 x 2^13 cells are 2^26 anchors, as many as an image
// may have; a row more is too much.
func TestTooManyAnchors(t *testing.T) {
	l := anchors.New(spec(preset(t, "retinanet-torchvision", func(p *trainer.Preset) {
		p.Resize.Rule, p.Pad, p.Anchors.Ratios = anchors.ResizeNone, 1, []float64{1}
		p.Anchors.Levels = []anchors.Level{{Stride: 1, Sizes: []float64{8}}}
	})))
	var f anchors.Frame
	if l.Lay(&f, geom.Size{W: 1 << 13, H: 1<<13 + 1}) != anchors.Huge {
		t.Error("2^26 + 2^13 anchors are laid")
	}
	if l.Lay(&f, geom.Size{W: 1 << 13, H: 1 << 13}) != anchors.Laid {
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
		if anchors.New(spec(preset(t, c.preset))).Lay(&f, geom.Size{W: 640, H: 427}) != anchors.Laid {
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
	l := anchors.New(spec(preset(t, trainer.Default)))
	var used, fresh anchors.Frame
	l.Lay(&used, geom.Size{W: 1280, H: 720})
	l.Lay(&used, geom.Size{W: 640, H: 427})
	l.Lay(&fresh, geom.Size{W: 640, H: 427})
	if used.Len != fresh.Len || used.Padded != fresh.Padded || len(used.Grids) != len(fresh.Grids) || used.Grids[4].First != fresh.Grids[4].First {
		t.Errorf("reused %+v, fresh %+v", used, fresh)
	}
}
