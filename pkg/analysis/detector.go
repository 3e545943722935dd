package analysis

import (
	"cmp"
	"slices"

	"focalaudit/pkg/anchors"
	"focalaudit/pkg/coco"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/loss"
	"focalaudit/pkg/scores"
)

// detector is what a worker needs to score anchors by one detector.
type detector struct {
	w       *worker
	index   int // of its source of scores
	results *coco.Results
	floors  []float64 // falling
	focal   int       // index of the run's focal loss
	main    int
	ledgers [2]*ledger
	spread  [2][len(sets)]loss.Histogram

	reach     iou.Reach
	boxes     []geom.Box32
	of        []*coco.Detection // of the boxes
	order     []int             // the boxes by class
	class     belief            // of one class's output
	any       belief            // of the largest output
	positives []loss.Sample
	negatives []loss.Sample

	score      loss.Score // the last one: neighbours often have the same
	loss, grad [maxLosses]float64
	agreement  agreement
}

// belief is the highest score that detections give each anchor.
type belief struct {
	index   iou.Index
	entries []entry
}

type entry struct {
	anchor int32
	level  uint8
	score  float64
}

func (b *belief) reset() {
	b.index.Reset()
	b.entries = b.entries[:0]
}

func (b *belief) raise(e entry) {
	at, known := b.index.Find(e.anchor, int32(len(b.entries)))
	if !known {
		b.entries = append(b.entries, e)
	} else if old := &b.entries[at]; e.score > old.score {
		old.score = e.score
	}
}

func (w *worker) newDetector(index int) *detector {
	r := w.r
	a := r.Accounts[index]
	d := &detector{w: w, index: index, results: r.Config.Results[index], main: a.Main}
	d.floors, d.focal = a.Floors, slices.Index(r.bank, r.Config.Focal)
	for o := range d.ledgers {
		d.ledgers[o] = newLedger(a.layout, len(r.Data.Classes))
	}
	return d
}

// image scores the anchors of the image that the worker has matched.
func (d *detector) image(source, i int, uses *loss.Uses) {
	d.place(d.results.Of(source, i))
	d.compare(source)
	d.any.reset()
	out := &d.w.r.Accounts[d.index].images[source][i]
	for from := 0; from < len(d.order); {
		class := d.of[d.order[from]].Class
		d.class.reset()
		to := from
		for ; to < len(d.order) && d.of[d.order[to]].Class == class; to++ {
			d.raise(d.order[to])
		}
		for _, e := range d.class.entries {
			d.any.raise(e)
			d.term(&out[1], 1, class, e)
		}
		from = to
	}
	d.positives, d.negatives = d.positives[:0], d.negatives[:0]
	for _, e := range d.any.entries {
		d.term(&out[0], 0, -1, e)
	}
	d.use(uses)
}

// place brings an image's detections into the trainer's frame.
func (d *detector) place(of []coco.Detection) {
	d.boxes, d.of, d.order = d.boxes[:0], d.of[:0], d.order[:0]
	for k := range of {
		box, drop := d.w.r.Layout.Place(&d.w.frame, anchors.Annotation{Box: of[k].Box})
		if drop == anchors.Kept {
			d.order = append(d.order, len(d.boxes))
			d.boxes, d.of = append(d.boxes, box), append(d.of, &of[k])
		}
	}
	slices.SortStableFunc(d.order, func(i, j int) int { return cmp.Compare(d.of[i].Class, d.of[j].Class) })
	d.reach.Prepare(d.w.frame.Grids, d.boxes)
}

// compare counts how the classes of detections agree with those of the objects
// that they lie on.
func (d *detector) compare(source int) {
	objects := d.w.r.Data.Sources[source].Objects
	next := &d.w.r.Accounts[d.index].neighbours
	for _, det := range d.of {
		box := det.Box.Box()
		best, on := sameObject, int32(-1)
		for _, k := range d.w.index {
			if v := iou.Of(box, objects[k].Box.Box()); v >= best {
				best, on = v, objects[k].Class
			}
		}
		if on < 0 {
			continue
		}
		weight := int64(det.Score * 1000)
		d.agreement.pairs++
		d.agreement.all += weight
		switch on {
		case det.Class:
			d.agreement.same += weight
		case next[0][det.Class]:
			d.agreement.higher += weight
		case next[1][det.Class]:
			d.agreement.lower += weight
		}
	}
}

