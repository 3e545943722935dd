package classes

import (
	"math/rand/v2"
	"slices"
	"testing"

	"focalaudit/pkg/dataset"
)

// TestByClass: tables that are lent are zero and as long as asked for, whatever was set for the classes of a source before.
func TestByClass(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 12))
	var tables byClass[int]
	for range 500 {
		classes := 1 + rng.IntN(40)
		src := &dataset.Source{}
		for range rng.IntN(5) {
			src.Categories = append(src.Categories, dataset.Category{Class: int32(rng.IntN(classes))})
			src.Objects = append(src.Objects, dataset.Object{Class: int32(rng.IntN(classes+1) - 1)})
		}
		of := tables.get(classes)
		if len(of) != classes || slices.ContainsFunc(of[:cap(of)], func(n int) bool { return n != 0 }) {
			t.Fatalf("%d classes: %v", classes, of)
		}
		for i := range src.Categories {
			of[src.Categories[i].Class]++
			if c := src.Objects[i].Class; c >= 0 {
				of[c]++
			}
		}
		tables.put(of, src)
	}
}
