package belief

import (
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

// row is anchors in a row that a box reaches.
type row struct {
	at, n int32 // their numbers in cells follow each other
	box   int32
	level uint8
}

// cell is the scores of an anchor.
type cell struct {
	output  float64 // the highest one of the class at hand; 0 without a detection
	highest float64 // that of all classes so far, or one of the marks
}

// placed is an anchor's number in cells with its level.
type placed struct {
	at    int32
	level uint8
}

// The marks of anchors that are not negative.
const (
	markPositive = -1
	markIgnored  = -2
)

// mark decides which way the image at hand takes, and marks the anchors that are not
// negative.
func (d *detector) mark() {
	d.binned, d.rows = nil, d.rows[:0]
	found := d.scene.Found
	if d.account.Scale == nil || found.Rest.Label != iou.Negative ||
		slices.ContainsFunc(d.of, func(o dataset.Detection) bool { return o.Class < 0 }) {
		return
	}
	if d.bins == nil || d.bins.account != d.account {
		d.bins, d.scale = newBinned(d.account, d.setting.Bank), d.account.Scale
		d.rowwise, _ = d.reach.(iou.RowReacher)
	}
	d.binned = d.bins
	if n := found.Anchors; len(d.cells) < n {
		d.cells = make([]cell, n)
	}
	d.special = found.Special(d.special[:0])
	for i, anchor := range d.special {
		mark := float64(markPositive)
		if found.Of(anchor).Label == iou.Ignored {
			mark = markIgnored
		}
		if d.rowwise != nil {
			d.special[i] = iou.PlaceOf(d.scene.Frame.Grids, anchor)
		}
		d.cells[d.special[i]].highest = mark
	}
}

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
	for i := range d.rows {
		r := &d.rows[i]
		clear(d.cells[r.at : r.at+r.n])
	}
	for _, at := range d.special {
		d.cells[at].highest = 0
	}
	d.binned.out(out)
}

// gather raises the scores of the anchors that a box reaches.
func (d *detector) gather(k int) {
	if d.rowwise == nil {
		d.reach.Each(d.boxes[k], func(anchor int32, level uint8, v float32, best bool) {
			d.rows = append(d.rows, row{anchor, 1, int32(k), level})
			d.lift(anchor, k, d.belief(k, v, best), level)
		})
		return
	}
	m, least := d.thresholds, d.floors[len(d.floors)-1]
	score, low, span := min(d.of[k].Score, scores.MaxScore), float64(m.Low), float64(m.High)-float64(m.Low)
	geometry := d.results == nil
	rows := d.rowwise.Rows(d.boxes[k])
	values := rows.IoU
	for i := range rows.List {
		r := &rows.List[i]
		d.rows = append(d.rows, row{r.Place, r.N, int32(k), r.Level})
		at := r.Anchor
		cells := d.cells[r.Place:][:r.N]
		for i, v := range values[:r.N] {
			var p float64
			switch {
			case v >= m.High && !geometry:
				p = score
			case v == rows.Best && (rows.Only < 0 || rows.Only == at):
				p = d.belief(k, v, true)
			case v < rows.Low:
			case geometry:
				p = d.belief(k, v, false)
			default: // as scores.Belief
				p = score * (float64(v) - low) / span
			}
			if p > least {
				if mark := cells[i].highest; mark >= 0 {
					if p > cells[i].output {
						cells[i].output = p
					}
				} else if mark == markPositive {
					d.class.raise(entry{at, int32(k), p, r.Level})
				}
			}
			at += r.Step
		}
		values = values[r.N:]
	}
}

// lift raises the score of an anchor for the class at hand.
func (d *detector) lift(anchor int32, k int, p float64, level uint8) {
	c := &d.cells[anchor]
	switch mark := c.highest; {
	case mark >= 0:
		c.output = max(c.output, p)
	case mark == markPositive:
		d.class.raise(entry{anchor, int32(k), p, level})
	}
}

// negatives adds the terms of the negative anchors of a class.
func (d *detector) negatives(out *[ledger.NumObjectives]ledger.ImageSums, class int32, rows []row) {
	if len(rows) == 0 {
		return
	}
	var less ledger.Moments
	level, box := -1, int32(-1)
	full, atFull := 0.0, int64(0) // the score of the box, and how many anchors have it
	for i := range rows {
		r := &rows[i]
		if level != int(r.level) || box != r.box {
			d.count(out, level, class, full, atFull)
			level, box, atFull = int(r.level), r.box, 0
			full = min(d.of[box].Score, scores.MaxScore)
			less = d.account.Less(d.source, level)
		}
		cells := d.cells[r.at:][:r.n]
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
				d.twice(less, min(old, p))
				c.highest = max(old, p)
			}
			switch {
			case p == full:
				atFull++
			default:
				d.count(out, level, class, p, 1)
			}
			if !d.scale.Has(p) {
				d.outside = append(d.outside, placed{r.at + int32(k), r.level})
			}
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
	d.account.Negative(d.source, level, class, bin, place, n)
	d.binned.add(0, bin, place, p, n)
}

// twice notes that a negative anchor has a score that is not its highest.
func (d *detector) twice(less ledger.Moments, p float64) {
	if !d.scale.Has(p) {
		return
	}
	bin, at := d.scale.At(p)
	place := ledger.PlaceOf(at)
	less.Add(bin, 1, &place)
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
