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

	// Detection says that this is a detector's box rather than a record: it is clipped
	// to the image where the trainer would refuse a record.
	Detection bool
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
	DropSticksOut      // keras-retinanet: a corner outside the image
	DropRepeated       // yolov5: class and box are an earlier record's
	RefuseNoClass      // keras-retinanet stops with a KeyError, and so do conversions to yolov5's label files
	RefuseImage        // yolov5 leaves out the whole image: a centre or side outside [0,1] of the image
)

const minSide = float32(1e-5) // px, detectron2's box.nonempty

// String returns the reason as reports have it, "" for Kept.
func (d Drop) String() string {
	return [...]string{
		Kept: "", DropCrowd: "crowd", DropNoArea: "no-area-in-image", DropNoPolygon: "no-valid-polygon",
		DropTiny: "side-under-1e-5-px", RefuseIgnore: "ignore-refused", RefuseNoArea: "degenerate-refused",
		DropIgnore: "ignore", DropArea: "area-not-above-0", DropUnder1: "side-under-1-px", DropNoClass: "undeclared-category",
		DropSticksOut: "sticks-out", DropRepeated: "repeated", RefuseNoClass: "undeclared-category-refused", RefuseImage: "image-refused",
	}[d]
}

// Refused reports whether the trainer stops with an error at such a record,
// rather than going on without it.
func (d Drop) Refused() bool {
	return d == RefuseIgnore || d == RefuseNoArea || d == RefuseNoClass || d == RefuseImage
}

// Place returns the corners of an annotation in frame f, computed as the
// trainer computes them, or why the trainer leaves it out. Most trainers hold
// them in float32, and so the corners are float32's numbers; for keras-retinanet
// they are float64's, and for yolov5 they give back the float32 centre and sides
// (see ofParts).
func (l *Layout) Place(f *Frame, a Annotation) (geom.Box, Drop) {
	var b geom.Box32
	var why Drop
	switch l.preset.Boxes {
	case KerasBoxes:
		return l.placeKeras(f, a)
	case YOLOBoxes:
		return placeYOLO(f, a)
	case Detectron2Boxes:
		b, why = placeDetectron2(f, a)
	case MMDetectionBoxes:
		b, why = placeMMDetection(f, a)
	default:
		b, why = placeTorchvision(f, a)
	}
	return b.Wide(), why
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

// placeKeras follows preprocessing/coco.py (what is dropped), and of
// preprocessing/generator.py filter_annotations (again) and preprocess_group (the
// one scale of the image for both axes), all in float64.
func (l *Layout) placeKeras(f *Frame, a Annotation) (geom.Box, Drop) {
	b := a.Box.Box()
	w, h := float64(f.Image.W), float64(f.Image.H)
	if a.Detection {
		b = b.Intersect(geom.Box{X1: w, Y1: h})
	}
	switch {
	case a.Crowd:
		return geom.Box{}, DropCrowd
	case !a.Detection && (a.Box.W < 1 || a.Box.H < 1):
		return geom.Box{}, DropUnder1
	case a.NoClass:
		return geom.Box{}, RefuseNoClass
	case b.Empty():
		return geom.Box{}, DropNoArea
	case b.X0 < 0 || b.Y0 < 0 || b.X1 > w || b.Y1 > h:
		return geom.Box{}, DropSticksOut
	}
	scale := l.preset.Resize.keras(f.Image)
	return geom.Box{X0: b.X0 * scale, Y0: b.Y0 * scale, X1: b.X1 * scale, Y1: b.Y1 * scale}, Kept
}

// placeYOLO follows the conversion of COCO files to label files (crowds and boxes
// without sides are left out; what a file's six digits lose is not), and of
// utils/dataloaders.py verify_image_label (which refuses images), letterbox and
// __getitem__, with xywhn2xyxy and xyxy2xywhn of utils/general.py: float32.
func placeYOLO(f *Frame, a Annotation) (geom.Box, Drop) {
	r := a.Box
	if a.Detection {
		r = r.Box().Intersect(geom.Box{X1: float64(f.Image.W), Y1: float64(f.Image.H)}).Rect()
	}
	switch {
	case a.Crowd:
		return geom.Box{}, DropCrowd
	case !(r.W > 0 && r.H > 0):
		return geom.Box{}, DropNoArea
	case a.NoClass:
		return geom.Box{}, RefuseNoClass
	}
	row := RowOf(r, f.Image)
	for _, part := range row {
		if !(part >= 0 && part <= 1) {
			return geom.Box{}, RefuseImage
		}
	}
	x, y, wide, high := row[0], row[1], row[2], row[3]
	scale := letterboxScale(f.Resized, f.Padded)
	cx, pw := letterbox(x, wide, scale*float64(f.Resized.W), f.Left, f.Padded.W)
	cy, ph := letterbox(y, high, scale*float64(f.Resized.H), f.Top, f.Padded.H)
	return ofParts(cx, cy, pw, ph, f.Padded), Kept
}

// MinSide is the least side, in px, of an annotated image that the trainer's loader
// takes.
func (l *Layout) MinSide() int {
	if l.preset.Boxes == YOLOBoxes {
		return 10 // verify_image_label
	}
	return 1
}

// DropsRepeated reports whether the trainer drops an annotation whose class and box,
// as RowOf has it, are those of an earlier one in the image.
func (l *Layout) DropsRepeated() bool { return l.preset.Boxes == YOLOBoxes }

// RowOf returns a box as yolov5's label files have it, in float32: centre and sides, as
// parts of the image's.
func RowOf(r geom.Rect, image geom.Size) [4]float32 {
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
