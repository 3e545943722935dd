package convention

import (
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/reading"
)

// TestAtLeast: where some outlines alone were compared, the count of boxes that fit theirs by another convention is a
// lower end, and the finding says so and how to have all.
func TestAtLeast(t *testing.T) {
	src := realfiles.Source("a.json", realfiles.Middle(40)...)
	for total, want := range map[int]string{
		40: "at least 3 of 40 boxes are centre and size (cx, cy, w, h): of the 18 whose outline was compared, 3 fit it in " +
			"no other way (--check-outlines compares every one). Write ",
		18: "3 of 18 boxes fit their outlines only as centre and size (cx, cy, w, h). Write ",
	} {
		b := &Boxes{Reading: reading.Reading{Form: reading.Centre}, By: ByOutline, Fits: 3, Of: 18, Total: total, Example: -1}
		if f := b.Finding(src, 0); !strings.HasPrefix(f.Message, want) || f.Cases != 3 {
			t.Errorf("got  %q, %d cases\nwant %q", f.Message, f.Cases, want)
		}
	}
}
