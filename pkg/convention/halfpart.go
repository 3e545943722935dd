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

// HalfIn is a stretch of images whose boxes have half of their sides.
type HalfIn struct {
	streak
	Kind    SlipKind // HalfCentre, Halved or HalfSides
	Boxes   int      // of the stretch
	At      int      // of these, that end at an edge once they are doubled
	Plain   int      // that end there as they stand
	Example int32    // the first image, -1 if there is nothing to tell
}

// Found reports whether there is such a stretch.
func (h *HalfIn) Found() bool { return h.Example >= 0 }

// noBoxes is what markHalf returns of an image without boxes that tell.
const noBoxes = 1 << 7

// markHalf tells, by kind, whether all boxes of an image fit it once they are doubled.
func markHalf(im *dataset.Image, own []dataset.Object) uint8 {
	w, h := float64(im.Size.W), float64(im.Size.H)
	fit, n := uint8(1<<len(doubled)-1), 0
	for k := 0; k < len(own) && fit != 0; k++ {
		if !sample.Told(&own[k]) {
			continue
		}
		n++
		for f := range doubled {
			if fit&(1<<f) != 0 && !reading.Fits(doubled[f].box(&own[k].Box), w, h) {
				fit &^= 1 << f
			}
		}
	}
	if n == 0 {
		return noBoxes
	}
	return fit
}

// OfHalfIn looks for such a stretch.
func OfHalfIn(src *dataset.Source) HalfIn { return *glanceAt(src).halfIn() }

// leastHalfAt is how many boxes of a stretch end at the edges of their images once they are doubled.
const leastHalfAt = 10

// halfIn looks for the stretch once. Two things speak: all boxes of it fit if doubled, and in the rest no stretch a
// third as long does so; and doubled they end at the upper or left edges, or at the others, more often than chance lets
// them, by Chernoff's bound: at the rate of those of the rest that fit, and by what is new in the scenes of a video.
// The stretch is chosen by whether boxes fit, which says nothing of where else they end.
func (g *glance) halfIn() *HalfIn {
	if g.half != nil {
		return g.half
	}
	g.half = &HalfIn{Example: -1}
	for f := range doubled {
		s := g.window(func(p *glimpse) int32 {
			switch {
			case p.half == noBoxes:
				return uncounted
			case p.half&(1<<f) == 0:
				return noMark
			}
			return 0
		}, 0)
		if s.mark < 0 {
			continue
		}
		var at, plain, rest edges
		n, others := 0, 0
		of := g.scenes()
		g.split(&s, func(o *dataset.Object, w, h float64) {
			if of == nil || of.anew(o) {
				n++
				at.add(doubled[f].box(&o.Box), w, h)
				plain.add(o.Box.Box(), w, h)
			}
		}, func(o *dataset.Object, w, h float64) {
			if b := doubled[f].box(&o.Box); reading.Fits(b, w, h) { // as those of the stretch do
				others++
				rest.add(b, w, h)
			}
		})
		for side, k := range at {
			odds := rateOdds(k, n, rest[side], others) + math.Log(float64(2*len(doubled)))
			if k >= leastHalfAt && k >= 10*plain[side] && odds < math.Log(sample.Unlikely) {
				*g.half = HalfIn{streak: s, Kind: doubled[f].kind, Boxes: n, At: k, Plain: plain[side], Example: g.first(&s)}
				return g.half
			}
		}
	}
	return g.half
}

// rateOdds is Chernoff's bound, as a logarithm, of the chance that k of n or more have what of others so many have.
func rateOdds(k, n, has, others int) float64 {
	return -sample.Nats(k, n, float64(has+1)/float64(others+2))
}

// finding returns the finding on such a stretch.
func (h *HalfIn) finding(at site) findings.Finding {
	im := &at.src.Images[h.Example]
	plain := "none"
	if h.Plain > 0 {
		plain = say.Group(h.Plain)
	}
	f := say.Finding("box-convention", at.s, im.Offset, im.Line, "%s: in a part of the file, boxes seem to have half of "+
		"their width and height (%s): in %s%s %s, all %s fit their images once they are doubled, and %s of them then end "+
		"within a pixel of an edge, as objects do that leave the picture; as they stand, %s there. Write width and "+
		"height in full, and the upper left corner. The first is %s", text.Printable(at.src.Name),
		halfWords[h.Kind-HalfCentre], say.Plural(h.n, "image"), at.seen.seen(), h.place, say.Plural(h.Boxes, "box"),
		say.Group(h.At), plain+" "+map[bool]string{true: "ends", false: "end"}[h.Plain <= 1], say.Label(im))
	f.Level, f.Key = findings.Warning, "half-sides"
	f.Size, f.Cases = float64(h.Boxes), int64(h.Boxes)
	return f
}
