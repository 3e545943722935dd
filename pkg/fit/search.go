package fit

import (
	"cmp"
	"context"
	"math"
	"math/bits"
	"math/rand/v2"
	"runtime"
	"slices"

	"focalaudit/pkg/anchors"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/par"
	"focalaudit/pkg/trainer"
)

// Options say how to search.
type Options struct {
	Seed    uint64
	Workers int    // goroutines; the result does not depend on it
	Done    func() // is told of every search that ends, of Searches; nil if nobody asks
}

// Point is a setting, with what it is expected to do to the objects of a World.
type Point struct {
	Anchors   anchors.Anchors
	Shapes    int     // of all levels together
	Uncovered int     // objects that no anchor suits
	Ratio     float64 // anchors for one positive anchor
}

// prices are how many of all objects may go uncovered for anchors per positive to fall by a factor of e. At 0 only
// objects count; at the highest price a setting with 3 points fewer covered and half the ratio is equal. They were
// chosen so that neighbouring ones give settings a few points apart, on TACO and COCO val.
var prices = []float64{0, 0.004, 0.01, 0.02, 0.04}

// starts is how many settings each search starts from: the preset, the preset at half and at one and a half its
// size, and one at random.
const starts = 4

// Searches is how many searches Search makes for a preset: progress is told of so many.
func Searches(p *trainer.Preset) int { return len(variants(p)) * starts }

