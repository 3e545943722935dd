package text

import (
	"strings"
	"unicode/utf8"
)

// Columns is how wide prose is, help and explanations too, on a terminal of any width and in a file: no line is wider
// but for a word that is. Tables take the terminal's width, and this one where there is no terminal. Not wrapped are
// texts for programs (CSV, JSON, YAML), lines to copy, and errors, of which each is a line.
const Columns = 80

// NoBreak is a space at which Wrap does not end a line. It prints it as a space.
const NoBreak = "\u00a0"

// Wrap prints a text behind a head, wrapped at spaces so that no line is wider than width, with the
// lines below the first indented by as much as the head is wide. A word that is wider stands alone.
func (l *Lines) Wrap(width int, head, s string) {
	indent := strings.Repeat(" ", utf8.RuneCountInString(head))
	line := head
	wide := utf8.RuneCountInString(head)
	fresh := true
	for _, word := range pieces(s) {
		word = InLine(word) // which may begin a line now
		n := utf8.RuneCountInString(word)
		if !fresh && wide+1+n > width {
			l.Line("%s", line)
			line, wide, fresh = indent, utf8.RuneCountInString(indent), true
		}
		if !fresh {
			line, wide = line+" ", wide+1
		}
		line, wide, fresh = line+word, wide+n, false
	}
	l.Line("%s", line)
}

// breaks reports whether a line may end at a character: at a space, and at what is printed as one.
func breaks(r rune) bool { return r == '\n' || visible(r) == ' ' && string(r) != NoBreak }

// pieces splits a text at spaces, but for those before a unit and around an equals sign.
func pieces(s string) []string {
	var out []string
	joined := false
	for _, w := range strings.FieldsFunc(s, breaks) {
		unit := strings.HasPrefix(w, "%") || strings.TrimRight(w, ".,;:)") == "px" || w == "="
		if (unit || joined) && len(out) > 0 {
			out[len(out)-1] += " " + w
		} else {
			out = append(out, w)
		}
		joined = w == "="
	}
	return out
}
