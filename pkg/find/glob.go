package find

import (
	"fmt"
	"path"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// The bounds of a glob: the library tries each choice of alternatives anew.
const (
	maxGlob    = 4 << 10 // bytes
	maxChoices = 1000
)

// checkGlob returns an error if a glob is malformed, or would take too long to match.
func checkGlob(g string) error {
	if len(g) > maxGlob {
		return fmt.Errorf("glob %.40q…: got %d bytes, expected at most %d", g, len(g), maxGlob)
	}
	if !doublestar.ValidatePattern(g) {
		return fmt.Errorf("glob %q: %w", g, doublestar.ErrBadPattern)
	}
	if choices(g) > maxChoices {
		return fmt.Errorf("glob %.40q…: its alternatives {a,b} can be chosen in more than %d ways: "+
			"expected fewer; --include and --exclude may be repeated", g, maxChoices)
	}
	return nil
}

// choices counts in how many ways the alternatives of a valid glob can be chosen, at least:
// the product over all braces of their parts. It stops beyond maxChoices.
func choices(g string) int {
	product := 1
	var parts []int // of the braces that are open
	for i := 0; i < len(g) && product <= maxChoices; i++ {
		switch last := len(parts) - 1; {
		case g[i] == '\\':
			i++
		case g[i] == '{':
			parts = append(parts, 1)
		case g[i] == ',' && last >= 0:
			parts[last]++
		case g[i] == '}' && last >= 0:
			product *= parts[last]
			parts = parts[:last]
		}
	}
	return product
}

// matchGlob tells whether a glob holds for a file's name; see Files. Beyond the
// library's rules, a trailing / stands for all below, and a glob without / is about the
// last element.
func matchGlob(g, name string) bool {
	switch {
	case strings.HasSuffix(g, "/"):
		g += "**"
	case !strings.Contains(g, "/"):
		g = "**/" + g
	}
	ok, _ := doublestar.Match(g, name) // checkGlob has seen the error
	return ok
}

// matchPath tells whether a glob holds for a file's name or for that of a directory above it.
func matchPath(g, name string) bool {
	if matchGlob(g, name) {
		return true
	}
	g = strings.TrimSuffix(g, "/")
	for dir := path.Dir(name); g != "" && dir != "." && dir != "/"; dir = path.Dir(dir) {
		if matchGlob(g, dir) {
			return true
		}
	}
	return false
}

// hasWildcard tells whether a glob can stand for several names in one directory.
func hasWildcard(g string) bool { return strings.ContainsAny(g, "*?[{") || strings.HasSuffix(g, "/") }
