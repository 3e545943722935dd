package series

import (
	"fmt"
	"math/rand/v2"
	"path"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
)

// inDirectories names the images of a source as those of n directories, each of which counts from 1: of stretches of
// uneven lengths, or as they come.
func inDirectories(src *dataset.Source, n int, mixed bool) *dataset.Source {
	rng := rand.New(rand.NewPCG(uint64(n), 5))
	counts, at := make([]int, n), 0
	length := len(src.Images)/n + 1
	left := rng.IntN(length) + length/2
	return realfiles.Rebuilt(src, func(i int, im *dataset.Image, own []dataset.Object) []dataset.Object {
		if mixed {
			at = rng.IntN(n)
		} else if left--; left <= 0 && at+1 < n {
			at, left = at+1, rng.IntN(length)+length/2
		}
		counts[at]++
		im.File = fmt.Sprintf("camera%d/IMG_%04d.JPG", at, counts[at])
		return own
	})
}

// joinedByName gives the objects of the images of one bare name to one of them, the last or the first, in a part.
func joinedByName(src *dataset.Source, last bool, in func(i int) bool) *dataset.Source {
	to, all := map[string]int{}, map[string][]dataset.Object{}
	for i := range src.Images {
		im := &src.Images[i]
		base := path.Base(im.File)
		if _, known := to[base]; in(i) && im.LeftOut == dataset.InUse {
			if last || !known {
				to[base] = i
			}
			all[base] = append(all[base], src.Objects[im.First:im.Last]...)
		}
	}
	return realfiles.Rebuilt(src, func(i int, im *dataset.Image, own []dataset.Object) []dataset.Object {
		base := path.Base(im.File)
		if !in(i) {
			return own
		}
		if to[base] != i {
			return nil
		}
		return all[base]
	})
}

// TestBaseNames: no real file is told of, nor one whose images are named as those of several directories; joined by bare
// names, the last or the first of each, in all images or in a third, they are.
func TestBaseNames(t *testing.T) {
	sources := realfiles.FirstImages(t)
	found, of, tries := [4]int{}, [4]int{}, 0
	for i := range sources {
		src := &sources[i]
		if b := OfBaseNames(src); b.Found() {
			t.Errorf("%s: %+v", src.Name, b)
		}
		for _, n := range []int{2, 3, 5, 12, 40} {
			for _, mixed := range []bool{false, true} {
				right := inDirectories(src, n, mixed)
				tries++
				if b := OfBaseNames(right); b.Found() {
					t.Errorf("%s, %d directories, mixed %t: %+v", src.Name, n, mixed, b)
				}
				for k := range found {
					part := func(i int) bool { return k < 2 || i >= len(right.Images)*2/3 }
					wrong := joinedByName(right, k%2 == 0, part)
					if empty(wrong) < empty(right)+leastSharing {
						continue
					}
					of[k]++
					b := OfBaseNames(wrong)
					found[k] += sample.One(b.Found())
				}
			}
		}
		if len(src.Images) < 200 {
			continue
		}
		half := len(src.Images) / 2 // pictures with objects and pictures of background, both numbered
		apart := realfiles.Rebuilt(src, func(i int, im *dataset.Image, own []dataset.Object) []dataset.Object {
			if im.File = fmt.Sprintf("things/%05d.jpg", i); i >= half {
				im.File = fmt.Sprintf("background/%05d.jpg", i-half)
				return nil
			}
			return own
		})
		if b := OfBaseNames(apart); b.Found() {
			t.Errorf("%s, background apart: %+v", src.Name, b)
		}
	}
	t.Logf("%d right ones; told of: joined with the last %d of %d, with the first %d of %d, in a third %d of %d and %d of %d",
		tries, found[0], of[0], found[1], of[1], found[2], of[2], found[3], of[3])
	for k, least := range [...]float64{0.65, 0.65, 0.85, 0.85} {
		if float64(found[k]) < least*float64(of[k]) {
			t.Errorf("%d of %d are told of", found[k], of[k])
		}
	}
}

// empty is how many images have no object.
func empty(src *dataset.Source) (n int) {
	for i := range src.Images {
		n += sample.One(src.Images[i].First == src.Images[i].Last)
	}
	return n
}

// TestLabelledCamera: nothing shows that names were joined where one camera of six is labelled, whichever, or another one
// in each scene; joined by bare names where the cameras have frames of their own, it shows.
func TestLabelledCamera(t *testing.T) {
	const cameras, frames = 6, 80
	of := func(numbers func(camera int) int, has func(camera, k int) bool) *dataset.Source {
		src := &dataset.Source{Name: "a.json"}
		for camera := range cameras {
			for k := range numbers(camera) {
				im := dataset.Image{File: fmt.Sprintf("cam%d/%05d.jpg", camera, k), First: int32(len(src.Objects))}
				if has(camera, k) {
					src.Objects = append(src.Objects, dataset.Object{Image: int32(len(src.Images))})
				}
				im.Last = int32(len(src.Objects))
				src.Images = append(src.Images, im)
			}
		}
		return src
	}
	all := func(int) int { return frames }
	for labelled := range cameras {
		if b := OfBaseNames(of(all, func(camera, _ int) bool { return camera == labelled })); b.Found() {
			t.Errorf("camera %d is labelled: %+v", labelled, b)
		}
		if b := OfBaseNames(of(all, func(camera, k int) bool {
			return camera == labelled && k < frames/2 || camera == (labelled+1)%cameras && k >= frames/2
		})); b.Found() {
			t.Errorf("camera %d is labelled, and then the next one: %+v", labelled, b)
		}
	}
	fewer := func(camera int) int { return frames - 30*(camera/5) } // the last camera has 50 frames
	b := OfBaseNames(of(fewer, func(camera, k int) bool { return camera == 5 || camera == 4 && k >= frames-30 }))
	if !b.Found() || b.Certain() || b.Overfull() {
		t.Errorf("joined: %+v", b)
	}
}
