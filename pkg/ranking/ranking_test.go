package ranking

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestByDefinition compares with the definitions, over pairs and prefixes, where no
// two scores are equal.
func TestByDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 50 {
		items := make([]Item, 2+rng.IntN(40))
		for i := range items {
			items[i] = Item{rng.Float64(), i == 0 || i > 1 && rng.IntN(3) == 0, int32(i)}
		}
		var pairs, above float64
		for _, a := range items {
			for _, b := range items {
				if a.Wrong && !b.Wrong {
					pairs++
					if a.Score > b.Score {
						above++
					}
				}
			}
		}
		sorted := slices.Clone(items)
		slices.SortFunc(sorted, func(a, b Item) int { return cmp.Compare(b.Score, a.Score) })
		var hits, ap float64
		for i, x := range sorted {
			if x.Wrong {
				hits++
				ap += hits / float64(i+1)
			}
		}
		l := New(slices.Clone(items))
		if got := l.AUROC(nil); math.Abs(got-above/pairs) > 1e-12 {
			t.Errorf("AUROC: got %v, want %v", got, above/pairs)
		}
		if got := l.AP(nil, 0); math.Abs(got-ap/hits) > 1e-12 {
			t.Errorf("AP: got %v, want %v", got, ap/hits)
		}
		if got := l.AP(nil, hits); math.Abs(got-ap/hits/2) > 1e-12 {
			t.Errorf("AP with as many unlisted: got %v, want %v", got, ap/hits/2)
		}
	}
}

// TestTies: equal scores count as on average over all orders.
func TestTies(t *testing.T) {
	l := New([]Item{{1, false, 0}, {1, false, 1}, {1, true, 2}})
	if got := l.AUROC(nil); got != 0.5 {
		t.Errorf("AUROC of ties: got %v, want 1/2", got)
	}
	if got := l.AP(nil, 0); got != 0.5 { // on average in the second place of three
		t.Errorf("AP of ties: got %v, want 1/2", got)
	}
}

// TestWeights: an image that counts twice is as its items twice over.
func TestWeights(t *testing.T) {
	items := []Item{{0.9, true, 0}, {0.8, false, 1}, {0.7, true, 1}, {0.4, false, 2}, {0.3, true, 3}}
	twice := []Item{items[0], items[1], items[1], items[2], items[2], items[3]}
	w := Weights{1, 2, 1, 0}
	a, b := New(slices.Clone(items)), New(twice)
	if x, y := a.AUROC(w), b.AUROC(nil); math.Abs(x-y) > 1e-12 {
		t.Errorf("AUROC: %v, want %v", x, y)
	}
	if x, y := a.AP(w, 0), b.AP(nil, 0); math.Abs(x-y) > 1e-12 {
		t.Errorf("AP: %v, want %v", x, y)
	}
	if p, ok := a.First(2); p != 0.5 || !ok {
		t.Errorf("first 2: %v, %v", p, ok)
	}
	if _, ok := a.First(6); ok {
		t.Error("first 6 of 5")
	}
}

// TestNothingWrong: there is nothing to measure, which is not 0.
func TestNothingWrong(t *testing.T) {
	l := New([]Item{{1, false, 0}, {0.5, false, 1}})
	if !math.IsNaN(l.AUROC(nil)) || !math.IsNaN(l.AP(nil, 0)) || l.AP(nil, 3) != 0 {
		t.Errorf("AUROC %v, AP %v, with unlisted %v", l.AUROC(nil), l.AP(nil, 0), l.AP(nil, 3))
	}
}
