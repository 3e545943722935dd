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

// partlyMarked leaves the objects of one class in the images of a part, and those of all others in the rest.
func partlyMarked(src *dataset.Source, class int32, in func(i int) bool) *dataset.Source {
	return realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
		return slices.DeleteFunc(own, func(o dataset.Object) bool { return (o.Class == class) != in(i) })
	})
}

// inClasses puts the images of a source in the order of their first class.
func inClasses(src *dataset.Source) *dataset.Source {
	return inOrder(src, func(a, b *dataset.Image) int {
		first := func(im *dataset.Image) int32 {
			if im.First == im.Last {
				return -1
			}
			return src.Objects[im.First].Class
		}
		return cmp.Compare(first(a), first(b))
	})
}

// oneClass leaves the objects of one class in each image, as pictures that are sorted by what they show have.
func oneClass(src *dataset.Source) *dataset.Source {
	return realfiles.Rebuilt(src, func(_ int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
		return slices.DeleteFunc(own, func(o dataset.Object) bool { return o.Class != own[0].Class })
	})
}

// TestTwoParts: no real file parts so, nor do stretches, draws, or files sorted by class; files of single pictures do
// once two files are merged in which the commonest class or the others were marked, in as many as stand in
// docs/conventions.md, and whatever the order of the records, if ids tell the parts.
func TestTwoParts(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	tries, of, found := 0, 0, [2]int{}
	right := func(src *dataset.Source) {
		tries++
		if p := OfTwoParts(src); p.Found() {
			t.Errorf("%s: %+v", src.Name, p)
		}
	}
	for _, src := range realfiles.FirstImages(t) {
		right(&src)
		right(inClasses(oneClass(&src)))
		for _, n := range []int{50, 100, 400, 1500} {
			for range 40 {
				if n < len(src.Images) {
					part := src
					realfiles.CutImages(&part, rng.IntN(len(src.Images)-n), n)
					right(&part)
				}
				right(drawnFrom(&src, n, rng))
			}
		}
		g := glanceAt(&src)
		images := map[int32]int{}
		for k := range src.Objects {
			images[src.Objects[k].Class]++
		}
		commonest := int32(0)
		for c, n := range images {
			if n > images[commonest] || n == images[commonest] && c < commonest {
				commonest = c
			}
		}
		n := len(src.Images)
		if len(images) < 4 || len(g.images) < 48 || inMotion(g) {
			continue
		}
		of++
		for k, in := range []func(int) bool{func(i int) bool { return i < n/2 }, func(i int) bool { return i >= n-n/3 }} {
			wrong := partlyMarked(&src, commonest, in)
			for i := range wrong.Images {
				wrong.Images[i].ID = dataset.PlainID(int64(i))
			}
			p := OfTwoParts(wrong)
			q := OfTwoParts(realfiles.Permuted(wrong, rng))
			if p.Found() != q.Found() || p.Found() && glanceAt(wrong).all && p.Images != q.Images && p.Images != [2]int{q.Images[1], q.Images[0]} {
				t.Errorf("%s: %+v, and in another order %+v", src.Name, p, q)
			}
			if found[k] += sample.One(p.Found()); !p.Found() {
				t.Logf("%s, %d: nothing is told", src.Name, k)
			}
		}
	}
	t.Logf("%d right ones; of %d files %v are told of", tries, of, found)
	if of != 12 || found[0] < 10 || found[1] < 8 {
		t.Errorf("of %d files %v are told of, want 10 and 8 of 12", of, found)
	}
}
