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

// What detections make of negative anchors, where terms are binned: patch by patch of
// anchors, in two steps for each class. gather raises the scores of the class's anchors;
// negatives takes each anchor once and adds its term.
//
// An image has some 100,000 anchors and its detections reach some 3,000 of them, in short rows far apart. What is known
// of these stands side by side (reached), in the order in which boxes first reach them. By anchor there is only the
// number of its entry (cells), so that all numbers of an image stay in the processor's reach.

// span is what a box reaches: the anchors that no box before it has reached in the image are a part of
// detector.reached, and those that no box before it has in its class only are a part of detector.again.
type span struct{ box, from, to, againFrom, againTo int32 }

// reached is the scores of a negative anchor that detections reach above the lowest floor.
type reached struct {
	output  float64 // the highest one of the last class whose boxes reached it
	highest float64 // that of all classes before the one at hand
	place   int32   // number in cells
	tag     uint32  // the level, and from bit 8 on the number of that class among the image's
}

// reachedBy is an anchor that a box reaches as the first.
func reachedBy(p float64, place int, tag uint32) reached { return reached{p, 0, int32(place), tag} }

// level returns the level of an anchor.
func (r *reached) level() int { return int(r.tag & 0xff) }

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
	d.binned, d.spans, d.again, d.turn = nil, d.spans[:0], d.again[:0], 0
	d.special, d.claims = d.special[:0], d.claims[:0]
	found := d.scene.Found
	if d.account.Scale == nil || found.Rest.Label != iou.Negative ||
		slices.ContainsFunc(d.of, func(o dataset.Detection) bool { return o.Class < 0 }) {
		return
	}
	if d.bins == nil || d.bins.account != d.account {
		d.bins, d.scale = newBinned(d.account, d.setting.Bank), d.account.Scale
		d.patchwise, _ = d.reach.(iou.PatchReacher)
		d.priced = priced{}
	}
	d.binned, d.objects = d.bins, d.plan.Data.Source(d.source).Objects
	if n := found.Anchors; len(d.cells) < n {
		d.cells = make([]int32, n)
	}
	d.reached = append(d.reached[:0], reached{}) // 0 in cells is none
	found.EachSpecial(func(anchor, place int32, m *iou.Match) {
		at := place
		if d.patchwise == nil {
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
			d.direct(out, ledger.Objectness, -1, e.level(), p, 1)
			e.highest = 0
		}
	}
	d.outside = d.outside[:0]
	cells := d.cells
	for i := range d.reached {
		cells[d.reached[i].place] = 0
	}
	for _, at := range d.special {
		d.cells[at] = 0
	}
	d.binned.reached = d.reached
	d.counts.Flush()
	d.binned.out(out)
}

// gather raises the scores of the anchors that a box reaches.
func (d *detector) gather(k int) {
	s := span{box: int32(k), from: int32(len(d.reached)), againFrom: int32(len(d.again))}
	switch score := min(d.of[k].Score, scores.MaxScore); {
	case d.patchwise == nil || d.results == nil:
		d.gatherEach(k)
	case score > d.least():
		if best := d.gatherPatches(k, score); d.thresholds.Best && best < d.thresholds.High {
			d.gatherEach(k) // its best anchors have its score all the same
		}
	}
	s.to, s.againTo = int32(len(d.reached)), int32(len(d.again))
	d.spans = append(d.spans, s)
}

// least is the lowest floor: a term that is not above it is at every floor.
func (d *detector) least() float64 { return d.floors[len(d.floors)-1] }

// gatherEach is gather anchor by anchor.
func (d *detector) gatherEach(k int) {
	grids := d.scene.Frame.Grids
	d.reach.Each(d.boxes[k], func(anchor int32, level uint8, v float32, best bool) {
		place := anchor
		if d.patchwise != nil {
			place = iou.PlaceOf(grids, anchor)
		}
		d.lift(&d.cells[place], entry{anchor: anchor, by: int32(k), score: d.belief(k, v, best), level: level}, place)
	})
}

