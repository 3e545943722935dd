package convention

import (
	"fmt"

	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
)

// Beyond explains boxes of a part of a source that reach beyond their images.
type Beyond struct {
	Kind      BeyondKind
	Boxes, Of int   // that the explanation puts into their image, all that reach beyond
	AtEdge    int   // of Turning: boxes that begin at the right edge
	Example   int32 // the first of Boxes
}

// BeyondKind is an explanation.
type BeyondKind uint8

// The explanations.
const (
	Unexplained BeyondKind = iota
	MaxFirst               // xmax, xmin, ymax, ymin read as xmin, ymin, xmax, ymax, each axis sorted
	Turning                // turned by a quarter about the upper left corner, and the turn left out
)

// readBeyond looks for an explanation where 20 boxes and 1 % reach well beyond the right or the lower edge (5 % of the
// side): in the real files 0.2 % do at most.
func (t *tally) readBeyond(src *dataset.Source) Beyond {
	if n := t.far[0] + t.far[1]; n < 20 || 100*n < t.n {
		return Beyond{Example: -1}
	}
	if m := maxFirst(src); m.Kind != Unexplained {
		return m
	}
	return t.turning(src)
}

// add counts a box that reaches beyond.
func (m *Beyond) add(k int32, fits bool) {
	m.Of++
	if !fits {
		return
	}
	if m.Boxes++; m.Example < 0 {
		m.Example = k
	}
}

// maxFirst asks whether boxes that reach beyond fit their image once their numbers are sorted otherwise: all of 20 but
// 1 in 50. A file of Pascal VOC has xmax before xmin in some exports. Read by position and sorted, x goes from ymax to
// xmax and y from ymin to xmin, in whatever order. So xmax is one of the two x, and is above xmin, one of the two y.
//
// A box that reaches below a picture that is wider than high fits so only if it lies right of the diagonal with both of
// its corners, which the lower edge keeps nearly all from: of 43 boxes of CityPersons that do not fit none is so, of 25
// of TACO's unofficial ones one.
func maxFirst(src *dataset.Source) Beyond {
	m := Beyond{Kind: MaxFirst, Example: -1}
	sample.Each(src, func(k int32, o *dataset.Object, w, h float64) {
		if b := o.Box.Box(); !reading.Fits(b, w, h) {
			_, ok := unsorted(b, w, h)
			m.add(k, ok)
		}
	})
	if m.Boxes < 20 || 50*m.Boxes < 49*m.Of {
		return Beyond{Example: -1}
	}
	return m
}

// unsorted returns the box in its image that was read as b, if there is one.
func unsorted(b geom.Box, w, h float64) (geom.Box, bool) {
	for _, x := range [2][2]float64{{b.X1, b.X0}, {b.X0, b.X1}} { // xmax, ymax
		for _, y := range [2][2]float64{{b.Y1, b.Y0}, {b.Y0, b.Y1}} { // xmin, ymin
			if as := (geom.Box{X0: y[0], Y0: y[1], X1: x[0], Y1: x[1]}); reading.Fits(as, w, h) {
				return as, true
			}
		}
	}
	return geom.Box{}, false
}

// turning asks whether boxes are those of rectangles that were turned about their upper left corner, written without
// the turn. That corner is in the picture and may lie at its right edge, where an upright box can't begin: 5 boxes and
// 1 in 500 begin within half a px of it, which none of the 80,000 boxes of 17 real files does, and at most a twentieth
// as many beyond it.
// Of the boxes that end beyond the right edge nine in ten fit as turned by a quarter, the commonest turn; and at most a
// twentieth as many begin before the left edge.
func (t *tally) turning(src *dataset.Source) Beyond {
	m := Beyond{Kind: Turning, Example: -1}
	begins, before, asRight := 0, 0, 0
	sample.Each(src, func(k int32, o *dataset.Object, w, h float64) {
		b := &o.Box
		m.AtEdge += sample.One(b.X >= w-0.5 && b.X <= w+0.5)
		begins += sample.One(b.X > w+0.5)
		before += sample.One(b.X < -max(reading.SlackPixels, reading.Slack*w))
		if b.X+b.W <= w+max(reading.SlackPixels, reading.Slack*w) {
			return
		}
		m.add(k, reading.Fits(geom.Rect{X: b.X - b.H, Y: b.Y, W: b.H, H: b.W}.Box(), w, h))
		asRight += sample.One(reading.Fits(geom.Rect{X: b.X - b.W, Y: b.Y, W: b.W, H: b.H}.Box(), w, h))
	})
	if m.AtEdge < 5 || 500*m.AtEdge < t.n || 20*begins > m.AtEdge || 10*m.Boxes < 9*m.Of || 20*before > m.Of ||
		asRight > m.Boxes {
		return Beyond{Example: -1}
	}
	return m
}

// Finding returns the finding on an explanation, a warning: a part of the boxes is right.
func (m *Beyond) Finding(src *dataset.Source, s int32) findings.Finding {
	o := &src.Objects[m.Example]
	what := fmt.Sprintf("a part of the boxes seems to be read from xmax, xmin, ymax, ymin in the place of xmin, ymin, "+
		"xmax, ymax, and sorted: %s of %s that reach beyond their images lie in them if x of the file is ymax and xmax, "+
		"and y is xmin and ymin. Read the corners of Pascal VOC by their names and write these boxes anew",
		say.Group(m.Boxes), say.Plural(m.Of, "box"))
	if m.Kind == Turning {
		what = fmt.Sprintf("a part of the boxes seems to be turned, and the turn left out: %s begin at the right edge of "+
			"their images, where no upright box can, and %s of %s that end beyond it fit as turned by a quarter about "+
			"their upper left corner, [x - h, y, h, w]. Label Studio writes the turn as rotation: compute the upright box "+
			"around each turned one", say.Group(m.AtEdge), say.Group(m.Boxes), say.Plural(m.Of, "box"))
	}
	f := say.Finding("box-convention", s, o.Offset, o.Line, "%s. Example: %s", what, say.Place(src, m.Example))
	f.Level, f.Cases = findings.Warning, int64(m.Of)
	return f
}
