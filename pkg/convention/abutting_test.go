package convention

import (
	"math"
	"math/rand/v2"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// inPieces cuts the boxes of images from from to to at the multiples of tile along the axes that are asked for, and
// keeps the pieces as objects.
func inPieces(src *dataset.Source, from, to int, tile float64, axes ...int) (out *dataset.Source, cuts int) {
	out = realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
		if i < from || i >= to {
			return own
		}
		for _, axis := range axes {
			var pieces []dataset.Object
			for _, o := range own {
				begin, end := o.Box.X, o.Box.X+o.Box.W
				if axis == 1 {
					begin, end = o.Box.Y, o.Box.Y+o.Box.H
				}
				for at := begin; at < end; {
					next := min(end, (math.Floor(at/tile)+1)*tile)
					p := o
					if p.Box.X, p.Box.W = at, next-at; axis == 1 {
						p.Box = geom.Rect{X: o.Box.X, Y: at, W: o.Box.W, H: next - at}
					}
					pieces = append(pieces, p)
					if at = next; at < end {
						cuts++
					}
				}
			}
			own = pieces
		}
		return own
	})
	return out, cuts
}

// tables returns images of tables: cells of one class whose columns stand at the same places, and whose rows end anywhere
// or, as those of a form, at the same places too.
func tables(n int, form bool, rng *rand.Rand) *dataset.Source {
	src := &dataset.Source{Categories: []dataset.Category{{ID: dataset.PlainID(1)}}}
	for i := range n {
		im := dataset.Image{ID: dataset.PlainID(int64(i)), Size: geom.Size{W: 640, H: 480}, First: int32(len(src.Objects))}
		for y := 20.0; y < 400; {
			h := 20 + math.Round(30*rng.Float64())
			if form {
				h = 30
			}
			for column := range 5 {
				src.Objects = append(src.Objects, dataset.Object{
					Image: int32(i), Offset: int64(len(src.Objects)),
					Box: geom.Rect{X: 40 + 100*float64(column), Y: y, W: 100, H: h},
				})
			}
			y += h
		}
		im.Last = int32(len(src.Objects))
		src.Images = append(src.Images, im)
	}
	return src
}

// toldOfSeams tells whether the rule on seams tells of pieces that share a side, as it is asked.
func toldOfSeams(src *dataset.Source) bool {
	f, ok := seams(site{src: src})
	return ok && f.Key == "pieces"
}

// TestAbuttingScenes: pieces are told of, in any order and in a part; whole objects are not, nor tables and forms.
func TestAbuttingScenes(t *testing.T) {
	rng := rand.New(rand.NewPCG(51, 52))
	src := inScenes(300, 1, rng)
	for _, axes := range [][]int{{0}, {1}, {0, 1}} {
		for _, part := range [][2]int{{0, 300}, {0, 100}, {100, 200}, {200, 300}} {
			wrong, _ := inPieces(src, part[0], part[1], 160, axes...)
			if !toldOfSeams(wrong) || !toldOfSeams(realfiles.Permuted(wrong, rng)) {
				t.Errorf("axes %v, images %v: %+v", axes, part, OfAbutting(wrong))
			}
		}
	}
	for _, form := range []bool{false, true} {
		if a := OfAbutting(tables(300, form, rng)); a.Found() {
			t.Errorf("tables, form %t: %+v", form, a)
		}
	}
	if a := OfAbutting(src); a.Found() {
		t.Errorf("whole objects: %+v", a)
	}
}

// TestAbutting: no real file has such pieces, nor any part or draw of one; those cut into tiles of 512 px or into two
// strips, as a whole or in a third, are told of as docs/conventions.md has it.
func TestAbutting(t *testing.T) {
	rng := rand.New(rand.NewPCG(53, 54))
	tries, of, found := 0, [4]int{}, [4]int{}
	for _, src := range realfiles.FirstImages(t) {
		rightParts(&src, 20, []int{50, 150, 400, 1500}, rng, func(src *dataset.Source) {
			tries++
			if a := OfAbutting(src); a.Found() {
				t.Errorf("%s, %d images: %+v", src.Name, len(src.Images), a)
			}
		})
		n, size := len(src.Images), src.Images[0].Size
		for _, im := range src.Images {
			if im.Size != size {
				size = geom.Size{} // a seam stands in one place of pictures of one size
			}
		}
		if size == (geom.Size{}) {
			continue
		}
		for k, part := range [...][2]int{{0, n}, {0, n / 3}, {n / 3, n - n/3}, {n - n/3, n}} {
			wrong, cuts := inPieces(&src, part[0], part[1], float64(size.H)/2, 1)
			if cuts < 40 {
				continue
			}
			of[k]++
			if toldOfSeams(wrong) {
				found[k]++
			} else {
				t.Logf("%s, images %v, %d cuts: %+v", src.Name, part, cuts, OfAbutting(wrong))
			}
		}
	}
	t.Logf("%d right ones; of %v files %v are told of", tries, of, found)
	if want := [4]int{6, 6, 6, 6}; found != want {
		t.Errorf("of %v files %v are told of, want %v", of, found, want)
	}
}
