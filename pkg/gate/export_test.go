package gate

// HasNoun reports whether a number of a part has a word for people.
func HasNoun(number string) bool { return nouns[number][0] != "" }

// LiteralOf is literal.
var LiteralOf = literal
