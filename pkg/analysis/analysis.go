// Package analysis does all of it for one image, on all cores, and then sums
// up in the order of the input.
//
// The steps of Run, in order:
//
//  1. Every image is a job (image.go): the preset lays its grids, its
//     annotations are placed in the trainer's frame, the matcher labels the
//     anchors. A job writes to slots of its own: the rows of its image and of
//     its objects, and the findings of its chunk.
//  2. The slots are summed in order (tally.go): counts by level, shape, class
//     and size class. They are whole numbers, so no order could change them.
//  3. Scores that are the same for all anchors of a label turn counts into masses
//     of terms, and these into losses (ledger.go) and headline metrics (metrics.go).
//     Those of a detector differ from anchor to anchor: each job scores its images'
//     anchors by detections (detections.go) or logits (dense.go) and gathers their
//     terms (terms.go); jobs are added up in their order (account.go). Curves,
//     what-ifs and exposures follow (spread.go, exposure.go).
//  4. The first detector is asked about the labels (audit.go), and what focal loss
//     makes of the suspects is added up (noise.go).
//  5. Findings that need the whole data set follow (outlier.go), and all are
//     ranked.
package analysis

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/loss"
	"focalaudit/pkg/par"
	"focalaudit/pkg/trainer"
)

// Result is what a run found out. Its slices by source run parallel to those
// of Data.
type Result struct {
	Data      *dataset.Dataset
	Config    Config
	Objective Objective // of the headline metrics
	K         int       // classes of the objective classes
	Trainer   *trainer.Trainer
	Images    [][]Image  // by source and image
	Objects   [][]Object // by source and object
	Total     Tally
	Sources   []Tally   // by source
	Levels    []Tally   // by level
	Shapes    [][]Shape // by level and shape
	Classes   []Class   // by class
	Sizes     [NumSizes]Tally
	Metrics   []Metrics   // by source of scores
	Accounts  []*Account  // by source of scores, nil unless a detector's
	Uses      []loss.Uses // by source of scores: what training would use, of each anchor's objectness
	Audit     *Audit      // of the labels, nil if there is no detector
	Findings  []findings.Finding
	bank      loss.Bank // Config.Losses
	columns   []int32   // by column of logits: its class, -1 if it is none's
}

// Counts returns the number of findings by code. Reading lists only the first
// 100,000 flaws of a code in a file; the others are counted here.
func (r *Result) Counts() map[string]int {
	counts := map[string]int{}
	for i := range r.Findings {
		counts[r.Findings[i].Code]++
	}
	for s := range r.Data.Sources {
		for code, n := range r.Data.Sources[s].Unlisted {
			counts[code] += n
		}
	}
	return counts
}

// Image is what became of one image.
type Image struct {
	LeftOut                         LeftOut
	Resized, Padded                 geom.Size
	Objects                         int // matched
	Anchors                         int
	Positives, Negatives, Ignored   int // add up to Anchors
	RescuedNegative, RescuedIgnored int // positives that only the low-quality rule made, from either label
}

// Object is what became of one annotation.
type Object struct {
	IoU           float32
	Anchor        int32 // the first of the best ones
	Ties          int32
	AtLow, AtHigh int32
	Positives     int32
	Rescued       int32
	Ratio         float32 // see iou.Object
	Shape         uint16
	Level         uint8
	Why           iou.Why
	LeftOut       LeftOut
}

// Matched reports whether the annotation took part in the matching.
func (o *Object) Matched() bool { return o.LeftOut == LeftOut{} }

// Best reports whether Anchor is the object's best in any sense.
func (o *Object) Best() bool { return o.IoU > 0 || o.Ratio > 0 }

// chunk is how many images one job takes: enough to make handing out jobs
// cheap, few enough that the last jobs end together.
const chunk = 64

// job is a run of images of one source.
type job struct{ source, first, last int }

// Run analyses a data set. Whatever the annotations are, there is a result: an
// error is ctx's, or that of a setting or of logits that do not fit.
func Run(ctx context.Context, d *dataset.Dataset, c Config) (*Result, error) {
	if err := cmp.Or(c.Validate(), c.joined(), c.outputs(len(d.Classes))); err != nil {
		return nil, err
	}
	r := &Result{Data: d, Config: c, Objective: c.objective(), K: c.Classes}
	var err error
	if r.Trainer, err = trainer.New(c.Preset); err != nil {
		return nil, err
	}
	if r.K == 0 {
		r.K = len(d.Classes)
	}
	r.Config.Results = append(slices.Clone(c.Results), make([]*dataset.Results, len(c.Scores)-len(c.Results))...)
	for _, l := range c.Losses() {
		r.bank = append(r.bank, l.Focal)
	}
	r.newAccounts()
	if err := r.prepareLogits(); err != nil {
		return nil, err
	}
	r.Uses = make([]loss.Uses, len(c.Scores))
	jobs := r.allocate()
	found := make([][]findings.Finding, len(jobs))
	var mu sync.Mutex
	var workers []*worker
	scratch := func() *worker {
		w := newWorker(r)
		mu.Lock()
		defer mu.Unlock()
		workers = append(workers, w)
		return w
	}
	err = par.DoInOrder(ctx, c.Workers, len(jobs), scratch, func(w *worker, i int) (*yield, error) {
		y, err := w.job(jobs[i])
		if c.Progress != nil {
			c.Progress(jobs[i].last - jobs[i].first)
		}
		return y, err
	}, func(i int, y *yield) {
		found[i] = y.found
		r.take(jobs[i].source, y)
	})
	if err != nil {
		return nil, err
	}
	r.sum(workers)
	if err := r.audit(ctx); err != nil {
		return nil, err
	}
	r.Metrics = r.metrics()
	r.find(found)
	return r, nil
}

// yield is what a job leaves behind beside its slots: what depends on the order
// in which it is added up.
type yield struct {
	found   []findings.Finding
	uses    []loss.Uses
	ledgers [][2]*ledger // by source of scores
}

// job analyses a run of images.
func (w *worker) job(j job) (*yield, error) {
	y := &yield{uses: make([]loss.Uses, len(w.r.Config.Scores)), ledgers: make([][2]*ledger, len(w.r.Config.Scores))}
	w.found, w.uses = nil, y.uses
	for k := j.first; k < j.last && w.failed == nil; k++ {
		w.image(j.source, k)
	}
	y.found = w.found
	for k, d := range w.scorers {
		if d != nil {
			d.flush()
			t := d.base()
			y.ledgers[k] = [2]*ledger{t.ledgers[0].take(), t.ledgers[1].take()}
		}
	}
	return y, w.failed
}

// take adds up what a job left behind.
func (r *Result) take(source int, y *yield) {
	for k := range y.uses {
		r.Uses[k].Merge(&y.uses[k])
		if a := r.Accounts[k]; a != nil {
			a.merge(source, y.ledgers[k])
		}
	}
}

// allocate makes the slots and cuts the images into jobs.
func (r *Result) allocate() []job {
	var jobs []job
	for s := range r.Data.Sources {
		src := &r.Data.Sources[s]
		r.Images = append(r.Images, make([]Image, len(src.Images)))
		r.Objects = append(r.Objects, make([]Object, len(src.Objects)))
		for i := 0; i < len(src.Images); i += chunk {
			jobs = append(jobs, job{s, i, min(i+chunk, len(src.Images))})
		}
		for i, o := range src.Objects {
			r.Objects[s][i].LeftOut.Reading = o.LeftOut
		}
	}
	return jobs
}
