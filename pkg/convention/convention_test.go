package convention

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
)

// Outlines and areas tell where places do not.
func TestOutlinesAndAreasTell(t *testing.T) {
	outlines := func(all ...int) (of []dataset.Outline) { // a kind, a number, a kind, a number
		for i := 0; i < len(all); i += 2 {
			of = append(of, slices.Repeat([]dataset.Outline{dataset.Outline(all[i])}, all[i+1])...)
		}
		return of
	}
	const box, other = int(dataset.OutlineBox), int(dataset.OutlineOther)
	const corners, centre = int(dataset.OutlineCorners), int(dataset.OutlineCentre)
	const height, exchanged = int(dataset.OutlineHeight), int(dataset.OutlineExchanged)
	for _, c := range []struct {
		name   string
		as     []dataset.Outline // of the first boxes
		flags  dataset.Flags
		n      int // boxes
		want   reading.Reading
		by     Evidence
		fits   int
		of     int
		mixed  bool
		hidden bool // nothing is to be found
	}{
		{name: "corners", as: outlines(corners, 9), n: 9, want: reading.Reading{Form: reading.Corners}, by: ByOutline, fits: 9, of: 9},
		{name: "centre", as: outlines(centre, 4), n: 400, want: reading.Reading{Form: reading.Centre}, by: ByOutline, fits: 4, of: 4},
		{name: "from the bottom", as: outlines(height, 9), n: 9, want: reading.Reading{Form: reading.FromBottom}, by: ByOutline, fits: 9, of: 9},
		{name: "exchanged", as: outlines(exchanged, 3), n: 3, want: reading.Reading{Form: reading.Exchanged}, by: ByOutline, fits: 3, of: 3},
		{name: "a part", as: outlines(box, 15, centre, 3), n: 18, want: reading.Reading{Form: reading.Centre}, by: ByOutline, fits: 3, of: 18,
			mixed: true},
		{name: "two slips", as: outlines(box, 15, centre, 2), n: 17, hidden: true},
		{name: "bad outlines", as: outlines(other, 9), n: 9, hidden: true},
		{name: "few heights in part", as: outlines(box, 9, height, 9), n: 18, hidden: true},
		{name: "heights in part", as: outlines(box, 10, height, 10), n: 20, want: reading.Reading{Form: reading.FromBottom}, by: ByOutline,
			fits: 10, of: 20, mixed: true},
		{name: "heights beside others", as: outlines(box, 10, other, 3, height, 10), n: 23, hidden: true},
		{name: "areas", flags: dataset.AreaAsCorners, n: 5, want: reading.Reading{Form: reading.Corners}, by: ByArea, fits: 5, of: 5},
		{name: "areas of others", flags: dataset.AreaAboveBox, n: 5, hidden: true},
	} {
		src := realfiles.Source("a.json", realfiles.Middle(c.n)...)
		for i := range src.Objects {
			src.Objects[i].Flags = c.flags
			if i < len(c.as) {
				src.Objects[i].Outline = c.as[i]
			}
		}
		b := OfBoxes(src)
		same := b.Reading == c.want && b.By == c.by && b.Mixed() == c.mixed && (c.hidden || b.Fits == c.fits && b.Of == c.of)
		if b.Found() == c.hidden || !same {
			t.Errorf("%s: %+v", c.name, b)
		}
	}
}

// TestAreasOfCorners: an area is the same with x and y exchanged, so that the places name the corners.
func TestAreasOfCorners(t *testing.T) {
	for _, c := range []struct {
		tell int // boxes beyond the image of 640 × 480 px as x0, y0, x1, y1
		want reading.Form
	}{{0, reading.Corners}, {2, reading.Corners}, {3, reading.ExchangedCorners}, {6, reading.ExchangedCorners}} {
		boxes := slices.Repeat([]geom.Rect{{X: 100, Y: 90, W: 160, H: 150}}, 6)
		for i := range c.tell {
			boxes[i] = geom.Rect{X: 100, Y: 520, W: 160, H: 610}
		}
		src := realfiles.Source("a.json", boxes...)
		for i := range src.Objects {
			src.Objects[i].Flags = dataset.AreaAsCorners
		}
		if b := OfBoxes(src); b.Reading.Form != c.want || b.By != ByArea || b.Fits != 6 {
			t.Errorf("%d boxes tell: %+v", c.tell, b)
		}
	}
}

