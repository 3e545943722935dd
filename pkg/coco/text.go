package coco

import (
	"bytes"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// plain holds the bytes that stand for themselves in a JSON string.
var plain = func() (t [256]bool) {
	for c := range t {
		t[c] = c >= 0x20 && c != '"' && c != '\\'
	}
	return t
}()

// rest reads a string from behind its opening quote, or from behind any
// complete character of it, to behind its closing quote. If the stretch ends
// first, p stands behind the last complete character, from where it can go on.
func (s *scan) rest() bool {
	for {
		b, p := s.b, s.p
		for p < len(b) && plain[b[p]] {
			p++
		}
		s.p = p
		switch s.peek() {
		case '"':
			s.p++
			return true
		case '\\':
			if !s.escape() {
				return false
			}
		default:
			return s.fail("the end of the string")
		}
	}
}

// escape reads a backslash and what belongs to it; p stays if it cannot.
func (s *scan) escape() bool {
	at := s.p
	s.p++
	switch s.peek() {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.p++
		return true
	case 'u':
		s.p++
		if s.hex() {
			return true
		}
	default:
		s.fail(`one of "\/bfnrtu behind the backslash`)
	}
	s.p = at
	return false
}

func (s *scan) hex() bool {
	for range 4 {
		if unhex(s.peek()) < 0 {
			return s.fail("four hexadecimal digits")
		}
		s.p++
	}
	return true
}

func unhex(c byte) rune {
	switch {
	case c-'0' < 10:
		return rune(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return rune(c|0x20-'a') + 10
	}
	return -1
}

// str reads a string and returns it without its quotes, as it stands: the
// bytes are part of b, with escapes.
func (s *scan) str() (raw []byte, ok bool) {
	if s.peek() != '"' {
		return nil, s.fail("a string")
	}
	s.p++
	from := s.p
	if !s.rest() {
		return nil, false
	}
	return s.b[from : s.p-1], true
}

// name reads a key and its colon and moves to the value. The key is valid until
// the next call.
func (s *scan) name() (key []byte, ok bool) {
	if s.peek() != '"' {
		return nil, s.fail("a key in quotes")
	}
	if key, ok = s.str(); !ok {
		return nil, false
	}
	if bytes.IndexByte(key, '\\') >= 0 {
		s.key = unescape(s.key[:0], key)
		key = s.key
	}
	s.space()
	if s.peek() != ':' {
		return nil, s.fail(`":"`)
	}
	s.p++
	s.space()
	return key, true
}

// decoded returns a string that was read as Go has it.
func decoded(raw []byte) string {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw)
	}
	return string(unescape(nil, raw))
}

// text returns a string that was read for field f. What is not UTF-8 becomes
// U+FFFD, a byte each, as in encoding/json: no reader of the report would take
// it otherwise.
func (s *scan) text(r *raw, f field, raw []byte) string {
	t := decoded(raw)
	if utf8.ValidString(t) {
		return t
	}
	r.garbled |= 1 << f
	return strings.Map(func(c rune) rune { return c }, t)
}

// unescape appends what valid string text stands for.
func unescape(dst, raw []byte) []byte {
	for {
		i := bytes.IndexByte(raw, '\\')
		if i < 0 {
			return append(dst, raw...)
		}
		dst = append(dst, raw[:i]...)
		c := raw[i+1]
		raw = raw[i+2:]
		if c == 'u' {
			var r rune
			r, raw = unescapeRune(raw)
			dst = utf8.AppendRune(dst, r)
			continue
		}
		dst = append(dst, single[c])
	}
}

// single holds what one letter behind a backslash stands for.
var single = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unescapeRune reads the digits of \u and, for the first half of a pair, the
// second half. A half without the other becomes U+FFFD, as in encoding/json.
func unescapeRune(raw []byte) (rune, []byte) {
	r := hex4(raw)
	raw = raw[4:]
	if !utf16.IsSurrogate(r) {
		return r, raw
	}
	if len(raw) >= 6 && raw[0] == '\\' && raw[1] == 'u' {
		if pair := utf16.DecodeRune(r, hex4(raw[2:])); pair != utf8.RuneError {
			return pair, raw[6:]
		}
	}
	return utf8.RuneError, raw
}

func hex4(b []byte) (r rune) {
	for _, c := range b[:4] {
		r = r<<4 | unhex(c)
	}
	return r
}
