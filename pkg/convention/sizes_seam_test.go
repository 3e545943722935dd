package convention

import (
	"testing"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// TestSeamIsNoSize: boxes of tiles that end at their seam pile up as if the pictures ended there, but they do not.
func TestSeamIsNoSize(t *testing.T) {
	for _, joined := range []bool{true, false} {
		src := &dataset.Source{Name: "a.json"}
		for i := range 90 {
			im := dataset.Image{ID: dataset.PlainID(int64(i + 1)), Size: geom.Size{W: 1023 + i%3, H: 700}}
			im.First = int32(len(src.Objects))
			add := func(x, y, w float64) {
				o := dataset.Object{Image: int32(i), Box: geom.Rect{X: x, Y: y, W: w, H: 40}}
				src.Objects = append(src.Objects, o)
			}
			y := float64(7 * i)
			add(512-30-float64(i%40), y, 30+float64(i%40))
			if joined { // the rest of the object, in the tile beside
				add(512, y, 30+float64(i%40))
			}
			add(float64(5*i), 690-y, 33)
			add(float64(980-5*i), 650-y, 43)
			im.Last = int32(len(src.Objects))
			src.Images = append(src.Images, im)
		}
		z := OfSizes(src)
		if z.Kind != PiledRight {
			t.Fatalf("joined %t: kind %d, want piled up", joined, z.Kind)
		}
		if got := z.seamed(src); got != joined {
			t.Errorf("joined %t: seamed %t", joined, got)
		}
	}
}

// TestApartInPart: one in ten of the outlines that were compared is enough, and ten of them.
func TestApartInPart(t *testing.T) {
	for _, c := range []struct {
		apart, compared int
		want            bool
	}{{10, 100, true}, {10, 101, false}, {9, 20, false}, {37, 366, true}} {
		tally := tally{compared: c.compared}
		tally.outlines[dataset.OutlineApart] = c.apart
		if got := tally.apart(); got != c.want {
			t.Errorf("%d of %d: %t, want %t", c.apart, c.compared, got, c.want)
		}
	}
}
