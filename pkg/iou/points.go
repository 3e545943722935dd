package iou

import (
	"fmt"
	"math"
	"slices"

	"focalaudit/pkg/geom"
)

// Rules of points ask where the places of a grid lie: a level has one shape, a cell's
// square, and its centre is the point. Which points an object may have, its candidates, are
// on each level a rectangle of the grid, or the part of one: its edges come from the
// object's own by division, and a rectangle is counted, not walked.

// NoPoint and the following are the reasons of rules of points.
var (
	NoPoint        = newWhy("no-point")          // no point of any level lies where the rule wants it
	NoPointAtLevel = newWhy("no-point-at-level") // points lie in it, but none of a level that is for its size
	FewPoints      = newWhy("few-points")        // it can have positives, but fewer than the rule would give
	NoOverlap      = newWhy("no-overlap")        // points lie in it, but what a detector predicts there does not fit it
)

// onePoint reports the first level that has no single shape.
func onePoint(rule string, shapes []int) error {
	for i, n := range shapes {
		if n != 1 {
			return fmt.Errorf("anchors.levels[%d]: got %d shapes, allowed with the rule %s: 1, as under the arithmetic points",
				i, n, rule)
		}
	}
	return nil
}

// span is a run of lattice points along one axis.
type span struct{ first, n int }

// meets reports whether two runs have points in common.
func (s span) meets(o span) bool { return max(s.first, o.first) < min(s.first+s.n, o.first+o.n) }

// area is a rectangle of a grid's points.
type area struct{ cols, rows span }

func (a area) count() int { return a.cols.n * a.rows.n }

// axisX and axisY return where the points of a grid lie along an axis.
func axisX(g *geom.Grid) axis { return axis{g.Cols, g.StrideX, g.OffsetX} }
func axisY(g *geom.Grid) axis { return axis{g.Rows, g.StrideY, g.OffsetY} }

// axis is one direction of a grid.
type axis struct {
	n              int
	stride, offset float32 // px
}

// at returns a point's coordinate, as geom.Grid's ShiftX does.
func (a axis) at(i int) float32 { return float32(float32(i)*a.stride) + a.offset }

// where returns the points for which ok holds: some run, of which the ends are within a
// cell of low and high px.
func (a axis) where(low, high float64, ok func(p float32) bool) span {
	stride, offset := float64(a.stride), float64(a.offset)
	from := min(max(ceilFar((low-offset)/stride)-1, 0), a.n)
	to := min(max(floorFar((high-offset)/stride)+2, from), a.n)
	for from < to && !ok(a.at(from)) {
		from++
	}
	for from < to && !ok(a.at(to-1)) {
		to--
	}
	return span{from, to - from}
}

// ceilFar and floorFar are ceil and floor for any number: boxes of user presets may lie
// anywhere.
func ceilFar(x float64) int  { return ceil(min(max(x, -1e9), 1e9)) }
func floorFar(x float64) int { return floor(min(max(x, -1e9), 1e9)) }

// cover counts which points several rectangles of one grid hold: on the lattice of their
// own edges, whose size depends on how many they are.
type cover struct {
	xs, ys []int
	depth  []int32 // by cell of that lattice: rectangles that hold it
	twice  []int   // points that two rectangles or more hold, summed from the origin
	meets  []bool  // by rectangle: it has points in common with another one
}

