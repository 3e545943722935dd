// Package labels tells which labels a detector contradicts, and how likely each is wrong.
//
//  1. Look gathers the evidence of one image: what the detections say of each object, and
//     the objects of each detection.
//  2. Learn simulates errors, since what evidence means depends on the detector and the
//     data: it puts wrong labels into the annotations at hand (simulate.go), gathers the
//     evidence once more, and fits models that tell errors from labels as they are
//     (models.go, package boost).
//  3. It estimates how common each kind of error is among the labels as they are
//     (prevalence.go), and fits once more with doubtful labels counting less.
//  4. Judge.Image gives every label and every unmatched detection of an image the
//     probability of each kind of error, by models that never saw the image.
//
// Nothing depends on the order of records: images, objects and detections are put into an
// order of their own first (order.go).
package labels

import (
	"cmp"
	"math"
	"slices"

	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
)

// Kind is what may be wrong.
type Kind uint8

// The kinds.
const (
	Missing   Kind = iota // an object that nobody annotated
	Spurious              // an annotation where there is no object
	Location              // an annotation whose box is off
	Class                 // an annotation of the wrong class
	Duplicate             // a second annotation of one object
	NumKinds
)

// String returns the kind as reports have it.
func (k Kind) String() string {
	return [...]string{"missing", "spurious", "location", "class", "duplicate"}[k]
}

// Object is an annotation.
type Object struct {
	Box   geom.Box
	Class int32
}

// Detection is what a detector found.
type Detection struct {
	Box   geom.Box
	Class int32
	Score float64 // in [0,1]
}

// Image is what is known of an image.
type Image struct {
	Key        uint64 // hash of what identifies the image: images with equal keys share a fold
	Size       geom.Size
	Objects    []Object
	Detections []Detection
	Silent     []geom.Box // crowds and ignored objects: what lies on them says nothing
}

// Evidence is what an image's detections and objects say of each other.
type Evidence struct {
	Objects    []ObjectEvidence
	Detections []DetectionEvidence
	boxes      []geom.Box        // of objects, then detections
	sure       float64           // sum of the scores
	order      []int32           // of the detections, the surest first
	beside     []iou.Pair        // of an object and a detection
	present    map[int32]float64 // by class: the highest score
}

// said is what one detection says of one object.
type said struct {
	detection int32   // -1 if there is none
	score     float64 // of the detection
	iou       float64 // of both
}

func (s said) weight() float64 { return s.score * s.iou }

// heavier raises s to another word of more weight, and returns the lighter one.
func (s *said) heavier(o said) said {
	if o.weight() > s.weight() {
		*s, o = o, *s
	}
	return o
}

// ObjectEvidence is what the detections say of an object.
type ObjectEvidence struct {
	Same, Other, Any said    // of its class, of another one, of any: the ones of most weight, the score times the IoU
	second           float64 // weight of the next best one of its class
	fit, otherFit    float64 // highest score times fit(IoU), of its class and of another one
	near             float64 // highest score times min(1, 2·IoU)
	own, otherOwn    float64 // highest weight of detections that overlap no other object more
	overlap          float64 // highest IoU with any detection
	presence         float64 // highest score of its class anywhere in the image
	Twin             int32   // the object of its class that it overlaps most, -1 if none
	TwinIoU          float64
	crowd            float64 // highest IoU with any object
}

// DetectionEvidence is what the objects and the other detections say of a
// detection.
type DetectionEvidence struct {
	Near     int32   // the object that it overlaps most, -1 if none
	IoU      float64 // with it
	same     float64 // highest IoU with an object of its class
	silent   bool    // it lies on a crowd or an ignored object
	shadow   float64 // highest IoU with a surer detection
	shadower float64 // score of that one
	under    float64 // highest score of a less sure one at the same place
	surer    int     // detections that are surer
}

// The thresholds of evidence.
const (
	same     = 0.5 // IoU of boxes that are about the same object: COCO's first threshold
	touching = 0.1 // IoU below which boxes are not about each other
	loose    = 0.3 // IoU from which on a detection begins to fit an object
	tight    = 0.7 // IoU from which on it fits as well as annotators agree
	shown    = 0.1 // score from which on a detection of the object's class shows another box for it
	partners = 64  // boxes to the right that one is compared with at most, so that thousands in one place stay linear
)

// fit is how well a detection at an IoU fits an object.
func fit(v float64) float64 { return max(0, min(1, (v-loose)/(tight-loose))) }

// Look gathers the evidence of an image into e.
func Look(e *Evidence, im *Image) {
	e.reset(im)
	n := len(im.Objects)
	e.beside = e.beside[:0]
	iou.EachPair(e.boxes, touching, partners, func(p iou.Pair) { // whose a detection is
		switch {
		case p.J < n:
			e.objects(im, p)
		case p.I < n:
			d := &e.Detections[p.J-n]
			if p.IoU > d.IoU || p.IoU == d.IoU && int32(p.I) < d.Near {
				d.IoU, d.Near = p.IoU, int32(p.I)
			}
			if im.Detections[p.J-n].Class == im.Objects[p.I].Class {
				d.same = max(d.same, p.IoU)
			}
			e.beside = append(e.beside, p)
		default:
			e.detections(im, p.I-n, p.J-n, p.IoU)
		}
	})
	for _, p := range e.beside {
		e.support(im, p.I, p.J-n, p.IoU)
	}
}

