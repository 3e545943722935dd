package trainer

import (
	"focalaudit/pkg/anchors"
	"focalaudit/pkg/geom"
)

var _ = register("detectron2", loader{place: placeDetectron2, minSide: 1})

// The reasons of detectron2 alone.
var (
	RefuseIgnore  = newRefusal("ignore-refused")  // it stops with an assertion
	DropNoPolygon = newDrop("no-valid-polygon")   // even if the box is fine
	DropTiny      = newDrop("side-under-1e-5-px") // after resizing
)

const minSide = float32(1e-5) // px, detectron2's box.nonempty

// placeDetectron2 follows data/datasets/coco.py (what is dropped),
// structures/boxes.py (float32 corners), data/detection_utils.py (scaled and
// clipped in float64) and fvcore's apply_box, which takes the lesser and the
// greater of two corners: a negative width becomes a positive one.
func placeDetectron2(_ *Trainer, f *anchors.Frame, a Annotation) (geom.Box, Drop) {
	switch {
	case a.Ignore:
		return geom.Box{}, RefuseIgnore
	case a.NoValidPolygon:
		return geom.Box{}, DropNoPolygon
	case a.Crowd:
		return geom.Box{}, DropCrowd
	}
	x0, y0 := float32(a.Box.X), float32(a.Box.Y)
	x1, y1 := x0+float32(a.Box.W), y0+float32(a.Box.H)
	var b geom.Box32
	b.X0, b.X1 = scaleDetectron2(x0, x1, f.Resized.W, f.Image.W)
	b.Y0, b.Y1 = scaleDetectron2(y0, y1, f.Resized.H, f.Image.H)
	switch {
	case !(b.X1 > b.X0 && b.Y1 > b.Y0):
		return geom.Box{}, DropNoArea
	case b.Width() <= minSide || b.Height() <= minSide:
		return geom.Box{}, DropTiny
	}
	return b.Wide(), Kept
}

func scaleDetectron2(lo, hi float32, resized, image int) (float32, float32) {
	scale, most := float64(resized)/float64(image), float64(resized)
	a, b := float64(float64(lo)*scale), float64(float64(hi)*scale)
	a, b = min(a, b), max(a, b)
	return float32(min(max(a, 0), most)), float32(min(max(b, 0), most))
}