// gatherPatches is gather by patches, for a box of a score, as if no anchor were the best one of its box. It returns
// the box's highest IoU, 0 if that is below Low.
func (d *detector) gatherPatches(k int, score float64) (best float32) {
	ps := d.patchwise.Patches(d.boxes[k])
	area, low, high, least := ps.Area, ps.Low, d.thresholds.High, d.least()
	bottom := float64(d.thresholds.Low)
	span, full := float64(high)-bottom, math.Float64bits(score)
	reached, cells, turn := d.reached, d.cells, d.turn<<8
	highest := uint32(0) // IoUs are not negative, so their bits are in their order
	for i := range ps.List {
		p := &ps.List[i]
		columns, place, tag := p.Columns, int(p.Place), turn|uint32(p.Level)
		reached = slices.Grow(reached, len(columns)*len(p.Rows))
		for j := range p.Rows {
			tall, side := p.Rows[j].Overlap, p.Rows[j].Side
			row := cells[place:][:len(columns)]
			for c := range columns {
				inter := float32(columns[c].Overlap * tall)
				v := inter / (float32(area+float32(columns[c].Side*side)) - inter)
				if v < low {
					continue
				}
				highest = max(highest, math.Float32bits(v))
				bits := math.Float64bits(score * (float64(v) - bottom) / span) // as scores.Belief
				if v >= high {
					bits = full // this takes no branch, which neighbours would take differently
				}
				b := math.Float64frombits(bits)
				switch at := row[c]; {
				case !(b > least):
				case at == 0:
					row[c] = int32(len(reached))
					reached = append(reached, reachedBy(b, place+c, tag))
				case at > 0:
					d.anew(&reached[at], at, b)
				case at != markIgnored:
					anchor := p.Anchor + int32(j)*p.Stride + int32(c)*p.Step
					d.claim(claimOf(at), entry{anchor: anchor, by: int32(k), score: b, level: p.Level})
				}
			}
			place += int(p.Across)
		}
	}
	d.reached = reached
	return math.Float32frombits(highest)
}

// lift raises the score of an anchor for the class at hand. cell is its cell, which has the number place.
func (d *detector) lift(cell *int32, e entry, place int32) {
	switch at := *cell; {
	case at == markIgnored || !(e.score > d.least()):
	case at < 0:
		d.claim(claimOf(at), e)
	case at > 0:
		d.anew(&d.reached[at], at, e.score)
	default:
		*cell = int32(len(d.reached))
		d.reached = append(d.reached, reachedBy(e.score, int(place), d.turn<<8|uint32(e.level)))
	}
}

// anew raises the score, for the class at hand, of a negative anchor that boxes have reached before. It has a number in
// reached.
func (d *detector) anew(e *reached, at int32, p float64) {
	if e.tag>>8 == d.turn {
		e.output = max(e.output, p)
		return
	}
	e.output, e.tag = p, d.turn<<8|e.tag&0xff
	d.again = append(d.again, at)
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
	bin, band  int
	place      int64
	score      loss.Score
	known      [2]bool // by target: the rest
	difficulty [2]ledger.Difficulty
	losses     [2][ledger.MaxLosses]float64
}

// price has d.priced hold a score that has a bin.
func (d *detector) price(p float64) {
	x := &d.priced
	bin, place := d.scale.At(p)
	of := &d.scale.Bins[bin]
	x.p, x.known = p, [2]bool{}
	x.bin, x.band, x.place, x.score = bin, of.Band, place, of.Score(p, place)
}

// held is positive anchors of one object and level that have one score.
type held struct {
	score  float64
	object int32
	level  uint8
	n      int64
}

// nearby is how many of the last groups of positive anchors are looked through for one more anchor: those of a box are
// of a few objects and levels.
const nearby = 8

// claimed adds the terms of positive anchors. Many have the score of their box: those are counted together.
func (d *detector) claimed(
	out *[ledger.NumObjectives]ledger.ImageSums, o ledger.Objective, class int32, entries []entry,
) {
	groups := d.held[:0]
next:
	for i := range entries {
		e := &entries[i]
		if !d.scale.Has(e.score) {
			d.term(out, o, class, e, d.claims[e.claim].match)
			continue
		}
		object := d.scene.Index[d.claims[e.claim].match.Object]
		one := held{score: e.score, object: int32(object), level: e.level, n: 1}
		if e.score != min(d.of[e.by].Score, scores.MaxScore) {
			d.positive(out, o, class, &one)
			continue
		}
		for k := len(groups) - 1; k >= max(0, len(groups)-nearby); k-- {
			if g := &groups[k]; g.object == one.object && g.level == one.level && g.score == one.score {
				g.n++
				continue next
			}
		}
		groups = append(groups, one)
	}
	for i := range groups {
		d.positive(out, o, class, &groups[i])
	}
	d.held = groups
}

