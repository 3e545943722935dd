package convention

import (
	"math"

	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/text"
)

// Seam is a line at which boxes of many images end and others begin: pictures were cut into tiles there, and the
// objects that it crosses were not joined.
type Seam struct {
	At       int // px from the left or the upper edge, 0 if there is none
	Down     bool
	Ends, Of int // boxes that end there, all that were looked at
	Begins   int
	Images   int
	Example  int32
}

// Found reports whether there is a seam.
func (m *Seam) Found() bool { return m.Example >= 0 }

const (
	seamBoxes = 10_000 // that are looked at
	leastSeam = 20     // that end, and that begin at a seam
	seamRatio = 8      // times as many as around it
	deepest   = 8192   // px at which seams are looked for
)

// OfSeams looks for a seam, inside of the images. 20 boxes end within half a px of it, and 20 begin, in ten images,
// eight times as many of either as around it, for a px. In the real files 4 times as many do at most, and then of one
// kind.
func OfSeams(src *dataset.Source) Seam {
	m, _ := ofSeams(src)
	return m
}

// ofSeams is OfSeams. It says also whether pieces of objects may share their sides at some line.
func ofSeams(src *dataset.Source) (m Seam, mayShare bool) {
	step := len(src.Objects)/seamBoxes + 1
	var at [2][2][]int32 // along x and y, that begin and that end
	for axis := range at {
		at[axis] = [2][]int32{make([]int32, deepest), make([]int32, deepest)}
	}
	m = Seam{Example: -1}
	eachStep(src, step, func(_ int32, b *[2][2]float64, w, h float64) {
		m.Of++
		for axis, side := range [...]float64{w, h} {
			for end := range 2 {
				if v := b[axis][end]; v > 2 && v < side-2 && v < deepest-1 {
					at[axis][end][int(v+0.5)]++
				}
			}
		}
	})
	mayShare = mayAbut(&at, m.Of)
	for axis := range at {
		for px := 16; px < deepest-16; px++ {
			begins, ends := at[axis][0][px], at[axis][1][px]
			if min(begins, ends) < leastSeam || 200*int(ends) < m.Of {
				continue
			}
			var around [2]int32
			for by := 3; by <= 12; by++ {
				for end := range 2 {
					around[end] += at[axis][end][px-by] + at[axis][end][px+by]
				}
			}
			if 20*begins < seamRatio*around[0] || 20*ends < seamRatio*around[1] || onGridLines(&at[axis], px) {
				continue
			}
			m.At, m.Down, m.Begins, m.Ends = px, axis == 1, int(begins), int(ends)
			m.place(src, step)
			if m.Images >= leastSlipImages {
				return m, mayShare
			}
		}
	}
	return Seam{Example: -1}, mayShare
}

// onGridLines tells whether boxes begin or end at lines of a grid: where they pile up at one line, they do at two of
// the four next to it, too. Tiles are cut far apart.
func onGridLines(at *[2][]int32, px int) bool {
	piled := func(px int) bool {
		if px < 16 || px >= deepest-16 {
			return false
		}
		around := int32(0)
		for by := 3; by <= 12; by++ {
			around += at[0][px-by] + at[1][px-by] + at[0][px+by] + at[1][px+by]
		}
		n := at[0][px] + at[1][px]
		return n >= leastSeam/2 && 20*n >= seamRatio*around
	}
	for _, step := range reading.Grids {
		step, lines := int(step), 0
		for _, by := range [...]int{-2, -1, 1, 2} {
			lines += sample.One(step >= 16 && px%step == 0 && piled(px+by*step))
		}
		if lines >= 2 {
			return true
		}
	}
	return false
}

// place counts the images with a box that ends at the seam; at most as many as boxes that differ, and that are new in
// the scenes of a video, since what stands before a camera ends at one place in each picture.
func (m *Seam) place(src *dataset.Source, step int) {
	m.Images, m.Example = 0, -1
	last, boxes, of := int32(-1), map[geom.Rect]bool{}, footageOf(src)
	eachStep(src, step, func(k int32, b *[2][2]float64, _, _ float64) {
		if v := b[sample.One(m.Down)][1]; int(v+0.5) != m.At {
			return
		}
		if m.Example < 0 {
			m.Example = k
		}
		m.Images += sample.One(src.Objects[k].Image != last)
		last = src.Objects[k].Image
		if of == nil || of.anew(&src.Objects[k]) {
			boxes[src.Objects[k].Box] = true
		}
	})
	m.Images = min(m.Images, len(boxes))
}

// eachStep calls f with the places of every n-th box, along x and y, where it begins and ends.
func eachStep(src *dataset.Source, n int, f func(k int32, b *[2][2]float64, w, h float64)) {
	for k := 0; k < len(src.Objects); k += n {
		o := &src.Objects[k]
		if o.Image < 0 || !sample.Told(o) {
			continue
		}
		im := &src.Images[o.Image]
		if im.LeftOut != dataset.InUse {
			continue
		}
		f(int32(k), &[2][2]float64{{o.Box.X, o.Box.X + o.Box.W}, {o.Box.Y, o.Box.Y + o.Box.H}},
			float64(im.Size.W), float64(im.Size.H))
	}
}

// Finding returns the finding on a seam.
func (m *Seam) Finding(src *dataset.Source, s int32) findings.Finding {
	o := &src.Objects[m.Example]
	from, end, begin := "left", "right", "left"
	if m.Down {
		from, end, begin = "upper", "lower", "upper"
	}
	f := say.Finding("box-convention", s, o.Offset, o.Line,
		"of %s that were looked at, %s have their %s edge exactly %d px "+
			"from the %s edge of their images, and %s their %s edge, in %s, and few around it. The pictures seem to be cut "+
			"into tiles there, so that one object became two: join the boxes across the seam, or label the whole picture. "+
			"Example: %s",
		say.Plural(m.Of, "box"), say.Group(m.Ends), end, m.At, from, say.Group(m.Begins), begin,
		say.Plural(m.Images, "image"),
		say.Place(src, m.Example))
	f.Level = findings.Warning
	return f
}

