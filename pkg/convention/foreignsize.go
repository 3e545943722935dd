package convention

import (
	"cmp"
	"fmt"
	"slices"
	"sort"

	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// Others weighs, where boxes reach well beyond their images, whether they are those of other images of the source: then
// each such box fits the size of another one, and boxes do not end at one multiple of the sides.
type Others struct {
	Boxes, Of  int // well outside of their image: that fit the size of another image; all
	One, Sizes int // of sizes with leastOfSize such boxes: those that end at the common multiple; all
}

// leastOfSize is how many boxes of images of one size show where these end, and sameMultiple how far from each other
// multiples of the sides are that are one.
const (
	leastOfSize  = 20
	sameMultiple = 0.1
)

// Fit reports whether boxes of other images explain all but one in 50.
func (o *Others) Fit() bool { return o.Boxes > 0 && 50*o.Boxes >= 49*o.Of }

// Scaled reports whether one multiple explains the boxes of nine sizes in ten, of two or more.
func (o *Others) Scaled() bool { return o.Sizes >= 2 && 10*o.One >= 9*o.Sizes }

// others weighs boxes that reach to so many times the sides.
func others(src *dataset.Source, limit float64) (o Others) {
	type reach struct {
		right, bottom float64
		boxes         int
	}
	bySize, largest := map[geom.Size]*reach{}, []geom.Size{}
	for i := range src.Images {
		if im := &src.Images[i]; im.LeftOut == dataset.InUse && bySize[im.Size] == nil {
			bySize[im.Size] = &reach{}
			largest = append(largest, im.Size)
		}
	}
	slices.SortFunc(largest, func(a, b geom.Size) int { return cmp.Or(cmp.Compare(b.W, a.W), cmp.Compare(b.H, a.H)) })
	top := 0 // of those that are as wide, only higher ones count
	largest = slices.DeleteFunc(largest, func(s geom.Size) bool {
		low := s.H <= top
		top = max(top, s.H)
		return low
	})
	sample.Each(src, func(_ int32, b *dataset.Object, w, h float64) {
		right, bottom := b.Box.X+b.Box.W, b.Box.Y+b.Box.H
		if right <= (1+deep)*w && bottom <= (1+deep)*h {
			return
		}
		o.Of++
		o.Boxes += sample.One(fitsOne(largest, right, bottom))
		all := bySize[src.Images[b.Image].Size]
		all.right, all.bottom, all.boxes = max(all.right, right/w), max(all.bottom, bottom/h), all.boxes+1
	})
	for _, r := range bySize {
		if r.boxes >= leastOfSize {
			o.Sizes++
			o.One += sample.One(min(r.right, r.bottom) >= (1-sameMultiple)*limit &&
				max(r.right, r.bottom) <= (1+sameMultiple)*limit)
		}
	}
	return o
}

// fitsOne tells whether one of several sizes holds a box with these ends. Each size is narrower and higher than the one
// before: the last one that is wide enough is the highest of those.
func fitsOne(largest []geom.Size, right, bottom float64) bool {
	holds := func(end float64, side int) bool { return end <= (1+reading.Slack)*float64(side)+reading.SlackPixels }
	n := sort.Search(len(largest), func(i int) bool { return !holds(right, largest[i].W) })
	return n > 0 && holds(bottom, largest[n-1].H)
}

// grownMessage says what boxes may be that reach to one multiple of the sides.
func (s *Sizes) grownMessage(src *dataset.Source) string {
	what := fmt.Sprintf("boxes reach to %s %% of the width and of the height of their images, and %s end near that",
		say.Percent(s.Limit), say.Group(s.Near))
	o := others(src, s.Limit)
	if !o.Fit() || o.Scaled() {
		return what + ". They seem to be those of larger pictures: write the pictures' sizes, or scale the boxes"
	}
	what = fmt.Sprintf("boxes seem to be those of other images of this file: %s, and %s of %s that reach well beyond "+
		"their "+
		"image fit the size of another one", what, say.Group(o.Boxes), say.Plural(o.Of, "box"))
	if o.Sizes >= 2 {
		what += fmt.Sprintf("; in %s of %s with %d of them or more they end at another multiple of the sides",
			say.Group(o.Sizes-o.One), say.Plural(o.Sizes, "image size"), leastOfSize)
	}
	return what + ". Labels that were joined by a name or an id that several images have are so: join them by the whole " +
		"name, with its directory, and draw some of these images. Scaling mends them only if one factor puts all boxes in " +
		"place, as with larger pictures"
}
