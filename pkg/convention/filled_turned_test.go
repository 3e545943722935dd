package convention

import (
	"math"
	"math/rand/v2"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
)

// TestSortedIsNoFailedLookup: in files that are sorted by the first object of each picture, a class has a stretch of its
// own, as the others have.
func TestSortedIsNoFailedLookup(t *testing.T) {
	for _, c := range []struct {
		marks    []int32
		from, to int
		want     bool
	}{
		{[]int32{0, 0, -1, 0, 3, 3, 3, 3, 1, -1, 1, -1, -1, 2, 2}, 4, 8, true},
		{[]int32{0, 0, -1, 1, 3, 3, 3, 3, 0, -1, 1, -1, -1, 2, 2}, 4, 8, false}, // 0 comes back
		{[]int32{0, 0, -1, 0, 3, 3, 3, 3, 1, -1, 1, -1}, 4, 8, false},           // two only
	} {
		if got := sortedMarks(c.marks, c.from, c.to); got != c.want {
			t.Errorf("%v: %v", c.marks, got)
		}
	}
	sources := realfiles.FirstImages(t)
	for i := range sources {
		if l := OfOneLabel(orderedBy(&sources[i], scenes["class"])); l.Found() && l.Default() {
			t.Errorf("%s: %+v", sources[i].Name, l)
		}
	}
}

// TestTurnedClassIsNoDefault: where pictures are turned at random, a class of mean size has the boxes of all others, and
// stands where pictures lie turned. A class that is written at random is a default in either.
func TestTurnedClassIsNoDefault(t *testing.T) {
	const kinds = 8
	for seed := range uint64(5) {
		rng := rand.New(rand.NewPCG(seed, 88))
		draw := func(named func(kind int) int32) *dataset.Source {
			image := -1
			src := drawn(800, 800, 600, func(put func(class int32, x, y, w, h float64)) {
				image++
				for range 5 {
					kind := rng.IntN(kinds)
					size, shape := 60*math.Exp(float64(kind-4)/3+.4*rng.NormFloat64()), float64(kind%3-1)
					if kind == 4 {
						shape = .6
					}
					shape = math.Exp(shape + .3*rng.NormFloat64())
					w, h := min(size*math.Sqrt(shape), 780), min(size/math.Sqrt(shape), 580)
					y := (600 - h) * (.2*float64(kind%4) + .4*rng.Float64())
					put(named(kind), (800-w)*rng.Float64(), y, w, h)
				}
			})
			for c := range kinds + 1 {
				src.Categories = append(src.Categories, dataset.Category{ID: dataset.PlainID(int64(c + 1)), Class: int32(c)})
			}
			return realfiles.Rebuilt(src, func(_ int, im *dataset.Image, own []dataset.Object) []dataset.Object {
				turnedImage(im, own, rng.IntN(4))
				return own
			})
		}
		right := OfColumns(draw(func(kind int) int32 { return int32(kind) })).Filler
		wrong := OfColumns(draw(func(kind int) int32 {
			if rng.IntN(5) == 0 {
				return kinds
			}
			return int32(kind)
		})).Filler
		if right.Class >= 0 {
			t.Errorf("%d: right: %+v", seed, right)
		}
		if wrong.Class < 0 || wrong.Apart > .02 {
			t.Errorf("%d: wrong: %+v", seed, wrong)
		}
	}
	if testing.Short() {
		return
	}
	found, sources := 0, realfiles.FirstImages(t)
	for i := range sources {
		rng := rand.New(rand.NewPCG(uint64(i), 89))
		out := realfiles.Rebuilt(&sources[i], func(_ int, im *dataset.Image, own []dataset.Object) []dataset.Object {
			turnedImage(im, own, rng.IntN(4))
			return own
		})
		if c := OfColumns(out).Filler; c.Class >= 0 {
			t.Errorf("%s: %+v", sources[i].Name, c)
		}
		found += sample.One(len(out.Images) > 0)
	}
	if found == 0 {
		t.Error("no file was tried")
	}
}
