package series

import (
	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/iou"
)

// fresh counts what becomes of boxes that are new in an image, as the image before does not have them. A list that is
// not emptied keeps them like all others. Where parked cars and the fields of a form stand again, what moves or differs
// does not.
type fresh struct {
	Images, Of  int // of which boxes stand again in the next: those with new boxes, and all
	New, Stay   int // new boxes of images of which any box stands again in the next, and those of them that do
	Moved, Kept int // new boxes near one of the image before, and those whose neighbour there stands again beside them
}

// leastMoved is how many boxes that moved tell whether those they were before stand beside them.
const leastMoved = 20

// kept tells whether boxes are kept whatever they are: half of the images that are kept at all have new ones, half of
// the new ones stand again, and so do half of those from which one has moved on, since a box that moves slowly stands
// for some images in a coarse grid and is in one place then. A list that is not emptied keeps them all. Of a traffic
// camera's boxes in whole pixels, and in grids of 4 and 16 px, 12, 28 and 58 % of the new ones stand again, and of
// those from which one has moved on, none.
func (f *fresh) kept() bool {
	return 2*f.Images >= f.Of && 2*f.Stay >= f.New && (f.Moved < leastMoved || 2*f.Kept >= f.Moved)
}

// freshIn counts in images in their order.
func freshIn(src *dataset.Source, order []int32) (f fresh) {
	none := func(*dataset.Object) bool { return false }
	before := none // the image before a, that is
	for i := 1; i < len(order); i++ {
		a, b := &src.Images[order[i-1]], &src.Images[order[i]]
		own, next := src.Objects[a.First:a.Last], src.Objects[b.First:b.Last]
		in, on := standing(own, len(next)), standing(next, len(own))
		var stay, all int
		again := false
		for k := range own {
			o := &own[k]
			if !sample.Told(o) || reading.WholeImage(&o.Box, float64(a.Size.W), float64(a.Size.H)) {
				continue
			}
			stands := on(o)
			again = again || stands
			if !before(o) {
				all++
				stay += sample.One(stands)
			}
		}
		if again {
			f.Images, f.Of = f.Images+sample.One(all > 0), f.Of+1
			f.New, f.Stay = f.New+all, f.Stay+stay
			f.move(own, next, in, on)
		}
		before = in
	}
	return f
}

// move counts new boxes of the next image that are near one of this image.
func (f *fresh) move(own, next []dataset.Object, in, on func(*dataset.Object) bool) {
	if len(own)*len(next) > fewPairs {
		own = own[:max(1, fewPairs/len(next))]
	}
	for k := range next {
		o := &next[k]
		if !sample.Told(o) || in(o) {
			continue
		}
		near, kept := false, false
		for j := 0; j < len(own) && !kept; j++ {
			if p := &own[j]; p.Class == o.Class && iou.Of(o.Box.Box(), p.Box.Box()) >= sameTrack {
				near, kept = true, on(p)
			}
		}
		f.Moved += sample.One(near)
		f.Kept += sample.One(kept)
	}
}
