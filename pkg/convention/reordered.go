package convention

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Reordered says that from one place of a source on, classes mean others than in front of it, in no order that could be
// told by a move: what one side tells of the classes explains the other side's boxes worse than no class at all,
// though each side's classes explain its own boxes.
type Reordered struct {
	From   int32      // the first image behind the place, -1 if there is none
	Across [2]float64 // slope of the boxes behind by what is known from the front, and the other way round
	Own    [2]float64 // the same within the front and behind, block by block by what is known from the other blocks
	Rows   [2]int     // boxes in front and behind that were compared
	Like   [][2]int32 // classes behind, by their place in the list, and those in front that they look like
}

// Found reports whether there is such a place.
func (r *Reordered) Found() bool { return r.From >= 0 }

// The slope is 1 where classes differ as they should, 0 where they are another's at random, and below a half labels
// explain boxes worse than none. In the real files, 900 stretches of them and files sorted by size, place, class and
// name, it is below a half in both directions once where reorderedNats tell (0.47 and 0.43).
const (
	mostAcross    = 0.4
	mostWithout   = 0.7 // without any one class, whose objects may look otherwise in another scene; and in a block
	leastOwnSlope = 0.6
	reorderedNats = 60  // which classes would explain, were they right: in each direction, and within each side
	leastLike     = 20  // boxes of a class that is named
	surelyLike    = 6   // by which the squared distance to the next class is larger than to the nearest
	looseLike     = 0.1 // variance between front and behind of a class's mean, in parts of that within classes
)

// A fit is how the means of classes in some blocks follow those that a model has. Moves of all boxes, as from scene to
// scene, count for nothing.
type fit struct {
	with, of float64 // covariance of both, and variance of the model's, in nats
}

// slope returns 1 where both are alike, 0 where one tells nothing of the other.
func (f fit) slope() float64 { return f.with / max(f.of, 1e-9) }

// shares are sums over the boxes of one feature in a block: what a class adds to them, or all.
type shares struct {
	n, of, mean, cross, square float64 // boxes, their values, the model's, products of both, squares of the model's
}

// fit returns the fit of boxes with these sums.
func (s shares) fit(spread float64) fit {
	if s.n <= 0 {
		return fit{}
	}
	return fit{
		with: (s.cross - float64(s.of*s.mean)/s.n) / (2 * spread),
		of:   (s.square - float64(s.mean*s.mean)/s.n) / (2 * spread),
	}
}

func (s shares) less(c shares) shares {
	return shares{s.n - c.n, s.of - c.of, s.mean - c.mean, s.cross - c.cross, s.square - c.square}
}

// each calls f with the sums of one block and feature, over all classes and of each that has boxes, about the means of
// all.
func (m *model) each(b *blockStats, f func(spread float64, all shares, of func(c int) shares)) {
	for k, spread := range m.spread {
		if spread <= 0 || b.rows == 0 {
			continue
		}
		n, mean, mu := 0.0, 0.0, 0.0
		for c := range b.n {
			n += b.n[c]
			mean += b.of[c][k]
			mu += float64(b.n[c] * m.mean[c][k])
		}
		mean, mu = mean/max(n, 1), mu/max(n, 1)
		of := func(c int) shares {
			v, d := b.of[c][k]-float64(b.n[c]*mean), m.mean[c][k]-mu
			return shares{b.n[c], v, float64(b.n[c] * d), float64(v * d), float64(b.n[c] * float64(d*d))}
		}
		all := shares{n: n} // about the means, the sums of values are 0
		for c := range b.n {
			if b.n[c] > 0 {
				s := of(c)
				all.cross, all.square = all.cross+s.cross, all.square+s.square
			}
		}
		f(spread, all, of)
	}
}

// across returns how blocks fit a model.
func across(m *model, of []blockStats) (f fit) {
	for i := range of {
		m.each(&of[i], func(spread float64, all shares, _ func(int) shares) {
			g := all.fit(spread)
			f.with, f.of = f.with+g.with, f.of+g.of
		})
	}
	return f
}

