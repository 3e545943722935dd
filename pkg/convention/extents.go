package convention

import (
	"math"

	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// leastExtents is how many boxes, or pairs of them, show whether they were made by a slip. A few of the first ones
// tell that they were not, in every real file.
const leastExtents = 100

// readExtents looks for slips that any box shows, whatever its place: numbers that are all multiples of one, and boxes
// that depend on the one before.
func readExtents(src *dataset.Source) Slip {
	if m := onGrid(src); m.Kind != NoSlip {
		return m
	}
	if m := onParts(src); m.Kind != NoSlip {
		return m
	}
	if m := onCells(src); m.Kind != NoSlip {
		return m
	}
	return running(src)
}

// onGrid looks for boxes whose four numbers are multiples of one number, from 4 px on, but for the sides of boxes
// that end at the edge of their image: nine in ten. In the real files 1 % have multiples of 4 at most.
func onGrid(src *dataset.Source) Slip {
	var hits [len(reading.Grids)]int
	m := Slip{Example: -1}
	sample.EachWhile(src, func(_ int32, o *dataset.Object, w, h float64) bool {
		m.Of++
		for i, step := range reading.Grids {
			hits[i] += sample.One(snapped(o, step, w, h))
		}
		return m.Of < leastExtents || 2*max(hits[len(hits)-1], hits[len(hits)-2]) >= m.Of
	})
	for i, n := range hits {
		if m.Of >= leastExtents && 10*n >= 9*m.Of {
			m.Kind, m.Boxes, m.step = Snapped, n, reading.Grids[i]
			m.Example = firstSnapped(src, m.step)
			return m
		}
	}
	return m
}

// onParts looks for boxes whose sides, and whose centre or corner, are hundredths of their image's sides, of 300 px or
// more: nine in ten. In the real files 0.1 % are at most.
func onParts(src *dataset.Source) Slip {
	m := Slip{Kind: SnappedParts, Example: -1}
	sample.EachWhile(src, func(k int32, o *dataset.Object, w, h float64) bool {
		if min(w, h) >= leastParts {
			m.Of++
			m.add(k, inHundredths(&o.Box, w, h))
		}
		return m.Of < leastExtents || 2*m.Boxes >= m.Of
	})
	if m.Of < leastExtents || 10*m.Boxes < 9*m.Of {
		return Slip{Example: -1}
	}
	return m
}

// leastParts is the side of an image, px, from which on hundredths of it are told apart from pixels.
const leastParts = 300

// inHundredths tells whether the sides of a box, and its centre or corner, are hundredths of its image's sides.
func inHundredths(b *geom.Rect, w, h float64) bool {
	return hundredth(b.W, w) && hundredth(b.H, h) && (hundredth(b.X, w) && hundredth(b.Y, h) ||
		hundredth(b.X+b.W/2, w) && hundredth(b.Y+b.H/2, h))
}

func hundredth(v, side float64) bool {
	off := 100 * v / side
	return math.Abs(off-math.Round(off)) < 0.02
}

// firstSnapped returns the first object whose box is on a grid, -1 if there is none.
func firstSnapped(src *dataset.Source, step float64) int32 {
	found := int32(-1)
	sample.Each(src, func(k int32, o *dataset.Object, w, h float64) {
		if found < 0 && snapped(o, step, w, h) {
			found = k
		}
	})
	return found
}

// snapped tells whether a box is on a grid.
func snapped(o *dataset.Object, step, w, h float64) bool {
	b := &o.Box
	return reading.Multiple(b.X, step) && reading.Multiple(b.Y, step) &&
		(reading.Multiple(b.W, step) || b.X+b.W >= w-1) && (reading.Multiple(b.H, step) || b.Y+b.H >= h-1)
}

// running looks for boxes that hold the one before in their image, as they do where the least and the greatest x and y
// are not set anew for each object: nine in ten. In the real files 4 % do.
func running(src *dataset.Source) Slip {
	m := Slip{Kind: Running, Example: -1}
	equal := 0
	for i := range src.Images {
		im := &src.Images[i]
		if im.LeftOut != dataset.InUse {
			continue
		}
		for k := im.First + 1; k < im.Last; k++ {
			a, b := &src.Objects[k-1].Box, &src.Objects[k].Box
			if !sample.Told(&src.Objects[k-1]) || !sample.Told(&src.Objects[k]) {
				continue
			}
			holds := b.X <= a.X && b.Y <= a.Y && b.X+b.W >= a.X+a.W-0.01 && b.Y+b.H >= a.Y+a.H-0.01
			equal += sample.One(*a == *b)
			m.Of++
			m.add(k, holds)
			if m.Of%leastExtents == 0 && 2*m.Boxes < m.Of {
				return Slip{Example: -1}
			}
		}
	}
	switch {
	case m.Of < leastExtents || 10*m.Boxes < 9*m.Of:
		return Slip{Example: -1}
	case 10*equal >= 9*m.Of:
		m.Kind = Same
	}
	return m
}
