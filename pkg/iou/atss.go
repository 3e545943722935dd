package iou

import (
	"fmt"
	"math"

	"focalaudit/pkg/geom"
)

// ATSS assigns anchors as mmdetection's ATSSAssigner does (Zhang et al., 2020,
// Bridging the Gap Between Anchor-based and Anchor-free Detection via Adaptive
// Training Sample Selection, algorithm 1). Of each level, an object looks at the
// Candidates anchors whose centres are nearest to its own. Those are positive
// whose IoU is at least the mean and one standard deviation of theirs together,
// and whose centre is inside the object by more than 0.01 px; if several objects
// would have an anchor, the one with the highest IoU, the first among equals. No
// anchor is ignored.
//
// Every level must have one shape. Only lattice points around the object are
// looked at, whatever the number of anchors. Distances, IoUs and thresholds are
// float32, as they are there. What is left to chance there is settled here: of
// equal distances the lower index is nearer, and the mean is that of the exact sum.
type ATSS struct {
	// Candidates is how many anchors of each level, the nearest, an object looks at.
	Candidates int `yaml:"candidates,omitempty" json:"candidates,omitempty"`
}

const nameATSS = "atss"

var _ = Register(nameATSS, func() Rule { return &ATSS{} })

// NoCentre is ATSS's own reason: no anchor that stands out is centred in the object.
var NoCentre = newWhy("no-centre")

// Validate implements Rule.
func (a *ATSS) Validate(shapes []int) error {
	if err := within("candidates", float64(a.Candidates), 2, 1000); err != nil {
		return err
	}
	for i, n := range shapes {
		if n != 1 {
			return fmt.Errorf("anchors.levels[%d]: got %d shapes, allowed with the rule %s: 1, one size and one ratio",
				i, n, nameATSS)
		}
	}
	return nil
}

// String implements Rule.
func (a *ATSS) String() string {
	return fmt.Sprintf(
		"%s: of the %d nearest anchors of every level, IoU from their mean and standard deviation on, centred in the object",
		nameATSS, a.Candidates)
}

// Thresholds implements Rule.
func (a *ATSS) Thresholds() Thresholds { return reached }

// Measure implements Rule.
func (a *ATSS) Measure() Measure { return ByIoU }

// Covers implements Rule.
func (a *ATSS) Covers() string { return "that would be its if it were an object" }

// Assigner implements Rule. It lists every match.
func (a *ATSS) Assigner(bool) Assigner { return &assignATSS{rule: *a} }

// assignATSS is ATSS at work.
type assignATSS struct {
	Matching // for what is known of an object's best anchor
	rule     ATSS
	near     nearestFew
	scene    Scene
}

// atssMargin is how far inside an object, in px, a positive anchor's centre is.
const atssMargin = float32(0.01)

// candidate is an anchor that an object looks at.
type candidate struct {
	square   float32 // of the distance
	distance float32
	anchor   int32
	row, col int32
	iou      float32
	inside   bool
	level    uint8
}

// nearestFew finds candidates; it is reused.
type nearestFew struct {
	found []candidate
	level []candidate // of one level, by distance and index

	across []float32 // squared distances of a window's columns
}

// atssLook is what an object makes of its candidates.
type atssLook struct {
	Threshold float32 // IoU from which on a candidate may be positive
	Reached   int     // candidates that reach it
	Inside    int     // those of them whose centre is inside the object
	Of        int     // candidates
}

// Assign implements Assigner.
func (a *assignATSS) Assign(s Scene) *Result {
	a.scene = s
	a.narrow = narrowed(a.narrow, s.Objects)
	a.lattice.prepare(s.Grids, a.narrow)
	a.prepare(len(a.narrow), s.Grids)
	survey := Matcher{Low: 0.5, High: 0.5}
	for i, o := range a.narrow {
		a.take(survey, int32(i), o, survey.Low)
		a.patches.reset()
		look := a.near.look(a.rule, o, s.Grids)
		a.Objects[i].AtLow, a.Objects[i].AtHigh = look.Inside, look.Inside
		for k := range a.near.found {
			if c := &a.near.found[k]; c.inside && c.iou >= look.Threshold {
				a.enter(Match{Anchor: c.anchor, Object: int32(i), IoU: c.iou, Level: c.level}, false)
			}
		}
	}
	a.positive()
	return &a.Result
}

