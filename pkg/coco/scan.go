package coco

import "bytes"

// scan is one pass over a stretch of a file: it starts in a state, yields a
// part, and stops at the first byte that it cannot make sense of yet. The
// result depends on the state and the bytes alone.
//
// The methods that read something leave p behind it and say true. If they say
// false, either bad tells why the bytes are wrong, or the stretch ends too soon
// and cut is set; p is then of no use and the caller goes back to a position
// that it kept.
type scan struct {
	b      []byte
	p      int   // the next byte
	base   int64 // offset of b[0] in the file
	final  bool  // the file ends where b does
	cut    bool
	lf     int     // the next newline not counted yet, len(b) if there is none
	open   []byte  // scratch of skipValue
	seg    [2]int  // where the segmentation of the record stands, {0,0} if it has none
	num    number  // the number read last
	key    []byte  // scratch of keys with escapes
	habits []habit // of the records
	*part
}

// fail notes that something else was expected at p. It says false.
func (s *scan) fail(expected string) bool {
	return s.failWith(expected, "")
}

// failWith is fail with words for what was found; "" describes the byte at p.
func (s *scan) failWith(expected, found string) bool {
	if s.p >= len(s.b) && !s.final {
		s.cut = true
		return false
	}
	if found == "" {
		found = describe(s.b[min(s.p, len(s.b)):])
	}
	s.bad = &fault{place: s.place(s.p), expected: expected, found: found}
	return false
}

// place returns the place of position p, which must not lie before those asked
// for earlier.
func (s *scan) place(p int) place {
	s.seek(p)
	return place{offset: s.base + int64(p), line: s.lines, bol: s.bol}
}

// seek counts the newlines up to position p. Where there are none it costs a
// comparison.
func (s *scan) seek(p int) {
	for s.lf < p {
		s.lines++
		s.bol = s.base + int64(s.lf) + 1
		s.lf = s.newline(s.lf + 1)
	}
}

func (s *scan) newline(from int) int {
	if i := bytes.IndexByte(s.b[from:], '\n'); i >= 0 {
		return from + i
	}
	return len(s.b)
}

// peek returns the byte at p, 0 at the end. A 0 is nowhere allowed in JSON, so
// that what follows fails either way.
func (s *scan) peek() byte {
	if s.p < len(s.b) {
		return s.b[s.p]
	}
	return 0
}

// space moves p behind white space.
func (s *scan) space() {
	for s.p < len(s.b) {
		if c := s.b[s.p]; c > ' ' || c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return
		}
		s.p++
	}
}

// word reads a literal such as null.
func (s *scan) word(w string) bool {
	for i := range len(w) {
		if s.peek() != w[i] {
			return s.fail("a JSON value")
		}
		s.p++
	}
	return true
}

// scalar reads a number or a literal.
func (s *scan) scalar() bool {
	switch s.peek() {
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'N', 'I':
		return s.number()
	}
	return s.fail("a JSON value")
}

// numeric tells whether a number begins at p, Python's NaN and Infinity
// included.
func (s *scan) numeric() bool {
	switch c := s.peek(); c {
	case '-', 'N', 'I':
		return true
	default:
		return c-'0' < 10
	}
}
