package convention

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/between"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/series"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// slips returns what is said of a source by the rules of slips.go, moved.go, filtered.go, renumbered.go, cut.go, rounds.go
// and sizes.go's clipped.
func slips(src *dataset.Source) (said []string) {
	t := count(src)
	b := t.readBoxes(src)
	if z := t.readSizes(src); !b.Found() && z.Kind == Clipped {
		said = append(said, "clipped")
	} else if m := t.readSlip(src); !b.Found() && m.Kind != NoSlip {
		said = append(said, [...]string{Early: "early", Square: "square", Whole: "whole", SnappedParts: "hundredths", FromOrigin: "origin", Thirds: "thirds", Diagonal: "diagonal",
			Snapped: "snapped", Running: "running", Same: "same", HalfCentre: "centre and half", Halved: "halved",
			HalfSides: "half sides"}[m.Kind])
	}
	if m := t.readMoved(src); m.Found() {
		said = append(said, "moved")
	}
	if t.stray() {
		said = append(said, "stray")
	}
	if f := OfFiltered(src); f.Found() {
		said = append(said, "filtered")
	}
	if r := OfRenumbered(src); r.From >= 0 {
		said = append(said, "renumbered")
	}
	if c := OfCut(src); c.Capped() {
		said = append(said, "capped")
	} else if c.Late.Found() {
		said = append(said, "late")
	} else if c.Ends() {
		said = append(said, "ends")
	}
	if r := OfRounds(src); r.Found() {
		said = append(said, "rounds")
	}
	if c := series.OfCarried(src); c.Copied() {
		said = append(said, "copied")
	}
	return said
}

// TestNoFalseAlarmOnSlips: no real file shows a slip, nor do any few boxes from it, nor the keys of its
// annotations.
func TestNoFalseAlarmOnSlips(t *testing.T) {
	sources := realfiles.RealSources(t)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range sources {
		src := &sources[i]
		if said := slips(src); len(said) > 0 {
			t.Errorf("%s: %v", src.Name, said)
		}
		for trait := dataset.Rotated; trait < dataset.NumTraits; trait++ {
			if n := src.Traits[trait].N; n > 0 {
				t.Errorf("%s: trait %d in %d annotations", src.Name, trait, n)
			}
		}
		inOrder := realfiles.Rebuilt(src, func(_ int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
			slices.SortStableFunc(own, func(a, b dataset.Object) int { return cmp.Compare(a.Class, b.Class) })
			return own
		})
		if c := OfCut(inOrder); c.Late.Found() {
			t.Errorf("%s, in the order of the classes: %+v", src.Name, c)
		}
		classes := int32(0)
		for k := range src.Objects {
			classes = max(classes, src.Objects[k].Class+1)
		}
		if p := series.OfSplits(src); p.Found() {
			t.Errorf("%s: %v", src.Name, p.Images)
		}
		if c := OfCut(src); c.Single() {
			t.Errorf("%s: %+v", src.Name, c)
		}
		if two, ok := between.ClassesApart(&dataset.Dataset{Sources: []dataset.Source{*src}, Classes: make([]dataset.Class, classes)}); ok {
			t.Errorf("%s: %s and %s are apart", src.Name, two[0].Dir, two[1].Dir)
		}
		for _, n := range []int{20, 50, 200, 1000} {
			for range 250 {
				if said := slips(drawnFrom(src, n, rng)); len(said) > 0 {
					t.Errorf("%s, %d boxes: %v", src.Name, n, said)
				}
			}
		}
	}
}

// remadeBoxes returns a source with what f makes of each box's corners; boxes without sides of 1 px are dropped.
func remadeBoxes(src *dataset.Source, f func(b geom.Box, w, h float64) geom.Box) *dataset.Source {
	return realfiles.Rebuilt(src, func(_ int, im *dataset.Image, own []dataset.Object) (out []dataset.Object) {
		for _, o := range own {
			if !sample.Told(&o) {
				continue
			}
			b := f(o.Box.Box(), float64(im.Size.W), float64(im.Size.H))
			if b.X1-b.X0 < 1 || b.Y1-b.Y0 < 1 {
				continue
			}
			o.Box = b.Rect()
			out = append(out, o)
		}
		return out
	})
}

// slip is a way to make a real file wrong.
type slip struct {
	what string
	can  func(src *dataset.Source) bool
	make func(src *dataset.Source) *dataset.Source
	bar  float64 // the part of the files that are told of at least
}

