package coco

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"focalaudit/internal/jsonscan"
	"focalaudit/pkg/dataset"
)

// shape is what pycocotools and detectron2 make of a segmentation, as far as it is no
// outline to one of them.
type shape uint8

const (
	shapeFine     shape = iota
	shapeNull           // null, false, text, a number, or an object that is no mask
	shapeEmpty          // []
	shapeFlat           // a list in which something has no length
	shapeShort          // a list of polygons of which the first has fewer than 5 coordinates
	shapePacked         // a mask with its counts as text
	shapeBytes          // the same, with the text of Python's bytes, b'...'
	shapeNested         // lists stand among the coordinates
	shapeText           // text that is no number does
	shapeObject         // objects do
	shapeNullRuns       // a mask with null or an object among its counts, or null or text among its size
	shapeTextRuns       // a mask with text that is no whole number, a list, NaN or Infinity among its counts
	shapeUnset          // null, NaN or Infinity stands among the coordinates
	shapeQuoted         // true, false, or a number as text does
)

// is notes a shape: the first of those that stop a reader, or else of the others. A list in which something has no
// length stops most readers.
func (s *shape) is(found shape) {
	if *s == shapeFine || found == shapeFlat || *s >= shapeUnset && found > shapeFine && found < *s {
		*s = found
	}
}

// outline reads a segmentation: three quarters of a file with outlines, and seldom needed. So the numbers of
// polygons are counted and held against JSON's grammar, but not read.
func (s *scan) outline(r *raw) bool {
	r.flags &^= dataset.NoValidPolygon
	r.shape = shapeFine
	s.parts = 0
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
	s.segment, s.parts = s.Since(from), p.n
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
	return runsShape(b, counts)
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
	if s.Peek() != '[' {
		return s.notPolygon(p)
	}
	in := s.Ahead()[1:]
	n := bytes.IndexByte(in, ']')
	if n < 0 && !s.Final() {
		s.Move(len(in) + 1)
		return s.Fail("")
	}
	if n >= 0 {
		if count, ok := jsonscan.Numbers(in, n); ok {
			s.Move(n + 2)
			p.add(count)
			return true
		}
	}
	from := s.Pos()
	if !s.SkipValue(recordDepth + 1) {
		return false
	}
	count, found := elements(s.Since(from), pointShape)
	p.add(count)
	p.shape.is(found)
	return true
}

// notPolygon skips an element of a list of polygons that is no list. To Python, text and objects have a length too.
func (s *scan) notPolygon(p *polygonList) bool {
	from := s.Pos()
	if !s.SkipValue(recordDepth + 1) {
		return false
	}
	switch b := s.Since(from); {
	case b[0] == '"':
		p.add(utf8.RuneCountInString(jsonscan.Decoded(b[1 : len(b)-1])))
		p.shape.is(shapeText)
	case b[0] != '{':
		p.shape.is(shapeFlat)
	case maskShape(b) == shapeNull:
		p.shape.is(shapeObject)
	}
	return true
}

// add counts a polygon of so many coordinates.
func (p *polygonList) add(count int) {
	p.valid = p.valid || count >= 6 && count%2 == 0
	if p.n == 0 && count < 5 {
		p.shape.is(shapeShort)
	}
}

// elements counts the elements of a valid list, and returns what those are that are no numbers.
func elements(b []byte, of func([]byte) shape) (n int, found shape) {
	s := jsonscan.New(b, 0, true)
	s.Move(1)
	for s.Space(); s.Peek() != ']'; s.Space() {
		from := s.Pos()
		if !s.SkipValue(recordDepth + 2) {
			return n, found
		}
		found.is(of(s.Since(from)))
		if s.Space(); s.Peek() == ',' {
			s.Move(1)
		}
		n++
	}
	return n, found
}

// pointShape returns what a coordinate is to np.array(polygon, dtype=np.double), by which pycocotools reads it: text is
// read as Python's float reads it, null becomes NaN.
func pointShape(b []byte) shape {
	switch b[0] {
	case '[':
		return shapeNested
	case '{':
		return shapeObject
	case '"':
		t := unquoted(b)
		v, err := strconv.ParseFloat(t, 64)
		switch {
		case err != nil && !errors.Is(err, strconv.ErrRange) || strings.ContainsAny(t, "xX"): // no hexadecimal in Python
			return shapeText
		case !isFinite(v):
			return shapeUnset
		}
		return shapeQuoted
	case 't', 'f':
		return shapeQuoted
	}
	if !finiteNumber(b) {
		return shapeUnset
	}
	return shapeFine
}

// runShape returns what a run length is to np.array(counts, dtype=np.uint32), by which pycocotools reads it.
func runShape(b []byte) shape {
	switch b[0] {
	case '{', 'n':
		return shapeNullRuns
	case '[':
		return shapeTextRuns
	case '"':
		if _, err := strconv.ParseInt(unquoted(b), 10, 64); err != nil {
			return shapeTextRuns
		}
		return shapeQuoted
	case 't', 'f':
		return shapeQuoted
	}
	if !finiteNumber(b) {
		return shapeTextRuns
	}
	return shapeFine
}

// unquoted returns what a JSON string holds, without the blanks around it.
func unquoted(b []byte) string { return strings.TrimSpace(jsonscan.Decoded(b[1 : len(b)-1])) }

// finiteNumber tells whether a JSON value is a finite number.
func finiteNumber(b []byte) bool {
	s := jsonscan.New(b, 0, true)
	if !s.Numeric() {
		return false
	}
	v, ok := s.Value()
	return ok && isFinite(v)
}

// runsShape returns the shape of a mask with its counts as a list: counts begins with it.
func runsShape(mask, counts []byte) (found shape) {
	if counts[0] != '[' {
		return shapeNull // a number, null: pycocotools stops at each
	}
	if n := bytes.IndexByte(counts, ']'); n > 0 {
		if _, ok := jsonscan.Numbers(counts[1:], n-1); !ok {
			_, found = elements(counts, runShape)
		}
	}
	_, size, _ := bytes.Cut(mask, []byte(`"size"`))
	if size = bytes.TrimLeft(size, " \t\r\n:"); len(size) == 0 || size[0] != '[' {
		return found
	}
	_, of := elements(size, func(b []byte) shape {
		if b[0] == '"' || b[0] == 'n' || b[0] == '[' || b[0] == '{' {
			return shapeNullRuns
		}
		return shapeFine
	})
	found.is(of)
	return found
}
