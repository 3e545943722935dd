package analysis

import (
	"slices"

	"focalaudit/pkg/loss"
	"focalaudit/pkg/scores"
)

// maxLosses bounds the losses of the tables: cross entropy with and without α,
// and focal loss at every γ of the sweep and of the run.
const maxLosses = 8

// sums are terms and their losses and gradients under each loss.
type sums struct {
	n          int64
	loss, grad [maxLosses]float64
}

func (s *sums) add(o *sums) {
	s.n += o.n
	for i := range s.loss {
		s.loss[i] += o.loss[i]
		s.grad[i] += o.grad[i]
	}
}

// difficulties are all of them, in the order of reports.
var difficulties = [...]Difficulty{Easy, Medium, Hard}

// part is the sums of a part of the data set, by set, difficulty and band:
// see layout.at.
type part []sums

func (p part) add(o part) {
	for i := range p {
		if o[i].n > 0 {
			p[i].add(&o[i])
		}
	}
}

// layout is how parts are laid out. The terms that a detector's scores lift
// above the lowest of its floors are told apart by band: how many of the floors,
// falling, are at or above their score. Under floor f, bands 0 to f count with
// their scores, all other terms have the floor's.
type layout struct{ bands, levels int }

func (l layout) size() int { return len(sets) * len(difficulties) * l.bands }

func (l layout) at(set, difficulty, band int) int {
	return (set*len(difficulties)+difficulty)*l.bands + band
}

// The parts of a ledger before those of classes.
func (l layout) whole() int           { return 0 }
func (l layout) level(i int) int      { return 1 + i }
func (l layout) sizeClass(s Size) int { return 1 + l.levels + int(s) }
func (l layout) fixed() int           { return 1 + l.levels + int(NumSizes) }

// ledger adds up a detector's terms under one objective. Classes have parts
// only if some term is theirs.
type ledger struct {
	layout
	cells   []sums
	slot    []int32 // by class: its part, 0 if it has none
	touched []int32 // the classes that have parts, in their order
}

func newLedger(l layout, classes int) *ledger {
	return &ledger{layout: l, cells: make([]sums, l.fixed()*l.size()), slot: make([]int32, classes)}
}

func (l *ledger) part(i int) part { return l.cells[i*l.size() : (i+1)*l.size()] }

// class returns the part of a class, made if it has none.
func (l *ledger) class(c int32) part {
	if l.slot[c] == 0 {
		l.slot[c] = int32(l.fixed() + len(l.touched))
		l.touched = append(l.touched, c)
		l.cells = append(l.cells, make([]sums, l.size())...)
	}
	return l.part(int(l.slot[c]))
}

// take moves what l holds to another ledger of the same layout. The whole, which
// nobody adds to, is the sum of the levels.
func (l *ledger) take() *ledger {
	for i := range l.levels {
		l.part(l.whole()).add(l.part(l.level(i)))
	}
	o := &ledger{layout: l.layout, cells: append([]sums(nil), l.cells...), touched: append([]int32(nil), l.touched...)}
	for _, c := range l.touched {
		l.slot[c] = 0
	}
	l.cells, l.touched = l.cells[:l.fixed()*l.size()], l.touched[:0]
	clear(l.cells)
	return o
}

// merge adds another ledger, which has no slots of its own.
func (l *ledger) merge(o *ledger) {
	for i := range l.fixed() {
		l.part(i).add(o.part(i))
	}
	for k, c := range o.touched {
		l.class(c).add(o.part(o.fixed() + k))
	}
}

// imageSums are the losses of one image under one objective, by loss and set, of
// the terms that a detector lifts above its floor.
type imageSums struct {
	n, easy      [len(sets)]int64
	sum, easySum [maxLosses][len(sets)]float64
}

// ownSums are the losses of an object's own terms, those of its positive anchors
// that a detector lifts above its floor.
type ownSums struct {
	n    int64
	loss [maxLosses]float64
}

// Account is what a detector's scores make of the anchors, under each objective.
type Account struct {
	Floors []float64 // falling
	Main   int       // index of the detector's own floor

	// Missing is the number of images in use that have no logits; Placed that of
	// the detections on images in use, and Outside that of those with nothing
	// within their image.
	Missing, Placed, Outside int64

	naming  scores.Naming
	plain   bool // there are scores of objectness only
	layout  layout
	ledgers [2]*ledger // by objective, as Objectives
	sources [2][]part  // of whole sources
	spread  [2][len(sets)]loss.Histogram
	images  [][][2]imageSums // by source, image and objective
	objects [][]ownSums      // by source and object, under the run's objective
	peaks   [][]imagePeaks   // by source and image, of logits if they audit the labels

	neighbours [2][]int32 // by class: the class whose category id is one higher, one lower, -1 if there is none
	agreement  agreement
}

