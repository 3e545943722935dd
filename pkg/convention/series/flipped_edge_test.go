package series

import (
	"path"
	"slices"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
)

// withCopies adds a mirrored copy of each image, with a word behind its name, and the boxes that f makes of an image's width and a box; boxes
// without width are dropped.
func withCopies(src *dataset.Source, behind string, f func(w float64, o *dataset.Object)) *dataset.Source {
	out := realfiles.Rebuilt(src, func(_ int, _ *dataset.Image, own []dataset.Object) []dataset.Object { return own })
	for i := range slices.Clone(out.Images) {
		im := out.Images[i]
		objects := slices.Clone(out.Objects[im.First:im.Last])
		ending := path.Ext(im.File)
		im.File = strings.TrimSuffix(im.File, ending) + behind + ending
		im.First = int32(len(out.Objects))
		for _, o := range objects {
			o.Image = int32(len(out.Images))
			if f(float64(im.Size.W), &o); o.Box.W > 0 {
				out.Objects = append(out.Objects, o)
			}
		}
		im.Last = int32(len(out.Objects))
		out.Images = append(out.Images, im)
	}
	return out
}

// TestFlippedFromEdge: mirrored copies of the real files are told of where x became width - x, cut at the edge or not,
// and not where it became width - x - w.
func TestFlippedFromEdge(t *testing.T) {
	found, of := 0, 0
	sources := realfiles.FirstImages(t)
	for i := range sources {
		src := &sources[i]
		if p := OfFlipped(src); p.Found() {
			t.Errorf("%s: %+v", src.Name, p)
		}
		if len(src.Images) < 60 || src.Images[0].File == "" {
			continue
		}
		of++
		told := 0
		for _, behind := range []string{"_flip", "_aug1"} {
			right := OfFlipped(withCopies(src, behind, func(w float64, o *dataset.Object) { o.Box.X = w - o.Box.X - o.Box.W }))
			if right.FromEdge() {
				t.Errorf("%s, mirrored as is due: %+v", src.Name, right)
			}
			if p := OfFlipped(withCopies(src, behind, func(float64, *dataset.Object) {})); p.Unchanged() != (behind == "_flip") {
				t.Errorf("%s, boxes as they were, %s: %+v", src.Name, behind, p)
			}
			for _, cut := range []bool{false, true} {
				p := OfFlipped(withCopies(src, behind, func(w float64, o *dataset.Object) {
					o.Box.X = w - o.Box.X
					if cut {
						o.Box.W = min(o.Box.W, w-o.Box.X)
					}
				}))
				if p.FromEdge() && !p.Unchanged() {
					told++
				} else {
					t.Logf("%s, %s, cut %t: %+v", src.Name, behind, cut, p)
				}
			}
		}
		found += told / 4
	}
	t.Logf("%d of %d", found, of)
	if found < of-2 {
		t.Errorf("%d of %d files are told of", found, of)
	}
}
