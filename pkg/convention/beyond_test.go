package convention

import (
	"math/rand/v2"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// placedAs tells which explanation InspectSource gives the boxes that reach beyond.
func placedAs(src *dataset.Source) BeyondKind {
	t := count(src)
	if b := t.readBoxes(src); b.Found() || t.apart() || t.loose() {
		return Unexplained
	}
	if z := t.readSizes(src); z.Kind == Clipped || z.Kind == Turned || t.confirmed() {
		return Unexplained
	}
	m := t.readBeyond(src)
	return m.Kind
}

// readSorted is what a reader of xmin, ymin, xmax, ymax by position makes of xmax, xmin, ymax, ymin, sorted.
func readSorted(b geom.Box) geom.Box {
	return geom.Box{X0: min(b.X1, b.Y1), Y0: min(b.X0, b.Y0), X1: max(b.X1, b.Y1), Y1: max(b.X0, b.Y0)}
}

// unturned is what a tool writes of a box that was drawn as one turned by a quarter about its upper left corner, the
// upper right one of the box.
func unturned(b geom.Box) geom.Box {
	return geom.Rect{X: b.X1, Y: b.Y0, W: b.Y1 - b.Y0, H: b.X1 - b.X0}.Box()
}

// brokenIn returns a source in which f has changed the boxes of one image in n, or one box in n.
func brokenIn(src *dataset.Source, n int, images bool, f func(geom.Box) geom.Box) *dataset.Source {
	box := 0
	return realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) (out []dataset.Object) {
		for _, o := range own {
			if !sample.Told(&o) {
				continue
			}
			if box++; images && i%n == 0 || !images && box%n == 0 {
				b := f(o.Box.Box())
				if b.X1-b.X0 < 1 || b.Y1-b.Y0 < 1 {
					continue
				}
				o.Box = b.Rect()
			}
			out = append(out, o)
		}
		return out
	})
}

// TestNoFalseAlarmOnBeyond: no real file is explained so, nor draws from it, nor boxes of another reading, which have
// their own rules.
func TestNoFalseAlarmOnBeyond(t *testing.T) {
	sources := realfiles.FirstImages(t)
	rng := rand.New(rand.NewPCG(5, 6))
	tries := 0
	for i := range sources {
		src := &sources[i]
		if as := placedAs(src); as != Unexplained {
			t.Errorf("%s: %d", src.Name, as)
		}
		for _, n := range []int{100, 400, 1000} {
			for range 100 {
				tries++
				if as := placedAs(drawnFrom(src, n, rng)); as != Unexplained {
					t.Errorf("%s, %d boxes: %d", src.Name, n, as)
				}
			}
		}
		for _, f := range []reading.Form{reading.Corners, reading.Centre, reading.Below, reading.LowerRight, reading.Exchanged, reading.ExchangedSides} {
			for _, step := range []int{2, 4} {
				tries++
				if as := placedAs(convert(src, reading.Reading{Form: f}, step)); as != Unexplained {
					t.Errorf("%s, %s in one of %d: %d", src.Name, reading.Reading{Form: f}, step, as)
				}
			}
		}
	}
	t.Logf("%d tries", tries)
}

// TestBeyond: of the real files with 400 boxes or more these many are told of, made wrong in one image of three, or
// one box of four. The bars are what was measured.
func TestBeyond(t *testing.T) {
	for _, c := range []struct {
		name   string
		kind   BeyondKind
		n      int
		images bool
		f      func(geom.Box) geom.Box
		bar    int
	}{
		{"sorted", MaxFirst, 3, true, readSorted, 15},
		{"turned", Turning, 4, false, unturned, 6},
	} {
		sources, told, of := realfiles.FirstImages(t), 0, 0
		for i := range sources {
			if len(sources[i].Objects) < 400 {
				continue
			}
			of++
			told += sample.One(placedAs(brokenIn(&sources[i], c.n, c.images, c.f)) == c.kind)
		}
		t.Logf("%s: %d of %d", c.name, told, of)
		if told < c.bar {
			t.Errorf("%s: %d of %d files, want %d", c.name, told, of, c.bar)
		}
	}
}
