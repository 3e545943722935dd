package series

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
	"sort"

	"focalaudit/pkg/convention/names"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Transposed says which of the two numbers in the names of tiles the boxes take for the row. Boxes that are cut at the
// right edge of a tile go on in the tile to the right, and those that are cut at the lower edge in the tile below.
type Transposed struct {
	Rows, Columns int    // cut boxes that go on only where the first number is the row, and where it is the column
	Edges         int    // cut boxes beside which there is another tile
	Pictures      [2]int // that are cut, with boxes of the first kind and none of the second, and the other way round
	Both          int    // pictures with boxes of both kinds
	Named         order  // what the names say
	Few           bool   // the pictures with the rarer order are a part of all
	Example       int32  // a tile of the first picture that speaks against the names, or the rest; -1 if none does
	pixels        bool
	seen          [2]int32 // the first picture of each kind
}

// order is which number of a tile's name is the row.
type order uint8

const (
	unsaid   order = iota
	rowFirst       // by a word (row, r, y) or by sizes: a tile's height is how far it is to the next first number
	columnFirst
)

// Thresholds of OfTransposed.
const (
	leastCut      = 20  // cut boxes that go on
	leastMixed    = 5   // pictures; of real files cut as is due, none shows the other order alone
	mostPictures  = 500 // that are looked at
	leastDistance = 16  // px from tile to tile: smaller numbers count
)

// Mixed reports whether a part of the pictures has its tiles in the other order: in five pictures boxes go on there and
// none the other way, and at most four times as many pictures have boxes of both kinds.
func (t *Transposed) Mixed() bool {
	few := min(t.Pictures[0], t.Pictures[1])
	return few >= leastMixed && 4*few >= t.Both
}

// Against reports whether boxes go on in the other order than names say.
func (t *Transposed) Against() bool {
	return t.clear(t.Columns, t.Rows) && t.Named == rowFirst || t.clear(t.Rows, t.Columns) && t.Named == columnFirst
}

// Odd reports whether boxes go on in the order that is rarer in names that do not say: of counts, column and row, of
// pixels, y and x.
func (t *Transposed) Odd() bool {
	return t.Named == unsaid && (!t.pixels && t.clear(t.Columns, t.Rows) || t.pixels && t.clear(t.Rows, t.Columns))
}

// clear tells whether cut boxes go on in one order: 20 and one in ten, four times as many as in the other.
func (t *Transposed) clear(n, other int) bool {
	return n >= leastCut && n >= 4*other && 10*n >= t.Edges
}

// Found reports whether row and column seem to be exchanged.
func (t *Transposed) Found() bool { return t.Mixed() || t.Against() || t.Odd() }

// OfTransposed looks at boxes that are cut at the edges of tiles. Tiles that overlap hardly have such boxes.
func OfTransposed(src *dataset.Source) Transposed {
	t := Transposed{Example: -1, seen: [2]int32{-1, -1}}
	all := names.TileGrids(src)
	if len(all) == 0 {
		return t
	}
	t.Named, t.pixels = says(&all[0], src)
	step := len(all)/mostPictures + 1
	for i := 0; i < len(all); i += step {
		t.add(src, &all[i])
	}
	rare := 0 // the order whose pictures are to be looked at
	if t.Mixed() && t.Pictures[1] < t.Pictures[0] || !t.Mixed() && t.Columns > t.Rows {
		rare = 1
	}
	t.Example = t.seen[rare]
	return t
}

