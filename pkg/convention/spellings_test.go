package convention

import (
	"testing"

	"focalaudit/internal/realfiles"
)

// Names that are spelt alike are the reader's to tell of.
func TestSpellings(t *testing.T) {
	for _, c := range []struct {
		files         []string
		names, images int
	}{
		{[]string{"a.jpg", "b.jpg"}, 0, 0},
		{[]string{"a.jpg", "a.jpg"}, 0, 0},
		{[]string{"A.jpg", "B.jpg"}, 0, 0},
		{[]string{"a.jpg", "A.jpg"}, 1, 1},
		{[]string{"x/a.jpg", `x\a.jpg`, "./x/a.jpg", "b.jpg", "B.jpg"}, 2, 3},
		{[]string{"ä.jpg", "a\u0308.jpg"}, 1, 1},
	} {
		src := realfiles.Source("a.json", realfiles.Middle(len(c.files))...)
		for i, f := range c.files {
			src.Images[i].File = f
		}
		if got := Spellings(src); got.Names != c.names || got.Images != c.images {
			t.Errorf("%q: %+v", c.files, got)
		}
	}
}
