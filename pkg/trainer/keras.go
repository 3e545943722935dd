package trainer

import (
	"focalaudit/pkg/anchors"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

const kerasBoxes = "keras-retinanet"

var _ = register(kerasBoxes, loader{
	place: placeKeras, crowdAt: unlessKey, minSide: 1, repeated: lastOfAll,
	stops: map[dataset.Trait]string{dataset.NoIDKey: "KeyError", dataset.NoCrowdKey: "KeyError"},
	with: &companions{
		what: "what keras-retinanet does", boxes: kerasBoxes, arithmetic: anchors.KerasAnchors, rule: "inclusive-iou",
		resize: anchors.ResizeKeras, unresized: true,
	},
})

// DropSticksOut: keras-retinanet drops a box with a corner outside the image.
var DropSticksOut = newDrop("sticks-out")

// placeKeras follows preprocessing/coco.py (what is dropped), and of
// preprocessing/generator.py filter_annotations (again) and preprocess_group (the
// one scale of the image for both axes), all in float64: the corners are float64's numbers.
func placeKeras(t *Trainer, f *anchors.Frame, a Annotation) (geom.Box, Drop) {
	b := a.Box.Box()
	w, h := float64(f.Image.W), float64(f.Image.H)
	if a.Detection {
		b = b.Intersect(geom.Box{X1: w, Y1: h})
	}
	drop := t.crowd(&a)
	switch {
	case drop != Kept:
		return geom.Box{}, drop
	case !a.Detection && (a.Box.W < 1 || a.Box.H < 1):
		return geom.Box{}, DropUnder1
	case a.NoClass:
		return geom.Box{}, RefuseNoClass
	case b.Empty():
		return geom.Box{}, DropNoArea
	case b.X0 < 0 || b.Y0 < 0 || b.X1 > w || b.Y1 > h:
		return geom.Box{}, DropSticksOut
	}
	scale := t.Preset.Resize.Scale(f.Image)
	return geom.Box{X0: b.X0 * scale, Y0: b.Y0 * scale, X1: b.X1 * scale, Y1: b.Y1 * scale}, Kept
}
