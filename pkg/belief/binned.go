package belief

import (
	"cmp"
	"math"
	"slices"

	"focalaudit/pkg/ledger"
	"focalaudit/pkg/loss"
)

// binned gathers the negative anchors of an image that detections score, where terms are
// binned. Each term is a bin's in the ledgers of its level and class. What the image costs
// is summed by group: the scores that are equally difficult, fall into one bin of GHM-C, and
// differ by an eighth at most.
//
// Under objectness an anchor has one term, that of its highest score. Of nearly all anchors
// it is the only one, so that this ledger is that of the classes less what other classes
// give the same anchors: the double ones.
type binned struct {
	account *ledger.Account
	scale   *ledger.Scale
	group   []uint16 // by bin: its group, 0 for one that is not above the detector's own floor
	of      []group
	gammas  []float64 // of the losses, each once
	usual   bool      // they are usualGammas
	which   []int     // by loss: the index of its γ
	weight  []float64 // by loss: of a negative
	ones    []float64 // by loss: of a positive

	sums    [2][]groupSums // by group: of terms, of double ones
	reached []reached      // the image's negative anchors that boxes reach
	expand  []bool         // by group: whether its terms are sampled one by one
	values  []float64      // scratch: the scores of these groups, falling
	ranges  [][2]float64   // scratch: from where to where they are
}

// group is a range of scores.
type group struct {
	from, to  float64 // its scores, or the end
	low, high float64 // what they cost at least and at most, under BCE
	score     float64 // one of them
	easy      bool
}

// groupSums are the terms of a group: by γ, the sum of p^γ·(-ln(1-p)).
type groupSums struct {
	n   int64
	sum [ledger.MaxLosses]float64
}

// usualGammas are those of a run with the default settings.
var usualGammas = []float64{0, 0.5, 1, 2, 5}

// groupBits is how many of a score's bits tell groups apart: eight in each power of two.
const groupBits = 52 - 3

func newBinned(a *ledger.Account, bank loss.Bank) *binned {
	b := &binned{account: a, scale: a.Scale, of: []group{{}}, group: make([]uint16, len(a.Scale.Bins))}
	type key struct {
		bits uint64
		easy ledger.Difficulty
		norm int
	}
	rising := make([]int, len(a.Scale.Bins))
	for i := range rising {
		rising[i] = i
	}
	slices.SortFunc(rising, func(i, j int) int { return cmp.Compare(a.Scale.Bins[i].From, a.Scale.Bins[j].From) })
	var last key
	for _, i := range rising {
		bin := &a.Scale.Bins[i]
		if bin.Band > a.Main {
			continue
		}
		x := bin.From
		if x >= 0.5 {
			x = 1 - bin.To
		}
		k := key{math.Float64bits(x) >> groupBits, bin.Difficulty[loss.Zero], bin.Norm}
		if k != last {
			b.of = append(b.of, group{
				from: bin.From, low: -math.Log1p(-bin.From), score: bin.From/2 + bin.To/2, easy: k.easy == ledger.Easy,
			})
			last = k
		}
		g := len(b.of) - 1
		b.of[g].to, b.of[g].high = bin.To, -math.Log1p(-bin.To)
		b.group[i] = uint16(g)
	}
	for _, f := range bank {
		at := slices.Index(b.gammas, f.Gamma)
		if at < 0 {
			at = len(b.gammas)
			b.gammas = append(b.gammas, f.Gamma)
		}
		b.which, b.weight = append(b.which, at), append(b.weight, f.Weight(loss.Zero))
		b.ones = append(b.ones, f.Weight(loss.One))
	}
	b.usual = slices.Equal(b.gammas, usualGammas)
	for k := range b.sums {
		b.sums[k] = make([]groupSums, len(b.of))
	}
	b.expand = make([]bool, len(b.of))
	return b
}

// losses sets out to what loss.Bank.Losses does.
func (b *binned) losses(s loss.Score, y loss.Target, out []float64) {
	q, weight := s.Q, b.ones
	if y == loss.Zero {
		q, weight = s.P, b.weight
	}
	ce := s.CE(y)
	var power [ledger.MaxLosses]float64
	if b.usual {
		power[0], power[1], power[2], power[3] = 1, math.Sqrt(q), q, q*q
		power[4] = power[3] * power[3] * q
	} else {
		for i, gamma := range b.gammas {
			power[i] = loss.Power(q, gamma)
		}
	}
	out = out[:len(weight)]
	for l, w := range weight {
		out[l] = w * power[b.which[l]] * ce
	}
}

// add adds n terms of one score to the image's, double ones to those that objectness has
// not.
func (b *binned) add(double int, bin int, place int64, p float64, n int64) {
	g := b.group[bin]
	if g == 0 {
		return
	}
	ce := float64(float64(n) * b.scale.CE(bin, place))
	s := &b.sums[double][g]
	s.n += n
	if b.usual {
		s.sum[0] += ce
		s.sum[1] += float64(ce * math.Sqrt(p))
		one := float64(ce * p)
		two := float64(one * p)
		s.sum[2] += one
		s.sum[3] += two
		s.sum[4] += float64(two * float64(p*p) * p)
	} else {
		for i, gamma := range b.gammas {
			s.sum[i] += float64(ce * loss.Power(p, gamma))
		}
	}
}

