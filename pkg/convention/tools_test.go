package convention

import (
	"math/rand/v2"
	"slices"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/series"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
)

// tools returns what is said of a source by the rules of filled.go, emptied.go, seams.go and batches.go.
func tools(src *dataset.Source) (said []string) {
	c := OfColumns(src)
	if f := &c.Filled; f.Example >= 0 && f.Counted {
		said = append(said, "counted")
	} else if f.Example >= 0 {
		said = append(said, "sorted")
	}
	if c.Filler.Class >= 0 {
		said = append(said, "default")
	}
	if t := count(src); t.n >= quarterBoxes {
		if m := OfSeams(src); m.Example >= 0 {
			said = append(said, "seam")
		}
		if z := OfSized(src); z.Found() {
			said = append(said, "size")
		}
		if b := series.OfBatches(src); b.N > 0 {
			said = append(said, "batches")
		}
	}
	if e := series.OfEmptied(src); e.Step > 0 && e.Kept {
		said = append(said, "kept")
	} else if e.Step > 0 {
		said = append(said, "emptied")
	}
	if l := series.OfLost(src); l.Example >= 0 {
		said = append(said, "lost")
	}
	return said
}

// TestNoFalseAlarmOnTools: no real file shows what tools leave, nor do stretches of it or few boxes from it.
func TestNoFalseAlarmOnTools(t *testing.T) {
	sources := realfiles.FirstImages(t)
	rng := rand.New(rand.NewPCG(3, 4))
	tries := 0
	for i := range sources {
		src := &sources[i]
		if said := tools(src); len(said) > 0 {
			t.Errorf("%s: %v", src.Name, said)
		}
		for _, n := range []int{50, 200, 1000} {
			for range 60 {
				tries++
				if said := tools(drawnFrom(src, n, rng)); len(said) > 0 {
					t.Errorf("%s, %d boxes: %v", src.Name, n, said)
				}
			}
		}
		for _, n := range []int{100, 400, 1500} {
			if n >= len(src.Images) {
				continue
			}
			for range 20 {
				tries++
				from := rng.IntN(len(src.Images) - n)
				part := realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object { return own })
				realfiles.CutImages(part, from, n)
				if said := tools(part); len(said) > 0 {
					t.Errorf("%s, %d images from %d: %v", src.Name, n, from, said)
				}
			}
		}
	}
	t.Logf("%d draws and stretches", tries)
}

// tool is a way in which a tool makes some images of a real file wrong.
type tool struct {
	want         string
	least, third int // files that are told of
	enough       func(src *dataset.Source) bool
	remake       func(src *dataset.Source, in func(image int) bool) *dataset.Source
}

