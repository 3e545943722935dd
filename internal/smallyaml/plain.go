package smallyaml

import (
	"fmt"
	"regexp"
	"strings"
)

// wrongType is the YAML library's message on a value of another type, which speaks of Go.
var wrongType = regexp.MustCompile(`cannot unmarshal (.+?) into Go (?:struct field \S+|value) of type (\S+)`)

// used is its message on a list or a mapping in place of the other.
var used = regexp.MustCompile(`(\w+) was used where (\w+) is expected`)

// kinds are the words of people for the types and nodes of these messages.
var kinds = map[string]string{
	"string": "a text", "float64": "a number", "int": "a whole number", "bool": "true or false",
	"Whole": "a whole number", "uint64": "a number", "int64": "a number", "float": "a number", "null": "nothing",
	"sequence": "a list", "mapping": "a mapping", "boolean": "true or false", "nan": "a number", "inf": "a number",
	"tag": "a tag (such as !!map)", "anchor": "an anchor (&name)", "alias": "an alias (*name)", "scalar": "a text",
}

// Plain is a message of the YAML library about a value of the wrong type in the words of a file; any other message is
// as it was.
func Plain(message string) string {
	kind := func(s string) string {
		s = s[strings.LastIndexByte(s, '.')+1:]
		switch {
		case kinds[s] != "":
			return kinds[s]
		case strings.HasPrefix(s, "[]"):
			return "a list"
		}
		return "a mapping"
	}
	for _, of := range []*regexp.Regexp{wrongType, used} {
		message = of.ReplaceAllStringFunc(message, func(m string) string {
			found := of.FindStringSubmatch(m)
			return fmt.Sprintf("got %s, expected %s", kind(found[1]), kind(found[2]))
		})
	}
	return message
}
