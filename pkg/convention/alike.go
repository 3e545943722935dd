package convention

import (
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Alike says that nearly all boxes of a source have one size, or are squares of many sizes.
type Alike struct {
	W, H      float64 // the size, 0 if there is none
	Boxes, Of int     // that have it, or are square; all that were looked at
	Images    int     // with boxes that were looked at
	Square    bool
	Example   int32
}

// Found reports whether there is something to tell.
func (a *Alike) Found() bool { return a.Example >= 0 }

const (
	// alikeShare is the part of boxes that have one size beyond which no default is among them (Sized.Found), and
	// squareShare the one of squares beyond which no side was written for both in a part (squares).
	alikeShare  = 0.9
	squareShare = 0.95

	leastAlike = leastExtents
	firstAlike = 200 // that are looked at first
)

// OfAlike looks at some boxes, and at more if these are alike. Of the boxes of the real files, 6 % are square at most,
// and 3 % have one size.
func OfAlike(src *dataset.Source) Alike {
	if a := alikeOf(src, len(src.Objects)/firstAlike+1); !a.Found() {
		return a
	}
	return alikeOf(src, len(src.Objects)/seamBoxes+1)
}

// alikeOf looks at every n-th box.
func alikeOf(src *dataset.Source, n int) Alike {
	sizes, of, squares := map[[2]float64]int{}, 0, 0
	images, last, example := 0, int32(-1), int32(-1)
	best := [2]float64{}
	eachStep(src, n, func(k int32, _ *[2][2]float64, _, _ float64) {
		o := &src.Objects[k]
		if of++; min(o.Box.W, o.Box.H) < leastSquare {
			return
		}
		size := [2]float64{o.Box.W, o.Box.H}
		if sizes[size]++; sizes[size] > sizes[best] || len(sizes) == 1 {
			best = size
		}
		squares += squareSide(&o.Box)
		if images += sample.One(o.Image != last); example < 0 {
			example = k
		}
		last = o.Image
	})
	a := Alike{Of: of, Images: images, Example: -1}
	switch {
	case of < leastAlike || images < leastSlipImages:
	case float64(sizes[best]) >= alikeShare*float64(of):
		a.W, a.H, a.Boxes, a.Example = best[0], best[1], sizes[best], example
	case float64(squares) >= squareShare*float64(of):
		a.Square, a.Boxes, a.Example = true, squares, example
	}
	return a
}

// Finding returns the finding on boxes that are alike, an info: points, and round things, have such boxes by right.
func (a *Alike) Finding(src *dataset.Source, s int32) findings.Finding {
	o := &src.Objects[a.Example]
	what, key := "have one size, "+text.Short(a.W)+" × "+text.Short(a.H)+" px", "one-size"
	why := "Boxes around points, as " +
		"of cells or heads, are so, and then their size says nothing of the objects, nor does an IoU with them. If the " +
		"objects have sizes, a default stands in the place of their boxes: draw them"
	if a.Square {
		what, key, why = "are as high as they are wide, of several sizes", "squares", "Round things have such boxes, and "+
			"points whose range was marked. If the objects are longer than wide, or wider, their boxes seem to be widened to "+
			"squares, as for crops, or one side seems to be written for both: take the boxes as they were before"
	}
	f := say.Finding("box-convention", s, o.Offset, o.Line, "%s: %s of %s that were looked at %s. %s. Example: %s",
		text.Printable(src.Name), say.Group(a.Boxes), say.Plural(a.Of, "box"), what, why, say.Place(src, a.Example))
	f.Level, f.Key = findings.Info, key
	f.Size, f.Cases = float64(a.Boxes), int64(a.Boxes)
	return f
}
