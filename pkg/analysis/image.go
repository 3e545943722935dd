package analysis

import (
	"fmt"
	"math"

	"focalaudit/pkg/anchors"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/loss"
)

// LeftOut says why a record takes no part: what reading found, the trainer or
// the run itself. Its zero value is a record that takes part.
type LeftOut struct {
	Reading dataset.Reason
	Trainer anchors.Drop
	Run     Reason
}

// Reason is one for which a run leaves out what reading has kept.
type Reason uint8

// The reasons of a run, all about images.
const (
	None    Reason = iota
	Empty          // the trainer's loader skips images like this one, and the run was asked to
	Nothing        // a side of the resized image would be 0 px
	Refused        // the trainer leaves out the image for one bad record
	Small          // a side of the annotated image is below what the trainer takes
	Huge           // more than anchors.MaxAnchors
)

// String returns the reason as reports have it, "" for None.
func (r Reason) String() string {
	return [...]string{None: "", Empty: "skipped-by-loader", Nothing: "resized-to-nothing", Refused: "image-refused", Small: "image-under-10-px", Huge: "too-many-anchors"}[r]
}

// String returns the reason as reports have it, "" for a record that takes part.
func (l LeftOut) String() string {
	if l == (LeftOut{}) {
		return ""
	}
	return l.Reading.String() + l.Trainer.String() + l.Run.String() // one of them
}

// worker is what one goroutine reuses from image to image.
type worker struct {
	r          *Result
	assigner   iou.Assigner // the preset's rule
	thresholds iou.Matcher  // the IoUs that it asks for
	frame      anchors.Frame
	match      iou.Result
	boxes      []geom.Box      // of the objects to match, in the trainer's frame
	index      []int           // of those objects in the source
	verdicts   []verdict       // on those objects
	crowds     []placed        // boxes that are left out but may lie on anchors
	refused    int             // the first record for which the trainer leaves out the whole image, -1 if there is none
	seen       map[record]bool // in the image at hand, if the trainer drops repetitions
	plain      []geom.Box      // of the objects in use, in the annotated frame
	shapes     [][]Shape
	found      []findings.Finding

	source    int // of the image at hand
	constants []constant
	scorers   []scorer // by source of scores, nil unless a detector's
	failed    error    // of the image at hand: scores that can't be read
	uses      []loss.Uses
}

// constant is a source of scores that has one for each target.
type constant struct {
	index              int
	positive, negative [1]loss.Sample
}

// record is what makes two records the same to a trainer that drops repetitions.
type record struct {
	class int32
	box   [4]float32 // as yolov5's label files have it
}

type placed struct {
	object int
	box    geom.Box
}

func newWorker(r *Result) *worker {
	w := &worker{r: r, thresholds: thresholdsOf(r.Config.Preset.Matcher), shapes: r.newShapes(), seen: map[record]bool{}, scorers: make([]scorer, len(r.Config.Scores))}
	for i, s := range r.Config.Scores {
		switch {
		case s.Detector != nil || s.Geometry:
			w.scorers[i] = w.newDetector(i)
			w.thresholds.List = true
			continue
		case s.Logits != nil:
			w.scorers[i] = w.newDense(i)
			w.thresholds.List = true
			continue
		}
		sample := func(z loss.Logit, y loss.Target) [1]loss.Sample {
			return [1]loss.Sample{loss.SampleOf(0, z, y, r.Config.Focal, r.Config.Edges.Of(loss.PT(z, y)) == Easy)}
		}
		w.constants = append(w.constants, constant{i, sample(s.Positive, loss.One), sample(s.Negative, loss.Zero)})
	}
	w.assigner = assigner(r.Config.Preset.Matcher, w.thresholds)
	return w
}

