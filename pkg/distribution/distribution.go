// Package distribution counts what a data set looks like, source by source: classes, objects
// an image, sizes and aspects of images and boxes, where boxes lie, which classes stand
// together and which objects overlap.
//
//  1. Of counts sources, on all cores. A Source holds the counts of one annotation file; all are
//     whole numbers, so that workers add up to the same in any order.
//  2. A Figure names a histogram and its bins (figures.go).
//  3. Drifts tells how far the sources are apart in each figure (drift.go).
//
// Objects are annotations with a box on an image with a usable size, whatever a trainer makes
// of them. Crowds are left out: one box stands for many objects.
package distribution

import (
	"context"
	"math"
	"slices"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/par"
)

// Side is how many cells the places of boxes have in each direction.
const Side = 32

// Thresholds are the IoUs from which on two objects of one class are counted as overlapping:
// at these, non-maximum suppression takes one of two right detections for a repetition. 0.5
// is that of torchvision's and detectron2's RetinaNet.
var Thresholds = [...]float64{0.5, 0.6, 0.7}

// few is the number of objects in an image up to which each is held against each other one.
const few = 40

// partners bounds the overlaps that one object enters, so that thousands of equal boxes in
// one image stay linear.
const partners = 64

// Distribution is what a data set looks like.
type Distribution struct {
	Sources []Source // as in the data set
	Classes int

	// Details, if not nil, returns the detail of a source that has none here.
	Details func(source int) *Detail
}

// Detail returns the detail of a source. Whoever needs that of all takes one after the other.
func (d *Distribution) Detail(source int) *Detail {
	if of := d.Sources[source].Detail; of != nil {
		return of
	}
	return d.Details(source)
}

// Source is the counts of one annotation file.
type Source struct {
	Images  int64 // with a usable size
	Objects int64

	// Counts are the histograms, by figure and bin.
	Counts [NumFigures][]int64

	ClassImages []int64                  // images that have the class, by class
	Overlapping [][len(Thresholds)]int64 // objects that overlap another one of their class, by class

	*Detail // nil where it is elsewhere

	cells []*[Side * Side]int64 // ClassPlaces while they are counted, then nil
}

// Detail is the counts of a source that take most of the memory: a merge reads them when it writes them.
type Detail struct {
	ClassPlaces []Places       // places by class; nil for a class without objects
	Together    map[Pair]int64 // images that have both classes
}

func newDetail(classes int) *Detail {
	return &Detail{ClassPlaces: make([]Places, classes), Together: map[Pair]int64{}}
}

// Pair is two classes, A < B.
type Pair struct{ A, B int32 }

// newSource makes empty counts, without a detail.
func newSource(classes int) *Source {
	s := &Source{
		ClassImages: make([]int64, classes), Overlapping: make([][len(Thresholds)]int64, classes),
	}
	for f := range Figure(NumFigures) {
		s.Counts[f] = make([]int64, f.bins(classes))
	}
	return s
}

// counting makes empty counts to be added to; settle ends that.
func counting(classes int) *Source {
	s := newSource(classes)
	s.Detail = newDetail(classes)
	s.cells = make([]*[Side * Side]int64, classes)
	return s
}

// settle packs the places.
func (s *Source) settle() {
	for c, cells := range s.cells {
		if cells != nil {
			s.ClassPlaces[c] = placesIn(cells)
		}
	}
	s.cells = nil
}

// add adds the counts of another part of the same source; both are still counting.
func (s *Source) add(o *Source) {
	s.Images += o.Images
	s.Objects += o.Objects
	for f := range s.Counts {
		addTo(s.Counts[f], o.Counts[f])
	}
	addTo(s.ClassImages, o.ClassImages)
	for c := range s.cells {
		for k := range s.Overlapping[c] {
			s.Overlapping[c][k] += o.Overlapping[c][k]
		}
		if of := o.cells[c]; of != nil {
			addTo(s.cellsOf(int32(c))[:], of[:])
		}
	}
	for p, n := range o.Together {
		s.Together[p] += n
	}
}

func addTo(to, from []int64) {
	for i, n := range from {
		to[i] += n
	}
}

func (s *Source) cellsOf(class int32) *[Side * Side]int64 {
	if s.cells[class] == nil {
		s.cells[class] = &[Side * Side]int64{}
	}
	return s.cells[class]
}

// chunk is how many images one job takes: so many that making counts for each job is cheap.
const chunk = 8192

// Of counts what some sources of a data set look like, in their order. The error is that of ctx.
func Of(ctx context.Context, d *dataset.Dataset, workers int, sources []int) ([]*Source, error) {
	type job struct{ of, first int }
	var jobs []job
	out := make([]*Source, len(sources))
	for i, s := range sources {
		out[i] = counting(len(d.Classes))
		images, _ := d.Count(s)
		for first := 0; first < images; first += chunk {
			jobs = append(jobs, job{i, first})
		}
	}
	count := func(c *counter, i int) (*Source, error) {
		part := counting(len(d.Classes))
		src := d.Source(sources[jobs[i].of])
		for k := jobs[i].first; k < min(jobs[i].first+chunk, len(src.Images)); k++ {
			c.image(part, src, k)
		}
		return part, nil
	}
	err := par.DoInOrder(ctx, workers, len(jobs), func() *counter { return &counter{} }, count,
		func(i int, part *Source) { out[jobs[i].of].add(part) })
	for _, s := range out {
		s.settle()
	}
	return out, err
}