// says is what names and sizes say of the order.
func says(g *names.Grid, src *dataset.Source) (o order, pixels bool) {
	first := &g.Tiles[0]
	row := func(word string) bool { return slices.Contains([]string{"r", "row", "y", "R", "Row", "Y"}, word) }
	column := func(word string) bool {
		return slices.Contains([]string{"c", "col", "column", "x", "C", "Col", "X"}, word)
	}
	var steps [2]int
	for k := range steps {
		if v := g.Values[k]; len(v) > 1 {
			steps[k] = int(v[1] - v[0])
		}
	}
	size := src.Images[first.Image].Size
	pixels = max(steps[0], steps[1]) >= leastDistance
	switch {
	case row(first.Words[0]) && column(first.Words[1]):
		o = rowFirst
	case column(first.Words[0]) && row(first.Words[1]):
		o = columnFirst
	case !pixels || size.W == size.H:
	case steps[0] == size.H && steps[1] == size.W:
		o = rowFirst
	case steps[0] == size.W && steps[1] == size.H:
		o = columnFirst
	}
	return o, pixels
}

// add counts the boxes of a picture.
func (t *Transposed) add(src *dataset.Source, g *names.Grid) {
	var n [2]int
	for i := range g.Tiles {
		p := &g.Tiles[i]
		im := &src.Images[p.Image]
		behind := [2]int32{next(g, p, 0), next(g, p, 1)} // by the first number, and by the second
		if behind[0] < 0 && behind[1] < 0 {
			continue
		}
		var at [2][2]*edgeSpans // by the number that is the next one, and the edge
		for k := range behind {
			at[k] = [2]*edgeSpans{spansAt(src, behind[k], 0), spansAt(src, behind[k], 1)}
		}
		for k := im.First; k < im.Last; k++ {
			o := &src.Objects[k]
			if !sample.Told(o) {
				continue
			}
			b := o.Box.Box()
			along := [2][2]float64{{b.Y0, b.Y1}, {b.X0, b.X1}}
			for axis := range 2 { // cut at the right edge, at the lower one
				if !endsAt(o, im, axis) {
					continue
				}
				t.Edges++
				// where the first number is the row, the tile to the right has the next second number
				rows, _ := at[1-axis][axis].goesOn(o.Class, along[axis][0], along[axis][1])
				columns, _ := at[axis][axis].goesOn(o.Class, along[axis][0], along[axis][1])
				n[0] += sample.One(rows && !columns)
				n[1] += sample.One(columns && !rows)
			}
		}
	}
	t.Rows, t.Columns = t.Rows+n[0], t.Columns+n[1]
	t.Both += sample.One(n[0] > 0 && n[1] > 0)
	for k := range n {
		if n[k] > 0 && n[1-k] == 0 {
			if t.Pictures[k]++; t.seen[k] < 0 {
				t.seen[k] = g.Tiles[0].Image
			}
		}
	}
}

// next returns the image whose k-th number is the next one, -1 if there is none.
func next(g *names.Grid, p *names.Placed, k int) int32 {
	at := p.At
	i, _ := slices.BinarySearch(g.Values[k], at[k])
	if i+1 == len(g.Values[k]) {
		return -1
	}
	at[k] = g.Values[k][i+1]
	j, ok := slices.BinarySearchFunc(g.Tiles, at, func(t names.Placed, at [2]int32) int {
		return slices.Compare(t.At[:], at[:])
	})
	if !ok {
		return -1
	}
	return g.Tiles[j].Image
}

// endsAt tells whether a box ends at the right edge of its image, or at the lower one.
func endsAt(o *dataset.Object, im *dataset.Image, axis int) bool {
	if axis == 0 {
		return o.Box.X+o.Box.W >= float64(im.Size.W)-1
	}
	return o.Box.Y+o.Box.H >= float64(im.Size.H)-1
}

// edgeSpans are boxes that begin at the left edge of an image, or at the upper one: by class, and along the edge by
// where they begin. Ends of stretches of 1, 2, 4 and so on of them are sorted, so that a look at few stretches
// tells whether one has a given begin and end.
type edgeSpans struct {
	spans []edgeSpan
	ends  [][]float64 // of the k-th slice, 2^k each are sorted
}

type edgeSpan struct {
	class      int32
	begin, end float64
}

