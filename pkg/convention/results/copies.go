package results

import (
	"math"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// Copies counts detections that are annotated boxes.
type Copies struct {
	Equal, Of int // to 0.01 px, in images with objects; whole numbers under 20 px count not at all
	Same      int // of Equal: with the object's class

	Labels, Objects int // objects that have the box and the class of a detection, as Equal; all that were compared
	Rounded         int // the same of objects of whole numbers, from 20 px on, and detections that round to these
}

// All reports whether the results are the annotations and nothing else, so that they can't
// say anything about them.
func (c *Copies) All() bool { return c.Found() && 1000*c.Same >= 999*c.Of }

// Found reports whether results were made from annotations.
func (c *Copies) Found() bool { return c.Equal >= 20 && 10*c.Equal >= 9*c.Of }

// Taken reports whether labels were taken from the detector: 20 and one in five. In the real pairs no object has a
// detection's very box, and 1.7 % have a detection's box rounded to whole numbers (drawn pictures); of COCO's made-up
// results, which were drawn from its annotations, 11 % do.
func (c *Copies) Taken() bool { return !c.Found() && c.Rounded >= 20 && 5*c.Rounded >= c.Objects }

// copies compares detections and annotated boxes.
func (v *Verdict) copies(d *dataset.Dataset) Copies {
	var c Copies
	for i := range v.sample {
		s := &v.sample[i]
		for k := range s.detections {
			b := s.detections[k].Box
			whole := b.X == math.Trunc(b.X) && b.Y == math.Trunc(b.Y) && b.W == math.Trunc(b.W) && b.H == math.Trunc(b.H)
			if whole && min(b.W, b.H) < 20 {
				continue
			}
			c.Of++
			equal, named := false, false
			for j, o := range s.boxes {
				if same(o, b.Box()) {
					equal = true
					named = named || d.Source(int(s.source)).Objects[s.objects[j]].Class == s.detections[k].Class
				}
			}
			c.Equal += sample.One(equal)
			c.Same += sample.One(named)
		}
		c.labels(d, s)
	}
	return c
}

// labels counts the objects of an image that are detections.
func (c *Copies) labels(d *dataset.Dataset, s *sampled) {
	for j, k := range s.objects {
		o := &d.Source(int(s.source)).Objects[k]
		b := o.Box
		whole := b.X == math.Trunc(b.X) && b.Y == math.Trunc(b.Y) && b.W == math.Trunc(b.W) && b.H == math.Trunc(b.H)
		if !sample.Told(o) || whole && min(b.W, b.H) < 20 {
			continue
		}
		c.Objects++
		equal, rounded := false, false
		for i := range s.detections {
			if a := &s.detections[i]; a.Class == o.Class {
				equal = equal || same(s.boxes[j], a.Box.Box())
				rounded = rounded || whole && max(math.Abs(a.Box.X-b.X), math.Abs(a.Box.Y-b.Y), math.Abs(a.Box.W-b.W),
					math.Abs(a.Box.H-b.H)) <= 0.5
			}
		}
		c.Labels += sample.One(equal)
		c.Rounded += sample.One(rounded || equal)
	}
}

// same tells whether two boxes are one, but for the rounding of a writer.
func same(a, b geom.Box) bool {
	const digits = 0.0101
	return math.Abs(a.X0-b.X0) < digits && math.Abs(a.Y0-b.Y0) < digits &&
		math.Abs(a.X1-b.X1) < digits && math.Abs(a.Y1-b.Y1) < digits
}
