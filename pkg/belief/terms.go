package belief

import (
	"cmp"
	"math"
	"slices"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/loss"
	"focalaudit/pkg/trainer"
)

// terms gathers the terms of a detector in the image at hand.
type terms struct {
	plan    *Plan
	setting *ledger.Setting
	scene   *trainer.Scene
	index   int             // of its source of scores
	sums    *ledger.Rows    // of that source, by image and object
	account *ledger.Account // that the image at hand is entered in
	sheets  [ledger.NumObjectives]*ledger.Sheet
	floors  []float64 // falling
	main    int       // index of the detector's own floor
	focal   int       // index of the run's focal loss
	source  int       // of the image at hand
	binned  *binned   // the negative anchors of the image at hand; nil where terms are not binned

	keys      []uint64      // scratch
	unsorted  []loss.Sample // scratch of fall
	positives []loss.Sample
	negatives []loss.Sample

	loss, grad [ledger.MaxLosses]float64
}

func newTerms(p *Plan, index int, scene *trainer.Scene) terms {
	return terms{
		plan: p, setting: p.Setting, scene: scene, index: index, sums: p.rows[index],
		focal: p.Setting.Index(p.Setting.Focal),
	}
}

// begin makes t ready for an image of a source that is to be entered in a book.
func (t *terms) begin(source int, into *ledger.Book) {
	a := into.Accounts[t.index]
	if t.account != a {
		t.account, t.floors, t.main = a, a.Floors, a.Main
		for o := range t.sheets {
			t.sheets[o] = a.NewSheet()
		}
	}
	t.source = source
}

// end enters the image in the book.
func (t *terms) end(into *ledger.Book) {
	for o := range t.sheets {
		t.account.Enter(ledger.Objective(o), t.source, t.sheets[o])
	}
	var uses loss.Uses
	t.use(&uses)
	into.Use(t.index, &uses)
}

// owner returns the object of a positive anchor.
func (t *terms) owner(m *iou.Match) *dataset.Object {
	return &t.plan.Data.Source(t.source).Objects[t.scene.Index[m.Object]]
}

// term is a term of an anchor that is positive or negative.
type term struct {
	objective ledger.Objective
	class     int32 // under classes: of the output, -1 for an output that is none's
	level     int
	match     *iou.Match
	score     loss.Score
	band      int
	n         int64 // anchors that have it
}

// add adds terms. The anchors of an object without a class have no term that is theirs:
// under classes they stay at the floor.
func (t *terms) add(out *[ledger.NumObjectives]ledger.ImageSums, x term) {
	set, owner, class := ledger.Negative, (*dataset.Object)(nil), x.class
	if x.match.Label == iou.Positive {
		owner = t.owner(x.match)
		if x.objective == ledger.PerClass && owner.Class < 0 {
			return
		}
		set = ledger.OtherClass
		if x.objective == ledger.Objectness || owner.Class == class {
			set = ledger.Positive
		}
	}
	if x.objective == ledger.Objectness {
		class = -1
		if owner != nil {
			class = owner.Class
		}
	}
	target := set.Target()
	if set == ledger.Positive {
		if want, soft := t.scene.Found.Target(x.match.Anchor); soft {
			t.addSoft(out, &x, owner, class, float64(want))
			return
		}
	}
	difficulty := t.setting.Edges.Of(x.score.PT(target))
	t.setting.Bank.At(x.score, target, t.loss[:], t.grad[:])
	n := len(t.setting.Bank)
	if x.n != 1 {
		for i := range n {
			t.loss[i] *= float64(x.n)
			t.grad[i] *= float64(x.n)
		}
	}
	sheet := t.sheets[x.objective]
	sheet.Level(x.level, set, difficulty, x.band).Add(x.n, t.loss[:n], t.grad[:n])
	if owner != nil {
		sheet.SizeClass(ledger.SizeOf(owner.Box), set, difficulty, x.band).Add(x.n, t.loss[:n], t.grad[:n])
	}
	if class >= 0 {
		sheet.Class(class, set, difficulty, x.band).Add(x.n, t.loss[:n], t.grad[:n])
	}
	if x.band > t.main {
		return
	}
	t.account.Histogram(x.objective, set).AddN(x.score.Logit(), x.n)
	t.lifted(out, &x, set, difficulty)
}

