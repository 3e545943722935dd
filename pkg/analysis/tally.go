package analysis

import "focalaudit/pkg/dataset"

// Tally counts images, objects and anchors of some part of the data set.
type Tally struct {
	Images                          int64 // in use
	Objects                         int64 // matched
	Anchors                         int64
	Positives, Negatives, Ignored   int64 // add up to Anchors; of a class or size only Positives is known
	RescuedNegative, RescuedIgnored int64
}

// Shape counts the anchors of one shape of one level.
type Shape struct {
	Anchors, Positives, Ignored int64
	BestFor                     int64 // objects whose first best anchor has this shape
}

// Class counts what belongs to one class.
type Class struct {
	Tally
	Annotations     int64 // with those that are left out
	WithoutPositive int64 // matched objects that no anchor is assigned to
	Rescued         int64 // matched objects that only the low-quality rule gave anchors
	BySize          [NumSizes]int64
	Findings        int64
}

// Size is an object's size class, by the area of its box in the annotated
// image, at COCO's limits.
type Size uint8

// The size classes.
const (
	SmallBox  Size = iota // below 32² px²
	MediumBox             // below 96² px²
	LargeBox
	NumSizes
)

// String returns the name of the class.
func (s Size) String() string { return [...]string{"small", "medium", "large"}[s] }

// SizeOf returns the size class of an object.
func SizeOf(o *dataset.Object) Size {
	switch a := o.Box.Box().Area(); {
	case a < 32*32:
		return SmallBox
	case a < 96*96:
		return MediumBox
	}
	return LargeBox
}

func (r *Result) newShapes() [][]Shape {
	shapes := make([][]Shape, len(r.Config.Preset.Anchors.Levels))
	for i := range shapes {
		shapes[i] = make([]Shape, r.Trainer.Layout.Shapes(i))
	}
	return shapes
}

// sum adds up what the jobs left behind.
func (r *Result) sum(workers []*worker) {
	r.sumShapes(workers)
	for _, w := range workers {
		for k, d := range w.scorers {
			if d != nil {
				r.Accounts[k].gather(d.base())
			}
		}
	}
	r.Sources = make([]Tally, len(r.Images))
	for s := range r.Images {
		for i := range r.Images[s] {
			r.Sources[s].add(&r.Images[s][i])
		}
		r.Total.merge(&r.Sources[s])
	}
	r.Classes = make([]Class, len(r.Data.Classes))
	last := make([]int, len(r.Classes))
	images := 0
	for s := range r.Objects {
		r.sumObjects(s, last, images)
		images += len(r.Images[s])
	}
}

func (r *Result) sumShapes(workers []*worker) {
	r.Shapes = r.newShapes()
	r.Levels = make([]Tally, len(r.Shapes))
	for level, shapes := range r.Shapes {
		t := &r.Levels[level]
		for k := range shapes {
			s := &shapes[k]
			for _, w := range workers {
				s.add(w.shapes[level][k])
			}
			t.Anchors += s.Anchors
			t.Positives += s.Positives
			t.Ignored += s.Ignored
			t.Objects += s.BestFor
		}
		t.Negatives = t.Anchors - t.Positives - t.Ignored
	}
}

func (s *Shape) add(o Shape) {
	s.Anchors += o.Anchors
	s.Positives += o.Positives
	s.Ignored += o.Ignored
	s.BestFor += o.BestFor
}

func (t *Tally) add(im *Image) {
	if im.LeftOut != (LeftOut{}) {
		return
	}
	t.merge(&Tally{Images: 1, Objects: int64(im.Objects), Anchors: int64(im.Anchors),
		Positives: int64(im.Positives), Negatives: int64(im.Negatives), Ignored: int64(im.Ignored),
		RescuedNegative: int64(im.RescuedNegative), RescuedIgnored: int64(im.RescuedIgnored)})
}

func (t *Tally) merge(o *Tally) {
	t.Images += o.Images
	t.Objects += o.Objects
	t.Anchors += o.Anchors
	t.Positives += o.Positives
	t.Negatives += o.Negatives
	t.Ignored += o.Ignored
	t.RescuedNegative += o.RescuedNegative
	t.RescuedIgnored += o.RescuedIgnored
}

// sumObjects adds the objects of a source to their classes and sizes. Objects of
// an image stand together, so an image is counted for a class where the
// image last counted for it changes: last, by class, numbers images from 1
// across all sources, of which earlier are before this one.
func (r *Result) sumObjects(s int, last []int, earlier int) {
	for i := range r.Objects[s] {
		o, got := &r.Data.Sources[s].Objects[i], &r.Objects[s][i]
		if got.Matched() {
			size := &r.Sizes[SizeOf(o)]
			size.Objects++
			size.Positives += int64(got.Positives)
		}
		if o.Class < 0 {
			continue
		}
		c := &r.Classes[o.Class]
		c.Annotations++
		if !got.Matched() {
			continue
		}
		if n := earlier + int(o.Image) + 1; last[o.Class] != n {
			last[o.Class] = n
			c.Images++
		}
		c.count(got, SizeOf(o))
	}
}

func (c *Class) count(o *Object, size Size) {
	c.Objects++
	c.Positives += int64(o.Positives)
	switch {
	case o.Positives == 0:
		c.WithoutPositive++
	case o.Rescued == o.Positives:
		c.Rescued++
	}
	c.BySize[size]++
}
