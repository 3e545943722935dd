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
	from := s.Pos()
	ok, valid := true, true
	if s.Peek() == '[' {
		valid, ok = s.polygons()
	} else {
		ok = s.SkipValue(recordDepth)
	}
	if !ok {
		return false
	}
	if !valid {
		r.flags |= dataset.NoValidPolygon
	}
	s.segment = s.Since(from)
	return true
}

// polygons skips a list of polygons. valid tells whether it is empty or one of
// them has an even number of at least six coordinates.
func (s *scan) polygons() (valid, ok bool) {
	s.Move(1)
	s.Space()
	if s.Peek() == ']' {
		s.Move(1)
		return true, true
	}
	for {
		if !s.polygon(&valid) {
			return false, false
		}
		s.Space()
		switch s.Peek() {
		case ',':
			s.Move(1)
			s.Space()
		case ']':
			s.Move(1)
			return valid, true
		default:
			return false, s.Fail(`"," or "]"`)
		}
	}
}

// polygon skips an element of a list of polygons.
func (s *scan) polygon(valid *bool) bool {
	if s.Peek() != '[' {
		return s.SkipValue(recordDepth + 1)
	}
	in := s.Ahead()[1:]
	n := bytes.IndexByte(in, ']')
	if n < 0 && !s.Final() {
		s.Move(len(in) + 1)
		return s.Fail("")
	}
	if n < 0 || !flat(in[:n]) {
		return s.SkipValue(recordDepth + 1)
	}
	if !*valid {
		commas := bytes.Count(in[:n], []byte{','})
		*valid = commas >= 5 && commas%2 == 1
	}
	s.Move(n + 2)
	return true
}

// flat tells whether the inside of an array holds nothing but scalars: no
// string, in which the closing bracket might stand, and no brackets.
func flat(b []byte) bool {
	return bytes.IndexByte(b, '"') < 0 && bytes.IndexByte(b, '{') < 0 &&
		bytes.IndexByte(b, '[') < 0 && bytes.IndexByte(b, '}') < 0
}
