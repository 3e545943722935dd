package ledger

import (
	"math"
	"slices"

	"focalaudit/pkg/loss"
)

// Terms of a detector's scores are counted in bins: every power of two of the score p up
// to 1/2, and of 1-p above, is divided into 128. A bin keeps the number of its terms and
// the sums of their places within it, of the squares and of the cubes of these, in whole
// numbers: so bins add up to the same in any order. Every loss and gradient is a cubic
// of the place to a relative error of (2+γ)⁴/(24·8·256⁴): 3.1e-10 at γ = 2, if all places were
// the worst ones of the lowest bin of a power of two. Where a floor or a difficulty begins
// within a bin, it is cut in two.
const (
	binBits   = 7
	placeBits = 52 - binBits // of a float64: a place within its bin
	unitBits  = 31           // of the places that are summed: 2^33 terms of a bin are sure to fit
	leastExp  = -20          // scores from 2^leastExp on are binned
	lastExp   = -8           // and those up to 1 - 2^lastExp
	expBias   = 1023
)

// Scale tells for every score its bin. What lies outside of the bins is priced one by
// one.
type Scale struct {
	Least, Most float64 // scores above Least up to Most have a bin

	Bins  []Bin
	ce    [][4]float64 // by bin: -ln (1-p), by powers of the place
	cut   []uint16     // by uncut bin: the first of its cuts, numbered from 1; 0 if there is none
	cuts  []cut
	first [2]int // bits of the first bin, up to 1/2 and above
	above int    // number of the first bin above 1/2
}

// cut divides a bin: scores of at least from are in the bin number to.
type cut struct {
	from float64
	to   int32
	more bool // another cut of the same bin follows
}

// Bin is what all scores of a bin have in common.
type Bin struct {
	Band       int           // how many floors are at or above the score
	Difficulty [2]Difficulty // by target
	Norm       int           // tenth of the score, as GHM-C has it

	From, To float64 // its first score and its last one, or the end

	above         bool       // the scores are above 1/2: places are those of 1-p
	middle, width float64    // of what is placed
	lp, lq        [4]float64 // ln p and ln (1-p), by powers of the place
}

// newScale returns the scale for some floors, falling.
func newScale(floors []float64, e Edges) *Scale {
	lowest := floors[len(floors)-1]
	s := &Scale{Least: max(lowest, math.Ldexp(1, leastExp)), Most: 1 - math.Ldexp(1, lastExp)}
	index := func(x float64) int { return int(math.Float64bits(x) >> placeBits) }
	s.first = [2]int{index(s.Least), index(math.Ldexp(1, lastExp))}
	s.above = index(0.5) + 1 - s.first[0]
	ends := []float64{} // where something begins, rising
	for _, f := range floors {
		ends = append(ends, math.Nextafter(f, 1))
	}
	for _, y := range []loss.Target{loss.Zero, loss.One} {
		for _, d := range []Difficulty{Easy, Medium} {
			ends = append(ends, firstScore(func(p float64) bool {
				of := e.Of(loss.ScoreOf(p).PT(y))
				if y == loss.One {
					return of <= d
				}
				return of > d
			}))
		}
	}
	for k := 1; k < normBins; k++ {
		ends = append(ends, firstScore(func(p float64) bool { return normOf(p) >= k }))
	}
	slices.Sort(ends)
	ends = slices.Compact(ends)
	n := s.above + index(0.5) - s.first[1]
	s.cut = make([]uint16, n)
	for i := range n {
		b := Bin{above: i >= s.above}
		at := i + s.first[0]
		if b.above {
			at = i - s.above + s.first[1]
		}
		low := math.Float64frombits(uint64(at) << placeBits)
		high := math.Float64frombits(uint64(at+1) << placeBits)
		b.middle, b.width = low/2+high/2, high-low
		b.fit()
		b.From, b.To = b.score(-0.5), b.score(0.5)
		if b.above {
			b.From, b.To = b.To, b.From
		}
		s.Bins = append(s.Bins, s.of(b, b.score(0), floors, e))
	}
	for i := range n {
		b := s.Bins[i]
		to := b.To
		at := slices.IndexFunc(ends, func(x float64) bool { return x > b.From })
		if at < 0 || !within(ends[at], to, b.above) {
			continue
		}
		b.To = ends[at]
		s.Bins[i] = s.of(b, math.Nextafter(b.To, 0), floors, e)
		s.cut[i] = uint16(len(s.cuts) + 1)
		for ; at < len(ends) && within(ends[at], to, b.above); at++ {
			s.cuts = append(s.cuts, cut{ends[at], int32(len(s.Bins)), true})
			b.From, b.To = ends[at], to
			if at+1 < len(ends) {
				b.To = min(to, ends[at+1])
			}
			s.Bins = append(s.Bins, s.of(b, ends[at], floors, e))
		}
		s.cuts[len(s.cuts)-1].more = false
	}
	for i := range s.Bins {
		c := s.Bins[i].lq
		s.ce = append(s.ce, [4]float64{-c[0], -c[1], -c[2], -c[3]})
	}
	return s
}

