package trainer_test

import (
	"slices"
	"strings"
	"testing"

	"focalaudit/pkg/anchors"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/trainer"
)

// oneImage is a data set of one image with the given objects, of class 0.
func oneImage(size geom.Size, objects ...dataset.Object) *dataset.Dataset {
	return &dataset.Dataset{
		Sources: []dataset.Source{{Name: "a.json", Images: []dataset.Image{{Size: size, Last: int32(len(objects))}}, Objects: objects}},
		Classes: []dataset.Class{{Name: "a", Known: true}},
	}
}

func object(x, y, w, h float64, flags dataset.Flags) dataset.Object {
	return dataset.Object{Box: geom.Rect{X: x, Y: y, W: w, H: h}, Flags: flags}
}

// TestSeeRefusals: an image for each reason that a trainer has to leave it out.
func TestSeeRefusals(t *testing.T) {
	noResize := func(p *trainer.Preset) { p.Resize.Rule = anchors.ResizeNone }
	good := object(10, 10, 100, 100, 0)
	for _, c := range []struct {
		name   string
		preset trainer.Preset
		data   *dataset.Dataset
		skip   bool
		want   trainer.Refusal
	}{
		{"an image", preset(t, "retinanet-torchvision"), oneImage(geom.Size{W: 640, H: 480}, good), true, trainer.Seen},
		{"no objects, not to be skipped", preset(t, "retinanet-torchvision"), oneImage(geom.Size{W: 640, H: 480}), false, trainer.Seen},
		{"no objects", preset(t, "retinanet-torchvision"), oneImage(geom.Size{W: 640, H: 480}), true, trainer.Empty},
		// 1333/4000 of 1 px, rounded down, is 0 px
		{"a line of pixels", preset(t, "retinanet-torchvision"), oneImage(geom.Size{W: 4000, H: 1}, good), false, trainer.Nothing},
		// 32768² / 8² points of 9 anchors on the first level are 1.5e8, more than 2^26
		{"a wall", preset(t, "retinanet-torchvision", noResize), oneImage(geom.Size{W: 1 << 15, H: 1 << 15}, good), false, trainer.Huge},
		// verify_image_label: both sides have to be above 9 px
		{"9 px", preset(t, "yolov5"), oneImage(geom.Size{W: 640, H: 9}), false, trainer.Under10},
		{"10 px", preset(t, "yolov5"), oneImage(geom.Size{W: 640, H: 10}), false, trainer.Seen},
		{"31 px", preset(t, "efficientdet-d0-effdet"), oneImage(geom.Size{W: 640, H: 31}), false, trainer.Under32},
		{"32 px", preset(t, "efficientdet-d0-effdet"), oneImage(geom.Size{W: 640, H: 32}), false, trainer.Seen},
		{"a centre outside", preset(t, "yolov5"), oneImage(geom.Size{W: 640, H: 480}, good, object(600, 10, 200, 100, 0), good), false, trainer.Refused},
		// filter_cfg of mmdetection's configurations: min_size 32
		{"31 px", preset(t, "retinanet-mmdet"), oneImage(geom.Size{W: 640, H: 31}, good), true, trainer.Empty},
	} {
		s := build(t, c.preset).NewScene(false)
		s.SkipEmpty = c.skip
		if got := s.See(c.data, 0, 0); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if c.want == trainer.Refused && s.Refused != 1 {
			t.Errorf("%s: annotation %d is to blame, want 1", c.name, s.Refused)
		}
		if c.want == trainer.Seen && s.Found.Anchors != s.Frame.Len {
			t.Errorf("%s: %d anchors are assigned, of %d", c.name, s.Found.Anchors, s.Frame.Len)
		}
	}
}

// TestRefusedInAnyOrder: of several annotations for which an image is left out, one is named whatever their order: findings
// about it would else be new where records have another order.
func TestRefusedInAnyOrder(t *testing.T) {
	a, b := object(600, 10, 200, 100, 0), object(610, 20, 200, 100, 0)
	for _, objects := range [][]dataset.Object{{a, b}, {b, a}} {
		d := oneImage(geom.Size{W: 640, H: 480}, objects...)
		s := build(t, preset(t, "yolov5")).NewScene(false)
		if why := s.See(d, 0, 0); why != trainer.Refused || d.Sources[0].Objects[s.Refused].Box != a.Box {
			t.Errorf("%q: annotation %d is named", why, s.Refused)
		}
	}
}

