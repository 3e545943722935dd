// Package belief scores the anchors of an image by a detector: how sure it is of each.
//
//  1. Prepare completes the Plan of a run: it finds out what the columns and files of
//     logits mean, and makes room for the losses of single images.
//  2. Plan.Scorer gives one goroutine the scorer of a source of scores: by boxes that
//     lend their anchors a score (detections.go: detections, or in the illustration
//     the objects themselves), or by logits of every anchor (dense.go).
//  3. Scorer.Image prices the anchors of the image that its scene holds, and enters
//     them in a book. What it gathers is summed for an image at first, in an order
//     that the image alone decides (terms.go).
//  4. Where the trainer chooses positives by what a detector predicts, Plan.Predictor reads the
//     predictions for the scene (predicted.go).
//  5. The detector that audits labels answers two more questions: what it found in an
//     image (Plan.Found; logits are joined to peaks, peaks.go), and what the negative
//     anchors cost that have their score from one of these detections (Scorer.Carried).
package belief

import (
	"cmp"
	"fmt"
	"iter"
	"slices"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/loss"
	"focalaudit/pkg/scores"
	"focalaudit/pkg/trainer"
)

// Plan is what the scorers of a run share. Fill in its fields, then call Prepare.
type Plan struct {
	Data    *dataset.Dataset
	Trainer *trainer.Trainer
	Setting *ledger.Setting
	Results []*dataset.Results // by source of scores: its detections, nil if it has none
	Auditor int                // the source of scores that audits labels, -1 if none does

	rows       []*ledger.Rows
	columns    []int32         // by column of logits: its class, -1 if it is none's
	namings    []scores.Naming // by source of scores
	choosing   bool            // the trainer chooses positives by the predictions of a source of scores: chooser
	chooser    int
	peaks      [][]peaks  // by source and image, of the auditor's logits
	neighbours [2][]int32 // by class: the class whose category id is one higher, one lower, -1 if there is none
}

// Prepare makes a plan ready, and gives the book the rows of its detectors. An error
// means that logits do not fit the data.
func Prepare(p *Plan, b *ledger.Book) error {
	p.rows, p.choosing = b.Rows, false
	p.namings = make([]scores.Naming, len(p.Setting.Scores))
	p.neighbours = neighbours(p.Data)
	for k := range p.Setting.Scores {
		s := &p.Setting.Scores[k]
		if !s.Model() {
			continue
		}
		rows := &ledger.Rows{}
		for i := range p.Data.Sources {
			src := p.Data.Source(i)
			rows.Images = append(rows.Images, make([][ledger.NumObjectives]ledger.ImageSums, len(src.Images)))
			rows.Objects = append(rows.Objects, make([]ledger.OwnSums, len(src.Objects)))
			if s.Logits != nil && p.Auditor == k {
				p.peaks = append(p.peaks, make([]peaks, len(src.Images)))
			}
		}
		b.Rows[k] = rows
		if s.Logits != nil {
			if err := p.prepareLogits(k); err != nil {
				return err
			}
		}
	}
	return p.chooses()
}

// Outputs returns how many outputs the logits of a data set have: the columns of the
// first image that has any, 0 if that can't be told. A single column tells it only if
// there is a single class.
func Outputs(l *scores.Logits, d *dataset.Dataset) int {
	naming, err := l.Naming(eachImage(d))
	if err != nil {
		return 0
	}
	for id, file := range eachImage(d) {
		a, err := l.Open(naming, id, file)
		if err != nil {
			continue
		}
		shape := a.Shape
		a.Close()
		switch {
		case len(shape) == 2 && (shape[1] > 1 || len(d.Classes) == 1):
			return shape[1]
		case len(d.Classes) == 1:
			return 1
		}
		return 0
	}
	return 0
}

// eachImage yields the id and the file name of every image in use.
func eachImage(d *dataset.Dataset) iter.Seq2[string, string] {
	return func(yield func(id, file string) bool) {
		for s := range d.Sources {
			for k := range d.Source(s).Images {
				if im := &d.Source(s).Images[k]; im.LeftOut == dataset.InUse && !yield(im.ID.String(), im.File) {
					return
				}
			}
		}
	}
}

