package main

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/labels"
)

// The errors of this file are drawn in other ways than those that package labels learns
// from, and share no code with them: a benchmark that injected the engine's own errors
// would measure how well it knows itself.

// rates are how often each error hits an object; spurious ones are counted per object.
type rates struct{ missing, location, class, spurious, duplicate float64 }

// fate is what the truth says of a label.
type fate struct {
	wrong bool
	kind  labels.Kind // of a wrong label
	open  bool        // the first box of a duplicated object: nobody can tell it from the second
}

// The IoU that a misplaced box keeps with the true one, and a second box with the first.
const (
	leastLeft, mostLeft = 0.3, 0.75
	leastTwin, mostTwin = 0.65, 0.95
)

// corrupter puts errors into a set. One belongs to one seed.
type corrupter struct {
	set        *set
	rng        *rand.Rand
	rates      rates
	where      []place           // of all objects
	rank       [][]float64       // by image and object: part of the set's objects that are smaller
	confusions map[int32][]int32 // by class: the classes that the detector takes its objects for, once a case
	alarms     float64           // chance that a false alarm becomes a spurious label
}

type place struct{ image, object int }

// corrupted returns the set with errors: the same ones for the same seed.
func (s *set) corrupted(r rates, seed uint64) []image {
	c := &corrupter{set: s, rates: r, rng: rand.New(rand.NewPCG(seed, 0x6c61_6265_6c73))}
	c.survey()
	out := make([]image, len(s.images))
	for i := range out {
		c.image(i, &out[i])
	}
	return out
}

// survey ranks objects by size, and gathers what the detector confuses and imagines.
func (c *corrupter) survey() {
	c.confusions = map[int32][]int32{}
	alarms := 0
	for i := range c.set.images {
		im := &c.set.images[i]
		c.rank = append(c.rank, make([]float64, len(im.Objects)))
		for k, o := range im.Objects {
			c.where = append(c.where, place{i, k})
			for _, d := range im.Detections {
				if d.Class != o.Class && d.Score >= 0.1 && iou.Of(d.Box, o.Box) >= 0.5 {
					c.confusions[o.Class] = append(c.confusions[o.Class], d.Class)
				}
			}
		}
		alarms += len(falseAlarms(im))
	}
	area := func(p place) float64 { return c.set.images[p.image].Objects[p.object].Box.Area() }
	bySize := slices.Clone(c.where)
	slices.SortStableFunc(bySize, func(a, b place) int { return cmp.Compare(area(a), area(b)) })
	for n, p := range bySize {
		c.rank[p.image][p.object] = float64(n) / float64(len(bySize))
	}
	c.alarms = min(1, c.rates.spurious/3*float64(len(c.where))/float64(max(1, alarms)))
}

// falseAlarms are an image's detections that lie on no label.
func falseAlarms(im *labels.Image) (out []int) {
	for d, of := range im.Detections {
		beside := func(o labels.Object) bool { return iou.Of(o.Box, of.Box) > 0.3 }
		on := func(s geom.Box) bool { return iou.Of(s, of.Box) > 0.3 }
		if of.Score >= 0.1 && !slices.ContainsFunc(im.Objects, beside) && !slices.ContainsFunc(im.Silent, on) {
			out = append(out, d)
		}
	}
	return out
}

// image puts errors into image i.
func (c *corrupter) image(i int, out *image) {
	in := &c.set.images[i]
	out.Key, out.Size, out.Silent, out.Detections = in.Key, in.Size, in.Silent, in.Detections
	add := func(o labels.Object, f fate) { out.Objects, out.truth = append(out.Objects, o), append(out.truth, f) }
	for k, o := range in.Objects {
		// half of the omissions rather of small objects: 1.5 times as often for the smallest, half as often for the largest
		missing := c.rates.missing * (1.5 - c.rank[i][k])
		switch u := c.rng.Float64(); {
		case u < missing:
			out.dropped = append(out.dropped, o.Box)
		case u < missing+c.rates.location:
			b, ok := c.misplaced(o.Box, in.Size)
			add(labels.Object{Box: b, Class: o.Class}, fate{ok, labels.Location, false})
		case u < missing+c.rates.location+c.rates.class && c.set.classes > 1:
			add(labels.Object{Box: o.Box, Class: c.mistaken(o.Class)}, fate{true, labels.Class, false})
		case u > 1-c.rates.duplicate:
			add(o, fate{open: true})
			add(labels.Object{Box: c.second(o.Box, in.Size), Class: o.Class}, fate{true, labels.Duplicate, false})
		default:
			add(o, fate{})
		}
		if c.rng.Float64() < c.rates.spurious*2/3 {
			if o, ok := c.imagined(i); ok {
				add(o, fate{true, labels.Spurious, false})
			}
		}
	}
	for _, d := range falseAlarms(in) {
		if c.rng.Float64() < c.alarms {
			of := in.Detections[d]
			if b := c.jittered(of.Box, 0.05, in.Size); !b.Empty() {
				add(labels.Object{Box: b, Class: of.Class}, fate{true, labels.Spurious, false})
			}
		}
	}
}

