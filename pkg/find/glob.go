package find

import (
	"fmt"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// checkGlob returns an error if a glob is malformed.
func checkGlob(g string) error {
	if !doublestar.ValidatePattern(g) {
		return fmt.Errorf("glob %q: %w", g, doublestar.ErrBadPattern)
	}
	return nil
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

// hasWildcard tells whether a glob can stand for several names in one directory.
func hasWildcard(g string) bool { return strings.ContainsAny(g, "*?[{") || strings.HasSuffix(g, "/") }
