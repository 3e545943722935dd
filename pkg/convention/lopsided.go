package convention

import (
	"fmt"
	"math"

	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
)

// Lopsided counts boxes that reach beyond their images, by more than 2 px. Rectangles that were turned about their
// upper left corner, and written without the turn, reach beyond the right and the lower edge: the corner stays in the
// picture, and the sides are laid to the right and down. Objects that are drawn whole leave it at the left as often as
// at the right, and boxes that are cut do not leave it.
type Lopsided struct {
	After, Before int   // beyond the right or the lower edge; beyond the left or the upper one
	Quarter       int   // of After: that fit as turned by a quarter about the corner
	Example       int32 // the first of After, -1 if there is none
}

// Found reports whether chance has not done it: if either pair of edges is as likely, so few beyond the left or the
// upper one have a chance below 1e-6, and they are a twentieth of the others at most.
func (l *Lopsided) Found() bool {
	return 20*l.Before <= l.After && evenOdds(l.After+l.Before, l.Before) < math.Log(sample.Unlikely)
}

// evenOdds returns the logarithm of the chance that at most few of n fall to one of two sides that are as likely.
func evenOdds(n, few int) float64 {
	sum := 0.0
	for k := range few + 1 {
		sum += math.Exp(ways(n, k) - ways(n, few))
	}
	return math.Log(sum) + ways(n, few) - float64(n)*math.Ln2
}

// lopsided counts them, where enough boxes do not fit their images.
func (t *tally) lopsided(src *dataset.Source) Lopsided {
	l := Lopsided{Example: -1}
	if evenOdds(t.n-t.coco, 0) >= math.Log(sample.Unlikely) {
		return l
	}
	sample.Each(src, func(k int32, o *dataset.Object, w, h float64) {
		b := o.Box.Box()
		after := b.X1 > w+reading.SlackPixels || b.Y1 > h+reading.SlackPixels
		l.Before += sample.One(b.X0 < -reading.SlackPixels || b.Y0 < -reading.SlackPixels)
		if !after {
			return
		}
		if l.After++; l.Example < 0 {
			l.Example = k
		}
		l.Quarter += sample.One(reading.Fits(geom.Rect{X: o.Box.X - o.Box.H, Y: o.Box.Y, W: o.Box.H, H: o.Box.W}.Box(), w, h))
	})
	return l
}

// turnedWords says what turned rectangles are, as a cause.
const turnedWords = "rectangles that were turned, and written without the turn: Label Studio and CVAT write it as " +
	"rotation, and the upright box around each turned one is due"

// finding returns the finding on boxes that leave their images to the right and at the bottom alone: an info, since
// cameras look down on objects that leave at the bottom alone.
func (l *Lopsided) finding(src *dataset.Source, s int32, n int) findings.Finding {
	o := &src.Objects[l.Example]
	f := say.Finding("box-convention", s, o.Offset, o.Line,
		"%s of %s reach beyond the right or the lower edge of their "+
			"images by more than 2 px, and %s beyond the left or the upper one. Objects that are drawn whole leave a picture "+
			"at the left as often as at the right. A part of the boxes may be %s. Boxes of larger pictures look so too, and "+
			"objects that leave at the bottom alone. Draw some. Example: %s",
		say.Group(l.After), say.Plural(n, "box"), say.Group(l.Before), turnedWords, say.Place(src, l.Example))
	f.Level, f.Cases = findings.Info, int64(l.After)
	return f
}

// beside adds turned rectangles as a cause to a finding that blames all boxes: a warning then, since boxes that are
// beyond the right and the lower edges alone are more than that cause explains.
func (l *Lopsided) beside(f findings.Finding, n int) findings.Finding {
	f.Message += fmt.Sprintf(". But %s of %s reach beyond the right or the lower edge of their images, and %s beyond the "+
		"others: a part of the boxes may be %s", say.Group(l.After), say.Plural(n, "box"), say.Group(l.Before), turnedWords)
	f.Level = findings.Warning
	return f
}

// orTurned returns the finding on a column with that cause. A column that is moved as a whole in a file of one image
// size puts no box beyond its image.
func (t *tally) orTurned(src *dataset.Source, c *Columns, f findings.Finding) findings.Finding {
	if c.One.Found() || c.By == 0 || c.moved() {
		return f
	}
	if l := t.lopsided(src); l.Found() {
		return l.beside(f, t.n)
	}
	return f
}

// readTurned returns the finding on boxes with width and height exchanged with that cause, where nothing but their
// place tells and all that do not fit as they stand, but 1 in 50, fit as turned by a quarter too.
func (t *tally) readTurned(src *dataset.Source, b *Boxes, f findings.Finding) findings.Finding {
	if b.Reading.Form != reading.ExchangedSides || b.By != ByPlace {
		return f
	}
	if l := t.lopsided(src); l.Found() && 50*l.Quarter >= 49*l.After {
		return l.beside(f, t.n)
	}
	return f
}