// acrossBut returns how blocks fit a model without each one of the classes. A class's share is taken off the sums of
// all.
func acrossBut(m *model, of []blockStats) []fit {
	whole := across(m, of)
	but := make([]fit, len(m.mean))
	for c := range but {
		but[c] = whole
	}
	for i := range of {
		b := &of[i]
		m.each(b, func(spread float64, all shares, of func(int) shares) {
			with := all.fit(spread)
			for c := range b.n {
				if b.n[c] > 0 {
					f := all.less(of(c)).fit(spread)
					but[c].with, but[c].of = but[c].with+(f.with-with.with), but[c].of+(f.of-with.of)
				}
			}
		})
	}
	return but
}

// occupied returns blocks of the classes only that have boxes in one of them, and their places in the list.
func occupied(all []blockStats) (few []blockStats, ranks []int32) {
	for c := range all[0].n {
		if slices.ContainsFunc(all, func(b blockStats) bool { return b.n[c] > 0 }) {
			ranks = append(ranks, int32(c))
		}
	}
	few = slices.Clone(all)
	for i := range few {
		b := &few[i]
		n, of := b.n, b.of
		b.n, b.of = make([]float64, len(ranks)), make([][features]float64, len(ranks))
		for to, c := range ranks {
			b.n[to], b.of[to] = n[c], of[c]
		}
	}
	return few, ranks
}

// fitWithin returns how each block fits what the others tell.
func fitWithin(of []blockStats) (f fit) {
	for i := range of {
		g := across(known(slices.Concat(of[:i], of[i+1:])), of[i:i+1])
		f.with, f.of = f.with+g.with, f.of+g.of
	}
	return f
}

// reorderedIn looks for the place with the lowest slopes across it.
func reorderedIn(all []blockStats) Reordered {
	best := Reordered{From: -1}
	if len(all) < 4 {
		return best
	}
	all, ranks := occupied(all)
	low := math.Inf(1)
	for at := 2; at <= len(all)-2; at++ {
		front, behind := known(all[:at]), known(all[at:])
		if min(front.rows, behind.rows) < leastFresh/2 {
			continue
		}
		sides := [2]fit{across(front, all[at:]), across(behind, all[:at])}
		if min(sides[0].of, sides[1].of) < reorderedNats || max(sides[0].slope(), sides[1].slope()) > mostAcross {
			continue
		}
		sum := sides[0].slope() + sides[1].slope()
		if sum >= low || !stays(front, all[at:]) || !stays(behind, all[:at]) {
			continue
		}
		if turnedPictures(front, behind, all[:at], all[at:]) {
			continue
		}
		own := [2]fit{fitWithin(all[:at]), fitWithin(all[at:])}
		if min(own[0].of, own[1].of) < reorderedNats || min(own[0].slope(), own[1].slope()) < leastOwnSlope {
			continue
		}
		low = sum
		best = Reordered{
			From:   all[at].image,
			Across: [2]float64{sides[0].slope(), sides[1].slope()},
			Own:    [2]float64{own[0].slope(), own[1].slope()},
			Rows:   [2]int{int(front.rows), int(behind.rows)},
			Like:   alikes(all[:at], all[at:]),
		}
	}
	for i, l := range best.Like {
		best.Like[i] = [2]int32{ranks[l[0]], ranks[l[1]]}
	}
	return best
}

// stays tells whether no single class makes the slope, and three in four blocks have a low one.
func stays(m *model, of []blockStats) bool {
	low := 0
	for i := range of {
		f := across(m, of[i:i+1])
		low += sample.One(f.slope() < mostWithout)
	}
	if 4*low < 3*len(of) {
		return false
	}
	for _, f := range acrossBut(m, of) {
		if f.of > 0 && f.slope() >= mostWithout {
			return false
		}
	}
	return true
}

