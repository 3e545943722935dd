package iou

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"focalaudit/pkg/geom"
)

// bruteForce lists what EachPair promises by a look at each box to the right of each.
func bruteForce(boxes []geom.Box, least float64, most int) (pairs []Pair) {
	order := byLeft(boxes)
	for k, i := range order {
		partners := 0
		for _, j := range order[k+1:] {
			if v := Of(boxes[i], boxes[j]); v >= least && partners < most {
				pairs = append(pairs, Pair{min(i, j), max(i, j), v})
				partners++
			}
		}
	}
	return pairs
}

// crowds are images that are hard on a sweep: boxes that share an edge, a corner or a centre, of one size or of very
// many, in an order of the file that has nothing to do with where they are.
var crowds = map[string]func(r *rand.Rand, i, n int) geom.Box{
	"one left edge": func(r *rand.Rand, _, n int) geom.Box {
		y := r.Float64() * float64(n) * 5
		return geom.Box{X0: 99900, Y0: y, X1: 100000, Y1: y + 20}
	},
	"one upper edge": func(r *rand.Rand, _, n int) geom.Box {
		x := r.Float64() * float64(n) * 5
		return geom.Box{X0: x, Y0: 10, X1: x + 20, Y1: 110}
	},
	"one corner": func(r *rand.Rand, _, _ int) geom.Box {
		return geom.Box{X1: math.Exp(r.Float64() * 20), Y1: math.Exp(r.Float64() * 20)}
	},
	"one centre": func(r *rand.Rand, _, _ int) geom.Box {
		w, h := math.Exp(r.Float64()*20), math.Exp(r.Float64()*20)
		return geom.Box{X0: -w, Y0: -h, X1: w, Y1: h}
	},
	"one area": func(r *rand.Rand, _, _ int) geom.Box {
		w := math.Exp(r.Float64()*20 - 10)
		return geom.Box{X1: w, Y1: 1 / w}
	},
	"wide and low from one left edge, not quite alike": func(r *rand.Rand, i, n int) geom.Box {
		y := float64(r.IntN(max(n/50, 1))) * 3
		return geom.Box{X0: 0, Y0: y + r.Float64(), X1: 1e6 + float64(i%7), Y1: y + 1 + r.Float64()}
	},
	"places of eight boxes, in turn": func(_ *rand.Rand, i, n int) geom.Box {
		y := float64(i % max(n/8, 1) * 50)
		return geom.Box{Y0: y, X1: 30, Y1: y + 30}
	},
	"as many places as each has boxes, in turn": func(_ *rand.Rand, i, n int) geom.Box {
		y := float64(i % int(math.Sqrt(float64(n))) * 50)
		return geom.Box{Y0: y, X1: 30, Y1: y + 30}
	},
	"two shapes that share a third": func(r *rand.Rand, i, n int) geom.Box {
		if i < n/2 {
			return geom.Box{X0: r.Float64(), X1: 100, Y1: 50}
		}
		return geom.Box{X0: 1 + r.Float64(), X1: 51, Y1: 100}
	},
	"equal":      func(*rand.Rand, int, int) geom.Box { return geom.Box{X0: 1, Y0: 1, X1: 9, Y1: 9} },
	"everywhere": func(r *rand.Rand, _, _ int) geom.Box { return anyBox(r, 1000, 100) },
	"a stairway": func(_ *rand.Rand, i, _ int) geom.Box {
		return geom.Box{X0: float64(i), Y0: float64(i), X1: float64(i) + 1000, Y1: float64(i) + 1000}
	},
	"numbers that no picture has": func(r *rand.Rand, _, _ int) geom.Box {
		odd := []float64{0, 1, 2, -1, 1e308, -1e308, 5e-324, 1e-160, 1 << 53, math.Inf(1), math.Inf(-1), math.NaN()}
		pick := func() float64 { return odd[r.IntN(len(odd))] }
		return geom.Box{X0: pick(), Y0: pick(), X1: pick(), Y1: pick()}
	},
}

