package convention

import (
	"fmt"
	"math"

	"focalaudit/pkg/convention/names"
	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/text"
)

// Columns says whether the column of boxes of a source, or that of its labels, stands one record off. Neighbours are
// those of the file. Two kinds of evidence need neither areas nor outlines nor detections: boxes that fit the image
// of the neighbouring record and not their own, and labels that explain the neighbours' boxes better than their own.
type Columns struct {
	By         int     // 1 if boxes belong to the record behind theirs, -1 if to the one before, 0 if they are in place
	Away, Home int     // boxes that fit only the image of that record, that fit only their own
	Gain       float64 // nats by which labels explain the boxes better if these are moved, 0 if they do not
	Explained  [2]int  // percent of the boxes' variance that labels explain as it stands, if boxes are moved
	Labels     bool    // boxes are in their images: the column of labels is off instead
	Inner      int     // boxes that fit only the next image, or the one before, amid boxes of their own
	Filler     Default // a class that is written where none was given
	Filled     Filled  // classes that count up, or are sorted
	Slipped    Slipped
	One        OneColumn
	Example    int32 // an object whose box fits only the neighbour's image, or the first one; -1 if there is none
}

// Thresholds of OfColumns. In 3,440 stretches of 200 to 3,000 records of the real files, no move gains 30 nats in
// every quarter.
const (
	leastAway  = 10  // boxes that fit only the neighbour's image
	leastGain  = 60  // nats
	leastFresh = 200 // records that are not those of the image before
	leastLabel = 10  // records of a class, below which it is one with other rare ones
)

// OfColumns looks for a column that stands one record off. Ask it only where OfBoxes found no other reading.
func OfColumns(src *dataset.Source) Columns { return count(src).readColumns(src) }

// readColumns is OfColumns.
func (t *tally) readColumns(src *dataset.Source) Columns {
	if t.n < leastFresh {
		return Columns{Example: -1, Filler: Default{Class: -1}, Filled: Filled{Example: -1}}
	}
	signal := labelSignal(src, t.buckets, nil)
	if signal.speaks() {
		if s := footageOf(src); s != nil {
			signal.hold(labelSignal(src, t.buckets, s))
		}
	}
	if signal.one.Found() {
		return Columns{Example: -1, Filler: Default{Class: -1}, Filled: Filled{Example: -1}, One: signal.one}
	}
	var order []int32 // which takes long for a large file, and hardly any file needs it
	for side, by := range [...]int{-1, 1} {
		told := signal.tells(side)
		if !told && t.far[0]+t.far[1] < leastAway {
			continue
		}
		if order == nil {
			order, _ = sample.FileOrder(src)
		}
		c := displaced(src, order, by)
		if !told && !c.moved() {
			continue
		}
		c.By = by
		c.Inner = innerDisplaced(src, order, by)
		if told {
			c.Gain = signal.gain[side]
			c.Explained = [2]int{signal.percent(0), signal.percent(1 + side)}
			c.Labels = c.Home >= leastAway && 10*c.Away <= c.Home
		}
		if c.Example < 0 {
			c.Example = order[0]
		}
		c.Filler.Class = -1 // labels of other boxes tell nothing of their own
		return c
	}
	if 10*t.square >= 9*t.n { // squares leave only their size to tell classes by
		signal.filler = Default{Class: -1}
	}
	return Columns{Example: -1, Filler: signal.filler, Filled: signal.filled, Slipped: signal.slipped}
}

// moved reports whether boxes seem to be in the image of the neighbouring record.
func (c *Columns) moved() bool { return c.Away >= leastAway && 10*c.Home <= c.Away }

// displaced counts boxes that fit the image of the record so many places on, and are well outside their own, and
// boxes that fit only their own. Only neighbours of another image tell.
func displaced(src *dataset.Source, order []int32, by int) Columns {
	c := Columns{Example: -1}
	for i := range order {
		o, own, other := withNeighbour(src, order, i, by)
		if o == nil {
			continue
		}
		b := o.Box.Box()
		w, h := float64(own.Size.W), float64(own.Size.H)
		switch here, there := reading.Fits(b, w, h), reading.Fits(b, float64(other.Size.W), float64(other.Size.H)); {
		case here == there:
		case here:
			c.Home++
		case b.X1 > (1+deep)*w || b.Y1 > (1+deep)*h:
			if c.Away++; c.Example < 0 {
				c.Example = order[i]
			}
		}
	}
	return c
}

