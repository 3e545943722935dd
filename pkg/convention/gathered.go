package convention

import (
	"math"

	"focalaudit/pkg/convention/sample"
)

// gathering is a stretch of the images, in some order, in which nearly all images stand that have a mark.
type gathering struct {
	in, of int      // images of the stretch with the mark, all of it
	all, n int      // images with the mark, all images
	odds   float64  // the logarithm of the chance that such a stretch stands anywhere in the three orders
	images []uint16 // of the stretch
	place  string   // as messages have it
}

// gather returns the stretch that is least likely if the images with a mark were spread by chance, and whether its
// chance is below 1e-6. A stretch has the largest sum, where an image with the mark adds win and another one takes
// lose: so one in 1 + win/lose of its images may have no mark.
//
// Of all ways to choose the images with the mark, those count that have as many of them, or more, in a stretch of that
// length at that place; times the stretches that there are, in each order.
func (g *glance) gather(marked []bool, win, lose int) (best gathering, ok bool) {
	for at := range 3 {
		order := g.order(at)
		if len(order) < leastStretch+leastRest {
			continue
		}
		from, to := fullest(order, marked, win, lose)
		s := gathering{n: len(order), of: to - from, images: order[from:to]}
		for i, k := range order {
			s.all += sample.One(marked[k])
			s.in += sample.One(marked[k] && i >= from && i < to)
		}
		if s.in < leastStretch || s.n-s.of < leastRest {
			continue
		}
		s.odds = hyper(s.n, s.all, s.of, s.in) + math.Log(1.5*float64(s.n)*float64(s.n+1))
		if s.odds < math.Log(sample.Unlikely) && (!ok || s.odds < best.odds) {
			best, ok = s, true
			best.place = g.place(at, s.images)
		}
	}
	return best, ok
}

// fullest returns the stretch of an order with the largest sum.
func fullest(order []uint16, marked []bool, win, lose int) (from, to int) {
	sum, start, most := 0, 0, 0
	for i, k := range order {
		if sum <= 0 {
			sum, start = 0, i
		}
		if marked[k] {
			sum += win
		} else {
			sum -= lose
		}
		if sum > most {
			most, from, to = sum, start, i+1
		}
	}
	return from, to
}

// hyper returns the logarithm of the chance that in or more of all marked among n stand in a stretch of length of, if
// each choice is as likely.
func hyper(n, all, of, in int) float64 {
	most := math.Inf(-1)
	for k := in; k <= min(all, of); k++ {
		most = max(most, ways(of, k)+ways(n-of, all-k))
	}
	sum := 0.0
	for k := in; k <= min(all, of); k++ {
		sum += math.Exp(ways(of, k) + ways(n-of, all-k) - most)
	}
	return most + math.Log(sum) - ways(n, all)
}

// ways is the logarithm of the number of ways to choose k of n.
func ways(n, k int) float64 {
	if k > n {
		return math.Inf(-1)
	}
	return lnFactorial(n) - lnFactorial(k) - lnFactorial(n-k)
}

func lnFactorial(n int) float64 {
	v, _ := math.Lgamma(float64(n) + 1)
	return v
}
