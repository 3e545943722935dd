package convention

import (
	"math"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Renumbered says that from one place of a source on, categories seem to have the ids of others: so many places further
// in the list, as where a file that numbers its classes from 0 is put behind one that numbers them from 1.
type Renumbered struct {
	By     int     // places in the list by which ids behind the place are too high, 0 if they are not
	From   int32   // the first image behind the place
	Shape  float64 // nats by which the classes fit the boxes behind the place better if they are moved back
	Common float64 // the same of how common the classes are
	Rows   int     // boxes behind the place that were compared
}

// Found reports whether there is such a place.
func (r *Renumbered) Found() bool { return r.From >= 0 }

// Blocks of boxes, spread over the source, are compared, and moves by up to mostPlaces in either direction.
const (
	renumberBlocks = 16
	renumberRows   = 8000 // boxes, in all blocks
)

// blockStats are sums over the boxes of a block, by the rank of their class.
type blockStats struct {
	image int32 // of the first box
	n     []float64
	of    [][features]float64
	sq    [features]float64
	rows  float64
}

// OfRenumbered compares the boxes in front of each of several places with those behind it.
//
// The classes behind are moved if that explains them better, by what is known from the front: how boxes of each class
// differ in size, shape and height in the image (as in OfColumns), and how common each is. Both have to gain 60 nats
// and more than 6 √classes, three in four blocks behind the place have to gain, and by what is known from behind, the
// front has to gain by the opposite move.
func OfRenumbered(src *dataset.Source) Renumbered { return renumberedIn(classBlocks(src, nil)) }

// classBlocks sums up blocks of a source, nil if it is too small. Of scenes, if any are given, only what is new counts.
func classBlocks(src *dataset.Source, anew *footage) []blockStats {
	rank := sample.ListRanks(src)
	if len(rank) < 3 || len(src.Objects) < 4*leastFresh {
		return nil
	}
	return statistics(src, rank, 0, len(src.Images), renumberRows, anew)
}

// renumberedIn is OfRenumbered of blocks.
func renumberedIn(all []blockStats) Renumbered {
	best := Renumbered{From: -1}
	if len(all) < 4 {
		return best
	}
	for at := 2; at <= len(all)-2; at++ {
		front, behind := known(all[:at]), known(all[at:])
		if min(front.rows, behind.rows) < leastFresh {
			continue
		}
		for _, by := range [2 * sample.MostPlaces]int{1, -1, 2, -2, 3,
			-3} { // of two that are one in a short list, the smaller
			r := front.gain(all[at:], by)
			back := behind.gain(all[:at], -by)
			least := max(leastGain, float64(6*math.Sqrt(float64(front.classes))))
			if min(r.Shape, r.Common) < least || min(back.Shape, back.Common) <= 0 || !front.most(all[at:], by) {
				continue
			}
			if r.Shape+r.Common > best.Shape+best.Common {
				best = r
				best.From = all[at].image
			}
		}
	}
	return best
}

// statistics sums up blocks of so many boxes, of images from one to another, in the order of the images.
func statistics(src *dataset.Source, rank map[int32]int, first, last, boxes int, anew *footage) (all []blockStats) {
	low, high := objectsOf(src, first, last)
	n := high - low
	order := make([]int32, min(n, boxes)/renumberBlocks)
	if len(order) == 0 {
		return nil
	}
	for b := range renumberBlocks {
		from := low + n*b/renumberBlocks
		for i := range order {
			order[i] = int32(from + i)
		}
		rows := columnBlock(src, order)
		if anew != nil {
			anew.only(rows)
		}
		s := blockOf(rows, rank)
		s.image = src.Objects[from].Image
		all = append(all, s)
	}
	return all
}

// objectsOf returns the range of the objects of images from one to another.
func objectsOf(src *dataset.Source, from, to int) (low, high int) {
	for i := from; i < to; i++ {
		if im := &src.Images[i]; im.First < im.Last {
			if high == 0 {
				low = int(im.First)
			}
			high = max(high, int(im.Last))
		}
	}
	return low, high
}

// blockOf sums up rows.
func blockOf(rows []columnRow, rank map[int32]int) blockStats {
	s := blockStats{n: make([]float64, len(rank)), of: make([][features]float64, len(rank))}
	for i := range rows {
		c, known := rank[rows[i].class]
		if !rows[i].fresh || !known {
			continue
		}
		s.rows++
		s.n[c]++
		for f, x := range rows[i].x {
			s.of[c][f] += x
			s.sq[f] += float64(x * x)
		}
	}
	return s
}

// model is what some blocks tell of the classes.
type model struct {
	rows    float64
	classes int // with leastLabel boxes
	n       []float64
	common  []float64
	mean    [][features]float64
	spread  [features]float64 // variance within classes
}

// known sums up blocks; nil if there are none. Means of classes with few boxes are drawn to the mean of all.
func known(of []blockStats) *model {
	if len(of) == 0 {
		return nil
	}
	k := len(of[0].n)
	m := &model{common: make([]float64, k), mean: make([][features]float64, k)}
	m.n = make([]float64, k)
	n, sums := m.n, make([][features]float64, k)
	var total, sq [features]float64
	for i := range of {
		m.rows += of[i].rows
		for c := range n {
			n[c] += of[i].n[c]
			for f := range total {
				sums[c][f] += of[i].of[c][f]
				total[f] += of[i].of[c][f]
			}
		}
		for f := range sq {
			sq[f] += of[i].sq[f]
		}
	}
	const drawn = 5
	for f := range total {
		mean := total[f] / max(m.rows, 1)
		within := sq[f]
		for c := range n {
			m.mean[c][f] = (sums[c][f] + float64(drawn*mean)) / (n[c] + drawn)
			if n[c] > 0 {
				within -= float64(sums[c][f]*sums[c][f]) / n[c]
			}
		}
		m.spread[f] = max(within, 1e-9*sq[f]) / max(m.rows, 1)
	}
	for c := range n {
		m.classes += sample.One(n[c] >= leastLabel)
		m.common[c] = math.Log((n[c] + 1) / (m.rows + float64(k)))
	}
	return m
}

// gain returns the nats by which blocks fit better if their classes are moved back by so many places.
func (m *model) gain(of []blockStats, by int) Renumbered {
	r := Renumbered{By: by, From: -1}
	for i := range of {
		s, c := m.block(&of[i], by)
		r.Shape += s
		r.Common += c
		r.Rows += int(of[i].rows)
	}
	return r
}

// most tells whether three in four blocks gain, by shape and how common classes are together.
func (m *model) most(of []blockStats, by int) bool {
	n := 0
	for i := range of {
		shape, common := m.block(&of[i], by)
		n += sample.One(shape+common > 0)
	}
	return 4*n >= 3*len(of)
}

// block returns the gains of one block.
func (m *model) block(s *blockStats, by int) (shape, common float64) {
	for c := range s.n {
		a, b := m.class(s, c, by)
		shape, common = shape+a, common+b
	}
	return shape, common
}

// class returns the gains of the boxes of a class. Classes go round: the first of the list may have become the last.
//
// A class that the model's blocks do not have tells nothing: it is new, as in data sets that were joined, or in images
// that are sorted by class, and any class that these blocks have would be more common, and have better known boxes.
// Ids that were moved meet the classes that the list had before; what they do not meet is at its end.
func (m *model) class(s *blockStats, c, by int) (shape, common float64) {
	k, n := len(s.n), s.n[c]
	if n == 0 || m.n[c] == 0 {
		return 0, 0
	}
	to := ((c-by)%k + k) % k
	common = float64(n * (m.common[to] - m.common[c]))
	for f := range m.spread {
		if m.spread[f] <= 0 {
			continue
		}
		is, would := m.mean[c][f], m.mean[to][f]
		off := float64(2*s.of[c][f]*(would-is)) - float64(n*(float64(would*would)-float64(is*is)))
		shape += off / (2 * m.spread[f])
	}
	return shape, common
}

// Finding returns the finding on categories that have the ids of others.
func (r *Renumbered) Finding(src *dataset.Source, s int32) findings.Finding {
	im := &src.Images[r.From]
	way := "further down in"
	if r.By < 0 {
		way = "further up in"
	}
	n := max(r.By, -r.By)
	f := say.Finding("class-numbers-shifted", s, im.Offset, im.Line,
		"%s: in the images from about %s on, classes seem to "+
			"stand %s %s the list of categories than before. Moved back, they fit the boxes by size, shape and height in "+
			"the image (%s of some %s were compared), and are as common as before; and so does the front "+
			"if it is moved the other way. "+
			"Files with different lists of classes seem to be joined: renumber the category ids of one by the names",
		text.Printable(src.Name), say.Label(im), say.Plural(n, "place"), way, say.Plural(r.Rows, "box"),
		say.Group(len(src.Objects)))
	f.Cases = int64(len(src.Images) - int(r.From))
	f.Size = float64(f.Cases)
	return f
}
