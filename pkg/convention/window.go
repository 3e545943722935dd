package convention

import (
	"math"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
)

// window returns the stretch of images in which most of those that have mark 0 stand: one that is interrupted by one in
// oddOne at most where it counts most, none if that is 0. Chance is Chernoff's bound by how many have it in the rest,
// over all places of a stretch in the three orders; and the stretch is three times as long as any in the rest. Unlike
// streak it needs no neighbours in the rest that have the mark; images of one series are alike, so that what it returns
// is only where to look for more.
func (g *glance) window(mark func(p *glimpse) int32, oddOne int) streak {
	best := streak{mark: -1}
	for at := range 3 {
		order := g.order(at)
		var counted []uint16
		var has []bool
		for _, k := range order {
			if m := mark(&g.images[k]); m != uncounted {
				counted, has = append(counted, k), append(has, m == 0)
			}
		}
		if len(has) < leastStretch+leastRest {
			continue
		}
		from, to := densest(has, oddOne)
		s := streak{images: counted[from:to]}
		run := 0
		for i, is := range has {
			switch {
			case i >= from && i < to:
				s.n += sample.One(is)
				s.odd += sample.One(!is)
				run = 0
			case is:
				run++
				s.rest++
				s.other = max(s.other, run)
			default:
				run = 0
			}
		}
		others := len(has) - (to - from)
		s.odds = rateOdds(s.n, to-from, s.rest, others) + math.Log(3*float64(len(has))*float64(len(has)))
		if s.rest = others; s.n < leastStretch || others < leastRest || s.n < timesOther*s.other ||
			s.odds >= math.Log(sample.Unlikely) || s.odds >= best.odds {
			continue
		}
		best = s // of which mark is 0
		best.place = g.place(at, s.images)
	}
	return best
}

// densest returns the stretch of a list in which those that have a mark outweigh by most those that have not, of which
// each counts for oddOne; if that is 0, for all.
func densest(has []bool, oddOne int) (from, to int) {
	if oddOne == 0 {
		oddOne = len(has)
	}
	sum, start, top := 0, 0, 0
	for i, is := range has {
		if is {
			sum++
		} else {
			sum -= oddOne
		}
		if sum <= 0 {
			sum, start = 0, i+1
		}
		if sum > top {
			top, from, to = sum, start, i+1
		}
	}
	return from, to
}

// split calls in with the objects of a stretch whose boxes stand in the file, and out with those of all other images
// that were looked at.
func (g *glance) split(s *streak, in, out func(o *dataset.Object, w, h float64)) {
	is := make([]bool, len(g.images))
	for _, k := range s.images {
		is[k] = true
	}
	for k := range g.images {
		im := &g.src.Images[g.images[k].image]
		for i := im.First; i < im.Last; i++ {
			if o := &g.src.Objects[i]; !sample.Told(o) {
				continue
			} else if w, h := float64(im.Size.W), float64(im.Size.H); is[k] {
				in(o, w, h)
			} else {
				out(o, w, h)
			}
		}
	}
}
