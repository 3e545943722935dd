package convention

import (
	"math"
	"math/rand/v2"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// onGridFrom rounds the corners of the boxes of some images to multiples of a step, as the cells of a grid that a box
// touches, within the image.
func onGridFrom(src *dataset.Source, step float64, from, to int) *dataset.Source {
	return realfiles.Rebuilt(src, func(i int, im *dataset.Image, own []dataset.Object) []dataset.Object {
		for k := range own {
			if b := &own[k].Box; i >= from && i < to {
				x1 := min(math.Ceil((b.X+b.W)/step)*step, float64(im.Size.W))
				y1 := min(math.Ceil((b.Y+b.H)/step)*step, float64(im.Size.H))
				b.X, b.Y = math.Floor(max(0, b.X)/step)*step, math.Floor(max(0, b.Y)/step)*step
				b.W, b.H = x1-b.X, y1-b.Y
			}
		}
		return own
	})
}

// TestGridInScenes: boxes on a grid in a part are told of with the grid, in its first, middle and last third; boxes of
// whole pixels are not, nor fields of a form that stand on multiples of ten.
func TestGridInScenes(t *testing.T) {
	rng := rand.New(rand.NewPCG(51, 52))
	src := onGridFrom(inScenes(600, 1, rng), 1, 0, 600) // whole pixels
	for _, from := range []int{0, 200, 400} {
		for _, step := range []float64{4, 10, 16, 32} {
			m := OfGridIn(onGridFrom(src, step, from, from+200))
			if !m.Found() || m.Step != step || int(m.Example) < from || int(m.Example) > from+5 || m.Boxes < 500 {
				t.Errorf("step %v from image %d on: %+v", step, from, m)
			}
			if m := OfGridIn(realfiles.Permuted(onGridFrom(src, step, from, from+200), rng)); !m.Found() {
				t.Errorf("step %v from image %d on, in any order: nothing is told", step, from)
			}
		}
	}
	if m := OfGridIn(src); m.Found() {
		t.Errorf("whole pixels: %+v", m)
	}
	form := realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
		for k := range own {
			if i >= 400 {
				own[k].Box = geom.Rect{X: 100, Y: 100 + 60*float64(k), W: 200, H: 40}
			}
		}
		return own
	})
	if m := OfGridIn(form); m.Found() {
		t.Errorf("forms: %+v", m)
	}
}

// TestGridIn: no real file has such a stretch, nor any part or draw of one, in whole pixels and in even ones; on a grid
// in the last third, as many are told of as stand in docs/conventions.md, and no seam of tiles is.
func TestGridIn(t *testing.T) {
	rng := rand.New(rand.NewPCG(53, 54))
	tries, of, found := 0, 0, 0
	right := func(src *dataset.Source) {
		tries++
		if m := OfGridIn(src); m.Found() {
			m.images = nil
			t.Errorf("%s, %d images: %+v", src.Name, len(src.Images), m)
		}
	}
	for _, src := range realfiles.FirstImages(t) {
		n := len(src.Images)
		rightParts(&src, 30, []int{50, 150, 400, 1500}, rng, right)
		right(onGridFrom(&src, 1, 0, n))
		right(onGridFrom(&src, 2, 0, n))
		right(onGridFrom(&src, 1, n-n/3, n))
		if n < 90 {
			continue
		}
		for _, step := range []float64{4, 16, 32} {
			of++
			wrong := onGridFrom(&src, step, n-n/3, n)
			if m := OfGridIn(wrong); m.Found() {
				found++
			} else {
				t.Logf("%s, %d images, step %v: nothing is told", src.Name, n, step)
			}
			for name, wrong := range map[string]*dataset.Source{"part": wrong, "whole": onGridFrom(&src, step, 0, n)} {
				if f, ok := seams(site{src: wrong, seen: glanceAt(wrong)}); ok {
					t.Errorf("%s, step %v, %s: %s", src.Name, step, name, f.Message)
				}
			}
		}
	}
	t.Logf("%d right ones; of %d files %d are told of", tries, of, found)
	if of != 54 || found < 51 {
		t.Errorf("of %d files %d are told of, want 51 of 54", of, found)
	}
}
