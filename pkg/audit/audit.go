// Package audit asks a detector about the labels.
//
//  1. Labels gives package labels the images in use, their objects and what the detector
//     found there; labels learns from them and judges every label.
//  2. Run collects the labels that are suspicious, each with what its terms cost, and
//     how likely every label is to be wrong.
//  3. Noise compares what suspects cost under each loss (noise.go).
//  4. Findings turns suspects into findings with their evidence.
package audit

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"focalaudit/pkg/belief"
	"focalaudit/pkg/calibration"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/labels"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/par"
	"focalaudit/pkg/pass"
)

// Suspicious returns the chance of an error from which on labels become findings where a share of them, the
// prevalence, is wrong: five times what it is for a label that nothing is known of, at the supposed prevalence of 1 %
// at least, up to a half. Where one label in ten is wrong, a chance of a tenth says nothing against a label.
func Suspicious(prevalence float64) float64 { return min(0.5, 5*max(0.01, prevalence)) }

// Listed is the chance of a kind of error from which on the report's table of suspects has a row.
const Listed = 0.001

// chunk is how many images one job takes.
const chunk = 64

// Audit is which labels a detector contradicts, and what that costs.
type Audit struct {
	Scores   int         // index of the source of scores whose detector it is
	Suspects []Suspect   // the likeliest kind of each label whose chance is Suspicious; by source and image
	All      []Suspect   // every kind of each label, and every unmatched detection, from Listed on; in no order
	Chances  [][]float32 // by source and object: chance that its label is wrong; NaN if it was not judged
	Noise    []Noise     // by loss, but for α-balanced cross entropy

	Estimates [labels.NumKinds]labels.Estimate // how common errors are, by kind

	Contradictions []Contradiction // those of most labels first
}

// Suspect is a label that may be wrong.
type Suspect struct {
	Kind   labels.Kind
	Score  float64 // chance of this kind of error
	Any    float64 // chance of any
	Source int32
	Image  int32
	Object int32              // in the source; -1 where an object is missing
	Other  int32              // annotation in the source that it repeats or lies beside, -1 if there is none
	Seen   *dataset.Detection // what the detector says in its place, nil if it says nothing
	IoU    float64            // with the detection or the other annotation
	Cost   belief.Cost        // of its positive anchors' own terms; of what is missing, of the negative anchors it has

	// Opposed is what its positive anchors cost by the output of the detection's class, by loss: of a label on the list
	// whose class may be wrong. It is nil for all others, and where nobody knows (belief.Scorer).
	Opposed *[ledger.MaxLosses]float64

	foremost bool  // it is one of Audit.Suspects
	certain  bool  // a label whose class the detector contradicts with certainty
	class    int32 // of such a label
}

// Place is an image of a source.
type Place struct{ Source, Image int }

// Labels gives the images in use, with their objects and what the auditor found in them,
// for package labels, and where they are. Objects that the trainer leaves out, crowds
// and ignored ones are no labels that a detector could contradict.
func Labels(p *pass.Pass) (labels.Source, []Place) { return labelsBy(p, nil) }

// labelsBy is Labels, with the classes' numbers of a model that is there already, nil if none is.
func labelsBy(p *pass.Pass, l *Learnt) (labels.Source, []Place) {
	var places []Place
	for s := range p.Data.Sources {
		for i := range p.ImageSlots(s) {
			if p.ImageSlots(s)[i].LeftOut == (pass.LeftOut{}) && p.Plan.Asked(s, i) {
				places = append(places, Place{s, i})
			}
		}
	}
	ranks := l.ranks(p)
	return labels.Source{N: len(places), Classes: len(p.Data.Classes), At: func(i int, im *labels.Image) {
		labelled(p, places[i], ranks, im)
	}}, places
}

