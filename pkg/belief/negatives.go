package belief

import (
	"math"
	"slices"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/loss"
	"focalaudit/pkg/scores"
)

// What detections make of negative anchors, where terms are binned: row by row of
// anchors, in two steps for each class. gather raises the scores of the class's anchors;
// negatives takes each anchor once and adds its term.
//
// An image has some 100,000 anchors and its detections reach some 3,000 of them, in short rows far apart. What is known
// of these stands side by side (reached). By anchor there is only the number of its entry (cells), so that all numbers
// of an image stay in the processor's reach.

// span is the anchors of a box that no box before it has in its class: where they begin and end in detector.list.
type span struct{ box, from, to int32 }

// reached is the scores of an anchor that detections reach.
type reached struct {
	output  float64 // the highest one of the class at hand; 0 without a score, unseen if no box of the class reaches it
	highest float64 // that of all classes so far
	place   int32   // number in cells
	level   uint8
}

// unseen is the output of an anchor that no box of the class at hand reaches.
const unseen = -1

// claim is a positive anchor. It has numbers in the entries of the class at hand and of all classes: they begin with 1,
// and 0 is none.
type claim struct {
	match      *iou.Match
	class, any int32
}

// The marks of anchors that are not negative, in cells. Those of positive ones are markPositive less the number in
// claims.
const (
	markIgnored  = -1
	markPositive = -2
)

// mark decides which way the image at hand takes, and marks the anchors that are not
// negative.
func (d *detector) mark() {
	d.binned, d.spans, d.list = nil, d.spans[:0], d.list[:0]
	d.special, d.claims = d.special[:0], d.claims[:0]
	found := d.scene.Found
	if d.account.Scale == nil || found.Rest.Label != iou.Negative ||
		slices.ContainsFunc(d.of, func(o dataset.Detection) bool { return o.Class < 0 }) {
		return
	}
	if d.bins == nil || d.bins.account != d.account {
		d.bins, d.scale = newBinned(d.account, d.setting.Bank), d.account.Scale
		d.rowwise, _ = d.reach.(iou.RowReacher)
		d.priced = priced{}
	}
	d.binned, d.objects = d.bins, d.plan.Data.Source(d.source).Objects
	if n := found.Anchors; len(d.cells) < n {
		d.cells = make([]int32, n)
	}
	d.reached = append(d.reached[:0], reached{}) // 0 in cells is none
	found.EachSpecial(func(anchor, place int32, m *iou.Match) {
		at := place
		if d.rowwise == nil {
			at = anchor
		}
		d.special = append(d.special, at)
		if m.Label == iou.Ignored {
			d.cells[at] = markIgnored
			return
		}
		d.cells[at] = markPositive - int32(len(d.claims))
		d.claims = append(d.claims, claim{match: m})
	})
}

// claimOf returns the number in claims of an anchor that is marked positive.
func claimOf(mark int32) int32 { return markPositive - mark }

// unmark ends what mark begins: it takes the image's sums, and forgets the image.
func (d *detector) unmark(out *[ledger.NumObjectives]ledger.ImageSums) {
	if d.binned == nil {
		return
	}
	for _, at := range d.outside {
		e := &d.reached[at]
		if p := e.highest; p > 0 && !d.scale.Has(p) {
			d.direct(out, ledger.Objectness, -1, int(e.level), p, 1)
			e.highest = 0
		}
	}
	d.outside = d.outside[:0]
	for i := range d.reached {
		d.cells[d.reached[i].place] = 0
	}
	for _, at := range d.special {
		d.cells[at] = 0
	}
	d.counts.Flush()
	d.binned.out(out)
}

// gather raises the scores of the anchors that a box reaches.
func (d *detector) gather(k int) {
	first := int32(len(d.list))
	if d.rowwise == nil {
		d.reach.Each(d.boxes[k], func(anchor int32, level uint8, v float32, best bool) {
			d.lift(anchor, k, d.belief(k, v, best), level)
		})
	} else {
		d.gatherRows(k)
	}
	d.spans = append(d.spans, span{int32(k), first, int32(len(d.list))})
}

