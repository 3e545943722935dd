package convention

import (
	"math"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
)

// padding is what was done wrong with the padding of a picture that was padded to a square.
type padding uint8

// The kinds. s is the shorter side of an image and l the longer one.
const (
	stretched padding = iota // the square was stretched to the image's sides: from (1 - s/l)/2 to (1 + s/l)/2 of s
	leftOn                   // it was left on the boxes: from (l - s)/2 px on, up to the far edge or beyond
	overtaken                // it was taken off twice: up to (l - s)/2 px before the far edge
	paddings
)

// A band is the part of an image in which boxes are then, along the shorter side.
type band struct {
	oblong bool // the band is well inside of the image
	in     [paddings]inPicture
}

// An inPicture says where the boxes of an image are in a band.
type inPicture struct {
	inside       bool  // all are in the band
	starts, ends bool  // so, and one begins near where the band begins, or ends near where it ends
	cut          int32 // boxes at the edge of the image that cuts off what was moved, of leftOn and overtaken
}

// Thresholds of bands, as parts of the shorter side: how far a box may leave it, and how near is near. Boxes of objects
// that the picture's edge cuts off end at the edge, but in pictures with a bar of text below, which is 2 % high. Where
// the padding takes nine tenths of the side, hardly a box is left.
const (
	bandOblong = 1.2
	bandSlack  = 0.005
	bandNear   = 0.02
	bandMost   = 0.9
)

// bandOf looks at the boxes of an image.
func bandOf(im *dataset.Image, own []dataset.Object) (b band) {
	w, h := float64(im.Size.W), float64(im.Size.H)
	short, long := min(w, h), max(w, h)
	if b.oblong = long >= bandOblong*short; !b.oblong {
		return b
	}
	low, high, first, last := math.Inf(1), math.Inf(-1), int32(0), int32(0)
	for k := range own {
		o := &own[k]
		if !sample.Told(o) || o.Flags&dataset.Crowd != 0 {
			continue
		}
		at, side := o.Box.Y, o.Box.H
		if h > w {
			at, side = o.Box.X, o.Box.W
		}
		begin, end := at/short, (at+side)/short
		low, high = min(low, begin), max(high, end)
		first += int32(sample.One(begin <= bandSlack))
		last += int32(sample.One(end >= 1-bandSlack))
	}
	if low > high { // no box
		return band{}
	}
	b.in[stretched].look(low, high, (1-short/long)/2, (1+short/long)/2, bandNear, bandNear)
	if pad := (long/short - 1) / 2; pad < bandMost {
		b.in[leftOn].look(low, high, pad, 1+pad, bandNear, pad+bandSlack)
		b.in[overtaken].look(low, high, -pad, 1-pad, pad+bandSlack, bandNear)
		b.in[leftOn].cut, b.in[overtaken].cut = last, first
	}
	return b
}

// look compares the first and the last place of boxes with a band, as parts of the side, and how near to its two ends
// is near.
func (s *inPicture) look(low, high, from, to, nearFrom, nearTo float64) {
	s.inside = low >= from-bandSlack && high <= to+bandSlack
	s.starts, s.ends = s.inside && low <= from+nearFrom, s.inside && high >= to-nearTo
}

// Padded says that boxes are those of pictures that were padded to squares, and the padding was not taken off when they
// were scaled back, or twice: they lie in the bands of their images.
type Padded struct {
	What         padding
	Place        string // of the stretch of images, "" for all
	Images, Of   int    // with all boxes in the band; all of the stretch, or of the source
	Starts, Ends int    // of Images: those with boxes at that end of the band
	Cut, Boxes   int    // boxes that the edge cuts off, all that were looked at
	Example      int32  // -1 if there is nothing to tell
}

// Found reports whether boxes are so.
func (p *Padded) Found() bool { return p.Example >= 0 }

// Of all oblong images, 49 in 50 have their boxes in the band, and 10 and 2 % have one at either end of it.
const leastBand = 10

// OfPadded looks at all images, or else at stretches of them.
func OfPadded(src *dataset.Source) Padded { return glanceAt(src).padded() }

func (g *glance) padded() Padded {
	for what := range paddings {
		if p := g.paddedAs(what); p.Found() {
			return p
		}
	}
	return Padded{Example: -1}
}

// paddedAs looks for one kind of padding.
func (g *glance) paddedAs(what padding) Padded {
	all := Padded{What: what, Example: -1}
	for k := range g.images {
		all.Of += sample.One(g.images[k].oblong)
		all.add(&g.images[k])
	}
	if all.Of < leastRest || 50*all.Images < 49*all.Of {
		return g.paddedIn(&all)
	}
	if what != stretched && !all.moved() ||
		what == stretched && (min(all.Starts, all.Ends) < leastBand || 50*min(all.Starts, all.Ends) < all.Of) {
		all.Example = -1
	}
	return all
}

// holds tells whether the boxes are so, too, if each object of a video's scene counts once.
func (p *Padded) holds(src *dataset.Source) bool {
	other := newOnly(src)
	if other == src {
		return true
	}
	q := OfPadded(other)
	return q.Found() && q.What == p.What
}

// moved tells whether boxes in a band seem to be moved by the padding, and not only away from an edge, as before a
// camera in a car. Then the far edge cuts off what was moved beyond: 20 boxes and one in 20, where of the real files
// with all boxes in such a band one in 1,000 is there at most. And the other end of the band, where the picture begins,
// is as sharp: 10 images and 2 % have a box there (in a stretch, 5 and a tenth are enough), five times as many as have
// one beyond; or else objects never touch it in the picture, none has a box beyond, and the far edge cuts some off in
// nine images of ten.
func (p *Padded) moved() bool {
	sharp, cut := p.Starts, p.Ends
	if p.What == overtaken {
		sharp, cut = p.Ends, p.Starts
	}
	out := p.Of - p.Images
	clear := sharp >= leastBand && 50*sharp >= p.Of || p.Place != "" && sharp >= leastBand/2 && 10*sharp >= p.Of
	return p.Cut >= 20 && 20*p.Cut >= p.Boxes && cut >= leastBand &&
		(clear && sharp >= 5*out || out == 0 && 10*cut >= 9*p.Of)
}