// slipped returns the slips that readSlip and the rules beside it tell of.
func slipped() []slip {
	rng := rand.New(rand.NewPCG(5, 6))
	some := func(least int) func(src *dataset.Source) bool {
		return func(src *dataset.Source) bool { return len(src.Objects) >= least }
	}
	pairs := func(least int) func(src *dataset.Source) bool {
		return func(src *dataset.Source) bool { c := OfCut(src); return len(src.Objects)-c.Boxed >= least }
	}
	return []slip{
		{"clipped", some(400), func(src *dataset.Source) *dataset.Source {
			return remadeBoxes(src, func(b geom.Box, w, h float64) geom.Box {
				return geom.Box{X0: min(b.X0, h), Y0: min(b.Y0, w), X1: min(b.X1, h), Y1: min(b.Y1, w)}
			})
		}, 0.85},
		{"origin", some(100), func(src *dataset.Source) *dataset.Source {
			return remadeBoxes(src, func(b geom.Box, w, h float64) geom.Box {
				if rng.IntN(10) == 0 {
					b.X0, b.Y0 = 0, 0
				}
				return b
			})
		}, 0.85},
		{"thirds", some(200), func(src *dataset.Source) *dataset.Source {
			return remadeBoxes(src, func(b geom.Box, w, h float64) geom.Box {
				// A polygon's first point, on the upper edge, and the second, a tenth of the sides further.
				x, y := b.X0+rng.Float64()*(b.X1-b.X0), b.Y0
				x2, y2 := x-0.1*(b.X1-b.X0), y+0.1*(b.Y1-b.Y0)
				return geom.Box{X0: max(0, x-x2/2), Y0: max(0, y-y2/2), X1: min(w, x+x2/2), Y1: min(h, y+y2/2)}
			})
		}, 0.85},
		{"diagonal", some(200), func(src *dataset.Source) *dataset.Source {
			return remadeBoxes(src, func(b geom.Box, w, h float64) geom.Box {
				return geom.Box{X0: b.X0, Y0: b.X1 / w * h, X1: b.Y0 / h * w, Y1: b.Y1}
			})
		}, 0.85},
		{"snapped", some(200), func(src *dataset.Source) *dataset.Source {
			return remadeBoxes(src, func(b geom.Box, w, h float64) geom.Box {
				snap := func(v float64) float64 { return 16 * math.Round(v/16) }
				x, y := snap(b.X0), snap(b.Y0)
				return geom.Box{X0: x, Y0: y, X1: min(w, x+max(16, snap(b.X1-b.X0))), Y1: min(h, y+max(16, snap(b.Y1-b.Y0)))}
			})
		}, 0.75},
		{"centre and half", touching, func(src *dataset.Source) *dataset.Source {
			return remadeBoxes(src, func(b geom.Box, _, _ float64) geom.Box {
				x, y := (b.X0+b.X1)/2, (b.Y0+b.Y1)/2
				return geom.Box{X0: x, Y0: y, X1: b.X1, Y1: b.Y1}
			})
		}, 0.8},
		{"halved", touching, func(src *dataset.Source) *dataset.Source {
			return remadeBoxes(src, func(b geom.Box, _, _ float64) geom.Box {
				w, h := (b.X1-b.X0)/4, (b.Y1-b.Y0)/4
				return geom.Box{X0: b.X0 + w, Y0: b.Y0 + h, X1: b.X1 - w, Y1: b.Y1 - h}
			})
		}, 0.8},
		{"half sides", touching, func(src *dataset.Source) *dataset.Source {
			return remadeBoxes(src, func(b geom.Box, _, _ float64) geom.Box {
				return geom.Box{X0: b.X0, Y0: b.Y0, X1: (b.X0 + b.X1) / 2, Y1: (b.Y0 + b.Y1) / 2}
			})
		}, 0.8},
		{"running", pairs(200), func(src *dataset.Source) *dataset.Source {
			return realfiles.Rebuilt(src, func(_ int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
				own = slices.DeleteFunc(own, func(o dataset.Object) bool { return !sample.Told(&o) })
				for k := 1; k < len(own); k++ {
					a, b := own[k-1].Box.Box(), own[k].Box.Box()
					x, y := min(a.X0, b.X0), min(a.Y0, b.Y0)
					own[k].Box = geom.Rect{X: x, Y: y, W: max(a.X1, b.X1) - x, H: max(a.Y1, b.Y1) - y}
				}
				return own
			})
		}, 0.9},
		{"same", pairs(200), func(src *dataset.Source) *dataset.Source {
			return realfiles.Rebuilt(src, func(_ int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
				own = slices.DeleteFunc(own, func(o dataset.Object) bool { return !sample.Told(&o) })
				for k := range own {
					own[k].Box = own[len(own)-1].Box
				}
				return own
			})
		}, 0.9},
		{"capped", func(src *dataset.Source) bool { n, full, _ := countsOf(src); return n >= 5 && full >= 10 },
			func(src *dataset.Source) *dataset.Source {
				n, _, _ := countsOf(src)
				return realfiles.Rebuilt(src, func(_ int, _ *dataset.Image, own []dataset.Object) []dataset.Object { return own[:min(n, len(own))] })
			}, 0.85},
		{"late", mixedCut, func(src *dataset.Source) *dataset.Source {
			n, _, _ := countsOf(src)
			return realfiles.Rebuilt(src, func(_ int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
				slices.SortStableFunc(own, func(a, b dataset.Object) int { return cmp.Compare(a.Class, b.Class) })
				return own[:min(n, len(own))]
			})
		}, 0.5},
		{"ends", func(src *dataset.Source) bool {
			_, _, empty := countsOf(src)
			return empty == 0 && len(src.Images) >= 100
		},
			func(src *dataset.Source) *dataset.Source {
				return realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
					if i > 2*len(src.Images)/3 {
						return nil
					}
					return own
				})
			}, 1},
		{"moved", func(src *dataset.Source) bool { return edged(src) != numEdges }, func(src *dataset.Source) *dataset.Source {
			e := edged(src)
			x, y := [...]float64{120, 0, -120, 0}[e], [...]float64{0, 120, 0, -120}[e]
			return remadeBoxes(src, func(b geom.Box, _, _ float64) geom.Box {
				return geom.Box{X0: b.X0 + x, Y0: b.Y0 + y, X1: b.X1 + x, Y1: b.Y1 + y}
			})
		}, 0.6},
		{"square", some(200), func(src *dataset.Source) *dataset.Source {
			return remadeBoxes(src, func(b geom.Box, _, _ float64) geom.Box {
				if rng.IntN(2) == 0 {
					b.Y1 = b.Y0 + b.X1 - b.X0
				}
				return b
			})
		}, 0.7},
		{"early", some(1000), func(src *dataset.Source) *dataset.Source { // what comes out negative is dropped
			return remadeBoxes(src, func(b geom.Box, _, _ float64) geom.Box {
				return geom.Box{X0: b.X0, Y0: b.Y0, X1: b.X1 - b.X0, Y1: b.Y1 - b.Y0}
			})
		}, 0.2},
		{"whole", pairs(200), func(src *dataset.Source) *dataset.Source {
			return remadeBoxes(src, func(b geom.Box, w, h float64) geom.Box {
				if rng.IntN(12) == 0 {
					return geom.Box{X1: w, Y1: h}
				}
				return b
			})
		}, 0.9},
		{"hundredths", func(src *dataset.Source) bool { return len(src.Objects) >= 200 && large(src) },
			func(src *dataset.Source) *dataset.Source {
				return remadeBoxes(src, func(b geom.Box, w, h float64) geom.Box {
					parts := func(v, of float64) float64 { return math.Round(100*v/of) / 100 * of }
					x, y := parts((b.X0+b.X1)/2, w), parts((b.Y0+b.Y1)/2, h)
					dx, dy := parts(b.X1-b.X0, w)/2, parts(b.Y1-b.Y0, h)/2
					return geom.Box{X0: x - dx, Y0: y - dy, X1: x + dx, Y1: y + dy}
				})
			}, 0.9},
		{"filtered", some(1000), func(src *dataset.Source) *dataset.Source { // the smaller half is left out
			var areas []float64
			for k := range src.Objects {
				areas = append(areas, src.Objects[k].Box.W*src.Objects[k].Box.H)
			}
			slices.Sort(areas)
			return realfiles.Rebuilt(src, func(_ int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
				return slices.DeleteFunc(own, func(o dataset.Object) bool { return o.Box.W*o.Box.H < areas[len(areas)/2] })
			})
		}, 0.9},
		{"stray", func(src *dataset.Source) bool { return len(src.Objects) >= 400 && len(src.Images) >= 40 },
			func(src *dataset.Source) *dataset.Source { // one image in five is half as large as its boxes say
				return realfiles.Rebuilt(src, func(i int, im *dataset.Image, own []dataset.Object) []dataset.Object {
					if i%5 == 0 {
						im.Size = geom.Size{W: im.Size.W/2 + 1, H: im.Size.H/2 + 1}
					}
					return own
				})
			}, 0.8},
		{"renumbered", func(src *dataset.Source) bool { return len(sample.ListRanks(src)) >= 10 && len(src.Objects) >= 800 },
			func(src *dataset.Source) *dataset.Source { // the list of the second half is one place off
				rank := sample.ListRanks(src)
				class := make([]int32, len(rank))
				for c, i := range rank {
					class[i] = c
				}
				return realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
					for k := range own {
						if at, known := rank[own[k].Class]; known && 2*i >= len(src.Images) {
							own[k].Class = class[(at+1)%len(class)]
						}
					}
					return own
				})
			}, 0.5},
		{"rounds", func(src *dataset.Source) bool { c := OfCut(src); return c.Boxed >= 200 }, halves, 0.9},
		{"copied", func(src *dataset.Source) bool { c := OfCut(src); return c.Boxed >= 100 }, bursts, 1},
	}
}