// addSoft is add for the own term of a positive anchor whose target is soft. It is as hard as its score is far
// from its target.
func (t *terms) addSoft(
	out *[ledger.NumObjectives]ledger.ImageSums, x *term, owner *dataset.Object, class int32, target float64,
) {
	t.setting.Bank.Soft(x.score, target, t.loss[:], t.grad[:])
	off := math.Abs(x.score.P - target)
	difficulty := t.setting.Edges.Of(1 - off)
	n := len(t.setting.Bank)
	sheet := t.sheets[x.objective]
	sheet.Level(x.level, ledger.Positive, difficulty, x.band).Add(1, t.loss[:n], t.grad[:n])
	sheet.SizeClass(ledger.SizeOf(owner.Box), ledger.Positive, difficulty, x.band).Add(1, t.loss[:n], t.grad[:n])
	if class >= 0 {
		sheet.Class(class, ledger.Positive, difficulty, x.band).Add(1, t.loss[:n], t.grad[:n])
	}
	t.account.Soft(x.objective, x.score.Logit(), target)
	sums := &out[x.objective]
	sums.Soft, sums.Targets = true, sums.Targets+target
	t.costs(out, x, ledger.Positive, difficulty)
	if x.objective == ledger.Objectness {
		t.positives = append(t.positives, loss.Sample{
			N: 1, BCE: t.loss[0], AlphaBCE: t.loss[1], Focal: t.loss[t.focal], Norm: off, Easy: difficulty == ledger.Easy,
		})
	}
}

// lifted adds a term that the detector lifts above its floor, whose loss is known, to
// what its image and its object cost.
func (t *terms) lifted(
	out *[ledger.NumObjectives]ledger.ImageSums, x *term, set ledger.Set, difficulty ledger.Difficulty,
) {
	t.costs(out, x, set, difficulty)
	if x.objective == ledger.Objectness {
		t.sample(x.score, set.Target(), difficulty == ledger.Easy, x.n)
	}
}

// costs adds a term whose loss is known to what its image and its object cost.
func (t *terms) costs(
	out *[ledger.NumObjectives]ledger.ImageSums, x *term, set ledger.Set, difficulty ledger.Difficulty,
) {
	n := len(t.setting.Bank)
	out[x.objective].Add(set, difficulty == ledger.Easy, x.n, t.loss[:n])
	if set == ledger.Positive && x.objective == t.setting.Objective {
		own := &t.sums.Objects[t.source][t.scene.Index[x.match.Object]]
		own.N += x.n
		for i, v := range t.loss[:n] {
			own.Loss[i] += v
		}
	}
}

// sample keeps the anchors at hand for the what-ifs.
func (t *terms) sample(score loss.Score, target loss.Target, easy bool, n int64) {
	each := 1 / float64(n)
	s := loss.Sample{
		N: float64(n), BCE: t.loss[0] * each, AlphaBCE: t.loss[1] * each, Focal: t.loss[t.focal] * each,
		Norm: score.PT(1 - target), Easy: easy,
	}
	if target == loss.One {
		t.positives = append(t.positives, s)
	} else {
		t.negatives = append(t.negatives, s)
	}
}

// ohem are how many anchors the schemes take that choose among all of an image.
var ohem = []float64{128, 256, 512}

// use adds the image at hand to the what-ifs: the anchors that were sampled, and the
// others at the floor.
func (t *terms) use(uses *loss.Uses) {
	m := t.scene.Found
	floor := loss.LogitOf(t.floors[t.main])
	add := func(of []loss.Sample, n int, target loss.Target) []loss.Sample {
		rest := int64(n)
		for i := range of {
			rest -= int64(of[i].N)
		}
		easy := t.setting.Edges.Of(loss.PT(floor, target)) == ledger.Easy
		of = append(of, loss.SampleOf(rest, floor, target, t.setting.Focal, easy))
		t.fall(of)
		return of
	}
	t.positives = add(t.positives, m.Positives, loss.One)
	if t.binned != nil {
		t.negatives = t.binned.samples(t.negatives, t.positives, ohem, 3*float64(m.Positives), t.focal, t.setting.Focal)
	}
	t.negatives = add(t.negatives, m.Negatives, loss.Zero)
	uses.Image(t.positives, t.negatives)
	t.positives, t.negatives = t.positives[:0], t.negatives[:0]
	if t.binned != nil {
		t.binned.reset()
	}
}

// fall sorts samples by falling cross entropy.
func (t *terms) fall(of []loss.Sample) {
	sorted := true
	for i := range of[1:] {
		sorted = sorted && of[i].BCE >= of[i+1].BCE
	}
	const low = 1<<16 - 1
	switch {
	case sorted:
		return
	case len(of) > low:
		slices.SortStableFunc(of, func(a, b loss.Sample) int { return cmp.Compare(b.BCE, a.BCE) })
		return
	}
	t.keys, t.unsorted = t.keys[:0], append(t.unsorted[:0], of...)
	for i := range of { // numbers that are not negative have the order of their bits
		t.keys = append(t.keys, ^math.Float64bits(of[i].BCE)&^low|uint64(i))
	}
	slices.Sort(t.keys)
	for i, k := range t.keys {
		s := t.unsorted[k&low]
		at := i
		for ; at > 0 && of[at-1].BCE < s.BCE; at-- { // those that the keys' lower bits would tell apart
			of[at] = of[at-1]
		}
		of[at] = s
	}
}
