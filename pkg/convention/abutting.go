package convention

import (
	"cmp"
	"math"
	"slices"

	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/text"
)

// Abutting says that boxes of one class end on a line where others begin that are as long along it: the pieces of
// objects in pictures that were cut into tiles and put together again.
type Abutting struct {
	At      int  // px from the left or the upper edge
	Down    bool // the line is level
	Pairs   int  // on that line, each counted once wherever it stands
	Images  int  // with such pairs
	Lines   int  // on which there are as many
	All, On int  // pairs in all places, and on these lines
	Example int32
}

// Found reports whether there is such a line.
func (a *Abutting) Found() bool { return a.Example >= 0 }

// abutSlack is how far sides of two pieces may be apart, in px: what one digit loses in a place and a side.
const abutSlack = 0.15

// mayAbut tells whether boxes begin and end at a line more often than around it, twice as often: the line of a seam
// that objects of a crowd end at, too.
func mayAbut(at *[2][2][]int32, of int) bool {
	for axis := range at {
		for px := 16; px < deepest-16; px++ {
			begins, ends := at[axis][0][px], at[axis][1][px]
			if min(begins, ends) < leastSeam || 200*int(ends) < of {
				continue
			}
			var around [2]int32
			for by := 3; by <= 12; by++ {
				for end := range 2 {
					around[end] += at[axis][end][px-by] + at[axis][end][px+by]
				}
			}
			if 10*begins >= around[0] && 10*ends >= around[1] {
				return true
			}
		}
	}
	return false
}

// line is a place along an axis.
type line struct {
	axis, px int
}

// abutted is what is known of a line.
type abutted struct {
	boxes   map[geom.Rect]bool
	images  []int32 // with a box that no image before has
	example int32
}

// leastOnLine is how many pairs make a line one of those on which pairs of tiles stand, beside one that tells by
// itself.
const leastOnLine = 5

// OfAbutting looks for such lines in up to some 2,000 images. On a line, 20 pairs share a whole side, in ten images,
// and eight times as many as on those around it: in the real files one pair does at most, and six in any place of
// 7,214 boxes. Pairs that stand in several pictures count once, since the cells of a form do. And three in four of all
// such pairs are on lines of the kind: cells of a table, whose columns stand in one place in all pictures, share as
// many sides where its rows end, which is anywhere.
func OfAbutting(src *dataset.Source) Abutting {
	a := Abutting{Example: -1}
	step := len(src.Images)/glanced + 1
	lines := map[line]*abutted{}
	for i := range src.Images {
		im := &src.Images[i]
		if im.LeftOut == dataset.InUse && im.Last-im.First > 1 && (step == 1 || sample.Mix(uint64(i))%uint64(step) == 0) {
			for axis := range 2 {
				abutIn(src, im, int32(i), axis, lines)
			}
		}
	}
	best := line{}
	for at, of := range lines {
		n := len(of.boxes)
		a.All += n
		if n < leastOnLine || 20*n < seamRatio*around(lines, at) {
			continue
		}
		a.On += n
		if n < leastSeam || len(of.images) < leastSlipImages ||
			crossedBy(src, at, of.images) > n/seamCrossed {
			continue
		}
		a.Lines++
		if n > a.Pairs || n == a.Pairs && (at.axis < best.axis || at.axis == best.axis && at.px < best.px) {
			best, a.Pairs, a.Images, a.Example = at, n, len(of.images), of.example
		}
	}
	if 4*a.On < 3*a.All {
		return Abutting{Example: -1}
	}
	a.At, a.Down = best.px, best.axis == 1
	return a
}

// seamCrossed: one box for so many pairs may cross a seam, such as one that was drawn later. Boxes on a grid share
// sides too, and others cross each of its lines.
const seamCrossed = 10

// crossedBy counts the boxes of images that reach beyond a line at both sides, by 2 px.
func crossedBy(src *dataset.Source, at line, images []int32) (n int) {
	v := float64(at.px)
	for _, i := range images {
		im := &src.Images[i]
		for k := im.First; k < im.Last; k++ {
			o := &src.Objects[k]
			from, to := o.Box.X, o.Box.X+o.Box.W
			if at.axis == 1 {
				from, to = o.Box.Y, o.Box.Y+o.Box.H
			}
			n += sample.One(sample.Told(o) && o.Flags&dataset.Crowd == 0 && from < v-2 && to > v+2)
		}
	}
	return n
}

