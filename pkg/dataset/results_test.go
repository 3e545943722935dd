package dataset

import (
	"math/rand/v2"
	"slices"
	"testing"

	"focalaudit/pkg/geom"
)

// TestResultsAreLaidOutByImage compares the layout in place with detections that are gathered image by image: in the
// order of the images, in the reverse one and at random, with images that have none, and with equal records.
func TestResultsAreLaidOutByImage(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 3))
		base := []int32{0}
		for range 1 + rng.IntN(3) {
			base = append(base, base[len(base)-1]+rng.Int32N(6))
		}
		images := base[len(base)-1]
		if images == 0 {
			continue
		}
		b := &ResultsBuilder{name: "results", base: base, classes: make([]*table, len(base)-1)}
		want := make([][]Detection, images)
		of := make([]int32, rng.IntN(60))
		for i := range of {
			of[i] = rng.Int32N(images)
		}
		switch seed % 3 {
		case 0:
			slices.Sort(of)
		case 1:
			slices.SortFunc(of, func(a, b int32) int { return int(b - a) })
		}
		if len(of) == 0 {
			continue
		}
		b.Room(rng.IntN(100))
		for row, image := range of {
			d := Detection{Class: rng.Int32N(2), Row: int32(row), Score: float64(rng.IntN(3)) / 2,
				Box: geom.Rect{X: float64(rng.IntN(2)), W: 1, H: 1}}
			b.placed, b.at = append(b.placed, d), append(b.at, image)
			want[image] = append(want[image], d)
		}
		r, err := b.Join()
		if err != nil || r.Joined != len(of) {
			t.Fatalf("seed %d: %d joined, %v, want %d", seed, r.Joined, err, len(of))
		}
		for s := range len(base) - 1 {
			for i := range base[s+1] - base[s] {
				own := want[base[s]+i]
				slices.SortStableFunc(own, func(a, b Detection) int {
					switch {
					case a.Score != b.Score && a.Score > b.Score, a.Score == b.Score && a.Class < b.Class,
						a.Score == b.Score && a.Class == b.Class && a.Box.X < b.Box.X:
						return -1
					case a.Score == b.Score && a.Class == b.Class && a.Box.X == b.Box.X:
						return 0
					}
					return 1
				})
				if got := r.Of(s, int(i)); !slices.Equal(got, own) {
					t.Fatalf("seed %d, source %d, image %d: got %v, want %v", seed, s, i, got, own)
				}
			}
		}
	}
}
