package labels

import (
	"context"
	"math"
	"slices"
	"sync/atomic"

	"focalaudit/pkg/boost"
	"focalaudit/pkg/par"
)

// panel is models that learnt from different simulations, or are of different sizes: what they say is averaged.
type panel []member

// member is a model with what it counts.
type member struct {
	*boost.Model
	simulations float64 // that it learnt from
	weight      float64 // of all members' 1
}

// ratios are logarithms of how much more common evidence is under an error than under a right
// label, by kind.
type ratios [NumKinds]float64

// wrong asks the models about an object's evidence: the mean of what they say.
func (p panel) wrong(x []float64) (r ratios) {
	var q [NumKinds]float64
	for i := range p {
		p[i].Predict(x, q[:])
		r.add(&p[i], q[:])
	}
	return r
}

// add adds what a model says, by the probabilities that it gives.
func (r *ratios) add(m *member, q []float64) {
	sound := math.Log(q[right] / m.Prior(right))
	for k := Spurious; k < NumKinds; k++ {
		r[k] += float64(m.weight * (math.Log(q[k]/m.Prior(int(k))) - sound))
	}
}

// wrongs is wrong of rows of a table.
func (p panel) wrongs(t *boost.Table, rows []int32, yield func(row int32, r ratios)) {
	q := make([]float64, len(rows)*int(NumKinds))
	sums := make([]ratios, len(rows))
	for m := range p {
		p[m].Ask(t, rows, q)
		for i := range rows {
			sums[i].add(&p[m], q[i*int(NumKinds):(i+1)*int(NumKinds)])
		}
	}
	for i, row := range rows {
		yield(row, sums[i])
	}
}

// missing asks the models about a detection's evidence: the logarithm of how many such
// detections of missing objects there are for one of nothing, if there were as many missing
// objects as labels.
func (p panel) missing(x []float64) (r float64) {
	var q [2]float64
	for i := range p {
		p[i].Predict(x, q[:])
		r += p[i].gap(q[:])
	}
	return r
}

// gap is what a model says of a detection, by the probabilities that it gives.
func (m *member) gap(q []float64) float64 {
	return float64(m.weight * (math.Log(q[isMissed]/q[right]) - math.Log(float64(rate*m.simulations))))
}

