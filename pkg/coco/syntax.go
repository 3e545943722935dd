package coco

import (
	"fmt"
	"unicode/utf8"
)

// SyntaxError is the place at which a file stops being what it should be.
type SyntaxError struct {
	File         string // the source's name
	Line, Column int    // from 1; columns count bytes
	Offset       int64  // of the byte in the (decompressed) file, from 0
	Expected     string // what could stand there
	Found        string // what stands there
}

// Error names the place, what was expected and what stands there.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s:%d:%d (byte %d): expected %s, found %s",
		e.File, e.Line, e.Column, e.Offset, e.Expected, e.Found)
}

// place is a position as a scan knows it: the lines before the stretch that it
// reads are unknown to it.
type place struct {
	offset int64 // in the file
	line   int32 // newlines in the stretch before it
	bol    int64 // offset of its line's first byte, -1 if that is before the stretch
}

// fault is a SyntaxError in the making.
type fault struct {
	place
	expected, found string
}

// describe says what stands at the beginning of b. It looks at one byte only, so
// that the words do not depend on where a stretch ends.
func describe(b []byte) string {
	if len(b) == 0 {
		return "end of file"
	}
	switch c := b[0]; {
	case c < 0x20 || c == 0x7f:
		return fmt.Sprintf("control character 0x%02x", c)
	case c < utf8.RuneSelf:
		return fmt.Sprintf("%q", string(rune(c)))
	default:
		return fmt.Sprintf("byte 0x%02x", c)
	}
}

// clip returns JSON text short enough for a message, on one line.
func clip(b []byte) string {
	const most = 40
	dots := ""
	if len(b) > most {
		b, dots = b[:most], "..."
	}
	out := make([]rune, 0, most)
	for _, r := range string(b) {
		if r < 0x20 || r == 0x7f {
			r = ' '
		}
		out = append(out, r)
	}
	return string(out) + dots
}
