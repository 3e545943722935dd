package trainer_test

import (
	"testing"

	"focalaudit/pkg/anchors"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/trainer"
)

// TestPlaceDETR: no table of these trainers' own exists. The cases are worked out by hand from the code that
// docs/trainers.md names: ConvertCocoPolysToMask drops crowds (a missing key is none), clamps corners to the
// image in float32, and drops what then has x2 <= x1 or y2 <= y1; RT-DETR and D-FINE keep what has sides of 1 px or
// more (>=) before and after the image is stretched; RF-DETR has no least side.
//
// The image has 1280 × 2560 px and is stretched to 640 × 640: by a half in x, by a quarter in y, both exact.
func TestPlaceDETR(t *testing.T) {
	crowd := func(v dataset.FlagValue) func(*trainer.Annotation) {
		return func(a *trainer.Annotation) { a.Crowd, a.CrowdValue = v == dataset.FlagTrue, v }
	}
	for _, c := range []struct {
		name   string
		box    geom.Rect
		change func(*trainer.Annotation)
		rt     trainer.Drop // of RT-DETR and D-FINE
		rf     trainer.Drop
		want   geom.Box32
	}{
		{name: "inside", box: geom.Rect{X: 100, Y: 200, W: 60, H: 80}, want: geom.Box32{X0: 50, Y0: 50, X1: 80, Y1: 70}},
		{name: "clamped", box: geom.Rect{X: -20, Y: 2500, W: 60, H: 80}, want: geom.Box32{X0: 0, Y0: 625, X1: 20, Y1: 640}},
		{name: "larger than the image", box: geom.Rect{X: -9, Y: -9, W: 9999, H: 9999},
			want: geom.Box32{X0: 0, Y0: 0, X1: 640, Y1: 640}},
		{name: "outside", box: geom.Rect{X: 1280, Y: 0, W: 50, H: 50}, rt: trainer.DropNoArea, rf: trainer.DropNoArea},
		{name: "left of it", box: geom.Rect{X: -50, Y: 0, W: 50, H: 50}, rt: trainer.DropNoArea, rf: trainer.DropNoArea},
		{name: "no width", box: geom.Rect{X: 10, Y: 10, W: 0, H: 50}, rt: trainer.DropNoArea, rf: trainer.DropNoArea},
		{name: "negative width", box: geom.Rect{X: 70, Y: 10, W: -50, H: 50}, rt: trainer.DropNoArea, rf: trainer.DropNoArea},
		{name: "1 px of it is in the image, and half of that after stretching", box: geom.Rect{X: -9, Y: 0, W: 10, H: 400},
			rt: trainer.DropUnder1Resized, want: geom.Box32{X0: 0, Y0: 0, X1: 0.5, Y1: 100}},
		{name: "less than 1 px of it is in the image", box: geom.Rect{X: -9.5, Y: 0, W: 10, H: 400},
			rt: trainer.DropUnder1, want: geom.Box32{X0: 0, Y0: 0, X1: 0.25, Y1: 100}},
		{name: "2 px wide: 1 px after stretching stays", box: geom.Rect{X: 8, Y: 0, W: 2, H: 4},
			want: geom.Box32{X0: 4, Y0: 0, X1: 5, Y1: 1}},
		{name: "3.5 px high: under 1 px after stretching", box: geom.Rect{X: 8, Y: 0, W: 2, H: 3.5},
			rt: trainer.DropUnder1Resized, want: geom.Box32{X0: 4, Y0: 0, X1: 5, Y1: 0.875}},
		// float32 neighbours of 1024 are 2^-13 px apart: the right edge is rounded to the left one's number
		{name: "width lost in float32", box: geom.Rect{X: 1024, Y: 0, W: 1e-5, H: 50}, rt: trainer.DropNoArea, rf: trainer.DropNoArea},
		{name: "crowd", box: geom.Rect{X: 8, Y: 8, W: 50, H: 50}, change: crowd(dataset.FlagTrue),
			rt: trainer.DropCrowd, rf: trainer.DropCrowd},
		{name: "no crowd", box: geom.Rect{X: 8, Y: 8, W: 50, H: 48}, change: crowd(dataset.FlagZero),
			want: geom.Box32{X0: 4, Y0: 2, X1: 29, Y1: 14}},
		{name: "the key iscrowd is missing", box: geom.Rect{X: 8, Y: 8, W: 50, H: 48}, change: crowd(dataset.FlagAbsent),
			want: geom.Box32{X0: 4, Y0: 2, X1: 29, Y1: 14}},
		{name: "ignore is not looked at", box: geom.Rect{X: 8, Y: 8, W: 50, H: 48},
			change: func(a *trainer.Annotation) { a.Ignore, a.IgnoreValue = true, dataset.FlagTrue },
			want:   geom.Box32{X0: 4, Y0: 2, X1: 29, Y1: 14}},
	} {
		for _, name := range []string{"rt-detr", "d-fine", "rf-detr"} {
			of := build(t, preset(t, name, func(p *trainer.Preset) { p.Resize.Short, p.Resize.Long = 640, 640 }))
			var f anchors.Frame
			if of.Layout.Lay(&f, geom.Size{W: 1280, H: 2560}) != anchors.Laid || f.Resized != (geom.Size{W: 640, H: 640}) {
				t.Fatalf("%s: resized to %v", name, f.Resized)
			}
			a := trainer.Annotation{Box: c.box}
			if c.change != nil {
				c.change(&a)
			}
			want := c.rt
			if name == "rf-detr" {
				want = c.rf
			}
			box, why := of.Place(&f, a)
			if why != want || why == trainer.Kept && box != c.want.Wide() {
				t.Errorf("%s: %s: got %v %q, want %v %q", name, c.name, box, why, c.want, want)
			}
		}
	}
}