// spansAt returns the boxes of an image that begin at an edge; none for the image -1.
func spansAt(src *dataset.Source, image int32, axis int) *edgeSpans {
	e := &edgeSpans{}
	if image < 0 {
		return e
	}
	im := &src.Images[image]
	for k := im.First; k < im.Last; k++ {
		q := &src.Objects[k]
		c := q.Box.Box()
		switch {
		case !sample.Told(q):
		case axis == 0 && c.X0 <= 1:
			e.spans = append(e.spans, edgeSpan{q.Class, c.Y0, c.Y1})
		case axis == 1 && c.Y0 <= 1:
			e.spans = append(e.spans, edgeSpan{q.Class, c.X0, c.X1})
		}
	}
	slices.SortFunc(e.spans, func(a, b edgeSpan) int {
		return cmp.Or(cmp.Compare(a.class, b.class), cmp.Compare(a.begin, b.begin))
	})
	n := len(e.spans)
	ends := make([]float64, n)
	for i := range ends {
		ends[i] = e.spans[i].end
	}
	e.ends = append(e.ends, ends)
	for w := 2; w <= n; w *= 2 {
		ends = slices.Clone(ends)
		for i := 0; i+w <= n; i += w {
			slices.Sort(ends[i : i+w])
		}
		e.ends = append(e.ends, ends)
	}
	return e
}

// goesOn tells whether a box begins there where another one ends, with these ends along the edge, but for 2 px or 3
// tenths. looks counts the stretches that are looked at.
func (e *edgeSpans) goesOn(class int32, begin, end float64) (ok bool, looks int) {
	slack := max(2, 0.3*(end-begin))
	first := sort.Search(len(e.spans), func(i int) bool {
		s := &e.spans[i]
		return s.class > class || s.class == class && begin-s.begin < slack
	})
	last := sort.Search(len(e.spans), func(i int) bool {
		s := &e.spans[i]
		return s.class > class || s.class == class && s.begin-begin >= slack
	})
	for first < last {
		k := bits.Len(uint(last-first)) - 1
		if first > 0 {
			k = min(k, bits.TrailingZeros(uint(first)))
		}
		looks++
		ends := e.ends[k][first : first+1<<k]
		at := sort.Search(len(ends), func(i int) bool { return end-ends[i] < slack })
		if at < len(ends) && ends[at]-end < slack {
			return true, looks
		}
		first += 1 << k
	}
	return false, looks
}

// Finding returns the finding on tiles whose rows and columns are exchanged.
func (t *Transposed) Finding(src *dataset.Source, s int32) findings.Finding {
	im := &src.Images[t.Example]
	counts := fmt.Sprintf("%s go on where the first number of the tiles' names is the row, and %s where it is the column",
		say.Group(t.Rows), say.Group(t.Columns))
	f := say.Finding("boxes-misjoined", s, im.Offset, im.Line, "%s: of %s that are cut at the right or the lower edge of "+
		"a tile, %s", text.Printable(src.Name), say.Plural(t.Edges, "box"), counts)
	f.Level, f.Cases = findings.Warning, int64(t.Rows+t.Columns)
	switch {
	case t.Mixed():
		few := min(t.Pictures[0], t.Pictures[1])
		f.Cases = int64(few)
		f.Message += fmt.Sprintf(", in %s of %s that show either. Row and column seem to be exchanged in one part, so that "+
			"its boxes lie on the transposed tile: name all tiles in one order, and cut their boxes as the pictures",
			say.Plural(few, "picture"), say.Group(t.Pictures[0]+t.Pictures[1]+t.Both))
	case t.Against():
		f.Message += ", against the names. Row and column seem to be exchanged, so that boxes lie on the transposed tile: " +
			"cut them as the pictures"
	default:
		f.Level = findings.Info
		what := [2]string{"column and then the row", "row and then the column"}
		if t.pixels {
			what = [2]string{"y and then x", "x and then y"}
		}
		f.Message += fmt.Sprintf(". So the names have to give the %s. If they give the %s, boxes lie on the transposed "+
			"tile: cut them as the pictures", what[0], what[1])
	}
	f.Message += ". Look at " + say.Label(im)
	f.Size = float64(f.Cases)
	return f
}
