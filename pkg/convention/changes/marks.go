package changes

import (
	"math"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
)

// mark is what is measured of each box.
type mark struct {
	what    string // as a message has it: of a share what the boxes do, of a mean what it is of
	share   bool   // it is 0 or 1
	scatter int    // the mark whose distance from the mean of its class it is, 0 for none
	unit    unit
	least   float64 // the difference of means that may matter
}

// unit says how a mean is shown.
type unit int

// The units: shares and places in percent, and logarithms of lengths as what they are logarithms of.
const (
	percent unit = iota
	factor
	ratio
	times
)

// The marks, in the order of row.raw.
const (
	left = iota
	top
	right
	bottom
	beyond
	whole
	areaAsBox
	noArea
	overlapping
	sameOverlapping
	contained
	width
	height
	aspect
	centreX
	centreY
	scatterWidth
	scatterHeight
	scatterAspect
	numMarks
)

// Differences that may matter: a share of boxes by 15 in 100, or by a factor of 3 where one of the two is 5 in 100; a
// side by half of itself; a place by a tenth of the picture; how far sizes scatter by a half. Smaller ones may be seen
// in any large set, and nothing has to follow from them.
var marks = [numMarks]mark{
	left:            {what: "end at the left edge of the picture", share: true},
	top:             {what: "end at its upper edge", share: true},
	right:           {what: "end at its right edge", share: true},
	bottom:          {what: "end at its lower edge", share: true},
	beyond:          {what: "reach beyond the picture", share: true},
	whole:           {what: "are four whole numbers", share: true},
	areaAsBox:       {what: "have an area that is width times height", share: true},
	noArea:          {what: "have no area", share: true},
	overlapping:     {what: "overlap another one by an IoU of 0.3", share: true},
	sameOverlapping: {what: "overlap one of their class by an IoU of 0.3", share: true},
	contained:       {what: "lie in another one, or around it", share: true},
	width:           {what: "width by that of the picture", unit: factor, least: 0.405},
	height:          {what: "height by that of the picture", unit: factor, least: 0.405},
	aspect:          {what: "width by height", unit: ratio, least: 0.3},
	centreX:         {what: "x of the centre, of the picture's width", least: 0.1},
	centreY:         {what: "y of the centre, of the picture's height", least: 0.1},
	scatterWidth: {
		what:    "factor by which widths differ from those of their class",
		scatter: width, unit: times, least: 0.25,
	},
	scatterHeight: {
		what:    "factor by which heights differ from those of their class",
		scatter: height, unit: times, least: 0.25,
	},
	scatterAspect: {
		what:    "factor by which width by height differs from that of the class",
		scatter: aspect, unit: times, least: 0.2,
	},
}

// matters tells whether two means of a mark differ by so much.
func (m *mark) matters(a, b float64) bool {
	d := math.Abs(a - b)
	if !m.share {
		return d >= m.least
	}
	low, high := max(0, min(a, b)), max(a, b)
	return d >= 0.15 || high >= 0.05 && high >= 3*low
}

// row is what one box says.
type row struct {
	image int32
	class int32
	raw   [numMarks]float32 // NaN if it does not have the mark
	by    [numMarks]float32 // less the mean of the class
}

// edgePixel is how near a box comes to an edge at which it ends.
const edgePixel = 1

// marksOf adds the rows of an image's boxes.
func marksOf(src *dataset.Source, im *dataset.Image, image int32, rows []row) []row {
	objects := sample.Chosen(src, im, imageBoxes)
	first := len(rows)
	w, h := float64(im.Size.W), float64(im.Size.H)
	var boxes []geom.Box
	for k := range objects {
		o := &objects[k]
		b := o.Box
		if !sample.Told(o) || o.Flags&dataset.Crowd != 0 || !(b.W > 0 && b.H > 0) {
			continue
		}
		r := row{image: image, class: o.Class}
		put := func(m int, is bool) { r.raw[m] = float32(sample.One(is)) }
		put(left, b.X <= edgePixel)
		put(top, b.Y <= edgePixel)
		put(right, b.X+b.W >= w-edgePixel)
		put(bottom, b.Y+b.H >= h-edgePixel)
		put(beyond, b.X < -edgePixel || b.Y < -edgePixel || b.X+b.W > w+edgePixel || b.Y+b.H > h+edgePixel)
		put(whole, b.X == math.Floor(b.X) && b.Y == math.Floor(b.Y) && b.W == math.Floor(b.W) && b.H == math.Floor(b.H))
		put(areaAsBox, o.Flags&dataset.AreaAsBox != 0)
		put(noArea, o.Flags&dataset.NoArea != 0)
		lw, lh := math.Log(b.W/w), math.Log(b.H/h)
		r.raw[width], r.raw[height], r.raw[aspect] = float32(lw), float32(lh), float32(math.Log(b.W/b.H))
		r.raw[centreX], r.raw[centreY] = float32((b.X+b.W/2)/w), float32((b.Y+b.H/2)/h)
		rows, boxes = append(rows, r), append(boxes, b.Box())
	}
	overlaps(rows[first:], boxes)
	return rows
}

// Boxes overlap from an IoU of overlapFrom on; one lies in another if so much of it does.
const (
	overlapFrom   = 0.3
	containedFrom = 0.9
)

// overlaps fills in what the boxes of an image have to do with each other. One that is alone in its image has no such
// mark.
func overlaps(rows []row, boxes []geom.Box) {
	if len(rows) < 2 {
		for i := range rows {
			nan := float32(math.NaN())
			rows[i].raw[overlapping], rows[i].raw[sameOverlapping], rows[i].raw[contained] = nan, nan, nan
		}
		return
	}
	for i := range boxes {
		for j := range i {
			v := iou.Of(boxes[i], boxes[j])
			if v == 0 {
				continue
			}
			a, b := boxes[i].Area(), boxes[j].Area()
			inside := v / (1 + v) * (a + b) // the area of both
			for _, k := range [2]int{i, j} {
				if v >= overlapFrom {
					rows[k].raw[overlapping] = 1
					if rows[i].class == rows[j].class {
						rows[k].raw[sameOverlapping] = 1
					}
				}
				if inside >= containedFrom*min(a, b) {
					rows[k].raw[contained] = 1
				}
			}
		}
	}
}
