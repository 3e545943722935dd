package convention

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// fillGaps returns a source of which some boxes of the images from one on, one in so many, have the mean of all of
// these, or their median, in the place of their own.
func fillGaps(src *dataset.Source, from, oneIn int, median bool, rng *rand.Rand) (*dataset.Source, geom.Rect) {
	var columns [4][]float64
	for i := from; i < len(src.Images); i++ {
		for k := src.Images[i].First; k < src.Images[i].Last; k++ {
			for c, x := range numbersOf(src.Objects[k].Box) {
				columns[c] = append(columns[c], x)
			}
		}
	}
	var fill [4]float64
	for c, x := range columns {
		slices.Sort(x)
		if len(x) == 0 {
			continue
		}
		if fill[c] = x[len(x)/2]; !median {
			sum := 0.0
			for _, v := range x {
				sum += v
			}
			fill[c] = math.Round(100*sum/float64(len(x))) / 100
		}
	}
	box := geom.Rect{X: fill[0], Y: fill[1], W: fill[2], H: fill[3]}
	return realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
		for k := range own {
			if i >= from && rng.IntN(oneIn) == 0 {
				own[k].Box = box
			}
		}
		return own
	}), box
}

// TestAveragedInScenes: boxes that are the mean or the median of the others are told of, in all images or in the last
// third; another box that is the same in as many is not, nor an object that stands at the mean in its place, nor many
// such places.
func TestAveragedInScenes(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 32))
	src := inScenes(600, 1, rng)
	for _, from := range []int{0, 400} {
		for _, median := range []bool{false, true} {
			filled, box := fillGaps(src, from, 6, median, rng)
			a := OfAveraged(filled)
			if !a.Found() || a.Box != box || a.Median != median || (a.To >= 0) != (from > 0) || a.From < int32(from) && from > 0 {
				t.Errorf("from %d, median %v: %+v, want %v", from, median, a, box)
			}
		}
	}
	for what, box := range map[string]func(mean geom.Rect) geom.Rect{
		"at the left":  func(b geom.Rect) geom.Rect { b.X /= 2; return b },
		"lower":        func(b geom.Rect) geom.Rect { b.Y *= 1.2; return b },
		"half as wide": func(b geom.Rect) geom.Rect { b.W /= 2; return b },
		"in a corner":  func(geom.Rect) geom.Rect { return geom.Rect{X: 10, Y: 10, W: 120, H: 20} },
	} {
		_, mean := fillGaps(src, 0, 6, false, rng)
		still := realfiles.Rebuilt(src, func(_ int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
			if rng.IntN(3) == 0 {
				own[0].Box = box(mean)
			}
			return own
		})
		if a := OfAveraged(still); a.Found() {
			t.Errorf("%s: %+v", what, a)
		}
	}
	_, mean := fillGaps(src, 0, 6, false, rng)
	for what, slots := range map[string]int{"one object in its place": 1, "parking slots": 4} {
		still := realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
			own[0].Box, own[0].Class = mean, 3
			own[0].Box.X += float64(i%slots) * 5
			return own
		})
		if a := OfAveraged(still); a.Found() {
			t.Errorf("%s: %+v", what, a)
		}
	}
}

// TestAveraged: no real file has such a box, nor any part or draw of one; with one box in seven filled, as many are told
// of as stand in docs/conventions.md.
func TestAveraged(t *testing.T) {
	rng := rand.New(rand.NewPCG(33, 34))
	tries, of, found := 0, [2]int{}, [2]int{}
	right := func(src *dataset.Source) {
		tries++
		if a := OfAveraged(src); a.Found() {
			t.Errorf("%s, %d images: %+v", src.Name, len(src.Images), a)
		}
	}
	for _, src := range realfiles.FirstImages(t) {
		rightParts(&src, 30, []int{50, 150, 400, 1500}, rng, right)
		for part, from := range [2]int{0, len(src.Images) * 2 / 3} {
			if len(src.Objects)-int(src.Images[from].First) < 150 {
				continue
			}
			of[part]++
			filled, _ := fillGaps(&src, from, 7, false, rng)
			if a := OfAveraged(filled); a.Found() {
				found[part]++
			} else {
				t.Logf("%s, from %d: nothing is told", src.Name, from)
			}
		}
	}
	t.Logf("%d right ones; whole and last third: %d of %d files are told of", tries, found, of)
	if want := [2]int{19, 17}; found != want {
		t.Errorf("of %d files %d are told of, want %d", of, found, want)
	}
}
