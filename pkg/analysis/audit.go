package analysis

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"focalaudit/pkg/calibration"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/labels"
	"focalaudit/pkg/loss"
	"focalaudit/pkg/par"
	"focalaudit/pkg/scores"
)

// Suspicious is the chance of an error from which on a label becomes a finding:
// five times what it is for a label that nothing is known of.
const Suspicious = 0.05

// Audit is what a detector says against the labels.
type Audit struct {
	Scores   int         // index of the source of scores whose detector it is
	Suspects []Suspect   // by source and image
	Chances  [][]float32 // by source and object: that its label is wrong in some way, NaN if nobody was asked
	Noise    []Noise     // by loss, as Config.Losses, but for α-balanced cross entropy
}

// Suspect is a label that may be wrong.
type Suspect struct {
	labels.Suspect
	Source, Image int32
	Detection     dataset.Detection // with a score of 0 if there is none
	terms         int64             // of its own
	loss          [maxLosses]float64
	logits        []logitCount // of its own terms, for what is missing
}

// Terms returns how many terms of the loss the label makes wrong.
func (s *Suspect) Terms() int64 { return s.terms }

// logitCount is terms of one logit.
type logitCount struct {
	z loss.Logit
	n int64
}

// auditor is the first source of scores that is a detector's, -1 if none is.
func (c *Config) auditor() int {
	if c.NoAudit {
		return -1
	}
	return slices.IndexFunc(c.Scores, func(s scores.Source) bool { return s.Detector != nil || s.Logits != nil })
}

// Audits reports whether there is a detector that is asked about the labels.
func (c *Config) Audits() bool { return c.auditor() >= 0 }

// Place is an image of a source.
type Place struct{ Source, Image int }

// Labels gives the images in use, with their objects and what the first detector
// found in them, and where they are; ok is false if there is no detector.
func (r *Result) Labels() (s labels.Source, places []Place, ok bool) {
	index := r.Config.auditor()
	if index < 0 {
		return s, nil, false
	}
	s, places = r.labels(index)
	return s, places, true
}

// labels gives the images in use, with their objects and what a source of scores
// found in them, for package labels. Objects that the trainer leaves out, crowds and
// ignored ones say nothing.
func (r *Result) labels(index int) (labels.Source, []Place) {
	var places []Place
	for s := range r.Images {
		for i := range r.Images[s] {
			if r.Images[s][i].LeftOut == (LeftOut{}) && r.asked(index, s, i) {
				places = append(places, Place{s, i})
			}
		}
	}
	return labels.Source{N: len(places), Classes: len(r.Data.Classes), At: func(i int, im *labels.Image) {
		r.labelled(index, places[i], im)
	}}, places
}

// asked reports whether the detector ran on an image: it has logits, or belongs to
// the source that the detections are said to be of.
func (r *Result) asked(index, source, image int) bool {
	if d := r.Config.Scores[index].Detector; d != nil {
		return d.Origin == "" || d.Origin == r.Data.Sources[source].Name
	}
	return r.Accounts[index].peaks[source][image].read
}

func (r *Result) labelled(index int, at Place, im *labels.Image) {
	src := &r.Data.Sources[at.Source]
	of := &src.Images[at.Image]
	im.Size = of.Size
	im.Objects, im.Silent, im.Detections = im.Objects[:0], im.Silent[:0], im.Detections[:0]
	frame := geom.Box{X1: float64(of.Size.W), Y1: float64(of.Size.H)}
	r.eachLabel(at, func(_ int, o *dataset.Object, spoken bool) {
		if b := o.Box.Box().Intersect(frame); spoken {
			im.Objects = append(im.Objects, labels.Object{Box: b, Class: o.Class})
		} else if !b.Empty() {
			im.Silent = append(im.Silent, b)
		}
	})
	for _, d := range r.found(index, at) {
		im.Detections = append(im.Detections, labels.Detection{Box: d.Box.Box().Intersect(frame), Class: d.Class, Score: d.Score})
	}
}

