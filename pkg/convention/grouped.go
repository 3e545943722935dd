package convention

import (
	"math"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Grouped compares how often the smaller of two boxes that overlap lies in the larger one, of one class and of two.
// Where smaller objects of another class were joined with what they lie on, as members of a group, they are gone.
type Grouped struct {
	Same, SameIn   int   // pairs of one class that overlap; of these: of which half of the smaller lies in the larger
	Other, OtherIn int   // the same of two classes
	Example        int32 // an image with a pair of two classes, -1 if there is none
}

// Found reports whether pairs of two classes lie in each other at most half as often as pairs of one class do, of 30
// pairs each, by less than one chance in 1,000 (Chernoff's bound). In each of ten real files with such pairs it is the
// other way round: people hold and sit on other things, and stand beside people.
func (g *Grouped) Found() bool {
	if min(g.Same, g.Other) < 30 || g.SameIn == 0 {
		return false
	}
	same, other := float64(g.SameIn)/float64(g.Same), float64(g.OtherIn)/float64(g.Other)
	if 2*other > same || same >= 1 {
		return false
	}
	divergence := float64((1 - other) * math.Log((1-other)/(1-same)))
	if other > 0 {
		divergence += float64(other * math.Log(other/same))
	}
	return float64(g.Other)*divergence > math.Log(1000)
}

// groupedImages is how many images are looked at, spread over the source, with joinedBoxes objects each.
const groupedImages = 1000

// OfGrouped compares boxes of each image with each other.
func OfGrouped(src *dataset.Source) Grouped {
	g := Grouped{Example: -1}
	n := len(src.Images)
	for i := range min(groupedImages, n) {
		at := i
		if n > groupedImages {
			at = n * i / groupedImages
		}
		g.image(src, int32(at))
	}
	return g
}

// image counts the pairs of an image.
func (g *Grouped) image(src *dataset.Source, at int32) {
	im := &src.Images[at]
	if im.LeftOut != dataset.InUse {
		return
	}
	objects := sample.Chosen(src, im, joinedBoxes)
	for a := range objects {
		x := &objects[a]
		if !sample.Told(x) || x.Flags&dataset.Crowd != 0 {
			continue
		}
		bx := x.Box.Box()
		for b := range a {
			y := &objects[b]
			by := y.Box.Box()
			if bx.X0 >= by.X1 || by.X0 >= bx.X1 || bx.Y0 >= by.Y1 || by.Y0 >= bx.Y1 || !sample.Told(y) ||
				y.Flags&dataset.Crowd != 0 {
				continue
			}
			in := sample.One(2*bx.Intersect(by).Area() >= min(bx.Area(), by.Area()))
			if x.Class == y.Class {
				g.Same++
				g.SameIn += in
				continue
			}
			g.Other++
			if g.OtherIn += in; g.Example < 0 {
				g.Example = at
			}
		}
	}
}

// Finding returns the finding on objects that seem to be joined with what they lie on, an info: there are pictures in
// which things of two classes keep apart.
func (g *Grouped) Finding(src *dataset.Source, s int32) findings.Finding {
	im := &src.Images[g.Example]
	f := say.Finding("annotations-cut", s, im.Offset, im.Line,
		"%s: smaller objects of another class seem to be joined with "+
			"those that they lie on. Half of the smaller box lies in the larger one in %s of %s of boxes of two classes that "+
			"overlap, and in %s of %s of one class, where people, vehicles and things have it the other way round. "+
			"CVAT's groups are written as one object of the largest member's class: look at some pictures for the others. "+
			"Example: %s", text.Printable(src.Name), say.Group(g.OtherIn), say.Plural(g.Other, "pair"), say.Group(g.SameIn),
		say.Plural(g.Same, "pair"), say.Label(im))
	f.Level, f.Size, f.Cases = findings.Info, float64(g.Other-g.OtherIn), int64(g.Other)
	return f
}