// TestOutlinesApart: boxes that contradict their outlines are told of, whatever the cause, and so are boxes that are not
// those around them.
func TestOutlinesApart(t *testing.T) {
	const apart, loose = "bbox and segmentation disagree: ", "the boxes are not those around their outlines: "
	for _, c := range []struct {
		apart, agree, other int
		want                string
	}{
		{10, 90, 0, apart}, {9, 0, 0, ""}, {10, 91, 0, ""}, {40, 0, 0, apart},
		{0, 0, 60, loose}, {0, 60, 20, loose}, {0, 61, 20, ""}, {0, 0, 19, ""},
	} {
		src := realfiles.Source("a.json", realfiles.Middle(c.apart+c.agree+c.other+5)...)
		for i := range src.Objects[:c.apart+c.agree+c.other] {
			src.Objects[i].Outline = dataset.OutlineOther
			if i < c.apart {
				src.Objects[i].Outline = dataset.OutlineApart
			} else if i < c.apart+c.agree {
				src.Objects[i].Outline = dataset.OutlineBox
			}
		}
		all := Inspect(&dataset.Dataset{Sources: []dataset.Source{*src}})
		all = slices.DeleteFunc(all, func(f findings.Finding) bool { // boxes of one size are told of by themselves
			return f.Code != "box-convention" || f.Key == "one-size"
		})
		if len(all) != min(1, len(c.want)) || c.want != "" && (all[0].Level != findings.Warning ||
			!strings.HasPrefix(all[0].Message, c.want)) {
			t.Errorf("%+v: %+v", c, all)
		}
	}
}

// Outlines that confirm COCO's reading leave the doubt to the sizes.
func TestOutlinesConfirm(t *testing.T) {
	var boxes []geom.Rect
	for i := range 20 {
		boxes = append(boxes, geom.Rect{X: 10 + 20*float64(i), Y: 590 - 20*float64(i), W: 40, H: 45})
	}
	src := realfiles.Source("a.json", boxes...)
	if b := OfBoxes(src); b.Reading != (reading.Reading{Form: reading.Exchanged}) {
		t.Errorf("without outlines: %+v", b)
	}
	for i := range src.Objects {
		src.Objects[i].Outline = dataset.OutlineBox
	}
	if b, s := OfBoxes(src), OfSizes(src); b.Found() || s.Kind != Turned {
		t.Errorf("with outlines: %+v, %+v", b, s)
	}
}

// Without outlines, exchanged sizes of images are told beside exchanged x and y if the images are upright: most pictures
// are not.
func TestUprightImages(t *testing.T) {
	for _, upright := range []bool{false, true} {
		var boxes []geom.Rect
		for i := range 20 {
			b := geom.Rect{X: 10 + 20*float64(i), Y: 590 - 20*float64(i), W: 40, H: 45} // beyond 480 px at the bottom
			if upright {
				b = geom.Rect{X: b.Y, Y: b.X, W: b.H, H: b.W}
			}
			boxes = append(boxes, b)
		}
		src := realfiles.Source("a.json", boxes...)
		for i := range src.Images {
			if upright {
				src.Images[i].Size = geom.Size{W: 480, H: 640}
			}
		}
		var codes []string
		for _, f := range Inspect(&dataset.Dataset{Sources: []dataset.Source{*src}}) {
			if strings.HasSuffix(f.Code, "-convention") {
				codes = append(codes, f.Code)
			}
		}
		want := []string{"box-convention"}
		if upright {
			want = append(want, "image-size-convention")
		}
		if !slices.Equal(codes, want) {
			t.Errorf("upright %t: %q, want %q", upright, codes, want)
		}
	}
}

