package ledger

import (
	"slices"
	"sync"
	"unsafe"

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

	// Scale is that of binned terms; nil if all terms are entered by sheets, as those of
	// logits are, and of so many sources or classes that bins would take too much memory.
	Scale *Scale

	bank    loss.Bank
	layout  layout
	columns [NumObjectives]columns // of the terms that sheets enter
	binned  [NumObjectives]binned  // the others
	spread  [NumObjectives][NumSets]loss.Histogram

	// Of positive anchors whose targets are soft: how they spread, and the sum of their targets.
	soft    [NumObjectives]loss.SoftHistogram
	targets loss.Exact

	// pending are, by class, negative anchors' terms that wait for being entered in bins
	// of their class and level: bins of one class after the other are in the processor's
	// reach. All are of one source's images.
	pending [][]uint64
	waiting int   // terms that are pending
	source  int   // of the pending terms
	touched int64 // means nothing: what is read has to go somewhere

	reading sync.Mutex
	read    *[NumObjectives]columns // of all terms; nil until they are asked for
}

// binned are terms by bin. Moments are nil where there are none.
type binned struct {
	levels  [][][NumSets]Moments // by source and level
	sizes   [NumSizes][NumSets]Moments
	classes [][NumSets]Moments

	// less are, of objectness and by source and level, the terms that negative anchors have
	// under classes beyond their highest. Its own negatives are those of the levels under
	// classes without them.
	less [][]Moments
}

// Up to so many sources and classes, terms are binned: a source's levels and a class take
// 80 kB or a few times that.
const (
	binnedSources = 64
	binnedClasses = 2048
)

// bin has a new account's terms binned, of detections under so many sources and classes.
func (a *Account) bin(s *Setting, sources, classes int) {
	if sources > binnedSources || classes > binnedClasses {
		return
	}
	a.Scale, a.bank, a.pending = newScale(a.Floors, s.Edges), s.Bank, make([][]uint64, classes)
	for o := range a.binned {
		b := &a.binned[o]
		b.levels, b.classes = make([][][NumSets]Moments, sources), make([][NumSets]Moments, classes)
		for i := range b.levels {
			b.levels[i] = make([][NumSets]Moments, a.layout.levels)
			b.less = append(b.less, make([]Moments, a.layout.levels))
		}
	}
}

// A pending term: the place, then from bit 32 on the bin, the level and the number.
const (
	pendingBin   = unitBits + 1
	pendingLevel = pendingBin + 13
	pendingN     = pendingLevel + 8
	MostTerms    = 1<<(64-pendingN) - 1

	maxPending = 1 << 12 // terms of a class, and
	maxWaiting = 1 << 20 // of all classes
)

// Term packs n negative anchors on a level that have one score, whose bin and place are given, for Pend. n is at
// most MostTerms.
func Term(level, bin int, place, n int64) uint64 {
	return uint64(rounded(place)+1<<(unitBits-1)) | uint64(bin)<<pendingBin | uint64(level)<<pendingLevel |
		uint64(n)<<pendingN
}

// Pending returns the terms of negative anchors that wait for being counted for a class, where those of an image of a
// source are appended. Pend takes them back.
func (a *Account) Pending(source int, class int32) []uint64 {
	if a.source != source {
		a.flush()
		a.source = source
	}
	return a.pending[class]
}

// Pend takes what Pending returned, with the terms of the image.
func (a *Account) Pend(class int32, terms []uint64) {
	a.waiting += len(terms) - len(a.pending[class])
	a.pending[class] = terms
	if len(terms) >= maxPending {
		a.flushClass(int(class))
	} else if a.waiting >= maxWaiting {
		a.flush()
	}
}

// flush enters what is pending.
func (a *Account) flush() {
	if a.waiting > 0 {
		for class := range a.pending {
			a.flushClass(class)
		}
	}
}

func (a *Account) flushClass(class int) {
	p := a.pending[class]
	if len(p) == 0 {
		return
	}
	of := a.Class(PerClass, int32(class), Negative)
	for terms := range slices.Chunk(p, reachable) {
		a.touched = a.touch(of, terms)
		a.count(of, terms)
	}
	a.waiting -= len(p)
	a.pending[class] = p[:0]
}

