package coco

import (
	"bytes"

	"focalaudit/internal/jsonscan"
	"focalaudit/pkg/dataset"
)

// shape is what pycocotools and detectron2 make of a segmentation, as far as it is no
// outline to one of them.
type shape uint8

const (
	shapeFine   shape = iota
	shapeNull         // null, false, text, a number, or an object that is no mask
	shapeEmpty        // []
	shapeFlat         // a list in which something has no length
	shapeShort        // a list of polygons of which the first has fewer than 5 coordinates
	shapePacked       // a mask with its counts as text
	shapeBytes        // the same, with the text of Python's bytes, b'...'
)

// outline reads a segmentation: three quarters of a file with outlines, and seldom needed. So the numbers of
// polygons are counted and held against JSON's grammar, but not read.
func (s *scan) outline(r *raw) bool {
	r.flags &^= dataset.NoValidPolygon
	r.shape = shapeFine
	from := s.Pos()
	if s.Peek() != '[' {
		if !s.SkipValue(recordDepth) {
			return false
		}
		s.segment = s.Since(from)
		if r.shape = maskShape(s.segment); r.shape == shapeNull {
			r.notes = append(r.notes, note{fOutline, jsonscan.Clip(s.segment)})
		}
		return true
	}
	p := polygonList{shape: shapeFine}
	if !s.polygons(&p) {
		return false
	}
	if r.shape = p.shape; !p.valid && p.n > 0 && p.shape != shapeFlat {
		r.flags |= dataset.NoValidPolygon
	}
	s.segment = s.Since(from)
	return true
}

// maskShape returns the shape of a segmentation that is no list. Compressed counts are
// text, which pycocotools' frPyObjects does not take.
func maskShape(b []byte) shape {
	if b[0] != '{' || !bytes.Contains(b, []byte(`"size"`)) {
		return shapeNull
	}
	_, counts, ok := bytes.Cut(b, []byte(`"counts"`))
	counts = bytes.TrimLeft(counts, " \t\r\n:")
	switch {
	case !ok || len(counts) == 0:
		return shapeNull
	case bytes.HasPrefix(counts, []byte(`"b'`)), bytes.HasPrefix(counts, []byte(`"b\"`)):
		return shapeBytes
	case counts[0] == '"':
		return shapePacked
	}
	return shapeFine
}

// polygonList is what is seen of a list of polygons while it is skipped.
type polygonList struct {
	n     int
	valid bool // one of them has an even number of at least six coordinates
	shape shape
}

// polygons skips a list of polygons.
func (s *scan) polygons(p *polygonList) bool {
	s.Move(1)
	s.Space()
	if s.Peek() == ']' {
		s.Move(1)
		p.shape = shapeEmpty
		return true
	}
	for {
		if !s.polygon(p) {
			return false
		}
		p.n++
		s.Space()
		switch s.Peek() {
		case ',':
			s.Move(1)
			s.Space()
		case ']':
			s.Move(1)
			return true
		default:
			return s.Fail(`"," or "]"`)
		}
	}
}

// polygon skips an element of a list of polygons.
func (s *scan) polygon(p *polygonList) bool {
	if c := s.Peek(); c != '[' {
		if c != '"' && c != '{' {
			p.shape = shapeFlat
		}
		return s.SkipValue(recordDepth + 1)
	}
	in := s.Ahead()[1:]
	n := bytes.IndexByte(in, ']')
	if n < 0 && !s.Final() {
		s.Move(len(in) + 1)
		return s.Fail("")
	}
	if n < 0 {
		return s.SkipValue(recordDepth + 1)
	}
	count, ok := jsonscan.Numbers(in, n)
	switch {
	case ok:
		s.Move(n + 2)
	case !s.SkipValue(recordDepth + 1):
		return false
	case flat(in[:n]): // null, NaN and the like among the numbers
		count = 1 + bytes.Count(in[:n], []byte{','})
	default:
		return true
	}
	p.valid = p.valid || count >= 6 && count%2 == 0
	if p.n == 0 && count < 5 {
		p.shape = shapeShort
	}
	return true
}

// flat tells whether the inside of an array holds nothing but scalars: no
// string, in which the closing bracket might stand, and no brackets.
func flat(b []byte) bool {
	return bytes.IndexByte(b, '"') < 0 && bytes.IndexByte(b, '{') < 0 &&
		bytes.IndexByte(b, '[') < 0 && bytes.IndexByte(b, '}') < 0
}
