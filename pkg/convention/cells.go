package convention

import (
	"math"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/text"
)

// cellStrides are the strides whose cells' centres boxes may have been moved to. Centres of one are none of another.
var cellStrides = [...]float64{8, 16, 32, 64}

// cellOf returns the stride of which the centre of a box is the centre of a cell, 0 if it is that of none.
func cellOf(b *geom.Rect) int32 {
	x, y := b.X+b.W/2, b.Y+b.H/2
	for _, s := range cellStrides {
		if atCellCentre(x, s) && atCellCentre(y, s) {
			return int32(s)
		}
	}
	return 0
}

// atCellCentre tells whether a number is half a stride beyond a multiple of it, to a hundredth of a px.
func atCellCentre(v, stride float64) bool {
	off := v/stride - 0.5
	return math.Abs(off-math.Round(off))*stride <= 0.01
}

// cells are the places of boxes in such cells.
type cells struct {
	n, of  int
	places map[[2]float64]bool
}

// leastCells is how many different cells boxes must stand in: one that stays in its place is in the middle of a cell
// everywhere or nowhere.
const leastCells = 20

// add counts a box.
func (c *cells) add(b *geom.Rect, stride int32) {
	if c.of++; stride == 0 || cellOf(b) != stride {
		return
	}
	if c.n++; c.places == nil {
		c.places = map[[2]float64]bool{}
	}
	if len(c.places) < leastCells {
		s := float64(stride)
		c.places[[2]float64{math.Floor((b.X + b.W/2) / s), math.Floor((b.Y + b.H/2) / s)}] = true
	}
}

// onCells looks for boxes whose centres are those of cells of one stride: nine in ten of 100 boxes or more.
func onCells(src *dataset.Source) Slip {
	var hits [len(cellStrides)]int
	of := 0
	sample.EachWhile(src, func(_ int32, o *dataset.Object, _, _ float64) bool {
		of++
		c, all := cellOf(&o.Box), 0
		for i, s := range cellStrides {
			hits[i] += sample.One(c == int32(s))
			all = max(all, hits[i])
		}
		return of < leastExtents || 2*all >= of
	})
	for i, n := range hits {
		if of < leastExtents || 10*n < 9*of {
			continue
		}
		m := Slip{Kind: Cells, step: cellStrides[i], Example: -1}
		var c cells
		sample.Each(src, func(k int32, o *dataset.Object, _, _ float64) {
			c.add(&o.Box, int32(m.step))
			m.Of++
			m.add(k, cellOf(&o.Box) == int32(m.step))
		})
		if len(c.places) >= leastCells {
			return m
		}
	}
	return Slip{Example: -1}
}

// markCell is the mark of an image: the stride of which all its boxes have centres of cells.
func markCell(own []dataset.Object) int32 {
	mark := int32(uncounted)
	for k := range own {
		if !sample.Told(&own[k]) {
			continue
		}
		c := cellOf(&own[k].Box)
		if c == 0 || mark != uncounted && mark != c {
			return noMark
		}
		mark = c
	}
	return mark
}

// CellsIn is a stretch of images whose boxes have the centres of cells.
type CellsIn struct {
	streak
	Boxes   int   // of the stretch
	Example int32 // the first image, -1 if there is nothing to tell
}

// Found reports whether there is such a stretch.
func (c *CellsIn) Found() bool { return c.Example >= 0 }

// OfCellsIn looks for such a stretch.
func OfCellsIn(src *dataset.Source) CellsIn { return glanceAt(src).cellsIn() }

// cellsIn is OfCellsIn. The frames of a video count too: boxes that move are in the middle of cells by chance.
func (g *glance) cellsIn() CellsIn {
	c := CellsIn{Example: -1, streak: g.anyStreak(func(p *glimpse) int32 { return p.cell }, 20, timesOther)}
	if c.mark < 0 {
		return c
	}
	var in cells
	g.split(&c.streak, func(o *dataset.Object, _, _ float64) { in.add(&o.Box, c.mark) },
		func(*dataset.Object, float64, float64) {})
	if c.Boxes = in.of; len(in.places) >= leastCells && 10*in.n >= 9*in.of {
		c.Example = g.first(&c.streak)
	}
	return c
}

// cellsIn is the rule on a stretch of boxes in the middle of cells.
func cellsIn(at site) (f findings.Finding, ok bool) {
	c := at.seen.cellsIn()
	if !c.Found() {
		return f, false
	}
	im := &at.src.Images[c.Example]
	f = say.Finding("box-convention", at.s, im.Offset, im.Line, "%s: in a part of the file, the centres of boxes seem "+
		"to be those of a network's cells: in %s%s %s, %s have their centre in the middle of a cell of %d px. %s The first "+
		"is %s", text.Printable(at.src.Name), say.Plural(c.n, "image"), at.seen.seen(), c.place, say.Plural(c.Boxes, "box"),
		c.mark, cellsMend, say.Label(im))
	f.Level, f.Key = findings.Warning, "cells"
	f.Size, f.Cases = float64(c.Boxes), int64(c.Boxes)
	return f, true
}

// cellsMend says how boxes come to be so, and what to do.
const cellsMend = "The offset within the cell seems to be lost, as where predictions of a model, or a grid " +
	"of points, are " +
	"taken for centres: add the offset, or write the boxes as they were drawn."
