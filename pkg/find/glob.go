package find

import (
	"fmt"
	"path"
	"strings"
)

// checkGlob returns an error if a glob is malformed.
func checkGlob(g string) error {
	for e := range strings.SplitSeq(g, "/") {
		if _, err := path.Match(e, ""); err != nil {
			return fmt.Errorf("glob %q: %w", g, err)
		}
	}
	return nil
}

// matchGlob tells whether a glob holds for a file's name; see Files.
func matchGlob(g, name string) bool {
	if below, ok := strings.CutSuffix(g, "/"); ok {
		g = below + "/**"
	}
	elements := strings.Split(name, "/")
	if !strings.Contains(g, "/") && g != "**" {
		ok, _ := path.Match(g, elements[len(elements)-1])
		return ok
	}
	return matchElements(strings.Split(g, "/"), elements)
}

// matchElements matches a glob's elements with a name's. It remembers the last
// ** and, where the rest does not fit, lets that one take one element more.
func matchElements(glob, name []string) bool {
	g, n := 0, 0
	star, from := -1, 0
	for n < len(name) {
		if g < len(glob) && glob[g] == "**" {
			star, from = g, n
			g++
			continue
		}
		if g < len(glob) {
			if ok, _ := path.Match(glob[g], name[n]); ok {
				g++
				n++
				continue
			}
		}
		if star < 0 {
			return false
		}
		from++
		g, n = star+1, from
	}
	for g < len(glob) && glob[g] == "**" {
		g++
	}
	return g == len(glob)
}
