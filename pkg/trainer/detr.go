package trainer

import (
	"focalaudit/pkg/anchors"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

const (
	rtdetrBoxes = "rt-detr"
	rfdetrBoxes = "rf-detr"
)

// D-FINE's loader is RT-DETR's.
var _ = register(rtdetrBoxes, loader{
	place: placeRTDETR, crowdAt: notZero, minSide: 1, repeated: lastOfAll,
	with: &companions{what: "what RT-DETR does", boxes: rtdetrBoxes, resize: anchors.ResizeStretch, common: true},
})

var _ = register(rfdetrBoxes, loader{
	place: placeRFDETR, crowdAt: notZero, minSide: 1, repeated: lastOfAll,
	stops: map[dataset.Trait]string{dataset.NoAreaKey: "KeyError"},
	with:  &companions{what: "what RF-DETR does", boxes: rfdetrBoxes, resize: anchors.ResizeStretch, common: true},
})

// placeRTDETR follows src/data/dataset/coco_dataset.py ConvertCocoPolysToMask and, before
// and after the image is stretched, torchvision's SanitizeBoundingBoxes with min_size 1, which
// drops boxes that end beyond the image, too.
func placeRTDETR(t *Trainer, f *anchors.Frame, a Annotation) (geom.Box, Drop) {
	b, drop := clampedDETR(t, f, a)
	switch {
	case drop != Kept:
		return geom.Box{}, drop
	case b.Width() < 1 || b.Height() < 1:
		return geom.Box{}, DropUnder1
	}
	b = stretched(f, b)
	switch {
	case b.Width() < 1 || b.Height() < 1:
		return geom.Box{}, DropUnder1Resized
	case b.X1 > float32(f.Resized.W) || b.Y1 > float32(f.Resized.H):
		return geom.Box{}, DropBeyondResized
	}
	return b.Wide(), Kept
}

// placeRFDETR follows rfdetr/datasets/coco.py: no side is too small.
func placeRFDETR(t *Trainer, f *anchors.Frame, a Annotation) (geom.Box, Drop) {
	b, drop := clampedDETR(t, f, a)
	if drop != Kept {
		return geom.Box{}, drop
	}
	if b = stretched(f, b); !(b.X1 > b.X0 && b.Y1 > b.Y0) { // to float32 only, of sides near 0
		return geom.Box{}, DropNoArea
	}
	return b.Wide(), Kept
}

// DropUnder1Resized: RT-DETR and D-FINE drop a box with a side below 1 px after resizing.
var DropUnder1Resized = newDrop("side-under-1-px-resized")

// DropBeyondResized: RT-DETR and D-FINE drop a box that ends at the right or lower edge of its image where float32
// rounds the stretched edge to beyond the resized image, as 612·(640/612) to 640.00006. It is so for 73 of all sides up
// to 4,096 px and a resized side of 640.
var DropBeyondResized = newDrop("beyond-resized-image")

// clampedDETR returns the corners in the annotated image, as DETR's converter has them.
func clampedDETR(t *Trainer, f *anchors.Frame, a Annotation) (geom.Box32, Drop) {
	if drop := t.crowd(&a); drop != Kept {
		return geom.Box32{}, drop
	}
	w, h := float32(f.Image.W), float32(f.Image.H)
	x, y := float32(a.Box.X), float32(a.Box.Y)
	b := geom.Box32{
		X0: clip(x, w), Y0: clip(y, h),
		X1: clip(x+float32(a.Box.W), w), Y1: clip(y+float32(a.Box.H), h),
	}
	if !(b.X1 > b.X0 && b.Y1 > b.Y0) {
		return geom.Box32{}, DropNoArea
	}
	return b, Kept
}

// stretched returns a box in the resized image.
func stretched(f *anchors.Frame, b geom.Box32) geom.Box32 {
	x, y := float32(f.Resized.W)/float32(f.Image.W), float32(f.Resized.H)/float32(f.Image.H)
	return geom.Box32{X0: float32(b.X0 * x), Y0: float32(b.Y0 * y), X1: float32(b.X1 * x), Y1: float32(b.Y1 * y)}
}