// count returns how many points the rectangles hold together, and how many are held by two
// or more; shared, one for each, becomes those of its points that another holds too.
func (c *cover) count(areas []area, shared []int) (distinct, contested int) {
	clear(shared)
	c.meet(areas)
	c.xs, c.ys = c.xs[:0], c.ys[:0]
	for i, a := range areas {
		if !c.meets[i] { // nobody else has its points
			distinct += a.count()
			continue
		}
		c.xs = append(c.xs, a.cols.first, a.cols.first+a.cols.n)
		c.ys = append(c.ys, a.rows.first, a.rows.first+a.rows.n)
	}
	if len(c.xs) == 0 {
		return distinct, 0
	}
	c.xs, c.ys = unique(c.xs), unique(c.ys)
	wide := len(c.xs)
	c.depth = slices.Grow(c.depth[:0], wide*len(c.ys))[:wide*len(c.ys)]
	clear(c.depth)
	for i, a := range areas {
		if !c.meets[i] {
			continue
		}
		x0, x1, y0, y1 := c.corners(a)
		c.depth[y0*wide+x0]++
		c.depth[y0*wide+x1]--
		c.depth[y1*wide+x0]--
		c.depth[y1*wide+x1]++
	}
	c.twice = slices.Grow(c.twice[:0], wide*len(c.ys))[:wide*len(c.ys)]
	for y := range c.ys {
		row := int32(0)
		for x := range c.xs {
			k := y*wide + x
			row += c.depth[k] // of this row's differences
			c.depth[k] = row
			if y > 0 {
				c.depth[k] += c.depth[k-wide]
			}
		}
	}
	for y := range c.ys { // twice[k]: of the cells above and left of k's
		for x := range c.xs {
			k := y*wide + x
			c.twice[k] = 0
			if x == 0 || y == 0 {
				continue
			}
			n := (c.xs[x] - c.xs[x-1]) * (c.ys[y] - c.ys[y-1])
			c.twice[k] = c.twice[k-1] + c.twice[k-wide] - c.twice[k-wide-1]
			switch depth := c.depth[k-wide-1]; {
			case depth > 1:
				c.twice[k] += n
				distinct += n
			case depth == 1:
				distinct += n
			}
		}
	}
	for i, a := range areas {
		if c.meets[i] {
			x0, x1, y0, y1 := c.corners(a)
			shared[i] = c.twice[y1*wide+x1] - c.twice[y1*wide+x0] - c.twice[y0*wide+x1] + c.twice[y0*wide+x0]
		}
	}
	return distinct, c.twice[len(c.twice)-1]
}

// fewAreas is how many rectangles are compared in pairs. The lattice of many is no larger than their grid.
const fewAreas = 64

// meet finds which rectangles have points in common with another one; of many, all are said to.
func (c *cover) meet(areas []area) {
	c.meets = slices.Grow(c.meets[:0], len(areas))[:len(areas)]
	clear(c.meets)
	for i := range areas {
		a := &areas[i]
		if a.count() == 0 {
			continue
		}
		if len(areas) > fewAreas {
			c.meets[i] = true
			continue
		}
		for k := i + 1; k < len(areas); k++ {
			b := &areas[k]
			if a.cols.meets(b.cols) && a.rows.meets(b.rows) {
				c.meets[i], c.meets[k] = true, true
			}
		}
	}
}

// corners returns where the edges of a rectangle are among those of all.
func (c *cover) corners(a area) (x0, x1, y0, y1 int) {
	find := func(edges []int, at int) int {
		k, _ := slices.BinarySearch(edges, at)
		return k
	}
	return find(c.xs, a.cols.first), find(c.xs, a.cols.first+a.cols.n),
		find(c.ys, a.rows.first), find(c.ys, a.rows.first+a.rows.n)
}

func unique(edges []int) []int {
	slices.Sort(edges)
	return slices.Compact(edges)
}

// Points are the candidates of one object on one level.
type Points struct {
	N      int // candidates
	Shared int // those of them that are another object's too

	Outside int // under task-aligned, those outside the object's own box, which was widened
	Far     int // under task-aligned, those that are farther from some side than the trainer's outputs reach
	Sides   int // under task-aligned, the sides that they are too far from
}

// offered is the scratch of rules that give an object some of its candidates by what the
// detector predicts: without predictions, it counts candidates, and bounds positives.
type offered struct {
	Result
	areas  []area // by level and object
	shared []int  // of one level, by object
	cover  cover
	spare  cover // of Background
	scene  Scene
}

// offer begins an image: areas are to be set by level and object.
func (r *offered) offer(s Scene) {
	r.scene = s
	r.reset(len(s.Objects), s.Grids)
	n := len(s.Objects) * len(s.Grids)
	r.areas = slices.Grow(r.areas[:0], n)[:n]
	r.Points = slices.Grow(r.Points[:0], n)[:n]
	clear(r.Points)
	r.shared = slices.Grow(r.shared[:0], len(s.Objects))[:len(s.Objects)]
}

