package analysis

import (
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/loss"
	"focalaudit/pkg/scores"
	"focalaudit/pkg/trainer"
	"slices"
)

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

// worker is what one goroutine reuses from image to image.
type worker struct {
	r        *Result
	scene    *trainer.Scene // the image at hand
	verdicts []iou.Verdict  // on its objects
	plain    []geom.Box     // of the objects in use, in the annotated frame
	shapes   [][]Shape
	found    []findings.Finding

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

func newWorker(r *Result) *worker {
	w := &worker{r: r, shapes: r.newShapes(), scorers: make([]scorer, len(r.Config.Scores))}
	w.scene = r.Trainer.NewScene(slices.ContainsFunc(r.Config.Scores, func(s scores.Source) bool { return s.Model() }))
	w.scene.SkipEmpty = r.Config.SkipEmpty
	for i, s := range r.Config.Scores {
		switch {
		case s.Detector != nil || s.Geometry:
			w.scorers[i] = w.newDetector(i)
			continue
		case s.Logits != nil:
			w.scorers[i] = w.newDense(i)
			continue
		}
		sample := func(z loss.Logit, y loss.Target) [1]loss.Sample {
			return [1]loss.Sample{loss.SampleOf(0, z, y, r.Config.Focal, r.Config.Edges.Of(loss.PT(z, y)) == Easy)}
		}
		w.constants = append(w.constants, constant{i, sample(s.Positive, loss.One), sample(s.Negative, loss.Zero)})
	}
	return w
}

// image analyses one image and fills its slots.
func (w *worker) image(source, i int) {
	im, out := &w.r.Data.Sources[source].Images[i], &w.r.Images[source][i]
	if im.LeftOut != dataset.InUse {
		out.LeftOut.Reading = im.LeftOut
		return
	}
	if why := w.scene.See(w.r.Data, source, i); why != trainer.Seen {
		w.leaveOut(source, i, why)
		return
	}
	m := w.scene.Found
	*out = Image{Resized: w.scene.Frame.Resized, Padded: w.scene.Frame.Padded, Objects: len(w.scene.Boxes), Anchors: m.Anchors,
		Positives: m.Positives, Negatives: m.Negatives, Ignored: m.Ignored,
		RescuedNegative: m.RescuedNegative, RescuedIgnored: m.RescuedIgnored}
	w.record(source, im)
	w.tally()
	w.inspect(source, i)
	w.score(source, i)
}

// score adds up what depends on the scores, beyond the image's counts.
func (w *worker) score(source, i int) {
	w.source = source
	for k := range w.constants {
		c := &w.constants[k]
		c.positive[0].N, c.negative[0].N = float64(w.scene.Found.Positives), float64(w.scene.Found.Negatives)
		w.uses[c.index].Image(c.positive[:], c.negative[:])
	}
	for k, d := range w.scorers {
		if d != nil && w.failed == nil {
			w.failed = d.image(source, i, &w.uses[k])
		}
	}
}

// leaveOut leaves out an image with its annotations, and says so.
func (w *worker) leaveOut(source, i int, why trainer.Refusal) {
	src := &w.r.Data.Sources[source]
	im := &src.Images[i]
	w.r.Images[source][i].LeftOut.Image = why
	objects := w.r.Objects[source][im.First:im.Last]
	if why == trainer.Refused {
		for k, drop := range w.scene.Drops {
			objects[k].LeftOut.Trainer = drop
			if src.Objects[int(im.First)+k].LeftOut == dataset.InUse {
				objects[k].LeftOut.Trainer = trainer.RefuseImage
			}
		}
		w.noteRefused(source, i)
		return
	}
	for k := range objects {
		objects[k].LeftOut.Reading = dataset.ImageLeftOut
	}
	if why != trainer.Empty {
		w.noteUnseen(source, i, why)
	}
}

// record fills the slots of the image's annotations.
func (w *worker) record(source int, im *dataset.Image) {
	for k, drop := range w.scene.Drops {
		if drop != trainer.Kept {
			w.r.Objects[source][int(im.First)+k].LeftOut.Trainer = drop
		}
	}
	w.verdicts = w.verdicts[:0]
	for i, k := range w.scene.Index {
		b, v := &w.scene.Found.Objects[i], w.scene.Rule.Why(i)
		w.verdicts = append(w.verdicts, v)
		w.r.Objects[source][k] = Object{
			IoU: b.IoU, Anchor: b.Anchor, Level: b.Level, Shape: b.Shape, Why: v.Why, Ratio: b.Ratio,
			Ties: int32(b.Ties), AtLow: int32(b.AtLow), AtHigh: int32(b.AtHigh),
			Positives: int32(b.Positives), Rescued: int32(b.Rescued),
		}
	}
}

// tally adds the image's anchors to the worker's counts by level and shape.
func (w *worker) tally() {
	counts := w.scene.Found.ByShape
	for level := range w.scene.Frame.Grids {
		g := &w.scene.Frame.Grids[level]
		for s := range g.Shapes {
			w.shapes[level][s].add(Shape{Anchors: int64(g.Rows) * int64(g.Cols), Positives: int64(counts[s].Positives), Ignored: int64(counts[s].Ignored)})
		}
		counts = counts[len(g.Shapes):]
	}
	for i := range w.scene.Found.Objects {
		if b := &w.scene.Found.Objects[i]; b.Best() {
			w.shapes[b.Level][b.Shape].BestFor++
		}
	}
}
