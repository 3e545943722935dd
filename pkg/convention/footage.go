package convention

import (
	"math"
	"slices"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/iou"
)

// footage tells what of a source's images is new. Frames of a video and slices of a body show the same objects
// again and again, and a rule that counts them again takes one sight for many. Rules ask only once they have found
// something, so that other files do not pay for it.
type footage struct {
	src    *dataset.Source
	before []int32 // by image: an earlier one of the same scene, -1 if there is none
}

// sceneBack is how many images before one are asked whether they show the same scene: several cameras take turns in a
// file. sceneBoxes is how many objects of an image are compared.
const (
	sceneBack  = 8
	sceneBoxes = 200
)

// footageOf compares the images with those before them in the order of the file, and in that of their names, since the
// frames of a video may stand in any order. It takes the order in which more of them show a scene again. It returns nil
// if fewer than one in ten does: single pictures are alike by chance.
func footageOf(src *dataset.Source) *footage {
	var order []int32
	for _, i := range sample.ImagesInUse(src) {
		if src.Images[i].First < src.Images[i].Last {
			order = append(order, i)
		}
	}
	best, most := follow(src, order)
	if changed, _ := sample.Arrange(src, order, sample.ByName, nil); changed {
		if s, n := follow(src, order); n > most {
			best, most = s, n
		}
	}
	if 10*most < len(order) {
		return nil
	}
	return best
}

// follow compares images in one order, and counts those that show a scene again.
func follow(src *dataset.Source, order []int32) (s *footage, n int) {
	s = &footage{src: src, before: make([]int32, len(src.Images))}
	for i := range s.before {
		s.before[i] = -1
	}
	for i, at := range order {
		for back := 1; back <= min(sceneBack, i); back++ {
			if sameScene(src, order[i-back], at, back == 1) {
				s.before[at] = order[i-back]
				n++
				break
			}
		}
	}
	return s, n
}

// sameScene tells whether half of the objects of either image are in the other one, and two of each at least: single
// large objects stand in one place by chance, so that they tell only of images that follow each other.
func sameScene(src *dataset.Source, a, b int32, next bool) bool {
	x, y := &src.Images[a], &src.Images[b]
	if x.Size != y.Size {
		return false
	}
	n, of := 0, 0
	for k := y.First; k < min(y.Last, y.First+sceneBoxes); k++ {
		of++
		n += sample.One(seenIn(src, x, &src.Objects[k]))
	}
	before := int(min(x.Last-x.First, sceneBoxes))
	return (n >= 2 || next && n == 1 && of == 1 && before == 1) && 2*n >= of && 2*n >= before
}

// anew tells whether an object is not in an earlier image of its scene.
func (s *footage) anew(o *dataset.Object) bool {
	return o.Image < 0 || s.before[o.Image] < 0 || !seenIn(s.src, &s.src.Images[s.before[o.Image]], o)
}

// leastNew is how many new objects have to show what many boxes of a source show.
const leastNew = 5

// holds tells whether, of the objects that are new, five and one in so many have a mark that many boxes of a source
// have.
func holds(src *dataset.Source, oneIn float64, mark func(o *dataset.Object, w, h float64) bool) bool {
	of := footageOf(src)
	if of == nil {
		return true
	}
	n, all := 0, 0
	sample.Each(src, func(_ int32, o *dataset.Object, w, h float64) {
		if of.anew(o) {
			all++
			n += sample.One(mark(o, w, h))
		}
	})
	return n >= leastNew && oneIn*float64(n) >= float64(all)
}

// newOnly returns the source with those objects only that are new, and itself if it has no footage.
func newOnly(src *dataset.Source) *dataset.Source {
	of := footageOf(src)
	if of == nil {
		return src
	}
	out := *src
	out.Images, out.Objects = slices.Clone(src.Images), nil
	for i := range out.Images {
		im := &out.Images[i]
		first := int32(len(out.Objects))
		for k := im.First; k < im.Last; k++ {
			if o := &src.Objects[k]; of.anew(o) {
				out.Objects = append(out.Objects, *o)
			}
		}
		im.First, im.Last = first, int32(len(out.Objects))
	}
	return &out
}

// newsPart is one in how many objects of an image must be new.
const newsPart = 20

// news tells whether an image shows something new: so large a part of its objects is not in an earlier image of its
// scene.
func (s *footage) news(image int32) bool {
	if s == nil || s.before[image] < 0 {
		return true
	}
	im, n := &s.src.Images[image], 0
	for k := im.First; k < im.Last; k++ {
		n += sample.One(s.anew(&s.src.Objects[k]))
	}
	return newsPart*n >= int(im.Last-im.First)
}

// only leaves those records of a block to count that are new.
func (s *footage) only(rows []columnRow) {
	for i := range rows {
		rows[i].fresh = rows[i].fresh && s.anew(&s.src.Objects[rows[i].object])
	}
}

// newest returns blocks of which those records are usable that are new.
func (s *footage) newest(blocks [][]columnRow) [][]columnRow {
	if s == nil {
		return blocks
	}
	out := make([][]columnRow, len(blocks))
	for q, rows := range blocks {
		out[q] = slices.Clone(rows)
		for i := range rows {
			r := &out[q][i]
			r.usable = r.usable && s.anew(&s.src.Objects[r.object])
		}
	}
	return out
}

// An object is known again in the next image by its class and an IoU of sameTrack. One that moves by more than its
// own size from one image to the next is known again by its sides, which change by so much at most, and by such a
// part of the picture, which it then crosses in 50 images, two seconds of a video.
const (
	sameTrack = 0.5
	sameSize  = 1.25
	sameMove  = 0.02
)

// seenIn tells whether an object is in image a, as in one before its own.
func seenIn(src *dataset.Source, a *dataset.Image, o *dataset.Object) bool {
	box, im := o.Box.Box(), &src.Images[o.Image]
	for k := a.First; k < min(a.Last, a.First+sceneBoxes); k++ {
		if p := &src.Objects[k]; p.Class == o.Class && (iou.Of(box, p.Box.Box()) >= sameTrack || mayMove(p, o, im)) {
			return true
		}
	}
	return false
}

// mayMove tells whether an object may have moved to where another one is in the next image.
func mayMove(p, o *dataset.Object, im *dataset.Image) bool {
	if factor(p.Box.W, o.Box.W) > sameSize || factor(p.Box.H, o.Box.H) > sameSize {
		return false
	}
	x, y := p.Box.X-o.Box.X+(p.Box.W-o.Box.W)/2, p.Box.Y-o.Box.Y+(p.Box.H-o.Box.H)/2
	return math.Abs(x) <= sameMove*float64(im.Size.W) && math.Abs(y) <= sameMove*float64(im.Size.H)
}

// factor is by what factor two lengths differ.
func factor(a, b float64) float64 { return max(a/b, b/a) }
