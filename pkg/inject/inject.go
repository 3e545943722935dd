// Package inject puts known label errors into annotations, so that what finds
// label errors can be measured against a truth.
package inject

import (
	"math"
	"math/rand/v2"

	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
)

// Error is what was done to an object.
type Error uint8

// The errors.
const (
	None       Error = iota
	Dropped          // the annotation is gone
	Shifted          // its box was moved and scaled to an IoU of MinIoU to MaxIoU with what it was
	Swapped          // it has another class
	Spurious         // a copy of an object of another image, wherever it falls
	Duplicated       // a second box of an object, at an IoU of MinTwin to MaxTwin with the first
	NumErrors
)

// String returns the name that truth tables give the error.
func (e Error) String() string {
	return [...]string{
		None: "none", Dropped: "missing", Shifted: "location", Swapped: "class",
		Spurious: "spurious", Duplicated: "duplicate",
	}[e]
}

// MinIoU and MaxIoU bound the IoU of a shifted box with what it was. The two boxes
// of a duplicated object differ by as much as annotators do: MinTwin to MaxTwin.
const (
	MinIoU  = 0.4
	MaxIoU  = 0.7
	MinTwin = 0.6
	MaxTwin = 0.95
)

// Object is an annotation with the truth about it.
type Object struct {
	Box   geom.Rect
	Class int32
	Error Error
	Was   geom.Rect // a shifted object's box before, a duplicated one's first box
	Old   int32     // a swapped object's class before
}

// Image is an image with its objects, all with a box of positive sides within the
// image.
type Image struct {
	Size    geom.Size
	Objects []Object
	Dropped []Object
}

// Rates are how often an object is hit by each error; Spurious is copies for
// each object. The others exclude each other.
type Rates struct{ Drop, Shift, Swap, Spurious, Duplicate float64 }

// Inject returns images with errors: the same for the same seed. No object is
// swapped where there is but one class, and no copy made where there is but one
// image with objects.
func Inject(images []Image, classes int, r Rates, seed uint64) []Image {
	type place struct{ image, object int }
	var all []place
	with := 0
	for i := range images {
		for k := range images[i].Objects {
			all = append(all, place{i, k})
		}
		if len(images[i].Objects) > 0 {
			with++
		}
	}
	out := make([]Image, len(images))
	for i := range images {
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		in, to := &images[i], &out[i]
		to.Size = in.Size
		for _, o := range in.Objects {
			o.Error = None
			switch u := rng.Float64(); {
			case u < r.Drop:
				o.Error = Dropped
				to.Dropped = append(to.Dropped, o)
				continue
			case u < r.Drop+r.Shift:
				if box, ok := shift(o.Box, in.Size, MinIoU, MaxIoU, rng); ok {
					o.Error, o.Was, o.Box = Shifted, o.Box, box
				}
			case u < r.Drop+r.Shift+r.Swap && classes > 1:
				o.Error, o.Old = Swapped, o.Class
				o.Class = (o.Class + 1 + int32(rng.IntN(classes-1))) % int32(classes)
			case u >= r.Drop+r.Shift+r.Swap && u < r.Drop+r.Shift+r.Swap+r.Duplicate:
				if box, ok := shift(o.Box, in.Size, MinTwin, MaxTwin, rng); ok {
					to.Objects = append(to.Objects, o)
					o.Error, o.Was, o.Box = Duplicated, o.Box, box
				}
			}
			to.Objects = append(to.Objects, o)
		}
		for range in.Objects {
			if rng.Float64() >= r.Spurious || with < 2 {
				continue
			}
			from := all[rng.IntN(len(all))]
			for from.image == i {
				from = all[rng.IntN(len(all))]
			}
			src := &images[from.image]
			o := src.Objects[from.object]
			o.Error, o.Box = Spurious, scaled(o.Box, src.Size, in.Size)
			to.Objects = append(to.Objects, o)
		}
	}
	return out
}

// scaled brings a box to the same place of another image.
func scaled(b geom.Rect, from, to geom.Size) geom.Rect {
	x, y := float64(to.W)/float64(from.W), float64(to.H)/float64(from.H)
	return geom.Rect{X: b.X * x, Y: b.Y * y, W: b.W * x, H: b.H * y}
}

// shift moves and scales a box in a random direction, as far as a random IoU from
// least to most asks for. It fails where the image leaves no room.
func shift(b geom.Rect, size geom.Size, least, most float64, rng *rand.Rand) (geom.Rect, bool) {
	want := least + float64((most-least)*rng.Float64())
	for range 20 {
		dx, dy := rng.NormFloat64()*b.W, rng.NormFloat64()*b.H
		sx, sy := rng.NormFloat64()/2, rng.NormFloat64()/2
		at := func(t float64) geom.Rect {
			w, h := float64(b.W*math.Exp(t*sx)), float64(b.H*math.Exp(t*sy))
			return clip(geom.Rect{X: b.X + float64(t*dx) + (b.W-w)/2, Y: b.Y + float64(t*dy) + (b.H-h)/2, W: w, H: h}, size)
		}
		lo, hi := 0.0, 1.0
		if iou.Of(b.Box(), at(hi).Box()) > want {
			continue
		}
		for range 40 {
			if mid := (lo + hi) / 2; iou.Of(b.Box(), at(mid).Box()) > want {
				lo = mid
			} else {
				hi = mid
			}
		}
		if v := iou.Of(b.Box(), at(lo).Box()); v >= least && v <= most {
			return at(lo), true
		}
	}
	return b, false
}

// clip cuts a box to the image.
func clip(b geom.Rect, size geom.Size) geom.Rect {
	x0, y0 := max(0, b.X), max(0, b.Y)
	x1, y1 := min(float64(size.W), b.X+b.W), min(float64(size.H), b.Y+b.H)
	return geom.Rect{X: x0, Y: y0, W: max(0, x1-x0), H: max(0, y1-y0)}
}

// FirstOfTwo reports whether object k of an image is the first box of one that was
// duplicated, which the second one follows: nobody can tell them apart, so that
// neither counts as right where second boxes are looked for.
func FirstOfTwo(objects []Object, k int) bool {
	return k+1 < len(objects) && objects[k+1].Error == Duplicated && objects[k+1].Was == objects[k].Box
}