// positive adds the terms of positive anchors whose score is binned, as term and what it calls do for any anchor.
func (d *detector) positive(out *[ledger.NumObjectives]ledger.ImageSums, o ledger.Objective, class int32, g *held) {
	x := &d.priced
	if x.p != g.score {
		d.price(g.score)
	}
	owner, set := &d.objects[g.object], ledger.Positive
	switch {
	case o == ledger.Objectness:
		class = owner.Class
	case owner.Class < 0:
		return
	case owner.Class != class:
		set = ledger.OtherClass
	}
	a := d.account
	d.counts.Add(a.Level(o, d.source, int(g.level), set), x.bin, x.place, g.n)
	d.counts.Add(a.SizeClass(o, ledger.SizeOf(owner.Box), set), x.bin, x.place, g.n)
	if class >= 0 {
		d.counts.Add(a.Class(o, class, set), x.bin, x.place, g.n)
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
	if g.n > 1 {
		for i, v := range losses {
			d.loss[i] = float64(float64(g.n) * v)
		}
		losses = d.loss[:len(losses)]
	}
	out[o].Add(set, easy, g.n, losses)
	if set == ledger.Positive && o == d.setting.Objective {
		own := &d.sums.Objects[d.source][g.object]
		own.N += g.n
		for i, v := range losses {
			own.Loss[i] += v
		}
	}
	if o == ledger.Objectness {
		each := &x.losses[y]
		d.positives = append(d.positives, loss.Sample{
			N: float64(g.n), BCE: each[0], AlphaBCE: each[1], Focal: each[d.focal], Norm: x.score.PT(1 - y), Easy: easy,
		})
	}
}

// negatives adds the terms of the negative anchors of a class, whose boxes have the given spans.
func (d *detector) negatives(out *[ledger.NumObjectives]ledger.ImageSums, class int32, spans []span) {
	d.packed = d.account.Pending(d.source, class)
	for i := range spans {
		s := &spans[i]
		full := min(d.of[s.box].Score, scores.MaxScore)
		d.fresh(out, class, full, d.reached[s.from:s.to], s.from)
		for _, at := range d.again[s.againFrom:s.againTo] {
			e := &d.reached[at]
			p, level := e.output, e.level()
			if old := e.highest; old == 0 {
				e.highest = p
			} else {
				d.twice(level, min(old, p))
				e.highest = max(old, p)
			}
			d.count(out, level, class, p, 1)
			if !d.scale.Has(p) {
				d.outside = append(d.outside, at)
			}
		}
	}
	d.turn++
	d.account.Pend(class, d.packed)
}

// fresh adds the terms of anchors that had none in the image before, from number first of d.reached on. Many of them
// have the score full, that of their box.
func (d *detector) fresh(
	out *[ledger.NumObjectives]ledger.ImageSums, class int32, full float64, list []reached, first int32,
) {
	scale, level, atFull := d.scale, -1, int64(0)
	fullHas := scale.Has(full)
	for i := range list {
		e := &list[i]
		p := e.output
		e.highest = p
		if of := e.level(); of != level {
			d.count(out, level, class, full, atFull)
			level, atFull = of, 0
		}
		switch {
		case p == full:
			atFull++
			if !fullHas {
				d.outside = append(d.outside, first+int32(i))
			}
		case scale.Has(p):
			bin, place := scale.At(p)
			d.packed = append(d.packed, ledger.Term(level, bin, place, 1))
			d.binned.add(0, bin, place, p, 1)
		default:
			d.outside = append(d.outside, first+int32(i))
			d.direct(out, ledger.PerClass, class, level, p, 1)
		}
	}
	d.count(out, level, class, full, atFull)
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
	d.counts.Add(d.account.Less(d.source, level), bin, place, 1)
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
