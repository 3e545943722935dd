package convention

import (
	"fmt"
	"math"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/text"
)

// ClampedAt says that boxes were cut off at one number of pixels along both axes, that of a network's input, and not at
// the edges of their images.
type ClampedAt struct {
	streak          // unless Whole
	Side    float64 // px
	Boxes   int     // that end at it, inside of their image
	Images  int
	Whole   bool  // no box of the source ends beyond it
	Example int32 // the first image, -1 if there is nothing to tell
}

// Found reports whether boxes are so.
func (c *ClampedAt) Found() bool { return c.Example >= 0 }

// Thresholds of boxes that were cut off: boxes that end there, and different ones, since an object that stays in its
// place ends in one place; how many times as many as begin at the edge of the picture, where in the real files 1.54
// times as many as end at the other edge do at most; and boxes beyond what the other side of a picture of that length
// would have.
const (
	leastClamped   = 20
	leastDifferent = 10
	fifthsStart    = 8  // 1.6 times
	timesAbove     = 10 // along y
	leastReach     = 5
	clampMost      = 4096 // px
	clampAround    = 10   // px on both sides
	clampInside    = 1.02 // times as long as that number the image is
)

// OfClampedAt looks at all images, or else at stretches of them.
func OfClampedAt(src *dataset.Source) ClampedAt { return *glanceAt(src).clamped() }

// clamped looks for the number once.
func (g *glance) clamped() *ClampedAt {
	if g.clamp == nil {
		c := g.clampedAt(g.pile())
		g.clamp = &c
	}
	return g.clamp
}

// pile returns the whole number of px at which boxes end, inside of their images, least likely by how many end
// around it, were these independent; 0 if none is unlikely.
func (g *glance) pile() int {
	var ends [clampMost + 1]int32
	all := 0
	add := func(end, side float64) {
		if n := int(end + 0.5); n > 0 && n <= clampMost && beyondSide(side, float64(n)) && math.Abs(end-float64(n)) <= exact {
			ends[n]++
			all++
		}
	}
	g.eachBox(func(_ *dataset.Image, b *geom.Rect, w, h float64) {
		add(b.X+b.W, w)
		add(b.Y+b.H, h)
	})
	if all < leastClamped {
		return 0
	}
	best, top := 0, -math.Log(sample.Unlikely)+math.Log(clampMost)
	around := int32(0)
	for n := 1; n <= min(2*clampAround, clampMost); n++ {
		around += ends[n]
	}
	for n := clampAround + 1; n <= clampMost-clampAround; n++ {
		around += ends[n+clampAround] - ends[max(0, n-clampAround-1)]
		if ends[n] < leastClamped {
			continue
		}
		k, rate := float64(ends[n]), float64(around-ends[n]+1)/(2*clampAround)
		if nats := k*math.Log(k/rate) - k + rate; k > rate && nats > top { // Chernoff's bound
			best, top = n, nats
		}
	}
	return best
}

// beyondSide tells whether a side of an image is longer than a number of px, so that this is not at its edge.
func beyondSide(side, px float64) bool { return side > float64(clampInside*px)+2 }

// eachBox calls f with the boxes of the images that are looked at.
func (g *glance) eachBox(f func(im *dataset.Image, b *geom.Rect, w, h float64)) {
	for k := range g.images {
		im := &g.src.Images[g.images[k].image]
		w, h := float64(im.Size.W), float64(im.Size.H)
		for o := im.First; o < im.Last; o++ {
			if sample.Told(&g.src.Objects[o]) {
				f(im, &g.src.Objects[o].Box, w, h)
			}
		}
	}
}

// clampedAt looks at the images that are longer than a number of px: whether boxes end there and none beyond.
func (g *glance) clampedAt(px int) ClampedAt {
	none := ClampedAt{Example: -1}
	if px == 0 {
		return none
	}
	c := ClampedAt{Side: float64(px), Whole: true, Example: -1}
	var images []uint16
	out := 0
	for k := range g.images {
		switch c.mark(g, &g.images[k]) {
		case 0:
			images = append(images, uint16(k))
		case noMark:
			out++
		}
	}
	if 50*out > len(images)+out {
		c.Whole = false
		c.streak = g.streak(func(p *glimpse) int32 { return c.mark(g, p) }, 20, timesOther)
		if c.streak.mark < 0 {
			return none
		}
		images = c.streak.images
	}
	if c.Images = len(images); c.Images < leastStretch || !c.cuts(g, images) {
		return none
	}
	c.Example = g.images[images[0]].image
	if !c.Whole {
		c.Example = g.first(&c.streak)
	}
	return c
}

