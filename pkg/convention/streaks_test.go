package convention

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// streaks returns what is said of a source by the rules that look for stretches of images.
func streaks(src *dataset.Source) (said []string) {
	g := glanceAt(src)
	if l := g.oneLabel(); l.Found() && l.Default() {
		said = append(said, "default")
	} else if l.Found() {
		said = append(said, "one class")
	}
	if o := g.onceIn(); o.Found() {
		said = append(said, "once")
	}
	if p := g.padded(); p.Found() {
		said = append(said, [...]string{"padded", "kept", "twice"}[p.What])
	}
	return said
}

// asIs returns a copy of a source.
func asIs(src *dataset.Source) *dataset.Source {
	return realfiles.Rebuilt(src, func(_ int, _ *dataset.Image, own []dataset.Object) []dataset.Object { return own })
}

// inOrder returns a source whose images stand in the order of a comparison, in the file.
func inOrder(src *dataset.Source, compare func(a, b *dataset.Image) int) *dataset.Source {
	order := make([]int, len(src.Images))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return compare(&src.Images[a], &src.Images[b]) })
	return someImages(src, order)
}

// TestNoFalseAlarmOnStreaks: no real file has such stretches, nor any part of one, nor few boxes of it. Files that are
// sorted by class, whole or with one class an image only, have none in which a class stands for others.
func TestNoFalseAlarmOnStreaks(t *testing.T) {
	sources := realfiles.FirstImages(t)
	rng := rand.New(rand.NewPCG(7, 8))
	tries := 0
	for i := range sources {
		src := &sources[i]
		if said := streaks(src); len(said) > 0 {
			t.Errorf("%s: %v", src.Name, said)
		}
		for _, n := range []int{50, 200, 1000} {
			for range 40 {
				tries++
				if said := streaks(drawnFrom(src, n, rng)); len(said) > 0 {
					t.Errorf("%s, %d boxes: %v", src.Name, n, said)
				}
			}
		}
		for _, n := range []int{60, 100, 200, 400, 1500} {
			for range 40 {
				if n >= len(src.Images) {
					break
				}
				tries++
				from := rng.IntN(len(src.Images) - n)
				part := asIs(src)
				realfiles.CutImages(part, from, n)
				if said := streaks(part); len(said) > 0 {
					t.Errorf("%s, %d images from %d: %v", src.Name, n, from, said)
				}
			}
		}
		class := func(s *dataset.Source) func(a, b *dataset.Image) int {
			first := func(im *dataset.Image) int32 {
				if im.First == im.Last {
					return -1
				}
				return s.Objects[im.First].Class
			}
			return func(a, b *dataset.Image) int { return cmp.Compare(first(a), first(b)) }
		}
		alone := realfiles.Rebuilt(src, func(_ int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
			return slices.DeleteFunc(own, func(o dataset.Object) bool { return o.Class != own[0].Class })
		})
		for what, s := range map[string]*dataset.Source{"as it is": asIs(src), "one class an image": alone} {
			if said := streaks(inOrder(s, class(s))); len(said) > 0 {
				t.Errorf("%s, sorted by class, %s: %v", src.Name, what, said)
			}
		}
	}
	t.Logf("%d draws and stretches", tries)
}

// TestAddedOneClass: images of one class that are put behind a file of many are told of as what they are, an info: the
// boxes are those of their class, not of all classes.
func TestAddedOneClass(t *testing.T) {
	sources := realfiles.FirstImages(t)
	of, defaults, infos := 0, 0, 0
	for i := range sources {
		src := &sources[i]
		if !withClasses(4)(src) {
			continue
		}
		for _, c := range src.Categories {
			has := func(im *dataset.Image) bool {
				return slices.ContainsFunc(src.Objects[im.First:im.Last], func(o dataset.Object) bool { return o.Class == c.Class })
			}
			n := 0
			for j := range src.Images {
				n += sample.One(has(&src.Images[j]))
			}
			if n < 60 || 2*n > len(src.Images) {
				continue
			}
			k := 0
			added := map[string]bool{} // every second image with the class
			for j := range src.Images {
				if im := &src.Images[j]; has(im) {
					added[im.File+im.ID.String()] = k%2 == 0
					k++
				}
			}
			marked := realfiles.Rebuilt(src, func(_ int, im *dataset.Image, own []dataset.Object) []dataset.Object {
				if added[im.File+im.ID.String()] {
					own = slices.DeleteFunc(own, func(o dataset.Object) bool { return o.Class != c.Class })
				}
				return own
			})
			behind := inOrder(marked, func(a, b *dataset.Image) int {
				return sample.One(added[a.File+a.ID.String()]) - sample.One(added[b.File+b.ID.String()])
			})
			of++
			said := streaks(behind)
			defaults += sample.One(slices.Contains(said, "default"))
			infos += sample.One(slices.Contains(said, "one class"))
			if slices.Contains(said, "default") {
				t.Logf("%s, class %d: %d images: %+v", src.Name, c.Class, n/2, glanceAt(behind).oneLabel())
			}
		}
	}
	t.Logf("%d files: %d with a default, %d with one class", of, defaults, infos)
	if of < 50 || 20*defaults > of || infos == 0 {
		t.Errorf("%d files: %d with a default, %d with one class", of, defaults, infos)
	}
}

