package trainer

import (
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

// placeYOLOX follows data/datasets/coco.py load_anno_from_ids (a box that sticks out at the
// left or top is moved, not cut) and data/data_augment.py TrainTransform and preproc (which
// scales once more): float64. Centre and sides are float32, which the corners give back.
func placeYOLOX(t *Trainer, f *anchors.Frame, a Annotation) (geom.Box, Drop) {
	r := a.Box
	if a.Detection {
		r = r.Box().Intersect(geom.Box{X1: float64(f.Image.W), Y1: float64(f.Image.H)}).Rect()
	}
	x0, y0 := max(0, r.X), max(0, r.Y)
	x1, y1 := min(float64(f.Image.W), x0+max(0, r.W)), min(float64(f.Image.H), y0+max(0, r.H))
	drop := t.crowd(&a)
	switch {
	case drop != Kept:
		return geom.Box{}, drop
	case a.AreaNotAbove0:
		return geom.Box{}, DropArea
	case !(x1 >= x0 && y1 >= y0) || a.Detection && !(x1 > x0 && y1 > y0):
		return geom.Box{}, DropNoArea
	case a.NoClass:
		return geom.Box{}, RefuseNoClass
	}
	scale := t.Preset.Resize.Corner(f.Image)
	again := t.Preset.Resize.Corner(f.Resized)
	cx, w := centred(x0, x1, scale, again)
	cy, h := centred(y0, y1, scale, again)
	return geom.Box{X0: cx - w/2, Y0: cy - h/2, X1: cx + w/2, Y1: cy + h/2}, Kept
}

// centred returns the centre and the side of two edges that are scaled, turned into these,
// scaled again and rounded to float32.
func centred(low, high, scale, again float64) (centre, side float64) {
	low, high = float64(low*scale), float64(high*scale)
	side = high - low
	centre = low + float64(side*0.5)
	return float64(float32(centre * again)), float64(float32(side * again))
}

// finishYOLOX drops boxes of 1 px or less, unless none is left then.
func finishYOLOX(s *Scene) {
	small := func(b geom.Box) bool { return !(min(b.Width(), b.Height()) > 1) }
	any := false
	for _, b := range s.Boxes {
		any = any || !small(b)
	}
	if !any {
		return
	}
	s.drop(func(b geom.Box) Drop {
		if small(b) {
			return DropUpTo1
		}
		return Kept
	})
}