// around counts the pairs on the 20 lines around one, but for its neighbours.
func around(lines map[line]*abutted, at line) (n int) {
	for by := 3; by <= 12; by++ {
		for _, px := range [...]int{at.px - by, at.px + by} {
			if of := lines[line{at.axis, px}]; of != nil {
				n += len(of.boxes)
			}
		}
	}
	return n
}

// abutIn enters the pairs of an image that share a side along an axis.
func abutIn(src *dataset.Source, im *dataset.Image, number int32, axis int, lines map[line]*abutted) {
	type piece struct {
		from, to, low, high float64
		k                   int32
	}
	var all []piece
	for k := im.First; k < im.Last; k++ {
		o := &src.Objects[k]
		if !sample.Told(o) || o.Flags&dataset.Crowd != 0 || min(o.Box.W, o.Box.H) <= 0 {
			continue
		}
		b := o.Box.Box()
		p := piece{b.X0, b.X1, b.Y0, b.Y1, k}
		if axis == 1 {
			p = piece{b.Y0, b.Y1, b.X0, b.X1, k}
		}
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b piece) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.k, b.k)) })
	for i := range all {
		p := &all[i]
		j, _ := slices.BinarySearchFunc(all, p.to-abutSlack, func(q piece, v float64) int { return cmp.Compare(q.from, v) })
		for ; j < len(all) && all[j].from <= p.to+abutSlack; j++ {
			q := &all[j]
			if math.Abs(p.low-q.low) > abutSlack || math.Abs(p.high-q.high) > abutSlack || i == j ||
				src.Objects[p.k].Class != src.Objects[q.k].Class {
				continue
			}
			at := line{axis, int(math.Round(p.to))}
			of := lines[at]
			if of == nil {
				of = &abutted{boxes: map[geom.Rect]bool{}, example: p.k}
				lines[at] = of
			}
			if b := src.Objects[p.k].Box; !of.boxes[b] {
				of.boxes[b] = true
				if n := len(of.images); n == 0 || of.images[n-1] != number {
					of.images = append(of.images, number)
				}
			}
			break
		}
	}
}

// seams is the rule on the seams of tiles: pieces that share a side, or else lines at which many boxes begin and end,
// and which are none of a grid.
func seams(at site) (f findings.Finding, ok bool) {
	m, hint := ofSeams(at.src)
	if hint {
		if a := OfAbutting(at.src); a.Found() {
			return a.Finding(at.src, at.s), true
		}
	}
	if !m.Found() {
		return f, false
	}
	if g := at.seen.gridIn(); g.Found() && reading.Multiple(float64(m.At), g.Step) {
		return f, false
	}
	return m.Finding(at.src, at.s), true
}

// Finding returns the finding on pieces of objects.
func (a *Abutting) Finding(src *dataset.Source, s int32) findings.Finding {
	o := &src.Objects[a.Example]
	from, end := "left", "right"
	if a.Down {
		from, end = "upper", "lower"
	}
	more := ""
	if a.Lines > 1 {
		more = " " + say.Plural(a.Lines, "such line") + " were found."
	}
	f := say.Finding("box-convention", s, o.Offset, o.Line, "%s: pieces of objects seem to stand for objects. %d px "+
		"from the %s edge of their images, %s end exactly where another one of their class begins that is as long "+
		"along this line, in %s, and %s of all %s that share a whole side do so on such lines. Pictures seem to be cut "+
		"into tiles there, or labelled in tiles, and put together again: join the two boxes at the %s edge of each "+
		"first one.%s Example: %s",
		text.Printable(src.Name), a.At, from, say.Plural(a.Pairs, "box"), say.Plural(a.Images, "image"), say.Group(a.On),
		say.Plural(a.All, "pair"), end, more, say.Place(src, a.Example))
	f.Level, f.Key = findings.Warning, "pieces"
	f.Size, f.Cases = float64(a.Pairs), int64(a.Pairs)
	return f
}