// TestQueriesOfEach: each preset matches as many objects of an image as its configuration has queries (the
// tables of RT-DETR, D-FINE and rfdetr/config.py), whatever the size of the input: one less has one over, one more
// leaves one out.
func TestQueriesOfEach(t *testing.T) {
	for name, queries := range map[string]int{
		"rt-detr": 300, "d-fine": 300, "rf-detr": 300, "rf-detr-seg-small": 100, "rf-detr-seg-medium": 200, "rf-detr-seg-xlarge": 300,
	} {
		for _, n := range []int{0, 1, queries - 1, queries, queries + 1, 3 * queries} {
			var objects []dataset.Object
			for i := range n {
				objects = append(objects, object(float64(i%50)*12, float64(i/50)*30, 20, 20, 0))
			}
			s := build(t, preset(t, name)).NewScene(false)
			if why := s.See(oneImage(geom.Size{W: 1000, H: 1000}, objects...), 0, 0); why != trainer.Seen {
				t.Fatalf("%s: %v", name, why)
			}
			matched := min(n, queries)
			f := s.Found
			if f.Anchors != queries || f.Positives != matched || f.Negatives != queries-matched || f.Surplus != n-matched || f.Ignored != 0 {
				t.Errorf("%s, %d objects: %d outputs, %d positive, %d negative, %d surplus", name, n, f.Anchors, f.Positives,
					f.Negatives, f.Surplus)
			}
			without := 0
			for i := range n {
				if s.Assigner.Why(i).Why == iou.Surplus {
					without++
				}
			}
			if without != n-matched {
				t.Errorf("%s: %d objects of %d without an output, want %d", name, without, n, n-matched)
			}
		}
	}
}

// TestBeyondResized: what torchvision's SanitizeBoundingBoxes (transforms/v2/functional/_misc.py) drops after the image
// was stretched, worked out with float32 numbers: x2 or y2 above 640. For each side of an image, a box that ends at it.
func TestBeyondResized(t *testing.T) {
	of := build(t, preset(t, "rt-detr", func(p *trainer.Preset) { p.Resize.Short, p.Resize.Long = 640, 640 }))
	drops := map[bool][]int{}
	for side := 64; side <= 4096; side++ {
		ratio := float32(640 / float64(side)) // resize_bounding_boxes: a ratio of Python's, in a tensor of float32
		beyond := float32(float32(side)*ratio) > 640
		want := trainer.Kept
		if beyond {
			want = trainer.DropBeyondResized
			drops[true] = append(drops[true], side)
		}
		for _, size := range []geom.Size{{W: side, H: 640}, {W: 640, H: side}} {
			var f anchors.Frame
			if of.Layout.Lay(&f, size) != anchors.Laid {
				t.Fatal(size)
			}
			box := geom.Rect{X: 32, Y: 32, W: float64(size.W - 32), H: float64(size.H - 32)}
			if _, why := of.Place(&f, trainer.Annotation{Box: box}); why != want {
				t.Errorf("%v: %q, want %q", size, why, want)
			}
		}
	}
	if n := len(drops[true]); n != 72 { // 73 with 39, which is below the 64 px of this test
		t.Errorf("%d sides, want 72: %v", n, drops[true])
	}
}