// gaps is missing of rows of a table.
func (p panel) gaps(t *boost.Table, rows []int32, yield func(row int32, r float64)) {
	q, sums := make([]float64, 2*len(rows)), make([]float64, len(rows))
	for m := range p {
		p[m].Ask(t, rows, q)
		for i := range rows {
			sums[i] += p[m].gap(q[2*i : 2*i+2])
		}
	}
	for i, row := range rows {
		yield(row, sums[i])
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
	bags             = 3     // models that share the simulations of a repeat, and are averaged
	mostRepeats      = 4     // times that models are learnt of few labels
	repeated         = 6000  // labels from which on they are learnt once
	mostRights       = 4000  // rows of right labels that one of them learns from
	mostNothings     = 12000 // ...and of detections of nothing
	few              = 7000  // rows of detections up to which models of them are small
	many             = 20000 // ...and from which on they are large; between them both sizes are asked
	quickSimulations = 4     // that the quick pass learns from, in each repeat
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

	simulations   float64 // of one repeat
	objects, seen *rows   // of all simulations
}

// learn fits all models: a quick pass shows which labels are doubtful.
func (l *learner) learn(ctx context.Context) error {
	n, repeats := max(minRounds, min(maxRounds, enough/float64(rate*float64(l.total)))), l.repeats()
	l.simulations = n
	var err error
	if l.objects, l.seen, err = l.run(ctx, int(math.Ceil(float64(n*repeats))), l.workers); err != nil {
		return err
	}
	for k := Spurious; k < NumKinds; k++ {
		l.judge.known[k] = l.objects.count(uint8(k), n) >= least
	}
	l.judge.known[Missing] = l.seen.count(isMissed, n) >= least
	f := fitting{objects: boost.Bin(&l.objects.Rows), seen: boost.Bin(&l.seen.Rows)}
	f.labels, f.unmatched = f.objects.Like(&l.asTheyAre.Rows), f.seen.Like(&l.unmatched.Rows)
	first := min(n, quickSimulations)
	quick, all := l.plan(first, 1, quickPart, repeats), l.plan(n, bags, 1, repeats)
	l.all = folds * (len(quick) + len(all))
	f.simulations, f.plan = float64(first*repeats), quick
	a, err := l.fit(ctx, &f)
	if err != nil {
		return err
	}
	l.doubt(&f, a)
	f.simulations, f.plan = float64(n*repeats), all
	if a, err = l.fit(ctx, &f); err != nil {
		return err
	}
	l.judge.estimates = l.estimate(&f, a)
	for k, e := range l.judge.estimates {
		l.judge.prevalence[k] = e.Share
	}
	l.judge.calibrate(&f, a, l)
	l.hear(a)
	return nil
}

// planned is a model that is to be fitted for each fold.
type planned struct {
	detections  bool    // it is asked about detections, not objects
	repeat      int     // which of the times that models are learnt
	from, to    float64 // the simulations of its repeat
	bag, bags   int     // which of the parts of their errors it learns from
	simulations float64 // that this part amounts to
	rights      float64 // part of the rows of what is right that it learns from
	weight      float64 // of all that are averaged
	settings    boost.Settings
}

// repeats is how many times models are learnt, each time from simulations of their own. Where labels are few, scores
// follow the errors that happen to be simulated, and one label that is mended tips divisions of the trees by which the
// others are judged. More models average that out, and cost little there.
func (l *learner) repeats() float64 { return max(1, min(mostRepeats, repeated/float64(l.total))) }

// plan returns the models that learn from so many simulations a repeat, in bags, with one tree in so many. The last
// repeat counts as far as there is a part of one, and learns from the last simulations, most of which the one before
// has too; models of detections are of two sizes, weighed by the number of rows: so no model comes or goes at once
// when labels do. Models that are averaged draw the parts of their rounds by seeds of their own, since what all of them
// make of one draw would not average out. A seed follows from what the model is, not from how many there are.
func (l *learner) plan(simulations float64, bags, part int, repeats float64) (out []planned) {
	rows := l.seen.count(right, l.simulations) + l.seen.count(isMissed, l.simulations)
	large := max(0, min(1, math.Log(float64(rows)/few)/math.Log(float64(many)/few)))
	add := func(p planned, weight float64, s boost.Settings, seed int) {
		if p.weight *= weight; p.weight > 0 {
			p.settings = s
			p.settings.Seed = uint64(seed)
			p.settings.Trees /= part
			out = append(out, p)
		}
	}
	for k := range bags * int(math.Ceil(repeats)) {
		p := planned{repeat: k / bags, bag: k % bags, bags: bags, simulations: simulations / float64(bags)}
		p.from = float64(simulations * min(float64(p.repeat), repeats-1))
		p.to = p.from + simulations
		p.weight = min(1, repeats-float64(p.repeat)) / repeats / float64(bags)
		p.rights = min(1, float64(mostRights*part)/float64(l.asTheyAre.Len()))
		add(p, 1, ofObjects, k)
		p.detections = true
		p.rights = min(1, float64(mostNothings*part)/float64(l.unmatched.Len()))
		add(p, large, ofMany, 2*k)
		add(p, 1-large, ofFew, 2*k+1)
	}
	return out
}

// fitting is how models are fitted.
type fitting struct {
	objects, seen     *boost.Table // of the simulations
	labels, unmatched *boost.Table // as they are
	simulations       float64      // of all repeats
	plan              []planned
	weights           [2][]float64 // of the rows of objects and of detections, nil for 1 each
}

func (f *fitting) weight(of, row int) float64 {
	if f.weights[of] == nil {
		return 1
	}
	return f.weights[of][row]
}

// has tells whether a fit uses a row.
func (f *fitting) has(at *origin, kind uint8) bool { return kind == right || at.turn < f.simulations }

// has tells whether a model may learn from a row: its bags divide those of its repeat.
func (p *planned) has(at *origin, kind uint8) bool {
	return kind == right || p.from <= at.turn && at.turn < p.to
}

// rows returns the rows that a model learns from, without those of a fold, and what the rows of the table count. The
// errors are divided among the models by hashes; of what is right each draws its own part.
func (l *learner) rows(f *fitting, p *planned, fold int) (some []int32, weights []float64) {
	r, of := l.objects, 0
	if p.detections {
		r, of = l.seen, 1
	}
	salt := bagSalt + uint64(p.repeat)<<32
	weights = f.weights[of]
	if p.rights < 1 {
		weights = make([]float64, r.Len())
	}
	for i := range r.at {
		at, w := &r.at[i], f.weight(of, i)
		mine := int(float64(p.bags)*uniform(r.Key[i]^salt)) == p.bag
		if r.Kind[i] == right {
			mine = p.rights == 1 || uniform(r.Key[i]^(salt+uint64(p.bag))) < p.rights
		}
		if int(at.fold) == fold || !mine || !p.has(at, r.Kind[i]) || w < negligible {
			continue
		}
		some = append(some, int32(i))
		if p.rights < 1 {
			weights[i] = w
			if r.Kind[i] == right {
				weights[i] /= p.rights
			}
		}
	}
	return some, weights
}

// bagSalt keeps the parts of rows that models learn from apart from the draws of their rounds.
const bagSalt = 0x5851f42d4c957f2d

// answers are what the models say of rows that they have not seen.
type answers struct {
	objects, labels []ratios
	seen, unmatched []float64
}

// fit fits the models, each on all folds but one, and asks them about the fold that is left.
func (l *learner) fit(ctx context.Context, f *fitting) (*answers, error) {
	models := make([]*boost.Model, folds*len(f.plan))
	err := par.Do(ctx, l.workers, len(models), func(i int) error {
		p := &f.plan[i/folds]
		table, kinds := f.objects, int(NumKinds)
		if p.detections {
			table, kinds = f.seen, 2
		}
		rows, weights := l.rows(f, p, i%folds)
		models[i] = table.Fit(ctx, rows, weights, kinds, p.settings)
		if done := l.done.Add(1); l.progress != nil {
			l.progress(float64(done) / float64(l.all))
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, err
	}
	l.judge.objects, l.judge.missed = [folds]panel{}, [folds]panel{}
	for i, m := range models {
		p, to := &f.plan[i/folds], &l.judge.objects[i%folds]
		if p.detections {
			to = &l.judge.missed[i%folds]
		}
		*to = append(*to, member{m, p.simulations, p.weight})
	}
	return l.ask(ctx, f)
}

// ask asks the models about all rows of their fit, and about labels and detections as they are.
func (l *learner) ask(ctx context.Context, f *fitting) (*answers, error) {
	a := &answers{make([]ratios, l.objects.Len()), make([]ratios, l.asTheyAre.Len()),
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
			if f.has(&at, r.Kind[i]) {
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
	add(l.asTheyAre, objects(f.labels, a.labels))
	add(l.seen, detections(f.seen, a.seen))
	add(l.unmatched, detections(f.unmatched, a.unmatched))
	err := par.Do(ctx, l.workers, len(jobs), func(i int) error {
		jobs[i].ask(jobs[i].fold, jobs[i].rows)
		return ctx.Err()
	})
	return a, err
}
