package convention

import (
	"math/rand/v2"
	"slices"
	"testing"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// TestStepAmongMany: boxes that stand still and objects that go on are found among few, by comparing each, as among many.
func TestStepAmongMany(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 13))
	for range 300 {
		src := &dataset.Source{}
		list := func() (all []still) {
			for range rng.IntN(30) {
				o := dataset.Object{Class: int32(rng.IntN(3))}
				o.Box = geom.Rect{X: float64(rng.IntN(12)), Y: float64(rng.IntN(3)), W: 9, H: 9}
				all = append(all, still{object: int32(len(src.Objects)), images: 1})
				src.Objects = append(src.Objects, o)
			}
			return all
		}
		last, here := list(), list()
		// A class of its own for boxes that are many, and overlap nothing.
		many := slices.Clone(last)
		for k := range fewPairs {
			many = append(many, still{object: int32(len(src.Objects)), images: 1})
			src.Objects = append(src.Objects, dataset.Object{Class: 9, Box: geom.Rect{X: float64(20 * k), W: 9, H: 9}})
		}
		pairs := func(of []still) (all [][2]int) {
			eachOverlap(src, of, here, func(j, k int) { all = append(all, [2]int{j, k}) })
			slices.SortFunc(all, func(a, b [2]int) int { return slices.Compare(a[:], b[:]) })
			return all
		}
		if a, b := pairs(last), pairs(many); !slices.Equal(a, b) {
			t.Fatalf("%v among few, %v among many", a, b)
		}
		takenFew, takenMany := make([]bool, len(last)), make([]bool, len(many))
		few, lots := sameAmong(src, last, takenFew, 1), sameAmong(src, many, takenMany, fewPairs)
		for _, h := range here {
			a, b := few(&src.Objects[h.object]), lots(&src.Objects[h.object])
			if a != b {
				t.Fatalf("%d among few, %d among many", a, b)
			}
			if a >= 0 {
				takenFew[a], takenMany[b] = true, true
			}
		}
	}
}