// TestPowerOnSlips: real files that are made wrong are told of. Each slip says of which files that can be asked.
func TestPowerOnSlips(t *testing.T) {
	sources := realfiles.FirstImages(t)
	for _, c := range slipped() {
		found, of := 0, 0
		for i := range sources {
			src := &sources[i]
			if !c.can(src) {
				continue
			}
			of++
			if said := slips(c.make(src)); slices.Contains(said, c.what) {
				found++
			} else {
				t.Logf("%s, %s: %v", src.Name, c.what, said)
			}
		}
		t.Logf("%s: %d of %d", c.what, found, of)
		if of < 4 || float64(found) < c.bar*float64(of) {
			t.Errorf("%s: %d of %d are told of, want %.0f %%", c.what, found, of, 100*c.bar)
		}
	}
}

// edged returns an edge at which boxes end often enough, 30 of them and 4 % within 2 px, and more than in the next 12;
// numEdges if there is none.
func edged(src *dataset.Source) Edge {
	n := 0
	var at, behind [numEdges]int
	sample.Each(src, func(_ int32, o *dataset.Object, w, h float64) {
		n++
		for e := range numEdges {
			d := e.distance(&o.Box, w, h)
			at[e] += sample.One(d < 2)
			behind[e] += sample.One(d >= 2 && d < 14)
		}
	})
	for e := range numEdges {
		if at[e] >= 30 && 25*at[e] >= n && 3*at[e] >= 5*behind[e] {
			return e
		}
	}
	return numEdges
}

