package belief

import (
	"cmp"
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
	rows    *ledger.Rows    // of that source
	account *ledger.Account // that the image at hand is entered in
	sheets  [ledger.NumObjectives]*ledger.Sheet
	floors  []float64 // falling
	main    int       // index of the detector's own floor
	focal   int       // index of the run's focal loss
	source  int       // of the image at hand

	positives []loss.Sample
	negatives []loss.Sample

	loss, grad [ledger.MaxLosses]float64
}

func newTerms(p *Plan, index int, scene *trainer.Scene) terms {
	return terms{
		plan: p, setting: p.Setting, scene: scene, index: index, rows: p.rows[index],
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
}

// add adds a term. The anchors of an object without a class have no term that is theirs:
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
	difficulty := t.setting.Edges.Of(x.score.PT(target))
	t.setting.Bank.At(x.score, target, t.loss[:], t.grad[:])
	n := len(t.setting.Bank)
	sheet := t.sheets[x.objective]
	sheet.Level(x.level, set, difficulty, x.band).Add(1, t.loss[:n], t.grad[:n])
	if owner != nil {
		sheet.SizeClass(ledger.SizeOf(owner.Box), set, difficulty, x.band).Add(1, t.loss[:n], t.grad[:n])
	}
	if class >= 0 {
		sheet.Class(class, set, difficulty, x.band).Add(1, t.loss[:n], t.grad[:n])
	}
	if x.band > t.main {
		return
	}
	t.account.Histogram(x.objective, set).Add(x.score.Logit())
	out[x.objective].Add(set, difficulty == ledger.Easy, 1, t.loss[:n])
	if set == ledger.Positive && x.objective == t.setting.Objective {
		own := &t.rows.Objects[t.source][t.scene.Index[x.match.Object]]
		own.N++
		for i, v := range t.loss[:n] {
			own.Loss[i] += v
		}
	}
	if x.objective == ledger.Objectness {
		t.sample(x.score, target, difficulty == ledger.Easy)
	}
}

// sample keeps the anchor at hand for the what-ifs.
func (t *terms) sample(score loss.Score, target loss.Target, easy bool) {
	s := loss.Sample{
		N: 1, BCE: t.loss[0], AlphaBCE: t.loss[1], Focal: t.loss[t.focal],
		Norm: score.PT(1 - target), Easy: easy,
	}
	if target == loss.One {
		t.positives = append(t.positives, s)
	} else {
		t.negatives = append(t.negatives, s)
	}
}

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
		slices.SortFunc(of, func(a, b loss.Sample) int { return cmp.Compare(b.BCE, a.BCE) }) // equal ones are alike
		return of
	}
	t.positives, t.negatives = add(t.positives, m.Positives, loss.One), add(t.negatives, m.Negatives, loss.Zero)
	uses.Image(t.positives, t.negatives)
	t.positives, t.negatives = t.positives[:0], t.negatives[:0]
}
