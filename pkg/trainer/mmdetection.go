package trainer

import (
	"focalaudit/pkg/anchors"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

var _ = register("mmdetection", loader{
	place: placeMMDetection, crowdAt: counted, ignoreAt: counted, minSide: 1, repeated: assertsUnique,
	stops: map[dataset.Trait]string{
		dataset.NoIDKey: "KeyError", dataset.NoAreaKey: "KeyError", dataset.OddArea: "TypeError",
	},
})

// The reasons of mmdetection alone.
var (
	DropIgnore  = newDrop("ignore")              // ignore is set
	DropArea    = newDrop("area-not-above-0")    // the key area is not above 0
	DropNoClass = newDrop("undeclared-category") // a category that is not declared
)

// placeMMDetection follows datasets/coco.py (what is dropped, in the annotated
// frame; crowds go to a list that RetinaNet's assigner never looks at) and
// structures/bbox/horizontal_boxes.py (float32 corners times float32(new/old),
// clipped to the resized image).
func placeMMDetection(t *Trainer, f *anchors.Frame, a Annotation) (geom.Box, Drop) {
	x, y, w, h := a.Box.X, a.Box.Y, a.Box.W, a.Box.H
	wide := max(0, min(x+w, float64(f.Image.W))-max(x, 0))
	high := max(0, min(y+h, float64(f.Image.H))-max(y, 0))
	drop := t.crowd(&a)
	switch {
	case t.loader.ignoreAt.has(a.IgnoreValue) && a.Ignore:
		return geom.Box{}, DropIgnore
	case t.loader.ignoreAt.has(a.IgnoreValue):
		return geom.Box{}, DropFlag
	case wide*high == 0:
		return geom.Box{}, DropNoArea
	case a.AreaNotAbove0:
		return geom.Box{}, DropArea
	case w < 1 || h < 1:
		return geom.Box{}, DropUnder1
	case a.NoClass:
		return geom.Box{}, DropNoClass
	case drop != Kept:
		return geom.Box{}, drop
	}
	rx, ry := float32(float64(f.Resized.W)/float64(f.Image.W)), float32(float64(f.Resized.H)/float64(f.Image.H))
	right, bottom := float32(f.Resized.W), float32(f.Resized.H)
	b := geom.Box32{
		X0: clip(float32(float32(x)*rx), right), Y0: clip(float32(float32(y)*ry), bottom),
		X1: clip(float32(float32(x+w)*rx), right), Y1: clip(float32(float32(y+h)*ry), bottom),
	}
	return b.Wide(), Kept
}