// tooled returns what tools leave.
func tooled() []tool {
	return []tool{
		{"emptied", 15, 15, withImages(100), func(src *dataset.Source, in func(int) bool) *dataset.Source {
			return realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
				if in(i) && i%5 == 4 {
					return nil
				}
				return own
			})
		}},
		{"kept", 15, 14, withImages(100), func(src *dataset.Source, in func(int) bool) *dataset.Source {
			return realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
				if in(i) && i%10 != 0 {
					return nil
				}
				return own
			})
		}},
		{"lost", 17, 15, withImages(100), func(src *dataset.Source, in func(int) bool) *dataset.Source {
			id := int64(0)
			return realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
				for k := range own {
					id++
					own[k].ID = dataset.PlainID(id)
				}
				if in(i) && len(own) > 0 {
					return own[1:]
				}
				return own
			})
		}},
		{"counted", 12, 11, withClasses(4), func(src *dataset.Source, in func(int) bool) *dataset.Source {
			k := 0
			return realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
				for j := range own {
					if in(i) {
						own[j].Class = src.Categories[k%len(src.Categories)].Class
						k++
					}
				}
				return own
			})
		}},
		{"sorted", 10, 11, withClasses(4), func(src *dataset.Source, in func(int) bool) *dataset.Source {
			rank := rankOf(src)
			var all []int32
			each := func(f func(o *dataset.Object)) *dataset.Source {
				return realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
					for j := range own {
						if in(i) {
							f(&own[j])
						}
					}
					return own
				})
			}
			each(func(o *dataset.Object) { all = append(all, o.Class) })
			slices.SortStableFunc(all, func(a, b int32) int { return int(rank(a) - rank(b)) })
			k := 0
			return each(func(o *dataset.Object) { o.Class = all[k]; k++ })
		}},
		{"default", 4, 0, withClasses(8), func(src *dataset.Source, in func(int) bool) *dataset.Source {
			rng := rand.New(rand.NewPCG(1, 2))
			return realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
				for j := range own {
					if in(i) && rng.IntN(5) == 0 {
						own[j].Class = src.Categories[0].Class
					}
				}
				return own
			})
		}},
		{"size", 17, 16, withImages(100), func(src *dataset.Source, in func(int) bool) *dataset.Source {
			rng := rand.New(rand.NewPCG(1, 2))
			return realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
				for j := range own {
					if b := own[j].Box; in(i) && rng.IntN(5) == 0 {
						own[j].Box = geom.Rect{X: b.X + b.W/2 - 25, Y: b.Y + b.H/2 - 25, W: 50, H: 50}
					}
				}
				return own
			})
		}},
		{"seam", 13, 13, withImages(100), func(src *dataset.Source, in func(int) bool) *dataset.Source {
			const tile = 256
			return realfiles.Rebuilt(src, func(i int, im *dataset.Image, own []dataset.Object) (out []dataset.Object) {
				for _, o := range own {
					b := o.Box.Box()
					if !in(i) || !sample.Told(&o) || b.X0 < 0 || b.Y0 < 0 {
						out = append(out, o)
						continue
					}
					for y := 0.0; y < float64(im.Size.H); y += tile {
						for x := 0.0; x < float64(im.Size.W); x += tile {
							if p := b.Intersect(geom.Box{X0: x, Y0: y, X1: x + tile, Y1: y + tile}); p.Width() > 1 && p.Height() > 1 {
								o.Box = p.Rect()
								out = append(out, o)
							}
						}
					}
				}
				return out
			})
		}},
		{"batches", 9, 7, sizesDiffer, func(src *dataset.Source, in func(int) bool) *dataset.Source {
			out := realfiles.Rebuilt(src, func(_ int, _ *dataset.Image, own []dataset.Object) []dataset.Object { return own })
			for i := 0; i < len(out.Images); i += 8 {
				batch := out.Images[i:min(i+8, len(out.Images))]
				var most geom.Size
				for j := range batch {
					most.W, most.H = max(most.W, batch[j].Size.W), max(most.H, batch[j].Size.H)
				}
				for j := range batch {
					if in(i) {
						batch[j].Size = most
					}
				}
			}
			return out
		}},
	}
}

// TestTools: what tools leave is told of in as many real files as stand in docs/conventions.md, done to all images and to
// the last third of them.
func TestTools(t *testing.T) {
	sources := realfiles.FirstImages(t)
	for _, c := range tooled() {
		of, found, third := 0, 0, 0
		for i := range sources {
			src := &sources[i]
			if !c.enough(src) {
				continue
			}
			of++
			n := len(src.Images)
			if slices.Contains(tools(c.remake(src, func(int) bool { return true })), c.want) {
				found++
			} else {
				t.Logf("%s: all of %s is not told of", c.want, src.Name)
			}
			if slices.Contains(tools(c.remake(src, func(i int) bool { return i >= n-n/3 })), c.want) {
				third++
			}
		}
		t.Logf("%s: %d of %d files, %d where a third is so", c.want, found, of, third)
		if found < c.least || third < c.third {
			t.Errorf("%s: %d and %d files, want %d and %d", c.want, found, third, c.least, c.third)
		}
	}
}

