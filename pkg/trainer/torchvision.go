package trainer

import (
	"focalaudit/pkg/anchors"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

var _ = register("torchvision", loader{
	place: placeTorchvision, crowdAt: unlessKey, minSide: 1, repeated: lastOfAll,

	// references/detection/coco_utils.py, ConvertCocoPolysToMask, makes masks of all outlines
	// by pycocotools' frPyObjects, for detectors of boxes too.
	stops: map[dataset.Trait]string{
		dataset.NoIDKey: "KeyError", dataset.NoCrowdKey: "KeyError",
		dataset.NoAreaKey: "KeyError", dataset.NoOutlineKey: "KeyError",
		dataset.OddArea: "RuntimeError", dataset.NullOutline: "Exception", dataset.EmptyOutline: "IndexError",
		dataset.FlatOutline: "TypeError", dataset.ShortOutline: "TypeError", dataset.PackedOutline: "ValueError",
		dataset.BytesOutline: "ValueError", dataset.NestedPoints: "ValueError", dataset.TextPoints: "ValueError",
		dataset.ObjectPoints: "TypeError", dataset.NullRuns: "TypeError", dataset.TextRuns: "ValueError",
	},
})

// RefuseNoArea: torchvision stops with a ValueError at a box without area after resizing.
var RefuseNoArea = newRefusal("degenerate-refused")

// placeTorchvision follows references/detection/coco_utils.py (float32 corners,
// clipped to the image, kept if they have an area) and
// models/detection/transform.py (each axis times float32(new)/float32(old)).
func placeTorchvision(t *Trainer, f *anchors.Frame, a Annotation) (geom.Box, Drop) {
	if drop := t.crowd(&a); drop != Kept {
		return geom.Box{}, drop
	}
	w, h := float32(f.Image.W), float32(f.Image.H)
	x0, y0 := float32(a.Box.X), float32(a.Box.Y)
	b := geom.Box32{X0: clip(x0, w), Y0: clip(y0, h), X1: clip(x0+float32(a.Box.W), w), Y1: clip(y0+float32(a.Box.H), h)}
	if !(b.X1 > b.X0 && b.Y1 > b.Y0) {
		return geom.Box{}, DropNoArea
	}
	rx, ry := float32(f.Resized.W)/w, float32(f.Resized.H)/h
	b = geom.Box32{X0: float32(b.X0 * rx), Y0: float32(b.Y0 * ry), X1: float32(b.X1 * rx), Y1: float32(b.Y1 * ry)}
	if !(b.X1 > b.X0 && b.Y1 > b.Y0) {
		return geom.Box{}, RefuseNoArea
	}
	return b.Wide(), Kept
}
