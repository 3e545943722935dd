package convention

import (
	"math"
	"slices"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
)

// Late counts objects of the last classes in the lists of images with the most annotations, and of those with one to
// four fewer, where all lists are in the order of the classes: a list that is cut loses its last ones.
type Late struct {
	Full, Near lastOnes
}

// lastOnes counts objects of the last classes among all.
type lastOnes struct{ N, Of int }

// share returns their share.
func (l lastOnes) share() float64 { return float64(l.N) / float64(l.Of) }

// Found reports whether lists in the order of classes seem to be cut: the images with the most annotations have fewer
// objects of the last classes, by four standard errors.
func (l *Late) Found() bool {
	a, b := &l.Full, &l.Near
	if a.Of == 0 || b.Of == 0 {
		return false
	}
	all := float64(a.N+b.N) / float64(a.Of+b.Of)
	return b.share()-a.share() > 4*math.Sqrt(all*(1-all)*(1/float64(a.Of)+1/float64(b.Of)))
}

// leastOrdered is how many images with two classes or more tell whether lists are in the order of classes.
const leastOrdered = 30

// late compares the last classes, a quarter of the objects in images with one to four annotations fewer than the
// most. It counts nothing where lists are not in the order of classes, which the first images show.
func (c *Cut) late(src *dataset.Source) (l Late) {
	if c.Most < 2 || c.Full < 10 || c.Full < c.Below || !ordered(src) {
		return l
	}
	rank := ranks(src)
	var near []int32
	each := func(f func(fewer int, rank int32)) {
		for i := range src.Images {
			im := &src.Images[i]
			if fewer := c.Most - int(im.Last-im.First); im.LeftOut == dataset.InUse && fewer <= 4 {
				for k := im.First; k < im.Last; k++ {
					f(fewer, rank[src.Objects[k].Class])
				}
			}
		}
	}
	each(func(fewer int, rank int32) {
		if fewer > 0 {
			near = append(near, rank)
		}
	})
	if len(near) == 0 {
		return l
	}
	slices.Sort(near)
	last := near[len(near)*3/4]
	each(func(fewer int, rank int32) {
		s := &l.Near
		if fewer == 0 {
			s = &l.Full
		}
		s.Of++
		s.N += sample.One(rank >= last)
	})
	return l
}

// ranks are the places of classes in the categories of a source.
func ranks(src *dataset.Source) map[int32]int32 {
	rank := map[int32]int32{-1: -1}
	for i := range src.Categories {
		rank[src.Categories[i].Class] = int32(i)
	}
	return rank
}

// ordered tells whether the annotations of each image are in the order of the classes, but for one image in 50.
func ordered(src *dataset.Source) bool {
	rank := ranks(src)
	mixed, odd := 0, 0
	for i := range src.Images {
		im := &src.Images[i]
		two, falls := false, false
		for k := im.First + 1; k < im.Last; k++ {
			a, b := src.Objects[k-1].Class, src.Objects[k].Class
			two = two || a != b
			falls = falls || rank[a] > rank[b]
		}
		mixed += sample.One(two)
		if odd += sample.One(falls); odd > 2 && 50*odd > len(src.Images) || mixed >= leastOrdered && 5*odd > mixed {
			return false
		}
	}
	return mixed >= leastOrdered && 50*odd <= mixed
}
