package convention

import (
	"fmt"

	"focalaudit/pkg/convention/names"
	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
)

// Moved says that boxes keep a distance from one edge of their images at which many of them begin: as those do that
// touched the edge before all were moved by so many px.
type Moved struct {
	Edge      Edge
	Limit     int   // px
	Boxes, Of int   // that are at the limit, that were looked at
	Images    int   // with boxes at the limit
	Example   int32 // an object at the limit, -1 if there is none
}

// Edge is an edge of an image.
type Edge uint8

// The edges.
const (
	Left Edge = iota
	Top
	Right
	Bottom
	numEdges
)

// String names the edge as messages do.
func (s Edge) String() string { return [...]string{"left", "upper", "right", "lower"}[s] }

// away tells where boxes went that keep a distance from an edge.
func (s Edge) away() string { return [...]string{"to the right", "down", "to the left", "up"}[s] }

// A limit is looked for from atEdge to farthest px. Nearer, annotators leave out the edge; farther, nothing
// says that boxes were moved.
const (
	atEdge   = 4
	farthest = 1024
)

// distance returns how far a box is from an edge, below 0 if it is beyond.
func (s Edge) distance(b *geom.Rect, w, h float64) float64 {
	switch s {
	case Left:
		return b.X
	case Top:
		return b.Y
	case Right:
		return w - b.X - b.W
	}
	return h - b.Y - b.H
}

// Found tells whether boxes were moved.
func (m *Moved) Found() bool { return m.Example >= 0 }

// OfMoved looks for a distance from an edge that no box falls below and many have. It looks at some boxes of
// large sources only.
func OfMoved(src *dataset.Source) Moved { return count(src).readMoved(src) }

// readMoved is OfMoved. Of the boxes, 1 in 200 at most may be nearer to the edge; 30 and 3 % stand within 2 px of
// the limit, in 10 images, twelve times as many for a px as in the 12 px behind; and at the other end, 1 in 50 reach
// the edge, or are beyond it. In the real files the limits of scenes (no object is in the sky) have 4 times as many at
// most.
func (t *tally) readMoved(src *dataset.Source) Moved {
	none := Moved{Example: -1}
	if t.n < leastExtents {
		return none
	}
	for e := range numEdges {
		if 200*t.edge[e] > t.n || 50*t.edge[(e+2)%numEdges] < t.n {
			continue
		}
		if m := limitOf(src, e, t.n); m.Found() {
			return m
		}
	}
	return none
}

// limitOf looks for a limit at one edge.
func limitOf(src *dataset.Source, e Edge, n int) Moved {
	m := Moved{Edge: e, Of: n, Example: -1}
	var at [farthest + 16]int32
	sample.Each(src, func(_ int32, o *dataset.Object, w, h float64) {
		if d := e.distance(&o.Box, w, h); d < float64(len(at)) {
			at[max(0, int(d))]++
		}
	})
	for nearer := 0; m.Limit < farthest; m.Limit++ {
		if m.Limit >= atEdge {
			pile, behind := int(at[m.Limit]+at[m.Limit+1]), 0
			for _, k := range at[m.Limit+2 : m.Limit+14] {
				behind += int(k)
			}
			if pile >= 30 && 33*pile >= n && 12*pile >= 12*2*behind {
				m.Boxes = pile
				break
			}
		}
		if nearer += int(at[m.Limit]); 200*nearer > n {
			return m
		}
	}
	if m.Boxes == 0 {
		return m
	}
	last, example := int32(-1), int32(-1)
	sample.Each(src, func(k int32, o *dataset.Object, w, h float64) {
		d := e.distance(&o.Box, w, h)
		if d < float64(m.Limit) || d >= float64(m.Limit+2) {
			return
		}
		if example < 0 {
			example = k
		}
		m.Images += sample.One(o.Image != last)
		last = o.Image
	})
	if m.Images >= leastSlipImages {
		m.Example = example
	}
	return m
}

// Finding returns the finding on boxes that were moved, a warning: pictures may have a border.
func (m *Moved) Finding(src *dataset.Source, s int32) findings.Finding {
	o := &src.Objects[m.Example]
	f := say.Finding("box-convention", s, o.Offset, o.Line,
		"%s of %s end %d px before the %s edge of their images, in %s, "+
			"and hardly any is nearer to it. Objects that leave the picture seem to be cut off there, and not at the edge: the "+
			"boxes seem to be moved %s by %d px, as by a border that was added or cropped. Move them back, unless the pictures "+
			"have such a border. Example: %s", say.Group(m.Boxes), say.Plural(m.Of, "box"), m.Limit, m.Edge,
		say.Plural(m.Images, "image"),
		m.Edge.away(), m.Limit, say.Place(src, m.Example))
	f.Level, f.Cases = findings.Warning, int64(m.Boxes)
	return f
}

// squares looks for boxes of which one side was written for both: three in ten of 100 boxes or more are as high as they
// are wide, beside others. In the real files 2 % are, in drawn pictures 6 %. Boxes around points are of one size, so
// that no side may stand for more than a fifth of the squares. Where nearly all are square, as cells are, it shows if
// they leave their images at the lower edge only, or at the right one.
func (t *tally) squares(src *dataset.Source) Slip {
	m := Slip{Kind: Square, Of: t.n, Example: -1}
	if t.n < leastExtents || 10*t.square < 3*t.n {
		return m
	}
	of := map[float64]int{}
	most := 0
	var beyond [numEdges]int
	sample.Each(src, func(k int32, o *dataset.Object, w, h float64) {
		if !isSquare(&o.Box) {
			return
		}
		m.add(k, true)
		if of[o.Box.W] < leastExtents || len(of) < leastExtents {
			of[o.Box.W]++
			most = max(most, of[o.Box.W])
		}
		for e := range numEdges {
			beyond[e] += sample.One(e.distance(&o.Box, w, h) < -1)
		}
	})
	all := 20*m.Boxes >= 19*m.Of
	if out := max(beyond[Right], beyond[Bottom]); all &&
		(out < 10 || 50*out < m.Boxes || 10*(beyond[Left]+beyond[Top]+min(beyond[Right], beyond[Bottom])) > out) {
		return Slip{Example: -1}
	}
	if 5*most > m.Boxes && len(of) < leastExtents ||
		!holds(src, 10./3, func(o *dataset.Object, _, _ float64) bool { return isSquare(&o.Box) }) {
		return Slip{Example: -1}
	}
	return m
}

