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

// Sizes says whether the widths and heights of a source's images are those of the
// pictures that were annotated.
type Sizes struct {
	Kind    SizeKind
	Limit   float64 // the part of the sides that boxes reach; of Fixed: px
	Images  int     // with boxes, and a size
	Outside int     // images with a box well outside
	Mended  int     // of these, images whose boxes would all fit
	Boxes   int     // boxes that were looked at
	Near    int     // boxes that end near the limit, to the right or at the bottom; images of PiledRight and PiledBottom
	Wrapped bool    // of these two: most boxes end at 255 px, or 256 px before the edge
	Padded  bool    // of these two: most boxes end where a picture does that was padded to a square, and lie in it
	Example int32   // index of an image that tells, -1 if there is none
	Of      int32   // of OneSize: the image whose size it is
	One     bool    // of OneSize: it is the first of the file
}

// SizeKind is what is wrong with the sizes of images.
type SizeKind uint8

// The kinds.
const (
	SizesFine   SizeKind = iota
	Turned               // widths and heights are exchanged, in some images or in all
	Shrunk               // boxes end at the same part of both sides: the annotated pictures were smaller
	Grown                // boxes end at the same multiple of both sides: the annotated pictures were larger
	Fixed                // boxes end at the same number of pixels in images of all sizes
	Corner               // all boxes lie in the upper left quarter of their images
	PiledRight           // boxes of many images end at the same part of the width, as if the picture ended there
	PiledBottom          // the same of the height
	Clipped              // boxes were clipped to exchanged sides: x at the height, y at the width
	OneSize              // boxes are parts of the sides that were multiplied by the size of one image
)

// Found tells whether the sizes are not those of the annotated pictures.
func (s *Sizes) Found() bool { return s.Kind != SizesFine }

// OfSizes says whether the image sizes of a source are those of the annotated
// pictures. Ask it only where OfBoxes found no other reading of the boxes.
func OfSizes(src *dataset.Source) Sizes { return count(src).readSizes(src) }

// readSizes is OfSizes. It looks at single boxes only if some are well outside, or if
// none ends near the right and the lower edge.
func (t *tally) readSizes(src *dataset.Source) Sizes {
	s := Sizes{Images: t.images, Boxes: t.n, Example: -1}
	inside := 1000*max(t.right, t.bottom) <= t.n && t.n > 0
	if s.oneSize(src) || t.outside >= least && s.turned(src) || s.clipped(src) {
		return s
	}
	switch {
	case (inside || t.outside >= least) && (s.limited(t.limits, inside) || s.fixed(src, t.longest)):
		s.reach(src)
	case s.piled(src, t.limits):
	}
	return s
}

// deep is how far, as a part of the image's side, a box must stick out of its image
// to show that the size is wrong: no annotator draws so far beyond the edge.
const deep = 0.05

// turned tells whether exchanged widths and heights would put the boxes of nearly
// all images with a box well outside (nine in ten, three at least) into the image.
// A box that sticks out of an image of 4:3 by chance or by sloppiness fits the
// turned image in less than two cases of three, since it must not be beyond three
// quarters of the longer side.
func (s *Sizes) turned(src *dataset.Source) bool {
	for i := range src.Images {
		im := &src.Images[i]
		if im.LeftOut != dataset.InUse || im.First == im.Last {
			continue
		}
		w, h := float64(im.Size.W), float64(im.Size.H)
		out, fit := false, true
		for k := im.First; k < im.Last; k++ {
			o := &src.Objects[k]
			if !sample.Told(o) {
				continue
			}
			b := o.Box.Box()
			out = out || b.X1 > (1+deep)*w || b.Y1 > (1+deep)*h
			fit = fit && w != h && reading.Fits(b, h, w)
		}
		if !out {
			continue
		}
		s.Outside++
		if fit {
			s.Mended++
			if s.Example < 0 {
				s.Example = int32(i)
			}
		}
	}
	if s.Mended < least || 10*s.Mended < 9*s.Outside {
		s.Example = -1
		return false
	}
	s.Kind = Turned
	return true
}

