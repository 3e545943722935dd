// Package analysis runs the whole audit of a data set: Run under one preset, Compare under
// several (trainers.go).
//
// The steps of Run, in order:
//
//  1. Package pass does the images, on all cores. A job is a run of images; what becomes
//     of each image and object is written to a slot of its own.
//  2. Everything that is summed over images is one value, a ledger.Book. Each worker has
//     one, and they add up to the same in any order.
//  3. Package audit asks the first detector about the labels.
//  4. Each source is digested: what all its records tell, whatever the other sources are (digest.go). Package
//     distribution counts what they look like.
//  5. Headline metrics (metrics.go) and exposures (exposure.go) are read off the book.
//  6. Findings that need the whole data set follow (outlier.go), and all findings are
//     ranked (findings.go).
//  7. Where many objects have no anchor of their own, other anchors are tried (trial.go).
package analysis

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"

	"focalaudit/pkg/audit"
	"focalaudit/pkg/belief"
	"focalaudit/pkg/convention/results"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/distribution"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/loss"
	"focalaudit/pkg/par"
	"focalaudit/pkg/pass"
	"focalaudit/pkg/scores"
	"focalaudit/pkg/trainer"
)

// Result is what a run found out. Its slices by source run parallel to those
// of Data.
type Result struct {
	Config Config

	*pass.Pass   // the data, the trainer, and what became of each image and object
	*ledger.Book // what is summed over images

	Metrics       []Metrics          // by source of scores
	Verdicts      []*results.Verdict // by source of scores: whether detections belong to the data, nil if it has none
	Audit         *audit.Audit       // of the labels, nil if there is no detector
	Weak          *Weak              // objects without proper anchors, and what would change it
	Distribution  *distribution.Distribution
	Findings      []findings.Finding
	ClassFindings []int64 // by class

	Digests []Digest // what each source tells by itself
	// What of the digests of parts is kept for all their sources together (fold).
	folded Digested
	unfits map[unfitKey]*Unfit

	parts    *Parts         // nil where everything was counted now
	unlisted map[string]int // findings about images, by code, that are counted and not listed
}

// Headline returns the source of scores that headline figures are about: the detector that was
// asked about the labels, else the first one whose scores fit the data and have the run's
// objective, else the prior.
func (r *Result) Headline() int {
	if r.Audit != nil && r.Accounts[r.Audit.Scores].Has(r.Setting.Objective) {
		return r.Audit.Scores
	}
	for i, a := range r.Accounts {
		foreign := r.Verdicts[i] != nil && r.Verdicts[i].Foreign()
		if a != nil && a.Has(r.Setting.Objective) && !foreign && !r.Config.Scores[i].Geometry {
			return i
		}
	}
	return 0
}

// Bounds reports whether positives are an upper bound: the trainer chooses them by its predictions,
// and the run has none.
func (r *Result) Bounds() bool {
	return r.Config.Preset.Matcher.Thresholds().Bounds && !r.Plan.Chooses()
}

// Moment returns, where the trainer chooses positives by predictions, the cross entropy of all classification
// terms at that moment, and the sum of their soft targets.
func (r *Result) Moment() (bce, targets float64) {
	i := r.Plan.Chooser()
	return r.Views(i)[0].Total(ledger.PerClass, r.Setting.Index(loss.BCE)), r.Accounts[i].Targets()
}

// Approximates says which loss of the trainer's the losses under a source of scores approximate; "" if they are
// the trainer's own.
func (r *Result) Approximates(source int) string {
	if r.Plan.ChosenBy(source) {
		return ""
	}
	return r.Config.Preset.Loss.Approximates()
}

// Counts returns the number of findings by code, those that are not listed included.
func (r *Result) Counts() map[string]int {
	counts := r.Unlisted()
	for i := range r.Findings {
		counts[r.Findings[i].Code]++
	}
	return counts
}

// Unlisted returns how many findings of each code are counted, but not listed: flaws
// beyond the first 100,000 of a code in a file, and what an image has too many of.
func (r *Result) Unlisted() map[string]int {
	more := map[string]int{}
	maps.Copy(more, r.unlisted)
	for s := range r.Data.Sources {
		for code, n := range r.Data.Sources[s].Unlisted {
			more[code] += n
		}
	}
	return more
}

// Kind is how many findings of a code have one severity.
type Kind struct {
	Code     string
	Severity findings.Severity
	N        int
	First    int // the rank of the first of them, from 0

	Follows string // the code that says of which convention the boxes are, if these findings come from that
}

