package text

import (
	"regexp"
	"strings"
	"unicode"
)

// commandLine finds a line that GitHub takes for a command.
var commandLine = regexp.MustCompile(`(\n\s*)::`)

// Printable returns s with a space in place of every control character but the
// newline, so that a name from a data set can't command a terminal. Nor a CI server:
// GitHub obeys a line that begins with ::, and ##[ anywhere.
func Printable(s string) string {
	s = strings.ReplaceAll(commandLine.ReplaceAllString(s, "$1: :"), "##[", "## [")
	return strings.Map(func(r rune) rune {
		if r != '\n' && !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}

// InLine is Printable for a name within a line.
func InLine(s string) string { return strings.ReplaceAll(Printable(s), "\n", " ") }

// Clip returns s within a line, cut to n runes.
func Clip(s string, n int) string {
	if rs := []rune(s); len(rs) > n {
		s = string(rs[:n-1]) + "…"
	}
	return InLine(s)
}

// Cell writes s as a cell of a Markdown table, where it is no markup and mentions
// nobody.
func Cell(s string) string {
	return strings.NewReplacer(
		`\`, `\\`, "|", `\|`, "<", "&lt;", ">", "&gt;", "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "]", `\]`,
		"@", "@&#8203;",
	).Replace(InLine(s))
}
