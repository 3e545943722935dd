package text

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON writes a value for people to read too: indented by two spaces, with <, > and &
// as they are.
func JSON(w io.Writer, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(EscapeJSON(b.Bytes()))
	return err
}

// EscapeJSON returns JSON that says the same as b, with \u escapes in place of what
// Printable maps: all characters that nobody sees, and the [ of ##[. So names from data
// sets pass unchanged to a program, and harm no terminal and no CI server.
func EscapeJSON(b []byte) []byte {
	if !bytes.ContainsFunc(b, unseen) && !bytes.Contains(b, []byte("##[")) {
		return b
	}
	out := make([]byte, 0, len(b)+len(b)/8)
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case !unseen(r) && !(r == '[' && bytes.HasSuffix(out, []byte("##"))):
			out = append(out, b[:n]...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		b = b[n:]
	}
	return out
}

// unseen reports whether a character of JSON text is escaped. The newline stands between
// values only.
func unseen(r rune) bool { return visible(r) != r }
