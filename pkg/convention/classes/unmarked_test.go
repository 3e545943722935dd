package classes

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
)

// classesOf returns how many classes a source has, and those that 200 images have, in the order of the number of
// images.
func classesOf(src *dataset.Source) (n int, byImages []int32) {
	for k := range src.Objects {
		n = max(n, int(src.Objects[k].Class)+1)
	}
	for i := range src.Categories {
		n = max(n, int(src.Categories[i].Class)+1)
	}
	images := make([]int, n)
	for i := range src.Images {
		seen := map[int32]bool{}
		for k := src.Images[i].First; k < src.Images[i].Last; k++ {
			if c := src.Objects[k].Class; c >= 0 && !seen[c] {
				seen[c] = true
				images[c]++
			}
		}
	}
	for c := range n {
		if images[c] >= 200 {
			byImages = append(byImages, int32(c))
		}
	}
	slices.SortStableFunc(byImages, func(a, b int32) int { return cmp.Compare(images[b], images[a]) })
	return n, byImages
}

// TestUnmarked: no real file lacks a class in a part, and those of several classes are told of when
// the commonest classes are taken out of a third of their images, or of a directory.
func TestUnmarked(t *testing.T) {
	sources := realfiles.FirstImages(t)
	found, of := 0, 0
	for i := range sources {
		src := &sources[i]
		n, byImages := classesOf(src)
		if u := OfUnmarked(src, n); u.Class >= 0 {
			t.Errorf("%s: %+v", src.Name, u)
		}
		boxed := 0
		for k := range src.Images {
			boxed += sample.One(src.Images[k].First < src.Images[k].Last)
		}
		if len(byImages) < 2 || boxed < 300 {
			continue
		}
		for _, c := range byImages[:2] {
			for _, directories := range []bool{false, true} {
				third := func(i int) bool { return i >= len(src.Images)/3 && i < 2*len(src.Images)/3 }
				without := realfiles.Rebuilt(src, func(i int, im *dataset.Image, own []dataset.Object) []dataset.Object {
					if directories {
						im.File = fmt.Sprintf("set/%d/%s", i%3, strings.ReplaceAll(im.File, "/", "_"))
					}
					if !directories && third(i) || directories && i%3 == 1 {
						own = slices.DeleteFunc(own, func(o dataset.Object) bool { return o.Class == c })
					}
					return own
				})
				of++
				u := OfUnmarked(without, n)
				if u.Class == c && strings.Contains(u.Part, "in set/1/") == directories {
					found++
				} else {
					t.Logf("%s without class %d, directories %v: %+v", src.Name, c, directories, u)
				}
			}
		}
	}
	t.Logf("%d of %d", found, of)
	if of < 30 || 4*found < 3*of {
		t.Errorf("%d of %d are told of", found, of)
	}
}

// TestUnmarkedStretches: stretches of real files, and files whose images are sorted by their first class, as pictures
// in directories by what they show, raise nothing.
func TestUnmarkedStretches(t *testing.T) {
	sources := realfiles.FirstImages(t)
	rng := rand.New(rand.NewPCG(9, 10))
	for i := range sources {
		src := &sources[i]
		n, _ := classesOf(src)
		for range 300 {
			window := *src
			from := rng.IntN(len(src.Images))
			window.Images = src.Images[from:][:rng.IntN(len(src.Images)-from)+1]
			if u := OfUnmarked(&window, n); u.Class >= 0 {
				t.Errorf("%s, %d images from %d: %+v", src.Name, len(window.Images), from, u)
			}
		}
		sorted := *src
		sorted.Images = slices.Clone(src.Images)
		first := func(im dataset.Image) int32 {
			if im.First == im.Last {
				return -1
			}
			return src.Objects[im.First].Class
		}
		slices.SortStableFunc(sorted.Images, func(a, b dataset.Image) int { return cmp.Compare(first(a), first(b)) })
		if u := OfUnmarked(&sorted, n); u.Class >= 0 {
			t.Errorf("%s, sorted by class: %+v", src.Name, u)
		}
	}
}

// TestUnmarkedLooksAtAll: so many images as are looked at are all looked at, and of one more half are.
func TestUnmarkedLooksAtAll(t *testing.T) {
	for n, want := range map[int][2]int{
		maxLooked: {maxLooked, maxLooked}, maxLooked + 1: {maxLooked * 2 / 5, maxLooked * 3 / 5},
	} {
		src := &dataset.Source{Categories: []dataset.Category{{Class: 0}, {Class: 1}}}
		for i := range n {
			im := dataset.Image{First: int32(i), Last: int32(i + 1)}
			src.Images = append(src.Images, im)
			o := dataset.Object{Image: int32(i), Class: int32(i % 2)}
			o.Box.W, o.Box.H = 9, 9
			src.Objects = append(src.Objects, o)
		}
		if got := len(look(src, 2).order); got < want[0] || got > want[1] {
			t.Errorf("of %d images %d are looked at, want %v", n, got, want)
		}
	}
}
