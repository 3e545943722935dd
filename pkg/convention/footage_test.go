package convention

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
)

// film is how a video is made of the boxes of single images.
type film struct {
	clips, frames int
	classes       int  // drawn for each object, 0 for its own
	order         bool // the frames stand in no order in the file
	turns         bool // the clips take turns, as cameras do
}

// films are those that tests make.
var films = []film{
	{1, 300, 3, false, false}, {3, 200, 0, false, false}, {10, 60, 0, false, false}, {40, 15, 0, false, false},
	{5, 80, 2, false, false}, {5, 80, 3, false, false}, {5, 80, 4, false, false}, {1, 300, 4, false, false},
	{4, 100, 3, false, true}, {5, 80, 3, true, false},
}

// filmed returns a source in which the objects of some images drift from frame to frame, as before a camera: each by a
// speed of its own along both axes, and with a shake of 0.3 px. Each frame lists them in one order, as trackers do.
func filmed(src *dataset.Source, f film, rng *rand.Rand) *dataset.Source {
	type track struct {
		x, y, w, h, dx, dy, grow float64
		class                    int32
	}
	type frame struct {
		image   dataset.Image
		objects []dataset.Object
	}
	var scenes [][]track
	var sizes []geom.Size
	for _, i := range rng.Perm(len(src.Images)) {
		im := &src.Images[i]
		if len(scenes) == f.clips || im.LeftOut != dataset.InUse || im.Last-im.First < 4 {
			continue
		}
		var all []track
		w, h := float64(im.Size.W), float64(im.Size.H)
		for k := im.First; k < im.Last; k++ {
			o := &src.Objects[k]
			if !sample.Told(o) || o.Box.W <= 4 || o.Box.H <= 4 || o.Flags&dataset.Crowd != 0 {
				continue
			}
			t := track{o.Box.X + o.Box.W/2, o.Box.Y + o.Box.H/2, o.Box.W, o.Box.H, 0.004 * w * rng.NormFloat64(),
				0.002 * h * rng.NormFloat64(), 1 + 0.006*rng.NormFloat64(), o.Class}
			if f.classes > 0 {
				t.class = int32(rng.IntN(f.classes))
			}
			all = append(all, t)
		}
		scenes, sizes = append(scenes, all), append(sizes, im.Size)
	}
	var frames []frame
	for c := range scenes {
		for n := range f.frames {
			fr := frame{image: dataset.Image{Size: sizes[c], File: fmt.Sprintf("clip%03d/frame_%06d.jpg", c, n)}}
			w, h := float64(sizes[c].W), float64(sizes[c].H)
			for k := range scenes[c] {
				t := &scenes[c][k]
				t.x, t.y = t.x+t.dx+0.3*rng.NormFloat64(), t.y+t.dy+0.3*rng.NormFloat64()
				t.w, t.h = t.w*t.grow, t.h*t.grow
				if t.x < 0 && t.dx < 0 || t.x > w && t.dx > 0 { // it turns round where half of it has left
					t.dx = -t.dx
				}
				if t.y < 0 && t.dy < 0 || t.y > h && t.dy > 0 {
					t.dy = -t.dy
				}
				round := func(v, most float64) float64 { return math.Round(100*min(max(v, 0), most)) / 100 }
				x0, y0, x1, y1 := round(t.x-t.w/2, w), round(t.y-t.h/2, h), round(t.x+t.w/2, w), round(t.y+t.h/2, h)
				if x1-x0 >= 3 && y1-y0 >= 3 {
					o := dataset.Object{Class: t.class, Box: geom.Rect{X: x0, Y: y0, W: x1 - x0, H: y1 - y0}}
					fr.objects = append(fr.objects, o)
				}
			}
			if len(fr.objects) > 0 {
				frames = append(frames, fr)
			}
		}
	}
	out := &dataset.Source{Name: src.Name, Categories: src.Categories}
	if f.classes > 0 {
		out.Categories = nil
		for c := range f.classes {
			out.Categories = append(out.Categories, dataset.Category{ID: dataset.PlainID(int64(c + 1)), Class: int32(c)})
		}
	}
	order := make([]int, len(frames))
	for i := range order {
		order[i] = i
		if f.turns { // frame by frame, each clip in its turn
			order[i] = i%len(scenes)*f.frames + i/len(scenes)
			if len(frames) < len(scenes)*f.frames {
				order[i] = i
			}
		}
	}
	if f.order {
		order = rng.Perm(len(frames))
	}
	for i, at := range order {
		fr := &frames[at]
		im := fr.image
		im.ID, im.First = dataset.PlainID(int64(i+1)), int32(len(out.Objects))
		for _, o := range fr.objects {
			o.Image, o.ID = int32(i), dataset.PlainID(int64(len(out.Objects)+1))
			out.Objects = append(out.Objects, o)
		}
		im.Last = int32(len(out.Objects))
		out.Images = append(out.Images, im)
	}
	return out
}

