package trainer

import (
	"slices"

	"focalaudit/pkg/anchors"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

const yoloxBoxes = "yolox"

var _ = register(yoloxBoxes, loader{
	place: placeYOLOX, finish: finishYOLOX, crowdAt: unlessKey, minSide: 1, repeated: lastOfAll,
	stops: map[dataset.Trait]string{
		dataset.NoIDKey: "KeyError", dataset.NoCrowdKey: "KeyError", dataset.NoAreaKey: "KeyError",
	},
	with: &companions{
		what: "what YOLOX does", boxes: yoloxBoxes, arithmetic: anchors.Points, rule: "simota",
		resize: anchors.ResizeCorner, also: squareOfCells, common: true,
	},
})

// DropUpTo1: YOLOX drops a box with a side of 1 px or less after resizing, unless all
// boxes of the image have one.
var DropUpTo1 = newDrop("side-up-to-1-px")

// placeYOLOX follows data/datasets/coco.py load_anno_from_ids and data/data_augment.py TrainTransform. Centre and sides
// are float32 at the end, which the corners give back.
func placeYOLOX(t *Trainer, f *anchors.Frame, a Annotation) (geom.Box, Drop) {
	r := a.Box
	if a.Detection {
		r = r.Box().Intersect(geom.Box{X1: float64(f.Image.W), Y1: float64(f.Image.H)}).Rect()
	}
	b := loadedYOLOX(f, r)
	drop := t.crowd(&a)
	switch {
	case drop != Kept:
		return geom.Box{}, drop
	case a.AreaNotAbove0:
		return geom.Box{}, DropArea
	case !(b.X1 >= b.X0 && b.Y1 >= b.Y0) || a.Detection && !(b.X1 > b.X0 && b.Y1 > b.Y0):
		return geom.Box{}, DropNoArea
	case a.NoClass:
		return geom.Box{}, RefuseNoClass
	}
	c := centredYOLOX(t, f, b)
	cx, cy, w, h := narrow(c.X), narrow(c.Y), narrow(c.W), narrow(c.H)
	return geom.Box{X0: cx - w/2, Y0: cy - h/2, X1: cx + w/2, Y1: cy + h/2}, Kept
}

// narrow rounds to float32.
func narrow(v float64) float64 { return float64(float32(v)) }

// loadedYOLOX returns the corners in the annotated image: a box that sticks out at the left or top is moved, not cut.
func loadedYOLOX(f *anchors.Frame, r geom.Rect) geom.Box {
	x, y := max(0, r.X), max(0, r.Y)
	return geom.Box{
		X0: x, Y0: y,
		X1: min(float64(f.Image.W), x+max(0, r.W)), Y1: min(float64(f.Image.H), y+max(0, r.H)),
	}
}

// centredYOLOX returns centre and sides of a box in the resized image, in float64: edges that are scaled, turned into
// these, and scaled once more, as preproc does.
func centredYOLOX(t *Trainer, f *anchors.Frame, b geom.Box) geom.Rect {
	scale := t.Preset.Resize.Corner(f.Image)
	again := t.Preset.Resize.Corner(f.Resized)
	of := func(low, high float64) (centre, side float64) {
		low, high = float64(low*scale), float64(high*scale)
		side = high - low
		centre = low + float64(side*0.5)
		return centre * again, side * again
	}
	cx, w := of(b.X0, b.X1)
	cy, h := of(b.Y0, b.Y1)
	return geom.Rect{X: cx, Y: cy, W: w, H: h}
}

// finishYOLOX drops boxes of 1 px or less, unless none is left then. YOLOX compares before it rounds to float32.
func finishYOLOX(s *Scene, src *dataset.Source) {
	small := func(object int) bool {
		b := centredYOLOX(s.Trainer, &s.Frame, loadedYOLOX(&s.Frame, src.Objects[object].Box))
		return !(min(b.W, b.H) > 1)
	}
	if !slices.ContainsFunc(s.Index, func(object int) bool { return !small(object) }) {
		return
	}
	s.drop(func(object int) Drop {
		if small(object) {
			return DropUpTo1
		}
		return Kept
	})
}