// mark is 0 for an image in which a box ends at the number, inside of the image, and none beyond.
func (c *ClampedAt) mark(g *glance, p *glimpse) int32 {
	im := &g.src.Images[p.image]
	w, h := float64(im.Size.W), float64(im.Size.H)
	if !beyondSide(max(w, h), c.Side) {
		return uncounted
	}
	mark := int32(uncounted)
	for o := im.First; o < im.Last; o++ {
		b := &g.src.Objects[o].Box
		switch x, y := b.X+b.W, b.Y+b.H; {
		case !sample.Told(&g.src.Objects[o]):
		case x > c.Side+exact || y > c.Side+exact:
			return noMark
		case c.at(x, w) || c.at(y, h):
			mark = 0
		}
	}
	return mark
}

// at tells whether a box ends at the number, inside of a side.
func (c *ClampedAt) at(end, side float64) bool {
	return math.Abs(end-c.Side) <= exact && beyondSide(side, c.Side)
}

// cuts tells whether the boxes of images are cut off there, and are not those of pictures that were resized to a
// longest side of that number: these begin at the left edge about as often as they end at the right one, and end along
// the shorter side in proportion. Those of pictures that were resized to a square may look so, where objects keep away
// from the left edge.
func (c *ClampedAt) cuts(g *glance, images []uint16) bool {
	different := map[geom.Rect]bool{}
	oblong, reach := 0, 0
	var start, end [2]int // along x and y
	for _, k := range images {
		im := &g.src.Images[g.images[k].image]
		w, h := float64(im.Size.W), float64(im.Size.H)
		short, long := min(w, h), max(w, h)
		for o := im.First; o < im.Last; o++ {
			b := &g.src.Objects[o].Box
			if !sample.Told(&g.src.Objects[o]) {
				continue
			}
			x, y := b.X+b.W, b.Y+b.H
			ends := sample.One(c.at(x, w)) + sample.One(c.at(y, h))
			if c.Boxes += sample.One(ends > 0); ends > 0 {
				different[*b] = true
			}
			start[0] += sample.One(b.X <= 1+exact && beyondSide(w, c.Side))
			start[1] += sample.One(b.Y <= 1+exact && beyondSide(h, c.Side))
			end[0] += sample.One(c.at(x, w))
			end[1] += sample.One(c.at(y, h))
			across := y
			if h > w {
				across = x
			}
			oblong += sample.One(long > bandOblong*short)
			reach += sample.One(long > bandOblong*short && across > clampInside*c.Side*short/long)
		}
	}
	sharp := 5*end[0] >= fifthsStart*start[0]
	if end[0] < leastDifferent { // things stand on the lower edge, and do not hang from the upper one
		sharp = end[1] >= timesAbove*start[1]
	}
	return sharp && c.Boxes >= leastClamped && len(different) >= leastDifferent &&
		(oblong == 0 || reach >= leastReach && 100*reach >= oblong)
}

// clampedIn is the rule on a stretch of boxes that were cut off.
func clampedIn(at site) (f findings.Finding, ok bool) {
	if c := at.seen.clamped(); c.Found() && !c.Whole && !at.seen.thousandsIn().Found() {
		return c.Finding(at.seen, at.s), true
	}
	return f, false
}

// Finding returns the finding on boxes that were cut off, a warning.
func (c *ClampedAt) Finding(g *glance, s int32) findings.Finding {
	im := &g.src.Images[c.Example]
	where := ""
	if !c.Whole {
		where = ", " + c.place + ","
	}
	side := say.Group(int(c.Side))
	f := say.Finding("box-convention", s, im.Offset, im.Line, "%s: boxes seem to be cut off at %s px, the size of a "+
		"network's input, and not at the edges of their images: %s of %s%s%s end at exactly %s px, inside of longer "+
		"images, and none ends beyond. Objects that lie further to the right or below are cut or lost. Clip boxes to the "+
		"width and height of their own image (clip_coords takes the shape of the picture as it was, not of the resized "+
		"one), and write them anew. If the pictures were resized to %s × %s px, scale the boxes back instead. The first is "+
		"%s",
		text.Printable(g.src.Name), side, say.Plural(c.Boxes, "box"), say.Plural(c.Images, "image"), g.seen(),
		where, side, side, side, say.Label(im))
	f.Level, f.Key = findings.Warning, fmt.Sprintf("clamped-%.0f", c.Side)
	f.Size, f.Cases = float64(c.Boxes), int64(c.Boxes)
	return f
}
