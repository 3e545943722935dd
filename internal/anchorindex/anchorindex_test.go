package anchorindex

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// TestIndexIsAMap compares an Index with a map over many images: with no anchor, with a
// few, and with enough to make the table grow several times.
func TestIndexIsAMap(t *testing.T) {
	var x Index
	rng := rand.New(rand.NewPCG(1, 1))
	for image := range 300 {
		x.Reset()
		want := map[int32]int32{}
		anchors := int32(1) << rng.IntN(31) // of the image: a small one has many repetitions
		for range rng.IntN(1 << rng.IntN(14)) {
			anchor, next := rng.Int32N(anchors), int32(len(want))
			number, known := x.Add(anchor, next)
			had, ok := want[anchor]
			if !ok {
				want[anchor], had = next, next
			}
			if number != had || known != ok {
				t.Fatalf("image %d: Add(%d, %d) = %d, %v, want %d, %v", image, anchor, next, number, known, had, ok)
			}
		}
		for range 1000 {
			anchor := rng.Int32N(anchors)
			number, known := x.Lookup(anchor)
			if had, ok := want[anchor]; known != ok || ok && number != had {
				t.Fatalf("image %d: Lookup(%d) = %d, %v, want %d, %v", image, anchor, number, known, had, ok)
			}
		}
		if x.used != len(want) || 2*x.used > len(x.slots) {
			t.Fatalf("image %d: %d of %d slots used by %d anchors", image, x.used, len(x.slots), len(want))
		}
	}
}

// TestEveryAnchor: the smallest and the largest index of an anchor are keys like others.
func TestEveryAnchor(t *testing.T) {
	var x Index
	x.Reset()
	all := []int32{0, 1, math.MaxInt32, math.MaxInt32 - 1}
	for i, anchor := range all {
		if number, known := x.Add(anchor, int32(i)); known || number != int32(i) {
			t.Errorf("Add(%d, %d) = %d, %v", anchor, i, number, known)
		}
	}
	for i, anchor := range all {
		if number, known := x.Lookup(anchor); !known || number != int32(i) {
			t.Errorf("Lookup(%d) = %d, %v, want %d", anchor, number, known, i)
		}
	}
}

// TestGenerationsBeginAnew: an anchor of 2^32 images ago is not in the index.
func TestGenerationsBeginAnew(t *testing.T) {
	var x Index
	x.Reset() // generation 1
	x.Add(7, 0)
	x.gen = math.MaxUint32
	x.Reset()
	if x.gen != 1 {
		t.Fatalf("generation %d, want 1", x.gen)
	}
	if number, known := x.Lookup(7); known {
		t.Errorf("an old anchor has the number %d", number)
	}
}

func Example() {
	type score struct {
		anchor int32
		best   float64
	}
	var scores []score
	var index Index
	index.Reset()
	for _, s := range []score{{1200, 0.3}, {1203, 0.4}, {1200, 0.8}} {
		if at, known := index.Add(s.anchor, int32(len(scores))); known {
			scores[at].best = max(scores[at].best, s.best)
		} else {
			scores = append(scores, s)
		}
	}
	fmt.Println(scores)
	// Output: [{1200 0.8} {1203 0.4}]
}