// add counts an image.
func (p *Padded) add(at *glimpse) {
	in := &at.in[p.What]
	if !in.inside {
		return
	}
	p.Images++
	p.Starts += sample.One(in.starts)
	p.Ends += sample.One(in.ends)
	p.Cut, p.Boxes = p.Cut+int(in.cut), p.Boxes+int(at.objects)
	if p.Example < 0 || at.image < p.Example {
		p.Example = at.image
	}
}

// paddedIn looks for a stretch. Five of its images have boxes at either end of the band, and a tenth of them; or
// else one end has twice as many as in the other images whose boxes are in it, by five standard errors, and the
// other not fewer by three: objects may stand in the middle of the pictures throughout, and then no more are at
// these ends than anywhere. Boxes that were moved are also as moved asks.
func (g *glance) paddedIn(all *Padded) Padded {
	none := Padded{Example: -1}
	s := g.streak(func(p *glimpse) int32 {
		switch {
		case !p.oblong:
			return uncounted
		case p.in[all.What].inside:
			return 0
		}
		return noMark
	}, 20, 1)
	if s.mark < 0 {
		return none
	}
	p := Padded{What: all.What, Example: -1, Of: len(s.images), Place: s.place}
	for _, k := range s.images {
		p.add(&g.images[k])
	}
	if p.What != stretched {
		// One image in 20 of a stretch may have boxes elsewhere.
		trial := p
		trial.Of = p.Images
		cutHere, cutThere := float64(p.Cut)/float64(p.Boxes), float64(all.Cut-p.Cut)/float64(max(all.Boxes-p.Boxes, 1))
		if !trial.moved() || cutHere < 3*cutThere {
			return none
		}
		return p
	}
	starts, ends := p.more(p.Starts, all.Starts, all.Images), p.more(p.Ends, all.Ends, all.Images)
	few := min(p.Starts, p.Ends)
	if few < 5 || 10*few < p.Images && (max(starts, ends) < 5 || min(starts, ends) < -3) {
		return none
	}
	return p
}

// more returns by how many standard errors more images have something than in the rest, of which so many of all have
// it; 0 if not twice as many do.
func (p *Padded) more(n, all, of int) float64 {
	here, there := float64(n)/float64(p.Images), float64(all-n+1)/float64(of-p.Images+2)
	both := float64(all) / float64(of)
	z := (here - there) / math.Sqrt(both*(1-both)*(1/float64(p.Images)+1/float64(of-p.Images+1)))
	if here < 2*there {
		return min(z, 0)
	}
	return z
}

// Finding returns the finding on boxes in the bands of their images.
func (p *Padded) Finding(g *glance, s int32) findings.Finding {
	im := &g.src.Images[p.Example]
	which := ""
	if p.Place != "" {
		which = " " + p.Place
	}
	if p.What != stretched {
		return p.movedFinding(g, s, which)
	}
	f := say.Finding("image-size-convention", s, im.Offset, im.Line, "the padding of letterboxed pictures seems to be "+
		"left in "+
		"the boxes: in %s of %s%s%s, all boxes lie in the middle of the shorter side s, from (1 - s/l)/2 to (1 + s/l)/2 of "+
		"it (l is the longer side), where a picture is that was padded to a square, and a box touches the one end in %s of "+
		"them, and the other in %s. Where width is above height, take height·(1 - height/width)/2 off y, and multiply y and "+
		"h by width/height; else likewise with x and w. The first is %s, %d × %d px", say.Group(p.Images),
		say.Plural(p.Of, "oblong image"), g.seen(), which, say.Group(p.Starts), say.Group(p.Ends), say.Label(im), im.Size.W,
		im.Size.H)
	f.Cases = int64(p.Images)
	if p.Place == "" {
		f.Cases = int64(len(g.src.Objects))
	}
	return f
}

// movedFinding returns the finding on boxes that are off by the padding.
func (p *Padded) movedFinding(g *glance, s int32, which string) findings.Finding {
	im := &g.src.Images[p.Example]
	verdict, begin, from, to, add, sharp, cut := "left in the boxes", "begins", "upper or left", "lower or right",
		"take (l - s)/2 off", p.Starts, p.Ends
	if p.What == overtaken {
		verdict, begin, from, to, add = "taken off the boxes twice", "ends", to, from, "add (l - s)/2 to"
		sharp, cut = cut, sharp
	}
	f := say.Finding("box-convention", s, im.Offset, im.Line, "the padding of pictures that were padded to squares "+
		"(letterboxed) seems to be %s: in %s of %s%s%s, no box %s less than (l - s)/2 px from the %s edge, l being the "+
		"longer side of the image and s the shorter one, and in %s one %s just there; in %s, boxes are cut off at the %s "+
		"edge, or reach beyond it. Where width is above height, %s y, else x, and export the boxes anew, since they may be "+
		"cut off. The first is %s, %d × %d px", verdict, say.Group(p.Images), say.Plural(p.Of, "oblong image"), g.seen(),
		which,
		begin, from, say.Group(sharp), begin, say.Group(cut), to, add, say.Label(im), im.Size.W, im.Size.H)
	f.Level, f.Image, f.Size, f.Cases = findings.Warning, p.Example, float64(p.Images), int64(p.Images)
	return f
}
