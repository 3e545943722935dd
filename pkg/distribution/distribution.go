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
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

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

	// Counts are the histograms, by figure and bin; none for Class, which Classes counts.
	Counts [NumFigures][]int64

	Classes []OfClass // those with objects, by their numbers

	*Detail // nil where it is elsewhere

	cells []cells // of Classes while they are counted, then nil
}

// OfClass is the counts of a class in a source. Classes without objects have none: a source may have few of a data
// set's many classes.
type OfClass struct {
	Class           int32
	Objects, Images int64
	Overlapping     [len(Thresholds)]int64 // objects that overlap another one of their class
}

// Of returns the counts of a class, of which the source may have none.
func (s *Source) Of(class int32) OfClass {
	i, has := slices.BinarySearchFunc(s.Classes, class, func(a OfClass, c int32) int { return cmp.Compare(a.Class, c) })
	if !has {
		return OfClass{Class: class}
	}
	return s.Classes[i]
}

// Detail is the counts of a source that take most of the memory: a merge reads them when it writes them.
type Detail struct {
	ClassPlaces []ClassPlaces  // of the classes that have any, by their numbers
	Together    map[Pair]int64 // images that have both classes
}

// ClassPlaces are the places of a class.
type ClassPlaces struct {
	Class int32
	Places
}

// PlacesOf returns the places of a class, nil if it has none.
func (d *Detail) PlacesOf(class int32) Places {
	i, has := slices.BinarySearchFunc(d.ClassPlaces, class, func(a ClassPlaces, c int32) int {
		return cmp.Compare(a.Class, c)
	})
	if !has {
		return nil
	}
	return d.ClassPlaces[i].Places
}

func newDetail() *Detail { return &Detail{Together: map[Pair]int64{}} }

// Pair is two classes, A < B.
type Pair struct{ A, B int32 }

// newSource makes empty counts, without a detail.
func newSource() *Source {
	s := &Source{}
	for f := range Figure(NumFigures) {
		if f != Class {
			s.Counts[f] = make([]int64, f.bins(0))
		}
	}
	return s
}

// counting makes empty counts to be added to; settle ends that.
func counting() *Source {
	s := newSource()
	s.Detail = newDetail()
	return s
}

// settle packs the places.
func (s *Source) settle() {
	for i := range s.cells {
		if p := s.cells[i].places(); p != nil {
			s.ClassPlaces = append(s.ClassPlaces, ClassPlaces{s.Classes[i].Class, p})
		}
	}
	s.cells = nil
}

// sort puts the classes into the order of their numbers; a count leaves them in the order of their first objects.
func (s *Source) sort() {
	order := make([]int, len(s.Classes))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(s.Classes[a].Class, s.Classes[b].Class) })
	classes, places := make([]OfClass, len(order)), make([]cells, len(order))
	for i, at := range order {
		classes[i], places[i] = s.Classes[at], s.cells[at]
	}
	s.Classes, s.cells = classes, places
}

// add adds the counts of another part of the same source; both are sorted and not settled.
func (s *Source) add(o *Source) {
	s.Images += o.Images
	s.Objects += o.Objects
	for f := range s.Counts {
		addTo(s.Counts[f], o.Counts[f])
	}
	for p, n := range o.Together {
		s.Together[p] += n
	}
	if len(s.Classes) == 0 {
		s.Classes, s.cells = o.Classes, o.cells
		return
	}
	var classes []OfClass
	var places []cells
	for i, k := 0, 0; i < len(s.Classes) || k < len(o.Classes); {
		switch {
		case k == len(o.Classes) || i < len(s.Classes) && s.Classes[i].Class < o.Classes[k].Class:
			classes, places = append(classes, s.Classes[i]), append(places, s.cells[i])
			i++
		case i == len(s.Classes) || o.Classes[k].Class < s.Classes[i].Class:
			classes, places = append(classes, o.Classes[k]), append(places, o.cells[k])
			k++
		default:
			both, from := s.Classes[i], &o.Classes[k]
			both.Objects, both.Images = both.Objects+from.Objects, both.Images+from.Images
			for t := range both.Overlapping {
				both.Overlapping[t] += from.Overlapping[t]
			}
			s.cells[i].addAll(&o.cells[k])
			classes, places = append(classes, both), append(places, s.cells[i])
			i, k = i+1, k+1
		}
	}
	s.Classes, s.cells = classes, places
}

func addTo(to, from []int64) {
	for i, n := range from {
		to[i] += n
	}
}

// chunk is how many images one job takes: so many that making counts for each job is cheap.
const chunk = 8192

// Of counts what some sources of a data set look like, in their order. The error is that of ctx.
func Of(ctx context.Context, d *dataset.Dataset, workers int, sources []int) ([]*Source, error) {
	type job struct{ of, first int }
	var jobs []job
	out := make([]*Source, len(sources))
	for i, s := range sources {
		out[i] = counting()
		images, _ := d.Count(s)
		for first := 0; first < images; first += chunk {
			jobs = append(jobs, job{i, first})
		}
	}
	count := func(c *counter, i int) (*Source, error) {
		part := counting()
		src := d.Source(sources[jobs[i].of])
		for k := jobs[i].first; k < min(jobs[i].first+chunk, len(src.Images)); k++ {
			c.image(part, src, k)
		}
		c.leave(part)
		return part, nil
	}
	err := par.DoInOrder(ctx, workers, len(jobs), func() *counter { return newCounter(len(d.Classes)) }, count,
		func(i int, part *Source) {
			out[jobs[i].of].add(part)
			if i+1 == len(jobs) || jobs[i+1].of != jobs[i].of {
				out[jobs[i].of].settle()
			}
		})
	return out, err
}

