package jsonscan

import (
	"fmt"
	"unicode/utf8"
)

// Place is a position as a scanner knows it: the lines before its stretch are
// unknown to it.
type Place struct {
	Offset    int64 // in the file
	Line      int32 // newlines in the stretch before it
	LineStart int64 // offset of its line's first byte, -1 if that is before the stretch
}

// Fault is what is wrong at a place.
type Fault struct {
	Place
	Expected, Found string
}

// Describe names the type of a value by its first byte.
func Describe(c byte) string {
	switch c {
	case '{':
		return "an object"
	case '"':
		return "a string"
	case 'n':
		return "null"
	case 't', 'f':
		return "a boolean"
	}
	return "a number"
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

// Clip returns JSON text short enough for a message, on one line.
func Clip(b []byte) string {
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
