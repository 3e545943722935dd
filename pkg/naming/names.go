package naming

import (
	"path"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Normal returns the one spelling of file names that differ in no more than the
// separator, "./", case and the form of Unicode.
func Normal(name string) string {
	if Plain(name) {
		return name
	}
	name = strings.ToLower(norm.NFC.String(strings.ReplaceAll(name, `\`, "/")))
	if name == "" {
		return ""
	}
	return path.Clean(name)
}

// Plain tells whether a name is its own normal spelling, as nearly all are.
func Plain(name string) bool {
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