// agreement weighs the detections that lie on an object, by whether their class
// is the object's: as it is, and with category ids one higher and one lower. A
// detection's weight is its score in thousandths, so that the crowd of unlikely
// ones, which detectors write down for several classes, does not drown the
// others.
type agreement struct{ pairs, all, same, higher, lower int64 }

// sameObject is the IoU from which on a detection is taken to be about an
// object: COCO's first threshold.
const sameObject = 0.5

func (a *agreement) merge(o agreement) {
	a.pairs += o.pairs
	a.all += o.all
	a.same += o.same
	a.higher += o.higher
	a.lower += o.lower
}

func (a *agreement) percent(shift int) float64 {
	return 100 * float64([]int64{a.lower, a.same, a.higher}[shift+1]) / float64(a.all)
}

// shifted tells which shift of the category ids makes most classes agree where
// few do as they are. Fewer than 20 pairs tell nothing.
func (a *agreement) shifted() (shift int, ok bool) {
	for _, shift := range []int{1, -1} {
		if a.pairs >= 20 && a.percent(shift) > 50 && a.percent(0) < 20 {
			return shift, true
		}
	}
	return 0, false
}

// has reports whether there are scores under an objective.
func (a *Account) has(o Objective) bool { return a == nil || !a.plain || o == Objectness }

// special returns how many terms of a part have a score above a floor, with
// their loss and gradient under one loss.
func (a *Account) special(p part, set, difficulty, floor, l int) (n int64, sum, grad float64) {
	if a == nil || p == nil {
		return 0, 0, 0
	}
	for band := range floor + 1 {
		s := &p[a.layout.at(set, difficulty, band)]
		n += s.n
		sum += s.loss[l]
		grad += s.grad[l]
	}
	return n, sum, grad
}

// part returns the part of a scope, nil if it has no terms above a floor.
func (a *Account) part(objective int, s scopeName) part {
	if a == nil {
		return nil
	}
	l := a.ledgers[objective]
	switch s.Scope {
	case BySource:
		return a.sources[objective][s.index]
	case ByLevel:
		return l.part(l.level(s.index))
	case BySizeClass:
		return l.part(l.sizeClass(Size(s.index)))
	case ByClass:
		if l.slot[s.index] == 0 {
			return nil
		}
		return l.part(int(l.slot[s.index]))
	}
	return l.part(l.whole())
}

// newAccounts makes room for what the detectors' scores make of the anchors.
func (r *Result) newAccounts() {
	r.Accounts = make([]*Account, len(r.Config.Scores))
	for k := range r.Config.Scores {
		s := &r.Config.Scores[k]
		if !s.Model() {
			continue
		}
		a := &Account{Floors: s.Floors()}
		if s.Detector != nil {
			a.Main = slices.Index(a.Floors, s.Detector.Floor)
		}
		a.layout = layout{bands: len(a.Floors), levels: len(r.Config.Preset.Anchors.Levels)}
		for o := range a.ledgers {
			a.ledgers[o] = newLedger(a.layout, len(r.Data.Classes))
			for range r.Data.Sources {
				a.sources[o] = append(a.sources[o], make(part, a.layout.size()))
			}
		}
		for i := range r.Data.Sources {
			a.images = append(a.images, make([][2]imageSums, len(r.Data.Sources[i].Images)))
			a.objects = append(a.objects, make([]ownSums, len(r.Data.Sources[i].Objects)))
			if s.Logits != nil && r.Config.auditor() == k {
				a.peaks = append(a.peaks, make([]imagePeaks, len(r.Data.Sources[i].Images)))
			}
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

// gather adds a worker's histograms and counts. They are whole numbers, so the
// order of workers is of no matter.
func (a *Account) gather(t *terms) {
	for o := range a.spread {
		for s := range a.spread[o] {
			a.spread[o][s].Merge(&t.spread[o][s])
		}
	}
	a.agreement.merge(t.agreement)
	a.Missing += t.missing
	a.plain = a.plain || t.plain
	a.Placed += t.placed
	a.Outside += t.outside
}
