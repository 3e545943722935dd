package text

import (
	"encoding/json"
	"io"
)

// JSON writes a value for people to read too: indented by two spaces, with <, > and &
// as they are.
func JSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
