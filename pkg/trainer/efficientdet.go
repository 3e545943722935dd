package trainer

import (
	"focalaudit/pkg/anchors"
	"focalaudit/pkg/geom"
)

const (
	effdetBoxes = "effdet"
	automlBoxes = "automl"
)

var _ = register(effdetBoxes, loader{
	place: placeEffdet, crowdAt: counted, ignoreAt: counted, minSide: 32, small: Under32,
	with: &companions{
		what: "what efficientdet-pytorch does", boxes: effdetBoxes, resize: anchors.ResizeCorner, common: true,
	},
})

var _ = register(automlBoxes, loader{
	place: placeAutoML, crowdAt: counted, minSide: 1, capStops: true,
	with: &companions{
		what: "what google/automl does", boxes: automlBoxes, resize: anchors.ResizeCorner32,
	},
})

// placeEffdet follows effdet/data/parsers/parser_coco.py (what is dropped) and
// effdet/data/transforms.py ResizePad (one scale for both axes, in float32, clipped to the
// resized image).
func placeEffdet(t *Trainer, f *anchors.Frame, a Annotation) (geom.Box, Drop) {
	r := a.Box
	drop := t.crowd(&a)
	switch {
	case t.loader.ignoreAt.has(a.IgnoreValue) && a.Ignore:
		return geom.Box{}, DropIgnore
	case t.loader.ignoreAt.has(a.IgnoreValue):
		return geom.Box{}, DropFlag
	case !a.Detection && (r.W < 1 || r.H < 1):
		return geom.Box{}, DropUnder1
	case drop != Kept:
		return geom.Box{}, drop
	}
	scale := float32(t.Preset.Resize.Corner(f.Image))
	right, bottom := float32(f.Resized.W), float32(f.Resized.H)
	b := geom.Box32{
		X0: clip(float32(float32(r.X)*scale), right), Y0: clip(float32(float32(r.Y)*scale), bottom),
		X1: clip(float32(float32(r.X+r.W)*scale), right), Y1: clip(float32(float32(r.Y+r.H)*scale), bottom),
	}
	if !(b.X1 > b.X0 && b.Y1 > b.Y0) {
		return geom.Box{}, DropNoArea
	}
	return b.Wide(), Kept
}

// placeAutoML follows efficientdet/dataset/create_coco_tfrecord.py (what is dropped; corners
// as parts of the sides, in float32) and efficientdet/dataloader.py (parts of the resized
// sides, clipped to the last px of the square).
func placeAutoML(t *Trainer, f *anchors.Frame, a Annotation) (geom.Box, Drop) {
	r := a.Box
	w, h := float64(f.Image.W), float64(f.Image.H)
	if a.Detection {
		r = r.Box().Intersect(geom.Box{X1: w, Y1: h}).Rect()
	}
	drop := t.crowd(&a)
	switch {
	case !(r.W > 0 && r.H > 0):
		return geom.Box{}, DropNoArea
	case !a.Detection && (r.X+r.W > w || r.Y+r.H > h):
		return geom.Box{}, DropSticksOut
	case drop != Kept:
		return geom.Box{}, drop
	}
	last := float32(f.Padded.W - 1)
	part := func(x, side float64, resized int) float32 {
		return clip(float32(float32(x/side)*float32(resized)), last)
	}
	b := geom.Box32{
		X0: part(r.X, w, f.Resized.W), Y0: part(r.Y, h, f.Resized.H),
		X1: part(r.X+r.W, w, f.Resized.W), Y1: part(r.Y+r.H, h, f.Resized.H),
	}
	if !(b.X1 > b.X0 && b.Y1 > b.Y0) {
		return geom.Box{}, DropNoArea
	}
	return b.Wide(), Kept
}
