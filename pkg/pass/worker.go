package pass

import (
	"focalaudit/pkg/belief"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/loss"
	"focalaudit/pkg/scores"
	"focalaudit/pkg/trainer"
	"slices"
)

// Worker does images for one goroutine.
type Worker struct {
	Book  *ledger.Book       // what it has counted so far
	Found []findings.Finding // about the images so far, in their order

	// Unlisted counts, by code, the findings that an image has beyond those that are listed.
	Unlisted map[string]int

	p        *Pass
	scene    *trainer.Scene  // the image at hand
	verdicts []iou.Verdict   // on its objects
	settled  []int           // objects in use by what they are; indices of the source's objects
	plain    []geom.Box      // of these, in the annotated frame
	scorers  []belief.Scorer // by source of scores, nil unless a detector's
	constant []constant
	uses     loss.Uses // scratch
	last     []int32   // by class: the image, numbered from 1, that was last counted for it
	images   int32     // done so far

	noted  map[string]noted   // by code: the findings about the image at hand
	paired map[string][]int32 // scratch of pairs, by code
}

// constant is a source of scores that has one for each target.
type constant struct {
	index              int
	positive, negative [1]loss.Sample
}

// NewWorker returns a worker with an empty book like the given one.
func (p *Pass) NewWorker(b *ledger.Book) *Worker {
	w := &Worker{
		Book: b.Like(), p: p,
		scorers: make([]belief.Scorer, len(b.Setting.Scores)), last: make([]int32, len(p.Data.Classes)),
		Unlisted: map[string]int{}, noted: map[string]noted{}, paired: map[string][]int32{},
	}
	w.scene = p.Trainer.NewScene(slices.ContainsFunc(b.Setting.Scores, func(s scores.Source) bool { return s.Model() }))
	w.scene.SkipEmpty, w.scene.Predict = p.SkipEmpty, p.Plan.Predictor()
	for i, s := range b.Setting.Scores {
		if w.scorers[i] = p.Plan.Scorer(i, w.scene); w.scorers[i] != nil {
			continue
		}
		sample := func(z loss.Logit, y loss.Target) [1]loss.Sample {
			easy := b.Setting.Edges.Of(loss.PT(z, y)) == ledger.Easy
			return [1]loss.Sample{loss.SampleOf(0, z, y, b.Setting.Focal, easy)}
		}
		w.constant = append(w.constant, constant{i, sample(s.Positive, loss.One), sample(s.Negative, loss.Zero)})
	}
	return w
}

// Image does one image of a source. An error tells of scores that can't be read.
func (w *Worker) Image(source, i int) error {
	im, out := &w.p.Data.Source(source).Images[i], &w.p.ImageSlots(source)[i]
	w.images++
	clear(w.noted)
	if im.LeftOut != dataset.InUse {
		out.LeftOut.Reading = im.LeftOut
		w.count(source, im)
		return nil
	}
	if why := w.scene.See(w.p.Data, source, i); why != trainer.Seen {
		w.leaveOut(source, i, why)
		w.count(source, im)
		return nil
	}
	if w.scene.Err != nil {
		return w.scene.Err
	}
	m := w.scene.Found
	*out = Image{
		Resized: w.scene.Frame.Resized, Padded: w.scene.Frame.Padded, Objects: len(w.scene.Boxes), Anchors: m.Anchors,
		Positives: m.Positives, Negatives: m.Negatives, Ignored: m.Ignored,
		Candidates: m.Candidates, Contested: m.Contested,
		RescuedNegative: m.RescuedNegative, RescuedIgnored: m.RescuedIgnored,
	}
	w.record(source, im)
	w.count(source, im)
	w.countAnchors(source, out)
	if !w.p.Silent {
		w.inspect(source, i)
	}
	return w.score(source, i)
}

// Strays counts the annotations of a source that belong to no image.
func (w *Worker) Strays(source int) {
	objects := w.p.Data.Source(source).Objects
	for i := len(objects) - 1; i >= 0 && objects[i].Image < 0; i-- {
		if c := objects[i].Class; c >= 0 {
			w.Book.Classes[c].Annotations++
		}
	}
}

// See has the worker's scene hold an image that Image has done.
func (w *Worker) See(source, i int) { w.scene.See(w.p.Data, source, i) }

