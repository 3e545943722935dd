package coco

import (
	"focalaudit/internal/jsonscan"
	"focalaudit/pkg/geom"
)

// box reads a bbox.
func (s *scan) box(r *raw) bool {
	from := s.Pos()
	r.box, r.boxed = geom.Rect{}, boxMissing
	if s.Peek() != '[' {
		if s.Peek() != 'n' {
			r.boxed = boxMalformed
		}
		return s.other(r, fBox)
	}
	var v [4]float64
	n, ok := s.numbers(&v)
	if !ok {
		return false
	}
	switch {
	case n != 4:
		r.boxed = boxMalformed
	case isFinite(v[0]) && isFinite(v[1]) && isFinite(v[2]) && isFinite(v[3]):
		r.box, r.boxed = geom.Rect{X: v[0], Y: v[1], W: v[2], H: v[3]}, boxRead
		return true
	default:
		r.boxed = boxNotFinite
	}
	r.notes = append(r.notes, note{fBox, jsonscan.Clip(s.Since(from))})
	return true
}

// numbers reads an array and returns its first four numbers and the number of
// its elements, -1 if some are not numbers.
func (s *scan) numbers(v *[4]float64) (n int, ok bool) {
	s.Move(1)
	s.Space()
	if s.Peek() == ']' {
		s.Move(1)
		return 0, true
	}
	strange := false
	for {
		switch {
		case !s.Numeric():
			strange = true
			ok = s.SkipValue(recordDepth + 1)
		default:
			var f float64
			if f, ok = s.Value(); ok && n < 4 {
				v[n] = f
			}
		}
		if !ok {
			return 0, false
		}
		n++
		s.Space()
		switch s.Peek() {
		case ',':
			s.Move(1)
			s.Space()
		case ']':
			s.Move(1)
			if strange {
				n = -1
			}
			return n, true
		default:
			return 0, s.Fail(`"," or "]"`)
		}
	}
}
