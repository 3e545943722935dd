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

// capFrom keeps the first few objects of some images.
func capFrom(src *dataset.Source, most int, in func(i int) bool) *dataset.Source {
	return realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
		if in(i) && len(own) > most {
			own = own[:most]
		}
		return own
	})
}

// countOf is how many objects an image has.
func countOf(im *dataset.Image) int { return int(im.Last - im.First) }

// TestCappedInDrawn: lists that are cut at the start of a file, amid it or at its end are told of, in any order of its
// images if ids go on; not where images with more are left out, nor where each holds as many, nor those of a video that
// shows as many things all the while.
func TestCappedInDrawn(t *testing.T) {
	rng := rand.New(rand.NewPCG(61, 62))
	src := drawnStills(300, 5, rng) // 4 to 15 objects, each as often
	for _, at := range [][2]int{{0, 100}, {100, 180}, {200, 300}} {
		in := func(i int) bool { return i >= at[0] && i < at[1] }
		wrong := capFrom(src, 10, in)
		if c := OfCappedIn(wrong); !c.Found() || c.Most != 10 {
			t.Errorf("%v: %+v", at, c)
		}
		if c := OfCappedIn(realfiles.Permuted(wrong, rng)); !c.Found() {
			t.Errorf("%v, in any order: %+v", at, c)
		}
		fewer, same := asIs(src), asIs(src)
		for i := len(fewer.Images) - 1; i >= 0; i-- {
			if in(i) && countOf(&fewer.Images[i]) > 10 {
				fewer.Images = slices.Delete(fewer.Images, i, i+1)
			}
		}
		if c := OfCappedIn(fewer); c.Found() {
			t.Errorf("%v, none with more: %+v", at, c)
		}
		same = realfiles.Rebuilt(same, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
			for in(i) && len(own) < 10 {
				own = append(own, own[0])
			}
			return own[:min(len(own), 10+5*sample.One(!in(i)))]
		})
		if c := OfCappedIn(same); c.Found() {
			t.Errorf("%v, ten each: %+v", at, c)
		}
	}
	film := filmed(src, film{5, 80, 4, false, false}, rng)
	still := realfiles.Rebuilt(film, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
		if i >= 300 {
			own = own[:min(len(own), 3)]
		}
		return own
	})
	if c := OfCappedIn(still); c.Found() {
		t.Errorf("a video: %+v", c)
	}
}

// TestCappedIn: no real file has such a stretch, nor any part or draw of one, nor one whose images are sorted by how
// many objects they have; with lists cut in the last third, as many are told of as stand in docs/conventions.md.
func TestCappedIn(t *testing.T) {
	rng := rand.New(rand.NewPCG(63, 64))
	tries, of, found := 0, 0, 0
	right := func(src *dataset.Source) {
		tries++
		if c := OfCappedIn(src); c.Found() {
			t.Errorf("%s, %d images: %+v", src.Name, len(src.Images), c)
		}
	}
	for _, src := range realfiles.FirstImages(t) {
		rightParts(&src, 40, []int{50, 150, 400, 1500}, rng, right)
		right(inOrder(&src, func(a, b *dataset.Image) int { return cmp.Compare(countOf(a), countOf(b)) }))
		var counts []int
		from := len(src.Images) * 2 / 3
		for i := range src.Images[from:] {
			if n := countOf(&src.Images[from+i]); n > 0 {
				counts = append(counts, n)
			}
		}
		slices.Sort(counts)
		if len(counts) < leastFull || counts[len(counts)/2] < leastCap {
			continue
		}
		of++
		wrong := capFrom(&src, counts[len(counts)/2], func(i int) bool { return i >= from })
		if c := OfCappedIn(wrong); c.Found() {
			found++
		} else {
			t.Logf("%s, cut at %d: nothing is told", src.Name, counts[len(counts)/2])
		}
	}
	t.Logf("%d right ones; of %d files %d are told of", tries, of, found)
	if of != 7 || found < 4 {
		t.Errorf("of %d files %d are told of, want 4 of 7", of, found)
	}
}
