package smallyaml

import "testing"

// TestPlain: the library's messages about types, as version 1.19 words them.
func TestPlain(t *testing.T) {
	for message, want := range map[string]string{
		"[1:18] cannot unmarshal string into Go struct field Policy.OnlyNew of type bool":     "[1:18] got a text, expected true or false",
		"cannot unmarshal []interface {} into Go struct field Policy.Baseline of type string": "got a list, expected a text",
		"cannot unmarshal map[string]interface {} into Go value of type float64":              "got a mapping, expected a number",
		"[1:15] int was used where sequence is expected":                                      "[1:15] got a whole number, expected a list",
		"[1:17] mapping was used where sequence is expected":                                  "[1:17] got a mapping, expected a list",
		"[2:1] unexpected key name":                                                           "[2:1] unexpected key name",
	} {
		if got := Plain(message); got != want {
			t.Errorf("%q: %q, want %q", message, got, want)
		}
	}
}