// innerDisplaced counts boxes that are well outside their own image and fit the next image on one side, and whose
// neighbour there is of their own image: a column of boxes that is one record off leaves none, and image ids that are
// one image off leave many.
func innerDisplaced(src *dataset.Source, order []int32, by int) (n int) {
	var own, next *dataset.Image
	last := int32(-1)
	for i := range order {
		k := order[i]
		if by > 0 { // from the end, so that the image behind is known
			k = order[len(order)-1-i]
		}
		o := &src.Objects[k]
		if o.Image < 0 || src.Images[o.Image].LeftOut != dataset.InUse {
			continue
		}
		if o.Image != last {
			own, next, last = &src.Images[o.Image], own, o.Image
			continue
		}
		b := o.Box.Box()
		w, h := float64(own.Size.W), float64(own.Size.H)
		if next != nil && sample.Told(o) && (b.X1 > (1+deep)*w || b.Y1 > (1+deep)*h) {
			n += sample.One(reading.Fits(b, float64(next.Size.W), float64(next.Size.H)))
		}
	}
	return n
}

// withNeighbour returns the i-th object of an order with its image and that of the record so many places on, if the
// two differ.
func withNeighbour(src *dataset.Source, order []int32, i, by int) (o *dataset.Object, own, other *dataset.Image) {
	if i+by < 0 || i+by >= len(order) {
		return nil, nil, nil
	}
	o = &src.Objects[order[i]]
	next := src.Objects[order[i+by]].Image
	if !sample.Told(o) || o.Image < 0 || next < 0 || next == o.Image {
		return nil, nil, nil
	}
	own, other = &src.Images[o.Image], &src.Images[next]
	if own.LeftOut != dataset.InUse || other.LeftOut != dataset.InUse {
		return nil, nil, nil
	}
	return o, own, other
}

// signal is how well labels explain boxes: as they stand, and if each box belongs to the record before its own, or to
// the one behind.
type signal struct {
	n        int        // records that tell
	classes  int        // with leastLabel records
	likely   [3]float64 // nats above boxes that do not depend on labels
	gain     [2]float64
	quarters [2]bool // every quarter of the records gains
	filler   Default // a class whose boxes are those of all others
	filled   Filled
	slipped  Slipped
	one      OneColumn
}

// tells reports whether labels belong to the boxes of a neighbour: they explain these better by more nats than chance
// gives, by a quarter of what they explain as they stand, in every quarter of the records, and by twice as much as
// those of the other neighbour.
func (s *signal) tells(side int) bool {
	return s.quarters[side] && s.gains(side)
}

// gains is tells of all quarters together.
func (s *signal) gains(side int) bool {
	g := s.gain[side]
	return g >= leastGain && 4*g >= s.likely[0] && 2*s.gain[1-side] <= g &&
		g >= float64(6*math.Sqrt(float64(features*s.classes)))
}

// percent is the part of the variance that labels explain: the mean over the features, in the geometric sense.
func (s *signal) percent(k int) int {
	return int(math.Round(100 * (1 - math.Exp(-2*s.likely[k]/float64(features*s.n)))))
}

// features of a box that differ from class to class: the logarithms of its size in the image and of its shape, and
// its height in the image.
const features = 3

// columnRow is a record of which label and box may be told apart.
type columnRow struct {
	image, class int32
	object       int32
	box          geom.Box
	x            [features]float64
	usable       bool // it has a box with sides
	fresh        bool // not the same object in the image before, as in frames of a video
}

// sameBox is the IoU from which a box is taken for that of a record of the same class a few places before: the same
// object, in the next frame of a video.
const sameBox = 0.5

// columnRows is how many records are compared, in four blocks.
const columnRows = 20_000

// columnBlocks is how many stretches of the file have these records.
const columnBlocks = 4

// columnStretch is how many records each has.
func columnStretch(src *dataset.Source) int { return min(len(src.Objects), columnRows) / columnBlocks }

