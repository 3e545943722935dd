package labels

import (
	"context"
	"math"
	"slices"
	"sync/atomic"

	"focalaudit/pkg/boost"
	"focalaudit/pkg/par"
)

// panel is models that learnt from different simulations.
type panel struct {
	models      []*boost.Model
	simulations float64 // that one of them learnt from
}

// ratios are logarithms of how much more common evidence is under an error than under a right
// label, by kind.
type ratios [NumKinds]float64

// wrong asks the models about an object's evidence: the mean of what they say.
func (p *panel) wrong(x []float64) (r ratios) {
	var q [NumKinds]float64
	for _, m := range p.models {
		m.Predict(x, q[:])
		r.add(m, q[:])
	}
	return r.mean(len(p.models))
}

// add adds what a model says, by the probabilities that it gives.
func (r *ratios) add(m *boost.Model, q []float64) {
	for k := Spurious; k < NumKinds; k++ {
		r[k] += math.Log(q[k]/m.Prior(int(k))) - math.Log(q[right]/m.Prior(right))
	}
}

func (r ratios) mean(n int) ratios {
	for k := range r {
		r[k] /= float64(n)
	}
	return r
}

// wrongs is wrong of rows of a table.
func (p *panel) wrongs(t *boost.Table, rows []int32, yield func(row int32, r ratios)) {
	q := make([]float64, len(rows)*int(NumKinds))
	sums := make([]ratios, len(rows))
	for _, m := range p.models {
		m.Ask(t, rows, q)
		for i := range rows {
			sums[i].add(m, q[i*int(NumKinds):(i+1)*int(NumKinds)])
		}
	}
	for i, row := range rows {
		yield(row, sums[i].mean(len(p.models)))
	}
}

// missing asks the models about a detection's evidence: the logarithm of how many such
// detections of missing objects there are for one of nothing, if there were as many missing
// objects as labels.
func (p *panel) missing(x []float64) (r float64) {
	var q [2]float64
	for _, m := range p.models {
		m.Predict(x, q[:])
		r += p.gap(q[:])
	}
	return r / float64(len(p.models))
}

// gap is what a model says of a detection, by the probabilities that it gives.
func (p *panel) gap(q []float64) float64 {
	return math.Log(q[isMissed]/q[right]) - math.Log(float64(rate*p.simulations))
}

// gaps is missing of rows of a table.
func (p *panel) gaps(t *boost.Table, rows []int32, yield func(row int32, r float64)) {
	q, sums := make([]float64, 2*len(rows)), make([]float64, len(rows))
	for _, m := range p.models {
		m.Ask(t, rows, q)
		for i := range rows {
			sums[i] += p.gap(q[2*i : 2*i+2])
		}
	}
	for i, row := range rows {
		yield(row, sums[i]/float64(len(p.models)))
	}
}

// The models by which errors are told from right labels; docs/label-errors.md has what chose
// their sizes.
var (
	ofObjects = boost.Settings{Trees: 80, Leaves: 4, Rate: 0.1, Lambda: 1, Least: 20, OneOf: 4}
	ofFew     = boost.Settings{Trees: 40, Leaves: 3, Rate: 0.1, Lambda: 1, Least: 10, OneOf: 2}
	ofMany    = boost.Settings{Trees: 60, Leaves: 6, Rate: 0.1, Lambda: 1, Least: 10, OneOf: 2}
)

const (
	few              = 10000 // rows of detections up to which models of them are small
	quickSimulations = 4     // that the quick pass learns from
	quickPart        = 4     // ...with one tree in so many
	negligible       = 0.01  // weight below which a row is left out
)

// learner fits the models of a judge.
type learner struct {
	*simulation
	judge    *Judge
	workers  int
	progress func(share float64) // nil if nobody asks
	done     atomic.Int64        // models fitted
	all      int

	objects, seen     *rows // of the simulations
	labels, unmatched *rows // as they are
}

// learn fits all models: a quick pass shows which labels are doubtful.
func (l *learner) learn(ctx context.Context) error {
	n := max(minRounds, min(maxRounds, int(enough/(rate*float64(l.total)))))
	var err error
	if l.objects, l.seen, err = l.run(ctx, n, l.workers); err != nil {
		return err
	}
	l.labels, l.unmatched = l.asTheyAre()
	l.all = 2 * folds * (1 + bagsOf(n))
	for k := Spurious; k < NumKinds; k++ {
		l.judge.known[k] = count(l.objects.Kind, uint8(k)) >= least
	}
	l.judge.known[Missing] = count(l.seen.Kind, isMissed) >= least
	size := ofFew
	if l.seen.Len() > few {
		size = ofMany
	}
	f := fitting{objects: boost.Bin(&l.objects.Rows), seen: boost.Bin(&l.seen.Rows),
		simulations: min(n, quickSimulations), bags: 1, ofObjects: ofObjects, ofSeen: size}
	f.labels, f.unmatched = f.objects.Like(&l.labels.Rows), f.seen.Like(&l.unmatched.Rows)
	f.ofObjects.Trees /= quickPart
	f.ofSeen.Trees /= quickPart
	a, err := l.fit(ctx, &f)
	if err != nil {
		return err
	}
	l.doubt(&f, a)
	f.simulations, f.bags, f.ofObjects, f.ofSeen = n, bagsOf(n), ofObjects, size
	if a, err = l.fit(ctx, &f); err != nil {
		return err
	}
	l.judge.estimates = l.estimate(&f, a)
	for k, e := range l.judge.estimates {
		l.judge.prevalence[k] = e.Share
	}
	l.judge.calibrate(&f, a, l)
	return nil
}