// Kinds returns the findings by code and severity, in the order of their ranks. Those of
// a code that are counted and not listed have the severity of the first listed one.
func (r *Result) Kinds() []Kind { return r.kinds(func(*findings.Finding) bool { return true }) }

// OpenKinds is Kinds without the findings that were reviewed and kept. Kinds that follow from boxes of another
// convention come last.
func (r *Result) OpenKinds() []Kind {
	return r.follow(r.kinds(func(f *findings.Finding) bool { return !f.Reviewed }))
}

func (r *Result) kinds(counts func(*findings.Finding) bool) []Kind {
	type key struct {
		code     string
		severity findings.Severity
	}
	var out []Kind
	at, first := map[key]int{}, map[string]int{}
	for i := range r.Findings {
		f := &r.Findings[i]
		if !counts(f) {
			continue
		}
		k := key{f.Code, f.Severity()}
		n, known := at[k]
		if !known {
			n = len(out)
			at[k] = n
			out = append(out, Kind{Code: f.Code, Severity: k.severity, First: i})
			if _, had := first[f.Code]; !had {
				first[f.Code] = n
			}
		}
		out[n].N++
	}
	for code, n := range r.Unlisted() {
		if at, listed := first[code]; listed {
			out[at].N += n
		}
	}
	return out
}

// Run analyses a data set. Whatever the annotations are, there is a result: an
// error is ctx's, or that of a setting or of logits that do not fit.
func Run(ctx context.Context, d *dataset.Dataset, c Config) (*Result, error) {
	return Merge(ctx, d, c, nil)
}

// run is Merge without trials of other anchors.
func run(ctx context.Context, d *dataset.Dataset, c Config, parts *Parts) (*Result, error) {
	r, err := prepare(d, c, parts)
	if err != nil {
		return nil, err
	}
	found, err := r.pass(ctx, parts)
	if err != nil {
		return nil, err
	}
	if r.Plan.Auditor >= 0 {
		if r.Audit, err = audit.Run(ctx, r.Pass, r.Book, c.Learnt, c.Workers, c.Auditing); err != nil {
			return nil, err
		}
	}
	if err := r.digest(ctx, parts.has(len(d.Sources)), false); err != nil {
		return nil, err
	}
	r.Distribution = r.look()
	r.Metrics = r.metrics()
	r.find(found)
	r.review()
	return r, nil
}

// Learn learns the model of label errors that a run over the data set would judge its labels by, for Config.Learnt of
// other runs. The configuration must have a detector; there is no model if its detections do not fit the data.
func Learn(ctx context.Context, d *dataset.Dataset, c Config) (*audit.Learnt, error) {
	r, err := prepare(d, c, nil)
	if err != nil || r.Plan.Auditor < 0 {
		return nil, err
	}
	r.Pass.Silent = true
	if _, err := r.pass(ctx, nil); err != nil {
		return nil, err
	}
	return audit.Learn(ctx, r.Pass, c.Workers, c.Auditing)
}

// count is run without findings, without a look at the data themselves, and without an audit:
// what becomes of images, objects and anchors.
func count(ctx context.Context, d *dataset.Dataset, c Config) (*Result, error) {
	r, err := prepare(d, c, nil)
	if err != nil {
		return nil, err
	}
	r.Pass.Silent = true
	if _, err := r.pass(ctx, nil); err != nil {
		return nil, err
	}
	r.Digests = make([]Digest, len(d.Sources))
	err = par.Do(ctx, c.Workers, len(d.Sources), func(s int) error {
		r.Digests[s].Digested = r.digested(s)
		return nil
	})
	r.Metrics = r.metrics()
	return r, err
}

// look gathers what the sources look like.
func (r *Result) look() *distribution.Distribution {
	d := &distribution.Distribution{Classes: len(r.Data.Classes), Details: r.parts.detail(r.Data)}
	for s := range r.Digests {
		d.Sources = append(d.Sources, *r.Digests[s].Look)
	}
	return d
}

// pass does all images but those of the parts, adds all up, and returns what was found, by source.
func (r *Result) pass(ctx context.Context, parts *Parts) ([][]findings.Finding, error) {
	jobs := jobsOf(r.Data, parts.has(len(r.Data.Sources)))
	found := make([][]findings.Finding, len(r.Data.Sources))
	if err := r.do(ctx, jobs, found); err != nil {
		return nil, err
	}
	if err := r.add(parts, found); err != nil {
		return nil, err
	}
	r.SumLevels()
	return found, nil
}