// leastSquare is the side from which equal ones tell: smaller ones are equal by chance in whole numbers.
const leastSquare = 8

// isSquare allows for the rounding of two digits, as where sides are differences of corners.
func isSquare(b *geom.Rect) bool { return squareSide(b) == 1 }

// squareSide is 1 for a square, else 0.
func squareSide(b *geom.Rect) int {
	d := b.W - b.H
	return sample.One(b.W >= leastSquare) & sample.One(d < 0.006) & sample.One(d > -0.006)
}

// squareMessage says what squares mean.
func (m *Slip) squareMessage() string {
	return fmt.Sprintf("%s of %s are exactly as high as they are wide, of many sizes. One side seems to be written for "+
		"both there: write each side's own", say.Group(m.Boxes), say.Plural(m.Of, "box"))
}

// wholes looks for boxes that span their image, beside others: 20 and 2 %. In the real files 0.1 % do at most. Tiles of
// a picture lie within its large objects by right: their boxes span one side of other tiles as often.
func (t *tally) wholes(src *dataset.Source) Slip {
	m := Slip{Kind: Whole, Of: t.n, Example: -1}
	if t.whole < 20 || 50*t.whole < t.n {
		return m
	}
	across, pages := 0, pageLabels(src) // that span one side
	sample.Each(src, func(k int32, o *dataset.Object, w, h float64) {
		m.add(k, spansImage(src, o, w, h) && !pages[o.Class])
		across += sample.One((o.Box.W >= w-2) != (o.Box.H >= h-2))
	})
	if m.Boxes < across || m.Boxes < 20 || 50*m.Boxes < t.n || names.TileGrids(src) != nil ||
		!holds(src, 50, func(o *dataset.Object, w, h float64) bool { return spansImage(src, o, w, h) && !pages[o.Class] }) {
		m.Example = -1
	}
	return m
}

// spansImage tells whether an object spans its image, beside others.
func spansImage(src *dataset.Source, o *dataset.Object, w, h float64) bool {
	im := &src.Images[o.Image]
	return im.Last-im.First > 1 && reading.WholeImage(&o.Box, w, h) && o.Outline != dataset.OutlineBox
}

// pageLabels returns the classes whose boxes all span their images, but for one in a hundred: labels of a page or a
// scene, and no objects that lack a box.
func pageLabels(src *dataset.Source) map[int32]bool {
	whole, others := map[int32]int{}, map[int32]int{}
	sample.Each(src, func(_ int32, o *dataset.Object, w, h float64) {
		if reading.WholeImage(&o.Box, w, h) {
			whole[o.Class]++
		} else {
			others[o.Class]++
		}
	})
	pages := map[int32]bool{}
	for class, n := range whole {
		pages[class] = 100*others[class] <= n
	}
	return pages
}

// stray tells whether boxes are well outside of their images (5 % of a side): 20 and 2 %, a fifth of these at the right
// edge and a fifth at the lower one, and a fifth as many at the others. Objects that annotators draw whole leave the
// picture at the left as at the right, or at the bottom alone. In the real files 0.2 % are outside at most.
func (t *tally) stray() bool {
	n := t.far[0] + t.far[1]
	return n >= 20 && 50*n >= t.n && 5*min(t.far[0], t.far[1]) >= n && 5*t.before <= n
}

// strayFinding returns the finding on boxes outside that no reading mends.
func (t *tally) strayFinding(src *dataset.Source, s int32) findings.Finding {
	at := int32(-1)
	sample.EachWhile(src, func(k int32, o *dataset.Object, w, h float64) bool {
		if o.Box.X+o.Box.W > (1+deep)*w || o.Box.Y+o.Box.H > (1+deep)*h {
			at = k
		}
		return at < 0
	})
	o := &src.Objects[at]
	f := say.Finding("box-convention", s, o.Offset, o.Line, "%s of %s reach well beyond the right or the lower edge of "+
		"their images (5 %% of the side), and hardly any beyond the others. No other reading of the four numbers fits all: "+
		"a part of the boxes may be written otherwise, or belong to other images, or to pictures of another size%s, or be "+
		"%s. Draw some of them. Example: %s",
		say.Group(t.far[0]+t.far[1]), say.Plural(t.n, "box"), sizeOfAll(src), turnedWords, say.Place(src, at))
	f.Level, f.Cases = findings.Warning, int64(t.far[0]+t.far[1])
	return f
}

// early looks for boxes that begin before half of the width and of the height throughout, but for 1 in 200: of a width
// that is less the left edge once more, nothing is left of boxes further on. In every real file a third begin beyond,
// and some end in the last quarter along both axes: boxes of smaller pictures do not.
func (t *tally) early(src *dataset.Source) Slip {
	m := Slip{Kind: Early, Boxes: t.n - t.late, Of: t.n, Example: -1}
	if t.n < quarterBoxes || 200*t.late > t.n || 100*min(t.right, t.bottom) < t.n {
		return m
	}
	sample.Each(src, func(k int32, _ *dataset.Object, _, _ float64) {
		if m.Example < 0 {
			m.Example = k
		}
	})
	return m
}