// TestSee: what becomes of each annotation of an image, under torchvision by hand: the
// second is a crowd, the third has no area in the image, the fourth was left out by
// reading. An image of 800 × 800 px keeps its size, and a crowd its place.
func TestSee(t *testing.T) {
	d := oneImage(geom.Size{W: 800, H: 800},
		object(100, 100, 128, 128, 0), object(300, 300, 90, 80, dataset.Crowd), object(900, 10, 50, 50, 0),
		object(0, 0, 0, 0, 0), object(500, 500, 64, 64, dataset.Ignore))
	d.Sources[0].Objects[3].LeftOut = dataset.NoBox
	s := build(t, preset(t, "retinanet-torchvision")).NewScene(true)
	for range 2 { // a scene is reused
		if why := s.See(d, 0, 0); why != trainer.Seen {
			t.Fatal(why)
		}
		if want := []trainer.Drop{trainer.Kept, trainer.DropCrowd, trainer.DropNoArea, trainer.Kept, trainer.Kept}; !slices.Equal(s.Drops, want) {
			t.Errorf("drops: got %v, want %v", s.Drops, want)
		}
		if !slices.Equal(s.Index, []int{0, 4}) || s.Boxes[0] != (geom.Box{X0: 100, Y0: 100, X1: 228, Y1: 228}) {
			t.Errorf("objects: got %v at %v", s.Index, s.Boxes)
		}
		if len(s.Crowds) != 1 || s.Crowds[0] != (trainer.Crowd{Object: 1, Box: geom.Box{X0: 300, Y0: 300, X1: 390, Y1: 380}}) {
			t.Errorf("crowds: got %v", s.Crowds)
		}
		if s.Refused != -1 || len(s.Found.Objects) != 2 || s.Found.Positives == 0 {
			t.Errorf("got %+v", s.Found)
		}
	}
}

// TestSeeRepeated: yolov5 drops the second of two equal rows of one class, even if their
// boxes differ by less than float32 can tell in parts of the image's sides.
func TestSeeRepeated(t *testing.T) {
	d := oneImage(geom.Size{W: 640, H: 640},
		object(100, 100, 128, 128, 0), object(100, 100, 128+1e-9, 128, 0), object(100, 100, 129, 128, 0), object(100, 100, 128, 128, 0))
	d.Classes = append(d.Classes, dataset.Class{Name: "b", Known: true})
	d.Sources[0].Objects[3].Class = 1
	s := build(t, preset(t, "yolov5")).NewScene(false)
	for range 2 {
		s.See(d, 0, 0)
		if want := []trainer.Drop{trainer.Kept, trainer.DropRepeated, trainer.Kept, trainer.Kept}; !slices.Equal(s.Drops, want) {
			t.Errorf("got %v, want %v", s.Drops, want)
		}
	}
}

// TestPlaceDetection: a detection is clipped where the trainer would refuse an annotation,
// and one with nothing in the image is none.
func TestPlaceDetection(t *testing.T) {
	for _, name := range trainer.Names() {
		s := build(t, preset(t, name)).NewScene(false)
		if why := s.See(oneImage(geom.Size{W: 640, H: 640}), 0, 0); why != trainer.Seen {
			t.Fatal(why)
		}
		if _, inside := s.PlaceDetection(geom.Rect{X: 700, Y: 10, W: 50, H: 50}); inside {
			t.Errorf("%s: a box right of the image is in it", name)
		}
		b, inside := s.PlaceDetection(geom.Rect{X: 600, Y: 600, W: 500, H: 500})
		if back := s.Frame.Back(b); !inside || back.X0 < 599 || back.X0 > 601 || back.X1 > 641 || back.Y1 > 641 {
			t.Errorf("%s: a box over the corner is placed at %v", name, back)
		}
	}
}

