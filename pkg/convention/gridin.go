package convention

import (
	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/text"
)

// GridIn is a stretch of images whose boxes have multiples of one number for their four numbers, in a source whose
// other boxes have not.
type GridIn struct {
	streak
	Step    float64 // px
	Boxes   int     // of the stretch
	Example int32   // the first image, -1 if there is nothing to tell
}

// Found reports whether there is such a stretch.
func (m *GridIn) Found() bool { return m.Example >= 0 }

// leastOnGrid is how many different boxes a stretch has: an object that stays in its place, or a field of a form, is
// on a grid everywhere or nowhere.
const leastOnGrid = 20

// gridMark are the grids, a bit each, that all boxes of an image are on, and noGridBoxes if none tells.
type gridMark uint16

const noGridBoxes gridMark = 1 << 15

// markGrid looks at the boxes of an image, but for those that span it.
func markGrid(im *dataset.Image, own []dataset.Object) gridMark {
	w, h := float64(im.Size.W), float64(im.Size.H)
	mark, n := gridMark(1<<len(reading.Grids)-1), 0
	for k := 0; k < len(own) && mark != 0; k++ {
		o := &own[k]
		if !sample.Told(o) {
			continue
		}
		if reading.WholeImage(&o.Box, w, h) {
			continue
		}
		n++
		mark &= gridsOf(&o.Box, w, h)
	}
	if n == 0 {
		return noGridBoxes
	}
	return mark
}

// gridsOf returns the grids that a box is on, as snapped tells it, in whole numbers, which are faster.
func gridsOf(b *geom.Rect, w, h float64) (mark gridMark) {
	x, y, wide, high := int64(b.X), int64(b.Y), int64(b.W), int64(b.H)
	if x%4 != 0 && x%5 != 0 || float64(x) != b.X || float64(y) != b.Y { // as most
		return 0
	}
	right, lower := b.X+b.W >= w-1, b.Y+b.H >= h-1
	if !right && float64(wide) != b.W || !lower && float64(high) != b.H {
		return 0
	}
	for i, step := range reading.Grids {
		if s := int64(step); x%s == 0 && y%s == 0 && (right || wide%s == 0) && (lower || high%s == 0) {
			mark |= 1 << i
		}
	}
	return mark
}

// OfGridIn looks for such a stretch.
func OfGridIn(src *dataset.Source) GridIn { return *glanceAt(src).gridIn() }

// gridIn looks for the stretch once, for the widest grid. The frames of a video count too: boxes that move are on a
// grid by chance in none.
func (g *glance) gridIn() *GridIn {
	if g.grid != nil {
		return g.grid
	}
	g.grid = &GridIn{Example: -1}
	var images [len(reading.Grids)]int
	for k := range g.images {
		for i := 0; i < len(images) && g.images[k].grid&^noGridBoxes != 0; i++ {
			images[i] += sample.One(g.images[k].grid&(1<<i) != 0)
		}
	}
	for i, n := range images {
		if n < leastStretch {
			continue
		}
		m := GridIn{Example: -1, Step: reading.Grids[i], streak: g.anyStreak(func(p *glimpse) int32 {
			switch {
			case p.grid == noGridBoxes:
				return uncounted
			case p.grid&(1<<i) == 0:
				return noMark
			}
			return 0
		}, 20, timesOther)}
		if m.mark < 0 {
			continue
		}
		boxes := map[geom.Rect]bool{}
		g.split(&m.streak, func(o *dataset.Object, _, _ float64) {
			if m.Boxes++; len(boxes) < leastOnGrid {
				boxes[o.Box] = true
			}
		}, func(*dataset.Object, float64, float64) {})
		if len(boxes) >= leastOnGrid {
			m.Example = g.first(&m.streak)
			g.grid = &m
			break
		}
	}
	return g.grid
}

// gridIn is the rule on a stretch of boxes on a grid.
func gridIn(at site) (f findings.Finding, ok bool) {
	m := at.seen.gridIn()
	if !m.Found() {
		return f, false
	}
	im := &at.src.Images[m.Example]
	step := text.Short(m.Step)
	f = say.Finding("box-convention", at.s, im.Offset, im.Line, "%s: boxes seem to be rounded in a part of the file: in "+
		"%s%s %s, the four numbers of all %s are multiples of %s, and not in the rest. They seem to be rounded to the "+
		"cells of a grid, or to be those of pictures %s times smaller: write the boxes as they were drawn. The first is %s",
		text.Printable(at.src.Name), say.Plural(m.n, "image"), at.seen.seen(), m.place, say.Plural(m.Boxes, "box"), step,
		step, say.Label(im))
	f.Level, f.Key = findings.Warning, "grid"
	f.Size, f.Cases = float64(m.Boxes), int64(m.Boxes)
	return f, true
}
