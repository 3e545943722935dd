package results

import (
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
)

// Capped says how many detections an image has at most.
type Capped struct {
	Most         int // detections of an image
	Full, Images int // images with so many, with any
	More, Of     int // images with more objects in use, images in use

	Class ClassCap
}

// ClassCap says how many detections an image has of one class at most. It counts pairs of an image
// and a class.
type ClassCap struct {
	Most        int // detections of a pair
	Full, Pairs int // pairs with so many, with any
	More, Of    int // pairs with more objects in use, with any
}

// Found reports whether the results seem to be cut to the best few of each image and class: half of
// 30 pairs or more have the most that any has, and one pair in ten has more objects. In the real
// files 0.2 % of the pairs have it at most, but for the smallest.
func (c *ClassCap) Found() bool {
	return c.Pairs >= 30 && 2*c.Full >= c.Pairs && 10*c.More >= c.Of && c.More >= 10
}

// Found reports whether the results seem to be cut to the best few of each image.
func (c *Capped) Found() bool {
	return c.Images >= 30 && 2*c.Full >= c.Images && 10*c.More >= c.Of
}

// capped counts the detections of images.
func capped(d *dataset.Dataset, r *dataset.Results) Capped {
	var c Capped
	count := func(f func(src *dataset.Source, im *dataset.Image, n int)) {
		for s := range d.Sources {
			src := d.Source(s)
			for i := range src.Images {
				if src.Images[i].LeftOut == dataset.InUse {
					f(src, &src.Images[i], len(r.Of(s, i)))
				}
			}
		}
	}
	count(func(_ *dataset.Source, _ *dataset.Image, n int) { c.Most = max(c.Most, n) })
	count(func(src *dataset.Source, im *dataset.Image, n int) {
		c.Of++
		c.Images += sample.One(n > 0)
		c.Full += sample.One(n > 0 && n == c.Most)
		objects := 0
		for k := im.First; k < im.Last; k++ {
			objects += sample.One(sample.Told(&src.Objects[k]))
		}
		c.More += sample.One(objects > c.Most)
	})
	c.Class = classCap(d, r)
	return c
}

// classCap counts the detections of images and classes.
func classCap(d *dataset.Dataset, r *dataset.Results) ClassCap {
	var c ClassCap
	detected, objects := newClassCounts(len(d.Classes)), newClassCounts(len(d.Classes))
	each := func(f func()) {
		for s := range d.Sources {
			src := d.Source(s)
			for i := range src.Images {
				im := &src.Images[i]
				if im.LeftOut != dataset.InUse || len(r.Of(s, i)) == 0 {
					continue
				}
				for _, n := range r.Of(s, i) {
					detected.add(n.Class)
				}
				for k := im.First; k < im.Last; k++ {
					if o := &src.Objects[k]; sample.Told(o) && o.Class >= 0 {
						objects.add(o.Class)
					}
				}
				f()
				detected.clear()
				objects.clear()
			}
		}
	}
	each(func() {
		for _, class := range detected.classes {
			c.Most = max(c.Most, detected.n[class])
		}
	})
	each(func() {
		for _, class := range detected.classes {
			c.Pairs++
			c.Full += sample.One(detected.n[class] == c.Most)
		}
		for _, class := range objects.classes {
			c.Of++
			c.More += sample.One(objects.n[class] > c.Most)
		}
	})
	return c
}

// classCounts are numbers by class of one image, and the classes that have any.
type classCounts struct {
	n       []int
	classes []int32
}

func newClassCounts(classes int) *classCounts { return &classCounts{n: make([]int, classes)} }

func (c *classCounts) add(class int32) {
	if c.n[class]++; c.n[class] == 1 {
		c.classes = append(c.classes, class)
	}
}

func (c *classCounts) clear() {
	for _, class := range c.classes {
		c.n[class] = 0
	}
	c.classes = c.classes[:0]
}
