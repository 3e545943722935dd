package sample

import (
	"math/rand/v2"
	"slices"
	"testing"

	"focalaudit/pkg/dataset"
)

// TestStretches: they are those of the order of the file, wherever records stand and however unevenly.
func TestStretches(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, spread := range []int64{1, 7, 1e9} { // longest step between two records
		src := &dataset.Source{Returns: 1, Objects: make([]dataset.Object, 5000)}
		at := int64(12)
		for _, k := range rng.Perm(len(src.Objects)) {
			src.Objects[k].Offset = at
			at += 1 + rng.Int64N(spread)
			if rng.IntN(1000) == 0 {
				at *= 2
			}
		}
		order, _ := FileOrder(src)
		for _, size := range []int{1, 50, 600, 1250} {
			for q, got := range Stretches(src, 4, size, nil) {
				if from := len(order) * q / 4; !slices.Equal(got, order[from:from+size]) {
					t.Errorf("spread %d, size %d, stretch %d differs", spread, size, q)
				}
			}
		}
	}
}
