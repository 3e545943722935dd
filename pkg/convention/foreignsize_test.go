package convention

import (
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
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
	sources := realfiles.FirstImages(t)
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

// TestFitsOne: a box fits one of several sizes as where each is tried, of which none holds another. Of 200,000 sizes and
// as many boxes, 4·10¹⁰ pairs would not be done within a test's time.
func TestFitsOne(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 3))
	for range 2000 {
		sizes := make([]geom.Size, rng.IntN(6))
		for i, w, h := 0, 100, 10; i < len(sizes); i++ {
			w, h = w-1-rng.IntN(12), h+1+rng.IntN(12)
			sizes[i] = geom.Size{W: w, H: h}
		}
		right, bottom := rng.Float64()*110, rng.Float64()*80
		want := slices.ContainsFunc(sizes, func(s geom.Size) bool {
			return right <= (1+reading.Slack)*float64(s.W)+reading.SlackPixels && bottom <= (1+reading.Slack)*float64(s.H)+reading.SlackPixels
		})
		if got := fitsOne(sizes, right, bottom); got != want {
			t.Fatalf("%v, %f, %f: %t, want %t", sizes, right, bottom, got, want)
		}
	}
	const n = 200_000
	sizes := make([]geom.Size, n)
	for i := range sizes {
		sizes[i] = geom.Size{W: 2*n - i, H: n + i}
	}
	for i := range sizes {
		right, bottom := float64(sizes[i].W), float64(sizes[i].H)
		if !fitsOne(sizes, right, bottom) || fitsOne(sizes, 1.5*right, 1.5*bottom) {
			t.Fatalf("size %d of %d: its own box does not fit, or a larger one does", i, n)
		}
	}
}