// TestColumns: under a trainer that numbers classes by the rank of their ids, outputs are
// the classes by their lowest category id; with more outputs than classes they are category
// ids (docs/dump_logits.md).
func TestColumns(t *testing.T) {
	category := func(id int64, class int32) dataset.Category {
		return dataset.Category{ID: dataset.PlainID(id), Class: class}
	}
	text := dataset.Category{ID: dataset.TextID("x"), Class: 0}
	const least, most = -1 << 63, 1<<63 - 1
	for _, c := range []struct {
		name    string
		sources [][]dataset.Category
		k       int
		want    []int32
		err     string
	}{
		{"by id", [][]dataset.Category{{category(5, 0), category(2, 1), category(9, 2)}}, 3, []int32{1, 0, 2}, ""},
		{"two ids of a class", [][]dataset.Category{{category(1, 0), category(2, 0), category(3, 1)}}, 2, []int32{0, 1}, ""},
		{"in two files", [][]dataset.Category{{category(4, 1)}, {category(3, 0), category(4, 1)}}, 2, []int32{0, 1}, ""},
		{"fewer outputs", [][]dataset.Category{{category(5, 0), category(2, 1)}}, 1, []int32{1}, ""},
		{"ids", [][]dataset.Category{{category(1, 0), category(3, 1)}}, 5, []int32{-1, 0, -1, 1, -1}, ""},
		{"far apart", [][]dataset.Category{{category(most, 0), category(least, 1)}}, 2, []int32{1, 0}, ""},
		{"an id beyond the outputs", [][]dataset.Category{{category(1, 0), category(5, 1)}}, 5, nil, "but id 5 is none"},
		{"a negative id", [][]dataset.Category{{category(-1, 0)}}, 5, nil, "but id -1 is none"},
		{"an id that is a text", [][]dataset.Category{{text}}, 5, nil, "but id x is none"},
		{"an id of two classes", [][]dataset.Category{{category(1, 0)}, {category(1, 1)}}, 2, nil, `category id 1 stands for "a" and for "b"`},
	} {
		d := &dataset.Dataset{}
		classes := int32(0)
		for _, cs := range c.sources {
			d.Sources = append(d.Sources, dataset.Source{Categories: cs})
			for _, of := range cs {
				classes = max(classes, of.Class+1)
			}
		}
		for i := range classes {
			d.Classes = append(d.Classes, dataset.Class{Name: string(rune('a' + i)), Known: true})
		}
		got, err := build(t, preset(t, "retinanet-detectron2")).Columns(d, c.k)
		if err == nil && !slices.Equal(got, c.want) || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: got %v, %v, want %v, %q", c.name, got, err, c.want, c.err)
		}
	}
}

// TestSeeCap: YOLOX drops boxes of 1 px or less after resizing first, then what comes after
// the 120th (data_augment.py, TrainTransform); with nothing but such boxes it keeps them.
func TestSeeCap(t *testing.T) {
	var objects []dataset.Object
	for i := range 125 {
		side := 20.0
		if i < 2 {
			side = 1
		}
		objects = append(objects, object(float64(4*i), 10, side, side, 0))
	}
	s := build(t, preset(t, "yolox")).NewScene(false)
	if why := s.See(oneImage(geom.Size{W: 640, H: 640}, objects...), 0, 0); why != trainer.Seen {
		t.Fatal(why)
	}
	count := map[trainer.Drop]int{}
	for _, drop := range s.Drops {
		count[drop]++
	}
	if count[trainer.Kept] != 120 || count[trainer.DropUpTo1] != 2 || count[trainer.DropBeyondCap] != 3 {
		t.Errorf("got %v", count)
	}
	if len(s.Boxes) != 120 || s.Index[0] != 2 || s.Index[119] != 121 || s.Drops[122] != trainer.DropBeyondCap {
		t.Errorf("objects %v, drops %v", s.Index, s.Drops)
	}
	s.See(oneImage(geom.Size{W: 640, H: 640}, objects[:2]...), 0, 0)
	if len(s.Boxes) != 2 {
		t.Errorf("of nothing but small boxes, %d are kept", len(s.Boxes))
	}
	s = build(t, preset(t, "efficientdet-d0-automl")).NewScene(false)
	s.See(oneImage(geom.Size{W: 640, H: 640}, objects...), 0, 0) // assert_less: the 100th stops it
	if s.Drops[98] != trainer.Kept || s.Drops[99] != trainer.RefuseCap || !s.Drops[99].Refused() {
		t.Errorf("drops %v", s.Drops[97:101])
	}
}

