package convention

import (
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
)

// A parting is what two frames that follow each other show at the edge of a stretch in which each class comes once.
type parting struct {
	Gone  int   // objects of the frame outside that are not in the one inside, of classes that both have
	Goes  int   // objects of the one inside that say that the scene goes on
	Of    int   // all of it
	Image int32 // the frame inside
}

// found reports whether a scene goes on while all but one object of each class are gone at once: each object inside,
// and two at least, has the box of one outside, or the box around all of its class. People and cars leave one after
// the other. Where pictures of another scene follow, a box is such by chance only: of pairs of frames of different
// scenes, one in a thousand has two of two (see TestPartings).
func (p *parting) found() bool { return p.Gone >= leastGone && p.Goes == p.Of && p.Goes >= 2 }

// leastGone is how many objects are gone from one frame to the next. oneBox is the IoU of boxes of one object, or of
// all of one class, in two frames: any two boxes of a class in two scenes seldom have it.
const (
	leastGone = 4
	oneBox    = 0.8
)

// parts compares the frame inside with the one outside.
func parts(src *dataset.Source, outside, inside int32) parting {
	p := parting{Image: inside}
	x, y := &src.Images[outside], &src.Images[inside]
	if x.Size != y.Size {
		return p
	}
	own := src.Objects[x.First:x.Last]
	for j := y.First; j < y.Last; j++ {
		q := &src.Objects[j]
		if isCrowd(*q) {
			continue
		}
		p.Of++
		var around geom.Box
		n := 0
		for k := range own {
			if o := &own[k]; o.Class == q.Class && !isCrowd(*o) {
				if n++; n == 1 {
					around = o.Box.Box()
				}
				around = unionOf(around, o.Box.Box())
			}
		}
		if n == 0 {
			continue
		}
		p.Gone += n - 1
		p.Goes += sample.One(iou.Of(around, q.Box.Box()) >= oneBox || standsIn(own, q))
	}
	return p
}

// standsIn tells whether an object has the box of one of its class.
func standsIn(own []dataset.Object, q *dataset.Object) bool {
	for k := range own {
		if o := &own[k]; o.Class == q.Class && iou.Of(o.Box.Box(), q.Box.Box()) >= oneBox {
			return true
		}
	}
	return false
}

// unionOf is the box around two boxes.
func unionOf(a, b geom.Box) geom.Box {
	return geom.Box{X0: min(a.X0, b.X0), Y0: min(a.Y0, b.Y0), X1: max(a.X1, b.X1), Y1: max(a.Y1, b.Y1)}
}

// partings looks at the frames at both edges of a stretch, in the order in which it was found.
func (g *glance) partings(s *streak) (best parting) {
	if !g.all {
		return best // frames that follow each other are not known
	}
	for at := range 3 {
		order := g.order(at)
		for i, k := range order {
			if k == s.images[0] && i > 0 {
				best = better(best, parts(g.src, g.images[order[i-1]].image, g.images[k].image))
			}
			if k == s.images[len(s.images)-1] && i+1 < len(order) {
				best = better(best, parts(g.src, g.images[order[i+1]].image, g.images[k].image))
			}
		}
	}
	return best
}

func better(a, b parting) parting {
	if b.found() && (!a.found() || b.Gone > a.Gone) {
		return b
	}
	return a
}