// ClassOrder returns the classes by how often they are detected, the commonest first, then by how many labels they
// have, then by name: package labels numbers them so, whatever they are called and in which order the files
// name them.
func ClassOrder(p *pass.Pass) []int32 {
	n := len(p.Data.Classes)
	detected, labelled, order := make([]int, n), make([]int, n), make([]int32, n)
	for c := range order {
		order[c] = int32(c)
	}
	for s := range p.Data.Sources {
		for k := range p.Data.Source(s).Objects {
			if c := p.Data.Source(s).Objects[k].Class; c >= 0 {
				labelled[c]++
			}
		}
		for i := range p.ImageSlots(s) {
			if p.ImageSlots(s)[i].LeftOut != (pass.LeftOut{}) || !p.Plan.Asked(s, i) {
				continue
			}
			for _, d := range p.Plan.Found(s, i) {
				if d.Class >= 0 {
					detected[d.Class]++
				}
			}
		}
	}
	slices.SortStableFunc(order, func(a, b int32) int {
		return cmp.Or(detected[b]-detected[a], labelled[b]-labelled[a],
			cmp.Compare(p.Data.Classes[a].Name, p.Data.Classes[b].Name))
	})
	return order
}

func labelled(p *pass.Pass, at Place, ranks []int32, im *labels.Image) {
	rank := func(class int32) int32 {
		if class < 0 {
			return class
		}
		return ranks[class]
	}
	src := p.Data.Source(at.Source)
	of := &src.Images[at.Image]
	im.Size = of.Size
	im.Objects, im.Silent, im.Detections = im.Objects[:0], im.Silent[:0], im.Detections[:0]
	frame := geom.Box{X1: float64(of.Size.W), Y1: float64(of.Size.H)}
	eachLabel(p, at, func(_ int, o *dataset.Object, spoken bool) {
		if b := o.Box.Box().Intersect(frame); spoken {
			im.Objects = append(im.Objects, labels.Object{Box: b, Class: rank(o.Class)})
		} else if !b.Empty() {
			im.Silent = append(im.Silent, b)
		}
	})
	for _, d := range p.Plan.Found(at.Source, at.Image) {
		box := d.Box.Box().Intersect(frame)
		im.Detections = append(im.Detections, labels.Detection{Box: box, Class: rank(d.Class), Score: d.Score})
	}
	im.SetKey()
}

// eachLabel yields the annotations of an image that have a box, and whether they
// are labels that a detector can contradict.
func eachLabel(p *pass.Pass, at Place, yield func(object int, o *dataset.Object, spoken bool)) {
	src := p.Data.Source(at.Source)
	im := &src.Images[at.Image]
	frame := geom.Box{X1: float64(im.Size.W), Y1: float64(im.Size.H)}
	for k := int(im.First); k < int(im.Last); k++ {
		o := &src.Objects[k]
		if o.LeftOut == dataset.NoBox {
			continue
		}
		spoken := p.ObjectSlots(at.Source)[k].Matched() && o.Flags&(dataset.Crowd|dataset.Ignore) == 0 && o.Class >= 0
		yield(k, o, spoken && !o.Box.Box().Intersect(frame).Empty())
	}
}

// auditor is what an audit works with.
type auditor struct {
	pass   *pass.Pass
	book   *ledger.Book
	owns   ledger.Owns // of the auditor's scores
	source labels.Source
	places []Place
	judge  *labels.Judge
	out    *Audit

	// The chances from which on labels of objects, and detections of missing ones, become findings.
	wrong, missing float64
}