// image analyses one image and fills its slots.
func (w *worker) image(source, i int) {
	src := &w.r.Data.Sources[source]
	im, out := &src.Images[i], &w.r.Images[source][i]
	switch {
	case im.LeftOut != dataset.InUse:
		out.LeftOut.Reading = im.LeftOut
		return
	case !w.r.Layout.Lay(&w.frame, im.Size):
		why := Huge
		if w.frame.Resized.W < 1 || w.frame.Resized.H < 1 {
			why = Nothing
		}
		w.leaveOut(source, i, why)
		w.note(findings.Finding{Code: "trainer-refuses", Source: int32(source), Image: int32(i), Object: -1, Other: -1, Class: -1,
			Offset: im.Offset, Line: im.Line, IoU: math.NaN(), Message: refusedImage(im.Size, &w.frame)})
		return
	case min(im.Size.W, im.Size.H) < w.r.Layout.MinSide():
		w.leaveOut(source, i, Small)
		w.note(findings.Finding{Code: "trainer-refuses", Source: int32(source), Image: int32(i), Object: -1, Other: -1, Class: -1,
			Offset: im.Offset, Line: im.Line, IoU: math.NaN(), Message: fmt.Sprintf("%s: %d × %d px; %s leaves out images with a side below %d px",
				dataset.Label("image", im.ID), im.Size.W, im.Size.H, w.r.Config.Preset.Name, w.r.Layout.MinSide())})
		return
	case w.r.Config.SkipEmpty && w.skips(im.Size, src.Objects[im.First:im.Last]):
		w.leaveOut(source, i, Empty)
		return
	}
	if w.place(source, im); w.refused >= 0 {
		w.refuse(source, i)
		return
	}
	w.assigner.Assign(&w.match, w.boxes, w.frame.Grids, w.frame.Resized)
	m := &w.match
	*out = Image{Resized: w.frame.Resized, Padded: w.frame.Padded, Objects: len(w.boxes), Anchors: m.Anchors,
		Positives: m.Positives, Negatives: m.Negatives, Ignored: m.Ignored,
		RescuedNegative: m.RescuedNegative, RescuedIgnored: m.RescuedIgnored}
	w.record(source)
	w.tally()
	w.inspect(source, i)
	w.score(source, i)
}

// score adds up what depends on the scores, beyond the image's counts.
func (w *worker) score(source, i int) {
	w.source = source
	for k := range w.constants {
		c := &w.constants[k]
		c.positive[0].N, c.negative[0].N = float64(w.match.Positives), float64(w.match.Negatives)
		w.uses[c.index].Image(c.positive[:], c.negative[:])
	}
	for k, d := range w.scorers {
		if d != nil && w.failed == nil {
			w.failed = d.image(source, i, &w.uses[k])
		}
	}
}

// refuse leaves out an image for one bad record, and says so.
func (w *worker) refuse(source, i int) {
	w.r.Images[source][i].LeftOut.Run = Refused
	src := &w.r.Data.Sources[source]
	im, o := &src.Images[i], &src.Objects[w.refused]
	for k := im.First; k < im.Last; k++ {
		if src.Objects[k].LeftOut == dataset.InUse {
			w.r.Objects[source][k].LeftOut.Trainer = anchors.RefuseImage
		}
	}
	f := w.about("trainer-refuses", source, i, w.refused)
	f.Message = fmt.Sprintf("%s: its box [%g, %g, %g, %g] leaves the image of %d × %d px with its centre or is larger, and for this %s leaves out the whole %s with its %d annotations",
		dataset.Label("annotation", o.ID), o.Box.X, o.Box.Y, o.Box.W, o.Box.H, im.Size.W, im.Size.H, w.r.Config.Preset.Name, dataset.Label("image", im.ID), im.Last-im.First)
	w.note(f)
}

func (w *worker) leaveOut(source, i int, why Reason) {
	im := &w.r.Data.Sources[source].Images[i]
	w.r.Images[source][i].LeftOut.Run = why
	for k := im.First; k < im.Last; k++ {
		w.r.Objects[source][k].LeftOut.Reading = dataset.ImageLeftOut
	}
}

