package verdict

import (
	"io"

	"focalaudit/pkg/gate"
	"focalaudit/pkg/text"
)

// asJSON writes a verdict as JSON.
func asJSON(w io.Writer, v *gate.Verdict, _ Options) error { return text.JSON(w, v) }