// Run asks the plan's auditor about the labels, once the pass is done and its book
// complete. A model that was learnt before judges them, unless it is nil: then one is learnt from all labels.
// progress, if not nil, is told from any goroutine which share of the work is done.
func Run(
	ctx context.Context, p *pass.Pass, b *ledger.Book, learnt *Learnt, workers int, progress func(share float64),
) (*Audit, error) {
	a := auditor{pass: p, book: b, owns: b.Owns(p.Plan.Auditor), out: &Audit{Scores: p.Plan.Auditor}}
	a.source, a.places = labelsBy(p, learnt)
	var err error
	if learnt != nil {
		a.judge = learnt.judge
	} else if a.judge, err = labels.Learn(ctx, a.source, workers, progress); err != nil {
		return nil, err
	}
	a.out.Estimates = a.judge.Estimates()
	ofObjects := 0.0
	for kind := labels.Spurious; kind < labels.NumKinds; kind++ {
		ofObjects += a.out.Estimates[kind].Share
	}
	a.wrong, a.missing = Suspicious(ofObjects), Suspicious(a.out.Estimates[labels.Missing].Share)
	for s := range p.Data.Sources {
		a.out.Chances = append(a.out.Chances, slices.Repeat([]float32{float32(math.NaN())}, len(p.ObjectSlots(s))))
	}
	jobs := (len(a.places) + chunk - 1) / chunk
	newScratch := func() *scratch { return &scratch{worker: p.NewWorker(b)} }
	err = par.DoInOrder(ctx, workers, jobs, newScratch, func(w *scratch, k int) (out []Suspect, err error) {
		for i := k * chunk; i < min(len(a.places), (k+1)*chunk) && ctx.Err() == nil; i++ {
			found, err := a.suspects(i, w)
			if err != nil {
				return nil, err
			}
			out = append(out, found...)
		}
		return out, nil
	}, func(_ int, found []Suspect) {
		for i := range found {
			if found[i].certain && found[i].Seen.Class >= 0 {
				a.contradicted(&found[i])
			}
			if found[i].foremost {
				a.out.Suspects = append(a.out.Suspects, found[i])
			}
			if found[i].Score >= Listed {
				found[i].Cost.Logits = nil // only what amounts to a finding is priced at every γ
				a.out.All = append(a.out.All, found[i])
			}
		}
	})
	if err != nil {
		return nil, err
	}
	a.out.Noise = a.noise()
	slices.SortStableFunc(a.out.Contradictions, func(x, y Contradiction) int {
		return cmp.Or(cmp.Compare(y.Labels, x.Labels), cmp.Compare(p.Data.ClassName(x.Class), p.Data.ClassName(y.Class)),
			cmp.Compare(p.Data.ClassName(x.Seen), p.Data.ClassName(y.Seen)))
	})
	return a.out, nil
}

// Contradiction counts labels of one class on each of which the detector finds another one with certainty
// (labels.Suspect.Certain). Labels and scores can't tell a habit of the detector from labels in which one class was
// written for the other.
type Contradiction struct {
	Class, Seen int32 // of the labels, and of the detections on them
	Labels      int
	Wrong       float64 // sum of the chances that their class is wrong
}

// contradicted counts a label that the detector contradicts with certainty.
func (a *auditor) contradicted(s *Suspect) {
	all := &a.out.Contradictions
	k := slices.IndexFunc(*all, func(c Contradiction) bool { return c.Class == s.class && c.Seen == s.Seen.Class })
	if k < 0 {
		k = len(*all)
		*all = append(*all, Contradiction{Class: s.class, Seen: s.Seen.Class})
	}
	(*all)[k].Labels++
	(*all)[k].Wrong += s.Score
}

// scratch is what one goroutine reuses from image to image.
type scratch struct {
	worker   *pass.Worker
	image    labels.Image
	verdicts labels.Verdicts
}

