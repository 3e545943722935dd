package trainer

import (
	"fmt"

	"focalaudit/pkg/anchors"
	"focalaudit/pkg/geom"
)

const yoloBoxes = "yolov5"

var _ = register(yoloBoxes, loader{
	place: placeYOLO, row: yoloRow, crowdAt: counted, byName: true,
	minSide: 10, small: Under10, // verify_image_label
	with: &companions{
		what: "what yolov5 does", boxes: yoloBoxes, arithmetic: anchors.BoxAnchors, rule: "shape-ratio",
		resize: anchors.ResizeLetterbox, also: squareOfCells,
	},
})

// The reasons of yolov5 alone.
var (
	DropRepeated = newDrop("repeated")         // class and box are an earlier annotation's
	RefuseImage  = newRefusal("image-refused") // the whole image is left out: a centre or side outside [0,1] of the image
)

// squareOfCells reports a letterbox that is no square of whole cells on every level.
func squareOfCells(p *Preset) error {
	if p.Resize.Short != p.Resize.Long {
		return fmt.Errorf("resize.short_side: got %d, allowed with what yolov5 does: %d, as long_side is",
			p.Resize.Short, p.Resize.Long)
	}
	if p.Resize.Long%p.Pad != 0 {
		return fmt.Errorf("resize.long_side: got %d, allowed with what yolov5 does: a multiple of pad, %d",
			p.Resize.Long, p.Pad)
	}
	for i, l := range p.Anchors.Levels {
		if p.Pad%l.Stride != 0 {
			return fmt.Errorf(
				"pad: got %d, allowed with what yolov5 does: a multiple of every stride, and %d is that of anchors.levels[%d]",
				p.Pad, l.Stride, i)
		}
	}
	return nil
}

// placeYOLO follows the conversion of COCO files to label files (crowds and boxes
// without sides are left out; what a file's six digits lose is not), and of
// utils/dataloaders.py verify_image_label (which refuses images), letterbox and
// __getitem__, with xywhn2xyxy and xyxy2xywhn of utils/general.py: float32.
func placeYOLO(t *Trainer, f *anchors.Frame, a Annotation) (geom.Box, Drop) {
	r := a.Box
	if a.Detection {
		r = r.Box().Intersect(geom.Box{X1: float64(f.Image.W), Y1: float64(f.Image.H)}).Rect()
	}
	drop := t.crowd(&a)
	switch {
	case drop != Kept:
		return geom.Box{}, drop
	case !(r.W > 0 && r.H > 0):
		return geom.Box{}, DropNoArea
	case a.NoClass:
		return geom.Box{}, RefuseNoClass
	}
	row := yoloRow(t, r, f.Image)
	for _, part := range row {
		if !(part >= 0 && part <= 1) {
			return geom.Box{}, RefuseImage
		}
	}
	x, y, wide, high := row[0], row[1], row[2], row[3]
	scale := f.Letterbox()
	cx, pw := letterbox(x, wide, scale*float64(f.Resized.W), f.Left, f.Padded.W)
	cy, ph := letterbox(y, high, scale*float64(f.Resized.H), f.Top, f.Padded.H)
	return ofParts(cx, cy, pw, ph, f.Padded), Kept
}

// yoloRow returns a box as yolov5's label files have it, in float32: centre and sides, as
// parts of the image's.
func yoloRow(_ *Trainer, r geom.Rect, image geom.Size) [4]float32 {
	w, h := float64(image.W), float64(image.H)
	return [4]float32{float32((r.X + r.W/2) / w), float32((r.Y + r.H/2) / h), float32(r.W / w), float32(r.H / h)}
}

// letterbox moves a centre and a side, as parts of an image's side that is long px,
// to where they are in the square around the image, with pad px before it: as
// parts of the square's side.
func letterbox(centre, part float32, long, pad float64, square int) (float32, float32) {
	lo := float32(float32(long)*float32(centre-part/2)) + float32(pad)
	hi := float32(float32(long)*float32(centre+part/2)) + float32(pad)
	most := float32(float64(square) - 1e-3)
	lo, hi = clip(lo, most), clip(hi, most)
	return (lo + hi) / 2 / float32(square), (hi - lo) / float32(square)
}

// ofParts returns the corners of a box by its centre and sides as parts of the
// padded image. They give these back, as iou.ShapeRatio needs them: what float64
// rounds is far less than half of float32's last digit.
func ofParts(x, y, w, h float32, padded geom.Size) geom.Box {
	wide, high := float64(padded.W), float64(padded.H)
	return geom.Box{
		X0: wide * (float64(x) - float64(w)/2), Y0: high * (float64(y) - float64(h)/2),
		X1: wide * (float64(x) + float64(w)/2), Y1: high * (float64(y) + float64(h)/2),
	}
}