// eachLabel yields the annotations of an image that have a box, and whether they
// are labels that a detector can contradict.
func (r *Result) eachLabel(at Place, yield func(object int, o *dataset.Object, spoken bool)) {
	src := &r.Data.Sources[at.Source]
	im := &src.Images[at.Image]
	frame := geom.Box{X1: float64(im.Size.W), Y1: float64(im.Size.H)}
	for k := int(im.First); k < int(im.Last); k++ {
		o := &src.Objects[k]
		if o.LeftOut == dataset.NoBox {
			continue
		}
		spoken := r.Objects[at.Source][k].Matched() && o.Flags&(dataset.Crowd|dataset.Ignore) == 0 && o.Class >= 0
		yield(k, o, spoken && !o.Box.Box().Intersect(frame).Empty())
	}
}

// found returns the detections of an image: those of a results file, or the peaks
// of its logits.
func (r *Result) found(index int, at Place) []dataset.Detection {
	if of := r.Config.Results[index]; of != nil {
		return surest(of.Of(at.Source, at.Image))
	}
	return r.Accounts[index].peaks[at.Source][at.Image].detections
}

// maxAsked is how many detections of an image are asked about the labels: ten times
// what COCO's evaluation looks at. Detectors that write down more of them say
// nothing with the others.
const maxAsked = 1000

// surest returns the maxAsked detections with the highest scores, in the order given,
// the first among equals.
func surest(of []dataset.Detection) []dataset.Detection {
	if len(of) <= maxAsked {
		return of
	}
	order := make([]int, len(of))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, k int) int { return cmp.Compare(of[k].Score, of[i].Score) })
	order = order[:maxAsked]
	slices.Sort(order)
	out := make([]dataset.Detection, len(order))
	for i, k := range order {
		out[i] = of[k]
	}
	return out
}

// audit asks the first detector about the labels.
func (r *Result) audit(ctx context.Context) error {
	index := r.Config.auditor()
	if index < 0 {
		return nil
	}
	source, places := r.labels(index)
	judge, err := labels.Learn(ctx, source, r.Config.Workers)
	if err != nil {
		return err
	}
	a := &Audit{Scores: index}
	for s := range r.Objects {
		a.Chances = append(a.Chances, slices.Repeat([]float32{float32(math.NaN())}, len(r.Objects[s])))
	}
	type scratch struct {
		w  *worker
		im labels.Image
		e  labels.Evidence
	}
	jobs := (len(places) + chunk - 1) / chunk
	err = par.DoInOrder(ctx, r.Config.Workers, jobs, func() *scratch { return &scratch{w: newWorker(r)} }, func(w *scratch, k int) (out []Suspect, err error) {
		for i := k * chunk; i < min(len(places), (k+1)*chunk) && ctx.Err() == nil; i++ {
			source.At(i, &w.im)
			labels.Look(&w.e, &w.im)
			out = append(out, r.suspects(a, judge, i, places[i], &w.e, &w.im, w.w)...)
		}
		return out, nil
	}, func(_ int, found []Suspect) { a.Suspects = append(a.Suspects, found...) })
	if err != nil {
		return err
	}
	r.Audit = a
	a.Noise = r.noise(a)
	return nil
}

// suspects returns what is suspicious in an image: of each object the likeliest
// kind.
func (r *Result) suspects(a *Audit, judge *labels.Judge, i int, at Place, e *labels.Evidence, im *labels.Image, w *worker) []Suspect {
	var objects []int // in the source, by their index in im
	r.eachLabel(at, func(k int, _ *dataset.Object, spoken bool) {
		if spoken {
			objects = append(objects, k)
		}
	})
	detections := r.found(a.Scores, at)
	best := make([]labels.Suspect, len(objects))
	var out []Suspect
	missing := 0
	judge.Judge(i, e, im, func(s labels.Suspect) {
		if s.Kind == labels.Missing {
			if s.Score >= Suspicious && detections[s.Detection].Score > 0 {
				missing++
				out = append(out, Suspect{Suspect: s})
			}
			return
		}
		a.Chances[at.Source][objects[s.Object]] = float32(s.Any)
		if b := &best[s.Object]; s.Score > b.Score {
			*b = s
		}
	})
	for _, s := range best {
		if s.Any >= Suspicious {
			out = append(out, Suspect{Suspect: s})
		}
	}
	if missing > 0 {
		r.carried(a.Scores, at, out[:missing], w)
	}
	for k := range out {
		s := &out[k]
		s.Source, s.Image = int32(at.Source), int32(at.Image)
		if s.Suspect.Detection >= 0 {
			s.Detection = detections[s.Suspect.Detection]
		}
		if s.Other >= 0 {
			s.Other = int32(objects[s.Other])
		}
		if s.Object >= 0 {
			s.Object = int32(objects[s.Object])
			s.terms, s.loss = r.own(a.Scores, at.Source, int(s.Object))
		}
	}
	return out
}

