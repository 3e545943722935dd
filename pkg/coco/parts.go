package coco

import (
	"bytes"
	"cmp"
	"math"
	"slices"

	"focalaudit/internal/jsonscan"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// compareParts notes whether the box is that of one part of an outline of several. There are few such outlines, so they
// are looked at in more places than others, and wherever the area shows that the box is too small.
func (s *scan) compareParts(r *raw) {
	if s.segment[0] != '[' || r.confirms == dataset.OutlineBox {
		return
	}
	if r.confirms == dataset.OutlineNone {
		if r.flags&dataset.AreaAboveBox == 0 && !sampledParts(r.offset) || !beginsBeyond(s.segment, r.box.Box()) {
			return
		}
		if of, ok := outlineBox(s.segment); !ok || near(of.Box(), r.box.Box()) {
			return
		}
	}
	if ofOnePart(s.segment, r.box.Box()) {
		r.setAside(dataset.PartBox, true)
	}
}

// beginsBeyond tells whether a polygon of a list begins outside of a box. Hardly a polygon reaches beyond a box of
// another one and begins in it, and most polygons need not be read.
func beginsBeyond(b []byte, box geom.Box) bool {
	for {
		at := bytes.IndexByte(b, '[')
		if at < 0 {
			return false
		}
		b = b[at+1:]
		s := jsonscan.New(b, 0, true)
		s.Space()
		if !s.Numeric() {
			continue
		}
		x, _ := s.Value()
		if s.Space(); s.Peek() == ',' {
			s.Move(1)
			s.Space()
		}
		y, ok := s.Value()
		if ok && max(box.X0-x, x-box.X1, box.Y0-y, y-box.Y1) > partSlack {
			return true
		}
	}
}

// partSlack is how far, in px, the sides of a box may be from those of a part: numbers rounded to whole pixels.
const partSlack = 1

// ofOnePart tells whether a box is that around one polygon of a list.
func ofOnePart(b []byte, box geom.Box) bool {
	for _, r := range rings(b) {
		of := r.box()
		off := max(math.Abs(of.X0-box.X0), math.Abs(of.Y0-box.Y0), math.Abs(of.X1-box.X1), math.Abs(of.Y1-box.Y1))
		if off <= partSlack {
			return true
		}
	}
	return false
}

// box returns the smallest box around a ring.
func (r ring) box() geom.Box {
	b := geom.Box{X0: math.Inf(1), Y0: math.Inf(1), X1: math.Inf(-1), Y1: math.Inf(-1)}
	for _, p := range r {
		b.X0, b.X1 = min(b.X0, p.x), max(b.X1, p.x)
		b.Y0, b.Y1 = min(b.Y0, p.y), max(b.Y1, p.y)
	}
	return b
}

// An outline seems to be written as all x and then all y if it has, read so, at most halvedShare of its length, and
// goes around something: 4π times its area over the square of its length, 1 for a circle, is roundOutline at least. An
// upright rectangle keeps 0.7 of its length, √2/2 for a square on the diagonal. Of others on the diagonal of the image,
// thin ones that are turned along it have less and go to and fro; of 140,000 random ones of five points and more around
// such ellipses none is both, and of 20,000 of four points 56 are, with roundQuad.
const (
	halvedShare  = 0.5
	roundOutline = 0.2
	roundQuad    = 0.5
)

// halved tells whether the polygons of a list, around which there is a box, seem to be all x and then all y, by the one
// of most points. Read as points, they go along the diagonal of the image, since a point is two neighbouring x or two
// neighbouring y: so a box that is off the diagonal saves the look at them.
func halved(b []byte, of geom.Box) bool {
	if max(math.Abs(of.X0-of.Y0), math.Abs(of.X1-of.Y1)) > max(of.X1-of.X0, of.Y1-of.Y0)/4 {
		return false
	}
	all := rings(b)
	if len(all) == 0 {
		return false
	}
	r := slices.MaxFunc(all, func(a, b ring) int { return cmp.Compare(len(a), len(b)) })
	if len(r) < 4 {
		return false
	}
	round := roundOutline
	if len(r) == 4 {
		round = roundQuad
	}
	other := r.asHalves()
	length := other.length()
	return length <= halvedShare*r.length() && 4*math.Pi*other.area() >= round*length*length
}

// asHalves returns the ring whose x are the first half of the numbers of r, as they stand in the file, and whose y are
// the second.
func (r ring) asHalves() ring {
	numbers := make([]float64, 0, 2*len(r))
	for _, p := range r {
		numbers = append(numbers, p.x, p.y)
	}
	other := make(ring, len(r))
	for i := range other {
		other[i] = point{numbers[i], numbers[len(r)+i]}
	}
	return other
}

// length returns the length of the line.
func (r ring) length() (sum float64) {
	for i, p := range r {
		q := r[(i+1)%len(r)]
		sum += math.Hypot(q.x-p.x, q.y-p.y)
	}
	return sum
}
