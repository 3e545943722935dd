package convention

import (
	"math"

	"focalaudit/pkg/convention/sample"
)

// tieSums are sums over pairs of the logarithms of a width and a height.
type tieSums struct{ n, a, b, aa, bb, ab float64 }

func (s *tieSums) add(x, y float64) {
	s.n++
	s.a, s.b, s.aa, s.bb, s.ab = s.a+x, s.b+y, s.aa+float64(x*x), s.bb+float64(y*y), s.ab+float64(x*y)
}

// about are the sums of squares and products about the means.
func (s *tieSums) about() (va, vb, cov float64) {
	n := max(s.n, 1)
	return s.aa - float64(s.a*s.a)/n, s.bb - float64(s.b*s.b)/n, s.ab - float64(s.a*s.b)/n
}

// tieNats are the nats by which one of two numbers explains the other, of n pairs with these sums about the means; 0
// where one falls as the other rises.
func tieNats(n, va, vb, cov float64) float64 {
	if n < 2 || va <= 0 || vb <= 0 || cov <= 0 {
		return 0
	}
	return -n / 2 * math.Log(max(1e-9, 1-float64(cov*cov)/float64(va*vb)))
}

// width and height are the logarithms of the sides as parts of the image: x[0] is their mean, x[1] their difference.
func (r *columnRow) width() float64  { return r.x[0] + r.x[1]/2 }
func (r *columnRow) height() float64 { return r.x[0] - r.x[1]/2 }

// paired returns the row so many places on, nil if the pair does not count.
func paired(rows []columnRow, i, by int) *columnRow {
	j := i + by
	if j < 0 || j >= len(rows) || !rows[i].fresh || !rows[j].usable {
		return nil
	}
	return &rows[j]
}

// tied returns the nats by which the logarithms of widths explain those of the heights so many records on: those of
// sides as parts of the image.
func tied(rows []columnRow, by int) float64 {
	var s tieSums
	for i := range rows {
		if other := paired(rows, i, by); other != nil {
			s.add(rows[i].width(), other.height())
		}
	}
	va, vb, cov := s.about()
	return tieNats(s.n, va, vb, cov)
}

// tiedWithin is tied of all blocks, about the means of each class: that of the width's record, or of the height's.
func tiedWithin(blocks [][]columnRow, by int, ofHeight bool) float64 {
	at := map[int32]int{}
	var sums []tieSums // in the order of the file
	for _, rows := range blocks {
		for i := range rows {
			other := paired(rows, i, by)
			if other == nil {
				continue
			}
			class := rows[i].class
			if ofHeight {
				class = other.class
			}
			k, ok := at[class]
			if !ok {
				k = len(sums)
				at[class], sums = k, append(sums, tieSums{})
			}
			sums[k].add(rows[i].width(), other.height())
		}
	}
	var n, va, vb, cov float64
	for i := range sums {
		a, b, ab := sums[i].about()
		n, va, vb, cov = n+sums[i].n-1, va+a, vb+b, cov+ab
	}
	return tieNats(n, va, vb, cov)
}

// tiedAcross returns the nats by which the widths of records whose neighbour, so many records on, is of another image
// explain that one's height, and those by which they explain their own.
func tiedAcross(blocks [][]columnRow, by int) (there, own float64) {
	var s [2]tieSums
	for _, rows := range blocks {
		for i := range rows {
			if other := paired(rows, i, by); other != nil && other.image != rows[i].image {
				s[0].add(rows[i].width(), other.height())
				s[1].add(rows[i].width(), rows[i].height())
			}
		}
	}
	nats := func(s *tieSums) float64 {
		va, vb, cov := s.about()
		return tieNats(s.n, va, vb, cov)
	}
	return nats(&s[0]), nats(&s[1])
}

// noLayout tells whether the widths that go with the heights of neighbours are not those of a layout. Where objects
// stand side by side in one order, as the icon and the text of each row of a list on a screen, a right width tells the
// neighbour's height: a narrow record is the one in front of a text. Two things tell a column that was moved from that.
//
// Within one class, objects of a layout are alike, and where they are not, a large one is wide and high as
// everywhere; the numbers of a moved column go with the neighbour's within a class too, by the same 60 nats. The class
// may have stayed with either number, so that both count.
//
// A layout ends where its image ends; a moved column knows nothing of images. So the pairs across a border of images
// have to tell for themselves: by -log(1e-6) nats, a chance below 1e-6 where pictures are drawn apart, and by more than
// they tell of their own heights.
func noLayout(blocks [][]columnRow, by int) bool {
	there, own := tiedAcross(blocks, by)
	if there < -math.Log(sample.Unlikely) || there <= own {
		return false
	}
	for _, ofHeight := range [...]bool{false, true} {
		if tiedWithin(blocks, by, ofHeight)-tiedWithin(blocks, 0, ofHeight) < leastGain {
			return false
		}
	}
	return true
}
