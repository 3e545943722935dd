package iou

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"focalaudit/pkg/geom"
)

// TestIndexFindsAllThatFit compares with a look at every box: with 0, all that
// overlap are found, else at least those that reach an IoU, each at most once.
func TestIndexFindsAllThatFit(t *testing.T) {
	for seed := range uint64(200) {
		w := world{rand.New(rand.NewPCG(seed, 5))}
		grids := w.grids()
		boxes := make([]geom.Box32, 200)
		for i := range boxes {
			boxes[i] = w.object(grids, boxes[:i], true)
		}
		x := newNearby(boxes)
		for range 20 {
			q := w.object(grids, boxes, false)
			for _, least := range []float32{0, 0.1, 0.5, 0.95} {
				got := map[int]int{}
				x.each(q, least, func(i int) { got[i]++ })
				for i, b := range boxes {
					overlap := b.X0 < q.X1 && q.X0 < b.X1 && b.Y0 < q.Y1 && q.Y0 < b.Y1
					must := overlap && (least == 0 || Of32(b, q) >= least)
					if got[i] > 1 || got[i] > 0 && !overlap || must && got[i] == 0 {
						t.Fatalf("seed %d, least %v, %v: box %d, %v, overlaps: %v, found %d times", seed, least, q, i, b, overlap, got[i])
					}
				}
			}
		}
	}
}

// TestPairsFindsAllPairs compares with all pairs, where no box has more
// partners than Pairs keeps.
func TestPairsFindsAllPairs(t *testing.T) {
	found := 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 6))
		var boxes []geom.Box
		for len(boxes) < 20 {
			b := geom.Box{X0: r.Float64() * 100, Y0: r.Float64() * 100}
			b.X1, b.Y1 = b.X0+r.Float64()*50, b.Y0+r.Float64()*50
			boxes = append(boxes, b)
			if r.IntN(3) == 0 {
				boxes = append(boxes, geom.Box{X0: b.X0 + r.Float64(), Y0: b.Y0, X1: b.X1, Y1: b.Y1})
			}
		}
		least := 0.5 + r.Float64()/2
		var want []Pair
		for i, a := range boxes {
			for j := i + 1; j < len(boxes); j++ {
				if v := Of(a, boxes[j]); v >= least {
					want = append(want, Pair{i, j, v})
				}
			}
		}
		got := Pairs(boxes, least)
		slices.SortFunc(got, func(a, b Pair) int { return (a.I-b.I)*1000 + a.J - b.J })
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d: got %v, want %v", seed, got, want)
		}
		any := false // one partner at most is enough to tell whether there are pairs
		if EachPair(boxes, least, 1, func(Pair) { any = true }); any != (len(want) > 0) {
			t.Fatalf("seed %d: got pairs %v, want %v", seed, any, want)
		}
		found += len(want)
	}
	if found < 100 {
		t.Errorf("only %d pairs were there to find", found)
	}
}

// TestPairsOfEqualBoxesStayLinear: each of n equal boxes keeps a few partners.
func TestPairsOfEqualBoxesStayLinear(t *testing.T) {
	boxes := slices.Repeat([]geom.Box{{X0: 1, Y0: 1, X1: 9, Y1: 9}}, 5000)
	if n := len(Pairs(boxes, 0.9)); n > MaxPartners*len(boxes) || n < len(boxes)-1 {
		t.Errorf("got %d pairs of %d equal boxes", n, len(boxes))
	}
}

// TestAspect: boxes of one area whose sides differ by a factor r share 1/r of it, 1/(2r-1)
// of their union.
func TestAspect(t *testing.T) {
	for _, r := range []float64{1, 1.25, 2, 5} {
		want := Of(geom.Box{X0: -50, Y0: -50, X1: 50, Y1: 50}, geom.Box{X0: -50 * r, Y0: -50 / r, X1: 50 * r, Y1: 50 / r})
		if f := (Fit{Stretch: r}); math.Abs(f.Aspect()-want) > 1e-12 {
			t.Errorf("r %v: got %v, want %v", r, f.Aspect(), want)
		}
	}
}

// TestFitOf: a 32 × 64 px object and anchors of 64 × 64 and 16 × 16 px. With
// the large one it shares 32·64 of 64·64 px²: 1/2.
func TestFitOf(t *testing.T) {
	grids := []geom.Grid{{Shapes: []geom.Box32{{X0: -32, Y0: -32, X1: 32, Y1: 32}, {X0: -8, Y0: -8, X1: 8, Y1: 8}}}}
	if got, want := fitOf(32, 64, grids, 0), (Fit{IoU: 0.5, Smallest: 16, Largest: 64, Stretch: math.Sqrt2}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestBackground counts the anchors that a box reaches, less those that are not
// negative, against a look at every anchor.
func TestBackground(t *testing.T) {
	m := Matcher{Low: 0.3, High: 0.5, Rescue: true}
	total := 0
	for seed := range uint64(300) {
		w := world{rand.New(rand.NewPCG(seed, 7))}
		grids := w.grids()
		var r Matching
		objects := w.objects(grids, false)
		m.List = true
		m.Match(&r, objects, grids)
		crowd := w.object(grids, nil, false)
		labels := map[int32]Label{}
		for _, a := range r.Matches {
			labels[a.Anchor] = a.Label
		}
		want := 0
		for i := range grids {
			g := &grids[i]
			for k := g.First; k < g.First+g.Len(); k++ {
				label, listed := labels[int32(k)]
				if !listed {
					label = r.Rest.Label
				}
				if Of32(crowd, g.At(g.Place(k))) >= m.Low && label == Negative {
					want++
				}
			}
		}
		for _, m.List = range []bool{true, false} {
			m.Match(&r, objects, grids)
			if got := r.background(m, crowd, grids); got != want {
				t.Fatalf("seed %d, list %v: got %d, want %d", seed, m.List, got, want)
			}
		}
		total += want
	}
	if total == 0 {
		t.Error("nothing was there to count")
	}
}