// gatherRows is gather by rows.
func (d *detector) gatherRows(k int) {
	rows := d.rowwise.Rows(d.boxes[k])
	m, least := d.thresholds, d.floors[len(d.floors)-1]
	score, bottom, span := min(d.of[k].Score, scores.MaxScore), float64(m.Low), float64(m.High)-float64(m.Low)
	geometry := d.results == nil
	low, high, best, only := rows.Low, m.High, rows.Best, rows.Only
	if geometry {
		high = float32(math.Inf(1)) // all take the way of geometry
	}
	d.list, d.reached = slices.Grow(d.list, len(rows.IoU)), slices.Grow(d.reached, len(rows.IoU))
	all, values, from := d.cells, rows.IoU, 0
	touched := int32(0)
	for i := range rows.List { // so that the processor waits for the memory of all rows at once, not for each in turn
		touched += all[rows.List[i].Place]
	}
	d.touched = touched
	for i := range rows.List {
		r := &rows.List[i]
		cells := all[int(r.Place):][:r.N]
		of := values[from:][:len(cells)]
		from += len(cells)
		for i := range cells {
			at := cells[i]
			if at == markIgnored {
				continue
			}
			v, p := of[i], score
			if !(v >= high) {
				switch {
				case v == best && (only < 0 || only == r.Anchor+int32(i)*r.Step):
					p = d.belief(k, v, true)
				case v < low:
					p = 0
				case geometry:
					p = d.belief(k, v, false)
				default: // as scores.Belief
					p = score * (float64(v) - bottom) / span
				}
			}
			if at < 0 {
				if p > least {
					d.claim(claimOf(at), entry{anchor: r.Anchor + int32(i)*r.Step, by: int32(k), score: p, level: r.Level})
				}
				continue
			}
			e := d.enter(&cells[i], r.Place+int32(i), r.Level)
			if p > least && p > e.output {
				e.output = p
			}
		}
	}
}

// enter returns the entry of a negative anchor that a box of the class at hand reaches. cell is its cell.
func (d *detector) enter(cell *int32, place int32, level uint8) *reached {
	at := *cell
	switch {
	case at == 0:
		at = int32(len(d.reached))
		*cell = at
		d.reached = append(d.reached, reached{place: place, level: level})
	case d.reached[at].output >= 0:
		return &d.reached[at]
	}
	d.list = append(d.list, at)
	e := &d.reached[at]
	e.output = 0
	return e
}

// lift raises the score of an anchor for the class at hand.
func (d *detector) lift(anchor int32, k int, p float64, level uint8) {
	switch at := d.cells[anchor]; {
	case at <= markPositive:
		d.claim(claimOf(at), entry{anchor: anchor, by: int32(k), score: p, level: level})
	case at != markIgnored:
		e := d.enter(&d.cells[anchor], anchor, level)
		e.output = max(e.output, p)
	}
}

// claim raises the score of a positive anchor for the class at hand.
func (d *detector) claim(number int32, e entry) {
	e.claim = number
	of := &d.claims[number]
	if of.class == 0 {
		d.class.entries = append(d.class.entries, e)
		of.class = int32(len(d.class.entries))
	} else if old := &d.class.entries[of.class-1]; e.score > old.score {
		*old = e
	}
}

// claimAny raises the score of a positive anchor for all classes to that of the class at hand, which is done with it.
func (d *detector) claimAny(e entry) {
	of := &d.claims[e.claim]
	of.class = 0
	if of.any == 0 {
		d.any.entries = append(d.any.entries, e)
		of.any = int32(len(d.any.entries))
	} else if old := &d.any.entries[of.any-1]; e.score > old.score {
		*old = e
	}
}

// priced is a score of positive anchors: many of a box's have the same.
type priced struct {
	p          float64
	binned     bool // it has a bin; else nothing of what follows is known
	bin, band  int
	place      int64
	score      loss.Score
	known      [2]bool // by target: the rest
	difficulty [2]ledger.Difficulty
	losses     [2][ledger.MaxLosses]float64
}

// price has d.priced hold a score above the lowest floor.
func (d *detector) price(p float64) {
	x := &d.priced
	x.p, x.binned, x.known = p, d.scale.Has(p), [2]bool{}
	if x.binned {
		bin, place := d.scale.At(p)
		of := &d.scale.Bins[bin]
		x.bin, x.band, x.place, x.score = bin, of.Band, place, of.Score(p, place)
	}
}

