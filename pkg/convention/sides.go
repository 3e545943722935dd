package convention

import (
	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
)

// leastSides is how many boxes tell how sides are distributed; soonSides is how many show that nothing is to be told.
const leastSides, soonSides = 100, 200

// leastSide is what boxes have as their smallest side along one axis.
type leastSide struct {
	px float64
	n  int // boxes that have it
}

func (l *leastSide) add(px float64) {
	switch {
	case l.n == 0 || px < l.px:
		l.px, l.n = px, 1
	case px == l.px:
		l.n++
	}
}

// piles reports whether so many of the boxes have the least side that something seems to be kept from being smaller.
func (l *leastSide) piles(boxes int) bool {
	return l.n >= 20 && 100*l.n >= 3*boxes && 10*l.n <= 9*boxes
}

// clamped looks for boxes that were enlarged to a least side: of 100 boxes or more, the least width is the least
// height, 4 px or more; 20 and 3 % are so wide, and so high, three times as many as in the 1.5 px above. In the
// real files 0.9 % have the least side at most, and along one axis only.
func clamped(src *dataset.Source) Slip {
	m := Slip{Kind: Clamped, Example: -1}
	var wide, high leastSide
	sample.EachWhile(src, func(_ int32, o *dataset.Object, _, _ float64) bool {
		wide.add(o.Box.W)
		high.add(o.Box.H)
		m.Of++
		return m.Of != soonSides || wide.px == high.px
	})
	if wide.px != high.px || wide.px < 4 || m.Of < leastSides || !wide.piles(m.Of) || !high.piles(m.Of) {
		return m
	}
	var above [2]int
	m.step = wide.px
	sizes := map[[2]float64]bool{} // of those with the least side: in drawn pictures a few
	sample.Each(src, func(k int32, o *dataset.Object, _, _ float64) {
		above[0] += sample.One(o.Box.W > wide.px && o.Box.W <= wide.px+1.5)
		above[1] += sample.One(o.Box.H > wide.px && o.Box.H <= wide.px+1.5)
		if at := o.Box.W == wide.px || o.Box.H == wide.px; at {
			m.add(k, true)
			if len(sizes) < leastBand {
				sizes[[2]float64{o.Box.W, o.Box.H}] = true
			}
		}
	})
	if len(sizes) < leastBand || wide.n < 3*above[0] || high.n < 3*above[1] {
		m.Boxes, m.Example = 0, -1
	}
	return m
}

// sorted looks for boxes whose sides are in order: of 100 boxes or more, 1 in 1,000 at most is wider than high (5 %),
// and half are higher than wide; 20 and 2 % end beyond the lower edge, as wide objects near it do once their
// sides are exchanged, and a tenth as many to the right; and three classes have ten boxes. Or the other way
// round. In the real files 0.5 % are wider than high at least, where nearly all are people.
func sorted(src *dataset.Source) Slip {
	m := Slip{Kind: Upright, Example: -1}
	var longer, out [2]int // wider than high, higher than wide; beyond the right, the lower edge
	first := [2]int32{-1, -1}
	classes := map[int32]int{}
	sample.EachWhile(src, func(k int32, o *dataset.Object, w, h float64) bool {
		b := &o.Box
		m.Of++
		longer[0] += sample.One(b.W > 1.05*b.H)
		longer[1] += sample.One(b.H > 1.05*b.W)
		for axis, beyond := range [...]bool{b.X+b.W > (1+reading.Slack)*w+2, b.Y+b.H > (1+reading.Slack)*h+2} {
			if out[axis] += sample.One(beyond); beyond && first[axis] < 0 {
				first[axis] = k
			}
		}
		classes[o.Class]++
		return m.Of < soonSides || 1000*min(longer[0], longer[1]) <= m.Of
	})
	several := 0
	for class, n := range classes {
		several += sample.One(class >= 0 && n >= 10)
	}
	if m.Of < leastSides || several < 3 || 1000*min(longer[0], longer[1]) > m.Of {
		return m
	}
	along := 1 // the axis of the longer sides
	if longer[0] > longer[1] {
		along, m.Kind = 0, Lying
	}
	if n := out[along]; 2*longer[along] >= m.Of && n >= 20 && 100*n >= 2*m.Of && 10*out[1-along] <= n {
		m.Boxes, m.Example = n, first[along]
	}
	return m
}