// A few slips are no convention.
func TestSlips(t *testing.T) {
	for name, slips := range map[string][]geom.Rect{
		"corners":        {{X: 300, Y: 200, W: 390, H: 460}, {X: 400, Y: 300, W: 520, H: 380}},
		"stray clicks":   {{X: 0.5, Y: 0.5, W: 0.2, H: 0.2}, {X: 0, Y: 0, W: 0.1, H: 0.1}},
		"all outside":    slices.Repeat([]geom.Rect{{X: 700, Y: 100, W: 20, H: 20}}, 4),
		"empty":          slices.Repeat([]geom.Rect{{}}, 10),
		"placeholder":    slices.Repeat([]geom.Rect{{W: 1, H: 1}}, 10),
		"whole image":    slices.Repeat([]geom.Rect{{W: 640, H: 480}}, 10),
		"one px outside": slices.Repeat([]geom.Rect{{X: 1, Y: 1, W: 640, H: 480}}, 10),
		"amodal": append(slices.Repeat([]geom.Rect{{X: 600, Y: 100, W: 60, H: 30}}, 4),
			slices.Repeat([]geom.Rect{{X: -20, Y: 100, W: 60, H: 30}}, 4)...),
	} {
		src := realfiles.Source("a.json", append(realfiles.Middle(30), slips...)...)
		if b, s := OfBoxes(src), OfSizes(src); b.Found() || s.Found() {
			t.Errorf("%s: %s, %+v", name, b.Reading, s)
		}
	}
}

// Numbers of any kind neither panic nor depend on the order of images.
func TestAnyBoxes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.OneOf(rapid.Float64(), rapid.Float64Range(-10, 1100), rapid.Float64Range(0, 1), rapid.Just(0.0))
		n := rapid.IntRange(0, 30).Draw(t, "n")
		var boxes []geom.Rect
		for range n {
			x, y, w, h := number.Draw(t, "x"), number.Draw(t, "y"), number.Draw(t, "w"), number.Draw(t, "h")
			boxes = append(boxes, geom.Rect{X: x, Y: y, W: w, H: h})
		}
		forward := realfiles.Source("a.json", boxes...)
		slices.Reverse(boxes)
		backward := realfiles.Source("a.json", boxes...)
		a, b := OfBoxes(forward), OfBoxes(backward)
		a.Example, b.Example = 0, 0
		if !reflect.DeepEqual(a, b) {
			t.Errorf("%+v, in the other order %+v", a, b)
		}
		x, y := OfSizes(forward), OfSizes(backward)
		x.Example, y.Example = 0, 0
		if x != y {
			t.Errorf("%+v, in the other order %+v", x, y)
		}
		for _, f := range Inspect(&dataset.Dataset{Sources: []dataset.Source{*forward, *backward}}) {
			if f.Severity() == 0 || f.Message == "" || strings.Contains(f.Message, "%!") {
				t.Errorf("%+v", f)
			}
		}
	})
}

// What is written for a reading is read back by it.
func TestReadingsInvert(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	size := geom.Size{W: 640, H: 480}
	for f := reading.Box; f <= reading.FromBottom; f++ {
		for u := reading.Pixels; u <= reading.Thousandths; u++ {
			r := reading.Reading{Form: f, Unit: u}
			if f == reading.Forms || f == reading.FromBottom && u != reading.Pixels {
				continue
			}
			want := geom.Rect{X: float64(rng.IntN(300)), Y: float64(rng.IntN(200)), W: 40, H: 30}.Box()
			got := r.Box(realfiles.Write(r, want.Rect(), size), size)
			if off := max(got.X0-want.X0, want.X1-got.X1, got.Y0-want.Y0, want.Y1-got.Y1); off > 1e-9 || off < -1e-9 {
				t.Errorf("%s: %v, want %v", r, got, want)
			}
			if r != (reading.Reading{}) && r.Mend() == "" || r.String() == "" {
				t.Errorf("%s: no words", r)
			}
		}
	}
}