// clipped tells whether boxes were clipped to exchanged sides, as by a script that takes an
// array's shape for width and height. Of the boxes in images that are wider than high, 20 and one in
// 50 then end at exactly the height to the right, and none beyond; the same of the height where
// images are higher than wide. In the real files boxes end beyond in every source with such
// images; the first that does ends the search.
func (s *Sizes) clipped(src *dataset.Source) bool {
	const oblong = 1.05
	n, at, example := 0, 0, int32(-1)
	for i := range src.Images {
		im := &src.Images[i]
		w, h := float64(im.Size.W), float64(im.Size.H)
		if im.LeftOut != dataset.InUse || max(w, h) <= oblong*min(w, h) {
			continue
		}
		for k := im.First; k < im.Last; k++ {
			o := &src.Objects[k]
			if !sample.Told(o) {
				continue
			}
			end, limit := o.Box.X+o.Box.W, h
			if h > w {
				end, limit = o.Box.Y+o.Box.H, w
			}
			n++
			switch {
			case end > limit+exact:
				return false
			case end >= limit-exact:
				if at++; example < 0 {
					example = int32(i)
				}
			}
		}
	}
	if at < 20 || 50*at < n {
		return false
	}
	s.Kind, s.Boxes, s.Near, s.Example = Clipped, n, at, example
	return true
}

// exact is how far numbers that were rounded to two digits are from what they were, in px.
const exact = 0.02

// histogram counts where boxes end along one axis. Parts of a side are told apart
// up to four sides, pixels up to four times the longest side of the source.
type histogram [4 * wholeBin]int32

const wholeBin = 512 // bins for one side

func (h *histogram) add(at float64) { h[min(max(int(at*wholeBin), 0), len(h)-1)]++ }

// end returns where boxes end but for so many, as a part of a side.
func (h *histogram) end(but int) float64 {
	for i := len(h) - 1; i >= 0; i-- {
		if but -= int(h[i]); but < 0 {
			return float64(i+1) / wholeBin
		}
	}
	return 0
}

// near counts the boxes that end within 3 % of a limit, and those within the 9 %
// before.
func (h *histogram) near(limit float64) (at, before int) {
	for i, n := range h {
		switch end := float64(i+1) / wholeBin; {
		case end > limit*0.97:
			at += int(n)
		case end > limit*0.88:
			before += int(n)
		}
	}
	return at, before
}

// limits are where boxes end, and begin, in a frame.
type limits struct {
	right, bottom histogram
	left, top     float64 // the smallest
}

func newLimits() *limits { return &limits{left: math.Inf(1), top: math.Inf(1)} }

// add adds a box, w and h being 1 in the frame's unit.
func (l *limits) add(b *geom.Rect, w, h float64) {
	l.right.add((b.X + b.W) / w)
	l.bottom.add((b.Y + b.H) / h)
	if b.X < l.left*w { // min(l.left, b.X/w), which the builtin takes longer for
		l.left = b.X / w
	}
	if b.Y < l.top*h {
		l.top = b.Y / h
	}
}

// The limits of boxes tell only if they are well inside or outside of the image's
// edge. In every real file boxes reach beyond 0.93 along an axis at least, and draws of
// 200 boxes beyond 0.9 but for one in thousands.
const (
	inner = 0.9
	outer = 1.1
)

// common returns the limit that boxes have along both axes, and how many are near
// it. All of these have to hold, or it is 0:
//
//   - both axes end within 3 % of each other, but for one box in a thousand;
//   - five boxes or more end within 3 % of it along each axis, and at least a fifth of
//     those within the 9 % before: the limit cuts them off, they do not peter out;
//   - boxes begin nearer to the left and the top edge than half of what is free at the
//     other ends, if the limit is inside: they are not just in the middle.
func (l *limits) common(n int) (limit float64, near int) {
	r, b := l.right.end(n/1000), l.bottom.end(n/1000)
	limit = max(r, b)
	atR, beforeR := l.right.near(limit)
	atB, beforeB := l.bottom.near(limit)
	middle := limit < 1 && max(l.left, l.top) > (1-limit)/2
	if min(r, b) < 0.97*limit || min(atR, atB) < 5 || 5*atR < beforeR || 5*atB < beforeB || middle {
		return 0, 0
	}
	return limit, atR + atB
}

// limited tells whether boxes end at one part of both sides. inside says that all end
// within inner of both sides, but for one in a thousand.
func (s *Sizes) limited(l *limits, inside bool) bool {
	limit, near := l.common(s.Boxes)
	switch {
	case limit > 0 && limit <= inner && inside && !s.outside():
		s.Kind, s.Limit, s.Near = Shrunk, limit, near
	case limit >= outer && limit < 4 && s.outside():
		s.Kind, s.Limit, s.Near = Grown, limit, near
	case inside && s.Boxes >= quarterBoxes && l.corner(s.Boxes) <= 0.5:
		s.Kind, s.Limit, s.Near = Corner, l.corner(s.Boxes), s.Boxes
	default:
		return false
	}
	return true
}

// outside tells whether a tenth of the images have a box well outside.
func (s *Sizes) outside() bool { return 10*s.Outside >= s.Images && s.Outside >= least }

