package between

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// TestMoreApart: of all pairs of parts that have no class in common, by a look at each class of each two, the first
// whose smaller part has most images is found.
func TestMoreApart(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 11))
	apart := 0
	for range 2000 {
		parts := make([]Part, rng.IntN(12))
		for i := range parts {
			parts[i] = Part{Source: i, Images: 150 + rng.IntN(100)}
			for c := range int32(12) {
				if rng.IntN(4) == 0 {
					parts[i].has = append(parts[i].has, c)
				}
			}
			parts[i].Classes = len(parts[i].has)
		}
		var want [2]Part
		for i, b := range parts {
			for _, a := range parts[:i] {
				meets := slices.ContainsFunc(a.has, func(c int32) bool { return slices.Contains(b.has, c) })
				if n := min(a.Images, b.Images); !meets && n >= 200 && max(a.Classes, b.Classes) >= 3 &&
					n > min(want[0].Images, want[1].Images) {
					want = [2]Part{a, b}
				}
			}
		}
		if got := moreApart([2]Part{}, parts); !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v, want %+v of %+v", got, want, parts)
		}
		if want[0].Images > 0 {
			apart++
		}
	}
	if apart < 200 || apart > 1800 {
		t.Errorf("%d of 2,000 are apart", apart)
	}
}

// TestManyPartsMeetAtOnce: the parts of 200 classes have only the last one in common, which all have: it comes first.
func TestManyPartsMeetAtOnce(t *testing.T) {
	const n, own = 300, 200
	parts := make([]Part, n)
	for i := range parts {
		parts[i] = Part{Source: i, Images: 200, Classes: own + 1}
		for c := range int32(own) { // those of two parts interleave
			parts[i].has = append(parts[i].has, c*n+int32(i))
		}
		parts[i].has = append(parts[i].has, own*n)
	}
	for i, ranks := range commonFirst(parts) {
		if len(ranks) != own+1 || ranks[0] != 0 || !slices.IsSorted(ranks) {
			t.Fatalf("part %d has the classes %v", i, ranks)
		}
	}
	if two := moreApart([2]Part{}, parts); two[0].Images != 0 {
		t.Errorf("%d and %d are apart", two[0].Source, two[1].Source)
	}
}