// Why implements Assigner.
func (a *assignATSS) Why(i int) Verdict {
	o, box := &a.Objects[i], a.scene.Objects[i]
	switch fit := fitOf(box.Width(), box.Height(), a.scene.Grids, 0); {
	case o.Positives > 0:
		return Verdict{}
	case o.AtHigh > 0:
		return shortOfIoU(OutCompeted, fit, o)
	default:
		return shortOfIoU(NoCentre, fit, o)
	}
}

// Explain implements Assigner.
func (a *assignATSS) Explain(i int, v Verdict) string {
	box := a.scene.Objects[i]
	if v.Why == OutCompeted {
		return fmt.Sprintf(
			"out-competed: %d anchors stand out and are centred in it, and each was given to another object (%s)",
			a.Objects[i].AtHigh, sides(box))
	}
	look := a.rule.look(box, a.scene.Grids)
	if look.Of < 2 {
		return fmt.Sprintf(
			"no centre: %s; there is one anchor in all, and with one there is no standard deviation to stand out by",
			sides(box))
	}
	return fmt.Sprintf("no centre: %s; of the %d anchors nearest to it, %d reach its own threshold of IoU %.3f, "+
		"and none of these is centred in it",
		sides(box), look.Of, look.Reached, look.Threshold)
}

// Hazard implements Assigner: nothing is forced.
func (a *assignATSS) Hazard(int) string { return "" }

// Background implements Assigner.
func (a *assignATSS) Background(box geom.Box) int {
	return a.Result.background(a.rule.Reacher(0), box, a.scene.Grids)
}

// look returns what an object makes of its candidates.
func (a ATSS) look(object geom.Box, grids []geom.Grid) atssLook {
	var n nearestFew
	return n.look(a, object.Narrow(), grids)
}

// Reacher returns what finds the anchors that would be a box's.
func (a *ATSS) Reacher(float32) Reacher { return &reachByATSS{atss: *a} }

type reachByATSS struct {
	atss  ATSS
	grids []geom.Grid
	near  nearestFew
}

// Prepare implements Reacher.
func (r *reachByATSS) Prepare(grids []geom.Grid, _ []geom.Box) { r.grids = grids }

// Each calls f with the anchors that ATSS would give the box.
func (r *reachByATSS) Each(box geom.Box, f func(anchor int32, level uint8, v float32, best bool)) {
	look := r.near.look(r.atss, box.Narrow(), r.grids)
	for k := range r.near.found {
		if c := &r.near.found[k]; c.inside && c.iou >= look.Threshold {
			f(c.anchor, c.level, 1, false)
		}
	}
}

// look finds an object's candidates and what they have to reach.
func (n *nearestFew) look(a ATSS, o geom.Box32, grids []geom.Grid) atssLook {
	n.found = n.found[:0]
	for level := range grids {
		n.nearest(o, &grids[level], uint8(level), a.Candidates)
		n.found = append(n.found, n.level...)
	}
	look := atssLook{Of: len(n.found)}
	sum := 0.0
	for k := range n.found {
		c := &n.found[k]
		anchor := grids[c.level].At(int(c.row), int(c.col), 0)
		c.iou = Of32(o, anchor)
		x, y := (anchor.X0+anchor.X1)/2, (anchor.Y0+anchor.Y1)/2
		c.inside = min(x-o.X0, y-o.Y0, o.X1-x, o.Y1-y) > atssMargin
		sum += float64(c.iou)
	}
	mean, squares := sum/float64(look.Of), 0.0
	for k := range n.found {
		d := float64(n.found[k].iou) - mean
		squares += float64(d * d)
	}
	deviation := float32(math.Sqrt(squares / float64(look.Of-1)))
	look.Threshold = float32(sum)/float32(look.Of) + deviation
	for k := range n.found {
		if c := &n.found[k]; c.iou >= look.Threshold {
			look.Reached++
			if c.inside {
				look.Inside++
			}
		}
	}
	return look
}

