package anchors

import "focalaudit/pkg/geom"

// Annotation is what the trainers look at to decide whether an annotation is
// trained on.
type Annotation struct {
	Box            geom.Rect // finite
	Crowd, Ignore  bool
	NoValidPolygon bool // an outline of polygons of which none has 6 coordinates, in pairs
	AreaNotAbove0  bool // its area is given and not above 0
	NoClass        bool // its category is not declared
}

// Drop says why a trainer leaves an annotation out; Kept if it doesn't.
type Drop uint8

// The reasons for which trainers leave out annotations.
const (
	Kept          Drop = iota
	DropCrowd          // iscrowd is set
	DropNoArea         // nothing is left of the box after clipping to the image
	DropNoPolygon      // detectron2, even if the box is fine
	DropTiny           // detectron2, after resizing
	RefuseIgnore       // detectron2 stops with an assertion
	RefuseNoArea       // torchvision stops with a ValueError
	DropIgnore         // mmdetection: ignore is set
	DropArea           // mmdetection: the key area is not above 0
	DropUnder1         // mmdetection: a side below 1 px of the annotated image
	DropNoClass        // mmdetection: a category that is not declared
)

const minSide = float32(1e-5) // px, detectron2's box.nonempty

// String returns the reason as reports have it, "" for Kept.
func (d Drop) String() string {
	return [...]string{
		Kept: "", DropCrowd: "crowd", DropNoArea: "no-area-in-image", DropNoPolygon: "no-valid-polygon",
		DropTiny: "side-under-1e-5-px", RefuseIgnore: "ignore-refused", RefuseNoArea: "degenerate-refused",
		DropIgnore: "ignore", DropArea: "area-not-above-0", DropUnder1: "side-under-1-px", DropNoClass: "undeclared-category",
	}[d]
}

// Refused reports whether the trainer stops with an error at such a record,
// rather than going on without it.
func (d Drop) Refused() bool { return d == RefuseIgnore || d == RefuseNoArea }

// Place returns the corners of an annotation in frame f, computed as the
// trainer computes them, or why the trainer leaves it out.
func (l *Layout) Place(f *Frame, a Annotation) (geom.Box32, Drop) {
	switch l.preset.Boxes {
	case Detectron2Boxes:
		return placeDetectron2(f, a)
	case MMDetectionBoxes:
		return placeMMDetection(f, a)
	}
	return placeTorchvision(f, a)
}

// placeTorchvision follows references/detection/coco_utils.py (float32 corners,
// clipped to the image, kept if they have an area) and
// models/detection/transform.py (each axis times float32(new)/float32(old)).
func placeTorchvision(f *Frame, a Annotation) (geom.Box32, Drop) {
	if a.Crowd {
		return geom.Box32{}, DropCrowd
	}
	w, h := float32(f.Image.W), float32(f.Image.H)
	x0, y0 := float32(a.Box.X), float32(a.Box.Y)
	b := geom.Box32{X0: clip(x0, w), Y0: clip(y0, h), X1: clip(x0+float32(a.Box.W), w), Y1: clip(y0+float32(a.Box.H), h)}
	if !(b.X1 > b.X0 && b.Y1 > b.Y0) {
		return geom.Box32{}, DropNoArea
	}
	rx, ry := float32(f.Resized.W)/w, float32(f.Resized.H)/h
	b = geom.Box32{X0: float32(b.X0 * rx), Y0: float32(b.Y0 * ry), X1: float32(b.X1 * rx), Y1: float32(b.Y1 * ry)}
	if !(b.X1 > b.X0 && b.Y1 > b.Y0) {
		return geom.Box32{}, RefuseNoArea
	}
	return b, Kept
}

func clip(x, most float32) float32 { return max(0, min(x, most)) }

// placeDetectron2 follows data/datasets/coco.py (what is dropped),
// structures/boxes.py (float32 corners), data/detection_utils.py (scaled and
// clipped in float64) and fvcore's apply_box, which takes the lesser and the
// greater of two corners: a negative width becomes a positive one.
func placeDetectron2(f *Frame, a Annotation) (geom.Box32, Drop) {
	switch {
	case a.Ignore:
		return geom.Box32{}, RefuseIgnore
	case a.NoValidPolygon:
		return geom.Box32{}, DropNoPolygon
	case a.Crowd:
		return geom.Box32{}, DropCrowd
	}
	x0, y0 := float32(a.Box.X), float32(a.Box.Y)
	x1, y1 := x0+float32(a.Box.W), y0+float32(a.Box.H)
	var b geom.Box32
	b.X0, b.X1 = scaleDetectron2(x0, x1, f.Resized.W, f.Image.W)
	b.Y0, b.Y1 = scaleDetectron2(y0, y1, f.Resized.H, f.Image.H)
	switch {
	case !(b.X1 > b.X0 && b.Y1 > b.Y0):
		return geom.Box32{}, DropNoArea
	case b.Width() <= minSide || b.Height() <= minSide:
		return geom.Box32{}, DropTiny
	}
	return b, Kept
}

func scaleDetectron2(lo, hi float32, resized, image int) (float32, float32) {
	scale, most := float64(resized)/float64(image), float64(resized)
	a, b := float64(float64(lo)*scale), float64(float64(hi)*scale)
	a, b = min(a, b), max(a, b)
	return float32(min(max(a, 0), most)), float32(min(max(b, 0), most))
}

// placeMMDetection follows datasets/coco.py (what is dropped, in the annotated
// frame; crowds go to a list that RetinaNet's assigner never looks at) and
// structures/bbox/horizontal_boxes.py (float32 corners times float32(new/old),
// clipped to the resized image).
func placeMMDetection(f *Frame, a Annotation) (geom.Box32, Drop) {
	x, y, w, h := a.Box.X, a.Box.Y, a.Box.W, a.Box.H
	wide := max(0, min(x+w, float64(f.Image.W))-max(x, 0))
	high := max(0, min(y+h, float64(f.Image.H))-max(y, 0))
	switch {
	case a.Ignore:
		return geom.Box32{}, DropIgnore
	case wide*high == 0:
		return geom.Box32{}, DropNoArea
	case a.AreaNotAbove0:
		return geom.Box32{}, DropArea
	case w < 1 || h < 1:
		return geom.Box32{}, DropUnder1
	case a.NoClass:
		return geom.Box32{}, DropNoClass
	case a.Crowd:
		return geom.Box32{}, DropCrowd
	}
	rx, ry := float32(float64(f.Resized.W)/float64(f.Image.W)), float32(float64(f.Resized.H)/float64(f.Image.H))
	right, bottom := float32(f.Resized.W), float32(f.Resized.H)
	return geom.Box32{
		X0: clip(float32(float32(x)*rx), right), Y0: clip(float32(float32(y)*ry), bottom),
		X1: clip(float32(float32(x+w)*rx), right), Y1: clip(float32(float32(y+h)*ry), bottom),
	}, Kept
}
