package results

import (
	"fmt"
	"math"
	"slices"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/text"
)

// Unranked says that the scores of a part of the detections, or of all, do not rank the detections of an image.
type Unranked struct {
	Part      string // as messages have it; "" if there is none
	Whole     bool   // all detections
	Single    bool   // the part is known by images with one detection
	Inverted  bool   // higher scores mean worse detections there, beyond chance
	Low, Rest float64
	Pairs     int // of a hit and a stray in one image of the part; if Single, images of it with one detection
}

// Found reports whether there is such a part.
func (u *Unranked) Found() bool { return u.Whole || u.Part != "" }

// ranking counts of pairs of a hit and a stray in one image (Traces): T is van Elteren's sum, over images, of
// (pairs in order - half of the pairs) / (hits + strays + 1), W the same sum of the pairs, and V the variance of T if
// scores are drawn. Images with few pairs weigh more than if all pairs were counted alike, and chance is known.
type ranking struct{ t, w, v, tt, tw, ww float64 }

func (r ranking) plus(s ranking) ranking {
	return ranking{r.t + s.t, r.w + s.w, r.v + s.v, r.tt + s.tt, r.tw + s.tw, r.ww + s.ww}
}

func (r ranking) minus(s ranking) ranking {
	return ranking{r.t - s.t, r.w - s.w, r.v - s.v, r.tt - s.tt, r.tw - s.tw, r.ww - s.ww}
}

// rankingOf counts a hit and a stray of one image.
func rankingOf(ordered float64, pairs, detections int) ranking {
	if pairs == 0 {
		return ranking{}
	}
	n := float64(detections + 1)
	t, w := (ordered-float64(pairs)/2)/n, float64(pairs)/n
	return ranking{t, w, w / 12, float64(t * t), float64(t * w), float64(w * w)}
}

// area is the share of the pairs in which the hit has the higher score, 0.5 by chance, and off its standard error: the
// larger one of chance's and of that with images as clusters.
func (r ranking) area() (share, off float64) {
	if r.w <= 0 {
		return 0.5, math.Inf(1)
	}
	a := r.t / r.w
	spread := r.tt - float64(2*a*r.tw) + float64(a*a*r.ww)
	return 0.5 + a, math.Sqrt(max(r.v, spread)) / r.w
}

// rankUnit is what one image, or the records of one image in a stretch of the results, tell of the scores.
type rankUnit struct {
	all, near ranking
	pairs     int
	hit       Share // objects that a detection of their class overlaps
	single    bool  // the image has one detection
	score     float64
	best      float64 // its highest IoU with an object
}

// nearBy is the IoU from which a stray is near an object.
const nearBy = 0.2

// hits counts the objects that a detection of their class overlaps, whatever its score.
func (s *sampled) hits(d *dataset.Dataset) Share {
	of := Share{Of: len(s.boxes), Images: 1}
	for j, b := range s.boxes {
		class := d.Source(int(s.source)).Objects[s.objects[j]].Class
		of.N += sample.One(slices.ContainsFunc(s.detections, func(x dataset.Detection) bool {
			return x.Class == class && iou.Of(x.Box.Box(), b) >= overlap
		}))
	}
	return of
}

// mark says how a detection lies to the objects of its image.
type mark struct {
	hit  bool    // it overlaps one of its class
	best float64 // its highest IoU with one
}

// marks looks at the detections of an image that are compared, the surest first.
func (s *sampled) marks(d *dataset.Dataset) []mark {
	out := make([]mark, min(maxTraced, len(s.detections)))
	objects := d.Source(int(s.source)).Objects
	for k := range out {
		b := s.detections[k].Box.Box()
		for j, c := range s.boxes {
			if c.X0 >= b.X1 || b.X0 >= c.X1 {
				continue
			}
			u := iou.Of(b, c)
			out[k].best = max(out[k].best, u)
			out[k].hit = out[k].hit || u >= overlap && objects[s.objects[j]].Class == s.detections[k].Class
		}
	}
	return out
}