// suspects returns what is suspicious in image i of the places: of each object the
// likeliest kind, after what is missing.
func (a *auditor) suspects(i int, w *scratch) ([]Suspect, error) {
	at := a.places[i]
	a.source.At(i, &w.image)
	a.judge.Image(&w.verdicts, &w.image)
	var objects []int // in the source, by their index in the image
	var classes []int32
	eachLabel(a.pass, at, func(k int, o *dataset.Object, spoken bool) {
		if spoken {
			objects, classes = append(objects, k), append(classes, o.Class)
		}
	})
	detections := a.pass.Plan.Found(at.Source, at.Image)
	var out []Suspect
	add := func(s *labels.Suspect) {
		suspect := Suspect{
			Kind: s.Kind, Score: s.Score, Any: s.Any, Source: int32(at.Source), Image: int32(at.Image),
			Object: -1, Other: -1, IoU: s.IoU,
		}
		if s.Detection >= 0 {
			seen := detections[s.Detection] // a copy: the others are not kept for it
			suspect.Seen = &seen
		}
		if s.Other >= 0 {
			suspect.Other = int32(objects[s.Other])
		}
		if s.Object >= 0 {
			k := objects[s.Object]
			suspect.Object = int32(k)
			positives := int64(a.pass.ObjectSlots(at.Source)[k].Positives)
			suspect.Cost = belief.Cost{Terms: positives, Loss: a.owns.Of(at.Source, k, positives)}
		}
		out = append(out, suspect)
	}
	var missing []int // their detections
	for k := range w.verdicts.Missing {
		if s := &w.verdicts.Missing[k]; s.Score >= Listed && detections[s.Detection].Score > 0 {
			add(s)
			out[len(out)-1].foremost = s.Score >= a.missing
			missing = append(missing, int(s.Detection))
		}
	}
	if len(missing) > 0 {
		w.worker.See(at.Source, at.Image)
		for k, cost := range w.worker.Scorer(a.out.Scores).Carried(at.Source, at.Image, missing) {
			out[k].Cost = cost
		}
	}
	for k, chance := range w.verdicts.Chances {
		a.out.Chances[at.Source][objects[k]] = float32(chance)
	}
	for k := range w.verdicts.Kinds {
		s := &w.verdicts.Kinds[k]
		likeliest := &w.verdicts.Likeliest[s.Object]
		foremost := likeliest.Any >= a.wrong && likeliest.Kind == s.Kind
		if s.Score >= Listed || foremost || s.Certain {
			add(s)
			last := &out[len(out)-1]
			last.foremost, last.certain, last.class = foremost, s.Certain, classes[s.Object]
		}
	}
	return out, a.oppose(at, w, out)
}

// oppose prices the output of the class that the detector names, where the class of a label on the list may be wrong.
func (a *auditor) oppose(at Place, w *scratch, found []Suspect) error {
	var of []belief.Opposition
	var to []*Suspect
	for i := range found {
		if s := &found[i]; s.foremost && s.Kind == labels.Class && s.Seen != nil && s.Seen.Class >= 0 {
			of = append(of, belief.Opposition{Object: s.Object, Class: s.Seen.Class, Positives: s.Cost.Terms})
			to = append(to, s)
		}
	}
	if of == nil {
		return nil
	}
	w.worker.See(at.Source, at.Image)
	costs, err := w.worker.Scorer(a.out.Scores).Opposed(at.Source, at.Image, of)
	for i := range costs {
		to[i].Opposed = &costs[i].Loss
	}
	return err
}

