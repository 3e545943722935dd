package gate

import (
	"cmp"
	"slices"

	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
)

// standing are the labels of an image in two reports. It finds the labels that may be the same one without comparing
// all pairs.
type standing struct {
	now, before placedLabels
	known       bool              // the labels of the old report are
	others      map[int32][]Label // by the place of a label now: those of the old report that are alike
	extra       map[int32]bool    // by the place of a label now: isExtra
}

// newStanding compares the labels of an image. known says that the labels of the old report are known.
func newStanding(now, before []Label, known bool) *standing {
	return &standing{placeLabels(now), placeLabels(before), known, map[int32][]Label{}, map[int32]bool{}}
}

// placedLabels finds labels by their ids and by their places.
type placedLabels struct {
	labels []Label
	byID   map[string][]int32
	byX    []int32 // those with boxes, from left to right by their centres
}

func centreX(b *geom.Rect) float64 { return b.X + b.W/2 }

func placeLabels(labels []Label) placedLabels {
	p := placedLabels{labels: labels, byID: map[string][]int32{}}
	for i := range labels {
		p.byID[labels[i].ID] = append(p.byID[labels[i].ID], int32(i))
		if !labels[i].NoBox {
			p.byX = append(p.byX, int32(i))
		}
	}
	slices.SortStableFunc(p.byX, func(a, b int32) int {
		return cmp.Compare(centreX(&labels[a].Box), centreX(&labels[b].Box))
	})
	return p
}

// roundedApart is an upper bound, in px, of the distance between the centres of two boxes that are alike: their edges
// and sides differ by half a pixel at most, which is rounding.
const roundedApart = 2

// near calls f for the labels whose centres are at most apart px to the left or right of a box's centre, until f
// returns true, and reports whether it did. For boxes that are alike, apart is roundedApart; two boxes with an IoU of
// sameBox, a half, have centres half of the smaller side apart at most.
func (p *placedLabels) near(box *geom.Rect, apart float64, f func(i int32) bool) bool {
	from, _ := slices.BinarySearchFunc(p.byX, centreX(box)-apart, func(i int32, x float64) int {
		return cmp.Compare(centreX(&p.labels[i].Box), x)
	})
	for _, i := range p.byX[from:] {
		if centreX(&p.labels[i].Box) > centreX(box)+apart {
			break
		}
		if f(i) {
			return true
		}
	}
	return false
}

// alikes returns labels of the old report that are alike a label of the new one. Of many it returns as many as stays
// has to know: one with each box, and two with different ids.
func (s *standing) alikes(i int32) []Label {
	if found, done := s.others[i]; done {
		return found
	}
	l := &s.now.labels[i]
	found, boxes, ids := []Label(nil), map[geom.Rect]bool{}, map[string]bool{}
	if !l.NoBox {
		s.before.near(&l.Box, roundedApart, func(k int32) bool {
			b := &s.before.labels[k]
			if b.alike(l, false) && (!boxes[b.Box] || len(ids) < 2 && !ids[b.ID]) {
				found, boxes[b.Box], ids[b.ID] = append(found, *b), true, true
			}
			return false
		})
	}
	s.others[i] = found
	return found
}

// isExtra reports whether there are more labels alike one of now than the old report has under other ids than its: then
// it is none of these, renumbered, but what became of the label of its id.
func (s *standing) isExtra(i int32) bool {
	if is, done := s.extra[i]; done {
		return is
	}
	l, n := &s.now.labels[i], 0
	s.now.near(&l.Box, roundedApart, func(k int32) bool {
		if s.now.labels[k].alike(l, false) {
			n++
		}
		return false
	})
	s.before.near(&l.Box, roundedApart, func(k int32) bool {
		if b := &s.before.labels[k]; b.alike(l, false) && b.ID != l.ID {
			n--
		}
		return false
	})
	s.extra[i] = n > 0 || l.NoBox
	return s.extra[i]
}

// stays reports whether one of the labels that an image has now is the finding's record. Ids tell, unless the file was
// renumbered: a label that the old report has under another id is that one, if there are not more of them now.
func (f *Finding) stays(s *standing) bool {
	own := Label{Class: f.Class, Box: f.Box, NoBox: !f.HasBox}
	is := func(i int32) bool {
		l := &s.now.labels[i]
		if own.alike(l, !s.known) {
			return true
		}
		if f.Annotation != "" && l.ID == f.Annotation {
			return s.isExtra(i)
		}
		near := !own.NoBox && !l.NoBox && iou.Of(own.Box.Box(), l.Box.Box()) >= sameBox
		if !near || !s.known && l.Class != own.Class {
			return false
		}
		return !slices.ContainsFunc(s.alikes(i), func(b Label) bool {
			if f.Annotation == "" {
				return !own.alike(&b, false)
			}
			return b.ID != f.Annotation
		})
	}
	if f.Annotation != "" && slices.ContainsFunc(s.now.byID[f.Annotation], is) {
		return true
	}
	return !own.NoBox && s.now.near(&own.Box, max(own.Box.W/2, 0)+roundedApart, is)
}
