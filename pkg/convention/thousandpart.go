package convention

import (
	"math"

	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// ThousandsIn is a stretch of images whose boxes are thousandths of their image's sides, in a source whose other boxes
// are pixels.
type ThousandsIn struct {
	streak
	Boxes   int   // of the stretch
	Fit     int   // of these, that fit their images as they stand
	Example int32 // the first image, -1 if there is nothing to tell
}

// Found reports whether there is such a stretch.
func (t *ThousandsIn) Found() bool { return t.Example >= 0 }

// Thresholds of boxes in thousandths. Where a side of an image is shorter than shortSide, thousandths end beyond it;
// where one is longer than longSide, pixels end beyond 1,000. Boxes of the stretch end at reached or more, along both
// axes. Pictures that were resized to a longest side of 1,000 px keep their shape, so that leastShort boxes, and
// one in 100, must end beyond where one so resized does.
const (
	shortSide  = 950
	longSide   = 1100
	reached    = 950
	leastShort = 10
)

// markThousands are two marks of an image: whether a box ends well beyond it and none beyond 1,000; and, of long
// images, whether none ends beyond 1,000.
func markThousands(im *dataset.Image, own []dataset.Object) [2]int32 {
	w, h := float64(im.Size.W), float64(im.Size.H)
	out, far, n := false, false, 0
	for k := range own {
		if !sample.Told(&own[k]) {
			continue
		}
		n++
		b := &own[k].Box
		right, bottom := b.X+b.W, b.Y+b.H
		out = out || right > (1+deep)*w || bottom > (1+deep)*h
		far = far || right > 1001 || bottom > 1001 || b.X < -1 || b.Y < -1
	}
	marks := [2]int32{uncounted, uncounted}
	if n > 0 && min(w, h) <= shortSide {
		marks[0] = noMark
		if out && !far {
			marks[0] = 0
		}
	}
	if n > 0 && max(w, h) >= longSide {
		marks[1] = noMark
		if !far {
			marks[1] = 0
		}
	}
	return marks
}

// OfThousandsIn looks for such a stretch.
func OfThousandsIn(src *dataset.Source) ThousandsIn { return *glanceAt(src).thousandsIn() }

// thousandsIn looks for the stretch once: by boxes beyond their images in all of its images but for one in four, or by
// boxes that keep within 1,000 in images that are longer.
func (g *glance) thousandsIn() *ThousandsIn {
	if g.thousands != nil {
		return g.thousands
	}
	g.thousands = &ThousandsIn{Example: -1}
	if g.nearThousand() {
		return g.thousands
	}
	for m, oddOne := range [...]int{4, 0} {
		t := ThousandsIn{Example: -1}
		t.streak = g.window(func(p *glimpse) int32 { return p.thousands[m] }, oddOne)
		if t.mark >= 0 && g.tellsThousands(&t, m == 1) {
			t.Example = g.first(&t.streak)
			*g.thousands = t
			break
		}
	}
	return g.thousands
}

// nearThousand tells whether more than one image in 20 has a side of about 1,000 px: boxes that end there may be those
// of other images.
func (g *glance) nearThousand() bool {
	n := 0
	for k := range g.images {
		s := g.src.Images[g.images[k].image].Size
		n += sample.One(s.W >= 990 && s.W <= 1010 || s.H >= 990 && s.H <= 1010)
	}
	return 20*n > len(g.images)
}

// tellsThousands tells whether the boxes of a stretch are thousandths. In long images they could be those of a crop of
// 1,000 px too, which keep their shape: the means of log(width/height) say which, in oblong images, if that of the rest
// is twice as near to the one of boxes read as thousandths.
func (g *glance) tellsThousands(t *ThousandsIn, long bool) bool {
	var plain, scaled, rest, others float64
	var most [2]float64
	fits, oblong, short := 0, 0, 0
	g.split(&t.streak, func(o *dataset.Object, w, h float64) {
		t.Boxes++
		b := &o.Box
		t.Fit += sample.One(reading.Fits(b.Box(), w, h))
		fits += sample.One(reading.FitsUnit(b.Box(), 1000))
		most = [2]float64{max(most[0], b.X+b.W), max(most[1], b.Y+b.H)}
		if b.W > 0 && b.H > 0 {
			plain += math.Log(b.W / b.H)
			scaled += math.Log(b.W * w / (b.H * h))
		}
		if max(w, h) < 1.25*min(w, h) {
			return
		}
		oblong++
		reach := 1000 * min(w, h) / max(w, h)
		short += sample.One(w > h && b.Y+b.H > 1.05*reach || h > w && b.X+b.W > 1.05*reach)
	}, func(o *dataset.Object, _, _ float64) {
		if o.Box.W > 0 && o.Box.H > 0 {
			rest += math.Log(o.Box.W / o.Box.H)
			others++
		}
	})
	turned := oblong > 0 || long
	if 50*fits < 49*t.Boxes || min(most[0], most[1]) < reached || turned && (short < leastShort || 100*short < oblong) {
		return false
	}
	if !long {
		return true
	}
	n := float64(t.Boxes)
	rest /= max(others, 1)
	return others > 0 && 2*math.Abs(scaled/n-rest) < math.Abs(plain/n-rest)
}

// finding returns the finding on such a stretch.
func (t *ThousandsIn) finding(at site) findings.Finding {
	im := &at.src.Images[t.Example]
	r := reading.Reading{Unit: reading.Thousandths}
	f := say.Finding("box-convention", at.s, im.Offset, im.Line, "%s: in a part of the file, boxes are %s, as "+
		"vision-language models write them, or those of pictures resized to 1,000 × 1,000 px: in %s%s %s, no box ends "+
		"beyond 1,000, whatever the size of the image, and boxes end there to the right and at the bottom; %s of %s fit "+
		"their images as pixels. %s, in these images only. The first is %s", text.Printable(at.src.Name), r,
		say.Plural(t.n+t.odd, "image"), at.seen.seen(), t.place, say.Group(t.Fit), say.Plural(t.Boxes, "box"), r.Mend(),
		say.Label(im))
	f.Key, f.Size, f.Cases = "thousandths", float64(t.Boxes), int64(t.Boxes)
	return f
}

// writtenIn returns what is said of a stretch of boxes that is written otherwise than the rest.
func (g *glance) writtenIn(at site) (f findings.Finding, ok bool) {
	if t := g.thousandsIn(); t.Found() {
		return t.finding(at), true
	}
	if h := g.halfIn(); h.Found() {
		return h.finding(at), true
	}
	return f, false
}

// otherProgram is the rule on records in another form, unless the cause is told of.
func otherProgram(at site) (f findings.Finding, ok bool) {
	if at.seen.thousandsIn().Found() || at.seen.halfIn().Found() {
		return f, false
	}
	return of(OfPrograms)(at)
}