// own returns the terms of an object's own and their losses: those that the
// detector lifts, and the others at its floor.
func (r *Result) own(index, source, object int) (n int64, sums [maxLosses]float64) {
	o, own := &r.Objects[source][object], &r.Accounts[index].objects[source][object]
	n = int64(o.Positives)
	for l, f := range r.bank {
		sums[l] = own.loss[l] + float64(n-own.n)*f.Loss(r.Config.Scores[index].Positive, loss.One)
	}
	return n, sums
}

// carried finds what the negative anchors cost that believe a detection which lies
// on nothing.
func (r *Result) carried(index int, at Place, missing []Suspect, w *worker) {
	d, ok := w.scorers[index].(*detector)
	if !ok {
		peaks := &r.Accounts[index].peaks[at.Source][at.Image]
		for k := range missing {
			missing[k].terms, missing[k].loss, missing[k].logits = peaks.carried(int(missing[k].Suspect.Detection))
		}
		return
	}
	w.source = at.Source
	w.scene.See(r.Data, at.Source, at.Image)
	d.place(r.found(index, at))
	d.sort()
	for k := range missing {
		s := &missing[k]
		s.terms, s.loss, s.logits = d.carried(slices.Index(d.from, s.Suspect.Detection))
	}
}

// carried sums the terms of negative anchors that have their score from one box,
// -1 for one that lies outside of the image.
func (d *detector) carried(box int) (n int64, sums [maxLosses]float64, logits []logitCount) {
	if box < 0 {
		return
	}
	class := d.of[box].Class
	d.class.reset()
	for k := range d.boxes {
		if d.of[k].Class == class || d.w.r.Objective == Objectness {
			d.raise(k)
		}
	}
	var losses, grad [maxLosses]float64
	counts := map[loss.Logit]int64{}
	d.reach.Each(d.boxes[box], func(anchor int32, level uint8, v float32, best bool) {
		p := d.belief(box, v, best)
		i, known := d.class.index.Find(anchor, int32(len(d.class.entries)))
		if !known || p < d.class.entries[i].score || d.class.entries[i].by != int32(box) || p <= d.floors[d.main] || d.w.scene.Found.Of(anchor).Label != iou.Negative {
			return
		}
		score := loss.ScoreOf(p)
		d.w.r.bank.At(score, loss.Zero, losses[:], grad[:])
		for l := range d.w.r.bank {
			sums[l] += losses[l]
		}
		n++
		counts[score.Logit()]++
	})
	return n, sums, sortedCounts(counts)
}

func sortedCounts(counts map[loss.Logit]int64) []logitCount {
	out := make([]logitCount, 0, len(counts))
	for z, n := range counts {
		out = append(out, logitCount{z, n})
	}
	slices.SortFunc(out, func(a, b logitCount) int { return cmp.Compare(a.z, b.z) })
	return out
}

