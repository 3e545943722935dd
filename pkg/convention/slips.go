package convention

import (
	"fmt"
	"math"
	"strings"

	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/text"
)

// Slip is what a known slip leaves in boxes that fit their images, so that no other reading shows.
type Slip struct {
	Kind      SlipKind
	Boxes, Of int   // that have the mark, that could have it
	Example   int32 // an object that has it, -1 if there is none
	step      float64
}

// SlipKind is a slip.
type SlipKind uint8

// The slips.
const (
	NoSlip       SlipKind = iota
	FromOrigin            // boxes around points of which some are not set: at (0, 0)
	Thirds                // the first four numbers of a polygon as centre, width and height
	Diagonal              // spans (x0, x1, y0, y1) as corners
	Snapped               // all numbers rounded to multiples of one
	Running               // the extent of an object and all before it in its image
	Same                  // one box for all objects of an image
	HalfCentre            // centre and half of the sides
	Halved                // half as wide and high as the object, in its middle
	HalfSides             // left, top, half of the sides
	Square                // one side for both
	Whole                 // the image
	SnappedParts          // parts of the sides, rounded to hundredths
	Early                 // width and height less the left and the upper edge once more
	Clamped               // enlarged to a least side
	Upright               // the shorter side as width
	Lying                 // the longer side as width
	Cells                 // centres moved to those of cells
)

// OfSlip looks for slips in the boxes of a source. Ask it only where OfBoxes found no other reading,
// and no outline confirms the boxes.
func OfSlip(src *dataset.Source) Slip { return count(src).readSlip(src) }

// leastSlipImages is how many images with boxes a source must have: a handful of pictures of one scene
// has its boxes in one place by right.
const leastSlipImages = 10

// thirdSlack is how far a box may be from a third, as a part of the image's side.
const thirdSlack = 0.05

// readSlip is OfSlip. It looks at single boxes only where the counts allow a slip.
func (t *tally) readSlip(src *dataset.Source) Slip {
	none := Slip{Example: -1}
	if m := t.wholes(src); m.Example >= 0 {
		return m
	}
	if t.confirmed() || t.images < leastSlipImages {
		return none
	}
	if t.origin >= 20 && 100*t.origin >= 3*t.n {
		if m, across := fromOrigin(src); m.Boxes >= 20 && 100*m.Boxes >= 3*m.Of && m.Boxes >= originRatio*across &&
			holds(src, 100./3, fromCorner) {
			return m
		}
	}
	if 10*t.thirds >= t.n && t.thirds >= 15 {
		if m := thirds(src); m.Of >= 50 && 10*m.Boxes >= 3*m.Of {
			return m
		}
	}
	if m := t.diagonal(src); m.Of >= 50 && 50*m.Boxes >= 49*m.Of {
		return m
	}
	if m := t.early(src); m.Example >= 0 {
		return m
	}
	if m := halfSides(src); m.Kind != NoSlip {
		return m
	}
	if m := readExtents(src); m.Kind != NoSlip {
		return m
	}
	if m := t.squares(src); m.Example >= 0 {
		return m
	}
	if m := clamped(src); m.Example >= 0 {
		return m
	}
	if m := sorted(src); m.Example >= 0 {
		return m
	}
	return none
}

// doubled are the boxes that the four numbers mean if two of them are half of what they should be.
var doubled = [...]struct {
	kind SlipKind
	box  func(b *geom.Rect) geom.Box
}{
	{HalfCentre, func(b *geom.Rect) geom.Box {
		return geom.Box{X0: b.X - b.W, Y0: b.Y - b.H, X1: b.X + b.W, Y1: b.Y + b.H}
	}},
	{Halved, func(b *geom.Rect) geom.Box {
		return geom.Box{X0: b.X - b.W/2, Y0: b.Y - b.H/2, X1: b.X + float64(1.5*b.W), Y1: b.Y + float64(1.5*b.H)}
	}},
	{HalfSides, func(b *geom.Rect) geom.Box {
		return geom.Box{X0: b.X, Y0: b.Y, X1: b.X + 2*b.W, Y1: b.Y + 2*b.H}
	}},
}

// halfWords say what the numbers of doubled are.
var halfWords = [...]string{"the centre and half of the sides",
	"half as wide and high as their objects, in the middle of these", "the upper left corner and half of the sides"}

// edges counts boxes that end within a pixel of the left or upper, and of the right or lower edge of their image.
type edges [2]int

func (e *edges) add(b geom.Box, w, h float64) (at bool) {
	near := func(v float64) bool { return v >= -1 && v <= 1 }
	upper, lower := near(b.X0) || near(b.Y0), near(b.X1-w) || near(b.Y1-h)
	e[0] += sample.One(upper)
	e[1] += sample.One(lower)
	return upper || lower
}

