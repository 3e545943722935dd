// Package jsonscan reads JSON from stretches of a file, and knows where it is in it.
//
//  1. A Cutter cuts a file into blocks, each but the last probably behind the comma
//     between two records, so that they can be scanned side by side (blocks.go).
//  2. A Scanner passes over one block. The caller asks for what should stand next: a
//     key, a string, a number, or any value that is to be skipped (scan.go, text.go,
//     number.go, skip.go).
//  3. Where something else stands, the scanner keeps a Fault: its place, what was
//     expected and what was found (syntax.go). Where the block ends in the middle,
//     there is no Fault, and the caller scans on from a position that it kept, with
//     more bytes. A value that is skipped can be left in the middle, with a Skipper.
//
// Numbers and strings are JSON's, with Python's NaN, Infinity and -Infinity. Text is
// not copied, and numbers are not rounded, before a caller asks for it.
//
// Package coco walks the upper levels of a file and puts its blocks together, since
// only a format knows which arrays hold records.
package jsonscan

import (
	"bytes"
	"math"
)

// Scanner is one pass over a stretch of a file. It stops at the first byte that it
// cannot make sense of yet. The result depends on the bytes alone.
//
// The methods that read something leave the position behind it and say true. If
// they say false, either Fault tells why the bytes are wrong, or the stretch ends too
// soon; the position is then of no use and the caller goes back to one that it kept.
type Scanner struct {
	b     []byte
	p     int   // the next byte
	base  int64 // offset of b[0] in the file
	final bool  // the file ends where b does
	lf    int   // the next newline not counted yet, len(b) if there is none
	lines int32 // newlines counted
	bol   int64 // offset of the last line's first byte, -1 if there was no newline
	bad   *Fault
	open  []byte // scratch of SkipValue
	num   number // the number read last
	key   []byte // scratch of keys with escapes
	deep  int    // the first bracket that is nested deeper than PythonDepth, -1 if none is
}

// New returns a scanner of b, the stretch of a file that begins at offset base;
// final says that the file ends with it.
func New(b []byte, base int64, final bool) Scanner {
	s := Scanner{b: b, base: base, final: final, bol: -1, deep: -1}
	s.lf = s.newline(0)
	return s
}

// Fault returns what is wrong with the bytes, nil if they only end too soon.
func (s *Scanner) Fault() *Fault { return s.bad }

// Pos returns the position of the next byte in the stretch.
func (s *Scanner) Pos() int { return s.p }

// Deep returns the place of the first bracket that is nested deeper than PythonDepth, as far as values were skipped; ok
// is false if none is. Its LineStart is -1.
func (s *Scanner) Deep() (at Place, ok bool) {
	if s.deep < 0 {
		return Place{}, false
	}
	lines := bytes.Count(s.b[:s.deep], []byte{'\n'})
	return Place{Offset: s.base + int64(s.deep), Line: int32(min(lines, math.MaxInt32)), LineStart: -1}, true
}

// Move moves the position by n bytes, which may be back.
func (s *Scanner) Move(n int) { s.p += n }

// Since returns the bytes from a position to this one.
func (s *Scanner) Since(from int) []byte { return s.b[from:s.p] }

// Ahead returns the bytes from here to the end of the stretch.
func (s *Scanner) Ahead() []byte { return s.b[s.p:] }

// Final reports whether the file ends where the stretch does.
func (s *Scanner) Final() bool { return s.final }

// Fail notes that something else was expected here. It says false.
func (s *Scanner) Fail(expected string) bool {
	return s.FailWith(expected, "")
}

// FailWith is Fail with words for what was found; "" describes the next byte.
func (s *Scanner) FailWith(expected, found string) bool {
	if s.p >= len(s.b) && !s.final {
		return false
	}
	if found == "" {
		found = describe(s.b[min(s.p, len(s.b)):])
	}
	s.bad = &Fault{Place: s.Place(s.p), Expected: expected, Found: found}
	return false
}

// Place returns the place of a position, which must not lie before those asked for
// earlier. Where there are no newlines it costs a comparison.
func (s *Scanner) Place(p int) Place {
	for s.lf < p {
		s.lines++
		s.bol = s.base + int64(s.lf) + 1
		s.lf = s.newline(s.lf + 1)
	}
	return Place{Offset: s.base + int64(p), Line: s.lines, LineStart: s.bol}
}

func (s *Scanner) newline(from int) int {
	if i := bytes.IndexByte(s.b[from:], '\n'); i >= 0 {
		return from + i
	}
	return len(s.b)
}

// Peek returns the next byte, 0 at the end. A 0 is nowhere allowed in JSON, so
// that what follows fails either way.
func (s *Scanner) Peek() byte {
	if s.p < len(s.b) {
		return s.b[s.p]
	}
	return 0
}

// Space moves behind white space.
func (s *Scanner) Space() {
	for s.p < len(s.b) {
		if c := s.b[s.p]; c > ' ' || c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return
		}
		s.p++
	}
}

// word reads a literal such as null.
func (s *Scanner) word(w string) bool {
	for i := range len(w) {
		if s.Peek() != w[i] {
			return s.Fail("a JSON value")
		}
		s.p++
	}
	return true
}

// scalar reads a number or a literal.
func (s *Scanner) scalar() bool {
	switch s.Peek() {
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'N', 'I':
		return s.Number()
	}
	return s.Fail("a JSON value")
}

// Numeric tells whether a number begins here, Python's NaN and Infinity
// included.
func (s *Scanner) Numeric() bool {
	switch c := s.Peek(); c {
	case '-', 'N', 'I':
		return true
	default:
		return c-'0' < 10
	}
}