// speaks tells whether anything is found.
func (s *signal) speaks() bool {
	return s.one.Found() || s.filled.Example >= 0 || s.filler.Class >= 0 || s.tells(0) || s.tells(1)
}

// hold leaves what another signal finds too, that of what is new in the scenes of a video.
func (s *signal) hold(of signal) {
	if !of.one.Found() {
		s.one = OneColumn{}
	}
	if of.filled.Example < 0 {
		s.filled = of.filled
	}
	if of.filler.Class < 0 {
		s.filler = of.filler
	}
	for side := range s.quarters {
		s.quarters[side] = s.quarters[side] && of.gains(side)
	}
}

// labelSignal compares labels with boxes of a sample of the records. placed are the buckets of stretches, or nil.
// Of scenes, if any are given, only what is new counts.
func labelSignal(src *dataset.Source, placed *sample.Buckets, anew *footage) signal {
	s := signal{filler: Default{Class: -1}, filled: Filled{Example: -1}}
	var blocks [columnBlocks][]columnRow
	if len(src.Objects) < leastFresh {
		return s
	}
	of := sample.Stretches(src, columnBlocks, columnStretch(src), placed)
	counts := map[int32]int{}
	for q := range blocks {
		blocks[q] = columnBlock(src, of[q])
		if anew != nil {
			anew.only(blocks[q])
		}
		for i := range blocks[q] {
			if r := &blocks[q][i]; r.fresh {
				counts[r.class]++
				s.n++
			}
		}
	}
	s.one = oneColumn(src, anew.newest(blocks[:])...)
	s.filled = filledIn(src, anew != nil, blocks[:]...)
	if s.n >= leastFresh {
		s.slipped = slippedIn(src, blocks[:])
	}
	names := map[int32]int32{} // a class to its number, in the order of the file; all rare ones are 0
	for q := range blocks {
		for i := range blocks[q] {
			if class := blocks[q][i].class; counts[class] >= leastLabel && names[class] == 0 {
				s.classes++
				names[class] = int32(s.classes)
			}
		}
	}
	if s.classes < 2 || s.n < leastFresh {
		return s
	}
	for q := range blocks {
		for i := range blocks[q] {
			blocks[q][i].class = names[blocks[q][i].class]
		}
	}
	s.filler = defaultOf(s.classes+1, blocks[:]...)
	for q := 0; q < len(blocks) && s.filler.Class < 0; q++ {
		s.filler = defaultOf(s.classes+1, blocks[q])
	}
	if !s.filler.upright(src, s.classes+1, blocks[:]...) {
		s.filler.Class = -1
	}
	for k, by := range [...]int{0, -1, 1} {
		s.likely[k] = explained(s.classes+1, -by, blocks[:]...)
	}
	for side, by := range [...]int{-1, 1} {
		s.gain[side] = s.likely[1+side] - s.likely[0]
		s.quarters[side] = true
		for q := range blocks {
			s.quarters[side] = s.quarters[side] &&
				explained(s.classes+1, -by, blocks[q]) > explained(s.classes+1, 0, blocks[q])
		}
	}
	return s
}

// maxBefore is how many records of the image before are compared with each one.
const maxBefore = 200

// columnBlock returns the records of a stretch of the file.
func columnBlock(src *dataset.Source, order []int32) []columnRow {
	rows := make([]columnRow, len(order))
	before, start := [2]int{}, 0 // the rows of the image before, where the one at hand begins
	for i, k := range order {
		o, r := &src.Objects[k], &rows[i]
		if r.image, r.class, r.object = o.Image, o.Class, k; o.Image < 0 {
			continue
		}
		im := &src.Images[o.Image]
		if i > 0 && rows[i-1].image != o.Image {
			before, start = [2]int{start, min(i, start+maxBefore)}, i
		}
		if !sample.Told(o) || im.LeftOut != dataset.InUse || o.Box.W <= 0 || o.Box.H <= 0 {
			continue
		}
		r.box, r.usable, r.fresh = o.Box.Box(), true, o.Class >= 0
		w, h := float64(im.Size.W), float64(im.Size.H)
		r.x = [features]float64{
			math.Log(float64(o.Box.W*o.Box.H)/float64(w*h)) / 2, math.Log(o.Box.W / o.Box.H), (o.Box.Y + o.Box.H/2) / h,
		}
		for _, x := range r.x {
			if math.Abs(x) > 100 || math.IsNaN(x) { // sides that overflow, or vanish
				r.usable, r.fresh = false, false
			}
		}
		for j := before[0]; j < before[1] && r.fresh; j++ {
			r.fresh = !rows[j].usable || rows[j].class != r.class || iou.Of(rows[j].box, r.box) < sameBox
		}
	}
	return rows
}

