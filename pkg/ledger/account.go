package ledger

import (
	"slices"

	"focalaudit/pkg/loss"
)

// sums are terms with their losses and gradients under each loss, summed over images.
type sums struct {
	n          int64
	loss, grad [MaxLosses]loss.Exact
}

func (s *sums) add(c *Cell) {
	s.n += c.N
	for i := range s.loss {
		if c.Grad[i] != 0 || c.Loss[i] != 0 {
			s.loss[i].Add(c.Loss[i])
			s.grad[i].Add(c.Grad[i])
		}
	}
}

func (s *sums) merge(o *sums) {
	s.n += o.n
	for i := range s.loss {
		s.loss[i].Merge(&o.loss[i])
		s.grad[i].Merge(&o.grad[i])
	}
}

// part is the sums of a part of the data set, by cell number; nil where there are none.
type part []*sums

func (p part) at(i int) *sums {
	if p[i] == nil {
		p[i] = &sums{}
	}
	return p[i]
}

func (p part) merge(o part) {
	for i, s := range o {
		if s != nil {
			p.at(i).merge(s)
		}
	}
}

// columns are the sums of a detector's terms under one objective.
type columns struct {
	sources []part // by source; nil where no term is
	parts   []part // of levels and size classes, as layout numbers them
	classes []part // by class; nil where no term is
}

// Agreement weighs the detections that lie on an object, by whether their class
// is the object's: as it is, and with category ids one higher and one lower. A
// detection's weight is its score in thousandths, so that the crowd of unlikely
// ones, which detectors write down for several classes, does not drown the
// others.
type Agreement struct{ Pairs, All, Same, Higher, Lower int64 }

// Add adds another part's weights.
func (a *Agreement) Add(o *Agreement) {
	a.Pairs += o.Pairs
	a.All += o.All
	a.Same += o.Same
	a.Higher += o.Higher
	a.Lower += o.Lower
}

// Account is what a detector's scores make of the anchors, under each objective. Parts
// of a data set add up.
type Account struct {
	Floors []float64 // falling
	Main   int       // index of the detector's own floor

	Missing   int64 // images in use that have no logits
	Placed    int64 // detections on images in use
	Outside   int64 // those of them with nothing within their image
	Plain     bool  // some image has scores of objectness only
	Agreement Agreement

	layout  layout
	columns [NumObjectives]columns
	spread  [NumObjectives][NumSets]loss.Histogram
}

// Rows are what single images and objects cost under a detector's scores, by source.
// They are not summed.
type Rows struct {
	Images  [][][NumObjectives]ImageSums
	Objects [][]OwnSums // under the run's objective
}

// ImageSums are the losses of one image under one objective, by loss and set, of
// the terms that a detector lifts above its floor.
type ImageSums struct {
	N, Easy      [NumSets]int64
	Sum, EasySum [MaxLosses][NumSets]float64
}

// Add adds n terms of a set that cost so much together.
func (s *ImageSums) Add(set Set, easy bool, n int64, loss []float64) {
	s.N[set] += n
	for i, v := range loss {
		s.Sum[i][set] += v
	}
	if easy {
		s.Easy[set] += n
		for i, v := range loss {
			s.EasySum[i][set] += v
		}
	}
}

// OwnSums are the losses of an object's own terms, those of its positive anchors
// that a detector lifts above its floor.
type OwnSums struct {
	N    int64
	Loss [MaxLosses]float64
}

// NewAccount makes an account for a source with the given floors, falling, of which
// main is its own.
func NewAccount(floors []float64, main, sources, levels, classes int) *Account {
	a := &Account{Floors: floors, Main: main, layout: layout{bands: len(floors), levels: levels}}
	for o := range a.columns {
		c := &a.columns[o]
		c.sources, c.classes = make([]part, sources), make([]part, classes)
		for range a.layout.fixed() {
			c.parts = append(c.parts, make(part, a.layout.size()))
		}
	}
	return a
}

// NewSheet returns a sheet for the images that are entered in a.
func (a *Account) NewSheet() *Sheet { return newSheet(a.layout, len(a.columns[0].classes)) }

// Enter adds the terms of an image of a source, and empties the sheet.
func (a *Account) Enter(o Objective, source int, s *Sheet) {
	c := &a.columns[o]
	for i, key := range s.keys {
		p, at := key/s.size(), key%s.size()
		switch {
		case p >= s.fixed():
			class := s.owner[p-s.fixed()]
			c.classes[class] = grown(c.classes[class], s.size())
			c.classes[class].at(at).add(&s.cells[i])
			continue
		case p < s.levels: // the levels' terms are those of the whole
			c.sources[source] = grown(c.sources[source], s.size())
			c.sources[source].at(at).add(&s.cells[i])
		}
		c.parts[p].at(at).add(&s.cells[i])
	}
	s.reset()
}

func grown(p part, size int) part {
	if p == nil {
		return make(part, size)
	}
	return p
}

// Histogram returns how the terms of a set spread over logits.
func (a *Account) Histogram(o Objective, set Set) *loss.Histogram { return &a.spread[o][set] }

// Add adds another part's account, of the same scores.
func (a *Account) Add(o *Account) {
	a.Missing += o.Missing
	a.Placed += o.Placed
	a.Outside += o.Outside
	a.Plain = a.Plain || o.Plain
	a.Agreement.Add(&o.Agreement)
	for k := range a.columns {
		c, of := &a.columns[k], &o.columns[k]
		merge := func(to, from []part) {
			for i, p := range from {
				if p != nil {
					to[i] = grown(to[i], len(p))
					to[i].merge(p)
				}
			}
		}
		merge(c.sources, of.sources)
		merge(c.parts, of.parts)
		merge(c.classes, of.classes)
		for s := range a.spread[k] {
			a.spread[k][s].Merge(&o.spread[k][s])
		}
	}
}

// Has reports whether there are scores under an objective; a may be nil, for a source
// without a detector.
func (a *Account) Has(o Objective) bool { return a == nil || !a.Plain || o == Objectness }

// lifted is the terms of a kind that have a score above a floor.
type lifted struct {
	n         int64
	sum, grad float64
}

// special returns how many terms of some parts together have a score above a floor,
// with their loss and gradient under one loss.
func (a *Account) special(ps []part, set Set, d Difficulty, floor, l int) (out lifted) {
	var sum, grad loss.Exact
	for _, p := range ps {
		for band := range floor + 1 {
			if s := p[a.layout.at(set, d, band)]; s != nil {
				out.n += s.n
				sum.Merge(&s.loss[l])
				grad.Merge(&s.grad[l])
			}
		}
	}
	out.sum, out.grad = sum.Total(), grad.Total()
	return out
}

// partsOf returns the parts of a scope: none if it has no terms above a floor.
func (a *Account) partsOf(o Objective, s scopeName) []part {
	if a == nil {
		return nil
	}
	c := &a.columns[o]
	var ps []part
	switch s.Scope {
	case BySource:
		ps = c.sources[s.index : s.index+1]
	case ByLevel:
		ps = c.parts[a.layout.level(s.index):][:1]
	case BySizeClass:
		ps = c.parts[a.layout.sizeClass(Size(s.index)):][:1]
	case ByClass:
		ps = c.classes[s.index : s.index+1]
	default:
		ps = c.parts[:a.layout.levels] // the whole is the levels together
	}
	return slices.DeleteFunc(slices.Clone(ps), func(p part) bool { return p == nil })
}
