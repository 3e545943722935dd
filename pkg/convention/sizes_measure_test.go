package convention

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

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
	each(&out, func(_ int32, o *dataset.Object, w, h float64) {
		x, y := f(w, h)
		o.Box = geom.Rect{X: o.Box.X * x, Y: o.Box.Y * y, W: o.Box.W * x, H: o.Box.H * y}
	})
	return &out
}

func TestMeasureSizes(t *testing.T) {
	sources := realSources(t)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range sources {
		if s := OfSizes(&sources[i]); s.Found() {
			t.Errorf("%s %+v", sources[i].Name, s)
		}
		for _, n := range []int{5, 8, 20, 50, 200} {
			wrong := 0
			for range 1000 {
				src := sample(&sources[i], n, rng)
				if s := OfSizes(src); s.Found() {
					wrong++
				}
			}
			if wrong > 0 {
				fmt.Println("FALSE", sources[i].Name, n, wrong)
			}
		}
	}
	for name, breaks := range map[string]func(src *dataset.Source) *dataset.Source{
		"turned": func(src *dataset.Source) *dataset.Source {
			return resize(src, func(_ int, s geom.Size) geom.Size { return geom.Size{W: s.H, H: s.W} })
		},
		"third turned": func(src *dataset.Source) *dataset.Source {
			return resize(src, func(i int, s geom.Size) geom.Size {
				if i%3 > 0 {
					return s
				}
				return geom.Size{W: s.H, H: s.W}
			})
		},
		"half": func(src *dataset.Source) *dataset.Source {
			return resize(src, func(_ int, s geom.Size) geom.Size { return geom.Size{W: s.W * 2, H: s.H * 2} })
		},
		"3/4": func(src *dataset.Source) *dataset.Source {
			return resize(src, func(_ int, s geom.Size) geom.Size { return geom.Size{W: s.W * 4 / 3, H: s.H * 4 / 3} })
		},
		"double": func(src *dataset.Source) *dataset.Source {
			return resize(src, func(_ int, s geom.Size) geom.Size { return geom.Size{W: s.W / 2, H: s.H / 2} })
		},
		"640x640": func(src *dataset.Source) *dataset.Source {
			return scale(src, func(w, h float64) (float64, float64) { return 640 / w, 640 / h })
		},
		"long 640": func(src *dataset.Source) *dataset.Source {
			return scale(src, func(w, h float64) (float64, float64) { m := max(w, h); return 640 / m, 640 / m })
		},
	} {
		line := fmt.Sprintf("%-12s", name)
		for _, n := range []int{8, 20, 50, 200, 1000, 0} {
			sum, k := 0.0, 0.0
			var low []string
			for i := range sources {
				if len(sources[i].Objects) < n || len(sources[i].Objects) > 100000 && n == 0 {
					continue
				}
				hit, draws := 0, 20
				if n == 0 {
					draws = 1
				}
				for range draws {
					src := breaks(sample(&sources[i], n, rng))
					b := OfBoxes(bare(src))
					if s := OfSizes(src); s.Found() || b.Found() {
						hit++
					}
				}
				sum += float64(hit) / float64(draws)
				k++
				if n == 0 && hit == 0 {
					low = append(low, sources[i].Name)
				}
			}
			line += fmt.Sprintf(" %d: %.2f %v", n, sum/k, low)
		}
		fmt.Println(line)
	}
}
