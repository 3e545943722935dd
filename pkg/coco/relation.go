package coco

import (
	"math"
	"math/bits"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// The outlines of annotations that begin in some windows of a file are compared
// with their boxes: in every window of the first 64 KiB, and in eight for each
// doubling of the offset beyond. So a small file is compared as a whole, in any file
// the last half has some fifty records that are, and 474 MB cost no more than the
// first 400 kB. A record's place decides, so that the blocks of a file can be read in
// any order.
const (
	windowBits = 12 // windows of 4 KiB
	headBits   = 4  // 16 of them at the beginning
)

// sampled tells whether the outline of the record at an offset is compared.
func sampled(offset int64) bool { return inWindow(offset, headBits) }

// sampledParts tells the same of outlines of several parts, which are seldom: of the first 512 KiB all are looked at,
// and 64 windows for each doubling beyond.
func sampledParts(offset int64) bool { return inWindow(offset, headBits+3) }

// inWindow tells whether an offset is in a window that is looked at, where the first 2^head are.
func inWindow(offset int64, head int) bool {
	window := uint64(offset) >> windowBits
	skip := max(0, bits.Len64(window)-head)
	return window&(1<<skip-1) == 0
}

// confirmed returns the reading of a bbox that agrees with the box around its
// outline.
func confirmed(outline geom.Box, r geom.Rect) dataset.Outline {
	for _, c := range [...]struct {
		as  dataset.Outline
		box geom.Box
	}{
		{dataset.OutlineBox, r.Box()},
		{dataset.OutlineCorners, geom.Box{X0: r.X, Y0: r.Y, X1: r.W, Y1: r.H}},
		{dataset.OutlineCentre, geom.Rect{X: r.X - r.W/2, Y: r.Y - r.H/2, W: r.W, H: r.H}.Box()},
		{dataset.OutlineBelow, geom.Rect{X: r.X, Y: r.Y - r.H, W: r.W, H: r.H}.Box()},
		{dataset.OutlineExchanged, geom.Rect{X: r.Y, Y: r.X, W: r.H, H: r.W}.Box()},
		{dataset.OutlineHeight, geom.Rect{X: r.X, Y: outline.Y0, W: r.W, H: r.H}.Box()},
	} {
		if near(outline, c.box) {
			return c.as
		}
	}
	if b := r.Box(); !overlap(outline, b, 0.5) {
		return dataset.OutlineApart
	}
	return dataset.OutlineOther
}

// measure compares the area of a record with its box. The tolerance is that of
// numbers rounded to whole pixels: half a pixel for each side of the box, and as
// much for the area.
func (s *scan) measure(r *raw) {
	if !r.has.has(fArea) || r.flags&dataset.NoArea != 0 {
		return
	}
	if r.flags&dataset.AreaNotAbove0 != 0 {
		if len(s.segment) > len("[[]]") {
			r.flags |= dataset.AreaZeroOutline
		}
		return
	}
	if r.boxed != boxRead {
		return
	}
	b := &r.box
	if outline := r.has.has(fOutline) && r.shape != shapeEmpty && r.shape != shapeNull; !outline && b.W > 0 && b.H > 0 {
		r.whole = b.W * b.H
		r.part = r.area / r.whole
	}
	switch w, h := b.W-b.X, b.H-b.Y; {
	case rounds(r.area, b.W, b.H):
		r.flags |= dataset.AreaAsBox
	case w > 0 && h > 0 && rounds(r.area, w, h):
		r.flags |= dataset.AreaAsCorners
	case r.area > (math.Abs(b.W)+1)*(math.Abs(b.H)+1):
		r.flags |= dataset.AreaAboveBox
	}
}

// rounds tells whether an area is that of sides that were rounded.
func rounds(area, w, h float64) bool {
	edges, share := 0.5*(math.Abs(w)+math.Abs(h)), float64(0.02*math.Abs(w*h))
	return math.Abs(area-float64(w*h)) <= min(edges+0.75, share+0.01)
}

// cornersSlack is how far, in px, the edges of an outline may be from two corners that stand in the
// place of its box: numbers rounded to whole pixels.
const cornersSlack = 1

// onlyCorners tells whether a box of four numbers is written as the corners of its outline. A
// record whose area is larger than that of the corners, or whose corners stand in the wrong order,
// needs no look at the outline; of others, the first point outside of the corners ends it. Crowds
// have long masks, and no trainer takes their boxes for objects.
func (s *scan) onlyCorners(r *raw) bool {
	b := &r.box
	if !(b.W > b.X && b.H > b.Y) || r.confirms == dataset.OutlineBox || r.flags&dataset.Crowd != 0 ||
		r.shape == shapeNull || r.shape == shapeEmpty {
		return false
	}
	w, h := b.W-b.X, b.H-b.Y
	if r.flags&(dataset.NoArea|dataset.AreaNotAbove0) == 0 && r.area > (w+cornersSlack)*(h+cornersSlack) {
		return false
	}
	corners := geom.Box{X0: b.X, Y0: b.Y, X1: b.W, Y1: b.H}
	if near(corners, b.Box()) || s.segment[0] == '[' && !startsWithin(s.segment, corners) {
		return false
	}
	of, ok := outlineBox(s.segment)
	if !ok {
		return false
	}
	o := of.Box()
	off := max(math.Abs(o.X0-b.X), math.Abs(o.Y0-b.Y), math.Abs(o.X1-b.W), math.Abs(o.Y1-b.H))
	return off <= cornersSlack && !near(o, b.Box())
}
