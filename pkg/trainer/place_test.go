package trainer_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"focalaudit/pkg/anchors"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/trainer"
)

// build makes a preset ready.
func build(t testing.TB, p trainer.Preset) *trainer.Trainer {
	t.Helper()
	of, err := trainer.New(p)
	if err != nil {
		t.Fatal(err)
	}
	return of
}

// frame lays an image of 100 x 50 px that is resized by the factor 2 exactly.
func frame(t testing.TB, name string) (*trainer.Trainer, *anchors.Frame) {
	t.Helper()
	l := build(t, preset(t, name, func(p *trainer.Preset) { p.Resize.Short, p.Resize.Long = 100, 200 }))
	var f anchors.Frame
	if l.Layout.Lay(&f, geom.Size{W: 100, H: 50}) != anchors.Laid || f.Resized != (geom.Size{W: 200, H: 100}) {
		t.Fatalf("laid as %v", f.Resized)
	}
	return l, &f
}

// TestPlace: by hand from the rules that docs/methods.md, 2.2, cites; the image
// is 100 x 50 px and everything is doubled.
func TestPlace(t *testing.T) {
	rect := func(x, y, w, h float64) trainer.Annotation {
		return trainer.Annotation{Box: geom.Rect{X: x, Y: y, W: w, H: h}}
	}
	with := func(a trainer.Annotation, change func(*trainer.Annotation)) trainer.Annotation {
		change(&a)
		return a
	}
	crowd := func(a *trainer.Annotation) { a.Crowd, a.CrowdValue = true, dataset.FlagTrue }
	ignore := func(a *trainer.Annotation) { a.Ignore, a.IgnoreValue = true, dataset.FlagTrue }
	whole := geom.Box32{X0: 20, Y0: 20, X1: 60, Y1: 40}
	for _, c := range []struct {
		name         string
		in           trainer.Annotation
		tv, d2       geom.Box32
		tvWhy, d2Why trainer.Drop
	}{
		{name: "inside", in: rect(10, 10, 20, 10), tv: whole, d2: whole},
		{name: "clipped at the left and top", in: rect(-10, -5, 20, 10),
			tv: geom.Box32{X1: 20, Y1: 10}, d2: geom.Box32{X1: 20, Y1: 10}},
		{name: "clipped at the right and bottom", in: rect(90, 45, 20, 10),
			tv: geom.Box32{X0: 180, Y0: 90, X1: 200, Y1: 100}, d2: geom.Box32{X0: 180, Y0: 90, X1: 200, Y1: 100}},
		{name: "outside", in: rect(100, 0, 10, 10), tvWhy: trainer.DropNoArea, d2Why: trainer.DropNoArea},
		{name: "no width", in: rect(10, 10, 0, 10), tvWhy: trainer.DropNoArea, d2Why: trainer.DropNoArea},
		{name: "negative width", in: rect(30, 10, -20, 10), tvWhy: trainer.DropNoArea, d2: whole},
		{name: "negative height", in: rect(10, 20, 20, -10), tvWhy: trainer.DropNoArea, d2: whole},
		{name: "crowd", in: with(rect(10, 10, 20, 10), crowd),
			tvWhy: trainer.DropCrowd, d2Why: trainer.DropCrowd},
		{name: "ignore", in: with(rect(10, 10, 20, 10), ignore),
			tv: whole, d2Why: trainer.RefuseIgnore},
		{name: "no valid polygon", in: with(rect(10, 10, 20, 10), func(a *trainer.Annotation) { a.NoValidPolygon = true }),
			tv: whole, d2Why: trainer.DropNoPolygon},
		{name: "an ignored crowd stops detectron2", in: with(rect(10, 10, 20, 10), func(a *trainer.Annotation) { crowd(a); ignore(a) }),
			tvWhy: trainer.DropCrowd, d2Why: trainer.RefuseIgnore},
		// 4e-6 px doubled are 8e-6: not more than detectron2's 1e-5.
		{name: "tiny", in: rect(0, 10, 4e-6, 10),
			tv: geom.Box32{Y0: 20, X1: 8e-6, Y1: 40}, d2Why: trainer.DropTiny},
		{name: "just not tiny", in: rect(0, 10, 6e-6, 10),
			tv: geom.Box32{Y0: 20, X1: 1.2e-5, Y1: 40}, d2: geom.Box32{Y0: 20, X1: 1.2e-5, Y1: 40}},
		// at 64 px the neighbours of a float32 are 2^-17 = 7.6e-6 apart: 1e-6 is lost
		{name: "lost in float32", in: rect(64, 10, 1e-6, 10), tvWhy: trainer.DropNoArea, d2Why: trainer.DropNoArea},
		{name: "huge", in: rect(-1e300, -1e300, 1e300, 1e300), tvWhy: trainer.DropNoArea, d2Why: trainer.DropNoArea},
		{name: "huge width", in: rect(10, 10, 1e300, 1e300),
			tv: geom.Box32{X0: 20, Y0: 20, X1: 200, Y1: 100}, d2: geom.Box32{X0: 20, Y0: 20, X1: 200, Y1: 100}},
		{name: "huge negative width", in: rect(10, 10, -1e300, 10), tvWhy: trainer.DropNoArea,
			d2: geom.Box32{X0: 0, Y0: 20, X1: 20, Y1: 40}},
	} {
		t.Run(c.name, func(t *testing.T) {
			check := func(name string, want geom.Box32, why trainer.Drop) {
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

// TestPlaceIntegers: detectron2 cuts the fractions of corners off where all numbers of a
// box are integers. The numbers are its own, from runs of its code.
func TestPlaceIntegers(t *testing.T) {
	l := build(t, preset(t, "retinanet-detectron2"))
	small, large := geom.Size{W: 640, H: 480}, geom.Size{W: 4000, H: 3000}
	for _, c := range []struct {
		image geom.Size
		in    geom.Rect
		want  geom.Box32
		why   trainer.Drop
	}{
		{small, geom.Rect{X: 100, Y: 100, W: 100, H: 80}, geom.Box32{X0: 166, Y0: 166, X1: 333, Y1: 300}, trainer.Kept},
		{small, geom.Rect{X: 600, Y: 100, W: 100, H: 80}, geom.Box32{X0: 1000, Y0: 166, X1: 1067, Y1: 300}, trainer.Kept},
		{small, geom.Rect{X: 200, Y: 100, W: -100, H: 80}, geom.Box32{X0: 166, Y0: 166, X1: 333, Y1: 300}, trainer.Kept},
		{small, geom.Rect{X: -3, Y: -3, W: 100, H: 80}, geom.Box32{X1: 161, Y1: 128}, trainer.Kept},
		{small, geom.Rect{X: 10, Y: 10, W: 1, H: 1}, geom.Box32{X0: 16, Y0: 16, X1: 18, Y1: 18}, trainer.Kept},
		{small, geom.Rect{X: math.Copysign(0, -1), Y: 100, W: 100, H: 80}, geom.Box32{Y0: 166, X1: 166, Y1: 300}, trainer.Kept},
		{large, geom.Rect{X: 10, Y: 100, W: 1, H: 5}, geom.Box32{}, trainer.DropTruncated},
		{large, geom.Rect{X: 11, Y: 100, W: 1, H: 5}, geom.Box32{X0: 2, Y0: 26, X1: 3, Y1: 28}, trainer.Kept},
		{large, geom.Rect{X: 12, Y: 100, W: 1, H: 5}, geom.Box32{}, trainer.DropTruncated},
		{large, geom.Rect{X: 15, Y: 100, W: 1, H: 5}, geom.Box32{}, trainer.DropTruncated},
		{large, geom.Rect{X: 5000, Y: 100, W: 10, H: 5}, geom.Box32{}, trainer.DropNoArea},
		{large, geom.Rect{X: 10, Y: 100, W: 0, H: 5}, geom.Box32{}, trainer.DropNoArea},
		{small, geom.Rect{X: 10, Y: 100, W: 1 << 63, H: 5}, geom.Box32{}, trainer.RefuseHuge},
		{small, geom.Rect{X: 10, Y: -1e19, W: 5, H: 5}, geom.Box32{}, trainer.RefuseHuge},
		// x + w wraps to the least int64, and 3·2^61 resized is beyond int64 and becomes the least
		{small, geom.Rect{X: 1 << 62, Y: 100, W: 1 << 62, H: 80}, geom.Box32{Y0: 166, X1: 1067, Y1: 300}, trainer.Kept},
		{small, geom.Rect{X: 100, Y: 100, W: 3 << 61, H: 80}, geom.Box32{Y0: 166, X1: 166, Y1: 300}, trainer.Kept},
	} {
		var f anchors.Frame
		l.Layout.Lay(&f, c.image)
		got, why := l.Place(&f, trainer.Annotation{Box: c.in, IntegerBox: true})
		if got != c.want.Wide() || why != c.why {
			t.Errorf("%v in %v: got %v %q, want %v %q", c.in, c.image, got, why, c.want, c.why)
		}
	}
	var f anchors.Frame
	l.Layout.Lay(&f, small)
	float := geom.Box32{X0: 166.71875, Y0: 166.666672, X1: 333.4375, Y1: 300}
	if got, _ := l.Place(&f, trainer.Annotation{Box: geom.Rect{X: 100, Y: 100, W: 100, H: 80}}); got != float.Wide() {
		t.Errorf("floats: got %v, want %v", got, float)
	}
}

// TestPlaceFlags: what becomes of an annotation by the values of iscrowd and ignore, as
// Python's comparison or truth has them.
func TestPlaceFlags(t *testing.T) {
	const none, crowd, misread, ignored, stops = "", "crowd", "flag-misread", "ignore", "ignore-refused"
	loaders := []string{"retinanet-torchvision", "retinanet-detectron2", "retinanet-mmdet", "retinanet-keras", "yolov5"}
	for _, c := range []struct {
		name         string
		set          bool
		iscrowd      dataset.FlagValue
		want         [5]string
		ignored      bool
		ignore       dataset.FlagValue
		wantOfIgnore [5]string
	}{
		{name: "absent"},
		{name: "0", iscrowd: dataset.FlagZero, ignore: dataset.FlagZero},
		{name: "1", set: true, iscrowd: dataset.FlagTrue, want: [5]string{crowd, crowd, crowd, crowd, crowd},
			ignored: true, ignore: dataset.FlagTrue, wantOfIgnore: [5]string{none, stops, ignored, none, none}},
		{name: "text 0", iscrowd: dataset.FlagTrue, want: [5]string{misread, misread, misread, misread, misread},
			ignore: dataset.FlagTrue, wantOfIgnore: [5]string{none, stops, misread, none, none}},
		{name: "null", iscrowd: dataset.FlagEmpty, want: [5]string{misread, misread, none, misread, none},
			ignore: dataset.FlagEmpty, wantOfIgnore: [5]string{none, stops, none, none, none}},
		{name: "is_crowd", set: true, want: [5]string{crowd, none, none, crowd, none}},
	} {
		for i, name := range loaders {
			l := build(t, preset(t, name))
			f := &anchors.Frame{}
			l.Layout.Lay(f, geom.Size{W: 640, H: 480})
			box := geom.Rect{X: 10, Y: 10, W: 20, H: 10}
			a := trainer.Annotation{Box: box, Crowd: c.set, CrowdValue: c.iscrowd}
			if _, why := l.Place(f, a); why.String() != c.want[i] {
				t.Errorf("iscrowd %s, %s: got %q, want %q", c.name, name, why, c.want[i])
			}
			a = trainer.Annotation{Box: box, Ignore: c.ignored, IgnoreValue: c.ignore}
			if _, why := l.Place(f, a); why.String() != c.wantOfIgnore[i] {
				t.Errorf("ignore %s, %s: got %q, want %q", c.name, name, why, c.wantOfIgnore[i])
			}
		}
	}
}

// TestPlaceDegenerate: torchvision drops by the area before it resizes, so a
// box can lose it afterwards, and there it stops with a ValueError. 1e-45 px,
// float32's least, times 800/1600 is 0.
func TestPlaceDegenerate(t *testing.T) {
	l := build(t, preset(t, "retinanet-torchvision"))
	var f anchors.Frame
	l.Layout.Lay(&f, geom.Size{W: 1600, H: 1600})
	a := trainer.Annotation{Box: geom.Rect{W: math.SmallestNonzeroFloat32, H: 10}}
	if got, why := l.Place(&f, a); why != trainer.RefuseNoArea || !why.Refused() {
		t.Errorf("got %v %q, want %q", got, why, trainer.RefuseNoArea)
	}
}

// TestPlaceKeras: by hand from preprocessing/coco.py and filter_annotations; the
// image is 100 × 50 px, and the one scale is 2.
func TestPlaceKeras(t *testing.T) {
	l, f := frame(t, "retinanet-keras")
	for _, c := range []struct {
		name string
		in   trainer.Annotation
		want geom.Box
		why  trainer.Drop
	}{
		{"inside", trainer.Annotation{Box: geom.Rect{X: 10.1, Y: 10, W: 20, H: 10}}, geom.Box{X0: 2 * 10.1, Y0: 20, X1: 2 * (10.1 + 20), Y1: 40}, trainer.Kept},
		{"to the edges", trainer.Annotation{Box: geom.Rect{W: 100, H: 50}}, geom.Box{X1: 200, Y1: 100}, trainer.Kept},
		{"beyond the right edge by little", trainer.Annotation{Box: geom.Rect{X: 90, Y: 10, W: 10.01, H: 10}}, geom.Box{}, trainer.DropSticksOut},
		{"beyond the left edge", trainer.Annotation{Box: geom.Rect{X: -0.5, Y: 10, W: 10, H: 10}}, geom.Box{}, trainer.DropSticksOut},
		{"a detection beyond the right edge", trainer.Annotation{Box: geom.Rect{X: 90, Y: 10, W: 20, H: 10}, Detection: true}, geom.Box{X0: 180, Y0: 20, X1: 200, Y1: 40}, trainer.Kept},
		{"a detection outside", trainer.Annotation{Box: geom.Rect{X: 110, Y: 10, W: 20, H: 10}, Detection: true}, geom.Box{}, trainer.DropNoArea},
		{"narrow", trainer.Annotation{Box: geom.Rect{X: 10, Y: 10, W: 0.99, H: 10}}, geom.Box{}, trainer.DropUnder1},
		{"crowd", trainer.Annotation{Box: geom.Rect{X: 10, Y: 10, W: 9, H: 10}, Crowd: true, CrowdValue: dataset.FlagTrue}, geom.Box{}, trainer.DropCrowd},
		{"no class", trainer.Annotation{Box: geom.Rect{X: 10, Y: 10, W: 9, H: 10}, NoClass: true}, geom.Box{}, trainer.RefuseNoClass},
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
	l := build(t, preset(t, "yolov5"))
	var f anchors.Frame
	if l.Layout.Lay(&f, geom.Size{W: 320, H: 160}) != anchors.Laid || f.Resized != (geom.Size{W: 640, H: 320}) || f.Padded != (geom.Size{W: 640, H: 640}) || f.Top != 160 || f.Left != 0 {
		t.Fatalf("laid as %+v", f)
	}
	for _, c := range []struct {
		name string
		in   trainer.Annotation
		want geom.Box
		why  trainer.Drop
	}{
		{"inside", trainer.Annotation{Box: geom.Rect{X: 80, Y: 40, W: 160, H: 80}}, geom.Box{X0: 160, Y0: 240, X1: 480, Y1: 400}, trainer.Kept},
		{"over the left edge", trainer.Annotation{Box: geom.Rect{X: -20, Y: 40, W: 80, H: 80}}, geom.Box{X0: 0, Y0: 240, X1: 120, Y1: 400}, trainer.Kept},
		{"centred outside", trainer.Annotation{Box: geom.Rect{X: -60, Y: 40, W: 80, H: 80}}, geom.Box{}, trainer.RefuseImage},
		{"wider than the image", trainer.Annotation{Box: geom.Rect{X: -20, Y: 40, W: 380, H: 80}}, geom.Box{}, trainer.RefuseImage},
		{"a detection wider than the image", trainer.Annotation{Box: geom.Rect{X: -20, Y: 40, W: 260, H: 80}, Detection: true}, geom.Box{X0: 0, Y0: 240, X1: 480, Y1: 400}, trainer.Kept},
		{"no width", trainer.Annotation{Box: geom.Rect{X: 20, Y: 40, W: 0, H: 80}}, geom.Box{}, trainer.DropNoArea},
		{"crowd", trainer.Annotation{Box: geom.Rect{X: -90, Y: 10, W: 9, H: 10}, Crowd: true, CrowdValue: dataset.FlagTrue}, geom.Box{}, trainer.DropCrowd},
	} {
		got, why := l.Place(&f, c.in)
		for i, x := range [4]float64{got.X0 - c.want.X0, got.Y0 - c.want.Y0, got.X1 - c.want.X1, got.Y1 - c.want.Y1} {
			if math.Abs(x) > 1e-4 || why != c.why {
				t.Errorf("%s: got %v %q, want %v %q (corner %d)", c.name, got, why, c.want, c.why, i)
			}
		}
		if back := f.Back(c.want); why == trainer.Kept && math.Abs(back.X0-max(0, c.in.Box.X)) > 1e-3 {
			t.Errorf("%s: %v lies at %v in the image", c.name, c.want, back)
		}
	}
}

// TestKerasSizes: cv2.resize rounds halves to even: 1001 × 640 px times 800/640 are
// 1251.25 × 800, 401 × 320 are 1002.5 × 800, of which 1002 is even.
func TestKerasSizes(t *testing.T) {
	l := build(t, preset(t, "retinanet-keras"))
	for _, c := range []struct{ in, want geom.Size }{
		{geom.Size{W: 1001, H: 640}, geom.Size{W: 1251, H: 800}},
		{geom.Size{W: 401, H: 320}, geom.Size{W: 1002, H: 800}},
		{geom.Size{W: 2000, H: 500}, geom.Size{W: 1333, H: 333}}, // the long side is the limit: 0.6665 times 500 are 333.25
	} {
		var f anchors.Frame
		if l.Layout.Lay(&f, c.in); f.Resized != c.want || f.Padded != c.want {
			t.Errorf("%v: got %v, padded to %v, want %v and no padding", c.in, f.Resized, f.Padded, c.want)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		drop trainer.Drop
		want bool
	}{
		{trainer.Kept, false}, {trainer.DropCrowd, false}, {trainer.DropNoArea, false}, {trainer.DropNoPolygon, false},
		{trainer.DropTiny, false}, {trainer.RefuseIgnore, true}, {trainer.RefuseNoArea, true},
		{trainer.DropSticksOut, false}, {trainer.DropRepeated, false}, {trainer.RefuseNoClass, true}, {trainer.RefuseImage, true},
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
	for _, name := range trainer.Names() {
		l := build(t, preset(t, name))
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				side := rapid.IntRange(1, 3000)
				var f anchors.Frame
				if l.Layout.Lay(&f, geom.Size{W: side.Draw(t, "width"), H: side.Draw(t, "height")}) != anchors.Laid {
					t.Skip("no frame")
				}
				c := coordinate()
				a := trainer.Annotation{
					Box: geom.Rect{X: c.Draw(t, "x"), Y: c.Draw(t, "y"), W: c.Draw(t, "w"), H: c.Draw(t, "h")},
				}
				if a.CrowdValue = dataset.FlagZero; rapid.IntRange(0, 3).Draw(t, "crowd") == 0 {
					a.Crowd, a.CrowdValue = true, dataset.FlagTrue
				}
				b, why := l.Place(&f, a)
				switch {
				case why != trainer.Kept:
					if b != (geom.Box{}) {
						t.Fatalf("dropped as %q, but placed at %v", why, b)
					}
				case a.Crowd:
					t.Fatal("a crowd was kept")
				case l.Preset.Boxes == "yolov5" && b.Width() >= 0 && b.Height() >= 0:
					// yolov5 keeps boxes of which clipping leaves nothing; corners are those of a float32 centre and sides
					if e := 1e-4; !(b.X0 >= -e && b.Y0 >= -e && b.X1 <= 640+e && b.Y1 <= 640+e) {
						t.Fatalf("%v is not within %v", b, f.Padded)
					}
				case l.Preset.Boxes == "ultralytics":
					// nothing is clipped: a centre or side may be beyond by 1/100 of the image, and a side may round to 0
					centre, side := [2]float64{(b.X0 + b.X1) / 2, (b.Y0 + b.Y1) / 2}, [2]float64{b.Width(), b.Height()}
					for i, long := range []int{f.Resized.W, f.Resized.H} {
						pad := []float64{f.Left, f.Top}[i]
						if most := 1.0101*float64(long) + 1e-3; !(centre[i] >= pad-0.0101*float64(long)-1e-3 && centre[i] <= pad+most && side[i] >= 0 && side[i] <= most) {
							t.Fatalf("%v in an image of %v at %v, %v", b, f.Resized, f.Left, f.Top)
						}
					}
				case l.Preset.Boxes == "keras-hub" && b.Width() > 0 && b.Height() > 0:
					if !(b.X0 >= 0 && b.Y0 >= 0 && b.X1 <= 800 && b.Y1 <= 800) { // it clips to the square
						t.Fatalf("%v is not within %v", b, f.Padded)
					}
				case l.Preset.Boxes == "yolox":
					// sides of 0 are kept here; the scale is not of the sides as they are rounded
					if e := 640 * 0.02; !(b.X0 >= -1e-4 && b.Y0 >= -1e-4 && b.X1 <= 640+e && b.Y1 <= 640+e && b.Width() >= 0 && b.Height() >= 0) {
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
// keras-retinanet multiplies by one scale (utils/image.py), and rounds the image's sides
// alone: a box that ends at the edge can end half a pixel beyond it.
func limit(l *trainer.Trainer, side int) float64 {
	switch l.Preset.Boxes {
	case "detectron2":
		return float64(side)
	case "keras-retinanet":
		return float64(side) + 0.5
	}
	return float64(side) * (1 + 2.0/(1<<23))
}

// TestPlaceScales: without clipping, a box's corners are those of the
// annotation times the ratio of the sides, to float32.
func TestPlaceScales(t *testing.T) {
	for _, name := range trainer.Names() {
		l := build(t, preset(t, name))
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				side := rapid.IntRange(200, 2000)
				var f anchors.Frame
				l.Layout.Lay(&f, geom.Size{W: side.Draw(t, "width"), H: side.Draw(t, "height")})
				at, long := rapid.Float64Range(0, 100), rapid.Float64Range(1, 100)
				r := geom.Rect{X: at.Draw(t, "x"), Y: at.Draw(t, "y"), W: long.Draw(t, "w"), H: long.Draw(t, "h")}
				got, why := l.Place(&f, trainer.Annotation{Box: r})
				scaled := min(r.W, r.H, r.W*float64(f.Resized.W)/float64(f.Image.W), r.H*float64(f.Resized.H)/float64(f.Image.H))
				if l.Preset.Boxes == "rt-detr" && why != trainer.Kept && scaled < 1.001 {
					return // it has a side below 1 px, to float32
				}
				sx, sy, e := float64(f.Content.W)/float64(f.Image.W), float64(f.Content.H)/float64(f.Image.H), 1e-6
				switch l.Preset.Boxes {
				case "keras-retinanet": // one scale for both sides, whatever these are rounded to
					sx = min(800/float64(min(f.Image.W, f.Image.H)), 1333/float64(max(f.Image.W, f.Image.H)))
					sy = sx
				case "ultralytics": // six digits of a part of the side, and float32 as parts of 640 px
					e = 640 * 1e-6
				case "yolox": // the scale is not of the side as it is rounded, and there are two
					sx = 640 / float64(max(f.Image.W, f.Image.H))
					sx *= 640 / float64(max(f.Resized.W, f.Resized.H))
					sy, e = sx, 640.0/(1<<22)
				case "effdet", "keras-hub": // one scale for both sides, whatever these are rounded to
					sx = float64(f.Padded.W) / float64(max(f.Image.W, f.Image.H))
					sy = sx
				case "yolov5": // float32 as parts of 640 px; the scale is not of the side as it is rounded
					e = 640.0/(1<<22) + 0.5/float64(min(f.Image.W, f.Image.H))
				}
				want := [4]float64{f.Left + r.X*sx, f.Top + r.Y*sy, f.Left + (r.X+r.W)*sx, f.Top + (r.Y+r.H)*sy}
				if l.Preset.Boxes == "keras-hub" { // it clips, and its padding can be -1
					for i := range want {
						want[i] = max(0, want[i])
					}
					if why == trainer.DropNoArea && (want[0] == want[2] || want[1] == want[3]) {
						return
					}
				}
				if l.Preset.Boxes == "effdet" { // it clips to the resized image, whose sides are rounded down
					for i, side := range [4]int{f.Resized.W, f.Resized.H, f.Resized.W, f.Resized.H} {
						want[i] = min(want[i], float64(side))
					}
				}
				for i, x := range [4]float64{got.X0, got.Y0, got.X1, got.Y1} {
					if math.Abs(x-want[i]) > e*(1+want[i]) || why != trainer.Kept {
						t.Fatalf("%v became %v %q, want %v", r, got, why, want)
					}
				}
			})
		})
	}
}
