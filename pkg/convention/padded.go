package convention

import (
	"math"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
)

// A band is the part of an image in which the picture is after it was padded to a square and stretched to the image's
// sides: all of the longer side, and the middle of the shorter one, from (1 - s/l)/2 to (1 + s/l)/2 of it.
type band struct {
	oblong       bool // the band is well inside of the image
	inside       bool // all boxes are in the band
	starts, ends bool // so, and one begins near where the band begins, or ends near where it ends
}

// Thresholds of bands, as parts of the shorter side: how far a box may leave it, and how near is near. Boxes of objects
// that the picture's edge cuts off end at the edge, but in pictures with a bar of text below, which is 2 % high.
const (
	bandOblong = 1.2
	bandSlack  = 0.005
	bandNear   = 0.02
)

// bandOf looks at the boxes of an image.
func bandOf(im *dataset.Image, own []dataset.Object) (b band) {
	w, h := float64(im.Size.W), float64(im.Size.H)
	short, long := min(w, h), max(w, h)
	if b.oblong = long >= bandOblong*short; !b.oblong {
		return b
	}
	from, to := (1-short/long)/2, (1+short/long)/2
	low, high := math.Inf(1), math.Inf(-1)
	for k := range own {
		o := &own[k]
		if !told(o) || o.Flags&dataset.Crowd != 0 {
			continue
		}
		at, side := o.Box.Y, o.Box.H
		if h > w {
			at, side = o.Box.X, o.Box.W
		}
		low, high = min(low, at/short), max(high, (at+side)/short)
	}
	if low > high { // no box
		return band{}
	}
	b.inside = low >= from-bandSlack && high <= to+bandSlack
	b.starts, b.ends = b.inside && low <= from+bandNear, b.inside && high >= to-bandNear
	return b
}

// Padded says that boxes are those of pictures that were padded to squares, and the padding was not taken off when they
// were scaled back: they lie in the bands of their images.
type Padded struct {
	Place        string // of the stretch of images, "" for all
	Images, Of   int    // with all boxes in the band; all of the stretch, or of the source
	Starts, Ends int    // of Images: those with boxes at that end of the band
	Example      int32  // -1 if there is nothing to tell
}

// Found reports whether boxes are so.
func (p *Padded) Found() bool { return p.Example >= 0 }

// Of all oblong images, 49 in 50 have their boxes in the band, and 10 and 2 % have one at either end of it.
const leastBand = 10

// OfPadded looks at all images, or else at stretches of them.
func OfPadded(src *dataset.Source) Padded { return glanceAt(src).padded() }

func (g *glance) padded() Padded {
	all := Padded{Example: -1}
	for k := range g.images {
		all.Of += one(g.images[k].oblong)
		all.add(&g.images[k])
	}
	if all.Of >= leastRest && 50*all.Images >= 49*all.Of {
		if min(all.Starts, all.Ends) < leastBand || 50*min(all.Starts, all.Ends) < all.Of {
			all.Example = -1
		}
		return all
	}
	return g.paddedIn(&all)
}

// add counts an image.
func (p *Padded) add(at *glimpse) {
	if !at.inside {
		return
	}
	p.Images++
	p.Starts += one(at.starts)
	p.Ends += one(at.ends)
	if p.Example < 0 || at.image < p.Example {
		p.Example = at.image
	}
}

// paddedIn looks for a stretch. Five of its images have boxes at either end of the band, and a tenth of them; or
// else one end has twice as many as in the other images whose boxes are in it, by five standard errors, and the
// other not fewer by three: objects may stand in the middle of the pictures throughout, and then no more are at
// these ends than anywhere.
func (g *glance) paddedIn(all *Padded) Padded {
	none := Padded{Example: -1}
	s := g.streak(func(p *glimpse) int32 {
		switch {
		case !p.oblong:
			return uncounted
		case p.inside:
			return 0
		}
		return noMark
	}, 20, 1)
	if s.mark < 0 {
		return none
	}
	p := Padded{Example: -1, Of: len(s.images), Place: s.place}
	for _, k := range s.images {
		p.add(&g.images[k])
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

// finding returns the finding on boxes in the bands of their images.
func (p *Padded) finding(g *glance, s int32) findings.Finding {
	im := &g.src.Images[p.Example]
	which := ""
	if p.Place != "" {
		which = " " + p.Place
	}
	f := finding("image-size-convention", s, im.Offset, im.Line, "the padding of letterboxed pictures seems to be "+
		"left in "+
		"the boxes: in %s of %s%s%s, all boxes lie in the middle of the shorter side s, from (1 - s/l)/2 to (1 + s/l)/2 of "+
		"it (l is the longer side), where a picture is that was padded to a square, and a box touches the one end in %s of "+
		"them, and the other in %s. Where width is above height, take height·(1 - height/width)/2 off y, and multiply y and "+
		"h by width/height; else likewise with x and w. The first is %s, %d × %d px", group(p.Images),
		plural(p.Of, "oblong image"), g.seen(), which, group(p.Starts), group(p.Ends), label(im), im.Size.W, im.Size.H)
	f.Cases = int64(p.Images)
	if p.Place == "" {
		f.Cases = int64(len(g.src.Objects))
	}
	return f
}