// reset makes room for an image, with what needs no second box.
func (e *Evidence) reset(im *Image) {
	none := said{detection: -1}
	e.Objects, e.Detections, e.boxes, e.sure = e.Objects[:0], e.Detections[:0], e.boxes[:0], 0
	if e.present == nil {
		e.present = map[int32]float64{}
	}
	clear(e.present)
	for _, d := range im.Detections {
		e.sure += d.Score
		e.present[d.Class] = max(e.present[d.Class], d.Score)
	}
	for _, o := range im.Objects {
		e.Objects = append(e.Objects, ObjectEvidence{
			Same: none, Other: none, Any: none, Twin: -1, presence: e.present[o.Class],
		})
		e.boxes = append(e.boxes, o.Box)
	}
	for _, d := range im.Detections {
		ev := DetectionEvidence{Near: -1}
		for _, s := range im.Silent {
			ev.silent = ev.silent || inside(d.Box, s) > same
		}
		e.Detections = append(e.Detections, ev)
		e.boxes = append(e.boxes, d.Box)
	}
	e.order = e.order[:0]
	for i := range im.Detections {
		e.order = append(e.order, int32(i))
	}
	slices.SortFunc(e.order, func(i, k int32) int {
		if a, b := im.Detections[i].Score, im.Detections[k].Score; a != b {
			return cmp.Compare(b, a)
		}
		return cmp.Compare(i, k)
	})
	for place, i := range e.order {
		e.Detections[i].surer = place
	}
}

// surer tells whether detection a, in place i, goes before b, in place k.
func surer(a, b Detection, i, k int) bool { return a.Score > b.Score || a.Score == b.Score && i < k }

// inside is the part of a box that lies on another.
func inside(b, on geom.Box) float64 {
	if a := b.Area(); a > 0 {
		return b.Intersect(on).Area() / a
	}
	return 0
}

// objects takes two objects that overlap.
func (e *Evidence) objects(im *Image, p iou.Pair) {
	for _, k := range [2][2]int{{p.I, p.J}, {p.J, p.I}} {
		o := &e.Objects[k[0]]
		o.crowd = max(o.crowd, p.IoU)
		if im.Objects[k[0]].Class == im.Objects[k[1]].Class &&
			(p.IoU > o.TwinIoU || p.IoU == o.TwinIoU && int32(k[1]) < o.Twin) {
			o.Twin, o.TwinIoU = int32(k[1]), p.IoU
		}
	}
}

// detections takes two detections that overlap.
func (e *Evidence) detections(im *Image, i, k int, v float64) {
	if !surer(im.Detections[i], im.Detections[k], i, k) {
		i, k = k, i
	}
	if d := &e.Detections[k]; v > d.shadow || v == d.shadow && im.Detections[i].Score > d.shadower {
		d.shadow, d.shadower = v, im.Detections[i].Score
	}
	if v > loose {
		e.Detections[i].under = max(e.Detections[i].under, im.Detections[k].Score)
	}
}

// support takes a detection that overlaps an object.
func (e *Evidence) support(im *Image, object, detection int, v float64) {
	o, d := &e.Objects[object], &im.Detections[detection]
	s := said{int32(detection), d.Score, v}
	own := 0.0
	if e.Detections[detection].Near == int32(object) {
		own = s.weight()
	}
	o.overlap = max(o.overlap, v)
	o.near = max(o.near, d.Score*min(1, v/same))
	o.Any.heavier(s)
	if d.Class == im.Objects[object].Class {
		o.second = max(o.second, o.Same.heavier(s).weight())
		o.fit = max(o.fit, d.Score*fit(v))
		o.own = max(o.own, own)
		return
	}
	o.Other.heavier(s)
	o.otherFit = max(o.otherFit, d.Score*fit(v))
	o.otherOwn = max(o.otherOwn, own)
}

// overlooked tells whether detection i may be of an object that nobody annotated:
// not on a crowd, nor in the place of a surer detection, nor on an object that no
// other detection explains better.
func (e *Evidence) overlooked(i int) bool {
	d := &e.Detections[i]
	return !d.silent && !e.boxes[len(e.Objects)+i].Empty() && d.shadow <= same &&
		(d.IoU <= same || e.Objects[d.Near].Any.detection != int32(i))
}

// sizeOf is the logarithm, to base 2, of a box's area relative to its image.
func sizeOf(b geom.Box, im geom.Size) float64 {
	return math.Log2(max(b.Area()/(float64(im.W)*float64(im.H)), 1e-6))
}

// aspectOf is the logarithm, to base 2, of a box's width over its height.
func aspectOf(b geom.Box) float64 {
	return math.Log2(max(b.X1-b.X0, 1e-6) / max(b.Y1-b.Y0, 1e-6))
}
