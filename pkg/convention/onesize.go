package convention

import (
	"fmt"
	"math"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// Thresholds of one size for all images: how much larger an image is than that one to tell, along an axis; edges in
// such images by which each axis has to have some at the limit; and edges that end at the limit, to 1 px.
const (
	largerThan   = 1.1
	leastLarger  = 200
	leastAtLimit = 10
)

// oneSize tells whether boxes are parts of the sides that were multiplied by the size of one image, the first or the
// last of the file, for all of them. In images that are larger than it by a tenth, boxes of objects that the
// picture's edge cuts off end at the size of that one, to 1 px: 10, in images of two sides at least, since images of
// one size may be said to be larger than they are, and ten times as many as end beyond, where the larger part of the
// space is. In a right file some of the first boxes end beyond.
func (s *Sizes) oneSize(src *dataset.Source) bool {
	first, last := -1, -1
	for i := range src.Images {
		if im := &src.Images[i]; im.LeftOut == dataset.InUse && im.Size.W > 0 && im.Size.H > 0 {
			if last = i; first < 0 {
				first = i
			}
		}
	}
	if first < 0 {
		return false
	}
	for _, i := range [2]int{first, last} {
		if s.limitedBy(src, src.Images[i].Size) {
			s.Kind, s.Of, s.One = OneSize, int32(i), i == first
			return true
		}
	}
	return false
}

// limitedBy tells whether boxes end at one size.
func (s *Sizes) limitedBy(src *dataset.Source, one geom.Size) bool {
	limit := [2]float64{float64(one.W), float64(one.H)}
	n, at, beyond, example := [2]int{}, [2]int{}, 0, int32(-1)
	sides := map[int]bool{}
	for i := range src.Images {
		im := &src.Images[i]
		larger := [2]bool{float64(im.Size.W) > largerThan*limit[0], float64(im.Size.H) > largerThan*limit[1]}
		if im.LeftOut != dataset.InUse || !larger[0] && !larger[1] {
			continue
		}
		for k := im.First; k < im.Last; k++ {
			o := &src.Objects[k]
			if !sample.Told(o) || o.Flags&dataset.Crowd != 0 { // run lengths are often left as they were
				continue
			}
			for axis, end := range [2]float64{o.Box.X + o.Box.W, o.Box.Y + o.Box.H} {
				if !larger[axis] {
					continue
				}
				n[axis]++
				switch off := end - limit[axis]; {
				case off > 1:
					if beyond++; 10*beyond > at[0]+at[1]+30 {
						return false
					}
				case off >= -1:
					if at[axis]++; example < 0 {
						example = int32(i)
					}
					sides[[2]int{im.Size.W, im.Size.H}[axis]] = true
				}
			}
		}
	}
	boxes, near := n[0]+n[1], at[0]+at[1]
	for axis := range n {
		if n[axis] >= leastLarger && at[axis] == 0 {
			return false
		}
	}
	if near < leastAtLimit || near < 10*beyond || len(sides) < 2 {
		return false
	}
	s.Boxes, s.Near, s.Example, s.Limit = boxes, near, example, math.Max(limit[0], limit[1])
	return true
}

// oneSizeMessage says which size.
func (s *Sizes) oneSizeMessage(src *dataset.Source) string {
	im, which := &src.Images[s.Of], "last"
	if s.One {
		which = "first"
	}
	return fmt.Sprintf("the boxes of all images seem to be multiplied by the size of the %s one, %s, %d × %d px: in "+
		"images that are larger than it, %s of %s of boxes end there, to the right or at the bottom, and hardly any beyond. "+
		"The boxes are parts of the sides times that size: multiply x and w by width/%d of their own image, and y and h by "+
		"height/%d", which, say.Label(im), im.Size.W, im.Size.H, say.Group(s.Near), say.Plural(s.Boxes, "edge"), im.Size.W,
		im.Size.H)
}