// findSuspects turns suspects into findings.
func (r *Result) findSuspects() {
	if r.Audit == nil {
		return
	}
	bce, focal := slices.Index(r.bank, loss.BCE), slices.Index(r.bank, r.Config.Focal)
	for i := range r.Audit.Suspects {
		s := &r.Audit.Suspects[i]
		src := &r.Data.Sources[s.Source]
		f := findings.Finding{Code: s.Kind.String(), Source: s.Source, Image: s.Image, Object: s.Object, Other: s.Other, IoU: math.NaN(), Size: s.Any,
			Evidence: &findings.Evidence{Score: s.Any, BCE: s.loss[bce], Focal: s.loss[focal], LikelihoodRatio: math.NaN(), ExpectedPrecision: math.NaN(), Detection: findings.NoDetection()}}
		if s.Kind == labels.Missing {
			im := &src.Images[s.Image]
			f.Class, f.Box, f.HasBox, f.Offset, f.Line = s.Detection.Class, s.Detection.Box, true, im.Offset, im.Line
		} else {
			o := &src.Objects[s.Object]
			f.Class, f.Box, f.HasBox, f.Offset, f.Line = o.Class, o.Box, true, o.Offset, o.Line
		}
		if s.Suspect.Detection >= 0 {
			f.Evidence.Detection = findings.Detection{Score: s.Detection.Score, Class: s.Detection.Class, Box: s.Detection.Box}
		}
		if s.Suspect.Detection >= 0 && s.Kind != labels.Missing || s.Other >= 0 {
			f.IoU = s.IoU
		}
		if c := r.Config.Calibration; c != nil {
			if ratio, ok := c.Ratio(s.Kind, s.Any); ok {
				f.Evidence.LikelihoodRatio, f.Evidence.ExpectedPrecision = ratio, calibration.Precision(ratio, r.Config.Prevalence)
			}
		}
		f.Message = r.accusation(s)
		r.Findings = append(r.Findings, f)
	}
}

// accusation says what speaks against a label.
func (r *Result) accusation(s *Suspect) string {
	src := &r.Data.Sources[s.Source]
	seen := "nothing"
	if s.Suspect.Detection >= 0 {
		seen = fmt.Sprintf("%q with %.2f", r.className(s.Detection.Class), s.Detection.Score)
		if s.Detection.Class < 0 {
			seen = fmt.Sprintf("an object with %.2f", s.Detection.Score)
		}
	}
	if s.Kind == labels.Missing {
		beside := "on no annotation"
		if s.Other >= 0 {
			beside = fmt.Sprintf("beside %s (IoU %.2f)", dataset.Label("annotation", src.Objects[s.Other].ID), s.IoU)
		}
		return fmt.Sprintf("%s: the detector sees %s %s", dataset.Label("image", src.Images[s.Image].ID), seen, beside)
	}
	o := &src.Objects[s.Object]
	name := fmt.Sprintf("%s, %q", dataset.Label("annotation", o.ID), r.className(o.Class))
	switch s.Kind {
	case labels.Location:
		if s.Suspect.Detection < 0 {
			return fmt.Sprintf("%s: the detector sees nothing there", name)
		}
		return fmt.Sprintf("%s: the detector sees %s in another place, IoU %.2f", name, seen, s.IoU)
	case labels.Class:
		if s.Suspect.Detection >= 0 {
			return fmt.Sprintf("%s: the detector sees %s there, IoU %.2f", name, seen, s.IoU)
		}
		return fmt.Sprintf("%s: the detector sees nothing of this class there", name)
	case labels.Duplicate:
		if s.Other >= 0 {
			return fmt.Sprintf("%s: seems a second box of %s, IoU %.2f", name, dataset.Label("annotation", src.Objects[s.Other].ID), s.IoU)
		}
		return fmt.Sprintf("%s: seems a second box of an object", name)
	}
	if s.Suspect.Detection >= 0 {
		return fmt.Sprintf("%s: the detector sees at most %s there, IoU %.2f", name, seen, s.IoU)
	}
	return fmt.Sprintf("%s: the detector sees nothing there", name)
}

// SuspectScore returns the chance that an object's label is wrong, NaN if no
// detector was asked.
func (r *Result) SuspectScore(source, object int) float64 {
	if r.Audit == nil {
		return math.NaN()
	}
	return float64(r.Audit.Chances[source][object])
}
