package classes

import (
	"math/rand/v2"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
)

// drawnEvenly keeps so many objects of each class, drawn.
func drawnEvenly(src *dataset.Source, most int, rng *rand.Rand) *dataset.Source {
	keep, had := make([]bool, len(src.Objects)), map[int32]int{}
	for _, k := range rng.Perm(len(src.Objects)) {
		if c := src.Objects[k].Class; had[c] < most {
			had[c]++
			keep[k] = true
		}
	}
	at := 0
	return realfiles.Rebuilt(src, func(i int, im *dataset.Image, own []dataset.Object) (out []dataset.Object) {
		at = int(src.Images[i].First)
		for k := range own {
			if keep[at+k] {
				out = append(out, own[k])
			}
		}
		return out
	})
}

// pictures returns n images; class says which class each of their objects is of, or -1 for no more.
func pictures(n int, class func(i, k int) int32) *dataset.Source {
	src := &dataset.Source{}
	for c := range 6 {
		src.Categories = append(src.Categories, dataset.Category{ID: dataset.PlainID(int64(c + 1)), Class: int32(c)})
	}
	for i := range n {
		im := dataset.Image{ID: dataset.PlainID(int64(i)), First: int32(len(src.Objects))}
		for k := 0; class(i, k) >= 0; k++ {
			src.Objects = append(src.Objects, dataset.Object{
				ID: dataset.PlainID(int64(len(src.Objects))), Image: int32(i), Class: class(i, k),
			})
		}
		im.Last = int32(len(src.Objects))
		src.Images = append(src.Images, im)
	}
	return src
}

// TestBalancedDrawn: classes drawn evenly are told of, as a warning where ids or empty images say so too; not where
// each picture has one object, or one of each class, nor where classes are as common by chance.
func TestBalancedDrawn(t *testing.T) {
	rng := rand.New(rand.NewPCG(91, 92))
	random := make([][]int32, 400)
	for i := range random {
		for range 3 + rng.IntN(4) {
			random[i] = append(random[i], int32(rng.IntN(6)*rng.IntN(2)))
		}
	}
	src := pictures(400, func(i, k int) int32 {
		if k < len(random[i]) {
			return random[i][k]
		}
		return -1
	})
	if b := OfBalanced(src); b.Found() {
		t.Errorf("as it is: %+v", b)
	}
	if b := OfBalanced(drawnEvenly(src, 60, rng)); !b.Found() || !b.Lacks() || b.Full != 6 {
		t.Errorf("60 of each: %+v", b)
	}
	for name, f := range map[string]func(i, k int) int32{
		"one object": func(i, k int) int32 { return int32(i%6) - int32(9*k) },
		"one of each": func(_, k int) int32 {
			if k < 6 {
				return int32(k)
			}
			return -1
		},
		"as common": func(i, k int) int32 {
			if k < len(random[i]) {
				return (random[i][k]*7 + int32(i)) % 6
			}
			return -1
		},
	} {
		if b := OfBalanced(pictures(420, func(i, k int) int32 { return f(i%400, k) })); b.Found() {
			t.Errorf("%s: %+v", name, b)
		}
	}
	made := pictures(400, func(i, k int) int32 { // one after the other, as a program would
		if k < 3 {
			return int32((3*i + k) % 6)
		}
		return -1
	})
	made.Objects, made.Images = made.Objects[:1188], made.Images[:396]
	if b := OfBalanced(made); b.Found() && b.Lacks() {
		t.Errorf("made so: %+v", b)
	}
}

// TestBalanced: no real file has classes that are so, nor any stretch of one; drawn evenly, as many are told of as
// stand in docs/conventions.md.
func TestBalanced(t *testing.T) {
	rng := rand.New(rand.NewPCG(93, 94))
	tries, of, found, warned := 0, 0, 0, 0
	sources := realfiles.FirstImages(t)
	for i := range sources {
		src := &sources[i]
		for range 40 {
			window := *src
			from := rng.IntN(len(src.Images))
			realfiles.CutImages(&window, from, 1+rng.IntN(len(src.Images)-from))
			tries++
			if b := OfBalanced(&window); b.Found() {
				t.Errorf("%s, %d images from %d: %+v", src.Name, len(window.Images), from, b)
			}
		}
		tries++
		if b := OfBalanced(src); b.Found() {
			t.Errorf("%s: %+v", src.Name, b)
		}
		counts, most := map[int32]int{}, 0
		for k := range src.Objects {
			counts[src.Objects[k].Class]++
		}
		for at := 12; at < len(src.Objects); at++ { // at which half of the classes are cut, three at least
			above := 0
			for _, n := range counts {
				if n > at {
					above++
				}
			}
			if 2*above >= len(counts) && above > 3 {
				most = at
			}
		}
		if most == 0 {
			continue
		}
		of++
		b := OfBalanced(drawnEvenly(src, most, rng))
		if b.Found() {
			found++
			if b.Lacks() {
				warned++
			}
		} else {
			t.Logf("%s, %d of each: %+v", src.Name, most, b)
		}
	}
	t.Logf("%d right ones; of %d files %d are told of, %d as a warning", tries, of, found, warned)
	if of != 11 || found < 9 || warned < 7 {
		t.Errorf("of %d files %d are told of, %d as a warning, want 9 and 7 of 11", of, found, warned)
	}
}
