package convention

import (
	"math"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// LooseIn says that in a stretch of the images boxes are not those around their outlines, as with a margin, and in the
// rest they are.
type LooseIn struct {
	gathering
	Boxes, Of int   // of the stretch: that are so, all whose outline was compared
	Rest      int   // boxes of the rest that are so
	Apart     bool  // most are far from their outlines
	Example   int32 // the first such object of the stretch, -1 if there is nothing to tell
}

// Found reports whether there is such a stretch.
func (l *LooseIn) Found() bool { return l.Example >= 0 }

// leastLoose is the longer side from which a box tells that it has no margin: a box that is 2 px off is that of its
// outline, so that of smaller ones a margin of 6 % at each end shows nothing.
const leastLoose = 32

// looseIn looks for such a stretch, where the first look at the boxes has ten that overlap their outlines and agree
// with them under no reading, or that lie apart from them. An image counts as loose if half of its boxes that were
// compared are (a margin of boxes at the image's edge is cut off there), and three in four of the stretch have to be.
// Boxes around one part of an outline are told of for themselves.
func (t *tally) looseIn(src *dataset.Source) LooseIn {
	l := LooseIn{Example: -1}
	if n := t.outlines[dataset.OutlineOther] + t.outlines[dataset.OutlineApart]; n < leastStretch ||
		src.Traits[dataset.PartBox].N >= leastPartBoxes {
		return l
	}
	g := &glance{src: src}
	var marked []bool
	var counts [][2]int
	for i := range src.Images {
		im := &src.Images[i]
		if im.LeftOut != dataset.InUse {
			continue
		}
		var of [2]int
		for k := im.First; k < im.Last; k++ {
			o := &src.Objects[k]
			if o.Outline != dataset.OutlineNone && sample.Told(o) && (isLoose(o) || max(o.Box.W, o.Box.H) >= leastLoose) {
				of[0] += sample.One(isLoose(o))
				of[1]++
			}
		}
		if of[1] > 0 && len(g.images) < math.MaxUint16 {
			g.images = append(g.images, glimpse{image: int32(i), objects: int32(of[1])})
			marked, counts = append(marked, 2*of[0] >= of[1]), append(counts, of)
		}
	}
	s, ok := g.gather(marked, 1, 3)
	if !ok {
		return l
	}
	l.gathering, l.Rest = s, t.outlines[dataset.OutlineOther]+t.outlines[dataset.OutlineApart]
	apart := 0
	for _, k := range s.images {
		l.Boxes, l.Of, l.Rest = l.Boxes+counts[k][0], l.Of+counts[k][1], l.Rest-counts[k][0]
		im := &src.Images[g.images[k].image]
		for i := im.First; i < im.Last; i++ {
			o := &src.Objects[i]
			if !isLoose(o) || !sample.Told(o) {
				continue
			}
			apart += sample.One(o.Outline == dataset.OutlineApart)
			if l.Example < 0 || o.Offset < src.Objects[l.Example].Offset {
				l.Example = i
			}
		}
	}
	l.Apart = 2*apart > l.Boxes
	return l
}

// isLoose tells whether a box agrees with its outline under no reading.
func isLoose(o *dataset.Object) bool {
	return o.Outline == dataset.OutlineOther || o.Outline == dataset.OutlineApart
}

// OfLooseIn looks for such a stretch.
func OfLooseIn(src *dataset.Source) LooseIn { return count(src).looseIn(src) }

// finding returns the finding on such a stretch, a warning.
func (l *LooseIn) finding(src *dataset.Source, s int32) findings.Finding {
	o := &src.Objects[l.Example]
	how := "as with a margin around it, a part cut off, or boxes and outlines of pictures of another size. Boxes with a " +
		"margin are trained as they are: take the smallest box around each outline, unless the margin is meant"
	if l.Apart {
		how = "most of them by an IoU below 0.5. One of the two was moved, scaled, mirrored or taken from another object " +
			"there: draw both on some pictures, and write the wrong one anew"
	}
	f := say.Finding("box-convention", s, o.Offset, o.Line, "%s: in %s %s, %s of %s whose outline was compared are not "+
		"the one around it, %s; and in the rest %s of %s have such boxes. Example: %s", text.Printable(src.Name),
		say.Plural(l.of, "image"), l.place, say.Group(l.Boxes), say.Plural(l.Of, "box"), how,
		say.Group(l.all-l.in), say.Plural(l.n-l.of, "image"), say.Place(src, l.Example))
	f.Level, f.Key = findings.Warning, "outlines-part"
	f.Size, f.Cases = float64(l.Boxes), int64(l.Boxes)
	return f
}
