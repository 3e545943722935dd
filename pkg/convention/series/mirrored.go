package series

import (
	"cmp"
	"math"
	"slices"
	"sort"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// original is an image of which there are mirrored copies. What it has is sorted once, and only where a copy asks.
type original struct {
	src       *dataset.Source
	at        int32
	labels    []boxLabel
	edge, due *spans
}

// boxLabel is a box with its class.
type boxLabel struct {
	box   geom.Rect
	class int32
}

func (a boxLabel) compare(b boxLabel) int {
	return cmp.Or(cmp.Compare(a.class, b.class), cmp.Compare(a.box.Y, b.box.Y), cmp.Compare(a.box.H, b.box.H),
		cmp.Compare(a.box.X, b.box.X), cmp.Compare(a.box.W, b.box.W))
}

// sortedLabels returns the boxes of an image in an order that the file has no part in.
func sortedLabels(src *dataset.Source, at int32) []boxLabel {
	im := &src.Images[at]
	all := make([]boxLabel, 0, im.Last-im.First)
	for k := im.First; k < im.Last; k++ {
		all = append(all, boxLabel{src.Objects[k].Box, src.Objects[k].Class})
	}
	slices.SortFunc(all, boxLabel.compare)
	return all
}

// sorted returns sortedLabels of the image.
func (o *original) sorted() []boxLabel {
	if o.labels == nil {
		o.labels = sortedLabels(o.src, o.at)
	}
	return o.labels
}

// tells reports whether a mirror would show a box at another place, by more than 2 px.
func (o *original) tells() bool {
	im := &o.src.Images[o.at]
	for k := im.First; k < im.Last; k++ {
		x := &o.src.Objects[k]
		across, down := x.Box.X+x.Box.X+x.Box.W-float64(im.Size.W), x.Box.Y+x.Box.Y+x.Box.H-float64(im.Size.H)
		if sample.Told(x) && min(across*across, down*down) > 16 {
			return true
		}
	}
	return false
}

// mirrored returns what tells of a box whether one of the original begins there, to 1 px, with the same y, height and
// class and at least its width: if it begins at the mirrored left edge, or at the mirrored right one. They are asked so
// many times.
func (o *original) mirrored(times int) (edge, due func(x *dataset.Object) bool) {
	im := &o.src.Images[o.at]
	own, w := o.src.Objects[im.First:im.Last], float64(im.Size.W)
	starts := [2]func(b geom.Rect) float64{
		func(b geom.Rect) float64 { return w - b.X },
		func(b geom.Rect) float64 { return w - b.X - b.W },
	}
	if len(own)*times <= fewPairs {
		among := func(start func(b geom.Rect) float64) func(x *dataset.Object) bool {
			return func(x *dataset.Object) bool {
				for k := range own {
					y := &own[k]
					if x.Class == y.Class && x.Box.Y == y.Box.Y && x.Box.H == y.Box.H && x.Box.W <= y.Box.W+1 && sample.Told(y) &&
						math.Abs(x.Box.X-start(y.Box)) <= 1 {
						return true
					}
				}
				return false
			}
		}
		return among(starts[0]), among(starts[1])
	}
	if o.edge == nil {
		o.edge, o.due = newSpans(own, starts[0]), newSpans(own, starts[1])
	}
	return o.edge.near, o.due.near
}

// spans are boxes by class, y, height and where they start, in which one is found without going through all.
type spans struct {
	of     []boxLabel // box.X is where it starts
	widest []float64  // a tree over their widths: of[i] at len(of)+i, the wider one of 2i and 2i+1 at i
}

// newSpans takes those of some objects that are told of, with where they start.
func newSpans(objects []dataset.Object, start func(b geom.Rect) float64) *spans {
	s := &spans{}
	for k := range objects {
		if o := &objects[k]; sample.Told(o) {
			one := boxLabel{o.Box, o.Class}
			one.box.X = start(o.Box)
			s.of = append(s.of, one)
		}
	}
	slices.SortFunc(s.of, boxLabel.compare)
	n := len(s.of)
	s.widest = make([]float64, 2*n)
	for i := range s.of {
		s.widest[n+i] = s.of[i].box.W
	}
	for i := n - 1; i > 0; i-- {
		s.widest[i] = max(s.widest[2*i], s.widest[2*i+1])
	}
	return s
}

// near tells whether a span of the object's class, y and height starts within 1 px of it and is at least as wide, less
// 1 px.
func (s *spans) near(x *dataset.Object) bool {
	key := boxLabel{x.Box, x.Class}
	first := func(past func(off float64) bool) int {
		return sort.Search(len(s.of), func(i int) bool {
			y := &s.of[i]
			c := cmp.Or(cmp.Compare(y.class, key.class), cmp.Compare(y.box.Y, key.box.Y), cmp.Compare(y.box.H, key.box.H))
			return c > 0 || c == 0 && past(key.box.X-y.box.X)
		})
	}
	from := first(func(off float64) bool { return off <= 1 })
	to := first(func(off float64) bool { return off < -1 })
	n := len(s.of)
	for from, to = from+n, to+n; from < to; from, to = from/2, to/2 {
		if from%2 == 1 {
			if key.box.W <= s.widest[from]+1 {
				return true
			}
			from++
		}
		if to%2 == 1 {
			to--
			if key.box.W <= s.widest[to]+1 {
				return true
			}
		}
	}
	return false
}
