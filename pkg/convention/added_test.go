package convention

import (
	"math/rand/v2"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
)

// TestAdded: of no real file, nor of stretches of it or boxes drawn from it, the last or first images seem to have ids of
// another list; with ids of the last 10, 20 or 40 images one to three places off, files with classes that differ are
// told of.
func TestAdded(t *testing.T) {
	sources := realfiles.FirstImages(t)
	rng := rand.New(rand.NewPCG(5, 6))
	tries := 0
	check := func(src *dataset.Source, what string, n int) {
		tries++
		if a := OfAdded(src); a.Found() {
			t.Errorf("%s, %d %s: %+v", src.Name, n, what, a)
		}
	}
	found, of := map[int]int{}, 0
	for i := range sources {
		src := &sources[i]
		check(src, "all", 0)
		for range 20 {
			for _, n := range []int{400, 1000, 3000} {
				if n < len(src.Objects) {
					check(drawnFrom(src, n, rng), "boxes", n)
				}
			}
			for _, n := range []int{80, 200, 600, 1500} {
				part := realfiles.Rebuilt(src, func(_ int, _ *dataset.Image, own []dataset.Object) []dataset.Object { return own })
				if n < len(part.Images) {
					realfiles.CutImages(part, rng.IntN(len(part.Images)-n), n)
					check(part, "images", n)
				}
			}
		}
		if !withClasses(4)(src) {
			continue
		}
		of++
		list := sample.ListRanks(src)
		byRank := make([]int32, len(list))
		for class, r := range list {
			byRank[r] = class
		}
		for _, n := range []int{10, 20, 40} {
			hits := 0
			for _, by := range []int{1, -1, 2, 3} {
				out := realfiles.Rebuilt(src, func(k int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
					for j := range own {
						if r, ok := list[own[j].Class]; ok && k >= len(src.Images)-n {
							own[j].Class = byRank[((r+by)%len(list)+len(list))%len(list)]
						}
					}
					return own
				})
				a := OfAdded(out)
				hits += sample.One(a.By == by)
			}
			found[n] += hits
			t.Logf("%s, last %d: %d of 4", src.Name, n, hits)
		}
	}
	t.Logf("%d tries; of %d files, four moves each: %v", tries, of, found)
	for n, least := range map[int]int{10: 9, 20: 15, 40: 18} {
		if found[n] < least {
			t.Errorf("the last %d images: %d of %d are told of, want %d", n, found[n], 4*of, least)
		}
	}
}
