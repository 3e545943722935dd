package analysis

import (
	"cmp"
	"slices"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/loss"
)

// scorer scores the anchors of images by one detector: a worker's own.
type scorer interface {
	// image scores the anchors of the image that the worker has matched.
	image(source, i int, uses *loss.Uses) error
	// flush moves what is left of the job's terms to the ledgers.
	flush()
	base() *terms
}

// terms gathers the terms of a detector.
type terms struct {
	w         *worker
	index     int       // of its source of scores
	floors    []float64 // falling
	main      int       // index of the detector's own floor
	focal     int       // index of the run's focal loss
	ledgers   [2]*ledger
	spread    [2][len(sets)]loss.Histogram
	positives []loss.Sample // of the image at hand
	negatives []loss.Sample
	agreement agreement
	missing   int64 // images without scores
	plain     bool  // some image has scores of objectness only
	placed    int64 // detections on images in use
	outside   int64 // those of which nothing is within the image

	loss, grad [maxLosses]float64
}

func (w *worker) newTerms(index int) *terms {
	r := w.r
	a := r.Accounts[index]
	t := &terms{w: w, index: index, floors: a.Floors, main: a.Main, focal: slices.Index(r.bank, r.Config.Focal)}
	for o := range t.ledgers {
		t.ledgers[o] = newLedger(a.layout, len(r.Data.Classes))
	}
	return t
}

func (t *terms) base() *terms { return t }

func (t *terms) flush() {}

// owner returns the object of a positive anchor.
func (t *terms) owner(m *iou.Match) *dataset.Object {
	return &t.w.r.Data.Sources[t.w.source].Objects[t.w.scene.Index[m.Object]]
}

// add adds a term of an anchor that is positive or negative: of the output for
// a class, -1 for an output that is none's, or under objectness. The anchors of an
// object without a class have no term that is theirs: under classes they stay at
// the floor.
func (t *terms) add(out *imageSums, objective int, class int32, level uint8, m *iou.Match, score loss.Score, band int) {
	set, target, owner := 2, loss.Zero, (*dataset.Object)(nil)
	if m.Label == iou.Positive {
		owner = t.owner(m)
		if objective == 1 && owner.Class < 0 {
			return
		}
		set, target = 1, loss.Zero
		if objective == 0 || owner.Class == class {
			set, target = 0, loss.One
		}
	}
	if objective == 0 {
		class = -1
		if owner != nil {
			class = owner.Class
		}
	}
	difficulty := t.w.r.Config.Edges.Of(score.PT(target)).index()
	easy := difficulties[difficulty] == Easy
	t.w.r.bank.At(score, target, t.loss[:], t.grad[:])
	l := t.ledgers[objective]
	at := l.at(set, difficulty, band)
	t.count(&l.part(l.level(int(level)))[at])
	if owner != nil {
		t.count(&l.part(l.sizeClass(SizeOf(owner)))[at])
	}
	if class >= 0 {
		t.count(&l.class(class)[at])
	}
	if band > t.main {
		return
	}
	t.spread[objective][set].Add(score.Logit())
	out.add(set, easy, t.loss[:len(t.w.r.bank)])
	if target == loss.One && Objectives[objective] == t.w.r.Objective {
		own := &t.w.r.Accounts[t.index].objects[t.w.source][t.w.scene.Index[m.Object]]
		own.n++
		for i, v := range t.loss[:len(t.w.r.bank)] {
			own.loss[i] += v
		}
	}
	if objective == 0 {
		t.sample(score, target, easy)
	}
}

func (t *terms) count(s *sums) {
	s.n++
	for i := range t.w.r.bank {
		s.loss[i] += t.loss[i]
		s.grad[i] += t.grad[i]
	}
}

func (s *imageSums) add(set int, easy bool, loss []float64) {
	s.n[set]++
	if easy {
		s.easy[set]++
	}
	for i, v := range loss {
		s.sum[i][set] += v
		if easy {
			s.easySum[i][set] += v
		}
	}
}

// sample keeps the anchor at hand for the what-ifs.
func (t *terms) sample(score loss.Score, target loss.Target, easy bool) {
	s := loss.Sample{N: 1, BCE: t.loss[0], AlphaBCE: t.loss[1], Focal: t.loss[t.focal], Norm: score.PT(1 - target), Easy: easy}
	if target == loss.One {
		t.positives = append(t.positives, s)
	} else {
		t.negatives = append(t.negatives, s)
	}
}

// use adds the image to the what-ifs: the anchors that were sampled, and the
// others at the floor.
func (t *terms) use(uses *loss.Uses) {
	r, m := t.w.r, t.w.scene.Found
	floor := loss.LogitOf(t.floors[t.main])
	add := func(of []loss.Sample, n int, target loss.Target) []loss.Sample {
		rest := int64(n)
		for i := range of {
			rest -= int64(of[i].N)
		}
		easy := r.Config.Edges.Of(loss.PT(floor, target)) == Easy
		of = append(of, loss.SampleOf(rest, floor, target, r.Config.Focal, easy))
		slices.SortFunc(of, func(a, b loss.Sample) int { return cmp.Compare(b.BCE, a.BCE) }) // equal ones are alike
		return of
	}
	t.positives, t.negatives = add(t.positives, m.Positives, loss.One), add(t.negatives, m.Negatives, loss.Zero)
	uses.Image(t.positives, t.negatives)
	t.positives, t.negatives = t.positives[:0], t.negatives[:0]
}