// drawnStills returns pictures with objects of some classes, of sizes of their own, that may stand anywhere.
func drawnStills(n, classes int, rng *rand.Rand) *dataset.Source {
	src := &dataset.Source{Name: "drawn"}
	for c := range classes {
		src.Categories = append(src.Categories, dataset.Category{ID: dataset.PlainID(int64(c + 1)), Class: int32(c)})
	}
	for i := range n {
		im := dataset.Image{ID: dataset.PlainID(int64(i)), Size: geom.Size{W: 1280, H: 720}, First: int32(len(src.Objects))}
		for range 4 + rng.IntN(12) {
			c := rng.IntN(classes)
			w := float64(20*(c+1)) * math.Exp(0.3*rng.NormFloat64())
			h := w * math.Exp(0.2*rng.NormFloat64()+0.2*float64(c%3))
			w, h = min(w, 1000), min(h, 600)
			src.Objects = append(src.Objects, dataset.Object{Image: int32(i), Class: int32(c),
				Box: geom.Rect{X: rng.Float64() * (1280 - w), Y: rng.Float64() * (720 - h), W: w, H: h}})
		}
		im.Last = int32(len(src.Objects))
		src.Images = append(src.Images, im)
	}
	return src
}

// warned returns the warnings and errors of a source.
func warned(src *dataset.Source) (all []string) {
	d := &dataset.Dataset{Sources: []dataset.Source{*src}, Classes: make([]dataset.Class, 1500)}
	for _, f := range InspectSource(d, 0) {
		if f.Level != findings.Info {
			all = append(all, f.Code+": "+f.Message)
		}
	}
	return all
}

// TestNoFalseAlarmOnFilms: frames of a video are no evidence each, whatever the classes of its objects are, and in
// whatever order the frames stand.
func TestNoFalseAlarmOnFilms(t *testing.T) {
	seeds := uint64(6)
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		rng := rand.New(rand.NewPCG(seed, 14))
		src := drawnStills(200, 5, rng)
		for _, f := range films {
			for _, said := range warned(filmed(src, f, rng)) {
				t.Errorf("%+v, seed %d: %s", f, seed, said)
			}
		}
	}
}

// TestNoFalseAlarmOnRealFilms is the same of films whose objects have the boxes of real pictures.
func TestNoFalseAlarmOnRealFilms(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	n := 0
	sources := realfiles.RealSources(t)
	for i := range sources {
		rng := rand.New(rand.NewPCG(uint64(i), 15))
		for _, f := range films {
			out := filmed(&sources[i], f, rng)
			if 10*len(out.Images) < 9*f.clips*f.frames {
				continue // too few pictures with four objects
			}
			n++
			for _, said := range warned(out) {
				t.Errorf("%s, %+v: %s", sources[i].Name, f, said)
			}
		}
	}
	t.Logf("%d films", n)
}

// TestFilmsGoneWrong: what is wrong in each frame of a video is told of all the same.
func TestFilmsGoneWrong(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 16))
	src := filmed(drawnStills(200, 5, rng), film{5, 80, 4, false, false}, rng)
	for k := range src.Objects {
		src.Objects[k].Class = int32(k % 4)
	}
	if all := warned(src); len(all) == 0 {
		t.Error("classes that count up: nothing")
	}
	if s := footageOf(filmed(drawnStills(200, 5, rng), film{5, 80, 4, false, false}, rng)); s == nil {
		t.Error("no scenes in a video")
	}
	if s := footageOf(drawnStills(500, 5, rng)); s != nil {
		t.Error("scenes in pictures that were drawn by themselves")
	}
}