// place brings the annotations of an image into the trainer's frame, or notes
// why the trainer leaves them out.
func (w *worker) place(source int, im *dataset.Image) {
	w.boxes, w.index, w.crowds, w.refused = w.boxes[:0], w.index[:0], w.crowds[:0], -1
	unique := w.r.Layout.DropsRepeated()
	if unique {
		clear(w.seen)
	}
	objects := w.r.Data.Sources[source].Objects
	for k := int(im.First); k < int(im.Last); k++ {
		o := &objects[k]
		if o.LeftOut != dataset.InUse {
			continue
		}
		a := w.annotation(o)
		box, drop := w.r.Layout.Place(&w.frame, a)
		if drop == anchors.RefuseImage && w.refused < 0 {
			w.refused = k
		}
		if drop == anchors.Kept && unique {
			row := record{o.Class, anchors.RowOf(o.Box, w.frame.Image)}
			if w.seen[row] {
				drop = anchors.DropRepeated
			}
			w.seen[row] = true
		}
		if drop == anchors.Kept {
			w.boxes, w.index = append(w.boxes, box), append(w.index, k)
			continue
		}
		w.r.Objects[source][k].LeftOut.Trainer = drop
		if a.Crowd {
			a.Crowd = false
			if box, drop := w.r.Layout.Place(&w.frame, a); drop == anchors.Kept {
				w.crowds = append(w.crowds, placed{k, box})
			}
		}
	}
}

func (w *worker) annotation(o *dataset.Object) anchors.Annotation {
	return anchors.Annotation{
		Box:            o.Box,
		Crowd:          o.Flags&dataset.Crowd != 0,
		Ignore:         o.Flags&dataset.Ignore != 0,
		NoValidPolygon: o.Flags&dataset.NoValidPolygon != 0,
		AreaNotAbove0:  o.Flags&dataset.AreaNotAbove0 != 0,
		NoClass:        o.Class < 0 || !w.r.Data.Classes[o.Class].Known,
	}
}

// skips reports whether the trainer's loader skips an image with these
// annotations.
func (w *worker) skips(size geom.Size, objects []dataset.Object) bool {
	if w.r.Config.Preset.Skip == anchors.SkipNone {
		return false
	}
	if w.r.Config.Preset.Skip == anchors.SkipMMDet && min(size.W, size.H) < anchors.MMDetMinSide {
		return true
	}
	for i := range objects {
		o := &objects[i]
		if w.r.Config.Preset.Skip == anchors.SkipMMDet && o.Class >= 0 && w.r.Data.Classes[o.Class].Known ||
			w.r.Config.Preset.Skip == anchors.SkipAllCrowd && o.Flags&dataset.Crowd == 0 ||
			w.r.Config.Preset.Skip == anchors.SkipNoLargeBox && o.Box.W > 1 && o.Box.H > 1 {
			return false
		}
	}
	return true
}

// record fills the slots of the matched objects.
func (w *worker) record(source int) {
	w.verdicts = w.verdicts[:0]
	for i, k := range w.index {
		b, v := &w.match.Objects[i], w.judge(i)
		w.verdicts = append(w.verdicts, v)
		w.r.Objects[source][k] = Object{
			IoU: b.IoU, Anchor: b.Anchor, Level: b.Level, Shape: b.Shape, Why: v.why, Ratio: b.Ratio,
			Ties: int32(b.Ties), AtLow: int32(b.AtLow), AtHigh: int32(b.AtHigh),
			Positives: int32(b.Positives), Rescued: int32(b.Rescued),
		}
	}
}

// tally adds the image's anchors to the worker's counts by level and shape.
func (w *worker) tally() {
	counts := w.match.ByShape
	for level := range w.frame.Grids {
		g := &w.frame.Grids[level]
		for s := range g.Shapes {
			w.shapes[level][s].add(Shape{Anchors: int64(g.Rows) * int64(g.Cols), Positives: int64(counts[s].Positives), Ignored: int64(counts[s].Ignored)})
		}
		counts = counts[len(g.Shapes):]
	}
	for i := range w.match.Objects {
		if b := &w.match.Objects[i]; b.Best() {
			w.shapes[b.Level][b.Shape].BestFor++
		}
	}
}