// bagsOf is how many models share the simulations.
func bagsOf(simulations int) int { return (simulations + perModel - 1) / perModel }

// fitting is how models are fitted.
type fitting struct {
	objects, seen     *boost.Table // of the simulations
	labels, unmatched *boost.Table // as they are
	ofObjects, ofSeen boost.Settings
	simulations, bags int
	weights           [2][]float64 // of the rows of objects and of detections, nil for 1 each
}

func (f *fitting) weight(of, row int) float64 {
	if f.weights[of] == nil {
		return 1
	}
	return f.weights[of][row]
}

// uses tells whether a model of a fit learns from a row; what is right is in all bags.
func (f *fitting) uses(of int, r *rows, i, bag int) bool {
	at := &r.at[i]
	mine := r.Kind[i] == right || int(at.round)%f.bags == bag
	return int(at.round) < f.simulations && mine && f.weight(of, i) >= negligible
}

// answers are what the models say of rows that they have not seen.
type answers struct {
	objects, labels []ratios
	seen, unmatched []float64
}

// fit fits the models, each on all folds but one, and asks them about the fold that is left.
func (l *learner) fit(ctx context.Context, f *fitting) (*answers, error) {
	j := l.judge
	for g := range folds {
		j.objects[g] = panel{make([]*boost.Model, f.bags), float64(f.simulations) / float64(f.bags)}
		j.missed[g] = panel{make([]*boost.Model, f.bags), float64(f.simulations) / float64(f.bags)}
	}
	err := par.Do(ctx, l.workers, 2*folds*f.bags, func(i int) error {
		of, g, bag := i%2, i/2%folds, i/2/folds
		rows, table, settings, kinds := l.objects, f.objects, f.ofObjects, int(NumKinds)
		if of == 1 {
			rows, table, settings, kinds = l.seen, f.seen, f.ofSeen, 2
		}
		var some []int32
		for k := range rows.Len() {
			if int(rows.at[k].fold) != g && f.uses(of, rows, k, bag) {
				some = append(some, int32(k))
			}
		}
		m := table.Fit(ctx, some, f.weights[of], kinds, settings)
		if of == 0 {
			j.objects[g].models[bag] = m
		} else {
			j.missed[g].models[bag] = m
		}
		if done := l.done.Add(1); l.progress != nil {
			l.progress(float64(done) / float64(l.all))
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, err
	}
	return l.ask(ctx, f)
}

// ask asks the models about all rows of their fit, and about labels and detections as they are.
func (l *learner) ask(ctx context.Context, f *fitting) (*answers, error) {
	a := &answers{make([]ratios, l.objects.Len()), make([]ratios, l.labels.Len()),
		make([]float64, l.seen.Len()), make([]float64, l.unmatched.Len())}
	type job struct {
		rows []int32 // of one fold
		ask  func(fold int, rows []int32)
		fold int
	}
	var jobs []job
	add := func(r *rows, ask func(fold int, rows []int32)) {
		const chunk = 1024
		var of [folds][]int32
		for i, at := range r.at {
			if int(at.round) < f.simulations {
				of[at.fold] = append(of[at.fold], int32(i))
			}
		}
		for g, rows := range of {
			for some := range slices.Chunk(rows, chunk) {
				jobs = append(jobs, job{some, ask, g})
			}
		}
	}
	objects := func(t *boost.Table, to []ratios) func(int, []int32) {
		return func(g int, rows []int32) {
			l.judge.objects[g].wrongs(t, rows, func(row int32, r ratios) { to[row] = r })
		}
	}
	detections := func(t *boost.Table, to []float64) func(int, []int32) {
		return func(g int, rows []int32) {
			l.judge.missed[g].gaps(t, rows, func(row int32, r float64) { to[row] = r })
		}
	}
	add(l.objects, objects(f.objects, a.objects))
	add(l.labels, objects(f.labels, a.labels))
	add(l.seen, detections(f.seen, a.seen))
	add(l.unmatched, detections(f.unmatched, a.unmatched))
	err := par.Do(ctx, l.workers, len(jobs), func(i int) error {
		jobs[i].ask(jobs[i].fold, jobs[i].rows)
		return ctx.Err()
	})
	return a, err
}

func count(kinds []uint8, kind uint8) (n int) {
	for _, k := range kinds {
		if k == kind {
			n++
		}
	}
	return n
}