// rankUnitOf looks at the detections of an image at some places of its list. A stray that is near no object may be on
// one whose label was lost; those that are near one are second boxes, or of another class, whatever is lost.
func (s *sampled) rankUnitOf(marks []mark, at []int) (u rankUnit) {
	u.all, u.pairs = s.rank(marks, at, 0)
	u.near, _ = s.rank(marks, at, nearBy)
	if u.single = len(s.detections) == 1 && len(at) == 1; u.single {
		u.score, u.best = s.detections[0].Score, marks[0].best
	}
	return u
}

// rank counts pairs of a hit and a stray that overlaps an object by least.
func (s *sampled) rank(marks []mark, at []int, least float64) (r ranking, pairs int) {
	hits, strays, ordered := 0, 0, 0.0
	for from := 0; from < len(at); { // detections of one score, by falling score
		to, tied, misses := from, 0, 0
		for ; to < len(at) && s.detections[at[to]].Score == s.detections[at[from]].Score; to++ {
			switch m := &marks[at[to]]; {
			case m.hit:
				tied++
			case m.best >= least:
				misses++
			}
		}
		ordered += float64(misses) * (float64(hits) + float64(tied)/2)
		hits, strays, from = hits+tied, strays+misses, to
	}
	pairs = hits * strays
	return rankingOf(ordered, pairs, hits+strays), pairs
}

// Half way from chance, 0.5, to 0.738, the least share of pairs in order that a real pair has. All scores rank nothing
// if chance is known to a quarter of the way from it to the limit, and by the strays near objects to a third.
const (
	halfRanked = 0.62
	rankedOff  = 0.03
	nearOff    = 0.04
)

// A part is told of if it ranks nothing and the rest does: by 5 standard errors, since any place of the file may divide
// them, and by 2.5 if only strays near objects count, which say that no labels were lost. And
// nearly as many of its objects have a detection of their class, at any score: in a part with other boxes or classes,
// hits are such by chance. In real pairs these shares differ by 0.2 at most.
const (
	apartOff     = 5
	apartNearOff = 2.5
	mostUnseen   = 0.2
	rankStretch  = 32 // stretches of the results, and places at which images with one detection are divided
	leastSingles = 100
)

// unranked looks for scores that rank nothing.
func (v *Verdict) unranked(d *dataset.Dataset) Unranked {
	units, marks := make([]rankUnit, len(v.sample)), make([][]mark, len(v.sample))
	var sum rankUnit
	for i := range v.sample {
		s := &v.sample[i]
		marks[i] = s.marks(d)
		units[i] = s.rankUnitOf(marks[i], upTo(len(marks[i])))
		units[i].hit = s.hits(d)
		sum = sum.with(units[i])
	}
	a, off := sum.all.area()
	b, offNear := sum.near.area()
	if off <= rankedOff && a < halfRanked && offNear <= nearOff && b < halfRanked && sum.hit.of() >= 0.5 {
		return Unranked{Whole: true, Low: a, Pairs: sum.pairs, Inverted: 0.5-a >= apartOff*off}
	}
	var u Unranked
	best := 0.0
	for _, names := range []func(*sampled) string{sourceName(d), directoryName(d)} {
		u.parts(v, units, names, &best)
	}
	for _, o := range v.orders(d) {
		u.divide(units, o.order, o.name, &best)
	}
	u.rows(v, marks, &best)
	return u
}

// part compares a part with the rest, and takes it if it is further apart than the one before.
func (u *Unranked) part(name func() string, low, rest rankUnit, best *float64) {
	a, off := low.all.area()
	b, offRest := rest.all.area()
	by := (b - a) / math.Hypot(off, offRest)
	if a >= min(halfRanked, (0.5+b)/2) || by < apartOff || by <= *best || low.hit.of() < rest.hit.of()-mostUnseen {
		return
	}
	c, offNear := low.near.area()
	e, offNearRest := rest.near.area()
	if c < (0.5+e)/2 && e-c >= apartNearOff*math.Hypot(offNear, offNearRest) {
		*best = by
		*u = Unranked{Part: name(), Low: a, Rest: b, Pairs: low.pairs, Inverted: 0.5-a >= apartOff*off}
	}
}

