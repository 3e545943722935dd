package trainer

import (
	"cmp"

	"focalaudit/pkg/anchors"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
)

// Refusal says why a trainer leaves an image out; Seen if it doesn't.
type Refusal uint8

// The refusals.
const (
	Seen    Refusal = iota
	Empty           // the loader skips images like this one, and it was asked for
	Nothing         // a side of the resized image would be 0 px
	Refused         // the image is left out for one bad annotation
	Under10         // a side of the annotated image is below the 10 px that the loader takes
	Under32         // a side of the annotated image is below the 32 px that the loader takes
	Huge            // more than anchors.MaxAnchors
)

// String returns the refusal as reports have it, "" for Seen.
func (r Refusal) String() string {
	return [...]string{
		Seen: "", Empty: "skipped-by-loader", Nothing: "resized-to-nothing", Refused: "image-refused",
		Under10: "image-under-10-px", Under32: "image-under-32-px", Huge: "too-many-anchors",
	}[r]
}

// Scene is one image as a trainer sees it, with its anchors assigned. It belongs to one
// goroutine and is reused from image to image: its fields are those of the image that See
// saw last. If See returned Refused, the fields about annotations hold, Found does not; if
// it returned another refusal, only Frame.Image and Frame.Resized do.
type Scene struct {
	Trainer *Trainer

	// SkipEmpty has images left out that the trainer's loader skips for having no
	// objects.
	SkipEmpty bool

	// Predict, if it is not nil, returns what a detector predicts on an image, for the objects of the scene,
	// which are in Index, and the points of its Frame. Predicted and Err are its answer on the image that See saw last.
	Predict   func(s *Scene, source, image int) (*iou.Predicted, error)
	Predicted *iou.Predicted
	Err       error

	Frame  anchors.Frame
	Boxes  []geom.Box // of the objects that take part, in the trainer's frame
	Index  []int      // of those objects in Source.Objects
	Drops  []Drop     // of every annotation of the image, in the order of Source.Objects
	Crowds []Crowd    // left out, but they may lie on anchors

	// Refused is the index in Source.Objects of an annotation for which the image is left out, -1 if there is none:
	// of several, one that does not depend on the order of the records.
	Refused int

	Found    *iou.Result  // the assigned anchors
	Assigner iou.Assigner // the preset's rule at work: it explains what it found

	first int               // index in Source.Objects of the image's first annotation
	seen  map[repeated]bool // in the image at hand, if the trainer drops repetitions
}

// Crowd is a crowd's box in the trainer's frame.
type Crowd struct {
	Object int // index in Source.Objects
	Box    geom.Box
}

// repeated is what makes two annotations the same to a trainer that drops repetitions.
type repeated struct {
	class int32
	row   [4]float32
}

// NewScene returns room for the images that one goroutine sees. With list, every match
// is listed, for Found.Of and Found.Special; without, only counts are complete.
func (t *Trainer) NewScene(list bool) *Scene {
	return &Scene{Trainer: t, Assigner: t.Preset.Matcher.Assigner(list), seen: map[repeated]bool{}}
}

// See lays the grids over an image of a source, places its annotations and assigns the
// anchors; or it says why the trainer leaves the image out. The image must be in use
// (LeftOut is dataset.InUse).
func (s *Scene) See(d *dataset.Dataset, source, image int) Refusal {
	t := s.Trainer
	src := d.Source(source)
	im := &src.Images[image]
	switch why := t.Layout.Lay(&s.Frame, im.Size); {
	case why == anchors.Huge:
		return Huge
	case why == anchors.Nothing:
		return Nothing
	case min(im.Size.W, im.Size.H) < t.MinSide():
		return t.loader.small
	case s.SkipEmpty && t.Skips(im.Size, src.Objects[im.First:im.Last], d.Classes):
		return Empty
	}
	if s.place(src, im, d.Classes); s.Refused >= 0 {
		return Refused
	}
	if s.Predicted, s.Err = nil, nil; s.Predict != nil {
		s.Predicted, s.Err = s.Predict(s, source, image)
	}
	s.Found = s.Assigner.Assign(iou.Scene{
		Objects: s.Boxes, Grids: s.Frame.Grids, Resized: s.Frame.Resized, Predicted: s.Predicted,
	})
	return Seen
}