// large tells whether nearly all boxes are in images of 300 px or more.
func large(src *dataset.Source) bool {
	n, of := 0, 0
	sample.Each(src, func(_ int32, _ *dataset.Object, w, h float64) {
		of++
		n += sample.One(min(w, h) >= 300)
	})
	return 10*n >= 9*of && of > 0
}

// touching tells whether boxes end at the edges of their images often enough to show half sides: 30 of them, and 4 %, at
// the upper or left edges, and at the others.
func touching(src *dataset.Source) bool {
	var at edges
	n := 0
	sample.Each(src, func(_ int32, o *dataset.Object, w, h float64) {
		n++
		at.add(o.Box.Box(), w, h)
	})
	return n >= 200 && min(at[0], at[1]) >= 30 && 100*min(at[0], at[1]) >= 4*n
}

// mixedCut tells whether lists in the order of classes that are cut at the median can be told: there are 300
// images with annotations, of three classes or more, and the cut leaves too few images with fewer for the rule that knows no
// classes.
func mixedCut(src *dataset.Source) bool {
	n, full, _ := countsOf(src)
	classes := map[int32]bool{}
	for k := range src.Objects {
		classes[src.Objects[k].Class] = true
	}
	cut := realfiles.Rebuilt(src, func(_ int, _ *dataset.Image, own []dataset.Object) []dataset.Object { return own[:min(n, len(own))] })
	c := OfCut(cut)
	return full >= 100 && len(classes) >= 3 && c.Full >= c.Below && !c.Capped()
}

