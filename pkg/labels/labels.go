// Package labels tells which labels a detector contradicts, and how strongly.
//
// Evidence gathers, for one image, what the detections say of each object and
// the objects of each detection. How much an evidence means depends on the
// detector: that no detection supports an object is common for small ones and
// tells little, and is rare for large ones. So Rates counts, over the whole data
// set, how common each evidence is among objects and detections alike; most
// labels are right, so what is rare is suspicious. Judge turns both into
// suspects with scores in [0,1].
package labels

import (
	"math"

	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
)

// Kind is what may be wrong.
type Kind uint8

// The kinds.
const (
	Missing  Kind = iota // an object that nobody annotated
	Spurious             // an annotation where there is no object
	Location             // an annotation whose box is off
	Class                // an annotation of the wrong class
	NumKinds
)

// String returns the kind as reports have it.
func (k Kind) String() string { return [...]string{"missing", "spurious", "location", "class"}[k] }

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
	Size       geom.Size
	Objects    []Object
	Detections []Detection
	Silent     []geom.Box // crowds and ignored objects: what lies on them says nothing
}

// Evidence is what an image's detections and objects say of each other.
type Evidence struct {
	Objects    []ObjectEvidence
	Detections []DetectionEvidence
}

// ObjectEvidence is what the detections say of an object. Support is a
// detection's score times how well it fits: nothing at IoU 0.3 and below, all of
// it from 0.7 on.
type ObjectEvidence struct {
	Same, Other float64 // highest support of its class, of other classes
	Any         float64 // highest score times min(1, 2·IoU) of any class
	Best        int32   // the detection of its class with the highest score times IoU, -1 if none overlaps it by 0.1
	Second      int32   // the detection that gives Other, -1 if there is none
	IoU         float64 // with Best
	class, size int32
	crowded     bool
}

// DetectionEvidence is what the objects say of a detection.
type DetectionEvidence struct {
	IoU         float64 // highest with any object
	Silent      bool    // it lies on a crowd or an ignored object
	Shadowed    bool    // a surer detection lies at the same place
	same        bool    // it lies on an object of its class
	class, step int32
}

// The thresholds of evidence.
const (
	same      = 0.5 // IoU of boxes that are about the same object: COCO's first threshold
	touching  = 0.1 // IoU below which a detection is not about an object
	loose     = 0.3 // IoU from which on a detection begins to support an object
	tight     = 0.7 // IoU from which on it fits as well as annotators agree
	scoreBins = 20
)

// fit is how well a detection at an IoU supports an object.
func fit(v float64) float64 { return max(0, min(1, (v-loose)/(tight-loose))) }

// sizeOf is the half octave of a box's side relative to its image.
func sizeOf(b geom.Box, im geom.Size) int32 {
	side := math.Sqrt(b.Area() / (float64(im.W) * float64(im.H)))
	return int32(math.Round(2 * math.Log2(max(side, 1e-4))))
}

// Look gathers the evidence of an image into e.
func Look(e *Evidence, im *Image) {
	e.Objects, e.Detections = e.Objects[:0], e.Detections[:0]
	for i := range im.Detections {
		d := &im.Detections[i]
		ev := DetectionEvidence{class: d.Class, step: min(scoreBins-1, int32(d.Score*scoreBins))}
		for _, s := range im.Silent {
			ev.Silent = ev.Silent || inside(d.Box, s) > same
		}
		for k := range im.Detections {
			o := &im.Detections[k]
			if (o.Score > d.Score || o.Score == d.Score && k < i) && iou.Of(d.Box, o.Box) > same {
				ev.Shadowed = true
				break
			}
		}
		e.Detections = append(e.Detections, ev)
	}
	for k := range im.Objects {
		e.Objects = append(e.Objects, look(e, im, k))
	}
}

// inside is the part of a box that lies on another.
func inside(b, on geom.Box) float64 {
	if a := b.Area(); a > 0 {
		return b.Intersect(on).Area() / a
	}
	return 0
}

// look gathers the evidence of one object, and adds it to the detections'.
func look(e *Evidence, im *Image, k int) ObjectEvidence {
	o := &im.Objects[k]
	ev := ObjectEvidence{Best: -1, Second: -1, class: o.Class, size: sizeOf(o.Box, im.Size)}
	best := 0.0
	for i := range im.Detections {
		d := &im.Detections[i]
		v := iou.Of(o.Box, d.Box)
		at := &e.Detections[i]
		at.IoU = max(at.IoU, v)
		at.same = at.same || d.Class == o.Class && v >= same
		if v < touching {
			continue
		}
		ev.Any = max(ev.Any, d.Score*min(1, v/same))
		support := d.Score * fit(v)
		if d.Class != o.Class {
			if support > ev.Other {
				ev.Other, ev.Second = support, int32(i)
			}
			continue
		}
		ev.Same = max(ev.Same, support)
		if d.Score*v > best {
			best, ev.Best, ev.IoU = d.Score*v, int32(i), v
		}
	}
	for j := range im.Objects {
		if j != k && iou.Of(o.Box, im.Objects[j].Box) > loose {
			ev.crowded = true
		}
	}
	return ev
}