// leastHalf is how many boxes tell whether they have half of their sides.
const leastHalf = 100

// halfSides looks for boxes with half of their sides: of 100 boxes or more, 49 in 50 fit their images once they are
// doubled, and 20 and 3 % of those end within a pixel of the upper or left edges, or of the others, ten times as many
// as do so as they stand. In every real file more than one in ten of the first hundreds do not fit if doubled.
func halfSides(src *dataset.Source) Slip {
	var fit [len(doubled)]int
	var at [len(doubled)]edges
	var plain edges
	example, of := [len(doubled)]int32{-1, -1, -1}, 0
	sample.EachWhile(src, func(k int32, o *dataset.Object, w, h float64) bool {
		of++
		plain.add(o.Box.Box(), w, h)
		for f := range doubled {
			b := doubled[f].box(&o.Box)
			fit[f] += sample.One(reading.Fits(b, w, h))
			if at[f].add(b, w, h) && example[f] < 0 {
				example[f] = k
			}
		}
		return of < leastHalf || 10*max(fit[0], fit[1], fit[2]) >= 9*of
	})
	for f := range doubled {
		for side, n := range at[f] {
			if of >= leastHalf && 50*fit[f] >= 49*of && n >= 20 && 100*n >= 3*of && n >= 10*plain[side] {
				return Slip{Kind: doubled[f].kind, Boxes: n, Of: of, Example: example[f]}
			}
		}
	}
	return Slip{Example: -1}
}

// originRatio is how many times as many boxes must begin at the upper left corner as end at the lower right one. Of the
// real files cut into tiles, 1.54 times as many do at most.
const originRatio = 4

// fromOrigin counts boxes that begin at the upper left corner of the image and span neither its
// width nor its height: bars at an edge do so by right. Of the real files' boxes 0.8 % are at (0, 0) at
// most. Across is how many end at the opposite corner: in tiles, objects are cut at all four.
func fromOrigin(src *dataset.Source) (m Slip, across int) {
	m = Slip{Kind: FromOrigin, Example: -1}
	sample.Each(src, func(k int32, o *dataset.Object, w, h float64) {
		b := &o.Box
		m.Of++
		m.add(k, fromCorner(o, w, h))
		across += sample.One(b.X+b.W >= w-1 && b.Y+b.H >= h-1 && b.W <= 0.95*w && b.H <= 0.95*h)
	})
	return m, across
}

// fromCorner tells whether a box begins at the upper left corner, and spans no side.
func fromCorner(o *dataset.Object, w, h float64) bool {
	return o.Box.X == 0 && o.Box.Y == 0 && o.Box.W <= 0.95*w && o.Box.H <= 0.95*h
}

// thirds counts boxes that end at three times where they begin, along both axes, of those that touch no
// edge. The second point of a polygon is near the first, so that width and height are about the
// centre's x and y. Of the real files' boxes 0.7 % are so at most.
func thirds(src *dataset.Source) Slip {
	m := Slip{Kind: Thirds, Example: -1}
	third := func(from, length, side float64) bool {
		off := math.Abs(length - 2*from)
		return off < thirdSlack*side && off < 0.25*length
	}
	sample.Each(src, func(k int32, o *dataset.Object, w, h float64) {
		b := &o.Box
		if b.X <= 0 || b.Y <= 0 || b.X+b.W >= 0.97*w || b.Y+b.H >= 0.97*h {
			return
		}
		m.Of++
		m.add(k, third(b.X, b.W, w) && third(b.Y, b.H, h))
	})
	return m
}

// diagonal counts boxes of which both corners lie below the diagonal from the upper left to the lower
// right of the image. It gives up when too many do not: in the real files 24 to 48 % do. Objects may all stand in
// one place, as before a camera at rest; so some must end in the right quarter, and some begin in the upper one.
func (t *tally) diagonal(src *dataset.Source) Slip {
	m := Slip{Kind: Diagonal, Example: -1}
	right, top := false, false
	sample.EachWhile(src, func(k int32, o *dataset.Object, w, h float64) bool {
		b := &o.Box
		m.Of++
		right, top = right || b.X+b.W > 0.75*w, top || b.Y < 0.25*h
		m.add(k, float64(b.X*h) < float64(b.Y*w) && float64((b.X+b.W)*h) < float64((b.Y+b.H)*w))
		return 50*(m.Of-m.Boxes) <= t.n
	})
	if 50*(m.Of-m.Boxes) > t.n {
		return m
	}
	if !right || !top {
		m.Boxes = 0
	}
	return m
}

