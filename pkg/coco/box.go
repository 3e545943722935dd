package coco

import (
	"focalaudit/internal/jsonscan"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// box reads a bbox.
func (s *scan) box(r *raw) bool {
	from := s.Pos()
	r.box, r.boxed = geom.Rect{}, boxMissing
	r.flags &^= dataset.IntegerBox
	if s.Peek() != '[' {
		if s.Peek() != 'n' {
			r.boxed = boxMalformed
		}
		return s.other(r, fBox)
	}
	l, ok := s.numbers()
	if !ok {
		return false
	}
	v := &l.first
	switch {
	case l.n != 4 || l.strange:
		r.boxed = boxMalformed
	case isFinite(v[0]) && isFinite(v[1]) && isFinite(v[2]) && isFinite(v[3]):
		r.box, r.boxed = geom.Rect{X: v[0], Y: v[1], W: v[2], H: v[3]}, boxRead
		if l.integers {
			r.flags |= dataset.IntegerBox
		}
		if !l.booleans {
			return true
		}
		r.odd |= 1 << fBox
	default:
		r.boxed = boxNotFinite
	}
	r.notes = append(r.notes, note{fBox, jsonscan.Clip(s.Since(from))})
	return true
}

// numberList is what an array should hold that is a list of numbers.
type numberList struct {
	first    [4]float64
	n        int  // elements
	integers bool // all are integers, or booleans
	booleans bool // some are booleans, which are the integers 0 and 1 to Python
	strange  bool // some are neither numbers nor booleans
}

// numbers reads an array.
func (s *scan) numbers() (l numberList, ok bool) {
	l.integers = true
	s.Move(1)
	s.Space()
	if s.Peek() == ']' {
		s.Move(1)
		return l, true
	}
	for {
		v, integer, ok := s.numberOf(&l)
		if !ok {
			return l, false
		}
		if l.n < len(l.first) {
			l.first[l.n] = v
		}
		l.n++
		l.integers = l.integers && integer
		s.Space()
		switch s.Peek() {
		case ',':
			s.Move(1)
			s.Space()
		case ']':
			s.Move(1)
			return l, true
		default:
			return l, s.Fail(`"," or "]"`)
		}
	}
}

// numberOf reads an element of a list of numbers.
func (s *scan) numberOf(l *numberList) (v float64, integer, ok bool) {
	switch c := s.Peek(); {
	case s.Numeric():
		return s.Literal()
	case c == 't' || c == 'f':
		l.booleans = true
		if c == 't' {
			v = 1
		}
	default:
		l.strange = true
	}
	return v, true, s.SkipValue(recordDepth + 1)
}
