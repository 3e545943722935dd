package text

import (
	"strconv"
	"strings"
)

// Group writes a whole number with commas between thousands.
func Group(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Plural counts things whose plural ends in s: "1 class", "1,500 classes".
func Plural(n int, thing string) string {
	switch {
	case n == 1:
		return "1 " + thing
	case strings.HasSuffix(thing, "s"):
		return Group(int64(n)) + " " + thing + "es"
	}
	return Group(int64(n)) + " " + thing + "s"
}

// Short writes a number with the fewest digits that give it back.
func Short(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