// compareBoxes orders objects by what they are, not by where they stand.
func compareBoxes(a, b *dataset.Object) int {
	return cmp.Or(cmp.Compare(a.Box.X, b.Box.X), cmp.Compare(a.Box.Y, b.Box.Y), cmp.Compare(a.Box.W, b.Box.W),
		cmp.Compare(a.Box.H, b.Box.H), cmp.Compare(a.Class, b.Class), cmp.Compare(a.ID.String(), b.ID.String()))
}

// place brings the annotations of an image into the trainer's frame, or notes why the
// trainer leaves them out.
func (s *Scene) place(src *dataset.Source, im *dataset.Image, classes []dataset.Class) {
	s.Boxes, s.Index, s.Drops, s.Crowds, s.Refused = s.Boxes[:0], s.Index[:0], s.Drops[:0], s.Crowds[:0], -1
	if s.Trainer.loader.row != nil {
		clear(s.seen)
	}
	s.first = int(im.First)
	for k := int(im.First); k < int(im.Last); k++ {
		o := &src.Objects[k]
		if o.LeftOut != dataset.InUse {
			s.Drops = append(s.Drops, Kept)
			continue
		}
		a := AnnotationOf(o, classes)
		box, drop := s.Trainer.Place(&s.Frame, a)
		if drop == Kept && s.repeats(o) {
			drop = DropRepeated
		}
		s.Drops = append(s.Drops, drop)
		switch {
		case drop == Kept:
			s.Boxes, s.Index = append(s.Boxes, box), append(s.Index, k)
		case drop == RefuseImage && (s.Refused < 0 || compareBoxes(o, &src.Objects[s.Refused]) < 0):
			s.Refused = k
		}
		if drop != Kept && a.Crowd {
			a.Crowd, a.CrowdValue = false, dataset.FlagZero
			if box, drop := s.Trainer.Place(&s.Frame, a); drop == Kept {
				s.Crowds = append(s.Crowds, Crowd{k, box})
			}
		}
	}
	if finish := s.Trainer.loader.finish; finish != nil {
		finish(s, src)
	}
	if most := int(s.Trainer.Preset.Cap); most > 0 && len(s.Boxes) > most {
		kept, beyond := 0, DropBeyondCap
		if s.Trainer.loader.capStops {
			beyond = RefuseCap
		}
		s.drop(func(int) Drop {
			if kept++; kept > most {
				return beyond
			}
			return Kept
		})
	}
}

// drop drops objects of the image at hand that had been kept, for the reasons that why gives for their indices in
// Source.Objects.
func (s *Scene) drop(why func(object int) Drop) {
	n := 0
	for i, box := range s.Boxes {
		if drop := why(s.Index[i]); drop != Kept {
			s.Drops[s.Index[i]-s.first] = drop
			continue
		}
		s.Boxes[n], s.Index[n] = box, s.Index[i]
		n++
	}
	s.Boxes, s.Index = s.Boxes[:n], s.Index[:n]
}

// repeats reports whether an annotation that would take part is an earlier one's
// repetition, to a trainer that drops those.
func (s *Scene) repeats(o *dataset.Object) bool {
	row := s.Trainer.loader.row
	if row == nil {
		return false
	}
	key := repeated{o.Class, row(s.Trainer, o.Box, s.Frame.Image)}
	had := s.seen[key]
	s.seen[key] = true
	return had
}

// PlaceDetection returns the corners of a detector's box in the frame; false if nothing
// of it is in the image.
func (s *Scene) PlaceDetection(box geom.Rect) (geom.Box, bool) {
	b, drop := s.Trainer.Place(&s.Frame, Annotation{Box: box, Detection: true})
	return b, drop == Kept
}
