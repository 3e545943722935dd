package coco

import "focalaudit/pkg/geom"

// box reads a bbox.
func (s *scan) box(r *raw) bool {
	from := s.p
	r.box, r.boxed = geom.Rect{}, boxMissing
	if s.peek() != '[' {
		if s.peek() != 'n' {
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
	r.notes = append(r.notes, note{fBox, clip(s.b[from:s.p])})
	return true
}

// numbers reads an array and returns its first four numbers and the number of
// its elements, -1 if some are not numbers.
func (s *scan) numbers(v *[4]float64) (n int, ok bool) {
	s.p++
	s.space()
	if s.peek() == ']' {
		s.p++
		return 0, true
	}
	strange := false
	for {
		switch {
		case !s.numeric():
			strange = true
			ok = s.skipDeeper()
		default:
			var f float64
			if f, ok = s.value(); ok && n < 4 {
				v[n] = f
			}
		}
		if !ok {
			return 0, false
		}
		n++
		s.space()
		switch s.peek() {
		case ',':
			s.p++
			s.space()
		case ']':
			s.p++
			if strange {
				n = -1
			}
			return n, true
		default:
			return 0, s.fail(`"," or "]"`)
		}
	}
}

// skipDeeper skips a value one level below those of records.
func (s *scan) skipDeeper() bool {
	k := skipper{open: s.open[:0]}
	ok := s.skip(&k, recordDepth+1)
	s.open = k.open
	return ok
}