// TestStreaks: real files of which a part is made wrong are told of, in as many as stand in docs/conventions.md.
func TestStreaks(t *testing.T) {
	sources := realfiles.FirstImages(t)
	class := func(at func(src *dataset.Source) int32) func(*dataset.Source, func(int) bool) *dataset.Source {
		return func(src *dataset.Source, in func(int) bool) *dataset.Source {
			c := at(src)
			return realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
				for k := range own {
					if in(i) {
						own[k].Class = c
					}
				}
				return own
			})
		}
	}
	first := class(func(src *dataset.Source) int32 { return src.Categories[0].Class })
	last := class(func(src *dataset.Source) int32 { return src.Categories[len(src.Categories)-1].Class })
	once := func(src *dataset.Source, in func(int) bool) *dataset.Source {
		return realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) (out []dataset.Object) {
			for _, o := range own {
				if !in(i) || !slices.ContainsFunc(out, func(p dataset.Object) bool { return p.Class == o.Class }) {
					out = append(out, o)
				}
			}
			return out
		})
	}
	padded := func(src *dataset.Source, in func(int) bool) *dataset.Source {
		return realfiles.Rebuilt(src, func(i int, im *dataset.Image, own []dataset.Object) []dataset.Object {
			w, h := float64(im.Size.W), float64(im.Size.H)
			x, y := min(1, w/h), min(1, h/w)
			for k := range own {
				if b := own[k].Box; in(i) {
					own[k].Box = geom.Rect{X: x*b.X + w*(1-x)/2, Y: y*b.Y + h*(1-y)/2, W: x * b.W, H: y * b.H}
				}
			}
			return own
		})
	}
	off := func(by float64) func(*dataset.Source, func(int) bool) *dataset.Source { // by the padding, and clipped
		return func(src *dataset.Source, in func(int) bool) *dataset.Source {
			return realfiles.Rebuilt(src, func(i int, im *dataset.Image, own []dataset.Object) (out []dataset.Object) {
				w, h := float64(im.Size.W), float64(im.Size.H)
				for _, o := range own {
					if b := &o.Box; in(i) {
						x0, y0 := b.X+by*max(0, h-w)/2, b.Y+by*max(0, w-h)/2
						x1, y1 := min(x0+b.W, w), min(y0+b.H, h)
						x0, y0 = max(x0, 0), max(y0, 0)
						if *b = (geom.Rect{X: x0, Y: y0, W: x1 - x0, H: y1 - y0}); b.W < 1 || b.H < 1 {
							continue
						}
					}
					out = append(out, o)
				}
				return out
			})
		}
	}
	mixed := func(src *dataset.Source) bool { // objects of several classes beside two of one class
		g, n, twins := glanceAt(src), 0, 0
		for _, p := range g.images {
			n += sample.One(p.class < 0)
			twins += sample.One(p.twin)
		}
		return min(n, twins) >= 50
	}
	oblong := func(src *dataset.Source) bool {
		n := 0
		for _, p := range glanceAt(src).images {
			n += sample.One(p.oblong)
		}
		return n >= 90
	}
	type part struct {
		name     string
		from, to float64
	}
	parts := []part{{"all", 0, 1}, {"last third", 2. / 3, 1}, {"a quarter amid", 0.3, 0.55}, {"last tenth", 0.9, 1}}
	for _, c := range []struct {
		what, want string
		least      [4]int // by part
		enough     func(src *dataset.Source) bool
		remake     func(src *dataset.Source, in func(image int) bool) *dataset.Source
	}{
		{"first class", "default", [4]int{0, 10, 8, 9}, withClasses(3), first},
		{"last class", "default", [4]int{0, 11, 11, 11}, withClasses(3), last},
		{"once", "once", [4]int{0, 12, 12, 9}, mixed, once},
		{"padded", "padded", [4]int{9, 7, 7, 5}, oblong, padded},
		{"kept", "kept", [4]int{10, 7, 7, 4}, oblong, off(1)},
		{"twice", "twice", [4]int{10, 9, 6, 5}, oblong, off(-1)},
	} {
		of, found := 0, [4]int{}
		for i := range sources {
			src := &sources[i]
			if !c.enough(src) {
				continue
			}
			of++
			n := float64(len(src.Images))
			for p, part := range parts {
				out := c.remake(src, func(i int) bool { return float64(i) >= part.from*n && float64(i) < part.to*n })
				if slices.Contains(streaks(out), c.want) {
					found[p]++
				} else if p > 0 || p == 0 && c.least[0] > 0 {
					t.Logf("%s: %s of %s is not told of: %v", c.what, part.name, src.Name, streaks(out))
				}
			}
		}
		t.Logf("%s: of %d files %v", c.what, of, found)
		for p := range found {
			if found[p] < c.least[p] {
				t.Errorf("%s, %s: %d, want %d", c.what, parts[p].name, found[p], c.least[p])
			}
		}
	}
}