// countsOf returns the median number of annotations of the images with any, how many images have more, and
// how many none.
func countsOf(src *dataset.Source) (n, full, empty int) {
	var counts []int
	for i := range src.Images {
		if im := &src.Images[i]; im.First < im.Last {
			counts = append(counts, int(im.Last-im.First))
		} else {
			empty++
		}
	}
	if len(counts) == 0 {
		return 0, 0, empty
	}
	slices.Sort(counts)
	n = counts[len(counts)/2]
	for _, c := range counts {
		full += sample.One(c > n)
	}
	return n, full, empty
}

// halves returns a source with the images of its first half, and the annotations of both.
func halves(src *dataset.Source) *dataset.Source {
	half := len(src.Images) / 2
	behind := int64(1) << 40
	out := realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
		if i >= half {
			return nil
		}
		other := &src.Images[half+i]
		return append(own, src.Objects[other.First:other.Last]...)
	})
	n := 0
	for i := range out.Images { // objects of the second half stand behind all others
		im := &out.Images[i]
		if i < half && src.Images[i].LeftOut == dataset.InUse {
			for k := im.First + src.Images[i].Last - src.Images[i].First; k < im.Last; k++ {
				out.Objects[k].Offset += behind
				n++
			}
		}
	}
	if n > 0 {
		out.Returns = 1
	}
	return out
}

// bursts gives each image the boxes of the first one of three.
func bursts(src *dataset.Source) *dataset.Source {
	var first []dataset.Object
	n := 0
	return realfiles.Rebuilt(src, func(_ int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
		if len(own) == 0 {
			return nil
		}
		if n%3 == 0 {
			first = own
		}
		n++
		return slices.Clone(first)
	})
}

// inRounds writes and reads a file of 500 images, with annotations in two rounds: class says of which class one is, 0 for none.
func inRounds(t *testing.T, class func(round, image int) int, file func(image int) string) *dataset.Dataset {
	t.Helper()
	var images, annotations []string
	for i := range 500 {
		images = append(images, fmt.Sprintf(`{"id":%d,"file_name":%q,"width":800,"height":600}`, i+1, file(i)))
	}
	for round := range 2 {
		for i := range 500 {
			if c := class(round, i); c > 0 {
				annotations = append(annotations, fmt.Sprintf(`{"id":%d,"image_id":%d,"category_id":%d,"bbox":[%d,%d,50,60],`+
					`"iscrowd":0,"area":3000}`, len(annotations)+1, i+1, c, 10+i+100*round, 20+i%300))
			}
		}
	}
	path := filepath.Join(t.TempDir(), "x.json")
	data := fmt.Sprintf(`{"images":[%s],"annotations":[%s],"categories":[{"id":1,"name":"a"},{"id":2,"name":"b"},`+
		`{"id":3,"name":"c"},{"id":4,"name":"d"}]}`, strings.Join(images, ","), strings.Join(annotations, ","))
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
	return realfiles.Read(t, false, path)
}

// A file whose annotations go through the images twice is told of, unless each round has classes of its own; and so are
// two directories without a class in common.
func TestRoundsAndParts(t *testing.T) {
	plain := func(i int) string { return fmt.Sprintf("%d.jpg", i) }
	sorted := func(i int) string { return fmt.Sprintf("set/%d/%d.jpg", i%2, i) }
	for _, c := range []struct {
		name  string
		class func(round, image int) int
		file  func(image int) string
		want  string
	}{
		{"merged", func(_, i int) int { return 1 + i*i/5%3 }, plain, "image-id-duplicate"},
		{"one round", func(round, i int) int { return (1 - round) * (1 + i*i/5%3) }, plain, ""},
		{"class by class", func(round, i int) int { return 1 + 2*round + i%2 }, plain, ""},
		{"one after the other", func(round, i int) int { return sample.One(i/250 == round) }, plain, ""},
		{"apart", func(round, i int) int { return (1 - round) * max(1, i%2*(2+i/2%3)) }, sorted, "classes-apart"},
		{"one class each", func(round, i int) int { return (1 - round) * (1 + i%2) }, sorted, ""},
		{"a class in common", func(round, i int) int { return (1 - round) * (1 + i/2%4) }, sorted, ""},
	} {
		var got []string
		for _, m := range messages(t, inRounds(t, c.class, c.file)) {
			// All images may have one object here, and all boxes have one size.
			if code := m[:strings.Index(m, ": ")]; code != "info annotations-cut" && code != "info box-convention" {
				got = append(got, strings.TrimPrefix(code, "warning "))
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
