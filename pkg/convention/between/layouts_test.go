package between

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// TestRepeatedLayouts holds byBoxes to a look at all pairs of images.
func TestRepeatedLayouts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	d := &dataset.Dataset{Sources: make([]dataset.Source, 3)}
	for range 4000 {
		s := &d.Sources[r.IntN(3)]
		im := dataset.Image{File: fmt.Sprintf("%d.jpg", len(s.Images)), Size: geom.Size{W: 640, H: 480}, First: int32(len(s.Objects))}
		layout := r.IntN(2500)
		for k := range r.IntN(4) {
			s.Objects = append(s.Objects, dataset.Object{Box: geom.Rect{X: float64(layout) / 7, Y: float64(k), W: 9, H: 9}})
		}
		im.Last = int32(len(s.Objects))
		s.Images = append(s.Images, im)
	}
	in := make([]map[layoutKey][]int32, len(d.Sources))
	for s := range d.Sources {
		in[s] = map[layoutKey][]int32{}
		for i := range d.Sources[s].Images {
			if key, ok := layout(&d.Sources[s], int32(i)); ok {
				in[s][key] = append(in[s][key], int32(i))
			}
		}
	}
	pairs, again, repeats := byBoxes(d, Sighted(d, Layouts))
	for b := range d.Sources {
		var want []twin
		n := 0
		for key, images := range in[b] {
			if key[0]&1 == 1 { // one box, which takes one id too
				continue
			}
			n += sample.One(len(images) > 1)
			if len(images) == 2 && images[1] > images[0]+1 {
				want = append(want, twin{images[0], images[1]})
			}
			for a := range b {
				if other := in[a][key]; len(images) == 1 && len(other) == 1 {
					if !slices.Contains(pairs[[2]int{a, b}].byBoxes, twin{other[0], images[0]}) {
						t.Errorf("images %d and %d of sources %d and %d are not a pair", other[0], images[0], a, b)
					}
				}
			}
		}
		if repeats[b] != n {
			t.Errorf("source %d: %d lists come again, want %d", b, repeats[b], n)
		}
		got := slices.Clone(again[b])
		slices.SortFunc(got, func(x, y twin) int { return int(x.a - y.a) })
		slices.SortFunc(want, func(x, y twin) int { return int(x.a - y.a) })
		if len(want) < 10 || !slices.Equal(got, want) {
			t.Errorf("source %d: got %d images twice, want %d", b, len(got), len(want))
		}
	}
}
