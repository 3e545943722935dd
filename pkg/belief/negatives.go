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

// span is the rows of a box, by their numbers.
type span struct{ box, from, to int32 }

// cell is the scores of an anchor.
type cell struct {
	output float64 // the highest one of the class at hand; 0 without a detection

	// highest is that of all classes so far, or a mark: markIgnored, or markPositive less the anchor's number in claims.
	highest float64
}

// placed is an anchor's number in cells with its level.
type placed struct {
	at    int32
	level uint8
}

// claim is a positive anchor. It has numbers in the entries of the class at hand and of all classes: they begin with 1,
// and 0 is none.
type claim struct {
	match      *iou.Match
	class, any int32
}

// The marks of anchors that are not negative.
const (
	markIgnored  = -1
	markPositive = -2
)

// mark decides which way the image at hand takes, and marks the anchors that are not
// negative.
func (d *detector) mark() {
	d.binned, d.rows, d.spans = nil, d.rows[:0], d.spans[:0]
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
		d.cells = make([]cell, n)
	}
	found.EachSpecial(func(anchor, place int32, m *iou.Match) {
		at := place
		if d.rowwise == nil {
			at = anchor
		}
		d.special = append(d.special, at)
		if m.Label == iou.Ignored {
			d.cells[at].highest = markIgnored
			return
		}
		d.cells[at].highest = markPositive - float64(len(d.claims))
		d.claims = append(d.claims, claim{match: m})
	})
}

// claimOf returns the number in claims of an anchor that is marked positive.
func claimOf(mark float64) int32 { return int32(markPositive - mark) }

// unmark ends what mark begins: it takes the image's sums, and forgets the image.
func (d *detector) unmark(out *[ledger.NumObjectives]ledger.ImageSums) {
	if d.binned == nil {
		return
	}
	for _, at := range d.outside {
		if p := d.cells[at.at].highest; p > 0 && !d.scale.Has(p) {
			d.direct(out, ledger.Objectness, -1, int(at.level), p, 1)
			d.cells[at.at].highest = 0
		}
	}
	d.outside = d.outside[:0]
	all, rows := d.cells, d.rows
	for i := range rows {
		cells := all[int(rows[i].Place):][:rows[i].N]
		for k := range cells {
			cells[k].highest = 0
		}
	}
	for _, at := range d.special {
		d.cells[at].highest = 0
	}
	d.binned.out(out)
}

// gather raises the scores of the anchors that a box reaches.
func (d *detector) gather(k int) {
	first := int32(len(d.rows))
	if d.rowwise == nil {
		d.reach.Each(d.boxes[k], func(anchor int32, level uint8, v float32, best bool) {
			d.rows = append(d.rows, iou.Row{Anchor: anchor, N: 1, Place: anchor, Level: level})
			d.lift(anchor, k, d.belief(k, v, best), level)
		})
	} else {
		d.gatherRows(k)
	}
	d.spans = append(d.spans, span{int32(k), first, int32(len(d.rows))})
}

// gatherRows is gather by rows.
func (d *detector) gatherRows(k int) {
	rows := d.rowwise.Rows(d.boxes[k])
	d.rows = append(d.rows, rows.List...)
	m, least := d.thresholds, d.floors[len(d.floors)-1]
	score, bottom, span := min(d.of[k].Score, scores.MaxScore), float64(m.Low), float64(m.High)-float64(m.Low)
	geometry := d.results == nil
	low, high, best, only := rows.Low, m.High, rows.Best, rows.Only
	if geometry {
		high = float32(math.Inf(1)) // all take the way of geometry
	}
	all, values, from := d.cells, rows.IoU, 0
	for i := range rows.List {
		r := &rows.List[i]
		cells := all[int(r.Place):][:r.N]
		of := values[from:][:len(cells)]
		from += len(cells)
		for i := range cells {
			v, p := of[i], score
			if !(v >= high) {
				switch {
				case v == best && (only < 0 || only == r.Anchor+int32(i)*r.Step):
					p = d.belief(k, v, true)
				case v < low:
					continue
				case geometry:
					p = d.belief(k, v, false)
				default: // as scores.Belief
					p = score * (float64(v) - bottom) / span
				}
			}
			c := &cells[i]
			switch mark := c.highest; {
			case !(p > least):
			case mark >= 0:
				if p > c.output {
					c.output = p
				}
			case mark <= markPositive:
				d.claim(claimOf(mark), entry{anchor: r.Anchor + int32(i)*r.Step, by: int32(k), score: p, level: r.Level})
			}
		}
	}
}

// lift raises the score of an anchor for the class at hand.
func (d *detector) lift(anchor int32, k int, p float64, level uint8) {
	c := &d.cells[anchor]
	switch mark := c.highest; {
	case mark >= 0:
		c.output = max(c.output, p)
	case mark <= markPositive:
		d.claim(claimOf(mark), entry{anchor: anchor, by: int32(k), score: p, level: level})
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
	place      ledger.Place
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
		x.bin, x.band, x.place, x.score = bin, of.Band, ledger.PlaceOf(place), of.Score(p, place)
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
	a.Level(o, d.source, int(e.level), set).Add(x.bin, 1, &x.place)
	a.SizeClass(o, ledger.SizeOf(owner.Box), set).Add(x.bin, 1, &x.place)
	if class >= 0 {
		a.Class(o, class, set).Add(x.bin, 1, &x.place)
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
	lowest, most, all := d.scale.Least, d.scale.Most, d.cells
	for _, s := range spans {
		level := -1
		full, atFull := min(d.of[s.box].Score, scores.MaxScore), int64(0) // the box's score, and how many anchors have it
		rows := d.rows[s.from:s.to]
		for i := range rows {
			r := &rows[i]
			if level != int(r.Level) {
				d.count(out, level, class, full, atFull)
				level, atFull = int(r.Level), 0
			}
			cells := all[int(r.Place):][:r.N]
			for k := range cells {
				c := &cells[k]
				p := c.output
				if p == 0 {
					continue
				}
				c.output = 0
				if old := c.highest; old == 0 {
					c.highest = p
				} else {
					d.twice(level, min(old, p))
					c.highest = max(old, p)
				}
				if p == full {
					atFull++
				} else {
					d.count(out, level, class, p, 1)
				}
				if !(p > lowest && p <= most) {
					d.outside = append(d.outside, placed{r.Place + int32(k), r.Level})
				}
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
	bin, at := d.scale.At(p)
	place := ledger.PlaceOf(at)
	d.account.Less(d.source, level).Add(bin, 1, &place)
	d.binned.add(1, bin, at, p, 1)
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
