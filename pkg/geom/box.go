// Package geom says what a box is: as a file has it, by its corners, and as
// the members of a regular grid.
//
// Coordinates are pixels with the origin at the top left, x to the right and y
// down. Boxes are half-open: [X0,X1) × [Y0,Y1). A box without area is empty,
// and so is the zero value. All functions are total: they neither fail nor
// panic, and a box with NaN coordinates is empty.
package geom

// Size is a width and a height in pixels.
type Size struct{ W, H int }

// Rect is a box as annotation files have it: the corner nearest the origin, a
// width and a height, in pixels. Nothing is implied about the signs of W and H.
type Rect struct{ X, Y, W, H float64 }

// Box returns the corners of r, each the sum rounded once to float64.
func (r Rect) Box() Box { return Box{r.X, r.Y, r.X + r.W, r.Y + r.H} }

// Box is a box by its corners, in pixels of the annotated image.
type Box struct{ X0, Y0, X1, Y1 float64 }

// Empty reports whether b has no area.
func (b Box) Empty() bool { return !(b.X1 > b.X0 && b.Y1 > b.Y0) }

// Width returns X1-X0.
func (b Box) Width() float64 { return b.X1 - b.X0 }

// Height returns Y1-Y0.
func (b Box) Height() float64 { return b.Y1 - b.Y0 }

// Narrow returns b with every coordinate rounded to float32.
func (b Box) Narrow() Box32 {
	return Box32{float32(b.X0), float32(b.Y0), float32(b.X1), float32(b.Y1)}
}

// Area returns the area of b in square pixels, 0 if b is empty.
func (b Box) Area() float64 {
	if b.Empty() {
		return 0
	}
	return float64((b.X1 - b.X0) * (b.Y1 - b.Y0))
}

// Intersect returns the box that a and b share; it is empty if there is none.
func (b Box) Intersect(c Box) Box {
	return Box{max(b.X0, c.X0), max(b.Y0, c.Y0), min(b.X1, c.X1), min(b.Y1, c.Y1)}
}

// Rect returns b by its corner nearest the origin, width and height.
func (b Box) Rect() Rect { return Rect{b.X0, b.Y0, b.X1 - b.X0, b.Y1 - b.Y0} }

// Box32 is a box by its corners in the frame of a trainer, which computes in
// float32. Every operation on it is rounded to float32, so that no platform
// can fuse two of them into one rounding.
type Box32 struct{ X0, Y0, X1, Y1 float32 }

// Wide returns b in float64, which changes nothing.
func (b Box32) Wide() Box {
	return Box{float64(b.X0), float64(b.Y0), float64(b.X1), float64(b.Y1)}
}

// Width returns X1-X0, rounded once.
func (b Box32) Width() float32 { return b.X1 - b.X0 }

// Height returns Y1-Y0, rounded once.
func (b Box32) Height() float32 { return b.Y1 - b.Y0 }

// Area returns width times height, each rounded to float32, whatever their
// signs: the trainers take no more care.
func (b Box32) Area() float32 { return float32((b.X1 - b.X0) * (b.Y1 - b.Y0)) }