// neighbours finds the classes whose category ids are one apart.
func (r *Result) neighbours() [2][]int32 {
	byID := map[int64]int32{}
	for s := range r.Data.Sources {
		for _, c := range r.Data.Sources[s].Categories {
			if id, ok := c.ID.Int(); ok {
				byID[id] = c.Class
			}
		}
	}
	var next [2][]int32
	for k := range next {
		next[k] = slices.Repeat([]int32{-1}, len(r.Data.Classes))
		for s := range r.Data.Sources {
			for _, c := range r.Data.Sources[s].Categories {
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

// raise raises what a detection's anchors are believed to be.
func (d *detector) raise(k int) {
	m := d.w.matcher
	score := d.of[k].Score
	d.reach.Each(m, d.boxes[k], func(anchor int32, level uint8, v float32, best bool) {
		d.class.raise(entry{anchor, level, scores.Belief(score, v, m.Low, m.High, best && m.Rescue)})
	})
}

// term adds a term of one anchor: of a class's output, or under objectness.
func (d *detector) term(out *imageSums, objective int, class int32, e entry) {
	match := d.w.match.Of(e.anchor)
	if match.Label == iou.Ignored || e.score <= d.floors[len(d.floors)-1] {
		return
	}
	band := 0
	for e.score <= d.floors[band] {
		band++
	}
	if d.score.P != e.score {
		d.score = loss.ScoreOf(e.score)
	}
	set, target, owner := 2, loss.Zero, (*coco.Object)(nil)
	if match.Label == iou.Positive {
		owner = &d.w.r.Data.Sources[d.w.source].Objects[d.w.index[match.Object]]
		set, target = 1, loss.Zero
		if objective == 0 || owner.Class == class {
			set, target = 0, loss.One
		}
	}
	difficulty := d.w.r.Config.Edges.Of(d.score.PT(target)).index()
	d.w.r.bank.At(d.score, target, d.loss[:], d.grad[:])
	l := d.ledgers[objective]
	at := l.at(set, difficulty, band)
	d.add(&l.part(l.whole())[at])
	d.add(&l.part(l.level(int(e.level)))[at])
	if owner != nil {
		d.add(&l.part(l.sizeClass(SizeOf(owner)))[at])
	}
	if objective == 0 && owner != nil {
		class = owner.Class
	}
	if class >= 0 {
		d.add(&l.class(class)[at])
	}
	if band <= d.main {
		d.spread[objective][set].Add(d.score.Logit())
		out.add(set, difficulties[difficulty] == Easy, d.loss[:len(d.w.r.bank)])
		if objective == 0 {
			d.sample(target, difficulties[difficulty] == Easy)
		}
	}
}

func (d *detector) add(s *sums) {
	s.n++
	for i := range d.w.r.bank {
		s.loss[i] += d.loss[i]
		s.grad[i] += d.grad[i]
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
func (d *detector) sample(target loss.Target, easy bool) {
	s := loss.Sample{N: 1, BCE: d.loss[0], AlphaBCE: d.loss[1], Focal: d.loss[d.focal], Norm: 1 - d.score.PT(target), Easy: easy}
	if target == loss.One {
		d.positives = append(d.positives, s)
	} else {
		d.negatives = append(d.negatives, s)
	}
}

// use adds the image to the what-ifs: the anchors at hand, and the others at the
// floor.
func (d *detector) use(uses *loss.Uses) {
	r, m := d.w.r, &d.w.match
	floor := loss.LogitOf(d.floors[d.main])
	add := func(of []loss.Sample, n int, target loss.Target) []loss.Sample {
		easy := r.Config.Edges.Of(loss.PT(floor, target)) == Easy
		of = append(of, loss.SampleOf(int64(n-len(of)), floor, target, r.Config.Focal, easy))
		slices.SortFunc(of, func(a, b loss.Sample) int { return cmp.Compare(b.BCE, a.BCE) }) // equal ones are alike
		return of
	}
	d.positives, d.negatives = add(d.positives, m.Positives, loss.One), add(d.negatives, m.Negatives, loss.Zero)
	uses.Image(d.positives, d.negatives)
}

// newAccounts makes room for what the detectors' scores make of the anchors.
func (r *Result) newAccounts() {
	r.Accounts = make([]*Account, len(r.Config.Scores))
	for k, s := range r.Config.Scores {
		if s.Detector == nil {
			continue
		}
		a := &Account{Floors: s.Detector.All()}
		a.Main = slices.Index(a.Floors, s.Detector.Floor)
		a.layout = layout{bands: len(a.Floors), levels: len(r.Config.Preset.Anchors.Levels)}
		for o := range a.ledgers {
			a.ledgers[o] = newLedger(a.layout, len(r.Data.Classes))
			for range r.Data.Sources {
				a.sources[o] = append(a.sources[o], make(part, a.layout.size()))
			}
		}
		for i := range r.Data.Sources {
			a.images = append(a.images, make([][2]imageSums, len(r.Data.Sources[i].Images)))
		}
		a.neighbours = r.neighbours()
		r.Accounts[k] = a
	}
}

// merge adds what a job found, in the order of the jobs.
func (a *Account) merge(source int, found [2]*ledger) {
	for o, l := range found {
		a.ledgers[o].merge(l)
		a.sources[o][source].add(l.part(l.whole()))
	}
}

// spreadOf adds a worker's histograms and counts. They are whole numbers, so the order of
// workers is of no matter.
func (a *Account) spreadOf(d *detector) {
	for o := range a.spread {
		for s := range a.spread[o] {
			a.spread[o][s].Merge(&d.spread[o][s])
		}
	}
	a.agreement.merge(d.agreement)
}
