package convention

import (
	"math"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// PartsIn is a stretch of images whose boxes are all hundredths of their image's sides, in a source whose other boxes
// are not: labels that were written as parts with two digits.
type PartsIn struct {
	streak
	Boxes   int    // of the stretch
	Sides   [2]int // different widths and heights of these, up to leastExtentsIn
	Example int32  // the first image, -1 if there is nothing to tell
}

// Found reports whether there is such a stretch.
func (p *PartsIn) Found() bool { return p.Example >= 0 }

// leastExtentsIn is how many different widths, and heights, the boxes of a stretch have: an object that stays in its
// place from image to image is in hundredths everywhere or nowhere.
const leastExtentsIn = 10

// markParts is the mark of an image: whether its boxes are hundredths of its sides.
func markParts(im *dataset.Image, own []dataset.Object) int32 {
	w, h := float64(im.Size.W), float64(im.Size.H)
	if min(w, h) < leastParts {
		return uncounted
	}
	mark := int32(uncounted)
	for k := range own {
		if !sample.Told(&own[k]) {
			continue
		}
		if !inHundredths(&own[k].Box, w, h) {
			return noMark
		}
		mark = 0
	}
	return mark
}

// OfPartsIn looks for such a stretch.
func OfPartsIn(src *dataset.Source) PartsIn { return glanceAt(src).partsIn() }

// partsIn is OfPartsIn. The frames of a video count too: boxes that move are in hundredths by chance in none.
func (g *glance) partsIn() PartsIn {
	none := PartsIn{Example: -1}
	p := PartsIn{Example: -1, streak: g.anyStreak(func(p *glimpse) int32 { return p.parts }, 20, timesOther)}
	if p.mark < 0 {
		return none
	}
	sides := [2]map[float64]bool{{}, {}}
	for _, k := range p.images {
		if g.images[k].parts != 0 {
			continue
		}
		im := &g.src.Images[g.images[k].image]
		for o := im.First; o < im.Last; o++ {
			if b := &g.src.Objects[o].Box; sample.Told(&g.src.Objects[o]) {
				p.Boxes++
				sides[0][math.Round(100*b.W/float64(im.Size.W))] = true
				sides[1][math.Round(100*b.H/float64(im.Size.H))] = true
			}
		}
	}
	if p.Sides = [2]int{len(sides[0]), len(sides[1])}; min(p.Sides[0], p.Sides[1]) < leastExtentsIn {
		return none
	}
	p.Example = g.first(&p.streak)
	return p
}

// partsIn is the rule on a stretch of boxes in hundredths.
func partsIn(at site) (f findings.Finding, ok bool) {
	p := at.seen.partsIn()
	if !p.Found() {
		return f, false
	}
	im := &at.src.Images[p.Example]
	rest := "none of the rest has"
	if p.other > 0 {
		rest = "in the rest those of " + say.Plural(p.other, "image") + " in a row have at most"
	}
	f = say.Finding("box-convention", at.s, im.Offset, im.Line, "%s: boxes seem to be rounded in a part of the file: "+
		"in %s%s %s, all %s have hundredths of their image's sides as their size and place, and %s. Labels that are "+
		"written as parts of the sides with two digits are off by some px: write four digits or more, from the labels "+
		"as they were drawn. The first is %s", text.Printable(at.src.Name), say.Plural(p.n, "image"),
		at.seen.seen(), p.place, say.Plural(p.Boxes, "box"), rest, say.Label(im))
	f.Level, f.Key = findings.Warning, "hundredths"
	f.Size, f.Cases = float64(p.Boxes), int64(p.Boxes)
	return f, true
}
