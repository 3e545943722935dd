package convention

import (
	"math/rand/v2"
	"slices"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
)

// oneOfEach keeps one object of each class in frames: the box around all of it, or the first.
func oneOfEach(src *dataset.Source, around bool, in func(i int) bool) *dataset.Source {
	return realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) (out []dataset.Object) {
		if !in(i) {
			return own
		}
		for _, o := range own {
			k := slices.IndexFunc(out, func(p dataset.Object) bool { return p.Class == o.Class })
			if k < 0 {
				out = append(out, o)
				continue
			}
			if a, b := &out[k].Box, o.Box; around {
				u := unionOf(a.Box(), b.Box())
				a.X, a.Y, a.W, a.H = u.X0, u.Y0, u.X1-u.X0, u.Y1-u.Y0
			}
		}
		return out
	})
}

// TestOnceInFilm: one object of each class in a stretch of a single scene is told of, at the start of the video, amid
// it or at its end; not where another scene follows that has one of each, nor where objects leave one after the other.
func TestOnceInFilm(t *testing.T) {
	rng := rand.New(rand.NewPCG(71, 72))
	for seed := range 5 {
		still := realfiles.Rebuilt(drawnStills(80, 5, rng), func(_ int, im *dataset.Image,
			own []dataset.Object) []dataset.Object {
			for k := range own { // large ones, which move by less than a tenth of their sides
				b := &own[k].Box
				b.W, b.H = min(200+b.W, 1280-b.X), min(200+b.H, 720-b.Y)
			}
			return own[:len(own)*sample.One(len(own) >= 10)]
		})
		src := filmed(still, film{1, 300, 3, false, false}, rng)
		for _, at := range [][2]int{{0, 100}, {100, 180}, {200, 300}} {
			in := func(i int) bool { return i >= at[0] && i < at[1] }
			for _, around := range []bool{false, true} {
				if o := OfOnceIn(oneOfEach(src, around, in)); !o.Found() {
					t.Errorf("seed %d, %v, around %v: %+v", seed, at, around, o)
				}
			}
			other := filmed(still, film{1, 300, 3, false, false}, rng)
			cut := realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
				if in(i) {
					im := &other.Images[i]
					return slices.Clone(other.Objects[im.First:im.Last])
				}
				return own
			})
			if o := OfOnceIn(oneOfEach(cut, false, in)); o.Found() {
				t.Errorf("seed %d, %v, another scene: %+v", seed, at, o)
			}
		}
		leave := realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) (out []dataset.Object) {
			for k, o := range own {
				if i < 150+3*(len(own)-k) || !slices.ContainsFunc(own[:k], func(p dataset.Object) bool { return p.Class == o.Class }) {
					out = append(out, o)
				}
			}
			return out
		})
		if o := OfOnceIn(leave); o.Found() {
			t.Errorf("seed %d, they leave: %+v", seed, o)
		}
	}
}

// TestPartings: of any two images of a real file of one size that do not follow each other, at most one in a thousand
// pairs looks as if a scene went on, once the second has one object of each class.
func TestPartings(t *testing.T) {
	rng := rand.New(rand.NewPCG(73, 74))
	pairs, told := 0, 0
	for _, src := range realfiles.FirstImages(t) {
		all := asIs(&src)
		n := len(all.Images)
		once := oneOfEach(all, false, func(int) bool { return true })
		one := int32(len(all.Objects))
		for _, im := range once.Images {
			im.First, im.Last = im.First+one, im.Last+one
			all.Images = append(all.Images, im)
		}
		all.Objects = append(all.Objects, once.Objects...)
		of := 0
		for range 4000 {
			a, b := int32(rng.IntN(n)), int32(rng.IntN(n))
			x, y := &all.Images[a], &all.Images[n+int(b)]
			if d := a - b; d*d < 900 || x.Size != y.Size || countOf(x) < 6 || countOf(y) < 2 {
				continue
			}
			p := parts(all, a, int32(n)+b)
			pairs++
			of += sample.One(p.found())
		}
		if told += of; of > 0 {
			t.Logf("%s: %d", src.Name, of)
		}
	}
	t.Logf("%d of %d pairs", told, pairs)
	if pairs < 2000 || 1000*told > pairs {
		t.Errorf("%d of %d pairs, want one in a thousand at most", told, pairs)
	}
}
