// Package series answers what the images of a source say of each other by their names and their order: frames of a
// video, tiles of a picture, copies, splits, and images whose annotations a tool lost or left from the one before.
//
// Each rule is a function OfX of a source whose result tells whether it Found something, and makes a Finding of it.
package series

import (
	"slices"

	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/text"
)

// Carried counts boxes that stand again in the next image of their source, number for number
// and with their class.
type Carried struct {
	Boxes, Of     int             // that stand again, in images with boxes after another one with boxes
	Images, Pairs int             // with such boxes, of such images
	Same          int             // images with exactly the boxes of the one before, which the counts above leave out
	By            sample.Sequence // which images follow each other
	Example       int32           // an object that stands again, -1 if there is none
	Again         int             // boxes that stand again in any image, of the pairs of images that were compared
	Stale         Stale           // asked if the rest shows nothing
	Copies        Augmented
}

// Found reports whether so many boxes stand again that lists seem not to be emptied between images:
// a fifth of the boxes and a fifth of the images, 20 and 10 at least. Of the real files,
// traffic cameras with parked cars come nearest, with 2 %.
func (c *Carried) Found() bool {
	return c.carries() || c.Stale.Found() || c.Copies.Found()
}

// carries reports whether it is so without the boxes of tracks and the copies.
func (c *Carried) carries() bool {
	return c.Boxes >= 20 && c.Images >= 10 && 5*c.Boxes >= c.Of && 5*c.Images >= c.Pairs || c.Copied()
}

// unemptied tells whether the boxes are those of lists that are not emptied.
func (c *Carried) unemptied(src *dataset.Source, order []int32) bool {
	f := freshIn(src, order)
	return f.kept()
}

// leastAgain is how many boxes that stand again, in some 5,000 pairs of images, may be those of tracks that stand
// still.
const leastAgain = 20

// Copied reports whether so many images have the very boxes of the one before that labels seem to be
// copied along a series of pictures: a fifth, and 10 at least. In the real files a camera in a car comes nearest, with
// 0.4 %.
func (c *Carried) Copied() bool { return c.Same >= 10 && 5*c.Same >= c.Pairs }

// OfCarried compares each image with the one that has the next lower id, file name, or annotation ids: a script that
// goes through the pictures leaves one of these marks, and the order of the records in the file may be another one.
// Images without boxes are passed over. Images with exactly the same boxes count by themselves, and boxes of a whole
// image say nothing.
func OfCarried(src *dataset.Source) Carried { return CarriedBy(src, sample.LeastIn(src)) }

// CarriedBy is OfCarried with the least annotation ids of the images (sample.LeastIn), which other rules need too.
func CarriedBy(src *dataset.Source, least *sample.Leasts) Carried {
	c := Carried{Example: -1}
	order := make([]int32, 0, len(src.Images))
	for i := range src.Images {
		if im := &src.Images[i]; im.LeftOut == dataset.InUse && im.First < im.Last {
			order = append(order, int32(i))
		}
	}
	sorted, again := false, 0 // by an earlier sequence, in any
	var copies Augmented
	for by := range sample.Sequences {
		if changed, ok := sample.Arrange(src, order, by, least); !ok || !changed && sorted {
			continue
		}
		sorted = true
		c = carried(src, order)
		if c.Copied() {
			if seen := c.augmented(src, order); seen.Images > copies.Images {
				copies = seen
			}
		}
		if c.Found() {
			if fixedPlaces(src, order, least) {
				return Carried{Example: -1}
			}
			if c.Copied() || c.unemptied(src, order) {
				c.By = by
				return c
			}
			c = Carried{Example: -1, Again: c.Again}
		}
		again = max(again, c.Again)
	}
	if copies.Found() {
		c.Copies = copies
	} else if again >= leastAgain {
		c.Stale = stale(src, least)
	}
	return c
}

// manyPairs is how many pairs of images tell whether all have to be compared.
const manyPairs = 5000

// carried compares images that stand beside each other in an order: all, unless a part of many shows that there is
// nothing to tell.
func carried(src *dataset.Source, order []int32) Carried {
	compare := func(step int) Carried {
		c := Carried{Example: -1}
		for i := 1; i < len(order); i += step {
			c.add(src, &src.Images[order[i-1]], &src.Images[order[i]])
		}
		return c
	}
	step := len(order)/manyPairs + 1
	if c := compare(step); step == 1 || !c.Found() {
		return c
	}
	return compare(1)
}

// add compares two images.
func (c *Carried) add(src *dataset.Source, a, b *dataset.Image) {
	again, example := 0, int32(-1)
	last, next := src.Objects[a.First:a.Last], src.Objects[b.First:b.Last]
	before := standing(last, len(next))
	for k := range next {
		o := &next[k]
		if !sample.Told(o) || o.Box.W >= 0.99*float64(b.Size.W) && o.Box.H >= 0.99*float64(b.Size.H) {
			continue
		}
		if before(o) {
			again++
			example = lower(src, example, b.First+int32(k))
		}
	}
	if c.Example < 0 {
		c.Example = example
	}
	c.Pairs++
	c.Of += len(next)
	c.Again += again
	if again == len(next) && len(next) == len(last) {
		c.Same++
		return
	}
	if again == 0 {
		return
	}
	c.Boxes += again
	c.Images++
}

