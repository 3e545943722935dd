package text

import (
	"regexp"
	"strings"
	"unicode"
)

// commandLine finds a line that GitHub takes for a command. After visible, spaces and
// newlines are all the white space there is.
var commandLine = regexp.MustCompile(`(^|\n)( *)::`)

// visible maps a character that nobody sees to a space, and no other. Such are control
// characters, U+0085, U+00A0, line separators, the marks that turn the direction of
// writing, and all of no width. The newline stays.
func visible(r rune) rune {
	switch {
	case r >= ' ' && r <= '~' || r == '\n':
		return r
	case !unicode.IsPrint(r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r):
		return ' '
	}
	return r
}

// Printable returns s with a space in place of every character that nobody sees, but
// the newline, so that a name from a data set can't command a terminal. Nor a CI server:
// GitHub obeys a line that begins with ::, and ##[ anywhere. Lines are looked at after
// the characters are mapped, since GitHub trims more than ASCII's white space.
func Printable(s string) string {
	s = strings.ReplaceAll(strings.Map(visible, s), "##[", "## [")
	return commandLine.ReplaceAllString(s, "$1$2: :")
}

// InLine is Printable for a name within a line.
func InLine(s string) string { return Printable(strings.ReplaceAll(s, "\n", " ")) }

// Clip returns s within a line, cut to n runes.
func Clip(s string, n int) string {
	if rs := []rune(s); len(rs) > n {
		s = string(rs[:n-1]) + "…"
	}
	return InLine(s)
}

// Sentences returns s within a line: whole if it has no more than n runes, else its first sentences
// that fit into n runes, or the first one, if it fits into most. A sentence that does not is cut as Clip
// does it.
func Sentences(s string, n, most int) string {
	rs := []rune(s)
	if len(rs) <= n {
		return InLine(s)
	}
	end := 0
	for i := range min(len(rs)-2, most-2) {
		if i >= n && end > 0 {
			break
		}
		if rs[i] == '.' && rs[i+1] == ' ' && !unicode.IsLower(rs[i+2]) {
			end = i + 1
		}
	}
	if end == 0 {
		return Clip(s, most)
	}
	return InLine(string(rs[:end])) + " …"
}

// zero stands in Markdown where a link or a mention would begin: a space of no width,
// since GitHub looks for both after it has replaced backslashes and entities.
const zero = "&#8203;"

// markup takes from Markdown what is markup, links or mentions.
var markup = strings.NewReplacer(
	`\`, `\\`, "|", `\|`, "<", "&lt;", ">", "&gt;", "&", "&amp;", "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "]", `\]`,
	"~", `\~`, "$", `\$`, "@", "@"+zero, "://", ":"+zero+"//", "www.", "www"+zero+".",
	"GH-", "GH"+zero+"-", "gh-", "gh"+zero+"-",
	"#0", "#"+zero+"0", "#1", "#"+zero+"1", "#2", "#"+zero+"2", "#3", "#"+zero+"3", "#4", "#"+zero+"4",
	"#5", "#"+zero+"5", "#6", "#"+zero+"6", "#7", "#"+zero+"7", "#8", "#"+zero+"8", "#9", "#"+zero+"9",
)

// Cell writes s as a cell of a Markdown table, where it is no markup, links nowhere and
// mentions nobody.
func Cell(s string) string { return markup.Replace(InLine(s)) }

// number is a number as CSV files have it.
var number = regexp.MustCompile(`^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$`)

// formulas are the characters that begin a formula in a spreadsheet, the wide ones that
// Excel takes for them too included.
const formulas = "=+-@＝＋－＠"

// CSVCell returns s as a cell of a CSV file. Spreadsheets compute a cell that begins with
// one of =+-@; an apostrophe before it makes it text. Numbers stay numbers.
func CSVCell(s string) string {
	s = InLine(s)
	if first := strings.TrimLeft(s, " "); first != "" && strings.ContainsRune(formulas, []rune(first)[0]) &&
		!number.MatchString(s) {
		return "'" + s
	}
	return s
}
