package trainer

import (
	"focalaudit/pkg/anchors"
	"focalaudit/pkg/geom"
)

const kerasHubBoxes = "keras-hub"

var _ = register(kerasHubBoxes, loader{
	place: placeKerasHub, crowdAt: counted, minSide: 1,
	with: &companions{what: "what keras-hub does", boxes: kerasHubBoxes, resize: anchors.ResizeKerasHub},
})

// placeKerasHub follows keras' image_preprocessing/resizing.py with pad_to_aspect_ratio:
// float32, clipped to the square. keras-hub has no loader of COCO files; crowds and boxes
// without an area are taken to be left out.
func placeKerasHub(t *Trainer, f *anchors.Frame, a Annotation) (geom.Box, Drop) {
	if drop := t.crowd(&a); drop != Kept {
		return geom.Box{}, drop
	}
	scale := t.Preset.Resize.Scale32(f.Image)
	left, top := float32(f.Left), float32(f.Top)
	right, bottom := float32(f.Padded.W), float32(f.Padded.H)
	x, y := float32(a.Box.X), float32(a.Box.Y)
	b := geom.Box32{
		X0: clip(float32(x*scale)+left, right), Y0: clip(float32(y*scale)+top, bottom),
		X1: clip(float32((x+float32(a.Box.W))*scale)+left, right), Y1: clip(float32((y+float32(a.Box.H))*scale)+top, bottom),
	}
	if !(b.X1 > b.X0 && b.Y1 > b.Y0) {
		return geom.Box{}, DropNoArea
	}
	return b.Wide(), Kept
}
