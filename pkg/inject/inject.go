// Package inject puts known label errors into annotations: package labels learns from them what
// errors look like, and package calibration measures against them. What is done to an object
// depends on the object, its image and the seed, never on the order of the records.
package inject

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
)

// Error is what was done to an object.
type Error uint8

// The errors.
const (
	None       Error = iota
	Dropped          // the annotation is gone
	Shifted          // its box was misplaced, to an IoU of MinIoU to MaxIoU with what it was
	Swapped          // it has another class
	Spurious         // a copy of an object of another image, at its place there or anywhere
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

// MinIoU and MaxIoU bound the IoU of a misplaced box with what it was: below, it is about
// another place; above, annotators differ as much. The two boxes of a duplicated object differ
// by as much as annotators do: MinTwin to MaxTwin.
const (
	MinIoU  = 0.3
	MaxIoU  = 0.8
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
	From  int32     // the object's index before, -1 for spurious ones
}

// Image is an image with its objects, all with a box of positive sides within the
// image.
type Image struct {
	Key     uint64 // the image's identity: equal objects of images with equal keys meet the same fate
	Size    geom.Size
	Objects []Object
	Dropped []Object
}

// Rates are how often an object is hit by each error; Spurious is copies for
// each object. The others exclude each other.
type Rates struct{ Drop, Shift, Swap, Spurious, Duplicate float64 }

// Injector puts errors into images.
type Injector struct {
	images  []Image
	classes int
	all     []place // of all objects
	with    int     // images that have objects

	// Confusable draws a class that objects of a class are easily taken for, -1 if there is none:
	// half of the swapped objects get it, the others any class. Nil: all get any.
	Confusable func(class int32, rng *rand.Rand) int32

	// Twin draws the IoU of the two boxes of a duplicated object. Nil: any from MinTwin to MaxTwin, equally often.
	Twin func(rng *rand.Rand) float64
}

// place is an object of an image, with the hash that it is drawn by.
type place struct {
	hash          uint64
	image, object int
}

// New returns an injector for images with objects of so many classes.
func New(images []Image, classes int) *Injector {
	in := &Injector{images: images, classes: classes}
	for i := range images {
		for k, hash := range identities(&images[i]) {
			in.all = append(in.all, place{hash, i, k})
		}
		if len(images[i].Objects) > 0 {
			in.with++
		}
	}
	return in
}

// places returns all objects by rising hash, which the seed changes: an object is drawn as often as its hash lies
// behind the one before it, and over several seeds all are drawn about equally often.
func (in *Injector) places(seed uint64) []place {
	out := slices.Clone(in.all)
	for i := range out {
		out[i].hash = mix(out[i].hash + mix(seed))
	}
	slices.SortFunc(out, func(a, b place) int {
		if a.hash != b.hash { // of nearly all: the rest need not be compared
			return cmp.Compare(a.hash, b.hash)
		}
		x, y := &in.images[a.image], &in.images[b.image]
		return cmp.Or(cmp.Compare(x.Key, y.Key), compare(&x.Objects[a.object], &y.Objects[b.object]))
	})
	return out
}

// compare orders objects by box and class.
func compare(a, b *Object) int {
	return cmp.Or(cmp.Compare(a.Box.X, b.Box.X), cmp.Compare(a.Box.Y, b.Box.Y), cmp.Compare(a.Box.W, b.Box.W),
		cmp.Compare(a.Box.H, b.Box.H), cmp.Compare(a.Class, b.Class))
}

// Inject returns the images with errors: the same for the same seed. No object is swapped where
// there is but one class, and no copy made where there is but one image with objects.
func (in *Injector) Inject(r Rates, seed uint64) []Image {
	out := make([]Image, len(in.images))
	pcg := rand.NewPCG(0, 0)
	rng := rand.New(pcg)
	var all []place
	if r.Spurious > 0 && in.with > 1 {
		all = in.places(seed)
	}
	n := 0 // objects of the images before
	for i := range in.images {
		from, to := &in.images[i], &out[i]
		to.Key, to.Size = from.Key, from.Size
		for k := range from.Objects {
			pcg.Seed(seed, in.all[n].hash)
			n++
			in.object(i, k, r, to, rng)
			if rng.Float64() < r.Spurious && all != nil {
				to.Objects = append(to.Objects, in.imagined(i, all, rng))
			}
		}
	}
	return out
}

// identities returns a hash of each object: of its image's key, of box and class, and of how many equal objects come
// before it.
func identities(im *Image) []uint64 {
	last := make(map[Object]uint64, len(im.Objects)) // of equal objects
	out := make([]uint64, len(im.Objects))
	w, height := float64(im.Size.W), float64(im.Size.H) // in parts of the image, whatever its resolution
	for k, o := range im.Objects {
		same := Object{Box: o.Box, Class: o.Class}
		h, again := last[same]
		if again {
			h = mix(h + 1)
		} else {
			h = mix(im.Key)
			for _, v := range [...]float64{o.Box.X / w, o.Box.Y / height, o.Box.W / w, o.Box.H / height} {
				h = mix(h ^ math.Float64bits(v))
			}
			h = mix(h ^ uint64(o.Class))
		}
		last[same], out[k] = h, h
	}
	return out
}

// mix spreads the bits of a number: SplitMix64 (Steele, Lea and Flood 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// object adds object k of image i to an image, with what befalls it.
func (in *Injector) object(i, k int, r Rates, to *Image, rng *rand.Rand) {
	o := in.images[i].Objects[k]
	o.Error, o.From = None, int32(k)
	switch u := rng.Float64(); {
	case u < r.Drop:
		o.Error = Dropped
		to.Dropped = append(to.Dropped, o)
		return
	case u < r.Drop+r.Shift:
		if box, ok := misplace(o.Box, to.Size, MinIoU, MaxIoU, rng); ok {
			o.Error, o.Was, o.Box = Shifted, o.Box, box
		}
	case u < r.Drop+r.Shift+r.Swap && in.classes > 1:
		o.Error, o.Old = Swapped, o.Class
		o.Class = (o.Class + 1 + int32(rng.IntN(in.classes-1))) % int32(in.classes)
		if in.Confusable != nil && rng.IntN(2) == 0 {
			if c := in.Confusable(o.Old, rng); c >= 0 {
				o.Class = c
			}
		}
	case u >= r.Drop+r.Shift+r.Swap && u < r.Drop+r.Shift+r.Swap+r.Duplicate:
		least, most := MinTwin, MaxTwin
		if in.Twin != nil {
			least = in.Twin(rng)
			most = least
		}
		if box, ok := misplace(o.Box, to.Size, least, most, rng); ok {
			to.Objects = append(to.Objects, o)
			o.Error, o.Was, o.Box = Duplicated, o.Box, box
		}
	}
	to.Objects = append(to.Objects, o)
}

// imagined returns a spurious object for image i: one of all, at its own place or anywhere.
func (in *Injector) imagined(i int, all []place, rng *rand.Rand) Object {
	from := in.elsewhere(i, all, rng)
	src, size := &in.images[from.image], in.images[i].Size
	o := src.Objects[from.object]
	o.Error, o.From, o.Box = Spurious, -1, scaled(o.Box, src.Size, size)
	if rng.IntN(2) == 0 {
		o.Box.X = float64(rng.Float64() * max(0, float64(size.W)-o.Box.W))
		o.Box.Y = float64(rng.Float64() * max(0, float64(size.H)-o.Box.H))
	}
	return o
}

// draws is how often an object of another image is drawn before it is looked for: where an image has half of all
// objects, one in 2^16 is looked for.
const draws = 16

// elsewhere draws an object that is not image i's. Where nearly all are, or where images are copies of one another, so
// that one object is drawn for all of its copies, it is the next behind the one drawn.
func (in *Injector) elsewhere(i int, all []place, rng *rand.Rand) place {
	for range draws {
		if from := anyOf(all, rng); from.image != i {
			return from
		}
	}
	at := indexOf(all, rng.Uint64())
	for all[at].image == i { // Inject asks for objects in two images
		at = (at + 1) % len(all)
	}
	return all[at]
}

// anyOf draws an object: the one whose hash is the next from a random number on. So an object that comes or goes
// changes the draws that meet it, and no other.
func anyOf(all []place, rng *rand.Rand) place {
	return all[indexOf(all, rng.Uint64())]
}

// indexOf returns the index of the object whose hash is the next from a number on.
func indexOf(all []place, from uint64) int {
	at, _ := slices.BinarySearchFunc(all, from, func(p place, u uint64) int { return cmp.Compare(p.hash, u) })
	return at % len(all)
}

// scaled brings a box to the same place of another image: its centre in parts of the image, its area too, with the
// shape that it had, for odd shapes are a sign of other errors.
func scaled(b geom.Rect, from, to geom.Size) geom.Rect {
	x, y := float64(to.W)/float64(from.W), float64(to.H)/float64(from.H)
	by := min(math.Sqrt(float64(x*y)), float64(to.W)/b.W, float64(to.H)/b.H)
	w, h := float64(b.W*by), float64(b.H*by)
	left, top := float64((b.X+b.W/2)*x)-w/2, float64((b.Y+b.H/2)*y)-h/2
	return geom.Rect{X: max(0, min(left, float64(to.W)-w)), Y: max(0, min(top, float64(to.H)-h)), W: w, H: h}
}

// misplace moves sides of a box in one of four ways, each as often, as far as a random IoU from
// least to most asks for. It fails where the image leaves no room.
func misplace(b geom.Rect, size geom.Size, least, most float64, rng *rand.Rand) (geom.Rect, bool) {
	want := least + float64((most-least)*rng.Float64())
	for range 20 {
		d := steps(rng)
		at := func(t float64) geom.Rect {
			x0, x1 := b.X+float64(t*d[0]*b.W), b.X+b.W+float64(t*d[2]*b.W)
			y0, y1 := b.Y+float64(t*d[1]*b.H), b.Y+b.H+float64(t*d[3]*b.H)
			return clip(geom.Rect{X: x0, Y: y0, W: max(0, x1-x0), H: max(0, y1-y0)}, size)
		}
		lo, hi := 0.0, 2.0
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
		if v := iou.Of(b.Box(), at(lo).Box()); v >= least && v <= most+1e-9 {
			return at(lo), true
		}
	}
	return b, false
}

// steps draws in which direction left, top, right and bottom are off, in sides of the box.
func steps(rng *rand.Rand) (d [4]float64) {
	x, y := rng.NormFloat64(), rng.NormFloat64()
	switch rng.IntN(4) {
	case 0: // the box is elsewhere
		d = [4]float64{x, y, x, y}
	case 1: // it is too large or too small
		d = [4]float64{-x, -y, x, y}
	case 2: // a side is off, or two
		d[rng.IntN(4)] = x
		if rng.IntN(2) == 0 {
			d[rng.IntN(4)] = y
		}
	default: // all are
		d = [4]float64{x, y, rng.NormFloat64(), rng.NormFloat64()}
	}
	return d
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