// parts holds each of several parts against the rest.
func (u *Unranked) parts(v *Verdict, units []rankUnit, name func(*sampled) string, best *float64) {
	names, parts := v.groups(name)
	if len(parts) < 2 {
		return
	}
	sums, all := make([]rankUnit, len(parts)), rankUnit{}
	for i, members := range parts {
		for _, k := range members {
			sums[i] = sums[i].with(units[k])
		}
		all = all.with(sums[i])
	}
	for i := range parts {
		u.part(func() string { return names[i] }, sums[i], all.without(sums[i]), best)
	}
}

func (u rankUnit) with(o rankUnit) rankUnit {
	u.hit.add(o.hit)
	return rankUnit{all: u.all.plus(o.all), near: u.near.plus(o.near), pairs: u.pairs + o.pairs, hit: u.hit}
}

func (u rankUnit) without(o rankUnit) rankUnit {
	return rankUnit{
		all: u.all.minus(o.all), near: u.near.minus(o.near), pairs: u.pairs - o.pairs, hit: u.hit.less(o.hit),
	}
}

// divide compares both sides of every place of an order of units.
func (u *Unranked) divide(units []rankUnit, order []int, name func(at, side int) string, best *float64) {
	var all, head rankUnit
	for _, k := range order {
		all = all.with(units[k])
	}
	for at, k := range order {
		if at > 0 {
			tail := all.without(head)
			u.part(func() string { return name(at, 0) }, head, tail, best)
			u.part(func() string { return name(at, 1) }, tail, head, best)
		}
		head = head.with(units[k])
	}
	for q := 1; q < rankStretch; q++ {
		at := len(order) * q / rankStretch
		u.singles(units, order[:at], order[at:], func() string { return name(at, 0) }, best)
		u.singles(units, order[at:], order[:at], func() string { return name(at, 1) }, best)
	}
}

// singles compares how score and IoU go together, over images with one detection, in a part and in the rest: no order
// within an image tells of scores that were exchanged between such images. If scores are drawn, Spearman's correlation
// has the standard error 1/√(n - 1).
func (u *Unranked) singles(units []rankUnit, low, rest []int, name func() string, best *float64) {
	a, n := together(units, low)
	b, m := together(units, rest)
	if min(n, m) < leastSingles || 2*a >= b {
		return
	}
	off := math.Sqrt(1/float64(n-1) + 1/float64(m-1))
	if by := (b - a) / off; by >= apartOff && by > *best && sameOverlaps(units, low, rest) {
		*best = by
		*u = Unranked{
			Part: name(), Single: true, Low: a, Rest: b, Pairs: n, Inverted: -a*math.Sqrt(float64(n-1)) >= apartOff,
		}
	}
}

// mostShifted is how far, from a half, the share of pairs of a part and the rest may be in which the part has the
// higher IoU, beyond chance: parts are more or less difficult. A margin of a tenth at each side leaves an IoU of
// 1/1.44 at most of boxes that fit, which most of the rest exceed.
const mostShifted = 0.15

// sameOverlaps tells whether the IoU of detections and objects is in a part what it is in the rest, over images with
// one detection. Scores that were exchanged leave it as it is. Boxes that are drawn otherwise, as with a margin, bound
// it: what is left of its differences goes with the margin, and no longer with the score. By the sum of ranks, whose
// chance is known, beyond apartOff standard errors.
func sameOverlaps(units []rankUnit, low, rest []int) bool {
	var all []float64
	n := 0
	for i, of := range [...][]int{low, rest} {
		for _, k := range of {
			if units[k].single {
				all = append(all, units[k].best)
				n += 1 - i
			}
		}
	}
	sum, m := int64(0), len(all)-n
	for _, r := range sample.RanksTwice(all)[:n] {
		sum += r
	}
	pairs := float64(n) * float64(m)
	higher := (float64(sum)/2 - float64(n)*float64(n-1)/2) / pairs
	return math.Abs(higher-.5) <= mostShifted+float64(apartOff*math.Sqrt(float64(n+m+1)/12/pairs))
}

