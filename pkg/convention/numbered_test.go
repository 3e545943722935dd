package convention

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
)

// numberAnew gives the objects of some images the first classes of the list, in the order in which theirs appear.
func numberAnew(src *dataset.Source, in func(i int) bool) *dataset.Source {
	rank := rankOf(src)
	list := make([]int32, len(src.Categories))
	for i := range src.Categories {
		list[rank(src.Categories[i].Class)] = src.Categories[i].Class
	}
	return realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
		names := map[int32]int32{}
		for k := range own {
			if !in(i) {
				continue
			}
			c, ok := names[own[k].Class]
			if !ok {
				c = list[len(names)]
				names[own[k].Class] = c
			}
			own[k].Class = c
		}
		return own
	})
}

// setsOf returns the classes of each image, sorted.
func setsOf(src *dataset.Source) map[string][]int32 {
	sets := map[string][]int32{}
	for i := range src.Images {
		im := &src.Images[i]
		var own []int32
		for _, o := range src.Objects[im.First:im.Last] {
			own = append(own, o.Class)
		}
		slices.Sort(own)
		sets[im.File+im.ID.String()] = slices.Compact(own)
	}
	return sets
}

// TestNumberedScenes: classes numbered anew in each drawn image are told of, in all or in a part, in any order of the
// objects; those of images that show the first class with others and not, or all of a few, are not.
func TestNumberedScenes(t *testing.T) {
	rng := rand.New(rand.NewPCG(19, 20))
	src := inScenes(400, 1, rng)
	for i := range 8 { // eight more that no object has
		src.Categories = append(src.Categories, dataset.Category{ID: dataset.PlainID(int64(i + 9)), Class: int32(i + 8)})
	}
	if n := OfNumbered(src); n.Found() {
		t.Errorf("as it is: %+v", n)
	}
	all := numberAnew(src, func(int) bool { return true })
	part := numberAnew(src, func(i int) bool { return i >= 250 })
	for _, s := range []*dataset.Source{all, part} {
		for i := range s.Images {
			own := s.Objects[s.Images[i].First:s.Images[i].Last]
			rng.Shuffle(len(own), func(a, b int) { own[a], own[b] = own[b], own[a] })
		}
	}
	if n := OfNumbered(all); !n.Found() || !n.Whole || n.Images != n.All {
		t.Errorf("all: %+v", n)
	}
	if n := OfNumbered(part); !n.Found() || n.Whole || n.Example < 240 {
		t.Errorf("a part: %+v", n)
	}
	few := asIs(src) // only five classes are declared, so that all have objects
	few.Categories = few.Categories[:5]
	for k := range few.Objects {
		few.Objects[k].Class %= 5
	}
	if n := OfNumbered(numberAnew(few, func(int) bool { return true })); n.Found() {
		t.Errorf("a whole and its parts: %+v", n)
	}
}

// TestNumbered: no real file has classes that are numbered anew, nor any stretch or draw of one, nor one whose images
// are sorted by their classes; made so, as many are told of as stand in docs/conventions.md.
func TestNumbered(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	tries, of, found := 0, 0, [2]int{}
	right := func(src *dataset.Source) {
		tries++
		if n := OfNumbered(src); n.Found() {
			t.Errorf("%s, %d images: %+v", src.Name, len(src.Images), n)
		}
	}
	for _, src := range realfiles.FirstImages(t) {
		rightParts(&src, 40, []int{50, 150, 400, 1500}, rng, right)
		sets := setsOf(&src)
		set := func(im *dataset.Image) []int32 { return sets[im.File+im.ID.String()] }
		right(inOrder(&src, func(a, b *dataset.Image) int { return slices.Compare(set(a), set(b)) }))
		right(inOrder(&src, func(a, b *dataset.Image) int { return cmp.Compare(len(set(a)), len(set(b))) }))
		mixed, most := 0, 0
		for _, s := range sets {
			mixed += sample.One(len(s) > 1)
			most = max(most, len(s))
		}
		if mixed < leastNumbered || most < 3 || len(src.Categories) < 2*most || !isMixed(sets) {
			continue
		}
		of++
		n := len(src.Images)
		for k, from := range []int{0, n - n/3} {
			wrong := numberAnew(&src, func(i int) bool { return i >= from })
			if s := OfNumbered(wrong); s.Found() {
				found[k]++
			} else {
				t.Logf("%s, from %d of %d images on: nothing is told", src.Name, from, n)
			}
		}
	}
	t.Logf("%d right ones; of %d files %v are told of", tries, of, found)
	if of != 6 || found[0] < 6 || found[1] < 4 {
		t.Errorf("of %d files %v are told of, want 6 and 4 of 6", of, found)
	}
}

// isMixed tells whether images have two and more classes.
func isMixed(sets map[string][]int32) bool {
	two, more := 0, 0
	for _, s := range sets {
		two += sample.One(len(s) == 2)
		more += sample.One(len(s) > 2)
	}
	return min(two, more) >= 10
}