// alikes returns classes behind with the class in front that each looks like, where it looks like no other as much, nor
// does another behind; those with most boxes first.
func alikes(front, behind []blockStats) (like [][2]int32) {
	a, b := known(front), known(behind)
	count := func(of []blockStats, c int) (n float64) {
		for i := range of {
			n += of[i].n[c]
		}
		return n
	}
	var classes []int
	for c := range a.mean {
		if count(front, c)+count(behind, c) >= leastLike {
			classes = append(classes, c)
		}
	}
	off := func(c, k int) (sum float64) { // c behind from k in front
		n, m := count(behind, c), count(front, k)
		if min(n, m) < leastLike/2 {
			return math.Inf(1)
		}
		for f, spread := range a.spread {
			if d := b.mean[c][f] - a.mean[k][f]; spread > 0 {
				sum += float64(d*d) / float64(spread*(1/n+1/m+looseLike))
			}
		}
		d := math.Log(n/b.rows) - math.Log(m/a.rows)
		return sum + float64(d*d)/(1/n+1/m+looseLike)
	}
	nearest := func(at func(k int) float64) int {
		best, low, next := -1, math.Inf(1), math.Inf(1)
		for _, k := range classes {
			if d := at(k); d < low {
				best, low, next = k, d, low
			} else {
				next = min(next, d)
			}
		}
		if next-low < surelyLike {
			return -1
		}
		return best
	}
	for _, c := range classes {
		k := nearest(func(k int) float64 { return off(c, k) })
		if k >= 0 && k != c && nearest(func(of int) float64 { return off(of, k) }) == c {
			like = append(like, [2]int32{int32(c), int32(k)})
		}
	}
	slices.SortStableFunc(like, func(x, y [2]int32) int {
		return cmp.Compare(count(behind, int(y[0])), count(behind, int(x[0])))
	})
	return like
}

// Finding returns the finding on classes that mean others from one place on.
func (r *Reordered) Finding(d *dataset.Dataset, src *dataset.Source, s int32) findings.Finding {
	im := &src.Images[r.From]
	f := say.Finding("class-numbers-shifted", s, im.Offset, im.Line,
		"%s: in the images from about %s on, classes seem to "+
			"mean others than before. By what the %s in front show of size, shape and height in the image of each class, "+
			"the %s behind differ from class to class with a slope of %s (1 if as in front, 0 if at random), and with %s the "+
			"other way round; within either side it is %s and %s.%s Files with lists of classes in another order seem to be "+
			"joined, as one of them sorted by name: renumber the category ids of one by the names. Or another camera or data "+
			"set, which sees all classes otherwise, begins there: look at one of its images first",
		text.Printable(src.Name), say.Label(im), say.Plural(r.Rows[0], "box"), say.Group(r.Rows[1]), slope(r.Across[0]),
		slope(r.Across[1]), slope(r.Own[0]), slope(r.Own[1]), r.likes(d, src))
	f.Cases = int64(len(src.Images) - int(r.From))
	f.Size = float64(f.Cases)
	return f
}

// slope writes a slope with two digits.
func slope(v float64) string { return fmt.Sprintf("%.2f", v) }

// likes names up to three of the classes.
func (r *Reordered) likes(d *dataset.Dataset, src *dataset.Source) string {
	if len(d.Classes) == 0 || len(r.Like) == 0 {
		return ""
	}
	class := map[int]int32{}
	for c, at := range sample.ListRanks(src) {
		class[at] = c
	}
	var says []string
	for _, l := range r.Like[:min(3, len(r.Like))] {
		says = append(says, fmt.Sprintf("%q look as %q before", d.Classes[class[int(l[0])]].Name,
			d.Classes[class[int(l[1])]].Name))
	}
	return " Behind, objects called " + strings.Join(says, ", and ") + "."
}

// movedClasses is the rule on categories that have the ids of others from one place on, or mean others.
func movedClasses(at site) (f findings.Finding, ok bool) {
	all := classBlocks(at.src, nil)
	if r := renumberedIn(all); r.Found() {
		if of := footageOf(at.src); of == nil || heldBy(classBlocks(at.src, of), renumberedIn) {
			return r.Finding(at.src, at.s), true
		}
	}
	if r := reorderedIn(all); r.Found() {
		if of := footageOf(at.src); of == nil || heldBy(classBlocks(at.src, of), reorderedIn) {
			return r.Finding(at.d, at.src, at.s), true
		}
	}
	return f, false
}

// heldBy tells whether blocks show something.
func heldBy[T any, P interface {
	*T
	Found() bool
}](all []blockStats, look func([]blockStats) T) bool {
	seen := look(all)
	return P(&seen).Found()
}
