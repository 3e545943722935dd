package answer

import (
	"math/rand/v2"
	"testing"
)

// spread returns images with their objects and suspects: each object is one with the chance that f gives.
func spread(images int, rng *rand.Rand, f func(image int) float64) (order []int32, objects, counts []int) {
	order, objects, counts = make([]int32, images), make([]int, images), make([]int, images)
	for i := range order {
		order[i], objects[i] = int32(i), 1+rng.IntN(5)
		chance := f(i)
		for range objects[i] {
			if rng.Float64() < chance {
				counts[i]++
			}
		}
	}
	return order, objects, counts
}

// TestDivided: suspects that are five times as common in the last third of the images are told of, with a place near
// it; suspects as common everywhere, in series of crowded images or not, are not, in any of 300 draws.
func TestDivided(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	found := 0
	for range 100 {
		order, objects, counts := spread(1500, rng, func(i int) float64 {
			if i >= 1000 {
				return 0.10
			}
			return 0.02
		})
		p, ok := divided(order, objects, counts, false)
		if ok && !p.before && p.image >= 900 && p.image <= 1100 {
			found++
		}
	}
	if found < 99 {
		t.Errorf("%d of 100 are told of, want 99 at least", found)
	}
	for n := range 300 {
		images := []int{400, 800, 3000}[n%3]
		of := []float64{0.01, 0.05, 0.2}[n/3%3]
		var series float64 // each series of 20 images has a rate of its own
		order, objects, counts := spread(images, rng, func(i int) float64 {
			if i%20 == 0 {
				series = of * rng.ExpFloat64()
			}
			return series
		})
		if p, ok := divided(order, objects, counts, n%2 == 0); ok {
			t.Errorf("draw %d of %d images, %g: %+v", n, images, of, p)
		}
	}
}

// TestDividedFew: a file of fewer than 20 blocks, or a part of fewer than 20 suspects, tells nothing.
func TestDividedFew(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	late := func(i int) float64 { return float64(i / 260) }
	order, objects, counts := spread(399, rng, late)
	if p, ok := divided(order, objects, counts, false); ok {
		t.Errorf("%+v", p)
	}
	order, objects, counts = spread(2000, rng, func(i int) float64 { return map[bool]float64{true: 0.005}[i > 1000] })
	n := 0
	for _, c := range counts {
		n += c
	}
	if p, ok := divided(order, objects, counts, false); n < leastOf && ok {
		t.Errorf("%d suspects: %+v", n, p)
	}
}
