package convention

import (
	"math"
	"math/rand/v2"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// anew returns a source whose boxes, of images from one on, are written by a function.
func anew(src *dataset.Source, from int, write func(b geom.Rect, im *dataset.Image) geom.Rect) *dataset.Source {
	return realfiles.Rebuilt(src, func(i int, im *dataset.Image, own []dataset.Object) (out []dataset.Object) {
		for _, o := range own {
			if i >= from {
				o.Box = write(o.Box, im)
			}
			out = append(out, o)
		}
		return out
	})
}

// stretches calls f with real files, and with draws and stretches of them.
func stretches(t *testing.T, rng *rand.Rand, each int, f func(src *dataset.Source)) {
	for _, src := range realfiles.FirstImages(t) {
		rightParts(&src, each, []int{50, 150, 400, 1500}, rng, f)
	}
}

// toCells moves the centre of a box to that of its cell.
func toCells(stride float64) func(b geom.Rect, _ *dataset.Image) geom.Rect {
	at := func(v float64) float64 { return math.Floor(v/stride)*stride + stride/2 }
	return func(b geom.Rect, _ *dataset.Image) geom.Rect {
		return geom.Rect{X: at(b.X+b.W/2) - b.W/2, Y: at(b.Y+b.H/2) - b.H/2, W: b.W, H: b.H}
	}
}

// TestCellsInScenes: centres of cells are told of in all images and in a part, boxes that stay in one cell are not.
func TestCellsInScenes(t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 42))
	src := inScenes(300, 1, rng)
	for _, stride := range []float64{8, 16, 32} {
		if m := onCells(anew(src, 0, toCells(stride))); m.Kind != Cells || m.step != stride || m.Boxes != m.Of {
			t.Errorf("all, %g: %+v", stride, m)
		}
		made := anew(src, 220, toCells(stride))
		if m := onCells(made); m.Kind != NoSlip {
			t.Errorf("a part, %g: %+v", stride, m)
		}
		if c := OfCellsIn(made); !c.Found() || c.mark != int32(stride) || c.Example < 200 {
			t.Errorf("a part, %g: %+v", stride, c)
		}
	}
	for _, from := range []int{0, 220} {
		still := anew(src, from, func(geom.Rect, *dataset.Image) geom.Rect { return geom.Rect{X: 100, Y: 100, W: 16, H: 16} })
		if m, c := onCells(still), OfCellsIn(still); m.Kind != NoSlip || c.Found() {
			t.Errorf("one cell from %d on: %+v, %+v", from, m, c)
		}
	}
	if m, c := onCells(src), OfCellsIn(src); m.Kind != NoSlip || c.Found() {
		t.Errorf("as they are: %+v, %+v", m, c)
	}
}

// TestCells: no real file has such boxes, nor any draw or stretch of one; made so, as many are told of as stand in
// docs/conventions.md.
func TestCells(t *testing.T) {
	tries := 0
	stretches(t, rand.New(rand.NewPCG(43, 44)), 30, func(src *dataset.Source) {
		tries++
		if m, c := onCells(src), OfCellsIn(src); m.Kind != NoSlip || c.Found() {
			t.Errorf("%s, %d images: %+v, %+v", src.Name, len(src.Images), m, c)
		}
	})
	var of, all, parts int
	for _, src := range realfiles.FirstImages(t) {
		if n := len(src.Images); n >= 100 && len(src.Objects) >= leastExtents {
			of++
			if m := onCells(anew(&src, 0, toCells(16))); m.Kind == Cells {
				all++
			}
			if c := OfCellsIn(anew(&src, n-n/3, toCells(16))); c.Found() {
				parts++
			} else {
				t.Logf("%s: nothing is told of a part", src.Name)
			}
		}
	}
	t.Logf("%d right ones; of %d files %d are told of, and %d in a part", tries, of, all, parts)
	if of != 18 || all < 18 || parts < 17 {
		t.Errorf("of %d files %d are told of, and %d in a part: fewer than before", of, all, parts)
	}
}