// TestStreaksInAnyOrder: a part that is known by its ids, or by its directory, is found wherever its images stand in the
// file, and at the same place.
func TestStreaksInAnyOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	src := &dataset.Source{Name: "a.json"}
	for c := range 4 {
		src.Categories = append(src.Categories, dataset.Category{ID: dataset.PlainID(int64(c + 1)), Class: int32(c)})
	}
	const images, from = 240, 160 // the last third has one class
	for i := range images {
		im := dataset.Image{ID: dataset.PlainID(int64(i + 1)), Size: geom.Size{W: 640, H: 480}, First: int32(len(src.Objects))}
		for range 3 {
			class := int32(rng.IntN(4))
			if i >= from {
				class = 0
			}
			b := geom.Rect{X: 600 * rng.Float64(), Y: 440 * rng.Float64(), W: 4 + 30*rng.Float64(), H: 4 + 30*rng.Float64()}
			src.Objects = append(src.Objects, dataset.Object{Image: int32(i), Class: class, Box: b})
		}
		im.File = fmt.Sprintf("pictures/%c/%03d.jpg", 'a'+i/80, i)
		im.Last = int32(len(src.Objects))
		src.Images = append(src.Images, im)
	}
	look := func(s *dataset.Source) string {
		l := glanceAt(s).oneLabel()
		return fmt.Sprintf("%t %d %s", l.Example >= 0, l.n, l.place)
	}
	shuffled := func(s *dataset.Source) *dataset.Source {
		key := map[int64]int{}
		for i := range s.Images {
			id, _ := s.Images[i].ID.Int()
			key[id] = rng.IntN(1 << 30)
		}
		of := func(im *dataset.Image) int { id, _ := im.ID.Int(); return key[id] }
		return inOrder(s, func(a, b *dataset.Image) int { return cmp.Compare(of(a), of(b)) })
	}
	if got, want := look(asIs(src)), "true 80 that follow each other from image pictures/c/160.jpg on"; got != want {
		t.Errorf("in the file: %s, want %s", got, want)
	}
	byID := asIs(src)
	for i := range byID.Images {
		byID.Images[i].File = ""
	}
	byDir := asIs(src)
	for i := range byDir.Images {
		byDir.Images[i].ID = dataset.PlainID(int64(i * 7 % images))
	}
	for range 5 {
		if got, want := look(shuffled(byID)), "true 80 with ids from 161 to 240"; got != want {
			t.Errorf("by id: %s, want %s", got, want)
		}
		if got, want := look(shuffled(byDir)), "true 80 in pictures/c/"; got != want {
			t.Errorf("by directory: %s, want %s", got, want)
		}
	}
}
