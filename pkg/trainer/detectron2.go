package trainer

import (
	"math"

	"focalaudit/pkg/anchors"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

var _ = register("detectron2", loader{
	place: placeDetectron2, crowdAt: notZero, ignoreAt: notZero, minSide: 1, truncates: true,
	stops: map[dataset.Trait]string{
		dataset.NoIDKey: "KeyError", dataset.FlatOutline: "TypeError",
		dataset.NullRuns: "TypeError", dataset.TextRuns: "ValueError", dataset.CrowdRuns: "TypeError or ValueError",
	},
	repeated: assertsUnique,
})

// The reasons of detectron2 alone.
var (
	RefuseIgnore  = newRefusal("ignore-refused")    // it stops with an assertion
	RefuseHuge    = newRefusal("integer-refused")   // it stops where an integer does not fit 64 bits
	DropNoPolygon = newDrop("no-valid-polygon")     // even if the box is fine
	DropTiny      = newDrop("side-under-1e-5-px")   // after resizing
	DropTruncated = newDrop("truncated-to-nothing") // its integers leave a side of 0 px
)

const minSide = float32(1e-5) // px, detectron2's box.nonempty

// placeDetectron2 follows data/datasets/coco.py (what is dropped),
// structures/boxes.py (corners), data/detection_utils.py (scaled and clipped in
// float64) and fvcore's apply_box, which takes the lesser and the greater of two
// corners: a negative width becomes a positive one.
func placeDetectron2(t *Trainer, f *anchors.Frame, a Annotation) (geom.Box, Drop) {
	drop := t.crowd(&a)
	switch {
	case t.loader.ignoreAt.has(a.IgnoreValue):
		return geom.Box{}, RefuseIgnore
	case a.NoValidPolygon:
		return geom.Box{}, DropNoPolygon
	case drop != Kept:
		return geom.Box{}, drop
	case a.IntegerBox && !fitsInt64(a.Box):
		return geom.Box{}, RefuseHuge
	}
	b := cornersDetectron2(f, a.Box)
	empty := b.Width() == 0 || b.Height() == 0
	if a.IntegerBox {
		b = integersDetectron2(f, a.Box)
	}
	switch {
	case !(b.X1 > b.X0 && b.Y1 > b.Y0) && a.IntegerBox && !empty:
		return geom.Box{}, DropTruncated
	case !(b.X1 > b.X0 && b.Y1 > b.Y0):
		return geom.Box{}, DropNoArea
	case b.Width() <= minSide || b.Height() <= minSide:
		return geom.Box{}, DropTiny
	}
	return b.Wide(), Kept
}

// cornersDetectron2 returns the corners in the resized image of a box that is a list of
// floats: a float32 tensor.
func cornersDetectron2(f *anchors.Frame, r geom.Rect) (b geom.Box32) {
	x, y := float32(r.X), float32(r.Y)
	sx, sy := scalesDetectron2(f)
	b.X0, b.X1 = clipDetectron2(float64(x)*sx, float64(x+float32(r.W))*sx, f.Resized.W)
	b.Y0, b.Y1 = clipDetectron2(float64(y)*sy, float64(y+float32(r.H))*sy, f.Resized.H)
	return b
}

// integersDetectron2 returns the corners of a box that is a list of integers: an int64
// tensor. numpy writes the resized corners back into an array of that type and so cuts
// their fractions off.
func integersDetectron2(f *anchors.Frame, r geom.Rect) (b geom.Box32) {
	x, y := int64(r.X), int64(r.Y)
	sx, sy := scalesDetectron2(f)
	b.X0, b.X1 = clipDetectron2(truncated(x, sx), truncated(x+int64(r.W), sx), f.Resized.W)
	b.Y0, b.Y1 = clipDetectron2(truncated(y, sy), truncated(y+int64(r.H), sy), f.Resized.H)
	return b
}

// scalesDetectron2 returns what coordinates are multiplied by: a quotient, once rounded.
func scalesDetectron2(f *anchors.Frame) (x, y float64) {
	return float64(f.Resized.W) / float64(f.Image.W), float64(f.Resized.H) / float64(f.Image.H)
}

// truncated returns a resized coordinate as int64 holds it. Where it does not fit, numpy
// makes it the least int64.
func truncated(x int64, scale float64) float64 {
	v := math.Trunc(float64(x) * scale)
	if !(math.Abs(v) < 1<<63) {
		return math.MinInt64
	}
	return v
}

// fitsInt64 reports whether torch can make an int64 tensor of a box of integers.
func fitsInt64(r geom.Rect) bool {
	for _, v := range [...]float64{r.X, r.Y, r.W, r.H} {
		if v < math.MinInt64 || v >= 1<<63 {
			return false
		}
	}
	return true
}

// clipDetectron2 returns the lesser and the greater of two corners, clipped to an image's
// side.
func clipDetectron2(a, b float64, side int) (lo, hi float32) {
	most := float64(side)
	return float32(min(max(min(a, b), 0), most)), float32(min(max(max(a, b), 0), most))
}