// Search varies a preset's anchors and returns the settings that no other one beats in all three: objects covered,
// anchors per positive, and shapes, by falling coverage. The preset's own is not among them. w must be of this
// preset.
func Search(ctx context.Context, w *World, p *trainer.Preset, o Options) ([]Point, error) {
	kinds := variants(p)
	found := make([][]Point, len(kinds)*starts)
	workers := max(1, min(o.Workers, runtime.GOMAXPROCS(0)))
	err := par.Do(ctx, workers, len(found), func(i int) error {
		s := newSearch(w, p, kinds[i/starts])
		rng := rand.New(rand.NewPCG(o.Seed, uint64(i)))
		s.begin(i%starts, rng)
		for _, price := range prices {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			s.price = price
			s.descend(ctx)
			found[i] = append(found[i], s.point())
		}
		if o.Done != nil {
			o.Done()
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return front(slices.Concat(found...)), nil
}

// Measure returns what the anchors of a preset are expected to do.
func Measure(w *World, p *trainer.Preset) Point {
	s := newSearch(w, p, settingOf(&p.Anchors))
	return s.point()
}

// leastGain is by how much anchors per positive must fall for another row: less is no reason to choose.
const leastGain = 0.85

// front returns the points that no other point beats, by falling coverage.
func front(all []Point) (out []Point) {
	slices.SortStableFunc(all, func(a, b Point) int {
		switch {
		case a.Uncovered != b.Uncovered:
			return a.Uncovered - b.Uncovered
		case a.Ratio < b.Ratio:
			return -1
		case a.Ratio > b.Ratio:
			return 1
		}
		return a.Shapes - b.Shapes
	})
	for _, p := range all {
		if !slices.ContainsFunc(out, func(o Point) bool { return o.Shapes <= p.Shapes && o.Ratio*leastGain <= p.Ratio }) {
			out = append(out, p)
		}
	}
	return out
}

// variants are the settings to start from: the preset's own number of sizes a level, one fewer and one more, spread
// over the octave from the level's first one; of boxes the preset's own number.
func variants(p *trainer.Preset) []setting {
	own := settingOf(&p.Anchors)
	all := []setting{own}
	if len(own.ratios) == 0 {
		return all
	}
	most := 0
	for _, sizes := range own.sizes {
		most = max(most, len(sizes))
	}
	for _, more := range [2]int{-1, 1} {
		if most+more < 1 {
			continue
		}
		v := own.clone()
		for k, sizes := range own.sizes {
			n := max(1, len(sizes)+more)
			v.sizes[k] = make([]float64, n)
			for i := range n {
				v.sizes[k][i] = sizes[0] + float64(math.Ln2*float64(i)/float64(n))
			}
		}
		all = append(all, v)
	}
	return all
}

// search is one descent: it holds the setting at hand, and what each of its shapes covers.
type search struct {
	*World
	preset *trainer.Preset
	setting
	price float64
	of    [][]covered // by level and shape; under sizes and ratios size-major

	trial  []covered // of the shapes that a variable changes
	others []uint64  // what the other shapes cover
}

func newSearch(w *World, p *trainer.Preset, from setting) *search {
	s := &search{World: w, preset: p, setting: from.clone(), of: make([][]covered, len(w.Cells))}
	s.whole()
	return s
}

// whole computes what every shape covers.
func (s *search) whole() {
	for level := range s.of {
		s.of[level] = slices.Grow(s.of[level][:0], s.shapes(level))[:s.shapes(level)]
		for k := range s.of[level] {
			s.cover(level, s.shape(level, k), &s.of[level][k])
		}
	}
}

// shapes is how many shapes a level has.
func (s *search) shapes(level int) int {
	if n := len(s.boxes[level]); n > 0 {
		return n
	}
	return len(s.sizes[level]) * len(s.ratios)
}

// shape is a shape of a level, in the trainer's arithmetic.
func (s *search) shape(level, k int) geom.Box32 {
	if len(s.boxes[level]) > 0 {
		b := s.boxes[level][k]
		return boxOf(math.Exp(b[0]), math.Exp(b[1]))
	}
	size, ratio := s.sizes[level][k/len(s.ratios)], s.ratios[k%len(s.ratios)]
	a := &s.preset.Anchors
	return shapeOf(a.Arithmetic, a.Levels[level].Stride, math.Exp(size), math.Exp(ratio))
}

// begin moves the setting to one of the starts.
func (s *search) begin(start int, rng *rand.Rand) {
	scale, stretch := 0.0, 1.0
	switch start {
	case 1:
		scale = -math.Ln2
	case 2:
		scale = math.Log(1.5)
	case 3:
		scale, stretch = rng.Float64()-1, 0.7+float64(0.9*rng.Float64())
	}
	own := s.setting
	for part := 1.0; ; part /= 2 { // as far as the bounds let it
		s.setting = own.clone()
		valid := true
		s.each(func(v variable) {
			if at := *s.pointer(v); v.level < 0 {
				valid = s.move(v, at*math.Pow(stretch, part))
			} else {
				valid = s.move(v, at+float64(part*scale))
			}
		})
		if valid {
			break
		}
		if part < 1.0/8 {
			s.setting = own
			break
		}
	}
	s.whole()
}

// variable is a number of a setting that may be varied: a size or a side of a box of a level, or a ratio. Where
// levels share their sizes, the first one's stand for all.
type variable struct {
	level, k int // level -1: the ratio k
	side     int // of a box: 0 width, 1 height
}

// each calls f with every variable.
func (s *search) each(f func(variable)) {
	for level := range s.sizes {
		for k := range s.sizes[level] {
			if level == 0 || !s.shared {
				f(variable{level, k, 0})
			}
		}
		for k := range s.boxes[level] {
			f(variable{level, k, 0})
			f(variable{level, k, 1})
		}
	}
	for k := range s.ratios {
		f(variable{-1, k, 0})
	}
}

// gap is by which factor, as a logarithm, sizes and ratios differ at least: nearer ones have the same objects, and
// only count them twice. Levels follow each other: each has larger sizes than the one before. RetinaNet's sizes
// differ by 1.26.
var gap = math.Log(1.15)

// move moves a variable to x, and reports whether a trainer may be given that: ratios of 1/16 to 16, and sizes of 1
// to 16 strides of their level, since a feature map that sees coarser or finer than that does not learn them
// (published presets have 1.25 to 11.65), in order and apart from each other.
func (s *search) move(v variable, x float64) bool {
	*s.pointer(v) = x
	if v.level >= 0 && s.shared {
		for level := range s.sizes {
			s.sizes[level][v.k] = x + s.stride(level) - s.stride(v.level)
		}
	}
	before := math.Inf(-1)
	for level, sizes := range s.sizes {
		low := s.stride(level)
		for _, x := range sizes {
			if x < low || x > low+4*math.Ln2 || x < before+gap {
				return false
			}
			before = x
		}
		for k, b := range s.boxes[level] {
			if min(b[0], b[1]) < low || max(b[0], b[1]) > low+4*math.Ln2 {
				return false
			}
			for _, o := range s.boxes[level][:k] {
				if max(math.Abs(b[0]-o[0]), math.Abs(b[1]-o[1])) < gap {
					return false
				}
			}
		}
	}
	before = -4*math.Ln2 - gap
	for _, x := range s.ratios {
		if x < before+gap || x > 4*math.Ln2 {
			return false
		}
		before = x
	}
	return true
}

// stride is the logarithm of a level's stride.
func (s *search) stride(level int) float64 {
	return math.Log(float64(s.preset.Anchors.Levels[level].Stride))
}

func (s *search) pointer(v variable) *float64 {
	switch {
	case v.level < 0:
		return &s.ratios[v.k]
	case len(s.boxes[v.level]) > 0:
		return &s.boxes[v.level][v.k][v.side]
	}
	return &s.sizes[v.level][v.k]
}

// changes reports whether a shape depends on a variable.
func (s *search) changes(v variable, level, shape int) bool {
	switch {
	case v.level < 0:
		return shape%len(s.ratios) == v.k
	case v.level != level && !s.shared:
		return false
	case len(s.boxes[level]) > 0:
		return shape == v.k
	}
	return shape/len(s.ratios) == v.k
}

// steps are by how much variables are moved, in turn, until none helps any more: from a factor of 1.6 to one
// of 1.03.
var steps = []float64{0.48, 0.24, 0.12, 0.06, 0.03}

// descend moves one variable at a time to where the cost is lowest.
func (s *search) descend(ctx context.Context) {
	best := s.cost(s.totals())
	for _, step := range steps {
		for moved := true; moved && ctx.Err() == nil; {
			moved = false
			s.each(func(v variable) {
				at := *s.pointer(v)
				for _, to := range [2]float64{at - step, at + step} {
					if s.move(v, to) {
						s.leave(v)
						if cost := s.try(v); cost < best-1e-12 {
							best, at, moved = cost, to, true
							s.keep(v)
						}
					}
					s.move(v, at)
				}
			})
		}
	}
}

// leave gathers what the shapes cover that do not depend on a variable.
func (s *search) leave(v variable) {
	s.others = append(s.others[:0], make([]uint64, (s.Objects+63)/64)...)
	for level := range s.of {
		for k := range s.of[level] {
			if !s.changes(v, level, k) {
				merge(s.others, s.of[level][k].set)
			}
		}
	}
}

func merge(to, from []uint64) {
	for i, x := range from {
		to[i] |= x
	}
}

// try returns the cost of the setting at hand, of which a variable was set.
func (s *search) try(v variable) float64 {
	union := slices.Clone(s.others)
	positives, n := int64(0), 0
	for level := range s.of {
		for k := range s.of[level] {
			if !s.changes(v, level, k) {
				positives += s.of[level][k].positives
				continue
			}
			if n == len(s.trial) {
				s.trial = append(s.trial, covered{})
			}
			s.cover(level, s.shape(level, k), &s.trial[n])
			positives += s.trial[n].positives
			merge(union, s.trial[n].set)
			n++
		}
	}
	return s.cost(s.uncovered(union), positives)
}

// keep makes what was tried the setting's own.
func (s *search) keep(v variable) {
	n := 0
	for level := range s.of {
		for k := range s.of[level] {
			if s.changes(v, level, k) {
				s.of[level][k], s.trial[n] = s.trial[n], s.of[level][k]
				n++
			}
		}
	}
}

// totals returns the objects that no shape covers, and the anchors that reach the threshold with an object.
func (s *search) totals() (uncovered int, positives int64) {
	union := make([]uint64, (s.Objects+63)/64)
	for level := range s.of {
		for k := range s.of[level] {
			merge(union, s.of[level][k].set)
			positives += s.of[level][k].positives
		}
	}
	return s.uncovered(union), positives
}

func (s *search) uncovered(set []uint64) int {
	n := s.Objects
	for _, x := range set {
		n -= bits.OnesCount64(x)
	}
	return n
}

// cost is what a setting costs: the share of objects that are not covered, and the logarithm of anchors per
// positive at the price at hand. An object that nothing covers gets its best anchor by the fallback rule.
func (s *search) cost(uncovered int, positives int64) float64 {
	return float64(uncovered)/float64(max(1, s.Objects)) + float64(s.price*math.Log(s.ratio(uncovered, positives)))
}

// ratio is how many anchors there are for one that reaches the threshold, or is given by the fallback rule.
func (s *search) ratio(uncovered int, positives int64) float64 {
	all := 0.0
	for level, cells := range s.Cells {
		all += float64(cells * int64(s.shapes(level)))
	}
	return all / float64(max(1, positives+int64(uncovered)))
}

// point is the setting at hand.
func (s *search) point() Point {
	a := s.preset.Anchors
	a.Levels = slices.Clone(a.Levels)
	p := Point{}
	for level := range a.Levels {
		l := &a.Levels[level]
		l.Sizes, l.Boxes = nil, nil
		for _, x := range s.sizes[level] {
			l.Sizes = append(l.Sizes, rounded(math.Exp(x)))
		}
		slices.Sort(l.Sizes)
		for _, b := range s.boxes[level] {
			l.Boxes = append(l.Boxes, []float64{rounded(math.Exp(b[0])), rounded(math.Exp(b[1]))})
		}
		slices.SortFunc(l.Boxes, func(a, b []float64) int {
			return cmp.Or(cmp.Compare(a[0]*a[1], b[0]*b[1]), cmp.Compare(a[0], b[0]))
		})
		p.Shapes += s.shapes(level)
	}
	a.Ratios = nil
	for _, x := range s.ratios {
		a.Ratios = append(a.Ratios, rounded(math.Exp(x)))
	}
	slices.Sort(a.Ratios)
	p.Anchors = a
	uncovered, positives := s.totals()
	p.Uncovered, p.Ratio = uncovered, s.ratio(uncovered, positives)
	return p
}

// rounded rounds to three digits: what a person copies into a configuration.
func rounded(x float64) float64 {
	scale := math.Pow(10, 2-math.Floor(math.Log10(x)))
	return math.Round(x*scale) / scale
}