// positive adds the term of a positive anchor whose score is binned, as term and what it calls do for any anchor.
func (d *detector) positive(out *[ledger.NumObjectives]ledger.ImageSums, o ledger.Objective, class int32, e *entry) {
	if e.score <= d.floors[len(d.floors)-1] {
		return
	}
	x := &d.priced
	if x.p != e.score {
		d.price(e.score)
	}
	match := d.claims[e.claim].match
	if !x.binned {
		d.term(out, o, class, e, match)
		return
	}
	object := d.scene.Index[match.Object]
	owner, set := &d.objects[object], ledger.Positive
	switch {
	case o == ledger.Objectness:
		class = owner.Class
	case owner.Class < 0:
		return
	case owner.Class != class:
		set = ledger.OtherClass
	}
	a := d.account
	d.counts.Add(a.Level(o, d.source, int(e.level), set), x.bin, x.place)
	d.counts.Add(a.SizeClass(o, ledger.SizeOf(owner.Box), set), x.bin, x.place)
	if class >= 0 {
		d.counts.Add(a.Class(o, class, set), x.bin, x.place)
	}
	if x.band > d.main {
		return
	}
	y := set.Target()
	if !x.known[y] {
		x.known[y], x.difficulty[y] = true, d.setting.Edges.Of(x.score.PT(y))
		d.binned.losses(x.score, y, x.losses[y][:])
	}
	easy, losses := x.difficulty[y] == ledger.Easy, x.losses[y][:len(d.setting.Bank)]
	out[o].Add(set, easy, 1, losses)
	if set == ledger.Positive && o == d.setting.Objective {
		own := &d.sums.Objects[d.source][object]
		own.N++
		for i, v := range losses {
			own.Loss[i] += v
		}
	}
	if o == ledger.Objectness {
		d.positives = append(d.positives, loss.Sample{
			N: 1, BCE: losses[0], AlphaBCE: losses[1], Focal: losses[d.focal], Norm: x.score.PT(1 - y), Easy: easy,
		})
	}
}

// negatives adds the terms of the negative anchors of a class, whose boxes have the given spans.
func (d *detector) negatives(out *[ledger.NumObjectives]ledger.ImageSums, class int32, spans []span) {
	d.packed = d.packed[:0]
	lowest, most := d.scale.Least, d.scale.Most
	for _, s := range spans {
		level := -1
		full, atFull := min(d.of[s.box].Score, scores.MaxScore), int64(0) // the box's score, and how many anchors have it
		for _, at := range d.list[s.from:s.to] {
			e := &d.reached[at]
			p := e.output
			e.output = unseen
			if p == 0 {
				continue
			}
			if level != int(e.level) {
				d.count(out, level, class, full, atFull)
				level, atFull = int(e.level), 0
			}
			if old := e.highest; old == 0 {
				e.highest = p
			} else {
				d.twice(level, min(old, p))
				e.highest = max(old, p)
			}
			if p == full {
				atFull++
			} else {
				d.count(out, level, class, p, 1)
			}
			if !(p > lowest && p <= most) {
				d.outside = append(d.outside, at)
			}
		}
		d.count(out, level, class, full, atFull)
	}
	if len(d.packed) > 0 {
		d.account.Negatives(d.source, class, d.packed)
	}
}

// count adds n negative anchors' terms of one class, level and score.
func (d *detector) count(
	out *[ledger.NumObjectives]ledger.ImageSums, level int, class int32, p float64, n int64,
) {
	if n == 0 {
		return
	}
	if !d.scale.Has(p) {
		d.direct(out, ledger.PerClass, class, level, p, n)
		return
	}
	bin, place := d.scale.At(p)
	d.binned.add(0, bin, place, p, n)
	for ; n > ledger.MostTerms; n -= ledger.MostTerms {
		d.packed = append(d.packed, ledger.Term(level, bin, place, ledger.MostTerms))
	}
	d.packed = append(d.packed, ledger.Term(level, bin, place, n))
}

// twice notes that a negative anchor of a level has a score that is not its highest.
func (d *detector) twice(level int, p float64) {
	if !d.scale.Has(p) {
		return
	}
	bin, place := d.scale.At(p)
	d.counts.Add(d.account.Less(d.source, level), bin, place)
	d.binned.add(1, bin, place, p, 1)
}

// direct adds n negative anchors' terms of a score that has no bin.
func (d *detector) direct(
	out *[ledger.NumObjectives]ledger.ImageSums, o ledger.Objective, class int32, level int, p float64, n int64,
) {
	band := 0
	for band < len(d.floors) && p <= d.floors[band] {
		band++
	}
	if band < len(d.floors) {
		d.add(out, term{o, class, level, &negative, loss.ScoreOf(p), band, n})
	}
}