// upTo returns the numbers from 0 to below n.
func upTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// together returns Spearman's rank correlation of score and IoU, and how many images with one detection there are.
func together(units []rankUnit, of []int) (rho float64, n int) {
	var scores, best []float64
	for _, k := range of {
		if x := &units[k]; x.single {
			scores, best = append(scores, x.score), append(best, x.best)
		}
	}
	n = len(scores)
	if n < leastSingles {
		return 0, n
	}
	x, y := sample.RanksTwice(scores), sample.RanksTwice(best)
	var xx, yy, xy int64 // of ranks from their mean, in halves: whole numbers, so that the order does not matter
	for i := range x {
		dx, dy := x[i]-int64(n-1), y[i]-int64(n-1)
		xx, yy, xy = xx+dx*dx, yy+dy*dy, xy+dx*dy
	}
	if xx == 0 || yy == 0 {
		return 0, n
	}
	return float64(xy) / math.Sqrt(float64(xx)) / math.Sqrt(float64(yy)), n
}

// rows divides the records of the results, in the order of their file: the detections of an image in one stretch are
// a unit, so that results that stand class by class are divided too.
func (u *Unranked) rows(v *Verdict, marks [][]mark, best *float64) {
	var all []int32
	for i := range v.sample {
		for k := range v.sample[i].detections {
			all = append(all, v.sample[i].detections[k].Row)
		}
	}
	slices.Sort(all)
	var sums [rankStretch]rankUnit
	for i := range v.sample {
		s := &v.sample[i]
		var parts [rankStretch][]int
		for k := range marks[i] {
			at, _ := slices.BinarySearch(all, s.detections[k].Row)
			q := at * rankStretch / len(all)
			parts[q] = append(parts[q], k)
		}
		for q, of := range parts {
			if len(of) > 1 {
				sums[q] = sums[q].with(s.rankUnitOf(marks[i], of))
			}
		}
	}
	u.divide(sums[:], upTo(rankStretch), func(at, side int) string {
		row := all[(at*len(all)+rankStretch-1)/rankStretch]
		return fmt.Sprintf("the records %s number %s of the results", [...]string{"before", "from"}[side],
			say.Group(int(row)+1))
	}, best)
}

// message says which scores rank nothing, or the wrong way round.
func (u *Unranked) message() string {
	tell, where, chance := "the scores tell nothing", "in "+u.Part, ", as by chance"
	mend := "The scores of this part seem to stand in another order than the boxes: join both anew"
	switch {
	case u.Inverted:
		tell, chance, mend = "the scores seem to be inverted", "", "Write the score of the detection's class, not that "+
			"of the background or a distance"
	case u.Single:
		mend = "The scores of this part seem to be exchanged among images: join scores and boxes anew"
	case u.Whole:
		mend = "The scores of an image seem to stand in another order than its boxes: join both anew"
	}
	if u.Single {
		return fmt.Sprintf("%s %s: over %s with one detection, score and IoU with the objects "+
			"have a rank correlation of %s, and of %s in the rest. Nothing is concluded about labels. %s", tell, where,
			say.Plural(u.Pairs, "image"), text.Short(math.Round(100*u.Low)/100), text.Short(math.Round(100*u.Rest)/100), mend)
	}
	rest := fmt.Sprintf(", and in %s %% in the rest", say.Percent(u.Rest))
	if u.Whole {
		where, rest = "within an image", ""
	}
	return fmt.Sprintf("%s %s: of %s of a detection on an object of its class and one that is not, in one image, the "+
		"first has the higher score in %s %% (each image weighted by its detections)%s%s. Nothing is concluded about "+
		"labels. %s", tell, where, say.Plural(u.Pairs, "pair"), say.Percent(u.Low), chance, rest, mend)
}