// misplaced moves a box: sides are drawn until the IoU is in range.
func (c *corrupter) misplaced(b geom.Box, size geom.Size) (geom.Box, bool) {
	w, h := b.X1-b.X0, b.Y1-b.Y0
	for range 200 {
		var out geom.Box
		switch c.rng.IntN(5) {
		case 0: // too large or too small all round, about a point inside
			s, x, y := math.Exp(c.rng.NormFloat64()*0.4), c.rng.Float64(), c.rng.Float64()
			out = geom.Box{X0: b.X0 - x*(s-1)*w, X1: b.X1 + (1-x)*(s-1)*w, Y0: b.Y0 - y*(s-1)*h, Y1: b.Y1 + (1-y)*(s-1)*h}
		case 1: // one edge is off
			out = c.edge(b)
		case 2: // two edges are
			out = c.edge(c.edge(b))
		case 3: // all of them are
			out = c.jittered(b, 0.2, size)
		case 4: // it lies elsewhere
			angle, far := 2*math.Pi*c.rng.Float64(), 0.1+0.5*c.rng.Float64()
			x, y := math.Cos(angle)*far*w, math.Sin(angle)*far*h
			out = geom.Box{X0: b.X0 + x, X1: b.X1 + x, Y0: b.Y0 + y, Y1: b.Y1 + y}
		}
		out = within(out, size)
		if v := iou.Of(b, out); !out.Empty() && v >= leastLeft && v <= mostLeft {
			return out, true
		}
	}
	return b, false
}

// edge moves one edge of a box by up to 0.7 of its side, inwards or outwards.
func (c *corrupter) edge(b geom.Box) geom.Box {
	far := (2*c.rng.Float64() - 1) * 0.7
	x, y := far*(b.X1-b.X0), far*(b.Y1-b.Y0)
	switch c.rng.IntN(4) {
	case 0:
		b.X0 += x
	case 1:
		b.X1 += x
	case 2:
		b.Y0 += y
	default:
		b.Y1 += y
	}
	return b
}

// jittered moves all edges, by a part of the sides.
func (c *corrupter) jittered(b geom.Box, part float64, size geom.Size) geom.Box {
	w, h := part*(b.X1-b.X0), part*(b.Y1-b.Y0)
	return within(geom.Box{X0: b.X0 + w*c.rng.NormFloat64(), X1: b.X1 + w*c.rng.NormFloat64(),
		Y0: b.Y0 + h*c.rng.NormFloat64(), Y1: b.Y1 + h*c.rng.NormFloat64()}, size)
}

func within(b geom.Box, size geom.Size) geom.Box {
	return b.Intersect(geom.Box{X1: float64(size.W), Y1: float64(size.H)})
}

// second is a second box of an object.
func (c *corrupter) second(b geom.Box, size geom.Size) geom.Box {
	for {
		if out := c.jittered(b, 0.03, size); !out.Empty() {
			if v := iou.Of(b, out); v >= leastTwin && v <= mostTwin {
				return out
			}
		}
	}
}

// mistaken is another class: half of the time one that the detector confuses it with.
func (c *corrupter) mistaken(class int32) int32 {
	if of := c.confusions[class]; len(of) > 0 && c.rng.IntN(2) == 0 {
		return of[c.rng.IntN(len(of))]
	}
	for {
		if other := int32(c.rng.IntN(c.set.classes)); other != class {
			return other
		}
	}
}

// imagined is a label where there is no object: the like of another image's object, at its
// own place or anywhere.
func (c *corrupter) imagined(i int) (labels.Object, bool) {
	from := c.where[c.rng.IntN(len(c.where))]
	if from.image == i {
		return labels.Object{}, false
	}
	src, size := &c.set.images[from.image], c.set.images[i].Size
	o := src.Objects[from.object]
	x, y := float64(size.W)/float64(src.Size.W), float64(size.H)/float64(src.Size.H)
	b := geom.Box{X0: o.Box.X0 * x, X1: o.Box.X1 * x, Y0: o.Box.Y0 * y, Y1: o.Box.Y1 * y}
	if c.rng.IntN(2) == 0 {
		w, h := b.X1-b.X0, b.Y1-b.Y0
		left, top := c.rng.Float64()*max(0, float64(size.W)-w), c.rng.Float64()*max(0, float64(size.H)-h)
		b = geom.Box{X0: left, Y0: top, X1: left + w, Y1: top + h}
	}
	b = within(b, size)
	return labels.Object{Box: b, Class: o.Class}, !b.Empty()
}