// prepare makes ready what the workers share: a result with an empty book, and slots for the sources
// that no part has.
func prepare(d *dataset.Dataset, c Config, parts *Parts) (*Result, error) {
	if err := cmp.Or(c.Validate(), c.joined(), c.outputs(d)); err != nil {
		return nil, err
	}
	t, err := trainer.New(c.Preset)
	if err != nil {
		return nil, err
	}
	c.Results = append(slices.Clone(c.Results), make([]*dataset.Results, len(c.Scores)-len(c.Results))...)
	k := c.Classes
	if k == 0 {
		k = outputs(d, t, c.Scores)
	}
	set := ledger.NewSetting(c.Scores, c.Focal, c.Gammas, c.Edges, c.objective(), k)
	verdicts := make([]*results.Verdict, len(c.Scores))
	for i, of := range c.Results {
		if of != nil {
			v := results.Judge(d, of)
			verdicts[i] = &v
		}
	}
	p := &pass.Pass{
		Data: d, Trainer: t, SkipEmpty: c.SkipEmpty,
		Plan: &belief.Plan{Data: d, Trainer: t, Setting: set, Results: c.Results, Auditor: c.auditor(verdicts)},
	}
	book := ledger.NewBook(set, namesOf(d, t), t.Shapes())
	r := &Result{parts: parts, Config: c, Pass: p, Verdicts: verdicts, Book: book}
	if err := belief.Prepare(p.Plan, r.Book); err != nil {
		return nil, err
	}
	if parts != nil {
		p.Slots = parts.Slots
	}
	p.Allocate(parts.has(len(d.Sources)))
	return r, nil
}

// outputs returns how many outputs the model has: one for each class if the first logits
// say so, else as many as the trainer gives these classes.
func outputs(d *dataset.Dataset, t *trainer.Trainer, from []scores.Source) int {
	for i := range from {
		if from[i].Logits != nil {
			if k := belief.Outputs(from[i].Logits, d); k == len(d.Classes) {
				return k
			}
		}
	}
	return t.Outputs(d).K
}

// namesOf returns what the parts of a data set are called.
func namesOf(d *dataset.Dataset, t *trainer.Trainer) (n ledger.Names) {
	for s := range d.Sources {
		n.Sources = append(n.Sources, d.Sources[s].Name)
	}
	for i := range d.Classes {
		n.Classes = append(n.Classes, d.Classes[i].Name)
	}
	for i := range t.Preset.Anchors.Levels {
		n.Levels = append(n.Levels, t.LevelName(i))
	}
	return n
}

// chunk is how many images one job takes: enough to make handing out jobs
// cheap, few enough that the last jobs end together.
const chunk = 64

// job is a run of images of one source, from first up to before last.
type job struct{ source, first, last int }

// jobsOf cuts the images of the sources that were not counted yet into jobs. The annotations without an image of a
// source belong to the job that has its last image.
func jobsOf(d *dataset.Dataset, counted []bool) (jobs []job) {
	for s := range d.Sources {
		if counted[s] {
			continue
		}
		n, _ := d.Count(s)
		for i := 0; i == 0 || i < n; i += chunk {
			jobs = append(jobs, job{s, i, min(i+chunk, n)})
		}
	}
	return jobs
}

// do has jobs done, and adds them to the book and to the findings, which are by source.
func (r *Result) do(ctx context.Context, jobs []job, found [][]findings.Finding) error {
	var mu sync.Mutex
	var workers []*pass.Worker
	scratch := func() *pass.Worker {
		w := r.NewWorker(r.Book)
		mu.Lock()
		defer mu.Unlock()
		workers = append(workers, w)
		return w
	}
	work := func(w *pass.Worker, i int) ([]findings.Finding, error) {
		w.Found = nil
		j := jobs[i]
		for k := j.first; k < j.last; k++ {
			if err := w.Image(j.source, k); err != nil {
				return nil, err
			}
		}
		if j.last == len(r.Data.Source(j.source).Images) {
			w.Strays(j.source)
		}
		if r.Config.Progress != nil {
			r.Config.Progress(j.last - j.first)
		}
		return w.Found, nil
	}
	err := par.DoInOrder(ctx, r.Config.Workers, len(jobs), scratch, work,
		func(i int, f []findings.Finding) { found[jobs[i].source] = append(found[jobs[i].source], f...) })
	if err != nil {
		return err
	}
	r.unlisted = map[string]int{}
	for i, w := range workers {
		r.Book.Add(w.Book)
		workers[i] = nil // a book is large
		for code, n := range w.Unlisted {
			r.unlisted[code] += n
		}
	}
	return nil
}
