package convention

import (
	"math"

	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// Boxes says how the boxes of one source have to be read. Where Reading is the zero
// value, COCO's, there is no reason for another one.
type Boxes struct {
	Reading reading.Reading
	Or      []reading.Reading // other readings that fit as many boxes
	By      Evidence          // what told
	Total   int               // boxes in images with a size
	COCO    int               // boxes that fit their image read as COCO
	Fits    int               // boxes for Reading: that fit the image so read, or are confirmed by the area or an outline
	Of      int               // boxes that could be for it: Total, or those with an area or an outline that was compared
	Only    int               // boxes that fit read so, but not as COCO
	Example int32             // index of an object that tells, -1 if there is none
}

// Evidence is what tells how boxes have to be read.
type Evidence uint8

// The kinds of evidence.
const (
	ByNothing Evidence = iota
	ByPlace            // whether boxes lie in their images
	ByArea             // recorded areas
	ByOutline          // outlines
)

// Found tells whether the boxes have to be read otherwise than as COCO.
func (b *Boxes) Found() bool { return b.By != ByNothing }

// Mixed tells whether only a part of the boxes has to be read so.
func (b *Boxes) Mixed() bool { return b.Found() && 10*b.Fits < 9*b.Of }

// tally counts what the boxes of a source have in common.
type tally struct {
	n         int // boxes in images with a size
	coco      int // that fit their image as COCO
	parts     int // whose numbers are all within [-0.01, 1.05], in images of 8 px or more
	fractions int // of these, that have a number that is not whole
	hundred   int // whose numbers are all within [-1, 101]
	thousand  int // whose numbers are all within [-10, 1010]
	corners   int // whose area is that of corners
	asBox     int // whose area is width times height
	area      int // whose area is given and could tell
	outlined  int // whose outline is that of corners, by itself
	outlines  [dataset.OutlineApart + 1]int
	compared  int // with an outline that was compared

	origin, thirds int           // boxes that begin at (0, 0), that seem to end at three times where they begin
	square         int           // as high as they are wide
	whole          int           // that span their image
	late           int           // that begin beyond half of the width or of the height
	far            [2]int        // well beyond the right edge, beyond the lower edge only
	before         int           // not so, but well beyond the left or the upper edge
	edge           [numEdges]int // within atEdge px of an edge of their image, or beyond it

	images        int // with boxes
	outside       int // images with a box well outside
	right, bottom int // boxes that end beyond inner of their image's width, height

	limits  *limits // where boxes end in their images
	longest float64 // side of an image with boxes, px
	least   *sample.Leasts
	buckets *sample.Buckets // for stretches
	areas   areas           // of a sample
}

// count goes once over the objects, with a few comparisons for each. Everything else
// looks at single objects only where the counts call for it.
func count(src *dataset.Source) *tally {
	t := &tally{limits: newLimits(), least: &sample.Leasts{IDs: make([]int64, len(src.Images))},
		areas: newAreas(len(src.Objects))}
	t.buckets = sample.NewBuckets(src, columnBlocks, columnStretch(src))
	next := int32(0)
	place := func(to int32) {
		if t.buckets != nil && to > next {
			t.buckets.Fill(next, src.Objects[next:to])
		}
		next = max(next, to)
	}
	for i := range src.Images {
		im := &src.Images[i]
		t.least.IDs[i] = math.MaxInt64
		if im.LeftOut != dataset.InUse || im.First == im.Last {
			continue
		}
		place(im.Last) // and then the records are at hand
		t.images++
		w, h, before := float64(im.Size.W), float64(im.Size.H), t.n
		outside, least := t.image(src.Objects[im.First:im.Last], w, h)
		t.outside += sample.One(outside)
		t.least.IDs[i] = least
		if t.n > before {
			t.longest = max(t.longest, w, h)
		}
	}
	place(int32(len(src.Objects)))
	t.compared = t.n - t.outlines[dataset.OutlineNone]
	return t
}

// image counts the objects of an image, without branches that go either way as often, and returns whether one is well
// outside, and the least of their ids.
func (t *tally) image(objects []dataset.Object, w, h float64) (outside bool, least int64) {
	wide := thirdSlack * w
	least = math.MaxInt64
	for k := range objects {
		o := &objects[k]
		least = t.least.Add(least, &o.ID)
		if !sample.Told(o) {
			continue
		}
		t.n++
		b := &o.Box
		t.limits.add(b, w, h)
		t.areas.add(o, w, h)
		right, bottom := b.X+b.W, b.Y+b.H
		if b.W > 0 && b.H > 0 && b.X >= 0 && b.Y >= 0 && right <= w && bottom <= h || reading.Fits(b.Box(), w, h) {
			t.coco++
		} else if right > (1+deep)*w || bottom > (1+deep)*h {
			outside = true
			t.far[sample.One(right <= (1+deep)*w)]++
		} else {
			t.before += sample.One(b.X < -deep*w || b.Y < -deep*h)
		}
		t.right += sample.One(right > inner*w)
		t.bottom += sample.One(bottom > inner*h)
		t.edge[Left] += sample.One(b.X < atEdge)
		t.edge[Top] += sample.One(b.Y < atEdge)
		t.edge[Right] += sample.One(right > w-atEdge)
		t.edge[Bottom] += sample.One(bottom > h-atEdge)
		t.late += sample.One(b.X > w/2) | sample.One(b.Y > h/2)
		t.square += squareSide(b)
		t.whole += sample.One(len(objects) > 1 && reading.WholeImage(b, w, h) && o.Outline != dataset.OutlineBox)
		d, begins := b.W-2*b.X, sample.One(b.X == 0)
		t.origin += begins & sample.One(b.Y == 0)
		t.thirds += (1 - begins) & sample.One(d < wide) & sample.One(d > -wide)
		t.outlines[o.Outline]++
		t.corners += sample.One(o.Flags&dataset.AreaAsCorners != 0)
		t.asBox += sample.One(o.Flags&dataset.AreaAsBox != 0)
		t.outlined += sample.One(o.Flags&dataset.OnlyCorners != 0)
		if o.Flags&(dataset.NoArea|dataset.AreaNotAbove0) == 0 {
			t.area++
		}
		if within(b, 1010) {
			t.thousand++
			t.small(b, w, h)
		}
	}
	return outside, least
}

// within tells whether the numbers of a box are at most limit, and hardly below 0.
func within(b *geom.Rect, limit float64) bool {
	low := -limit / 100
	return b.X <= limit && b.Y <= limit && b.W <= limit && b.H <= limit &&
		b.X >= low && b.Y >= low && b.W >= low && b.H >= low
}

// small counts a box of small numbers.
func (t *tally) small(b *geom.Rect, w, h float64) {
	hundred := sample.One(b.X <= 101) & sample.One(b.Y <= 101) & sample.One(b.W <= 101) & sample.One(b.H <= 101) &
		sample.One(b.X >= -1.01) & sample.One(b.Y >= -1.01) & sample.One(b.W >= -1.01) & sample.One(b.H >= -1.01)
	t.hundred += hundred
	if hundred > 0 && within(b, 1.05) && min(w, h) >= 8 {
		t.parts++
		if b.X != math.Trunc(b.X) || b.Y != math.Trunc(b.Y) || b.W != math.Trunc(b.W) || b.H != math.Trunc(b.H) {
			t.fractions++
		}
	}
}

// least is how many boxes must tell for another reading; below, chance and slips
// are too likely.
const least = 3

// OfBoxes says how the boxes of a source have to be read. Its cost is a few
// comparisons for each box, and some ten times as many where boxes do not fit.
func OfBoxes(src *dataset.Source) Boxes { return count(src).readBoxes(src) }

// readBoxes is OfBoxes.
func (t *tally) readBoxes(src *dataset.Source) Boxes {
	r := Boxes{Total: t.n, COCO: t.coco, Example: -1}
	switch {
	case t.n == 0:
	case t.partsTell():
		t.settleUnit(src, &r, reading.Parts, t.parts)
	case t.outlinesTell(&r):
	case t.areasTell():
		r.Reading, r.By, r.Fits, r.Of = reading.Reading{Form: cornersOf(src)}, ByArea, t.corners, t.area
	case t.placesTell(src, &r):
	case 50*t.hundred >= 49*t.n && t.unitTells(src, &r, reading.Percent):
	case 50*t.thousand >= 49*t.n && t.unitTells(src, &r, reading.Thousandths):
	}
	if r.Found() {
		r.complete(src)
	}
	return r
}

// partsTell tells whether boxes are parts of the sides. As pixels, all of such a box
// is in the first pixel of the image, which no box of the real files is; so three
// tell, and fewer if there are no others.
func (t *tally) partsTell() bool {
	return t.fractions >= min(least, t.n) && 200*t.fractions >= t.n
}

// areasTell tells whether recorded areas are those of corners: nine of ten, and at
// least three and one in ten of all boxes. Of 870,000 areas of the real files two are
// so by chance.
func (t *tally) areasTell() bool {
	return t.corners >= least && 10*t.corners >= 9*t.area && 10*t.area >= t.n
}

// cornersOf says which corners boxes are whose areas are those of corners: an area is
// the same with x and y exchanged, but only the right ones fit their images.
func cornersOf(src *dataset.Source) reading.Form {
	var straight, exchanged, n int
	sample.Each(src, func(_ int32, o *dataset.Object, w, h float64) {
		n++
		straight += sample.One(reading.Fits(reading.Corners.Box(o.Box), w, h))
		exchanged += sample.One(reading.Fits(reading.ExchangedCorners.Box(o.Box), w, h))
	})
	if 50*exchanged >= 49*n && exchanged-straight >= least {
		return reading.ExchangedCorners
	}
	return reading.Corners
}

// outlinesTell tells whether outlines confirm another reading than COCO's: nine of
// ten that were compared, or at least three and one in twenty where COCO's is
// confirmed for nearly all others; ten where only y differs, since any move up or down
// does that. Of the real files' outlines 99 % and more confirm COCO's reading, and none
// another one of these.
func (t *tally) outlinesTell(r *Boxes) bool {
	for _, c := range [...]struct {
		as   dataset.Outline
		form reading.Form
	}{
		{dataset.OutlineCorners, reading.Corners}, {dataset.OutlineCentre, reading.Centre},
		{dataset.OutlineBelow, reading.Below},
		{dataset.OutlineExchanged, reading.Exchanged}, {dataset.OutlineHeight, reading.FromBottom},
	} {
		n := t.outlines[c.as]
		all := 10*n >= 9*t.compared
		some := 20*n >= t.compared && 10*(n+t.outlines[dataset.OutlineBox]) >= 9*t.compared
		if c.form == reading.FromBottom {
			some = some && n >= 10
		}
		if n >= least && (all || some) {
			r.Reading, r.By, r.Fits, r.Of = reading.Reading{Form: c.form}, ByOutline, n, t.compared
			return true
		}
	}
	return false
}

// apart tells whether boxes and outlines disagree, so that one of them is not what it
// seems: one in ten that were compared, and at least ten, under every reading. Of the
// 2,329 that were compared in the real files none does. A part may be off: mirrored copies are half of a file, and most
// outlines that are compared stand in its first 64 KiB.
func (t *tally) apart() bool {
	n := t.outlines[dataset.OutlineApart]
	return n >= 10 && 10*n >= t.compared
}

// loose tells whether boxes seem to have a margin around their outlines, or to be cut or moved a little: one in four
// that were compared, and 20, agree with the outline under no reading, and overlap it. Of the 2,329 that were compared
// in the real files none does.
func (t *tally) loose() bool {
	n := t.outlines[dataset.OutlineOther]
	return n >= 20 && 4*n >= t.compared
}

// confirmed tells whether outlines confirm that the numbers are left, top, width
// and height.
func (t *tally) confirmed() bool {
	n := t.outlines[dataset.OutlineBox]
	return n >= least && 10*n >= 9*t.compared
}

// score is how a form agrees with the places of boxes.
type score struct {
	fits, only, lost int // boxes that fit, that fit so only, that fit as COCO only
	edge, lower      int // of fits: that end at the right or the lower edge, at the lower edge
	right, bottom    int // of only: that as COCO end beyond the image's width, height
	beyond           int // of only: that as COCO begin beyond its width or height
	far              int // of only: that as COCO end a tenth of the side beyond the edge, or more
}

// add counts a box, coco saying whether it fits as COCO.
func (s *score) add(b *geom.Rect, as geom.Box, w, h float64, coco bool) {
	if !reading.Fits(as, w, h) {
		if coco {
			s.lost++
		}
		return
	}
	s.fits++
	atLower := as.Y1 >= (1-reading.Slack)*h
	s.edge += sample.One(atLower || as.X1 >= (1-reading.Slack)*w)
	s.lower += sample.One(atLower)
	if coco {
		return
	}
	s.only++
	right, bottom := b.X+b.W, b.Y+b.H
	s.right += sample.One(right > w)
	s.bottom += sample.One(bottom > h)
	s.beyond += sample.One(b.X > w || b.Y > h)
	s.far += sample.One(right > 1.1*w || bottom > 1.1*h)
}

// plausible tells whether boxes that stick out do so as a form of n boxes would make
// them, and not as those of objects that annotators drew whole, beyond the picture, do.
// The latter stick out at the sides where objects leave the picture, and no box ends at
// the edges. Corners and centres read as COCO stick out to the right and at the bottom;
// where x and y are exchanged some begin outside; and where the edge is where a form says,
// it cuts some off. The other forms put their numbers into an order that such boxes have by
// chance only.
func (s *score) plausible(form reading.Form, n int) bool {
	switch form {
	case reading.Corners, reading.Centre, reading.LowerRight:
		return 20*min(s.right, s.bottom) >= s.only && s.edge >= n/100
	case reading.Below:
		return s.lower >= max(1, n/100)
	case reading.Exchanged, reading.ExchangedPlace:
		return 20*s.beyond >= s.only
	}
	return true
}

// convinces tells whether n boxes are in a form, by their places. Where a form is
// right, nearly all boxes fit (49 of 50), and a box that fits as COCO only is an
// accident. Where COCO is right, boxes that stick out may well fit under another form,
// but beside them stand boxes at the left and the top edge that fit as COCO only: so
// ten must fit under the form only for one that fits as COCO only. Three such boxes are
// enough where they are a quarter of all, else it takes six and one in 100, or twelve
// and one in 400.
func (s *score) convinces(n int) bool {
	enough := s.only >= least && 4*s.only >= n || s.only >= 2*least && 100*s.only >= n ||
		s.only >= 4*least && 400*s.only >= n
	return enough && 50*(n-s.fits) <= n && 10*s.lost <= s.only
}

// placesTell tells whether the boxes lie in their images under another form.
//
// Corners need less than convinces asks for: no sloppy box has a right edge beyond its
// image and at the same time w > x and h > y, unless it is larger than half of it. So a
// part of the boxes is enough: three and one in 200, if they are nine in ten of those
// that do not fit, and half of them are far outside: large boxes drawn by a slack hand
// are a few pixels.
func (t *tally) placesTell(src *dataset.Source, r *Boxes) bool {
	if out := t.n - t.coco; out < least || 400*out < t.n {
		return false
	}
	var of [reading.Forms]score
	sample.Each(src, func(_ int32, o *dataset.Object, w, h float64) {
		coco := reading.Fits(o.Box.Box(), w, h)
		for f := reading.Corners; f < reading.Forms; f++ {
			of[f].add(&o.Box, f.Box(o.Box), w, h, coco)
		}
	})
	best := reading.Box
	for f := reading.Corners; f < reading.Forms; f++ {
		better := best == reading.Box || of[f].fits > of[best].fits ||
			of[f].fits == of[best].fits && of[f].only > of[best].only
		if better && of[f].convinces(t.n) && of[f].plausible(f, t.n) && !t.confirmed() {
			best = f
		}
	}
	s := &of[reading.Corners]
	if best == reading.Box && s.only >= least && 200*s.only >= t.n && 10*s.only >= 9*(t.n-t.coco) && 2*s.far >= s.only {
		best = reading.Corners
	}
	if best == reading.Box {
		return false
	}
	r.Reading, r.By, r.Fits, r.Of = reading.Reading{Form: best}, ByPlace, of[best].fits, t.n
	if best == reading.Corners && 50*(t.n-s.fits) > t.n { // only a part of the boxes are corners
		r.Fits = s.only
	}
	for f := best + 1; f < reading.Forms; f++ {
		if of[f].fits == of[best].fits && of[f].only == of[best].only && of[f].plausible(f, t.n) {
			r.Or = append(r.Or, reading.Reading{Form: f})
		}
	}
	return true
}

// unitForms are the forms that boxes in parts, percent and thousandths come in, the
// commonest first.
var unitForms = [...]reading.Form{reading.Centre, reading.Corners, reading.Box, reading.ExchangedCorners, reading.Spans}

// settleUnit finds the form of boxes in a unit, of which there are so many.
func (t *tally) settleUnit(src *dataset.Source, r *Boxes, unit reading.Unit, n int) {
	whole := unit.Whole()
	var of [reading.Forms]int
	sample.Each(src, func(_ int32, o *dataset.Object, _, _ float64) {
		for _, f := range unitForms {
			if reading.FitsUnit(f.Box(o.Box), whole) {
				of[f]++
			}
		}
	})
	best := unitForms[0]
	for _, f := range unitForms[1:] {
		if of[f] > of[best] {
			best = f
		}
	}
	// Under another form, w > x and h > y would hold for all boxes by chance only.
	if n >= 5 && of[reading.Corners] == of[best] {
		best = reading.Corners
	}
	r.Reading, r.By, r.Fits, r.Of = reading.Reading{Form: best, Unit: unit}, ByPlace, of[best], t.n
	for _, f := range unitForms {
		if f != best && of[f] == of[best] && (best != reading.Corners || f == reading.ExchangedCorners) {
			r.Or = append(r.Or, reading.Reading{Form: f, Unit: unit})
		}
	}
}

// unitTells tells whether boxes are in percent or thousandths of the sides. Pixels
// can be that small too, so two things have to hold: the boxes reach as far as the
// unit allows to the right and to the bottom; and if they were pixels, a quarter would
// not fit, or chance would hardly keep all of them within so small a part of their
// images, and far less than it would keep boxes in that unit within those pictures that
// are smaller than it reaches: of pictures that were resized to a short side of 600, a
// few are longer than 1,000.
func (t *tally) unitTells(src *dataset.Source, r *Boxes, unit reading.Unit) bool {
	whole := unit.Whole()
	out := t.n - t.coco
	if (out < 2*least || 4*out < t.n) && chance(src, whole)-keptIn(src, whole) > math.Log(unitChance) {
		return false
	}
	found := *r
	t.settleUnit(src, &found, unit, t.n)
	if 50*(t.n-found.Fits) > t.n {
		return false
	}
	var right, bottom float64
	sample.Each(src, func(_ int32, o *dataset.Object, _, _ float64) {
		b := found.Reading.Form.Box(o.Box)
		right, bottom = max(right, b.X1/whole), max(bottom, b.Y1/whole)
	})
	if reach := unitReach(unit, t.n); right < reach || bottom < reach {
		return false
	}
	*r = found
	return true
}

// chance is the logarithm of the chance that boxes spread evenly over their images
// all end within so many pixels. Sides up to a third longer say nothing: objects in the
// middle of pictures of 1,080 px, or in padded ones, end before 1,000 px too.
func chance(src *dataset.Source, within float64) (log float64) {
	for i := range src.Images {
		im := &src.Images[i]
		if im.LeftOut != dataset.InUse {
			continue
		}
		for _, side := range []int{im.Size.W, im.Size.H} {
			if float64(side) > float64(4*within/3) {
				log += float64(float64(im.Last-im.First) * math.Log(within/float64(side)))
			}
		}
	}
	return log
}

// keptIn is the logarithm of the chance that boxes spread evenly over so much all end
// within their images, those by a third smaller, which boxes in a unit do by accident only.
func keptIn(src *dataset.Source, whole float64) (log float64) {
	sample.Each(src, func(_ int32, o *dataset.Object, w, h float64) {
		if 4*w < 3*whole && o.Box.X+o.Box.W <= w+1 {
			log += math.Log(w / whole)
		}
		if 4*h < 3*whole && o.Box.Y+o.Box.H <= h+1 {
			log += math.Log(h / whole)
		}
	})
	return log
}

// unitChance is how likely chance may keep all boxes in the part of their images
// that a unit allows, if they were pixels spread evenly, by how likely boxes in the
// unit would be kept within smaller images.
const unitChance = 1e-6

// unitReach is how far n boxes must reach, as a part of the sides. The farthest of
// five boxes of the real files is beyond 0.6 of both sides in nine draws of ten. A
// limit of 1,000 px is a common size of pictures too, so thousandths need more boxes
// and the very edge.
func unitReach(unit reading.Unit, n int) float64 {
	switch {
	case unit == reading.Thousandths && n < 20:
		return math.Inf(1)
	case unit == reading.Thousandths:
		return 0.95
	}
	return 0.6
}

// complete counts what the caller tells of a reading, and finds an example.
func (r *Boxes) complete(src *dataset.Source) {
	r.Only = 0
	last := int32(-1)
	sample.Each(src, func(k int32, o *dataset.Object, w, h float64) {
		fit := reading.Fits(r.Reading.Box(o.Box, geom.Size{W: int(w), H: int(h)}), w, h)
		if !fit {
			return
		}
		tiny := r.Reading.Unit == reading.Parts && max(o.Box.W, o.Box.H) <= 1.05
		if only := !reading.Fits(o.Box.Box(), w, h); only || tiny {
			r.Only++
			if r.Example < 0 {
				r.Example = k
			}
		}
		if last < 0 {
			last = k
		}
	})
	if r.Example < 0 {
		r.Example = last
	}
}