// withImages tells whether a source has so many images with objects.
func withImages(n int) func(*dataset.Source) bool {
	return func(src *dataset.Source) bool {
		with := 0
		for i := range src.Images {
			with += sample.One(src.Images[i].First < src.Images[i].Last)
		}
		return with >= n
	}
}

// withClasses tells whether a source has so many classes with objects, and 100 images.
func withClasses(n int) func(*dataset.Source) bool {
	return func(src *dataset.Source) bool {
		used := map[int32]bool{}
		for k := range src.Objects {
			used[src.Objects[k].Class] = true
		}
		return len(used) >= n && withImages(100)(src)
	}
}

// sizesDiffer tells whether the size changes at a fifth of 200 images or more.
func sizesDiffer(src *dataset.Source) bool {
	n := 0
	for i := 1; i < len(src.Images); i++ {
		n += sample.One(src.Images[i].Size != src.Images[i-1].Size)
	}
	return len(src.Images) >= 200 && 5*n >= len(src.Images)
}

// TestDrift: an object whose box a tool moves from image to image in its size has no default size, wherever it goes.
func TestDrift(t *testing.T) {
	for _, c := range []struct {
		step float64 // px to the right from one image to the next
		want bool
	}{{0, false}, {0.11, false}, {5, false}, {60, true}} {
		src := &dataset.Source{}
		for i := range 200 {
			im := dataset.Image{ID: dataset.PlainID(int64(i)), Size: geom.Size{W: 20000, H: 600}, First: int32(2 * i)}
			im.Last = im.First + 2
			src.Objects = append(src.Objects,
				dataset.Object{Image: int32(i), Box: geom.Rect{X: 16 + c.step*float64(i), Y: 310.82, W: 22.05, H: 59.31}},
				dataset.Object{Image: int32(i), Box: geom.Rect{X: 9, Y: 9, W: 40 + float64(i), H: 50 + float64(i)}})
			src.Images = append(src.Images, im)
		}
		if z := OfSized(src); z.Found() != c.want {
			t.Errorf("%g px a step: %+v", c.step, z)
		}
	}
}

// TestRightClassesOnly: of files of which one class was kept with its ids, or left out, none is told of as having lost
// the first of each image, or each n-th image's; nor are images of which half are empty at random.
func TestRightClassesOnly(t *testing.T) {
	rng := rand.New(rand.NewPCG(71, 72))
	sources := []dataset.Source{*inScenes(6000, 1, rng)}
	if !testing.Short() {
		sources = append(sources, realfiles.FirstImages(t)...)
	}
	tries := 0
	for i := range sources {
		src := &sources[i]
		right := func(keep func(o *dataset.Object) bool) {
			tries++
			part := realfiles.Rebuilt(src, func(_ int, _ *dataset.Image, own []dataset.Object) (out []dataset.Object) {
				for k := range own {
					if keep(&own[k]) {
						out = append(out, own[k])
					}
				}
				return out
			})
			at := site{src: part, seen: glanceAt(part)}
			for name, tells := range map[string]rule{"emptied": of(series.OfEmptied), "lost": lost} {
				if f, ok := tells(at); ok && f.Level != findings.Info {
					t.Errorf("%s, %d objects: %s: %s", src.Name, len(part.Objects), name, f.Message)
				}
			}
		}
		for c := range src.Categories[:min(12, len(src.Categories))] {
			class := src.Categories[c].Class
			right(func(o *dataset.Object) bool { return o.Class == class })
			right(func(o *dataset.Object) bool { return o.Class != class })
		}
		for _, rate := range []float64{0.1, 0.5, 0.6, 0.9} {
			last, empty := int32(-1), false
			right(func(o *dataset.Object) bool {
				if o.Image != last {
					last, empty = o.Image, rng.Float64() < rate
				}
				return !empty
			})
		}
	}
	t.Logf("%d right files", tries)
}
