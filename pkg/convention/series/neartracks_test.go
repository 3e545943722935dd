package series

import (
	"math/rand/v2"
	"testing"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
)

// TestNearTracks: the index finds what a search through all boxes finds, for boxes of all sizes and such as overlap by
// just a half.
func TestNearTracks(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 1))
	found := [2]int{}
	for round := range 200 {
		src := &dataset.Source{}
		for range 200 {
			b := geom.Rect{X: rng.Float64() * 60, Y: rng.Float64()*60 - 30, W: 1 + rng.Float64()*60, H: 1 + rng.Float64()*30}
			if round%2 > 0 { // whole numbers, powers of two among them
				b = geom.Rect{X: float64(rng.IntN(16)), Y: float64(rng.IntN(16)), W: float64(rng.IntN(17)), H: float64(rng.IntN(17))}
			}
			src.Objects = append(src.Objects, dataset.Object{Class: int32(rng.IntN(3)), Box: b})
		}
		var some []int32
		for k := range int32(100) {
			some = append(some, k)
		}
		x := indexTracks(src, some)
		for k := int32(100); k < 200; k++ {
			want := false
			for _, j := range some {
				o, p := &src.Objects[j], &src.Objects[k]
				want = want || o.Class == p.Class && iou.Of(o.Box.Box(), p.Box.Box()) >= sameTrack
			}
			if got := x.has(k); got != want {
				t.Fatalf("%+v: %t, want %t", src.Objects[k].Box, got, want)
			}
			found[sample.One(want)]++
		}
	}
	if min(found[0], found[1]) < 1000 {
		t.Errorf("%v", found)
	}
}

// TestNearTracksAreFew: of boxes one above the other, or one beside the other, each is compared with few.
func TestNearTracksAreFew(t *testing.T) {
	const n = 20_000
	for _, down := range []float64{0, 1} {
		src := &dataset.Source{}
		var all []int32
		for k := range n {
			at := float64(k) * 4.5
			src.Objects = append(src.Objects, dataset.Object{Box: geom.Rect{X: at * (1 - down), Y: at * down, W: 20, H: 20}})
			all = append(all, int32(k))
		}
		x := indexTracks(src, all)
		looks := 0
		for k := range src.Objects {
			x.each(&src.Objects[k], func(int32) bool { looks++; return false })
		}
		if looks > 20*n {
			t.Errorf("%d boxes, each compared with %d", n, looks/n)
		}
	}
}
