package convention

import (
	"path"
	"slices"
	"strings"
	"testing"

	"focalaudit/pkg/dataset"
)

// grown says which of the two a file with boxes beyond its images is told to have: boxes of other images, or of larger
// pictures; nothing if it is told of neither.
func grown(src *dataset.Source) string {
	s := OfSizes(src)
	if s.Kind != Grown {
		return ""
	}
	if strings.Contains(s.grownMessage(src), "those of other images of this file") {
		return "others"
	}
	return "scaled"
}

// TestOtherImages: boxes of other images are not told to be scaled, and those of pictures of another size are.
func TestOtherImages(t *testing.T) {
	sources := firstImages(t)
	counts := map[string]int{}
	for i := range sources {
		src := &sources[i]
		for name, f := range map[string]float64{"half as large": 0.5, "two thirds as large": 2. / 3} {
			if said := grown(resize(src, times(f))); said != "" {
				counts[name+" "+said]++
			}
		}
		last := map[string]int{}
		for k := range src.Images {
			last[path.Base(src.Images[k].File)] = k
		}
		moved := asIs(src)
		at := make([][]dataset.Object, len(src.Images))
		for k := range moved.Images {
			im := &moved.Images[k]
			to := last[path.Base(im.File)]
			if src.Name != "taco/annotations.json" { // names that differ: joined by three digits
				to = (k*7919 + 13) % min(100, len(moved.Images))
			}
			to = min(to, len(moved.Images)-1)
			at[to] = append(at[to], moved.Objects[im.First:im.Last]...)
		}
		joined := asIs(src)
		joined.Objects = nil
		for k := range joined.Images {
			im := &joined.Images[k]
			im.First = int32(len(joined.Objects))
			for _, o := range slices.Clone(at[k]) {
				o.Image = int32(k)
				joined.Objects = append(joined.Objects, o)
			}
			im.Last = int32(len(joined.Objects))
		}
		if said := grown(joined); said != "" {
			counts["joined "+said]++
			t.Logf("%s, joined: %s", src.Name, said)
		}
	}
	t.Log(counts)
	if counts["joined scaled"] > 0 || counts["joined others"] < 1 || counts["half as large others"] > 0 ||
		counts["two thirds as large others"] > 0 || counts["half as large scaled"] < 5 {
		t.Error(counts)
	}
}
