package convention

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// withHulls returns a source with a box around the objects of each class of which an image from from to to has three or
// more, as an object of the class or of another one (with class set to it), off by some px. It says how many.
func withHulls(src *dataset.Source, from, to int, class int32, off float64) (out *dataset.Source, n int) {
	out = realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
		if i < from || i >= to {
			return own
		}
		of := map[int32][]dataset.Object{}
		var order []int32
		for _, o := range own {
			if o.Flags&dataset.Crowd == 0 && o.LeftOut == dataset.InUse {
				if len(of[o.Class]) == 0 {
					order = append(order, o.Class)
				}
				of[o.Class] = append(of[o.Class], o)
			}
		}
		for _, c := range order {
			if len(of[c]) < 3 {
				continue
			}
			hull := geom.Box{X0: math.Inf(1), Y0: math.Inf(1), X1: math.Inf(-1), Y1: math.Inf(-1)}
			for _, o := range of[c] {
				b := o.Box.Box()
				hull = geom.Box{X0: min(hull.X0, b.X0), Y0: min(hull.Y0, b.Y0), X1: max(hull.X1, b.X1), Y1: max(hull.Y1, b.Y1)}
			}
			group := of[c][0]
			group.Box = geom.Rect{X: hull.X0 - off, Y: hull.Y0 - off, W: hull.X1 - hull.X0 + 2*off, H: hull.Y1 - hull.Y0 + 2*off}
			if class >= 0 {
				group.Class = class
			}
			own = append(own, group)
			n++
		}
		return own
	})
	if class >= 0 {
		out.Categories = append(slices.Clone(out.Categories), dataset.Category{ID: dataset.TextID("group"), Class: class})
	}
	return out, n
}

// TestHullsInScenes: boxes around three or more objects of their class are told of, in all images and in a part; those
// of a class of their own are not, nor those with a margin, nor boxes that end with others on one side.
func TestHullsInScenes(t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 42))
	src := inScenes(300, 1, rng)
	for _, part := range [][2]int{{0, 300}, {0, 100}, {100, 200}, {200, 300}} {
		wrong, n := withHulls(src, part[0], part[1], -1, 0)
		if h := OfHulls(wrong); !h.Found() || h.Hulls < n-n/10 { // an object may be larger than its group
			t.Errorf("images %v: %+v, want %d", part, h, n)
		}
		if h := OfHulls(realfiles.Permuted(wrong, rng)); !h.Found() {
			t.Errorf("images %v, in any order: %+v", part, h)
		}
		own, _ := withHulls(src, part[0], part[1], 8, 0)
		if h := OfHulls(own); h.Found() {
			t.Errorf("images %v, a class of groups: %+v", part, h)
		}
		wide, _ := withHulls(src, part[0], part[1], -1, 2)
		if h := OfHulls(wide); h.Found() {
			t.Errorf("images %v, with a margin: %+v", part, h)
		}
	}
	whole := realfiles.Rebuilt(src, func(_ int, im *dataset.Image, own []dataset.Object) []dataset.Object {
		o, w, h := own[0], float64(im.Size.W), float64(im.Size.H)
		own = own[:0]
		for _, b := range []geom.Rect{{W: w, H: h}, {W: 90, H: 60}, {X: w - 80, W: 80, H: 70}, {Y: h - 50, W: 60, H: 50},
			{X: w - 44, Y: h - 55, W: 44, H: 55}} {
			o.Box = b
			own = append(own, o)
		}
		return own
	})
	if h := OfHulls(whole); h.Found() {
		t.Errorf("all end at the edges of their image: %+v", h)
	}
}

// TestHulls: no real file has such boxes, nor any part or draw of one; with them, in all of it or in a third, those are
// told of whose number stands in docs/conventions.md.
func TestHulls(t *testing.T) {
	rng := rand.New(rand.NewPCG(43, 44))
	tries, of, found := 0, [4]int{}, [4]int{}
	for _, src := range realfiles.FirstImages(t) {
		rightParts(&src, 20, []int{50, 150, 400, 1500}, rng, func(src *dataset.Source) {
			tries++
			if h := OfHulls(src); h.Found() {
				t.Errorf("%s, %d images: %+v", src.Name, len(src.Images), h)
			}
		})
		n := len(src.Images)
		for k, part := range [...][2]int{{0, n}, {0, n / 3}, {n / 3, n - n/3}, {n - n/3, n}} {
			wrong, made := withHulls(&src, part[0], part[1], -1, 0)
			if made < 20 {
				continue
			}
			of[k]++
			if h := OfHulls(wrong); h.Found() {
				found[k]++
			} else {
				t.Logf("%s, images %v, %d made: %+v", src.Name, part, made, h)
			}
			tries++
			own, _ := withHulls(&src, part[0], part[1], int32(realfiles.Classes(&src)), 0)
			if h := OfHulls(own); h.Found() {
				t.Errorf("%s, images %v, a class of groups: %+v", src.Name, part, h)
			}
		}
	}
	t.Logf("%d right ones; of %v files %v are told of", tries, of, found)
	if want := [4]int{19, 18, 16, 16}; of != want || found != want {
		t.Errorf("of %v files %v are told of, want all of %v", of, found, want)
	}
}

// TestClassBehind: boxes around groups, of a class of their own and behind all others in the file, are no column of
// classes that slips.
func TestClassBehind(t *testing.T) {
	rng := rand.New(rand.NewPCG(45, 46))
	src := inScenes(1200, 1, rng)
	behind, n := withHulls(src, 0, 1200, 8, 0)
	next := int64(len(behind.Objects))
	for k := range behind.Objects {
		o := &behind.Objects[k]
		if o.Offset = int64(k); o.Class == 8 {
			o.Offset = next
			next++
		}
	}
	if n < 100 {
		t.Errorf("%d groups", n)
	}
	behind.Returns = 1
	for _, f := range InspectSource(&dataset.Dataset{Sources: []dataset.Source{*behind}, Classes: make([]dataset.Class, 9)}, 0) {
		if f.Code == "columns-shifted" {
			t.Error(f.Message)
		}
	}
}