// out adds the image's terms to what the image costs.
func (b *binned) out(out *[ledger.NumObjectives]ledger.ImageSums) {
	var losses [ledger.MaxLosses]float64
	for g := range b.of {
		all, double := &b.sums[0][g], &b.sums[1][g]
		if all.n == 0 {
			continue
		}
		for l, k := range b.which {
			losses[l] = float64(b.weight[l] * all.sum[k])
		}
		out[ledger.PerClass].Add(ledger.Negative, b.of[g].easy, all.n, losses[:len(b.which)])
		b.single(&losses, all, double)
		out[ledger.Objectness].Add(ledger.Negative, b.of[g].easy, all.n-double.n, losses[:len(b.which)])
	}
}

// single sets losses to those of a group's terms without the double ones.
func (b *binned) single(losses *[ledger.MaxLosses]float64, all, double *groupSums) {
	for l, k := range b.which {
		losses[l] = 0
		if all.n > double.n {
			losses[l] = max(0, float64(b.weight[l]*(all.sum[k]-double.sum[k])))
		}
	}
}

// samples appends the image's negative anchors to list, which has those without a bin.
// The positive ones are those of the highest cross entropy first. A group is a sample,
// unless a scheme takes a part of it only: then its scores are samples, which are looked
// for among those of the reached anchors. The schemes take so many of all anchors by
// their cross entropy, and so many of the negative ones.
func (b *binned) samples(
	list, positives []loss.Sample, ofAll []float64, ofNegatives float64, focal int, f loss.Focal,
) []loss.Sample {
	before := 0.0 // negatives that cost more than the group
	for i := range list {
		if list[i].Norm > b.scale.Most {
			before += list[i].N
		}
	}
	if b.choose(positives, ofAll, ofNegatives, before) {
		b.collect()
	}
	values := b.values
	var losses [ledger.MaxLosses]float64
	for g := len(b.of) - 1; g > 0; g-- {
		all, double := &b.sums[0][g], &b.sums[1][g]
		n := all.n - double.n
		if n <= 0 {
			continue
		}
		if !b.expand[g] {
			b.single(&losses, all, double)
			each := 1 / float64(n)
			list = append(list, loss.Sample{
				N: float64(n), BCE: losses[0] * each, AlphaBCE: losses[1] * each, Focal: losses[focal] * each,
				Norm: b.of[g].score, Easy: b.of[g].easy,
			})
			continue
		}
		list = b.scores(list, &values, g, f)
	}
	return list
}

// choose marks the groups of which a scheme takes a part only, and reports whether there are any; before is how many
// negatives without a bin cost more than all groups.
func (b *binned) choose(positives []loss.Sample, ofAll []float64, ofNegatives, before float64) bool {
	any, i, k := false, 0, 0
	var harder, asHard float64 // positives that cost more than all of the group, and than some of it
	for g := len(b.of) - 1; g > 0; g-- {
		n := float64(b.sums[0][g].n - b.sums[1][g].n)
		b.expand[g] = false
		if n <= 0 {
			continue
		}
		if before < ofNegatives && ofNegatives < before+n {
			b.expand[g] = true
		}
		for i < len(positives) && positives[i].BCE >= b.of[g].high {
			harder += positives[i].N
			i++
		}
		for k < len(positives) && positives[k].BCE >= b.of[g].low {
			asHard += positives[k].N
			k++
		}
		for _, limit := range ofAll {
			if before+harder < limit && limit < before+n+asHard {
				b.expand[g] = true
			}
		}
		any = any || b.expand[g]
		before += n
	}
	return any
}

// collect gathers the scores of the groups that are marked, falling. Some at their ends may be other groups'.
func (b *binned) collect() {
	b.values, b.ranges = b.values[:0], b.ranges[:0]
	for g := 1; g < len(b.of); g++ {
		if !b.expand[g] {
			continue
		}
		from := b.of[g].from
		for g+1 < len(b.of) && b.expand[g+1] {
			g++
		}
		b.ranges = append(b.ranges, [2]float64{from, b.of[g].to})
	}
	low, high := b.ranges[0][0], b.ranges[len(b.ranges)-1][1]
	for i := range b.reached {
		p := b.reached[i].highest
		if p < low || p > high {
			continue
		}
		for _, r := range b.ranges {
			if p >= r[0] && p <= r[1] {
				b.values = append(b.values, p)
				break
			}
		}
	}
	slices.Sort(b.values)
	slices.Reverse(b.values)
}

// holds reports whether a score within the bounds of a group, or at its end, is the group's.
func (b *binned) holds(g int, p float64) bool {
	if !b.scale.Has(p) {
		return false
	}
	bin, _ := b.scale.At(p)
	return int(b.group[bin]) == g
}

// scores appends the scores of group g as samples, and takes them off values.
func (b *binned) scores(list []loss.Sample, values *[]float64, g int, f loss.Focal) []loss.Sample {
	ps := *values
	for len(ps) > 0 && ps[0] > b.of[g].from && !b.holds(g, ps[0]) { // collected at an end that is another group's
		ps = ps[1:]
	}
	for len(ps) > 0 && b.holds(g, ps[0]) {
		p, n := ps[0], 1
		for n < len(ps) && ps[n] == p {
			n++
		}
		ps = ps[n:]
		bin, place := b.scale.At(p)
		ce := b.scale.CE(bin, place)
		list = append(list, loss.Sample{
			N: float64(n), BCE: ce, AlphaBCE: ce * f.Weight(loss.Zero),
			Focal: float64(f.Weight(loss.Zero)*loss.Power(p, f.Gamma)) * ce, Norm: p, Easy: b.of[g].easy,
		})
	}
	*values = ps
	return list
}

// reset makes b ready for the next image.
func (b *binned) reset() {
	for k := range b.sums {
		clear(b.sums[k])
	}
}