// within reports whether scores from x on reach into a bin that ends at to: with it above
// 1/2, before it below.
func within(x, to float64, above bool) bool { return x < to || above && x == to }

// of returns a bin of which p is a score.
func (s *Scale) of(b Bin, p float64, floors []float64, e Edges) Bin {
	b.Band = 0
	for b.Band < len(floors) && p <= floors[b.Band] {
		b.Band++
	}
	for y := range b.Difficulty {
		b.Difficulty[y] = e.Of(loss.ScoreOf(p).PT(loss.Target(y)))
	}
	b.Norm = normOf(p)
	return b
}

// normBins is the number of bins of GHM-C (loss.GHMC).
const normBins = 10

func normOf(p float64) int { return min(normBins-1, int(p*normBins)) }

// firstScore returns the lowest score in (0,1) from which on a condition holds; 1 if it
// never does.
func firstScore(holds func(float64) bool) float64 {
	low, high := uint64(1), math.Float64bits(1)
	for high-low > 1 {
		mid := low + (high-low)/2
		if holds(math.Float64frombits(mid)) {
			high = mid
		} else {
			low = mid
		}
	}
	return math.Float64frombits(high)
}

// score returns the score at a place of the bin, from -1/2 to 1/2.
func (b *Bin) score(place float64) float64 {
	x := b.middle + float64(place*b.width)
	if b.above {
		return 1 - x
	}
	return x
}

// nodes are Chebyshev's of [-1/2,1/2], at which the cubics of a bin are right.
var nodes = func() (at [4]float64) {
	for k := range at {
		at[k] = math.Cos(float64(2*k+1)*math.Pi/8) / 2
	}
	return at
}()

// cubic returns the powers of the cubic that has the given values at nodes.
func cubic(values [4]float64) (c [4]float64) {
	for k, v := range values { // Lagrange's basis, multiplied out
		basis := [4]float64{1}
		for j, x := range nodes {
			if j == k {
				continue
			}
			by := 1 / (nodes[k] - x)
			for i := 3; i >= 0; i-- {
				basis[i] = -float64(float64(basis[i]*x) * by)
				if i > 0 {
					basis[i] += float64(basis[i-1] * by)
				}
			}
		}
		for i := range c {
			c[i] += float64(v * basis[i])
		}
	}
	return c
}

// fit computes the logarithms.
func (b *Bin) fit() {
	var lp, lq [4]float64
	for k, x := range nodes {
		at := b.middle + float64(x*b.width)
		lp[k], lq[k] = math.Log(at), math.Log1p(-at)
	}
	if b.above {
		lp, lq = lq, lp
	}
	b.lp, b.lq = cubic(lp), cubic(lq)
}

// Has reports whether a score has a bin.
func (s *Scale) Has(p float64) bool { return p > s.Least && p <= s.Most }

// At returns the number of the bin of a score above Least up to Most, and its place in it.
func (s *Scale) At(p float64) (bin int, place int64) {
	x, k, from := p, 0, 0
	if p > 0.5 {
		x, k, from = 1-p, 1, s.above
	}
	u := math.Float64bits(x)
	bin = int(u>>placeBits) - s.first[k] + from
	if c := s.cut[bin]; c > 0 {
		bin = s.beyond(bin, int(c), p)
	}
	return bin, int64(u&(1<<placeBits-1)) - 1<<(placeBits-1)
}

func (s *Scale) beyond(bin, c int, p float64) int {
	for {
		at := &s.cuts[c-1]
		if p >= at.from {
			bin = int(at.to)
		}
		if !at.more {
			return bin
		}
		c++
	}
}

// CE returns the cross entropy of a negative, -ln (1-p), to 2e-11 of it.
func (s *Scale) CE(bin int, place int64) float64 {
	return poly(&s.ce[bin], float64(place)*(1.0/(1<<placeBits)))
}

// Score returns what loss.ScoreOf does, to 2e-11 of its logarithms.
func (b *Bin) Score(p float64, place int64) loss.Score {
	t := float64(place) * (1.0 / (1 << placeBits))
	return loss.ScoreOfLogs(p, 1-p, poly(&b.lp, t), poly(&b.lq, t))
}

func poly(c *[4]float64, t float64) float64 {
	return c[0] + float64(t*(c[1]+float64(t*(c[2]+float64(t*c[3])))))
}

// moment is the terms of a bin: their number, and the sums of their places, of the
// squares and cubes, in units of 2^-unitBits.
type moment struct {
	n int64
	s [3]int64
}

// Moments are terms by bin.
type Moments []moment

// Place is the place of a term within its bin, with its square and its cube.
type Place [3]int64

// PlaceOf returns the powers of a place as Scale.At has it.
func PlaceOf(place int64) Place { return powers(rounded(place)) }

// rounded returns a place in units of 2^-unitBits.
func rounded(place int64) int64 {
	const cut = placeBits - unitBits
	return (place + 1<<(cut-1)) >> cut // in [-2^30,2^30]
}

