package spelling

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// wordOperators are the operators of expressions that are words.
const wordOperators = "and|or|not|in|contains|matches|startsWith|endsWith"

// The messages of the expression library (expr 1.17) that speak of its tokens; the last group is what stands behind,
// a drawing of the place.
var (
	cutOff      = regexp.MustCompile(`^(?:.*\()?unexpected token EOF\)? \(\d+:\d+\)`)
	wrongToken  = regexp.MustCompile(`^(?:.*\()?unexpected token \w+\((".*?")\)\)? \((\d+):(\d+)\)`)
	noClosing   = regexp.MustCompile(`^(?:literal not terminated|unclosed comment) \(\d+:\d+\)`)
	nilArgument = regexp.MustCompile(`^invalid argument for (\w+) \(type %!s\(<nil>\)\)`)
	noNumber    = regexp.MustCompile(`^invalid \w+ literal: strconv\.\w+: parsing (".*?"): invalid syntax`)
	wantsValue  = regexp.MustCompile(`(^|[-+*/%^&|<>=!(,\[{?:]|\b(` + wordOperators + `))\s*$`)
	quotedParts = regexp.MustCompile(`"(\\.|[^"\\])*"|'(\\.|[^'\\])*'|` + "`[^`]*`")
)

// Expression is a message of the expression library on a text that can't be read, in plain words: where, what was
// found and what was expected. Any other message is as it was.
func Expression(text, message string) string {
	found := ""
	switch of := cutOff.FindString(message); {
	case of != "":
		found = "it ends too early: expected " + ending(text)
		message = message[len(of):]
	case noClosing.MatchString(message):
		found = "a text or a comment that begins here has no end: expected a closing quote, or */"
		if q := strings.TrimSpace(quotedParts.ReplaceAllString(text, "")); strings.ContainsAny(q, "\"'`") {
			found = fmt.Sprintf("the quote %s is not closed: expected another one",
				q[strings.IndexAny(q, "\"'`"):][:1])
		}
		message = message[len(noClosing.FindString(message)):]
	default:
		if of := nilArgument.FindStringSubmatch(message); of != nil {
			return of[1] + " of nil: expected a value" + message[len(of[0]):]
		}
		if number := noNumber.FindStringSubmatch(message); number != nil {
			return number[1] + " is no number" + message[len(number[0]):]
		}
		token := wrongToken.FindStringSubmatch(message)
		if token == nil {
			return message
		}
		found = token[1] + fmt.Sprintf(" at column %s: expected %s", token[3], before(text, token[2], token[3]))
		if token[2] != "1" {
			found = strings.Replace(found, "at column", "in line "+token[2]+", column", 1)
		}
		found, message = "got "+found, message[len(token[0]):]
	}
	return found + message
}

// ending says what is missing at the end of a text that was cut off.
func ending(text string) string {
	bare := strings.TrimSpace(quotedParts.ReplaceAllString(text, `0`))
	behind := strconv.Quote(clip(strings.TrimSpace(text)))
	var open []rune
	for _, c := range bare {
		switch c {
		case '(', '[', '{':
			open = append(open, c)
		case ')', ']', '}':
			open = open[:max(0, len(open)-1)]
		}
	}
	switch {
	case bare == "":
		return "a condition, such as errors > 0"
	case wantsValue.MatchString(bare):
		return "a name or a value behind " + behind
	case len(open) > 0:
		return fmt.Sprintf("%q behind %s", map[rune]rune{'(': ')', '[': ']', '{': '}'}[open[len(open)-1]], behind)
	case strings.Contains(bare, "?"):
		return "a colon and a value behind " + behind
	}
	return "more behind " + behind
}

// before says what is expected behind the text that stands before a place.
func before(text, line, column string) string {
	l, _ := strconv.Atoi(line)
	c, _ := strconv.Atoi(column)
	lines := strings.Split(text, "\n")
	if l < 1 || l > len(lines) {
		return "something else"
	}
	runes := []rune(lines[l-1])
	head := strings.Join(lines[:l-1], "\n") + string(runes[:max(0, min(c-1, len(runes)))])
	if wantsValue.MatchString(quotedParts.ReplaceAllString(head, `0`)) {
		return "a name or a value"
	}
	return "an operator such as and, or, ==, or the end"
}

// clip shortens a text to its last characters.
func clip(s string) string {
	const most = 20
	if runes := []rune(s); len(runes) > most {
		return "…" + string(runes[len(runes)-most:])
	}
	return s
}
