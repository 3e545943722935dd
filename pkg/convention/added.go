package convention

import (
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Added says that a few images at the end of a source, or at its beginning, have category ids of another list: they
// stand so many places further in the list than those of all others, as where images were added with another tool.
type Added struct {
	By      int // places by which ids are too high, 0 if they are not
	Images  int
	Rows    int // boxes that were compared
	Classes int // of these boxes
	First   bool
	Shape   float64 // nats by which the classes fit the boxes better if they are moved back
	Common  float64 // the same of how common the classes are
	Example int32   // the first of the images, -1 if there is none
}

// Found reports whether images have other ids.
func (a *Added) Found() bool { return a.By != 0 }

// The images that are looked at: so many, twice as many, and so on up to mostAdded, and an eighth of all (OfRenumbered
// finds more).
const (
	leastAdded = 5
	mostAdded  = 160
)

// addedRows is how many boxes of all others are looked at.
const addedRows = 5000

// addedGain is the least gain, in nats, of each of the two likelihoods. By chance, a likelihood of a wrong list is e^x
// times that of the right one with a probability of e^-x at most (Markov), for both together e^-24; with 12 numbers of
// images and 6 moves, one right file in 10^8 would reach it, were boxes drawn independently of each other.
const addedGain = 12

// OfAdded compares the last images, and the first, with all others.
func OfAdded(src *dataset.Source) Added {
	best := Added{Example: -1}
	rank := sample.ListRanks(src)
	if len(rank) < 3 || len(src.Objects) < 2*leastFresh {
		return best
	}
	most := min(mostAdded, len(src.Images)/8)
	for _, first := range [...]bool{false, true} {
		from, to := 0, len(src.Images)-most // all others, by which these are judged
		if first {
			from, to = most, len(src.Images)
		}
		m := known(statistics(src, rank, from, to, addedRows, nil))
		if m == nil || m.rows < leastFresh || m.classes < 3 {
			continue
		}
		for n := leastAdded; n <= most; n *= 2 {
			from := len(src.Images) - n
			if first {
				from = 0
			}
			rows := imageRows(src, from, from+n)
			for by := -sample.MostPlaces; by <= sample.MostPlaces; by++ {
				a := m.added(rows, rank, by)
				if by == 0 || min(a.Shape, a.Common) < addedGain || a.Shape+a.Common <= best.Shape+best.Common {
					continue
				}
				a.Images, a.First, a.Example = n, first, int32(from)
				best = a
			}
		}
	}
	return best
}

// imageRows returns the boxes of images from one to another.
func imageRows(src *dataset.Source, from, to int) []columnRow {
	low, high := objectsOf(src, from, to)
	order := make([]int32, 0, high-low)
	for k := low; k < high; k++ {
		order = append(order, int32(k))
	}
	return columnBlock(src, order)
}

// gains are what some boxes gain by a move, in nats.
type gains struct{ shape, common float64 }

func (g gains) sum() float64 { return g.shape + g.common }

func (g *gains) add(o gains) { g.shape, g.common = g.shape+o.shape, g.common+o.common }

// without returns the least of both without another's.
func (g gains) without(o gains) float64 { return min(g.shape-o.shape, g.common-o.common) }

// added returns the gain of boxes whose classes are moved back by so many places; none where it comes from one class
// or from one image alone, since objects of one picture resemble each other: three classes gain, and three images in
// four, of four at least, and without that which gains most the others still gain as much as is asked for.
func (m *model) added(rows []columnRow, rank map[int32]int, by int) Added {
	a := Added{By: by}
	k := len(rank)
	var all gains
	var images []gains // those of one image stand together
	classes, last := make([]gains, k), int32(-1)
	for i := range rows {
		r := &rows[i]
		c, known := rank[r.class]
		if !r.fresh || !known {
			continue
		}
		a.Rows++
		to := ((c-by)%k + k) % k
		g := gains{common: m.common[to] - m.common[c]}
		for f, x := range r.x {
			if is, would := m.mean[c][f], m.mean[to][f]; m.spread[f] > 0 {
				g.shape += (float64(2*x*(would-is)) - (float64(would*would) - float64(is*is))) / (2 * m.spread[f])
			}
		}
		if r.image != last {
			images, last = append(images, gains{}), r.image
		}
		all.add(g)
		classes[c].add(g)
		images[len(images)-1].add(g)
	}
	n, gaining, topClass := topGain(classes)
	a.Classes = n
	n, better, topImage := topGain(images)
	if gaining >= 3 && better >= 4 && 4*better >= 3*n &&
		all.without(topClass) > 0 && all.without(topImage) >= addedGain {
		a.Shape, a.Common = all.shape, all.common
	}
	return a
}

// topGain counts those that gain or lose, those that gain, and returns the first of the largest.
func topGain(of []gains) (n, gaining int, best gains) {
	for _, g := range of {
		n += sample.One(g != gains{})
		gaining += sample.One(g.sum() > 0)
		if g.sum() > best.sum() {
			best = g
		}
	}
	return n, gaining, best
}

// Finding returns the finding on images whose category ids are of another list.
func (a *Added) Finding(src *dataset.Source, s int32) findings.Finding {
	im := &src.Images[a.Example]
	which, by, to := "last", a.By, "further down"
	if a.First {
		which = "first"
	}
	if by < 0 {
		by, to = -by, "further up"
	}
	f := say.Finding("class-numbers-shifted", s, im.Offset, im.Line,
		"%s: in the %s %s, classes seem to stand %s %s in the "+
			"list of categories than in all others. Taken for the classes so many places beside them, they fit the sizes, "+
			"shapes and heights of their boxes better by %.0f nats, and how common classes are in this file by %.0f (%s "+
			"of %s). These images seem to be added with another list of classes: join them by the names of the categories. "+
			"The first is %s",
		text.Printable(src.Name), which, say.Plural(a.Images, "image"), say.Plural(by, "place"), to, a.Shape, a.Common,
		say.Plural(a.Rows, "box"), say.Plural(a.Classes, "class"), say.Label(im))
	f.Cases, f.Size = int64(a.Rows), float64(a.Rows)
	return f
}
