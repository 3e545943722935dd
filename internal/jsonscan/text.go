package jsonscan

import (
	"bytes"
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
func (s *Scanner) rest() bool {
	for {
		b, p := s.b, s.p
		for p < len(b) && plain[b[p]] {
			p++
		}
		s.p = p
		switch s.Peek() {
		case '"':
			s.p++
			return true
		case '\\':
			if !s.escape() {
				return false
			}
		default:
			return s.Fail("the end of the string")
		}
	}
}

// escape reads a backslash and what belongs to it; p stays if it cannot.
func (s *Scanner) escape() bool {
	at := s.p
	s.p++
	switch s.Peek() {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.p++
		return true
	case 'u':
		s.p++
		if s.hex() {
			return true
		}
	default:
		s.Fail(`one of "\/bfnrtu behind the backslash`)
	}
	s.p = at
	return false
}

func (s *Scanner) hex() bool {
	for range 4 {
		if unhex(s.Peek()) < 0 {
			return s.Fail("four hexadecimal digits")
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

// Str reads a string and returns it without its quotes, as it stands: the
// bytes are part of b, with escapes.
func (s *Scanner) Str() (raw []byte, ok bool) {
	if s.Peek() != '"' {
		return nil, s.Fail("a string")
	}
	s.p++
	from := s.p
	if !s.rest() {
		return nil, false
	}
	return s.b[from : s.p-1], true
}

// Name reads a key and its colon and moves to the value. The key is valid until
// the next call.
func (s *Scanner) Name() (key []byte, ok bool) {
	if s.Peek() != '"' {
		return nil, s.Fail("a key in quotes")
	}
	if key, ok = s.Str(); !ok {
		return nil, false
	}
	if bytes.IndexByte(key, '\\') >= 0 {
		s.key = unescape(s.key[:0], key)
		key = s.key
	}
	s.Space()
	if s.Peek() != ':' {
		return nil, s.Fail(`":"`)
	}
	s.p++
	s.Space()
	return key, true
}

// Decoded returns a string that was read as Go has it.
func Decoded(raw []byte) string {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw)
	}
	return string(unescape(nil, raw))
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