// add counts an object.
func (m *Slip) add(k int32, has bool) {
	if !has {
		return
	}
	if m.Boxes++; m.Example < 0 {
		m.Example = k
	}
}

// ofAll tells whether the slip is one of all boxes of its source, of which Boxes only show it.
func (m *Slip) ofAll() bool {
	switch m.Kind {
	case HalfCentre, Halved, HalfSides, Early, Clamped, Upright, Lying:
		return true
	}
	return false
}

// Finding returns the finding on a slip, a warning: an odd set of pictures may have it too.
func (m *Slip) Finding(src *dataset.Source, s int32) findings.Finding {
	var what string
	boxes := say.Group(m.Boxes) + " of " + say.Plural(m.Of, "box")
	switch m.Kind {
	case FromOrigin:
		what = boxes + " begin at (0, 0), the upper left corner of their images. They seem to be drawn around points of " +
			"which some are not set and stand at (0, 0), as keypoints that are not labelled: leave these points out, and " +
			"compute the boxes anew"
	case Thirds:
		what = boxes + " that touch no edge end at three times where they begin, in x and in y. The first four numbers of " +
			"polygons seem to be read as centre, width and height (labels of YOLO's segmentation as those of its detection): " +
			"take the smallest box around each polygon"
	case Snapped:
		step := text.Short(m.step)
		what = fmt.Sprintf("the four numbers of %s are multiples of %s. They seem to be rounded to the cells of a grid, or "+
			"to be those of pictures %s times smaller: write the boxes as they were drawn", boxes, step, step)
	case Running:
		what = fmt.Sprintf("%s contain the box of the record before theirs in the image. The least and the greatest x and y "+
			"seem not to be set anew for each object, so that a box goes around all objects before it: set them anew, and "+
			"write the boxes again", boxes)
	case Same:
		what = fmt.Sprintf("%s equal that of the record before theirs in the image. All objects of an image seem to have "+
			"been given the box of one of them: write each object's own", boxes)
	case HalfCentre, Halved, HalfSides:
		now := halfWords[m.Kind-HalfCentre]
		what = fmt.Sprintf("the boxes seem to have half of their width and height (%s): doubled, they fit their images, and "+
			"%s end within a pixel of an edge, as objects do that leave the picture; as they stand, hardly any does at that "+
			"side. Write width and height in full, and the upper left corner", now, boxes)
	case Cells:
		what = fmt.Sprintf("the centres of %s are the centres of a network's cells of %s px. %s", boxes, text.Short(m.step),
			strings.TrimSuffix(cellsMend, "."))
	case Early:
		what = fmt.Sprintf("hardly any of %s begins beyond half of the width or of the height. Width and height seem to be "+
			"less the left and the upper edge once more (boxes that were taken for corners), and boxes that came out "+
			"negative to be dropped: write the boxes as they were drawn", say.Plural(m.Of, "box"))
	case Square:
		what = m.squareMessage()
	case Whole:
		what = boxes + " span their image, beside others. A default seems to stand where an object has no box of its own, " +
			"as where labels of images are read as boxes: draw these boxes, or leave the records out"
	case SnappedParts:
		what = boxes + " have hundredths of their image's sides as their size and place. They seem to be rounded to two " +
			"digits as parts of the sides, which is some px: write four digits or more, from the labels as they were drawn"
	case Clamped:
		what = fmt.Sprintf("no box is narrower or lower than %s px, and %s have a side of exactly that. Smaller objects "+
			"seem to be enlarged to a least side, so that their boxes hold background: write the boxes as they were drawn",
			text.Short(m.step), boxes)
	case Upright, Lying:
		is, edge := "wider than high", "lower"
		if m.Kind == Lying {
			is, edge = "higher than wide", "right"
		}
		what = fmt.Sprintf("hardly any box is %s, in any class, and %s end beyond the %s edge, hardly any beyond the other. "+
			"Width and height seem to be sorted by their size: write them in their order", is, boxes, edge)
	default:
		what = boxes + " lie below the diagonal of their images with both corners. Spans (x0, x1, y0, y1), as OpenImages " +
			"has them, seem to be read as corners, and boxes that came out negative to be dropped: read XMin, XMax, YMin " +
			"and YMax by their names, and write [x0, y0, x1 - x0, y1 - y0]"
	}
	o := &src.Objects[m.Example]
	f := say.Finding("box-convention", s, o.Offset, o.Line, "%s. Example: %s", what, say.Place(src, m.Example))
	f.Level, f.Cases = findings.Warning, int64(m.Boxes)
	if m.ofAll() {
		f.Cases = int64(len(src.Objects))
	}
	return f
}