// TestSmallBeforeRounding: YOLOX's TrainTransform (data/data_augment.py) compares sides with 1 px in float64 and stores
// them as float32 afterwards. In images of 3,200 × 2,400 px, which are scaled by 0.2, boxes of 5 px are on either side of
// it by the last bits of a float64.
func TestSmallBeforeRounding(t *testing.T) {
	s := build(t, preset(t, "yolox")).NewScene(false)
	objects := []dataset.Object{object(100, 100, 200, 200, 0)}
	r := min(640./2400, 640./3200)
	again := min(640./float64(int(2400*r)), 640./float64(int(3200*r)))
	var large []bool
	for i := range 118 {
		x := float64(20*i + 1)
		objects = append(objects, object(x, 1000, 5, 40, 0))
		low, high := float64(x*r), float64((x+5)*r)
		large = append(large, float64((high-low)*again) > 1)
	}
	s.See(oneImage(geom.Size{W: 3200, H: 2400}, objects...), 0, 0)
	kept := 0
	for i, want := range large {
		if got := s.Drops[i+1] == trainer.Kept; got != want {
			t.Errorf("x %g: kept %t, want %t", objects[i+1].Box.X, got, want)
		}
		if want {
			kept++
		}
	}
	if kept == 0 || kept == len(large) {
		t.Errorf("%d of %d are above 1 px: expected some", kept, len(large))
	}
}

// TestSeeQueries: with more objects than queries, the number without one is certain.
func TestSeeQueries(t *testing.T) {
	var objects []dataset.Object
	for i := range 110 {
		objects = append(objects, object(float64(4*i), 10, 20, 20, 0))
	}
	s := build(t, preset(t, "rf-detr-seg-small")).NewScene(false)
	s.See(oneImage(geom.Size{W: 640, H: 640}, objects...), 0, 0)
	if f := s.Found; f.Anchors != 100 || f.Positives != 100 || f.Negatives != 0 || f.Surplus != 10 || s.Assigner.Why(109).Why != iou.Surplus {
		t.Errorf("got %+v", s.Found)
	}
	s.See(oneImage(geom.Size{W: 640, H: 640}, objects[:3]...), 0, 0)
	if f := s.Found; f.Positives != 3 || f.Negatives != 97 || f.Surplus != 0 || s.Assigner.Why(2).Why != iou.Fine {
		t.Errorf("got %+v", s.Found)
	}
}

// TestDigits: six digits move an edge that lies exactly on a point, and so its candidates.
func TestDigits(t *testing.T) {
	// 7/1000 of a side is 0.007, and 1/3 px more than that has more than six digits
	d := oneImage(geom.Size{W: 1000, H: 1000}, object(100.0/3, 50, 100.0/7, 60, 0))
	exact := build(t, preset(t, "ultralytics-8.3", func(p *trainer.Preset) { p.Digits = trainer.ExactDigits })).NewScene(false)
	six := build(t, preset(t, "ultralytics-8.3")).NewScene(false)
	exact.See(d, 0, 0)
	six.See(d, 0, 0)
	// %g of (100/3 + 50/7)/1000 is 0.0404762, of 100/7/1000 0.0142857
	low := float32(float32(0.0404762)-float32(0.0142857)/2) * 640
	if got := float32(six.Boxes[0].X0); got < low-1e-4 || got > low+1e-4 || six.Boxes[0] == exact.Boxes[0] {
		t.Errorf("six digits: %v, want %v; exact: %v", six.Boxes[0], low, exact.Boxes[0])
	}
}