// explained returns the nats by which labels explain the boxes that stand so many records behind them: the logarithm
// of the likelihood, under normal distributions with a mean for each class and one spread, above that with one mean
// for all.
func explained(classes, by int, blocks ...[]columnRow) float64 {
	type sum struct {
		n  float64
		of [features]float64
	}
	sums := make([]sum, classes)
	var all sum
	var squares [features]float64
	for _, rows := range blocks {
		for i := range rows {
			if !rows[i].fresh || i+by < 0 || i+by >= len(rows) || !rows[i+by].usable {
				continue
			}
			of := &sums[rows[i].class]
			of.n++
			all.n++
			for f, x := range rows[i+by].x {
				of.of[f] += x
				all.of[f] += x
				squares[f] += float64(x * x)
			}
		}
	}
	nats := 0.0
	for f, square := range squares {
		within := square
		for c := range sums {
			if s := &sums[c]; s.n > 0 {
				within -= float64(s.of[f]*s.of[f]) / s.n
			}
		}
		total := square - float64(all.of[f]*all.of[f])/max(all.n, 1)
		if least := 1e-9 * square; within > least && total > least { // else the feature has no spread
			nats += float64(all.n / 2 * math.Log(total/within))
		}
	}
	return nats
}

// tell returns the finding on the column that seems to be off, or on classes that seem to be filled in, if any does.
func (c *Columns) tell(at site) (f findings.Finding, ok bool) {
	switch {
	case c.One.Found():
		return c.One.Finding(at.src, at.s), true
	case c.By != 0:
		return c.Finding(at.src, at.s), true
	case c.Filled.Example >= 0:
		return c.Filled.Finding(at.src, at.s), true
	case c.Slipped.Found() && !at.numbersAnew() && names.TileGrids(at.src) == nil:
		return c.Slipped.Finding(at.src, at.s), true
	case c.Filler.Class >= 0:
		return c.Filler.Finding(at.d, at.src, at.s), true
	}
	return f, false
}

// Finding returns the finding on a column that is one record off.
func (c *Columns) Finding(src *dataset.Source, s int32) findings.Finding {
	o := &src.Objects[c.Example]
	to := "behind"
	if c.By < 0 {
		to = "before"
	}
	var why, what string
	if c.Gain > 0 {
		why = fmt.Sprintf("labels explain %d %% of how boxes differ in size, shape and height in the image, and %d "+
			"%% if each box belongs to the record %s its own", c.Explained[0], c.Explained[1], to)
	}
	if c.moved() {
		if why != "" {
			why += "; "
		}
		why += fmt.Sprintf("%s fit the image of the record %s theirs and not their own, and %s the other way round",
			say.Plural(c.Away, "box"), to, say.Group(c.Home))
	}
	switch {
	case c.Inner >= leastAway/2 && c.Gain == 0:
		why += fmt.Sprintf(", and so do %s amid others of their image", say.Group(c.Inner))
		what = "Annotations seem to have the id of the image beside theirs: look the image ids up again by file name"
	case c.Gain == 0:
		what = "The column of boxes, or that of image ids, seems to stand one record off: move it back"
	case c.Labels:
		what = "The column of labels seems to stand one record off, since boxes are in their images: move the " +
			"labels back"
	case c.moved():
		what = "The column of boxes seems to stand one record off: move the boxes back"
	default:
		what = "The column of boxes, or that of labels, seems to stand one record off: move it back"
	}
	f := say.Finding("columns-shifted", s, o.Offset, o.Line, "%s: %s. %s. A record with its box: "+
		"%s", text.Printable(src.Name),
		why, what, say.Place(src, c.Example))
	f.Size, f.Cases = float64(len(src.Objects)), int64(len(src.Objects))
	return f
}
