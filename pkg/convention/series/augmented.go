package series

import (
	"strings"

	"focalaudit/pkg/convention/names"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Augmented counts images that have exactly the boxes of another one, of which they are copies by their names: with
// other colours, or the same picture again.
type Augmented struct {
	Images  int
	Again   bool     // the same picture
	Example [2]int32 // a picture and the one behind it in the sequence
}

// Found reports whether so many images are copies that their boxes are worth a word.
func (a *Augmented) Found() bool { return a.Images >= 10 }

// augmented takes those images out of the count of images with exactly the boxes of the one before that are copies by
// their names: with other colours, mirrored ones (see Flipped), the same picture again, unless a third image has the
// boxes too, as in a series, and one view in other light.
func (c *Carried) augmented(src *dataset.Source, order []int32) Augmented {
	var at [][2]int32
	var pairs [][2]string
	var ends []int // the place in the order of the second image
	originals := map[string]bool{}
	for i, k := range order {
		originals[strings.Join(names.NameParts(src.Images[k].File), "_")] = true
		if i == 0 {
			continue
		}
		var one Carried
		a, b := &src.Images[order[i-1]], &src.Images[k]
		if one.add(src, a, b); one.Same > 0 {
			at, ends = append(at, [2]int32{order[i-1], k}), append(ends, i)
			pairs = append(pairs, [2]string{a.File, b.File})
		}
	}
	var colours, again Augmented
	for k, is := range names.Augmented(pairs, originals) {
		p := &colours
		if !is {
			p = &again
			inRow := k > 0 && ends[k-1] == ends[k]-1 || k+1 < len(ends) && ends[k+1] == ends[k]+1
			x, y := pairs[k][0], pairs[k][1]
			switch {
			case names.SameView(x, y) || hasMirror(x) != hasMirror(y):
				p = nil
			case inRow || !names.Twice(x, y):
				continue
			}
		}
		c.Same--
		c.Pairs--
		if p == nil {
			continue
		}
		if p.Images++; p.Images == 1 {
			p.Example = at[k]
		}
	}
	if !colours.Found() && again.Found() {
		again.Again = true
		return again
	}
	return colours
}

// Finding returns the finding on copies with other colours.
func (a *Augmented) Finding(src *dataset.Source, s int32) findings.Finding {
	x, y := &src.Images[a.Example[0]], &src.Images[a.Example[1]]
	why := "That is right where only colours were changed, and wrong where pictures were mirrored, turned, cropped or " +
		"scaled: look at one"
	if a.Again {
		why = "Each of these pictures seems to be there twice, as where rare ones are repeated: then they count twice in " +
			"training"
	}
	f := say.Finding("boxes-carried-over", s, y.Offset, y.Line,
		"%s: %s have exactly the boxes of another one, of which they are copies by their names. %s. Keep a picture and its "+
			"copies in one part of a split. Example: %s and %s", text.Printable(src.Name), say.Plural(a.Images, "image"), why,
		say.Label(x), say.Label(y))
	f.Level, f.Size, f.Cases = findings.Info, float64(a.Images), int64(a.Images)
	return f
}
