package convention

import (
	"path"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// normal returns the one spelling of file names that differ in no more than the
// separator, "./", case and the form of Unicode.
func normal(name string) string {
	if plain(name) {
		return name
	}
	name = strings.ToLower(norm.NFC.String(strings.ReplaceAll(name, `\`, "/")))
	if name == "" {
		return ""
	}
	return path.Clean(name)
}

// plain tells whether a name is its own normal spelling, as nearly all are.
func plain(name string) bool {
	for i := range len(name) {
		switch c := name[i]; {
		case c >= 0x80 || c == '\\' || c >= 'A' && c <= 'Z':
			return false
		case c == '/' && (i+1 == len(name) || name[i+1] == '/' || name[i+1] == '.'):
			return false
		case c == '.' && i == 0:
			return false
		}
	}
	return true
}
