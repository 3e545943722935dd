package convention

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// resize returns a source whose image sizes are what f makes of them.
func resize(src *dataset.Source, f func(i int, s geom.Size) geom.Size) *dataset.Source {
	out := *src
	out.Images = slices.Clone(src.Images)
	for i := range out.Images {
		if out.Images[i].LeftOut == dataset.InUse {
			out.Images[i].Size = f(i, out.Images[i].Size)
		}
	}
	return &out
}

// scale returns a source whose boxes are those of pictures resized by f.
func scale(src *dataset.Source, f func(w, h float64) (float64, float64)) *dataset.Source {
	out := *src
	out.Objects = slices.Clone(src.Objects)
	sample.Each(&out, func(_ int32, o *dataset.Object, w, h float64) {
		x, y := f(w, h)
		o.Box = geom.Rect{X: o.Box.X * x, Y: o.Box.Y * y, W: o.Box.W * x, H: o.Box.H * y}
	})
	return &out
}

// times returns sizes that are too large by a factor.
func times(f float64) func(int, geom.Size) geom.Size {
	return func(_ int, s geom.Size) geom.Size {
		return geom.Size{W: int(f*float64(s.W) + .5), H: int(f*float64(s.H) + .5)}
	}
}

// turn exchanges width and height of every n-th image.
func turn(n int) func(int, geom.Size) geom.Size {
	return func(i int, s geom.Size) geom.Size {
		if i%n == 0 {
			return geom.Size{W: s.H, H: s.W}
		}
		return s
	}
}

// TestNoFalseAlarmOnSizes: the sizes of no real file are doubted, nor of any few boxes
// from it.
func TestNoFalseAlarmOnSizes(t *testing.T) {
	sources := realfiles.RealSources(t)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range sources {
		if s := OfSizes(&sources[i]); s.Found() {
			t.Errorf("%s: %+v", sources[i].Name, s)
		}
		for _, n := range []int{5, 8, 20, 50, 200} {
			for range 1000 {
				if s := OfSizes(drawnFrom(&sources[i], n, rng)); s.Found() {
					t.Errorf("%s, %d boxes: %+v", sources[i].Name, n, s)
				}
			}
		}
	}
}

// TestPowerOnSizes: sizes of real files that are made wrong are found in draws of 20,
// 50, 200 and 1,000 boxes. Where objects never reach the image's edge, as in half of
// the real files, nothing shows the limit. The bars are a little below what was
// measured.
func TestPowerOnSizes(t *testing.T) {
	sources := realfiles.FirstImages(t)
	rng := rand.New(rand.NewPCG(1, 2))
	draws := [4]int{20, 50, 200, 1000}
	for _, c := range []struct {
		name  string
		kind  SizeKind
		limit float64 // 0 if there is none
		size  func(int, geom.Size) geom.Size
		scale func(w, h float64) (float64, float64)
		bars  [4]float64
	}{
		{"all turned", Turned, 0, turn(1), nil, [4]float64{.80, .90, .92, .92}},
		{"one in three turned", Turned, 0, turn(3), nil, [4]float64{.30, .70, .90, .90}},
		{"twice as large", Shrunk, 0.5, times(2), nil, [4]float64{0, .05, .40, .60}},
		{"4/3 as large", Shrunk, 0.75, times(4. / 3), nil, [4]float64{0, .05, .40, .55}},
		{"half as large", Grown, 2, times(.5), nil, [4]float64{0, .05, .40, .60}},
		{"twice as wide", PiledRight, 0.5, func(_ int, s geom.Size) geom.Size { return geom.Size{W: 2 * s.W, H: s.H} }, nil, [4]float64{0, 0, .05, .18}},
		{"every other one twice as large", PiledRight, 0.5, func(i int, s geom.Size) geom.Size { return geom.Size{W: (1 + i%2) * s.W, H: (1 + i%2) * s.H} }, nil, [4]float64{0, 0, 0, .10}},
		{"all said to be 10,000 px wide and high", Corner, 0, func(int, geom.Size) geom.Size { return geom.Size{W: 10000, H: 10000} }, nil, [4]float64{0, .95, .95, .90}},
		{"boxes of 300 × 300", Fixed, 0, nil, func(w, h float64) (float64, float64) { return 300 / w, 300 / h }, [4]float64{0, .40, .60, .85}},
		{"boxes of a letterbox of 416", Fixed, 0, nil, func(w, h float64) (float64, float64) { return 416 / max(w, h), 416 / max(w, h) }, [4]float64{0, .45, .60, .85}},
		{"boxes of 640 × 640", Fixed, 0, nil, func(w, h float64) (float64, float64) { return 640 / w, 640 / h }, [4]float64{0, .20, .50, .58}},
	} {
		line := ""
		for k, n := range draws {
			found, of := 0, 0
			for i := range sources {
				if len(sources[i].Objects) < n {
					continue
				}
				for range 20 {
					src := drawnFrom(&sources[i], n, rng)
					if of++; c.size != nil {
						src = resize(src, c.size)
					} else {
						src = scale(src, c.scale)
					}
					s := OfSizes(src)
					if s.Kind == c.kind || c.limit == 0 && s.Found() {
						found++
					}
					if d := s.Limit - c.limit; s.Kind == c.kind && c.limit > 0 && (d > 0.02*c.limit || d < -0.07*c.limit) {
						t.Errorf("%s, %s: limit %g, want %g", sources[i].Name, c.name, s.Limit, c.limit)
					}
				}
			}
			rate := float64(found) / float64(of)
			line += fmt.Sprintf("  %d: %.3f", n, rate)
			if rate < c.bars[k] {
				t.Errorf("%s, %d boxes: %.3f are found, want %.2f", c.name, n, rate, c.bars[k])
			}
		}
		t.Log(c.name, line)
	}
}
