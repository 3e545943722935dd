package convention

import (
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
)

// TestQuiet: no real file, as a whole and with its classes, shows what the later rules tell of.
func TestQuiet(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for _, dir := range []string{"data", "glyphs"} {
		d := realfiles.Read(t, false, realfiles.Shared(t, dir))
		for s := range d.Sources {
			for _, f := range InspectSource(d, s) {
				for _, words := range []string{
					"row and column", "x and y are exchanged", "read from xmax, xmin", "the turn left out",
					"number the objects of each image", "whose names end with", "mirrored left edge",
					"joined with those that they lie on",
				} {
					if strings.Contains(f.Message, words) {
						t.Errorf("%s: %s", d.Sources[s].Name, f.Message)
					}
				}
			}
		}
	}
}
