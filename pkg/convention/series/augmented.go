package series

import (
	"strings"

	"focalaudit/pkg/convention/names"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Augmented counts images that have exactly the boxes of another one, of which they are copies with other colours by
// their names.
type Augmented struct {
	Images  int
	Example [2]int32 // a picture and the one behind it in the sequence
}

// Found reports whether so many images are copies that their boxes are worth a word.
func (a *Augmented) Found() bool { return a.Images >= 10 }

// augmented takes the images out of the count of those with exactly the boxes of the one before that names tell to be
// copies with other colours.
func (c *Carried) augmented(src *dataset.Source, order []int32) Augmented {
	var at [][2]int32
	var pairs [][2]string
	originals := map[string]bool{}
	for i, k := range order {
		originals[strings.Join(names.NameParts(src.Images[k].File), "_")] = true
		if i == 0 {
			continue
		}
		var one Carried
		a, b := &src.Images[order[i-1]], &src.Images[k]
		if one.add(src, a, b); one.Same > 0 {
			at, pairs = append(at, [2]int32{order[i-1], k}), append(pairs, [2]string{a.File, b.File})
		}
	}
	var seen Augmented
	for k, is := range names.Augmented(pairs, originals) {
		if is {
			if seen.Images++; seen.Images == 1 {
				seen.Example = at[k]
			}
			c.Same--
			c.Pairs--
		}
	}
	return seen
}

// Finding returns the finding on copies with other colours.
func (a *Augmented) Finding(src *dataset.Source, s int32) findings.Finding {
	x, y := &src.Images[a.Example[0]], &src.Images[a.Example[1]]
	f := say.Finding("boxes-carried-over", s, y.Offset, y.Line,
		"%s: %s have exactly the boxes of another one, of which they "+
			"are copies by their names. That is right where only colours were changed, and wrong where pictures were mirrored, "+
			"turned, cropped or scaled: look at one. Keep a picture and its copies in one part of a split. Example: %s and %s",
		text.Printable(src.Name), say.Plural(a.Images, "image"), say.Label(x), say.Label(y))
	f.Level, f.Size, f.Cases = findings.Info, float64(a.Images), int64(a.Images)
	return f
}