// reachable is how many terms are counted after their bins have been read once: so few that the bins stay in the
// processor's first cache. It waits for several bins at a time while they are only read.
const reachable = 64

// touch reads the bins of a class's pending terms. The sum that it returns means nothing.
func (a *Account) touch(of Moments, terms []uint64) (sum int64) {
	var levels Moments
	level := -1
	for _, x := range terms {
		if l := int(x >> pendingLevel & 0xff); l != level {
			level, levels = l, a.Level(PerClass, a.source, l, Negative)[:len(of)]
		}
		bin := x >> pendingBin & (1<<(pendingLevel-pendingBin) - 1)
		sum += of[bin].n + levels[bin].n
	}
	return sum
}

// count counts a class's pending terms.
func (a *Account) count(of Moments, terms []uint64) {
	var levels Moments
	level := -1
	for _, x := range terms {
		if l := int(x >> pendingLevel & 0xff); l != level {
			level, levels = l, a.Level(PerClass, a.source, l, Negative)[:len(of)]
		}
		bin, n := x>>pendingBin&(1<<(pendingLevel-pendingBin)-1), int64(x>>pendingN)
		place := powers(int64(x&(1<<pendingBin-1)) - 1<<(unitBits-1))
		one, two, three := n*place[0], n*place[1], n*place[2]
		c := &of[bin]
		c.n += n
		c.s[0] += one
		c.s[1] += two
		c.s[2] += three
		c = &levels[bin]
		c.n += n
		c.s[0] += one
		c.s[1] += two
		c.s[2] += three
	}
}

func (a *Account) moments(m *Moments) Moments {
	if *m == nil {
		*m = make(Moments, len(a.Scale.Bins))
	}
	return *m
}

// Level returns the binned terms of a level of a source's images.
func (a *Account) Level(o Objective, source, level int, set Set) Moments {
	return a.moments(&a.binned[o].levels[source][level][set])
}

// Less returns, of the negative anchors of a level of a source's images, the binned terms
// under classes that objectness does not have: an anchor has one there, the highest.
func (a *Account) Less(source, level int) Moments {
	return a.moments(&a.binned[Objectness].less[source][level])
}

// level returns the binned terms of a level, to be read.
func (a *Account) level(o Objective, source, level int, set Set) Moments {
	if o == Objectness && set == Negative {
		return a.binned[PerClass].levels[source][level][set].without(a.binned[o].less[source][level])
	}
	return a.binned[o].levels[source][level][set]
}

// SizeClass returns the binned terms of a size class.
func (a *Account) SizeClass(o Objective, size Size, set Set) Moments {
	return a.moments(&a.binned[o].sizes[size][set])
}

// Class returns the binned terms of a class.
func (a *Account) Class(o Objective, class int32, set Set) Moments {
	return a.moments(&a.binned[o].classes[class][set])
}

// Rows are what single images and objects cost under a detector's scores, by source.
// They are not summed.
type Rows struct {
	Images  [][][NumObjectives]ImageSums
	Objects [][]OwnSums // under the run's objective
}

// RowBytes is the memory that the rows of so many images and objects take.
func RowBytes(images, objects int) int64 {
	return int64(images)*NumObjectives*int64(unsafe.Sizeof(ImageSums{})) + int64(objects)*int64(unsafe.Sizeof(OwnSums{}))
}

// ImageSums are the losses of one image under one objective, by loss and set, of
// the terms that a detector lifts above its floor.
type ImageSums struct {
	N   [NumSets]int64
	Sum [MaxLosses][NumSets]float64

	EasyNegatives   int64 // terms of the set Negative that are easy
	EasyNegativeSum [MaxLosses]float64

	Soft    bool    // targets of positive anchors are soft
	Targets float64 // their sum
}

