package coco

import (
	"bytes"

	"focalaudit/pkg/dataset"
)

// outline reads a segmentation: three quarters of a file with outlines, and
// seldom needed. So the numbers of polygons are jumped over without a look at
// their grammar; only what could hide structure is looked for among them.
func (s *scan) outline(r *raw) bool {
	r.flags &^= dataset.NoValidPolygon
	from := s.p
	ok, valid := true, true
	if s.peek() == '[' {
		valid, ok = s.polygons()
	} else {
		ok = s.skipValue()
	}
	if !ok {
		return false
	}
	if !valid {
		r.flags |= dataset.NoValidPolygon
	}
	s.seg = [2]int{from, s.p}
	return true
}

// polygons skips a list of polygons. valid tells whether it is empty or one of
// them has an even number of at least six coordinates.
func (s *scan) polygons() (valid, ok bool) {
	s.p++
	s.space()
	if s.peek() == ']' {
		s.p++
		return true, true
	}
	for {
		if !s.polygon(&valid) {
			return false, false
		}
		s.space()
		switch s.peek() {
		case ',':
			s.p++
			s.space()
		case ']':
			s.p++
			return valid, true
		default:
			return false, s.fail(`"," or "]"`)
		}
	}
}

// polygon skips an element of a list of polygons.
func (s *scan) polygon(valid *bool) bool {
	if s.peek() != '[' {
		return s.skipDeeper()
	}
	in := s.b[s.p+1:]
	n := bytes.IndexByte(in, ']')
	if n < 0 && !s.final {
		s.p = len(s.b)
		return s.fail("")
	}
	if n < 0 || !flat(in[:n]) {
		return s.skipDeeper()
	}
	if !*valid {
		commas := bytes.Count(in[:n], []byte{','})
		*valid = commas >= 5 && commas%2 == 1
	}
	s.p += n + 2
	return true
}

// flat tells whether the inside of an array holds nothing but scalars: no
// string, in which the closing bracket might stand, and no brackets.
func flat(b []byte) bool {
	return bytes.IndexByte(b, '"') < 0 && bytes.IndexByte(b, '{') < 0 &&
		bytes.IndexByte(b, '[') < 0 && bytes.IndexByte(b, '}') < 0
}
