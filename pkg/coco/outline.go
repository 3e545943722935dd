package coco

import (
	"math"

	"focalaudit/internal/jsonscan"
	"focalaudit/pkg/geom"
)

// outlineBox returns the smallest box around a segmentation: a list of polygons
// or a run-length encoded mask. There is none if the outline is empty or does
// not make sense.
func outlineBox(b []byte) (geom.Rect, bool) {
	s := jsonscan.New(b, 0, true)
	if s.Peek() == '{' {
		return maskBox(&s)
	}
	e := extent{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	if s.Peek() != '[' || !polygonsBox(&s, &e) || !(e.x1 >= e.x0 && e.y1 >= e.y0) {
		return geom.Rect{}, false
	}
	r := geom.Rect{X: e.x0, Y: e.y0, W: e.x1 - e.x0, H: e.y1 - e.y0}
	return r, isFinite(r.W) && isFinite(r.H)
}

// startsWithin tells whether the points of the first polygon of a list lie within a box and
// cornersSlack, as far as they are numbers.
func startsWithin(b []byte, box geom.Box) bool {
	s := jsonscan.New(b, 0, true)
	for s.Peek() == '[' {
		s.Move(1)
		s.Space()
	}
	low, high := [2]float64{box.X0, box.Y0}, [2]float64{box.X1, box.Y1}
	for n := 0; s.Numeric(); n++ {
		v, ok := s.Value()
		if !ok || v < low[n%2]-cornersSlack || v > high[n%2]+cornersSlack {
			return false
		}
		if s.Space(); s.Peek() == ',' {
			s.Move(1)
			s.Space()
		}
	}
	return true
}

// extent is a box that grows; its zero value is of no use.
type extent struct{ x0, y0, x1, y1 float64 }

// polygonsBox takes a list of polygons into e, or one polygon that lacks the
// list around it.
func polygonsBox(s *jsonscan.Scanner, e *extent) bool {
	s.Move(1)
	s.Space()
	if s.Numeric() {
		return polygonBox(s, e)
	}
	for s.Peek() == '[' {
		s.Move(1)
		s.Space()
		if s.Peek() == ']' {
			s.Move(1)
		} else if !polygonBox(s, e) {
			return false
		}
		if s.Space(); s.Peek() == ',' {
			s.Move(1)
			s.Space()
		}
	}
	return s.Peek() == ']'
}

// polygonBox takes the coordinates up to a closing bracket into e. It says
// false if they are not pairs of finite numbers.
func polygonBox(s *jsonscan.Scanner, e *extent) bool {
	for n := 0; ; n++ {
		if !s.Numeric() {
			return false
		}
		v, ok := s.Value()
		switch {
		case !ok || !isFinite(v):
			return false
		case n%2 == 0:
			e.x0, e.x1 = min(e.x0, v), max(e.x1, v)
		default:
			e.y0, e.y1 = min(e.y0, v), max(e.y1, v)
		}
		s.Space()
		c := s.Peek()
		s.Move(1)
		if c == ']' {
			return n%2 == 1
		}
		if c != ',' {
			return false
		}
		s.Space()
	}
}

// polygonsArea returns the area of a list of polygons that do not overlap, by the shoelace
// formula; 0 for what is none.
func polygonsArea(b []byte) float64 {
	s := jsonscan.New(b, 0, true)
	if s.Peek() != '[' {
		return 0
	}
	s.Move(1)
	sum := 0.0
	for s.Space(); s.Peek() == '['; s.Space() {
		s.Move(1)
		s.Space()
		area, ok := polygonArea(&s)
		if !ok {
			return 0
		}
		sum += math.Abs(area)
		if s.Space(); s.Peek() == ',' {
			s.Move(1)
		}
	}
	return sum
}

// polygonArea returns the signed area of the polygon up to a closing bracket.
func polygonArea(s *jsonscan.Scanner) (float64, bool) {
	var first, last, p [2]float64
	twice := 0.0
	for n := 0; ; n++ {
		v, ok := s.Value()
		if !ok || !isFinite(v) {
			return 0, false
		}
		p[n%2] = v
		if n == 1 {
			first = p
		} else if n%2 == 1 {
			twice += float64(last[0]*p[1]) - float64(p[0]*last[1])
		}
		if n%2 == 1 {
			last = p
		}
		s.Space()
		c := s.Peek()
		s.Move(1)
		if c == ']' {
			twice += float64(last[0]*first[1]) - float64(first[0]*last[1])
			return twice / 2, n%2 == 1
		}
		if c != ',' {
			return 0, false
		}
		s.Space()
	}
}

// maskBox returns the box of the ones of a mask: an object with its size
// [height, width] and the lengths of its runs down the columns, zeros first, as
// a list or in COCO's compressed text.
func maskBox(s *jsonscan.Scanner) (geom.Rect, bool) {
	var size, counts []byte
	s.Move(1)
	for s.Space(); s.Peek() == '"'; s.Space() {
		key, ok := s.Name()
		which := string(key)
		from := s.Pos()
		if !ok || !s.SkipValue(recordDepth) {
			return geom.Rect{}, false
		}
		switch which {
		case "size":
			size = s.Since(from)
		case "counts":
			counts = s.Since(from)
		}
		if s.Space(); s.Peek() == ',' {
			s.Move(1)
		}
	}
	hw, _ := wholes(size)
	if len(hw) != 2 || hw[0] < 1 || hw[1] < 1 || hw[0] >= maxSize || hw[1] >= maxSize {
		return geom.Rect{}, false
	}
	runs, ok := runLengths(counts)
	if !ok {
		return geom.Rect{}, false
	}
	return runsBox(runs, hw[0], hw[1])
}

// runLengths reads the value of counts.
func runLengths(b []byte) (runs []int64, ok bool) {
	if len(b) > 0 && b[0] == '"' {
		return unpackRuns([]byte(jsonscan.Decoded(b[1 : len(b)-1])))
	}
	return wholes(b)
}

// wholes reads a list of whole numbers that are not negative.
func wholes(b []byte) (list []int64, ok bool) {
	s := jsonscan.New(b, 0, true)
	if s.Peek() != '[' {
		return nil, false
	}
	s.Move(1)
	for s.Space(); s.Peek() != ']'; s.Space() {
		if !s.Numeric() || s.Peek() == '-' || !s.Number() {
			return nil, false
		}
		n, ok := s.Whole()
		if !ok || n > math.MaxInt32 {
			return nil, false
		}
		list = append(list, n)
		if s.Space(); s.Peek() == ',' {
			s.Move(1)
		}
	}
	return list, true
}

// unpackRuns decodes COCO's compressed run lengths: five bits a character from
// "0" on, a sixth bit to go on, lowest bits first and the last one's top bit as
// the sign; from the fourth run on, the difference to the run two before.
func unpackRuns(t []byte) (runs []int64, ok bool) {
	for i := 0; i < len(t); {
		var x int64
		for shift, more := 0, true; more; shift += 5 {
			if i >= len(t) || t[i] < '0' || t[i] > 'o' || shift > 40 {
				return nil, false
			}
			c := int64(t[i] - '0')
			i++
			x |= c & 0x1f << shift
			more = c&0x20 != 0
			if !more && c&0x10 != 0 {
				x |= -1 << (shift + 5)
			}
		}
		if n := len(runs); n > 2 {
			x += runs[n-2]
		}
		runs = append(runs, x)
	}
	return runs, true
}

// runsBox returns the box of the ones of a mask of h rows and w columns.
func runsBox(runs []int64, h, w int64) (geom.Rect, bool) {
	x0, y0, x1, y1 := w, h, int64(0), int64(0)
	at := int64(0)
	for i, n := range runs {
		if n < 0 || n > h*w-at {
			return geom.Rect{}, false
		}
		if i%2 == 1 && n > 0 {
			last := at + n - 1
			x0, x1 = min(x0, at/h), max(x1, last/h+1)
			if at/h == last/h {
				y0, y1 = min(y0, at%h), max(y1, last%h+1)
			} else { // it goes over the foot of one column and the head of the next
				y0, y1 = 0, h
			}
		}
		at += n
	}
	return geom.Rect{X: float64(x0), Y: float64(y0), W: float64(x1 - x0), H: float64(y1 - y0)}, x1 > x0
}
