package convention

import (
	"math/rand/v2"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// withParents returns a source whose objects, in some images, stand a second time as the parent of their class: one of
// each four classes, or the one that parentOf returns.
func withParents(src *dataset.Source, in func(image int) bool, behind bool) *dataset.Source {
	first := int32(0)
	for i := range src.Categories {
		first = max(first, src.Categories[i].Class+1)
	}
	out := realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) (all []dataset.Object) {
		for _, o := range own {
			parent := o
			parent.Class = first + o.Class/4
			switch {
			case !in(i) || o.Class < 0:
				all = append(all, o)
			case behind:
				all = append(all, o)
				defer func() { all = append(all, parent) }()
			default:
				all = append(all, o, parent)
			}
		}
		return all
	})
	for c := range first/4 + 1 {
		out.Categories = append(out.Categories, dataset.Category{ID: dataset.PlainID(int64(1000 + c)), Class: first + c})
	}
	return out
}

// TestParents: objects that stand a second time as their parent class are told of, in all images and in the first,
// middle and last third, with the parents; no real file is, nor one with a second class in other boxes.
func TestParents(t *testing.T) {
	rng := rand.New(rand.NewPCG(81, 82))
	sources := []dataset.Source{*inScenes(400, 1, rng)}
	if !testing.Short() {
		sources = append(sources, realfiles.FirstImages(t)...)
	}
	of, found := 0, 0
	for i := range sources {
		src := &sources[i]
		if p := OfParents(src); p.Found() {
			t.Errorf("%s: %+v", src.Name, p)
		}
		n := len(src.Images)
		part := realfiles.Rebuilt(src, func(_ int, _ *dataset.Image, own []dataset.Object) (all []dataset.Object) {
			for _, o := range own {
				part := o
				part.Class += 1000
				part.Box.W, part.Box.H = part.Box.W/2, part.Box.H/2
				all = append(all, o, part)
			}
			return all
		})
		if p := OfParents(part); p.Found() {
			t.Errorf("%s, parts: %+v", src.Name, p)
		}
		if n < 90 {
			continue
		}
		for _, in := range []func(int) bool{
			func(int) bool { return true }, func(i int) bool { return i < n/3 },
			func(i int) bool { return i >= n/3 && i < 2*n/3 }, func(i int) bool { return i >= n-n/3 },
		} {
			for _, behind := range []bool{false, true} {
				of++
				wrong := withParents(src, in, behind)
				p := OfParents(wrong)
				if !p.Found() {
					t.Logf("%s, %d images: nothing is told", src.Name, n)
					continue
				}
				found++
				for _, c := range p.Of {
					if int(c.class) < len(src.Categories) && len(c.children) > 1 {
						t.Errorf("%s: class %d of %d is no parent: %+v", src.Name, c.class, len(src.Categories), c)
					}
				}
			}
		}
	}
	t.Logf("of %d files %d are told of", of, found)
	if found < of*9/10 {
		t.Errorf("of %d files %d are told of", of, found)
	}
}

// TestParentsFinding: the message names the parent, its children and the supercategories of the list.
func TestParentsFinding(t *testing.T) {
	src := withParents(inScenes(200, 1, rand.New(rand.NewPCG(83, 84))), func(int) bool { return true }, false)
	d := &dataset.Dataset{Classes: make([]dataset.Class, 12)}
	for c := range d.Classes {
		d.Classes[c].Name = string(rune('a' + c))
	}
	src.Categories[0].Group = "i" // class 8, the parent of the first four
	f, ok := parentsToo(site{d: d, src: src, seen: glanceAt(src)})
	if !ok || f.Key != "parents" {
		t.Fatalf("%v %+v", ok, f)
	}
	for _, want := range []string{"as the supercategories of the list say", `of "i" have the box of `, `"a" (`} {
		if !strings.Contains(f.Message, want) {
			t.Errorf("%q is not in %s", want, f.Message)
		}
	}
}

// TestParentOfTheFirstClass: without supercategories, a class that has the boxes of two others is their parent, whatever
// the numbers of these, and nothing is said of supercategories; with them, the class that they name is, in every run.
func TestParentOfTheFirstClass(t *testing.T) {
	rng := rand.New(rand.NewPCG(83, 84))
	draw := func(pairs ...[2]int32) *dataset.Source { // in each image, a box for each pair of classes, as objects of both
		src := &dataset.Source{Name: "a.json"}
		for c := range int32(5) {
			src.Categories = append(src.Categories, dataset.Category{ID: dataset.PlainID(int64(c)), Class: c})
		}
		for i := range int32(60) {
			im := dataset.Image{ID: dataset.PlainID(int64(i)), Size: geom.Size{W: 640, H: 480}, First: int32(len(src.Objects))}
			for _, pair := range pairs {
				box := geom.Rect{X: 500 * rng.Float64(), Y: 300 * rng.Float64(), W: 20 + 90*rng.Float64(), H: 20 + 90*rng.Float64()}
				for _, c := range pair {
					src.Objects = append(src.Objects, dataset.Object{Image: i, Class: c, Box: box, Offset: int64(len(src.Objects))})
				}
			}
			im.Last = int32(len(src.Objects))
			src.Images = append(src.Images, im)
		}
		return src
	}
	tell := func(src *dataset.Source) string {
		d := &dataset.Dataset{Sources: []dataset.Source{*src}}
		for _, name := range []string{"car", "vehicle", "bus", "tree", "plant"} {
			d.Classes = append(d.Classes, dataset.Class{Name: name})
		}
		f, _ := parentsToo(site{d: d, src: src, seen: glanceAt(src)})
		return f.Message
	}
	src := draw([2]int32{0, 1}, [2]int32{2, 1})
	if got := tell(src); !strings.Contains(got, `120 of 120 objects of "vehicle" have the box of "bus" (60), "car" (60)`) &&
		!strings.Contains(got, `120 of 120 objects of "vehicle" have the box of "car" (60), "bus" (60)`) ||
		strings.Contains(got, "supercategories") {
		t.Errorf("got %q", got)
	}
	src = draw([2]int32{1, 0}, [2]int32{1, 2}, [2]int32{2, 3}, [2]int32{2, 4})
	src.Categories[0].Group = "Vehicle"
	want := tell(src)
	if !strings.Contains(want, `"vehicle"`) || !strings.Contains(want, "as the supercategories of the list say") {
		t.Errorf("got %q", want)
	}
	src = draw([2]int32{1, 0})
	for k := range src.Objects { // two thirds of them have no other label
		if o := &src.Objects[k]; o.Class == 0 && o.Image >= 20 {
			o.Box.X++
		}
	}
	if got := tell(src); got != "" {
		t.Errorf("20 of 60 have the box of another one: %q", got)
	}
	src.Objects[0].Class = -1 // a record without a category
	tell(src)
	src = draw([2]int32{1, 0}, [2]int32{1, 2}, [2]int32{2, 3}, [2]int32{2, 4})
	src.Categories[0].Group = "Vehicle"
	want = tell(src)
	for range 40 {
		if got := tell(src); got != want {
			t.Fatalf("%q, then %q", want, got)
		}
	}
}