// fixedPlaces tells whether boxes stand at places that are fixed, as those of parking slots before a camera do: in each
// sequence that the images may have, since boxes of a list that is not emptied come back in any but the right one.
func fixedPlaces(src *dataset.Source, order []int32, least *sample.Leasts) bool {
	order = slices.Clone(order)
	for by := range sample.Sequences {
		if _, ok := sample.Arrange(src, order, by, least); ok && !comesBack(src, order) {
			return false
		}
	}
	return true
}

// comesBack tells whether, of the boxes that are not in the image before, half have the numbers of one in an earlier
// image, whatever its class. A box of a list that is not emptied does not come back once it has gone.
func comesBack(src *dataset.Source, order []int32) bool {
	last := map[geom.Rect]int{} // by box, the place of the last image that has it, from 1 on
	back, others := 0, 0
	for i, at := range order {
		im := &src.Images[at]
		for k := im.First; k < im.Last; k++ {
			o := &src.Objects[k]
			if !sample.Told(o) || reading.WholeImage(&o.Box, float64(im.Size.W), float64(im.Size.H)) {
				continue
			}
			seen := last[o.Box]
			last[o.Box] = i + 1
			if seen != i || i == 0 || !standsAs(src, order[i-1], o) {
				others += sample.One(i > 0 && seen != i+1)
				back += sample.One(seen > 0 && seen != i+1)
			}
		}
	}
	return others >= leastBack && 2*back >= others
}

// leastBack is how many boxes that are not in the image before tell of fixed places.
const leastBack = 20

// standsAs tells whether an image has the box of an object with its class.
func standsAs(src *dataset.Source, image int32, o *dataset.Object) bool {
	for k := src.Images[image].First; k < src.Images[image].Last; k++ {
		if p := &src.Objects[k]; p.Box == o.Box && p.Class == o.Class {
			return true
		}
	}
	return false
}

// fewPairs is how many comparisons cost no more than a map.
const fewPairs = 4096

// standing returns a function that tells whether one of some objects has the box and the class of another. It is asked
// so many times.
func standing(objects []dataset.Object, times int) func(o *dataset.Object) bool {
	if len(objects)*times <= fewPairs {
		return func(o *dataset.Object) bool {
			for j := range objects {
				if objects[j].Box == o.Box && objects[j].Class == o.Class {
					return true
				}
			}
			return false
		}
	}
	had := make(map[boxLabel]bool, len(objects))
	for j := range objects {
		had[boxLabel{objects[j].Box, objects[j].Class}] = true
	}
	return func(o *dataset.Object) bool { return had[boxLabel{o.Box, o.Class}] }
}

// lower returns that of two objects which has the lower id, and the second if the first is none: where the records
// stand decides nothing, unless both have the same id.
func lower(src *dataset.Source, a, b int32) int32 {
	if a < 0 {
		return b
	}
	x, wholeX := src.Objects[a].ID.Int()
	y, wholeY := src.Objects[b].ID.Int()
	if wholeX && wholeY && x != y {
		return [...]int32{a, b}[sample.One(y < x)]
	}
	if src.Objects[b].ID.String() < src.Objects[a].ID.String() {
		return b
	}
	return a
}

// Finding returns the finding on boxes that stand again.
func (c *Carried) Finding(src *dataset.Source, s int32) findings.Finding {
	if c.Stale.Found() {
		return c.Stale.Finding(src, s)
	}
	if !c.carries() {
		return c.Copies.Finding(src, s)
	}
	o := &src.Objects[c.Example]
	if c.Copied() {
		f := say.Finding("boxes-carried-over", s, o.Offset, o.Line, "%s: %s of %s have exactly the boxes of the one before "+
			"by %s, number for number and with their class. The labels of one picture seem to be copied to the next ones of a "+
			"series: label each picture, or keep one of each series. Example: %s", text.Printable(src.Name), say.Group(c.Same),
			say.Plural(c.Pairs, "image"), c.By, say.Place(src, c.Example))
		f.Size, f.Cases = float64(c.Same), int64(c.Same)
		return f
	}
	f := say.Finding("boxes-carried-over", s, o.Offset, o.Line,
		"%s: %s of %s stand again, number for number and with their "+
			"class, in the next image by %s, beside others (%s). A list seems not to be emptied between images: "+
			"write each image's own boxes. Example: %s", text.Printable(src.Name), say.Group(c.Boxes), say.Plural(c.Of, "box"),
		c.By, say.Plural(c.Images, "image"), say.Place(src, c.Example))
	f.Size, f.Cases = float64(c.Boxes), int64(c.Boxes)
	return f
}