// prepareLogits finds out what the files and columns of logits mean.
func (p *Plan) prepareLogits(k int) (err error) {
	s := &p.Setting.Scores[k]
	if p.columns, err = p.Trainer.Columns(p.Data, p.Setting.K); err != nil {
		return err
	}
	p.namings[k], err = s.Logits.Naming(eachImage(p.Data))
	if err != nil {
		return fmt.Errorf("scores %q: %w", s.Name, err)
	}
	return nil
}

// neighbours finds the classes whose category ids are one apart.
func neighbours(d *dataset.Dataset) (next [2][]int32) {
	byID := map[int64]int32{}
	for s := range d.Sources {
		for _, c := range d.Sources[s].Categories {
			if id, ok := c.ID.Int(); ok {
				byID[id] = c.Class
			}
		}
	}
	for k := range next {
		next[k] = slices.Repeat([]int32{-1}, len(d.Classes))
		for s := range d.Sources {
			for _, c := range d.Sources[s].Categories {
				if id, ok := c.ID.Int(); ok {
					if other, ok := byID[id+int64(1-2*k)]; ok && next[k][c.Class] < 0 {
						next[k][c.Class] = other
					}
				}
			}
		}
	}
	return next
}

// Scorer scores anchors by one detector. It belongs to one goroutine.
type Scorer interface {
	// Image scores the anchors of an image of a source, which the scorer's scene holds,
	// and enters them in a book.
	Image(source, image int, into *ledger.Book) error

	// Carried returns, for each of some detections of an image (numbered as Plan.Found
	// has them), what the negative anchors cost that have their score from it. The scene
	// holds the image.
	Carried(source, image int, detections []int) []Cost

	// Opposed returns what the positive anchors of some objects of an image cost by the output of another class, whose
	// target is 0 there; nil where there is no such output. The scene holds the image. The error is that of reading
	// logits.
	Opposed(source, image int, of []Opposition) ([]Cost, error)
}

// Opposition is an object and the class that a detector names in the place of its own.
type Opposition struct {
	Object    int32 // in its source
	Class     int32
	Positives int64 // anchors of the object
}

// Cost is what terms cost together, by loss.
type Cost struct {
	Terms  int64
	Loss   [ledger.MaxLosses]float64
	Logits []LogitCount // of the terms, rising
}

// LogitCount is a number of terms of one logit.
type LogitCount struct {
	Z loss.Logit
	N int64
}

func sortedCounts(counts map[loss.Logit]int64) []LogitCount {
	out := make([]LogitCount, 0, len(counts))
	for z, n := range counts {
		out = append(out, LogitCount{z, n})
	}
	slices.SortFunc(out, func(a, b LogitCount) int { return cmp.Compare(a.Z, b.Z) })
	return out
}

// Scorer returns the scorer of a source of scores for the images that a scene sees; nil
// if the source has no detector.
func (p *Plan) Scorer(index int, scene *trainer.Scene) Scorer {
	s := &p.Setting.Scores[index]
	switch {
	case s.Detector != nil || s.Geometry:
		return newDetector(p, index, scene)
	case s.Logits != nil:
		return newDense(p, index, scene)
	}
	return nil
}

// Asked reports whether the auditor ran on an image: it has logits, or detections. From
// an image without any detection nothing is concluded: the results may lack it.
func (p *Plan) Asked(source, image int) bool {
	if of := p.Results[p.Auditor]; of != nil {
		return len(of.Of(source, image)) > 0
	}
	return p.peaks[source][image].read
}

// Found returns what the auditor found in an image: the detections of a results file, or
// the peaks of its logits.
func (p *Plan) Found(source, image int) []dataset.Detection {
	if of := p.Results[p.Auditor]; of != nil {
		all := of.Of(source, image) // the surest first
		return all[:min(len(all), maxAsked)]
	}
	return p.peaks[source][image].detections
}

// maxAsked is how many detections of an image are asked about the labels: ten times
// what COCO's evaluation looks at. Detectors that write down more of them say
// nothing with the others.
const maxAsked = 1000