// at returns where the areas and points of an object on a level are.
func (r *offered) at(level, object int) int { return level*len(r.scene.Objects) + object }

// count counts candidates.
func (r *offered) count() {
	n := len(r.scene.Objects)
	for level := range r.scene.Grids {
		of := r.Points[level*n : (level+1)*n]
		distinct, contested := r.cover.count(r.areas[level*n:(level+1)*n], r.shared)
		for i := range of {
			of[i].N, of[i].Shared = r.areas[level*n+i].count(), r.shared[i]
			r.Objects[i].AtHigh += of[i].N
			r.Objects[i].Shared += of[i].Shared
			r.Objects[i].Far += of[i].Far
		}
		r.AtLevel = append(r.AtLevel, distinct)
		r.Candidates += distinct
		r.Contested += contested
	}
	for i := range r.Objects {
		r.Objects[i].AtLow = r.Objects[i].AtHigh
	}
}

// bound bounds positives: an object has at most top of its candidates, or with any of those
// of all objects, and all objects together have at most as many as there are. The bound of
// the image is split over the levels as candidates are.
//
// Of task-aligned's objects only the sum is a bound: one can have what others claim.
func (r *offered) bound(top int, any bool) {
	for i := range r.Objects {
		o := &r.Objects[i]
		o.Positives = min(top, o.AtHigh)
		if any {
			o.Positives = min(top, r.Candidates)
		}
		r.Positives += o.Positives
	}
	if r.Positives > r.Candidates {
		r.cut()
	}
	levels := slices.Clone(r.AtLevel)
	split(r.Positives, levels)
	for level, n := range levels {
		r.ByShape[level].Positives = n
	}
	r.Negatives = r.Anchors - r.Positives
}

// cut takes from the objects' bounds what the image has no candidates for: each keeps one
// while there are any, and of the rest what is its share.
func (r *offered) cut() {
	left := r.Candidates
	more := make([]int, len(r.Objects))
	for i := range r.Objects {
		o := &r.Objects[i]
		one := min(1, o.Positives, left)
		more[i], o.Positives = o.Positives-one, one
		left -= one
	}
	split(left, more)
	for i := range r.Objects {
		r.Objects[i].Positives += more[i]
	}
	r.Positives = r.Candidates
}

// split replaces parts of a sum by whole parts of another sum, that are in proportion to
// them. None grows unless the sum does.
func split(sum int, parts []int) {
	all := 0
	for _, n := range parts {
		all += n
	}
	if all == 0 {
		return
	}
	seen, given := 0, 0
	for i, n := range parts {
		seen += n
		parts[i] = sum*seen/all - given
		given += parts[i]
	}
}

// Hazard implements Assigner: nothing is forced.
func (r *offered) Hazard(int) string { return "" }

// without counts the points of rectangles, one a level, that are no object's candidates.
func (r *offered) without(areas []area) (n int) {
	objects := len(r.scene.Objects)
	shared := make([]int, objects+1)
	for level, a := range areas {
		all := append([]area{a}, r.areas[level*objects:(level+1)*objects]...)
		r.spare.count(all, shared)
		n += a.count() - shared[0]
	}
	return n
}

// eachPoint calls f with the points of a rectangle of a grid.
func eachPoint(g *geom.Grid, level int, a area, f func(anchor int32, level uint8, v float32, best bool)) {
	for row := a.rows.first; row < a.rows.first+a.rows.n; row++ {
		for col := a.cols.first; col < a.cols.first+a.cols.n; col++ {
			f(int32(g.Index(row, col, 0)), uint8(level), 1, false)
		}
	}
}

// shortOfPoints is the verdict of rules of points.
func shortOfPoints(why Why, got, wanted int) Verdict {
	return Verdict{Why: why, Short: 1 - math.Min(1, float64(got)/float64(wanted))}
}
