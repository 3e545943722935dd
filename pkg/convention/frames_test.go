package convention

import (
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"

	"focalaudit/pkg/dataset"
)

// framesOff moves the objects of images of a part by one image: to the next, or to the one before.
func framesOff(src *dataset.Source, by int, in func(i int) bool) *dataset.Source {
	return rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
		from := i - by
		if !in(i) {
			return own
		}
		if from < 0 || from >= len(src.Images) {
			return nil
		}
		im := &src.Images[from]
		return append([]dataset.Object(nil), src.Objects[im.First:im.Last]...)
	})
}

// clips cuts the images of a source into clips of some images, which stand in their order or in any, in directories of their own.
func clips(src *dataset.Source, length int, mixed bool, rng *rand.Rand) *dataset.Source {
	n := len(src.Images) / length
	out := &dataset.Source{Name: src.Name, Categories: src.Categories}
	order := rng.Perm(n)
	if !mixed {
		slices.Sort(order)
	}
	for clip, c := range order {
		for k := range length {
			im := src.Images[c*length+k]
			objects := slices.Clone(src.Objects[im.First:im.Last])
			im.File = fmt.Sprintf("clip%03d/%04d.jpg", clip, k)
			im.First = int32(len(out.Objects))
			for j := range objects {
				objects[j].Image = int32(len(out.Images))
			}
			out.Objects = append(out.Objects, objects...)
			im.Last = int32(len(out.Objects))
			out.Images = append(out.Images, im)
		}
	}
	return out
}

// TestFramesOff: no real file has labels one frame off, nor stretches of it, nor what is cut into clips, and those with
// series of pictures are told of where they are.
func TestFramesOff(t *testing.T) {
	sources := firstImages(t)
	rng := rand.New(rand.NewPCG(7, 9))
	tries, found, of, told, clipped := 0, 0, 0, 0, 0
	right := func(src *dataset.Source) {
		tries++
		if f := OfFrames(src); f.Found() {
			t.Errorf("%s: %+v", src.Name, f)
		}
	}
	for i := range sources {
		src := &sources[i]
		right(src)
		for range 10 {
			if n := 100 + rng.IntN(900); n < len(src.Images) {
				part := *src
				cutImages(&part, rng.IntN(len(src.Images)-n), n)
				right(&part)
			}
		}
		for _, length := range []int{3, 10, 30} {
			right(clips(src, length, false, rng))
			if length == 3 { // four parts of each picture, as cameras see them
				g := tiling{n: 2, format: "%s_camera%d", counted: true}
				part := *src
				cutImages(&part, 0, min(500, len(src.Images)))
				right(g.of(&part))
			}
			cut := clips(src, length, true, rng)
			right(cut)
			for k := range 4 {
				f := OfFrames(framesOff(cut, 1-k/2*2, func(i int) bool { return k%2 == 0 || i >= len(cut.Images)*2/3 }))
				if slices.Contains([]string{"cvat_traffic.json", "caltech_extra_keys.json"}, path.Base(src.Name)) && length < 30 {
					clipped++
					told += one(f.Found())
				}
			}
		}
		for k := range 4 {
			f := OfFrames(framesOff(src, 1-k/2*2, func(i int) bool { return k%2 == 0 || i >= len(src.Images)*2/3 }))
			if strings.HasPrefix(src.Name, "iberian") {
				of++
				found += one(f.Found())
			}
		}
	}
	t.Logf("%d right ones; of Iberian's series %d of %d, of clips of CVAT and Caltech %d of %d", tries, found, of, told, clipped)
	if found < of || told < clipped-1 {
		t.Errorf("of Iberian's series %d of %d are told of", found, of)
	}
}