// slots returns pictures of a parking lot, as PKLot has them: each has a box for each slot, free or taken, and of 72
// slots in four rows, one in 20 changes from one picture to the next. Taken tells whether only taken slots have one.
func slots(taken bool, rng *rand.Rand) *dataset.Source {
	src := &dataset.Source{Name: "slots"}
	for c := range 2 {
		src.Categories = append(src.Categories, dataset.Category{ID: dataset.PlainID(int64(c + 1)), Class: int32(c)})
	}
	var places []geom.Rect
	for row := range 4 {
		for column := range 18 {
			places = append(places, geom.Rect{X: float64(40 + 62*column + 9*row), Y: float64(150 + 95*row),
				W: float64(50 + rng.IntN(9)), H: float64(66 + rng.IntN(15))})
		}
	}
	is := make([]bool, len(places))
	for i := range 300 {
		im := dataset.Image{ID: dataset.PlainID(int64(i)), File: fmt.Sprintf("2012-09-11_%02d_%02d.jpg", i/60, i%60),
			Size: geom.Size{W: 1280, H: 720}, First: int32(len(src.Objects))}
		for k, b := range places {
			if i == 0 && rng.IntN(2) == 0 || rng.IntN(20) == 0 {
				is[k] = !is[k]
			}
			if is[k] || !taken {
				src.Objects = append(src.Objects, dataset.Object{ID: dataset.PlainID(int64(len(src.Objects))),
					Image: int32(i), Class: int32(sample.One(is[k] && !taken)), Box: b})
			}
		}
		im.Last = int32(len(src.Objects))
		src.Images = append(src.Images, im)
	}
	return src
}

// TestFixedPlaces: parking slots are no boxes of the image before, and have no default size. A list that is not emptied
// has boxes of the image before, and they do not come back.
func TestFixedPlaces(t *testing.T) {
	for _, taken := range []bool{false, true} {
		for seed := range uint64(5) {
			src := slots(taken, rand.New(rand.NewPCG(seed, 17)))
			for _, said := range warned(src) {
				t.Errorf("taken only: %v, seed %d: %s", taken, seed, said)
			}
		}
	}
}

// TestPageLabels: a class whose boxes all span their image is a label of the page. Whole images of classes that have
// boxes of their own are told of.
func TestPageLabels(t *testing.T) {
	for _, page := range []bool{true, false} {
		src := drawnStills(200, 5, rand.New(rand.NewPCG(2, 19)))
		src.Categories = append(src.Categories, dataset.Category{ID: dataset.PlainID(6), Class: 5})
		out := realfiles.Rebuilt(src, func(_ int, im *dataset.Image, own []dataset.Object) []dataset.Object {
			o := own[0]
			o.Box = geom.Rect{W: float64(im.Size.W), H: float64(im.Size.H)}
			if page {
				o.Class = 5
			}
			return append(own, o)
		})
		if m := OfSlip(out); (m.Kind == Whole) == page {
			t.Errorf("page %v: %+v", page, m)
		}
	}
}

// TestSprites: drawn pictures have a few sizes, by class, and pages have lines of one height in columns of one width:
// none is a default.
func TestSprites(t *testing.T) {
	for seed := range uint64(5) {
		for _, classes := range []int{3, 12} {
			rng := rand.New(rand.NewPCG(seed, 20))
			src := drawnStills(500, classes, rng)
			sizes := [...]float64{16, 24, 32, 48, 64, 96}
			sides := make([][2]float64, classes)
			for c := range sides {
				sides[c] = [2]float64{sizes[rng.IntN(len(sizes))], sizes[rng.IntN(len(sizes))]}
			}
			for k := range src.Objects {
				o := &src.Objects[k]
				scale := 1 + float64(sample.One(rng.IntN(4) == 0))
				o.Box.W, o.Box.H = scale*sides[o.Class][0], scale*sides[o.Class][1]
				o.Box.X, o.Box.Y = math.Floor(rng.Float64()*(1280-o.Box.W)), math.Floor(rng.Float64()*(720-o.Box.H))
			}
			for _, said := range warned(src) {
				t.Errorf("%d classes, seed %d: %s", classes, seed, said)
			}
		}
		rng := rand.New(rand.NewPCG(seed, 21))
		page := drawnStills(400, 4, rng)
		for k := range page.Objects {
			o := &page.Objects[k]
			o.Box = geom.Rect{X: float64(100 + 500*rng.IntN(2)), Y: float64(rng.IntN(500)), W: 440, H: float64(40 + rng.IntN(160))}
			if o.Class == 0 {
				o.Box.H = 30 + 10*float64(rng.IntN(2))
			}
		}
		if z := OfSized(page); z.Found() {
			t.Errorf("a page, seed %d: %+v", seed, z)
		}
	}
}