// quarterBoxes is how many boxes must lie in the upper left quarter of their images, and no
// other box elsewhere, to show that the images are smaller than the file says.
const quarterBoxes = 50

// corner returns where boxes end along both axes, but for one in a thousand.
func (l *limits) corner(n int) float64 { return max(l.right.end(n/1000), l.bottom.end(n/1000)) }

// fixed tells whether boxes end at one number of pixels, whatever the size of the image.
// Unless many images have boxes well outside, only boxes count, along an axis, in images
// that go well beyond that number there.
func (s *Sizes) fixed(src *dataset.Source, longest float64) bool {
	all, shortest := newLimits(), math.Inf(1)
	sample.Each(src, func(_ int32, o *dataset.Object, w, h float64) {
		shortest = min(shortest, w, h)
		all.add(&o.Box, longest, longest)
	})
	if shortest == longest {
		return false
	}
	if limit, near := all.common(s.Boxes); s.outside() && limit > 0 && limit < 4 {
		s.Kind, s.Limit, s.Near = Fixed, math.Round((limit-1./wholeBin)*longest), near
		return true
	}
	limit := all.corner(s.Boxes) * longest
	larger, n := newLimits(), [2]int{}
	smallest, widest := math.Inf(1), 0.0
	sample.Each(src, func(_ int32, o *dataset.Object, w, h float64) {
		beyond := false
		if inner*w > limit {
			larger.right.add((o.Box.X + o.Box.W) / longest)
			beyond = true
			n[0]++
		}
		if inner*h > limit {
			larger.bottom.add((o.Box.Y + o.Box.H) / longest)
			beyond = true
			n[1]++
		}
		if beyond {
			larger.left, larger.top = min(larger.left, o.Box.X/longest), min(larger.top, o.Box.Y/longest)
			smallest, widest = min(smallest, w, h), max(widest, w, h)
		}
	})
	if 10*min(n[0], n[1]) < s.Boxes || widest < outer*smallest {
		return false
	}
	limit, near := larger.common(s.Boxes)
	if limit == 0 || limit >= 4 {
		return false
	}
	s.Kind, s.Limit, s.Near = Fixed, math.Round((limit-1./wholeBin)*longest), near
	return true
}

// reach finds the image whose boxes come nearest to the limit.
func (s *Sizes) reach(src *dataset.Source) {
	best := math.Inf(-1)
	sample.Each(src, func(_ int32, o *dataset.Object, w, h float64) {
		if v := min((o.Box.X+o.Box.W)/w, (o.Box.Y+o.Box.H)/h); v > best {
			best, s.Example = v, o.Image
		}
	})
}

// pile is how many boxes must end at one place inside of their images to tell something,
// and how many times as many as end around it; images is in how many images.
const (
	pileBoxes  = 15
	pileTimes  = 6
	pileImages = 10
)

// peak returns the bin below inner at which, with the bin before, most boxes end, if that
// is a pile; or -1. Around it are 20 bins on each side, but for the next two.
func (h *histogram) peak() int {
	best, most := -1, int32(pileBoxes-1)
	for j := wholeBin / 4; float64(j) < inner*wholeBin; j++ {
		at, around := h[j]+h[j-1], int32(0)
		if at <= most {
			continue
		}
		for k := 3; k <= 22; k++ {
			around += h[j+k-1] + h[j-k]
		}
		if 20*at >= pileTimes*around {
			best, most = j, at
		}
	}
	return best
}

// pilesAnew tells whether boxes are piled up, too, if each object of a video's scene counts once.
func (s *Sizes) pilesAnew(src *dataset.Source) bool {
	other := newOnly(src)
	if other == src {
		return true
	}
	z := OfSizes(other)
	return z.Kind == s.Kind
}

// piled tells whether boxes of many images of several sizes end at one part of the width,
// or of the height, well inside: there the pictures end.
func (s *Sizes) piled(src *dataset.Source, l *limits) bool {
	for axis, h := range [2]*histogram{&l.right, &l.bottom} {
		j := h.peak()
		if j < 0 {
			continue
		}
		images, sides := map[int32]bool{}, map[float64]bool{}
		example, wrapped, padded, n := int32(-1), 0, 0, 0
		sample.Each(src, func(_ int32, o *dataset.Object, w, h float64) {
			begin, end, side, other := o.Box.X, o.Box.X+o.Box.W, w, h
			if axis == 1 {
				begin, end, side, other = o.Box.Y, o.Box.Y+o.Box.H, h, w
			}
			if at := int(end / side * wholeBin); at == j || at == j-1 {
				images[o.Image], sides[side] = true, true
				n++
				padded += sample.One(side < other && math.Abs(end/side-(1+side/other)/2) <= 3./wholeBin &&
					begin/side >= (1-side/other)/2-bandSlack)
				wrapped += sample.One(math.Abs(end-255) <= 1 || math.Abs(side-256-end) <= 2)
				if example < 0 {
					example = o.Image
				}
			}
		})
		if len(images) >= pileImages && len(sides) >= 3 {
			if s.Padded = 10*padded >= 9*n; !s.Padded && h.mirrored(src, images, axis, j) {
				continue
			}
			s.Kind, s.Limit, s.Near, s.Example = PiledRight+SizeKind(axis), float64(j)/wholeBin, len(images), example
			s.Wrapped = 2*wrapped > n
			return true
		}
	}
	return false
}

