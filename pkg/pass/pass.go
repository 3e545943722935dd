// Package pass does one image after the other: it says what becomes of the image, of its
// annotations and of its anchors, and what is wrong with them.
//
//  1. trainer.Scene lays the grids, places the annotations and assigns the anchors.
//  2. A Worker fills the slots of the image and of its annotations (Image, Object),
//     counts them in a book of its own (worker.go), and has the anchors scored.
//  3. What one image alone tells becomes findings (inspect.go).
//
// Each image and annotation has a slot of its own, and books add up, so that the result
// does not depend on which worker takes which image.
package pass

import (
	"iter"
	"math"

	"focalaudit/pkg/belief"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/trainer"
)

// Pass is what all workers share. Fill in the fields up to SkipEmpty, then call Allocate.
type Pass struct {
	Data      *dataset.Dataset
	Trainer   *trainer.Trainer
	Plan      *belief.Plan
	Silent    bool // count, and note no finding
	SkipEmpty bool // leave out images that the trainer's loader skips

	// Slots, if not nil, has the slots of sources that were filled elsewhere.
	Slots Slots

	images  [][]Image  // slots, by source and image; nil for a source that Slots has
	objects [][]Object // slots, by source and object
}

// Slots are slots that were filled elsewhere, of a source by its number.
type Slots interface {
	ImageSlots(source int) []Image
	ObjectSlots(source int) []Object

	// SlotRun returns the slots of the images that Records.Run returns.
	SlotRun(source, image int) []Image

	ImageSlot(source, image int) *Image
	ObjectSlot(source, object int) *Object
}

// ImageSlots returns what became of the images of a source.
func (p *Pass) ImageSlots(source int) []Image {
	if own := p.images[source]; own != nil || p.Slots == nil {
		return own
	}
	return p.Slots.ImageSlots(source)
}

// ObjectSlots returns what became of the annotations of a source.
func (p *Pass) ObjectSlots(source int) []Object {
	if own := p.objects[source]; own != nil || p.Slots == nil {
		return own
	}
	return p.Slots.ObjectSlots(source)
}

// ImageSlot returns what became of an image. Whoever needs a few takes them from here, as from Dataset.Image.
func (p *Pass) ImageSlot(source, image int) *Image {
	if own := p.images[source]; own != nil || p.Slots == nil {
		return &own[image]
	}
	return p.Slots.ImageSlot(source, image)
}

// ObjectSlot returns what became of an annotation, as ImageSlot does of an image.
func (p *Pass) ObjectSlot(source, object int) *Object {
	if own := p.objects[source]; own != nil || p.Slots == nil {
		return &own[object]
	}
	return p.Slots.ObjectSlot(source, object)
}

// Record is an image, and what became of it.
type Record struct {
	*dataset.Image
	Slot *Image
}

// Images yields the images of a source in their order, by their numbers, one run of them in memory (dataset.Runs).
func (p *Pass) Images(source int) iter.Seq2[int, Record] {
	return func(yield func(int, Record) bool) {
		own := p.images[source]
		for first, images := range p.Data.Runs(source) {
			slots := own
			if own == nil && p.Slots != nil {
				slots = p.Slots.SlotRun(source, first)
			} else {
				slots = slots[first:]
			}
			for i := range images {
				if !yield(first+i, Record{&images[i], &slots[i]}) {
					return
				}
			}
		}
	}
}

// Allocate makes the slots of the sources that Slots does not have, as filled says.
func (p *Pass) Allocate(filled []bool) {
	p.images, p.objects = make([][]Image, len(p.Data.Sources)), make([][]Object, len(p.Data.Sources))
	for s := range p.Data.Sources {
		if filled[s] {
			continue
		}
		src := p.Data.Source(s)
		p.images[s], p.objects[s] = make([]Image, len(src.Images)), make([]Object, len(src.Objects))
		for i, o := range src.Objects {
			p.objects[s][i].LeftOut.Reading = o.LeftOut
		}
	}
}

// LeftOut says why a record takes no part: one of what reading found, of what the
// trainer makes of an annotation, and of what it makes of an image. Its zero value is a
// record that takes part.
type LeftOut struct {
	Reading dataset.Reason
	Trainer trainer.Drop
	Image   trainer.Refusal
}

// String returns the reason as reports have it, "" for a record that takes part.
func (l LeftOut) String() string {
	if l == (LeftOut{}) {
		return ""
	}
	return l.Reading.String() + l.Trainer.String() + l.Image.String() // one of them
}

// Image is what became of one image.
type Image struct {
	LeftOut                         LeftOut
	Resized, Padded                 geom.Size
	Objects                         int // matched
	Anchors                         int
	Positives, Negatives, Ignored   int // add up to Anchors
	Candidates, Contested           int // under rules of points: those that an object may have, those that several may
	RescuedNegative, RescuedIgnored int // positives that only the low-quality rule made, from either label
}

// tally returns the image's counts.
func (im *Image) tally() ledger.Tally {
	return ledger.Tally{
		Images: 1, Objects: int64(im.Objects), Anchors: int64(im.Anchors),
		Positives: int64(im.Positives), Negatives: int64(im.Negatives), Ignored: int64(im.Ignored),
		RescuedNegative: int64(im.RescuedNegative), RescuedIgnored: int64(im.RescuedIgnored),
	}
}

// Object is what became of one annotation. iou.Object describes the fields about anchors;
// they are 0 if the annotation took no part.
type Object struct {
	IoU           float32
	Anchor        int32 // the first of the best ones
	Ties          int32
	AtLow, AtHigh int32
	Shared, Far   int32
	Positives     int32
	Rescued       int32
	Ratio         float32
	Shape         uint16
	Level         uint8
	Why           iou.Why
	LeftOut       LeftOut
}

// Matched reports whether the annotation took part in the matching.
func (o *Object) Matched() bool { return o.LeftOut == LeftOut{} }

// Best reports whether Anchor is the object's best in any sense.
func (o *Object) Best() bool { return o.IoU > 0 || o.Ratio > 0 }

// About starts a finding about an annotation.
func About(d *dataset.Dataset, code string, source, object int) findings.Finding {
	return AboutObject(d.Object(source, object), code, source, object)
}

// AboutObject is About for an annotation that is at hand.
func AboutObject(o *dataset.Object, code string, source, object int) findings.Finding {
	f := findings.New(code)
	f.Source, f.Image, f.Object, f.Class = int32(source), o.Image, int32(object), o.Class
	f.Offset, f.Line, f.Box, f.HasBox, f.IoU = o.Offset, o.Line, o.Box, o.LeftOut != dataset.NoBox, math.NaN()
	return f
}

// AboutImage starts a finding about an image.
func AboutImage(d *dataset.Dataset, code string, source, image int) findings.Finding {
	im := d.Image(source, image)
	f := findings.New(code)
	f.Source, f.Image, f.Offset, f.Line = int32(source), int32(image), im.Offset, im.Line
	return f
}