// Scorer returns the worker's scorer of a source of scores.
func (w *Worker) Scorer(index int) belief.Scorer { return w.scorers[index] }

// score adds up what depends on the scores, beyond the image's counts.
func (w *Worker) score(source, i int) error {
	for k := range w.constant {
		c := &w.constant[k]
		c.positive[0].N, c.negative[0].N = float64(w.scene.Found.Positives), float64(w.scene.Found.Negatives)
		w.uses = loss.Uses{}
		w.uses.Image(c.positive[:], c.negative[:])
		w.Book.Use(c.index, &w.uses)
	}
	for _, d := range w.scorers {
		if d == nil {
			continue
		}
		if err := d.Image(source, i, w.Book); err != nil {
			return err
		}
	}
	return nil
}

// leaveOut leaves out an image with its annotations, and says so.
func (w *Worker) leaveOut(source, i int, why trainer.Refusal) {
	src := w.p.Data.Source(source)
	im := &src.Images[i]
	w.p.ImageSlots(source)[i].LeftOut.Image = why
	objects := w.p.ObjectSlots(source)[im.First:im.Last]
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
		if o := &objects[k].LeftOut; o.Reading == dataset.InUse {
			o.Reading = dataset.ImageLeftOut
		}
	}
	if why != trainer.Empty {
		w.noteUnseen(source, i, why)
	}
}

// record fills the slots of the image's annotations.
func (w *Worker) record(source int, im *dataset.Image) {
	for k, drop := range w.scene.Drops {
		if drop != trainer.Kept {
			w.p.ObjectSlots(source)[int(im.First)+k].LeftOut.Trainer = drop
		}
	}
	w.verdicts = w.verdicts[:0]
	for i, k := range w.scene.Index {
		b, v := &w.scene.Found.Objects[i], w.scene.Assigner.Why(i)
		w.verdicts = append(w.verdicts, v)
		w.p.ObjectSlots(source)[k] = Object{
			IoU: b.IoU, Anchor: b.Anchor, Level: b.Level, Shape: b.Shape, Why: v.Why, Ratio: b.Ratio,
			Ties: int32(b.Ties), AtLow: int32(b.AtLow), AtHigh: int32(b.AtHigh),
			Shared: int32(b.Shared), Far: int32(b.Far), Positives: int32(b.Positives), Rescued: int32(b.Rescued),
		}
	}
}

// count counts an image's annotations for their classes and size classes.
func (w *Worker) count(source int, im *dataset.Image) {
	objects, slots := w.p.Data.Source(source).Objects, w.p.ObjectSlots(source)
	for k := im.First; k < im.Last; k++ {
		o, got := &objects[k], &slots[k]
		size := ledger.SizeOf(o.Box)
		if got.Matched() {
			w.Book.Sizes[size].Objects++
			w.Book.Sizes[size].Positives += int64(got.Positives)
		}
		if o.Class < 0 {
			continue
		}
		c := &w.Book.Classes[o.Class]
		c.Annotations++
		if !got.Matched() {
			continue
		}
		if w.last[o.Class] != w.images {
			w.last[o.Class] = w.images
			c.Images++
		}
		c.Objects++
		c.Positives += int64(got.Positives)
		switch {
		case got.Positives == 0:
			c.WithoutPositive++
		case got.Rescued == got.Positives:
			c.Rescued++
		}
		c.BySize[size]++
	}
}

// countAnchors counts the image's anchors, by level and shape too.
func (w *Worker) countAnchors(source int, im *Image) {
	t := im.tally()
	w.Book.Image(source, &t)
	counts, best := w.scene.Found.ByShape, w.scene.Found.BestFor
	for level := range w.scene.Frame.Grids {
		g := &w.scene.Frame.Grids[level]
		shapes := w.Book.Shapes[level]
		for s := range g.Shapes {
			c := &shapes[s]
			c.Anchors += int64(g.Rows) * int64(g.Cols)
			c.Positives += int64(counts[s].Positives)
			c.Ignored += int64(counts[s].Ignored)
			c.BestFor += int64(best[s])
		}
		if len(w.scene.Found.AtLevel) > 0 {
			shapes[0].Candidates += int64(w.scene.Found.AtLevel[level])
		}
		counts, best = counts[len(g.Shapes):], best[len(g.Shapes):]
	}
}