// As returns the counts, but for the detail, with other numbers of the classes, of which there are n.
func (s *Source) As(classes []int, n int) *Source {
	out := newSource(n)
	out.Images, out.Objects = s.Images, s.Objects
	for f := range s.Counts {
		if Figure(f) != Class {
			out.Counts[f] = s.Counts[f]
		}
	}
	for c, to := range classes {
		out.Counts[Class][to], out.ClassImages[to] = s.Counts[Class][c], s.ClassImages[c]
		out.Overlapping[to] = s.Overlapping[c]
	}
	return out
}

// As returns the detail with other numbers of the classes, of which there are n.
func (s *Detail) As(classes []int, n int) *Detail {
	out := newDetail(n)
	for c, to := range classes {
		out.ClassPlaces[to] = s.ClassPlaces[c]
	}
	for p, n := range s.Together {
		a, b := int32(classes[p.A]), int32(classes[p.B])
		out.Together[Pair{min(a, b), max(a, b)}] = n
	}
	return out
}

// counter is what one goroutine reuses from image to image.
type counter struct {
	boxes   []geom.Box
	classes []int32
	found   []float64 // the highest IoU of each object with another one of its class
}

// image counts one image of a source.
func (c *counter) image(s *Source, src *dataset.Source, image int) {
	im := &src.Images[image]
	if im.LeftOut != dataset.InUse {
		return
	}
	w, h := float64(im.Size.W), float64(im.Size.H)
	s.Images++
	s.Counts[ImageSize][ImageSize.binOf(math.Sqrt(w*h))]++
	s.Counts[ImageAspect][ImageAspect.binOf(h/w)]++
	c.boxes, c.classes = c.boxes[:0], c.classes[:0]
	n := 0
	for k := im.First; k < im.Last; k++ {
		o := &src.Objects[k]
		if o.LeftOut != dataset.InUse || o.Flags&dataset.Crowd != 0 {
			continue
		}
		n++
		s.object(o, w, h)
		if o.Class >= 0 {
			c.boxes, c.classes = append(c.boxes, o.Box.Box()), append(c.classes, o.Class)
		}
	}
	s.Objects += int64(n)
	s.Counts[PerImage][PerImage.binOf(float64(n))]++
	if len(c.boxes) > 1 {
		c.overlaps(s)
	}
	s.together(c.classes)
}

// object counts one object of an image of w × h px.
func (s *Source) object(o *dataset.Object, w, h float64) {
	b := o.Box
	if o.Class >= 0 {
		s.Counts[Class][o.Class]++
	}
	if b.W > 0 && b.H > 0 {
		s.Counts[BoxSize][BoxSize.binOf(math.Sqrt(b.W/w*(b.H/h)))]++
		s.Counts[BoxAspect][BoxAspect.binOf(b.H/b.W)]++
	}
	x, y := (b.X+b.W/2)/w, (b.Y+b.H/2)/h
	if !(x >= 0 && x < 1 && y >= 0 && y < 1) {
		return
	}
	cell := int(y*Side)*Side + int(x*Side)
	s.Counts[Place][cell]++
	if o.Class >= 0 {
		s.cellsOf(o.Class)[cell]++
	}
}

// overlaps counts the objects of an image that overlap another one of their class.
func (c *counter) overlaps(s *Source) {
	c.found = slices.Grow(c.found[:0], len(c.boxes))[:len(c.boxes)]
	clear(c.found)
	meet := func(i, j int, v float64) { c.found[i], c.found[j] = max(c.found[i], v), max(c.found[j], v) }
	if len(c.boxes) > few {
		iou.EachPair(c.boxes, Thresholds[0], partners, func(p iou.Pair) {
			if c.classes[p.I] == c.classes[p.J] {
				meet(p.I, p.J, p.IoU)
			}
		})
	} else {
		for i, a := range c.boxes {
			for j := range i {
				if c.classes[i] == c.classes[j] {
					meet(i, j, iou.Of(a, c.boxes[j]))
				}
			}
		}
	}
	for i, v := range c.found {
		for k, t := range Thresholds {
			if v >= t {
				s.Overlapping[c.classes[i]][k]++
			}
		}
	}
}

// firsts returns the classes that a list has, each once, in the order of the list.
func firsts(classes []int32) (out []int32) {
	had := map[int32]bool{}
	for _, c := range classes {
		if !had[c] {
			had[c] = true
			out = append(out, c)
		}
	}
	return out
}

// maxTogether is how many classes of one image are paired: a hundred have 4,950 pairs.
const maxTogether = 100

// together counts the classes of an image and their pairs: of those that come first in the image, whatever their
// numbers. It sorts classes.
func (s *Source) together(classes []int32) {
	if len(classes) > maxTogether {
		classes = firsts(classes)
	}
	slices.Sort(classes[:min(len(classes), maxTogether)])
	if len(classes) <= maxTogether {
		classes = slices.Compact(classes)
	}
	for _, a := range classes {
		s.ClassImages[a]++
	}
	classes = classes[:min(len(classes), maxTogether)]
	for i, a := range classes {
		for _, b := range classes[i+1:] {
			s.Together[Pair{a, b}]++
		}
	}
}