// Sized is the commonest size of boxes.
type Sized struct {
	W, H      float64
	Boxes, Of int // of this size, that were looked at
	Images    int
	Example   int32
}

// leastDefaultSide is the side from which a size tells: small ones are equal by chance in whole numbers.
const leastDefaultSide = 8

// Found reports whether the size seems to be a default: 20 boxes and one in twenty have it, to the last digit, in ten
// images and at as many places as half of them, and nine in ten at most, since boxes around points have one size. In
// the real files one in fifty has.
func (z *Sized) Found() bool {
	return z.Example >= 0 && z.Boxes >= 20 && 20*z.Boxes >= z.Of && 10*z.Boxes <= 9*z.Of && z.Images >= leastSlipImages
}

// OfSized counts the boxes of the commonest size. Boxes that stand at one place in many images are objects before a
// camera at rest: also those that drift, as the boxes of a track do whose size a tool keeps between key frames.
func OfSized(src *dataset.Source) Sized {
	if few := len(src.Objects)/firstSized + 1; few > 1 {
		if z := sizedOf(src, few); 40*z.Boxes < z.Of {
			return Sized{Example: -1}
		}
	}
	return sizedOf(src, len(src.Objects)/seamBoxes+1)
}

// firstSized is how many boxes tell whether more have to be looked at: of 100 or more where one in twenty has a size,
// half as many are found but for a chance of 1e-7.
const firstSized = 2000

// sizedOf counts every n-th box.
func sizedOf(src *dataset.Source, n int) Sized {
	type size struct{ w, h float64 }
	type had struct {
		n, places, images int32
		image             int32
		x, y              float64
		example           int32
	}
	all := map[size]*had{}
	z := Sized{Example: -1}
	eachStep(src, n, func(k int32, _ *[2][2]float64, w, h float64) {
		z.Of++
		o := &src.Objects[k]
		if o.Box.W < leastDefaultSide || o.Box.H < leastDefaultSide || reading.WholeImage(&o.Box, w, h) {
			return
		}
		s := all[size{o.Box.W, o.Box.H}]
		if s == nil {
			all[size{o.Box.W, o.Box.H}] = &had{1, 1, 1, o.Image, o.Box.X, o.Box.Y, k}
			return
		}
		s.n++
		s.places += int32(sample.One(o.Image == s.image || !drifted(&o.Box, s.x, s.y)))
		s.images += int32(sample.One(o.Image != s.image))
		s.image, s.x, s.y = o.Image, o.Box.X, o.Box.Y
	})
	for of, s := range all {
		if 2*s.places < s.n || int(s.n) < z.Boxes || int(s.n) == z.Boxes && s.example > z.Example ||
			int(s.n)*40 >= z.Of && !defaultSize(src, n, of.w, of.h) {
			continue
		}
		z.W, z.H, z.Boxes, z.Images, z.Example = of.w, of.h, int(s.n), int(s.images), s.example
	}
	return z
}

// defaultSize tells whether a size that many boxes have may be a default. Its boxes stand at as many places as half of
// them: parking slots before a camera have their sizes and their places in each picture. Fewer boxes of other sizes
// have its width, or its height: columns and lines of a page have one. And it is not the size of some classes, of whose
// boxes nine in ten have it, as boxes around points do; nor is there another one that a third as many have: drawn
// pictures have a few.
func defaultSize(src *dataset.Source, step int, w, h float64) bool {
	n, wide, high, places := 0, 0, 0, map[[2]float64]bool{}
	sizes, own, all := map[[2]float64]int{}, map[int32]int{}, map[int32]int{}
	eachStep(src, step, func(k int32, _ *[2][2]float64, _, _ float64) {
		o := &src.Objects[k]
		all[o.Class]++
		if b := &o.Box; b.W == w && b.H == h {
			n++
			own[o.Class]++
			places[[2]float64{b.X, b.Y}] = true
		} else if b.W >= leastDefaultSide && b.H >= leastDefaultSide {
			wide += sample.One(b.W == w)
			high += sample.One(b.H == h)
			sizes[[2]float64{b.W, b.H}]++
		}
	})
	most, ofClasses := 0, 0
	for _, m := range sizes {
		most = max(most, m)
	}
	for class := range own {
		ofClasses += all[class]
	}
	return 2*len(places) >= n && max(wide, high) < n && 3*most < n && 10*n < 9*ofClasses
}

// drifted tells whether a box overlaps one of its size at a place by an IoU above a half, as an object does that hardly
// moves from one image to the next.
func drifted(b *geom.Rect, x, y float64) bool {
	w, h := b.W-math.Abs(b.X-x), b.H-math.Abs(b.Y-y)
	return w > 0 && h > 0 && 3*float64(w*h) > 2*float64(b.W*b.H)
}

// Finding returns the finding on boxes of one size.
func (z *Sized) Finding(src *dataset.Source, s int32) findings.Finding {
	o := &src.Objects[z.Example]
	f := say.Finding("box-convention", s, o.Offset, o.Line,
		"%s of %s that were looked at are %s × %s px, to the last digit, "+
			"in %s. Boxes that were not drawn seem to have a default size: draw them. Example: %s", say.Group(z.Boxes),
		say.Plural(z.Of, "box"), text.Short(z.W), text.Short(z.H), say.Plural(z.Images, "image"), say.Place(src, z.Example))
	f.Level = findings.Warning
	return f
}
