package series

import (
	"cmp"
	"slices"

	"focalaudit/pkg/convention/names"
	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
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
		to[k] += sample.One(images >= least)
	}
}

// stale asks OfStale of the images in each sequence that they may have.
func stale(src *dataset.Source, least *sample.Leasts) Stale {
	none := Stale{Example: -1}
	if names.TileGrids(src) != nil { // a large object has one box in several
		return none
	}
	order := sample.ImagesInUse(src)
	for by := range sample.Sequences {
		if _, ok := sample.Arrange(src, order, by, least); !ok {
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

// step returns the boxes of the next image, and counts those of the one before that stand no longer. Both are in the
// order of compare, those that have stood longest first.
func (s *Stale) step(src *dataset.Source, last []still, image int32) []still {
	im := &src.Images[image]
	here := make([]still, 0, im.Last-im.First)
	for k := im.First; k < im.Last; k++ {
		if o := &src.Objects[k]; sample.Told(o) && !reading.WholeImage(&o.Box, float64(im.Size.W), float64(im.Size.H)) {
			here = append(here, still{object: k, images: 1})
		}
	}
	slices.SortStableFunc(here, func(a, b still) int { return compare(src, a.object, b.object) })
	var gone []still
	var was, fresh []int32 // boxes that stand no longer, and those that did not stand there before
	k := 0
	for _, l := range last {
		for ; k < len(here) && compare(src, here[k].object, l.object) < 0; k++ {
			fresh = append(fresh, here[k].object)
		}
		if k < len(here) && compare(src, here[k].object, l.object) == 0 {
			here[k].images, here[k].moved = l.images+1, l.moved
			k++
			continue
		}
		gone, was = append(gone, l), append(was, l.object)
	}
	for ; k < len(here); k++ {
		fresh = append(fresh, here[k].object)
	}
	if len(fresh) > 0 && len(gone) > 0 {
		before := indexTracks(src, was)
		for k := range here {
			here[k].moved = here[k].moved || here[k].images == 1 && before.has(here[k].object)
		}
	}
	now := indexTracks(src, fresh)
	for j := range gone {
		if on := now.has(gone[j].object); on && gone[j].moved {
			s.add(&s.MovedOn, gone[j].images)
		} else if !on {
			s.end(gone[j : j+1])
		}
	}
	return here
}

// compare orders objects by class and box.
func compare(src *dataset.Source, a, b int32) int {
	x, y := &src.Objects[a], &src.Objects[b]
	return cmp.Or(cmp.Compare(x.Class, y.Class), cmp.Compare(x.Box.X, y.Box.X), cmp.Compare(x.Box.Y, y.Box.Y),
		cmp.Compare(x.Box.W, y.Box.W), cmp.Compare(x.Box.H, y.Box.H))
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
	x, _ := names.LastNumber(src.Images[a].File)
	y, _ := names.LastNumber(src.Images[b].File)
	return x == y
}

// Finding returns the finding on tracks that go on after their objects have left.
func (s *Stale) Finding(src *dataset.Source, n int32) findings.Finding {
	o := &src.Objects[s.Example]
	k := sample.One(s.Ended[0] < 10 || s.Ended[0] < 3*s.MovedOn[0])
	f := say.Finding("boxes-carried-over", n, o.Offset, o.Line,
		"%s: %s move and then stand still, number for number, in %d "+
			"images or more, to the end of their track, and only %d that stand so move on. Tracks seem to go on with their "+
			"last box after the object has left, as where outside or lost is not read: leave these boxes out (%s). If the "+
			"objects do stay, waive the finding. Example, after %d images: %s", text.Printable(src.Name),
		say.Plural(s.Ended[k], "object"),
		leastStill[k], s.MovedOn[k], say.Group(s.Boxes), s.longest, say.Place(src, s.Example))
	f.Size, f.Cases = float64(s.Boxes), int64(s.Boxes)
	return f
}
