package convention

import (
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/text"
)

// Stale counts objects of a series of pictures that moved and then stand still, number for number, in some images: to
// the end, as where a track's last box is kept after the object has left, or until they move on.
type Stale struct {
	Ended   [2]int // that stand to the end of their track, in leastStill images or more
	MovedOn [2]int // that move on
	Boxes   int    // that stand so behind the first of their object, to the end
	Example int32  // the last box of the longest one, -1 if there is none
	longest int
}

// leastStill are the images in which a box stands: in bursts and sparse frames, and in videos, where objects stand in a
// few by themselves.
var leastStill = [2]int{3, 10}

// sameTrack is the IoU of the boxes of an object in two images that follow each other.
const sameTrack = 0.5

// Found reports whether tracks seem to go on after their objects have left: of those that stand in three images, ten
// to the end, three times as many as move on; or in ten images, five to the end, four times as many. In the real files
// 7 and 39, and 1 and none, do so before a traffic camera, and none and 7 before one in a car.
func (s *Stale) Found() bool {
	return s.Ended[0] >= 10 && s.Ended[0] >= 3*s.MovedOn[0] || s.Ended[1] >= 5 && s.Ended[1] >= 4*s.MovedOn[1]
}

// add counts a box that stood in so many images.
func (s *Stale) add(to *[2]int, images int) {
	for k, least := range leastStill {
		to[k] += one(images >= least)
	}
}

// stale asks OfStale of the images in each sequence that they may have.
func stale(src *dataset.Source, least *leasts) Stale {
	none := Stale{Example: -1}
	if tileGrids(src) != nil { // a large object has one box in several
		return none
	}
	var order []int32
	for i := range src.Images {
		if src.Images[i].LeftOut == dataset.InUse {
			order = append(order, int32(i))
		}
	}
	for by := range sequences {
		if _, ok := arrange(src, order, by, least); !ok {
			continue
		}
		if s := OfStale(src, order); s.Found() {
			return s
		}
	}
	return none
}

// OfStale follows objects through the images in their order, within series by the names of their files. It needs no ids
// of tracks: a box of the class that overlaps it in the image before is the same object.
func OfStale(src *dataset.Source, order []int32) Stale {
	s := Stale{Example: -1}
	var last []still
	for i, at := range order {
		if i > 0 && !sameSeries(src, order[i-1], at) {
			s.end(last)
			last = nil
		}
		last = s.step(src, last, at)
	}
	s.end(last)
	return s
}

// still is a box of an image, in how many images it has stood, and whether its object moved there.
type still struct {
	object int32
	images int
	moved  bool
}

// step returns the boxes of the next image, and counts those of the one before that stand no longer.
func (s *Stale) step(src *dataset.Source, last []still, image int32) []still {
	im := &src.Images[image]
	here := make([]still, 0, im.Last-im.First)
	taken := make([]bool, len(last))
	same := sameAmong(src, last, taken, int(im.Last-im.First))
	for k := im.First; k < im.Last; k++ {
		o := &src.Objects[k]
		if !told(o) || isWhole(&o.Box, float64(im.Size.W), float64(im.Size.H)) {
			continue
		}
		h := still{object: k, images: 1}
		if j := same(o); j >= 0 {
			h.images, h.moved, taken[j] = last[j].images+1, last[j].moved, true
		}
		here = append(here, h)
	}
	on := make([]bool, len(last)) // whether the object goes on elsewhere
	eachOverlap(src, last, here, func(j, k int) {
		if !taken[j] && here[k].images == 1 {
			here[k].moved, on[j] = true, true
		}
	})
	for j := range last {
		switch {
		case taken[j]:
		case !on[j]:
			s.end(last[j : j+1])
		case last[j].moved:
			s.add(&s.MovedOn, last[j].images)
		}
	}
	return here
}

// sameAmong returns a function that finds the first box that is not taken and has the numbers and the class of an
// object, -1 if there is none. It is asked so many times.
func sameAmong(src *dataset.Source, last []still, taken []bool, times int) func(o *dataset.Object) int {
	if len(last)*times <= fewPairs {
		return func(o *dataset.Object) int {
			for j := range last {
				if p := &src.Objects[last[j].object]; !taken[j] && p.Box == o.Box && p.Class == o.Class {
					return j
				}
			}
			return -1
		}
	}
	at := map[boxLabel][]int{}
	for j := range last {
		p := &src.Objects[last[j].object]
		at[boxLabel{p.Box, p.Class}] = append(at[boxLabel{p.Box, p.Class}], j)
	}
	return func(o *dataset.Object) int {
		key := boxLabel{o.Box, o.Class}
		all := at[key]
		if len(all) == 0 {
			return -1
		}
		at[key] = all[1:]
		return all[0]
	}
}

// stillPartners bounds with how many to its right a box is compared, of thousands that lie on each other.
const stillPartners = 64

// eachOverlap calls met with each box of an image and each of the next one that may be the same object.
func eachOverlap(src *dataset.Source, last, here []still, met func(j, k int)) {
	if len(last)*len(here) <= fewPairs {
		for j := range last {
			p := &src.Objects[last[j].object]
			for k := range here {
				o := &src.Objects[here[k].object]
				if o.Class == p.Class && iou.Of(o.Box.Box(), p.Box.Box()) >= sameTrack {
					met(j, k)
				}
			}
		}
		return
	}
	byClass := map[int32][]int{} // in last, or behind it in here
	object := func(i int) *dataset.Object {
		if i < len(last) {
			return &src.Objects[last[i].object]
		}
		return &src.Objects[here[i-len(last)].object]
	}
	for i := range len(last) + len(here) {
		class := object(i).Class
		byClass[class] = append(byClass[class], i)
	}
	for _, all := range byClass {
		boxes := make([]geom.Box, len(all))
		for i, at := range all {
			boxes[i] = object(at).Box.Box()
		}
		iou.EachPair(boxes, sameTrack, stillPartners, func(p iou.Pair) {
			j, k := min(all[p.I], all[p.J]), max(all[p.I], all[p.J])
			if j < len(last) && k >= len(last) {
				met(j, k-len(last))
			}
		})
	}
}

// end counts boxes whose track ends.
func (s *Stale) end(last []still) {
	for _, l := range last {
		if !l.moved || l.images < leastStill[0] {
			continue
		}
		s.add(&s.Ended, l.images)
		s.Boxes += l.images - 1
		if l.images > s.longest {
			s.longest, s.Example = l.images, l.object
		}
	}
}

// sameSeries tells whether two images are of one series, by names that differ in their last number.
func sameSeries(src *dataset.Source, a, b int32) bool {
	x, _ := lastNumber(src.Images[a].File)
	y, _ := lastNumber(src.Images[b].File)
	return x == y
}

// finding returns the finding on tracks that go on after their objects have left.
func (s *Stale) finding(src *dataset.Source, n int32) findings.Finding {
	o := &src.Objects[s.Example]
	k := one(s.Ended[0] < 10 || s.Ended[0] < 3*s.MovedOn[0])
	f := finding("boxes-carried-over", n, o.Offset, o.Line, "%s: %s move and then stand still, number for number, in %d "+
		"images or more, to the end of their track, and only %d that stand so move on. Tracks seem to go on with their last "+
		"box after the object has left, as where outside or lost is not read: leave these boxes out (%s). If the objects "+
		"do stay, waive the finding. Example, after %d images: %s", text.Printable(src.Name), plural(s.Ended[k], "object"),
		leastStill[k], s.MovedOn[k], group(s.Boxes), s.longest, place(src, s.Example))
	f.Size, f.Cases = float64(s.Boxes), int64(s.Boxes)
	return f
}