// Add adds n terms of a set that cost so much together.
func (s *ImageSums) Add(set Set, easy bool, n int64, loss []float64) {
	s.N[set] += n
	for i, v := range loss {
		s.Sum[i][set] += v
	}
	if easy && set == Negative {
		s.EasyNegatives += n
		for i, v := range loss {
			s.EasyNegativeSum[i] += v
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
	a.read = nil
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

// Histogram returns how the terms of a set spread over logits, those that are not binned.
func (a *Account) Histogram(o Objective, set Set) *loss.Histogram { return &a.spread[o][set] }

// Soft counts the term of a positive anchor with a soft target.
func (a *Account) Soft(o Objective, z loss.Logit, target float64) {
	if a.soft[o] == nil {
		a.soft[o] = loss.SoftHistogram{}
	}
	a.soft[o].Add(z, target)
	if o == Objectness { // an anchor has one term there
		a.targets.Add(target)
	}
}

// Targets returns the sum of the soft targets.
func (a *Account) Targets() float64 { return a.targets.Total() }

// Add adds another part's account, of the same scores.
func (a *Account) Add(o *Account) {
	a.Missing += o.Missing
	a.Placed += o.Placed
	a.Outside += o.Outside
	a.Plain = a.Plain || o.Plain
	a.Agreement.Add(&o.Agreement)
	a.targets.Merge(&o.targets)
	a.read = nil
	a.flush()
	o.flush()
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
		a.mergeBinned(Objective(k), o)
		for s := range a.spread[k] {
			a.spread[k][s].Merge(&o.spread[k][s])
		}
		if o.soft[k] != nil {
			if a.soft[k] == nil {
				a.soft[k] = loss.SoftHistogram{}
			}
			a.soft[k].Merge(o.soft[k])
		}
	}
}

func (a *Account) mergeBinned(o Objective, other *Account) {
	to, from := &a.binned[o], &other.binned[o]
	merge := func(to, from *[NumSets]Moments) {
		for set, m := range from {
			if m != nil {
				a.moments(&to[set]).merge(m)
			}
		}
	}
	for s := range from.levels {
		addAll(to.levels[s], from.levels[s], merge)
		for level, m := range from.less[s] {
			if m != nil {
				a.moments(&to.less[s][level]).merge(m)
			}
		}
	}
	addAll(to.sizes[:], from.sizes[:], merge)
	addAll(to.classes, from.classes, merge)
}

// all returns the sums of all terms. The caller changes nothing of them.
func (a *Account) all() *[NumObjectives]columns {
	if a.Scale == nil {
		return &a.columns
	}
	a.reading.Lock()
	defer a.reading.Unlock()
	if a.read == nil {
		a.flush()
		a.read = a.settle()
	}
	return a.read
}

// settle prices the binned terms and adds them to the others.
func (a *Account) settle() *[NumObjectives]columns {
	var of [2][]prices
	var known [2][]bool
	for y := range of {
		of[y], known[y] = make([]prices, len(a.Scale.Bins)), make([]bool, len(a.Scale.Bins))
	}
	all := &[NumObjectives]columns{}
	for o := range all {
		c, from, b := &all[o], &a.columns[o], &a.binned[o]
		copied := func(ps []part) []part {
			out := make([]part, len(ps))
			for i, p := range ps {
				if p != nil {
					out[i] = make(part, len(p))
					out[i].merge(p)
				}
			}
			return out
		}
		c.sources, c.parts, c.classes = copied(from.sources), copied(from.parts), copied(from.classes)
		enter := func(m Moments, set Set, parts ...*part) {
			for bin := range m {
				if n := m[bin].n; n != 0 {
					y := set.Target()
					of := &of[y][bin]
					if !known[y][bin] {
						*of, known[y][bin] = a.Scale.Bins[bin].prices(a.bank, y), true
					}
					cell := Cell{N: n}
					for l := range a.bank {
						cell.Loss[l], cell.Grad[l] = m[bin].sum(&of.loss[l]), m[bin].sum(&of.grad[l])
					}
					at := a.layout.at(set, a.Scale.Bins[bin].Difficulty[y], a.Scale.Bins[bin].Band)
					for _, p := range parts {
						*p = grown(*p, a.layout.size())
						p.at(at).add(&cell)
					}
				}
			}
		}
		for set := range Set(NumSets) {
			for s := range b.levels {
				for level := range b.levels[s] {
					enter(a.level(Objective(o), s, level, set), set, &c.sources[s], &c.parts[a.layout.level(level)])
				}
			}
			for size := range b.sizes {
				enter(b.sizes[size][set], set, &c.parts[a.layout.sizeClass(Size(size))])
			}
			for class := range b.classes {
				enter(b.classes[class][set], set, &c.classes[class])
			}
		}
	}
	return all
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
	c := &a.all()[o]
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