func powers(one int64) Place {
	low := one >> 2 // so that the products fit
	two := (low*low + 1<<(unitBits-5)) >> (unitBits - 4)
	return Place{one, two, (two>>2*low + 1<<(unitBits-5)) >> (unitBits - 4)}
}

// Add counts n terms of one place.
func (m Moments) Add(bin int, n int64, p *Place) {
	c := &m[bin]
	c.n += n
	c.s[0] += n * p[0]
	c.s[1] += n * p[1]
	c.s[2] += n * p[2]
}

// Counts are terms that wait for being counted. The bins of many tables are not in the processor's reach: where
// those of several terms are read, and nothing else is done meanwhile, it waits for all of them at once.
type Counts struct {
	list    []counted
	touched int64 // means nothing: what is read has to go somewhere
}

type counted struct {
	in    *moment
	place int32 // in units of 2^-unitBits
	n     int32
}

// Add has n terms counted in a bin of m by the next Flush, at a place as Scale.At has it.
func (c *Counts) Add(m Moments, bin int, place, n int64) {
	for ; n > math.MaxInt32; n -= math.MaxInt32 {
		c.list = append(c.list, counted{&m[bin], int32(rounded(place)), math.MaxInt32})
	}
	c.list = append(c.list, counted{&m[bin], int32(rounded(place)), int32(n)})
}

// Flush counts the terms.
func (c *Counts) Flush() {
	for terms := range slices.Chunk(c.list, reachable) {
		sum := int64(0)
		for i := range terms {
			sum += terms[i].in.n
		}
		c.touched = sum
		for i := range terms {
			t := &terms[i]
			place, n := powers(int64(t.place)), int64(t.n)
			t.in.n += n
			t.in.s[0] += n * place[0]
			t.in.s[1] += n * place[1]
			t.in.s[2] += n * place[2]
		}
	}
	clear(c.list) // it keeps no memory of bins alive
	c.list = c.list[:0]
}

// merge adds another part's terms.
func (m Moments) merge(o Moments) {
	for i := range o {
		of := &o[i]
		if of.n == 0 {
			continue
		}
		c := &m[i]
		c.n += of.n
		for k := range c.s {
			c.s[k] += of.s[k]
		}
	}
}

// masses appends the terms up to a band as masses of one score: a bin is two, with the
// mean and the variance of its places.
func (m Moments) masses(ms []loss.Mass, s *Scale, main int, y loss.Target) []loss.Mass {
	const unit = 1.0 / (1 << unitBits)
	for i := range m {
		b, n := &s.Bins[i], m[i].n
		if n <= 0 || b.Band > main {
			continue
		}
		add := func(n int64, place float64) {
			ms = append(ms, loss.Mass{N: n, Z: loss.LogitOf(b.score(place)), Target: y})
		}
		mean := float64(m[i].s[0]) / float64(n) * unit
		variance := float64(float64(m[i].s[1])/float64(n)*unit) - float64(mean*mean)
		if n == 1 || !(variance > 1e-9) { // of equal places but for their rounding
			add(n, mean)
			continue
		}
		off := math.Sqrt(variance * float64(n/2) / float64(n-n/2))
		add(n-n/2, mean-off)
		add(n/2, mean+variance/off)
	}
	return ms
}

// without returns the terms that are not o's, which are some of m's.
func (m Moments) without(o Moments) Moments {
	if len(o) == 0 || len(m) == 0 {
		return m
	}
	out := slices.Clone(m)
	for i := range o {
		c, of := &out[i], &o[i]
		c.n -= of.n
		for k := range c.s {
			c.s[k] -= of.s[k]
		}
	}
	return out
}

// prices are the cubics of the losses and gradients of a bin's terms under one target.
type prices struct{ loss, grad [MaxLosses][4]float64 }

func (b *Bin) prices(bank loss.Bank, y loss.Target) (out prices) {
	var losses, grads [MaxLosses][4]float64
	var l, g [MaxLosses]float64
	for k, x := range nodes {
		at := b.middle + float64(x*b.width)
		z := loss.ScoreOfLogs(at, 1-at, math.Log(at), math.Log1p(-at))
		if b.above {
			z = loss.ScoreOfLogs(1-at, at, math.Log1p(-at), math.Log(at))
		}
		bank.At(z, y, l[:], g[:])
		for i := range bank {
			losses[i][k], grads[i][k] = l[i], g[i]
		}
	}
	for i := range bank {
		out.loss[i], out.grad[i] = cubic(losses[i]), cubic(grads[i])
	}
	return out
}

// sum returns the sum of a cubic over the terms of a bin.
func (c *moment) sum(of *[4]float64) float64 {
	const unit = 1.0 / (1 << unitBits)
	s := float64(of[0] * float64(c.n))
	for k, v := range c.s {
		s += float64(of[k+1] * (float64(v) * unit))
	}
	return max(s, 0)
}