func anyBox(r *rand.Rand, place, side float64) geom.Box {
	x, y := r.Float64()*place, r.Float64()*place
	return geom.Box{X0: x, Y0: y, X1: x + r.Float64()*side, Y1: y + r.Float64()*side}
}

// TestEachPairAsByBruteForce: the same pairs in the same order, by the sweep, by the tree, and by both together.
func TestEachPairAsByBruteForce(t *testing.T) {
	capped := 0
	for name, box := range crowds {
		found := 0
		for seed := range uint64(120) {
			r := rand.New(rand.NewPCG(seed, 8))
			n := 1 + r.IntN(150)
			boxes := make([]geom.Box, n)
			for i := range boxes {
				boxes[i] = box(r, i, n)
			}
			least := []float64{1e-9, 0.1, 0.5, 0.9, 0.95}[r.IntN(5)]
			for _, most := range []int{1, 3, MaxPartners, 64} {
				want := bruteForce(boxes, least, most)
				if len(bruteForce(boxes, least, n)) > len(want) {
					capped++
				}
				found += len(want)
				for _, patience := range []int{0, 1, 7, 10_000} {
					var got []Pair
					eachPair(boxes, least, most, patience, func(p Pair) { got = append(got, p) })
					if !slices.Equal(got, want) {
						t.Fatalf("%s, seed %d, %d boxes, least %g, most %d, patience %d: got %v, want %v",
							name, seed, n, least, most, patience, got, want)
					}
				}
			}
		}
		if found < 40 {
			t.Errorf("%s: only %d pairs were there to find", name, found)
		}
	}
	if capped < 1000 {
		t.Errorf("boxes had more than the most partners in %d images only", capped)
	}
}

// TestEachPairOfManyBoxes: the work grows as the boxes do, with some slack for the depth of the tree. A sweep that
// goes on to the end would look at 64 times as many boxes for eight times as many.
func TestEachPairOfManyBoxes(t *testing.T) {
	const n = 2500
	for name, box := range crowds {
		for _, c := range []struct {
			least float64
			most  int
		}{{0.1, 64}, {0.5, 64}, {0.9, MaxPartners}} {
			var looks [2]float64
			for i, n := range []int{n, 8 * n} {
				r := rand.New(rand.NewPCG(1, 9))
				boxes := make([]geom.Box, n)
				for k := range boxes {
					boxes[k] = box(r, k, n)
				}
				looks[i] = float64(eachPair(boxes, c.least, c.most, patience, func(Pair) {})) / float64(n)
			}
			t.Logf("%s, least %g, most %d: %.0f and %.0f looks a box", name, c.least, c.most, looks[0], looks[1])
			if looks[1] > 2*looks[0]+2*patience {
				t.Errorf("%s, least %g, most %d: %.0f looks a box, %.0f with eight times as many",
					name, c.least, c.most, looks[0], looks[1])
			}
		}
	}
}

// BenchmarkEachPair is of usual images, and of crowds.
func BenchmarkEachPair(b *testing.B) {
	type image struct {
		name  string
		boxes []geom.Box
	}
	var images []image
	r := rand.New(rand.NewPCG(1, 10))
	for _, n := range []int{7, 40, 300, 2000} {
		boxes := make([]geom.Box, n)
		for i := range boxes {
			boxes[i] = anyBox(r, 640, 200)
		}
		images = append(images, image{fmt.Sprintf("usual/%d", n), boxes})
	}
	for name, box := range crowds {
		boxes := make([]geom.Box, 20_000)
		for i := range boxes {
			boxes[i] = box(r, i, len(boxes))
		}
		images = append(images, image{name, boxes})
	}
	slices.SortFunc(images, func(a, b image) int { return len(a.boxes) - len(b.boxes) })
	for _, im := range images {
		for _, least := range []float64{0.1, 0.5, 0.9} {
			b.Run(fmt.Sprintf("%s/%g", im.name, least), func(b *testing.B) {
				for b.Loop() {
					EachPair(im.boxes, least, 64, func(Pair) {})
				}
			})
		}
	}
}