// seamed tells whether boxes that are piled up end at the seam of tiles, which has a finding of its own: the sizes are
// right then.
func (s *Sizes) seamed(src *dataset.Source) bool {
	if s.Kind != PiledRight && s.Kind != PiledBottom {
		return false
	}
	m := OfSeams(src)
	if !m.Found() {
		return false
	}
	im := &src.Images[s.Example]
	side := im.Size.W
	if s.Kind == PiledBottom {
		side = im.Size.H
	}
	end := s.Limit * float64(side)
	return math.Abs(end-math.Round(end/float64(m.At))*float64(m.At)) <= float64(side)/wholeBin+1
}

// Finding returns the finding on the image sizes of a source.
func (z *Sizes) Finding(src *dataset.Source, s int32) findings.Finding {
	im := &src.Images[z.Example]
	var what string
	switch z.Kind {
	case Turned:
		what = fmt.Sprintf("with width and height exchanged, the boxes of %s of %s with a box well outside "+
			"would all be inside. Exchange the two numbers there, or turn the boxes; "+
			"the pictures' EXIF rotation is the usual cause", say.Group(z.Mended), say.Plural(z.Outside, "image"))
	case Fixed:
		what = z.fixedMessage(src)
	case Shrunk:
		what = fmt.Sprintf("none of %s reaches beyond %s %% of the width or the height of its image, and %s end near "+
			"that. The boxes seem to be those of smaller pictures: write the pictures' sizes, or scale the boxes",
			say.Plural(z.Boxes, "box"), say.Percent(z.Limit), say.Group(z.Near))
	case Corner:
		what = fmt.Sprintf("all %s lie in the upper left quarter of their images: none reaches beyond %s %% of the width "+
			"or the height. The sizes seem not to be those of the pictures: write the pictures' widths and heights",
			say.Plural(z.Boxes, "box"), say.Percent(z.Limit))
	case PiledRight, PiledBottom:
		side := [2]string{"width", "height"}[z.Kind-PiledRight]
		what = fmt.Sprintf("boxes of %s end at %s %% of the image's %s, as if the picture ended there. "+
			"The sizes of these images seem not to be those of the pictures, or the boxes were clipped there: write the "+
			"pictures' widths and heights, or clip at them", say.Plural(z.Near, "image"), say.Percent(z.Limit), side)
		if z.Padded {
			what = fmt.Sprintf("boxes of %s end at %s %% of the image's %s, where a picture ends that was padded to a square, "+
				"and begin where it begins or later. The padding of letterboxed pictures seems to be left in these boxes: take "+
				"it off before they are scaled back, and look whether others have it too", say.Plural(z.Near, "image"),
				say.Percent(z.Limit), side)
		}
		if z.Wrapped {
			what += ". Most of these boxes end at 255 px or 256 px before the edge, as numbers of 8 bits (uint8) do that are " +
				"too small for the image: take a larger type"
		}
	case OneSize:
		what = z.oneSizeMessage(src)
	case Clipped:
		what = fmt.Sprintf("the boxes seem to be clipped to exchanged sides, x at the height and y at the width: "+
			"%s of %s in oblong images end at exactly the shorter side along the longer one, and none beyond. "+
			"An array's shape is height, width: clip x at the width and y at the height, from the original boxes",
			say.Group(z.Near), say.Plural(z.Boxes, "box"))
	default:
		what = z.grownMessage(src)
	}
	f := say.Finding("image-size-convention", s, im.Offset, im.Line, "%s. Example: %s, %d × %d px",
		what, say.Label(im), im.Size.W, im.Size.H)
	switch z.Kind {
	case Turned:
		f.Cases = int64(z.Mended)
	case PiledRight, PiledBottom, Clipped:
		f.Cases = int64(z.Near)
	default: // all boxes are in another frame
		f.Cases = int64(len(src.Objects))
	}
	return f
}
