package trainer

import (
	"math"
	"strconv"

	"focalaudit/pkg/anchors"
	"focalaudit/pkg/geom"
)

const ultralyticsBoxes = "ultralytics"

var _ = register(ultralyticsBoxes, loader{
	place: placeUltralytics, row: ultralyticsRow, crowdAt: counted, byName: true,
	minSide: 10, small: Under10, // verify_image_label
	with: &companions{
		what: "what ultralytics does", boxes: ultralyticsBoxes, arithmetic: anchors.Points, rule: "task-aligned",
		resize: anchors.ResizeUltralytics, also: squareOfCells, common: true,
	},
})

// The part of a side by which the numbers of a label may be beyond the image.
const (
	leastPart = float32(-0.01)
	mostPart  = float32(1.01)
)

// placeUltralytics follows data/converter.py convert_coco (crowds and boxes without sides
// are left out; nothing is clipped), data/utils.py verify_image_label (which refuses images),
// and data/augment.py LetterBox with utils/instance.py: float32. What it returns is what the
// loss makes of it (utils/loss.py, preprocess), in px of the square.
func placeUltralytics(t *Trainer, f *anchors.Frame, a Annotation) (geom.Box, Drop) {
	r := a.Box
	if a.Detection {
		r = r.Box().Intersect(geom.Box{X1: float64(f.Image.W), Y1: float64(f.Image.H)}).Rect()
	}
	drop := t.crowd(&a)
	switch {
	case drop != Kept:
		return geom.Box{}, drop
	case !(r.W/float64(f.Image.W) > 0 && r.H/float64(f.Image.H) > 0):
		return geom.Box{}, DropNoArea
	case a.NoClass:
		return geom.Box{}, RefuseNoClass
	}
	row := ultralyticsRow(t, r, f.Image)
	for _, part := range row {
		if !(part >= leastPart && part <= mostPart) {
			return geom.Box{}, RefuseImage
		}
	}
	var b geom.Box32
	b.X0, b.X1 = squared(row[0], row[2], f.Resized.W, float32(f.Left), f.Padded.W)
	b.Y0, b.Y1 = squared(row[1], row[3], f.Resized.H, float32(f.Top), f.Padded.H)
	return b.Wide(), Kept
}

// ultralyticsRow returns a box as its label has it: centre and sides, as parts of the
// image's, in float64, written with six digits, and read as float32.
func ultralyticsRow(t *Trainer, r geom.Rect, image geom.Size) (row [4]float32) {
	w, h := float64(image.W), float64(image.H)
	for i, v := range [4]float64{(r.X + r.W/2) / w, (r.Y + r.H/2) / h, r.W / w, r.H / h} {
		if t.Preset.Digits != ExactDigits {
			v = sixDigits(v)
		}
		row[i] = float32(v)
	}
	return row
}

// sixDigits returns a number as it is written with six significant digits and read again.
//
// What is at least 0.0001 and below 10 takes no text: times a power of ten, it is a whole number of six digits and a
// fraction, which one rounding changes by less than 1e-9; where the fraction is farther from ½ than that, the
// digits are certain. Their quotient by the same power, both exact in float64, is the number nearest to them.
func sixDigits(v float64) float64 {
	if v >= 1e-4 && v < 10 {
		power := 1e5
		for least := 1.0; v < least; least /= 10 {
			power *= 10
		}
		scaled := float64(v * power)
		whole := math.Floor(scaled)
		if part := scaled - whole; scaled < 999_999 && scaled > 100_001 && math.Abs(part-0.5) > 1e-6 {
			if part > 0.5 {
				whole++
			}
			return whole / power
		}
	}
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 6, 64), 64) // a number's own text
	return v
}

// squared moves a centre and a side, as parts of a resized side that is long px, to where
// the edges are in the square, with pad px before it.
func squared(centre, part float32, long int, pad float32, square int) (low, high float32) {
	low, high = float32((centre-part/2)*float32(long))+pad, float32((centre+part/2)*float32(long))+pad
	centre, part = (low+high)/2/float32(square), (high-low)/float32(square)
	centre, part = float32(centre*float32(square)), float32(part*float32(square))
	return centre - part/2, centre + part/2
}