// Findings turns suspects into findings. c says what scores of label errors are worth,
// nil if nobody measured, at the given share of labels that are wrong.
func (a *Audit) Findings(
	d *dataset.Dataset, s *ledger.Setting, c *calibration.Calibration, prevalence float64,
) []findings.Finding {
	var out []findings.Finding
	bce, focal := 0, s.Index(s.Focal)
	for i := range a.Suspects {
		s := &a.Suspects[i]
		f := pass.AboutImage(d, s.Kind.String(), int(s.Source), int(s.Image))
		if s.Object >= 0 {
			f = pass.About(d, s.Kind.String(), int(s.Source), int(s.Object))
		} else {
			f.Class, f.Box, f.HasBox = s.Seen.Class, s.Seen.Box, true
		}
		f.Other, f.Size = s.Other, s.Any
		f.Evidence = &findings.Evidence{
			Score: s.Any, BCE: s.Cost.Loss[bce], Focal: s.Cost.Loss[focal],
			OtherClassBCE: math.NaN(), OtherClassFocal: math.NaN(),
			LikelihoodRatio: math.NaN(), ExpectedPrecision: math.NaN(), Detection: findings.NoDetection(),
		}
		if s.Opposed != nil {
			f.Evidence.OtherClassBCE, f.Evidence.OtherClassFocal = s.Opposed[bce], s.Opposed[focal]
		}
		if s.Seen != nil {
			f.Evidence.Detection = findings.Detection{Score: s.Seen.Score, Class: s.Seen.Class, Box: s.Seen.Box}
		}
		if s.Seen != nil && s.Kind != labels.Missing || s.Other >= 0 {
			f.IoU = s.IoU
		}
		if c != nil {
			if ratio, ok := c.Ratio(s.Kind, s.Any); ok {
				f.Evidence.LikelihoodRatio, f.Evidence.ExpectedPrecision = ratio, calibration.Precision(ratio, prevalence)
			}
		}
		f.Message = accusation(d, s)
		out = append(out, f)
	}
	return out
}

// accusation says why a label looks wrong.
func accusation(d *dataset.Dataset, s *Suspect) string {
	src := d.Source(int(s.Source))
	seen, score := "object", 0.0
	if s.Seen != nil {
		score = s.Seen.Score
		if s.Seen.Class >= 0 {
			seen = fmt.Sprintf("%q", d.ClassName(s.Seen.Class))
		}
	}
	if s.Kind == labels.Missing {
		where := "where nothing is annotated"
		if s.Other >= 0 {
			where = fmt.Sprintf("beside %s (IoU %.2f)", dataset.Label("annotation", src.Objects[s.Other].ID), s.IoU)
		}
		image := dataset.Label("image", src.Images[s.Image].ID)
		if file := src.Images[s.Image].File; file != "" {
			image = "image " + file
		}
		return fmt.Sprintf("%s: the detector finds %s %s (score %.2f) %s", image, article(seen), seen, score, where)
	}
	o := &src.Objects[s.Object]
	name := fmt.Sprintf("%s %q", dataset.Label("annotation", o.ID), d.ClassName(o.Class))
	switch {
	case s.Kind == labels.Duplicate && s.Other >= 0:
		return fmt.Sprintf("%s: looks like a duplicate of %s (IoU %.2f)",
			name, dataset.Label("annotation", src.Objects[s.Other].ID), s.IoU)
	case s.Kind == labels.Duplicate:
		return fmt.Sprintf("%s: looks like the duplicate of another annotation", name)
	case s.Seen == nil && s.Kind == labels.Location:
		return fmt.Sprintf("%s: no sure detection of this class fits the box", name)
	case s.Seen == nil && s.Kind == labels.Class:
		return fmt.Sprintf("%s: the detector finds nothing of this class here", name)
	case s.Seen == nil:
		return fmt.Sprintf("%s: the detector finds nothing here", name)
	case s.Kind == labels.Location:
		return fmt.Sprintf("%s: the detected %s (score %.2f) overlaps this box by IoU %.2f only", name, seen, score, s.IoU)
	case s.Kind == labels.Class:
		return fmt.Sprintf("%s: the detector finds %s %s here (score %.2f, IoU %.2f)",
			name, article(seen), seen, score, s.IoU)
	}
	return fmt.Sprintf("%s: best detection here: %s (score %.2f), which overlaps this box by IoU %.2f",
		name, seen, score, s.IoU)
}

// article is that of a name in quotes, or of a word.
func article(name string) string {
	first := strings.TrimLeft(name, `"`)
	if first != "" && strings.Contains("aeiouAEIOU", first[:1]) {
		return "an"
	}
	return "a"
}

// Chance returns the chance that an object's label is wrong, NaN if it was not judged; a
// may be nil.
func (a *Audit) Chance(source, object int) float64 {
	if a == nil {
		return math.NaN()
	}
	return float64(a.Chances[source][object])
}