// TestBoxesDrawnWhole: annotators who draw objects whole, beyond the picture's edge, as
// MOT17 and CrowdHuman have their full boxes, write x, y, width and height. So do those
// whose pictures are a little larger than a unit, and slack hands.
func TestBoxesDrawnWhole(t *testing.T) {
	const images = 400
	for name, draw := range map[string]func(rng *rand.Rand) geom.Rect{
		"beyond the bottom": func(rng *rand.Rand) geom.Rect {
			h := 60 + 140*rng.Float64()
			return geom.Rect{X: 640 - 0.4*h - 300*rng.Float64(), Y: 210 + 250*rng.Float64(), W: 0.4 * h, H: h}
		},
		"beyond the right edge": func(rng *rand.Rand) geom.Rect {
			w := 60 + 140*rng.Float64()
			return geom.Rect{X: 110 + 430*rng.Float64(), Y: 110 + 250*rng.Float64(), W: w, H: 0.4 * w}
		},
		"large, by a few pixels": func(rng *rand.Rand) geom.Rect {
			return geom.Rect{X: 10 + 10*rng.Float64(), Y: 10 * rng.Float64(), W: 637 + 8*rng.Float64(), H: 460 + 20*rng.Float64()}
		},
	} {
		for seed := range uint64(20) {
			rng := rand.New(rand.NewPCG(seed, 1))
			boxes := realfiles.Middle(images)
			for i := range boxes {
				switch {
				case name != "large, by a few pixels":
					boxes[i] = draw(rng)
				case i%100 == 0:
					boxes[i] = draw(rng)
				}
			}
			if b := OfBoxes(realfiles.Source("a.json", boxes...)); b.Found() {
				t.Errorf("%s, %d: %s, %d of %d", name, seed, b.Reading, b.Fits, b.Of)
			}
		}
	}
	for _, c := range []struct{ side, inner int }{{112, 100}, {120, 100}, {1080, 1000}, {1200, 1000}, {1280, 1000}} {
		rng := rand.New(rand.NewPCG(2, uint64(c.side)))
		boxes := make([]geom.Rect, images)
		margin := float64(c.side-c.inner) / 2
		for i := range boxes { // as far as the unit would allow
			x0, y0 := margin+float64(c.inner)*0.3*rng.Float64(), margin+float64(c.inner)*0.3*rng.Float64()
			end := float64(c.inner) * (0.7 + 0.299*rng.Float64())
			boxes[i] = geom.Rect{X: x0, Y: y0, W: end - x0, H: end - y0}
		}
		src := realfiles.Source("a.json", boxes...)
		for i := range src.Images {
			src.Images[i].Size = geom.Size{W: c.side, H: c.side}
		}
		if b := OfBoxes(src); b.Found() {
			t.Errorf("pictures of %d px: %s, %d of %d", c.side, b.Reading, b.Fits, b.Of)
		}
	}
}

// TestShortSidesResized: pictures that were resized to a short side of 480 to 800 px are no thousandths, though a few
// are longer than 1,000 px and no box of theirs ends beyond that.
func TestShortSidesResized(t *testing.T) {
	sources := realfiles.RealSources(t)
	for i := range sources {
		for _, short := range []float64{480, 600, 640, 720, 800} {
			src := copied(&sources[i], func(src *dataset.Source) {
				src.Images = slices.Clone(src.Images)
				for k := range src.Images {
					im := &src.Images[k]
					f := short / float64(min(im.Size.W, im.Size.H))
					im.Size.W, im.Size.H = int(math.Round(f*float64(im.Size.W))), int(math.Round(f*float64(im.Size.H)))
					for j := im.First; j < im.Last; j++ {
						b := &src.Objects[j].Box
						*b = geom.Rect{X: f * b.X, Y: f * b.Y, W: f * b.W, H: f * b.H}
					}
				}
			})
			if v := OfBoxes(bare(src)); v.Found() {
				t.Errorf("%s, short sides of %v: %s", src.Name, short, v.Reading)
			}
		}
	}
}
