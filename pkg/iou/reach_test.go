package iou

import (
	"math/rand/v2"
	"testing"

	"focalaudit/pkg/geom"
)

// TestReachIsDense compares with a look at every anchor.
func TestReachIsDense(t *testing.T) {
	type found struct {
		v    float32
		best bool
	}
	total := 0
	for seed := range uint64(1000) {
		w := world{rand.New(rand.NewPCG(seed, 9))}
		grids := w.grids()
		m := w.matcher()
		boxes := w.objects(grids, false)
		wide := make([]geom.Box, len(boxes))
		for i, b := range boxes {
			wide[i] = b.Wide()
		}
		r := &reachByIoU{matcher: m}
		r.Prepare(grids, wide)
		for _, box := range boxes {
			var best float32
			firstBest := -1
			for i := range grids {
				for k := grids[i].First; k < grids[i].First+grids[i].Len(); k++ {
					if v := Of32(box, grids[i].At(grids[i].Place(k))); v > best {
						best, firstBest = v, k
					}
				}
			}
			got := map[int32]found{}
			r.Each(box.Wide(), func(anchor int32, level uint8, v float32, best bool) {
				if g := &grids[level]; int(anchor) < g.First || int(anchor) >= g.First+g.Len() || got[anchor] != (found{}) {
					t.Fatalf("seed %d: anchor %d on level %d, or twice", seed, anchor, level)
				}
				got[anchor] = found{v, best}
			})
			for i := range grids {
				g := &grids[i]
				for k := g.First; k < g.First+g.Len(); k++ {
					v := Of32(box, g.At(g.Place(k)))
					want := found{}
					forced := v == best && (!m.First || k == firstBest)
					if v > 0 && (v >= m.Low || forced) {
						want = found{v, forced}
					}
					if v < m.Low && (best >= m.Low || !m.Rescue) {
						want = found{}
					}
					if got[int32(k)] != want {
						t.Fatalf("seed %d, %+v: anchor %d: got %v, want %v", seed, m, k, got[int32(k)], want)
					}
				}
			}
			total += len(got)
		}
	}
	if total == 0 {
		t.Error("nothing was found")
	}
}