// As returns the counts, but for the detail, with other numbers of the classes.
func (s *Source) As(classes []int) *Source {
	out := &Source{Images: s.Images, Objects: s.Objects, Counts: s.Counts}
	for _, of := range s.Classes {
		of.Class = int32(classes[of.Class])
		out.Classes = append(out.Classes, of)
	}
	slices.SortFunc(out.Classes, func(a, b OfClass) int { return cmp.Compare(a.Class, b.Class) })
	return out
}

// As returns the detail with other numbers of the classes.
func (s *Detail) As(classes []int) *Detail {
	out := newDetail()
	for _, of := range s.ClassPlaces {
		out.ClassPlaces = append(out.ClassPlaces, ClassPlaces{int32(classes[of.Class]), of.Places})
	}
	slices.SortFunc(out.ClassPlaces, func(a, b ClassPlaces) int { return cmp.Compare(a.Class, b.Class) })
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
	each    []int32   // classes, each once
	found   []float64 // the highest IoU of each object with another one of its class
	at      []int32   // by class, where it stands in the classes of the part that is counted, plus 1

	ranked *dataset.Source // the source that rank is of
	rank   map[int32]int   // by class, where its id stands among those of the source
}

func newCounter(classes int) *counter { return &counter{at: make([]int32, classes)} }

// index returns where a class stands in the classes of a part.
func (c *counter) index(s *Source, class int32) int32 {
	if c.at[class] == 0 {
		s.Classes, s.cells = append(s.Classes, OfClass{Class: class}), append(s.cells, cells{})
		c.at[class] = int32(len(s.Classes))
	}
	return c.at[class] - 1
}

// leave ends the count of a part: it forgets the part's classes, and sorts them in the part.
func (c *counter) leave(s *Source) {
	for i := range s.Classes {
		c.at[s.Classes[i].Class] = 0
	}
	if len(s.Classes) > 1 {
		s.sort()
	}
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
		c.object(s, o, w, h)
		if o.Class >= 0 {
			c.boxes, c.classes = append(c.boxes, o.Box.Box()), append(c.classes, o.Class)
		}
	}
	s.Objects += int64(n)
	s.Counts[PerImage][PerImage.binOf(float64(n))]++
	if len(c.boxes) > 1 {
		c.overlaps(s)
	}
	c.together(s, src)
}

// object counts one object of an image of w × h px.
func (c *counter) object(s *Source, o *dataset.Object, w, h float64) {
	b, class := o.Box, int32(-1)
	if o.Class >= 0 {
		class = c.index(s, o.Class)
		s.Classes[class].Objects++
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
	if class >= 0 {
		s.cells[class].add(cell, 1)
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
				s.Classes[c.index(s, c.classes[i])].Overlapping[k]++
			}
		}
	}
}

// maxTogether is how many classes of one image are paired: a hundred have 4,950 pairs.
const maxTogether = 100

// together counts the classes of an image and their pairs: of those with most objects in it, and of equal ones of those
// with the least ids, so that neither the order of records nor the numbers of classes decide. It sorts the classes.
func (c *counter) together(s *Source, src *dataset.Source) {
	slices.Sort(c.classes)
	classes := slices.Compact(append(c.each[:0], c.classes...))
	c.each = classes
	for _, a := range classes {
		s.Classes[c.index(s, a)].Images++
	}
	if len(classes) > maxTogether {
		c.mostFirst(classes, src)
		classes = classes[:maxTogether]
		slices.Sort(classes)
	}
	for i, a := range classes {
		for _, b := range classes[i+1:] {
			s.Together[Pair{a, b}]++
		}
	}
}

// mostFirst sorts classes by their objects, of which c.classes has all in order, then by their ids.
func (c *counter) mostFirst(classes []int32, src *dataset.Source) {
	if c.ranked != src {
		c.ranked, c.rank = src, ranksByID(src)
	}
	objects := make(map[int32]int, len(classes))
	for _, a := range c.classes {
		objects[a]++
	}
	slices.SortFunc(classes, func(a, b int32) int {
		return cmp.Or(cmp.Compare(objects[b], objects[a]), cmp.Compare(c.rank[a], c.rank[b]))
	})
}

// ranksByID ranks the classes of a source by their ids: whole numbers first, then texts. Of several ids that a class
// has, the first counts.
func ranksByID(src *dataset.Source) map[int32]int {
	order := slices.Clone(src.Categories)
	slices.SortStableFunc(order, func(a, b dataset.Category) int {
		m, whole := a.ID.Int()
		n, other := b.ID.Int()
		switch {
		case whole && other:
			return cmp.Compare(m, n)
		case whole || other:
			return map[bool]int{true: -1, false: 1}[whole]
		default:
			return strings.Compare(a.ID.String(), b.ID.String())
		}
	})
	ranks := make(map[int32]int, len(order))
	for i, of := range order {
		if _, has := ranks[of.Class]; !has {
			ranks[of.Class] = i
		}
	}
	return ranks
}
