package gate

import "regexp/syntax"

// HasNoun reports whether a number of a part has a word for people.
func HasNoun(number string) bool { return nouns[number][0] != "" }

// LiteralOf is literal.
var LiteralOf = literal

// SizeOfPattern is how many instructions a pattern is taken to have.
func SizeOfPattern(text string) int {
	re, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return 0
	}
	return sizeOf(re) + ends
}
