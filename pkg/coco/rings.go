package coco

import (
	"cmp"
	"math"
	"slices"

	"focalaudit/internal/jsonscan"
	"focalaudit/pkg/dataset"
)

// ring is a closed line of points; the last one is joined to the first.
type ring []point

// point is a point of an outline, in pixels.
type point struct{ x, y float64 }

// maxRings and maxPoints bound what is looked at: outlines of drawings may have thousands of parts.
const (
	maxRings  = 64
	maxPoints = 20_000
)

// rings reads a list of polygons; nil for what is none, or is too large.
func rings(b []byte) []ring {
	s := jsonscan.New(b, 0, true)
	if s.Peek() != '[' {
		return nil
	}
	s.Move(1)
	var all []ring
	points := 0
	for s.Space(); s.Peek() == '['; s.Space() {
		s.Move(1)
		s.Space()
		r, ok := readRing(&s)
		if points += len(r); !ok || points > maxPoints || len(all) == maxRings {
			return nil
		}
		all = append(all, r)
		if s.Space(); s.Peek() == ',' {
			s.Move(1)
		}
	}
	return all
}

// readRing reads the points up to a closing bracket.
func readRing(s *jsonscan.Scanner) (r ring, ok bool) {
	var p point
	for n := 0; ; n++ {
		v, ok := s.Value()
		if !ok || !isFinite(v) {
			return nil, false
		}
		if n%2 == 0 {
			p.x = v
		} else {
			p.y = v
			r = append(r, p)
		}
		s.Space()
		c := s.Peek()
		s.Move(1)
		if c == ']' {
			return r, n%2 == 1
		}
		if c != ',' {
			return nil, false
		}
		s.Space()
	}
}

// area returns the area inside, by the shoelace formula.
func (r ring) area() float64 {
	twice := 0.0
	for i, p := range r {
		q := r[(i+1)%len(r)]
		twice += float64(p.x*q.y) - float64(q.x*p.y)
	}
	return math.Abs(twice) / 2
}

// holds tells whether a point is inside, by the number of edges to its right.
func (r ring) holds(p point) bool {
	in := false
	for i, a := range r {
		b := r[(i+1)%len(r)]
		if (a.y > p.y) != (b.y > p.y) && p.x < a.x+float64((b.x-a.x)*(p.y-a.y))/(b.y-a.y) {
			in = !in
		}
	}
	return in
}

// around tells whether all points of another ring are inside.
func (r ring) around(other ring) bool {
	return !slices.ContainsFunc(other, func(p point) bool { return !r.holds(p) })
}

// ringTrait returns what the recorded area says of the rings of an outline: that some are holes, or that one ring
// is several written behind each other.
func ringTrait(b []byte, area float64) (t dataset.Trait, ok bool) {
	all := rings(b)
	switch {
	case len(all) > 1:
		return dataset.HoleRings, holes(all, area)
	case len(all) == 1 && len(all[0]) >= 6:
		return dataset.JoinedRings, joined(all[0], area)
	}
	return 0, false
}

// isArea tells whether an area is the recorded one, to one in a thousand, as far as it is rounded to whole pixels.
func isArea(a, recorded float64) bool { return math.Abs(a-recorded) <= 0.001*recorded+0.5 }

// offArea tells whether an area is not the recorded one, by a fiftieth at least.
func offArea(a, recorded float64) bool { return math.Abs(a-recorded) > 0.02*recorded+1 }

// holes tells whether rings lie inside others and the recorded area leaves them out.
func holes(all []ring, area float64) bool {
	sum, inner := 0.0, 0.0
	for i, r := range all {
		a := r.area()
		sum += a
		for j, other := range all {
			if i != j && a < other.area() && other.around(r) {
				inner += a
				break
			}
		}
	}
	return inner > 0 && offArea(sum, area) && isArea(sum-2*inner, area)
}

// maxJumps is how many of the longest edges of a ring may be jumps from one part to the next.
const maxJumps = 3

// joined tells whether the recorded area is that of two parts or more that a ring falls into where it jumps: at
// one of its longest edges, or at several of them.
func joined(r ring, area float64) bool {
	if !offArea(r.area(), area) {
		return false
	}
	type edge struct {
		at     int // index of the point at its end
		length float64
	}
	edges := make([]edge, 0, len(r))
	for i := 1; i < len(r); i++ {
		edges = append(edges, edge{i, math.Hypot(r[i].x-r[i-1].x, r[i].y-r[i-1].y)})
	}
	slices.SortFunc(edges, func(a, b edge) int { return cmp.Or(cmp.Compare(b.length, a.length), a.at-b.at) })
	for n := 1; n <= maxJumps; n++ {
		cuts := []int{0, len(r)}
		for _, e := range edges[:n] {
			cuts = append(cuts, e.at)
		}
		if isArea(r.split(cuts), area) || n > 1 && isArea(r.split([]int{0, edges[n-1].at, len(r)}), area) {
			return true
		}
	}
	return false
}

// split returns the area of the parts between cuts, 0 if one of them is no polygon.
func (r ring) split(cuts []int) (sum float64) {
	slices.Sort(cuts)
	for i := 1; i < len(cuts); i++ {
		part := r[cuts[i-1]:cuts[i]]
		if len(part) < 3 {
			return 0
		}
		sum += part.area()
	}
	return sum
}

// crossed tells whether an outline is one ring of four points, of which two opposite sides cross: a rectangle whose
// corners stand in the order of reading, as a bow tie.
func crossed(b []byte) bool {
	all := rings(b)
	if len(all) != 1 || len(all[0]) != 4 {
		return false
	}
	r := all[0]
	return meet(r[0], r[1], r[2], r[3]) || meet(r[1], r[2], r[3], r[0])
}

// meet tells whether two lines cross, beyond their ends.
func meet(a, b, c, d point) bool {
	left := func(p, q, r point) float64 {
		return float64((q.x-p.x)*(r.y-p.y)) - float64((q.y-p.y)*(r.x-p.x))
	}
	return left(a, b, c)*left(a, b, d) < 0 && left(c, d, a)*left(c, d, b) < 0
}
