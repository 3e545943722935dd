package convention

import (
	"math/rand/v2"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// drawn returns a source of so many pictures of one size. draw calls put for each object of one.
func drawn(n, w, h int, draw func(put func(class int32, x, y, w, h float64))) *dataset.Source {
	src := realfiles.Source("drawn", realfiles.Middle(n)...)
	src.Objects = nil
	for i := range src.Images {
		im := &src.Images[i]
		im.Size, im.First = geom.Size{W: w, H: h}, int32(len(src.Objects))
		draw(func(class int32, x, y, w, h float64) {
			src.Objects = append(src.Objects, dataset.Object{
				Image: int32(i), Class: class, Box: geom.Rect{X: x, Y: y, W: w, H: h}, Offset: int64(len(src.Objects)),
			})
		})
		im.Last = int32(len(src.Objects))
	}
	return src
}

// layouts are pictures in which the order of objects tells their sides: of screens with rows of an icon and a text,
// such rows amid texts and pictures, the two sides of a chat with a portrait beside each message, and shelves with a
// price tag below each product.
func layouts(rng *rand.Rand) map[string]*dataset.Source {
	between := func(a, b float64) float64 { return a + rng.Float64()*(b-a) }
	return map[string]*dataset.Source{
		"list": drawn(200, 1080, 1920, func(put func(class int32, x, y, w, h float64)) {
			for k := range 4 + rng.IntN(9) {
				y := 100 + 140*float64(k)
				put(0, 32, y, 96, 96)
				put(1, 160, y+16, between(400, 888), 64)
			}
		}),
		"mixed": drawn(200, 1080, 1920, func(put func(class int32, x, y, w, h float64)) {
			put(2, 0, 0, 1080, 72)
			put(3, 0, 1776, 1080, 144)
			for y := 90.; y < 1420; {
				if rng.Float64() < .3 {
					for range 4 {
						put(0, 32, y, 96, 96)
						put(1, 160, y+16, 888, 64)
						y += 128
					}
					continue
				}
				h := between(32, 320)
				put(1+3*rng.Int32N(2), 32, y, 1016, h)
				y += h + 16
			}
		}),
		"chat": drawn(200, 1080, 1920, func(put func(class int32, x, y, w, h float64)) {
			for y := 60.; y < 1700; {
				h := between(60, 300)
				put(0, 20, y, 80, 80)
				put(1, 120, y, between(300, 900), h)
				y += h + 40
			}
		}),
		"shelf": drawn(200, 3000, 2000, func(put func(class int32, x, y, w, h float64)) {
			for row := range 4 {
				for x := 20.; x < 2700; {
					w := between(60, 240)
					put(0, x, 40+480*float64(row), w, between(1.5, 2)*w/2)
					put(1, x+w/4, 400+480*float64(row), 70, 40)
					x += w + 20
				}
			}
		}),
	}
}

// TestNoColumnOfLayouts: the widths of a layout's objects go with the heights of their neighbours, and its columns are
// in place. With one of them moved, pictures whose objects are drawn apart are told of still.
func TestNoColumnOfLayouts(t *testing.T) {
	speaks := 0
	for seed := range uint64(5) {
		for name, src := range layouts(rand.New(rand.NewPCG(seed, 31))) {
			if c := OfColumns(src).One; c.Found() {
				t.Errorf("%s, %d: %+v", name, seed, c)
			}
			rows := [][]columnRow{columnBlock(src, fileOrderOf(src))}
			if g := sideGains(rows); max(g[0], g[1]) >= leastGain {
				speaks++
			}
		}
	}
	if speaks == 0 {
		t.Error("in no layout do widths go with the heights of neighbours, so that nothing was tried")
	}
	rng := rand.New(rand.NewPCG(5, 31))
	apart := drawn(300, 1000, 1000, func(put func(class int32, x, y, w, h float64)) {
		for range 1 + rng.IntN(5) {
			side := 20 + 100*rng.ExpFloat64()
			put(rng.Int32N(3), 300*rng.Float64(), 300*rng.Float64(), min(side*(.5+rng.Float64()), 650),
				min(side*(.5+rng.Float64()), 650))
		}
	})
	if c := OfColumns(apart).One; c.Found() {
		t.Errorf("apart: %+v", c)
	}
	for k := range 2 {
		for _, by := range []int{-1, 1} {
			if c := OfColumns(copied(apart, func(s *dataset.Source) { rollColumn(s, &columns[k], by) })).One; !c.Found() {
				t.Errorf("apart, %s moved by %d: %+v", columns[k].name, by, c)
			}
		}
	}
}

// fileOrderOf is the order of objects that stand in the file as they do in memory.
func fileOrderOf(src *dataset.Source) []int32 {
	order := make([]int32, len(src.Objects))
	for i := range order {
		order[i] = int32(i)
	}
	return order
}