// nearest sets n.level to the most anchors of a grid whose centres are nearest to
// the object's.
func (n *nearestFew) nearest(o geom.Box32, g *geom.Grid, level uint8, most int) {
	x, y := (o.X0+o.X1)/2, (o.Y0+o.Y1)/2
	s := &g.Shapes[0]
	// the lattice points' and the object's place, in cells
	dx, dy := float64(g.OffsetX)+(float64(s.X0)+float64(s.X1))/2, float64(g.OffsetY)+(float64(s.Y0)+float64(s.Y1))/2
	cx, cy := (float64(x)-dx)/float64(g.StrideX), (float64(y)-dy)/float64(g.StrideY)
	col, row := nearest(cx, g.Cols), nearest(cy, g.Rows)
	most = min(most, g.Rows*g.Cols)
	// Some window holds enough of them; the farthest of the nearest in it bounds how
	// far away any of the nearest can be.
	reach := 1
	for (min(col+reach, g.Cols-1)-max(col-reach, 0)+1)*(min(row+reach, g.Rows-1)-max(row-reach, 0)+1) < most {
		reach *= 2
	}
	w := window{row - reach, row + reach, col - reach, col + reach}
	n.collect(point{x, y}, g, level, most, w)
	far := float64(float64(n.level[most-1].distance)*(1+relSlack)) + 1e-3
	fx, fy := far/float64(g.StrideX), far/float64(g.StrideY)
	top, bottom, left, right := ceil(cy-fy), floor(cy+fy), ceil(cx-fx), floor(cx+fx)
	if top < row-reach || bottom > row+reach || left < col-reach || right > col+reach {
		n.collect(point{x, y}, g, level, most, window{top, bottom, left, right})
	}
}

type point struct{ x, y float32 }

// window is a part of a grid: rows and columns from and to, some of which the grid
// may not have.
type window struct{ top, bottom, left, right int }

// collect sets n.level to the most anchors of a window that are nearest to a point. Roots rise with
// what they are taken of, so none is taken of an anchor that is farther than those that are kept.
func (n *nearestFew) collect(to point, g *geom.Grid, level uint8, most int, w window) {
	n.level, n.across = n.level[:0], n.across[:0]
	left, right := max(w.left, 0), min(w.right, g.Cols-1)
	for col := left; col <= right; col++ {
		x0, x1 := g.SpanX(col, 0)
		dx := (x0+x1)/2 - to.x
		n.across = append(n.across, float32(dx*dx))
	}
	for row := max(w.top, 0); row <= min(w.bottom, g.Rows-1); row++ {
		y0, y1 := g.SpanY(row, 0)
		dy := (y0+y1)/2 - to.y
		for i, dx2 := range n.across {
			square := dx2 + float32(dy*dy)
			if len(n.level) == most && square >= n.level[most-1].square {
				continue
			}
			n.keep(candidate{
				square: square, distance: float32(math.Sqrt(float64(square))), anchor: int32(g.Index(row, left+i, 0)),
				row: int32(row), col: int32(left + i), level: level,
			}, most)
		}
	}
}

// keep inserts c if it is among the nearest. Candidates come in the order of
// their indices, so that of equal distances the first is kept.
func (n *nearestFew) keep(c candidate, most int) {
	k := len(n.level)
	if k == most {
		if c.distance >= n.level[most-1].distance {
			return
		}
		k--
	} else {
		n.level = append(n.level, c)
	}
	for ; k > 0 && c.distance < n.level[k-1].distance; k-- {
		n.level[k] = n.level[k-1]
	}
	n.level[k] = c
}
