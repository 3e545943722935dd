package series

import (
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// framesOff moves the objects of images of a part by one image: to the next, or to the one before.
func framesOff(src *dataset.Source, by int, in func(i int) bool) *dataset.Source {
	return realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
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
	sources := realfiles.FirstImages(t)
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
				realfiles.CutImages(&part, rng.IntN(len(src.Images)-n), n)
				right(&part)
			}
		}
		for _, length := range []int{3, 10, 30} {
			right(clips(src, length, false, rng))
			if length == 3 { // four parts of each picture, as cameras see them
				g := realfiles.Tiling{N: 2, Format: "%s_camera%d", Counted: true}
				part := *src
				realfiles.CutImages(&part, 0, min(500, len(src.Images)))
				right(g.Of(&part))
			}
			cut := clips(src, length, true, rng)
			right(cut)
			for k := range 4 {
				f := OfFrames(framesOff(cut, 1-k/2*2, func(i int) bool { return k%2 == 0 || i >= len(cut.Images)*2/3 }))
				if slices.Contains([]string{"cvat_traffic.json", "caltech_extra_keys.json"}, path.Base(src.Name)) && length < 30 {
					clipped++
					told += sample.One(f.Found())
				}
			}
		}
		for k := range 4 {
			f := OfFrames(framesOff(src, 1-k/2*2, func(i int) bool { return k%2 == 0 || i >= len(src.Images)*2/3 }))
			if strings.HasPrefix(src.Name, "iberian") {
				of++
				found += sample.One(f.Found())
			}
		}
	}
	t.Logf("%d right ones; of Iberian's series %d of %d, of clips of CVAT and Caltech %d of %d", tries, found, of, told, clipped)
	if found < of || told < clipped-1 {
		t.Errorf("of Iberian's series %d of %d are told of", found, of)
	}
}

// TestFramesInAnyOrder: labels one frame off are told of whatever the order of an image's annotations, in images with
// twice as many objects as are compared, of which the first ones stand still.
func TestFramesInAnyOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 2))
	right := &dataset.Source{Name: "a.json", Categories: []dataset.Category{{Class: 0}, {Class: 1}}}
	for series := range 40 {
		var moving []geom.Rect
		for range mostLike {
			moving = append(moving, geom.Rect{X: rng.Float64() * 600, Y: 100 + rng.Float64()*300, W: 30, H: 30})
		}
		for k := range 8 {
			im := dataset.Image{File: fmt.Sprintf("s%03d_x_%04d.jpg", series, k), First: int32(len(right.Objects))}
			im.ID, im.Size = dataset.PlainID(int64(len(right.Images))), geom.Size{W: 640, H: 480}
			for c, boxes := range [2][]geom.Rect{make([]geom.Rect, mostLike), moving} {
				for i, b := range boxes {
					if c == 0 {
						b = geom.Rect{X: 10 + 20*float64(i), Y: 10, W: 15, H: 15}
					}
					right.Objects = append(right.Objects, dataset.Object{Image: int32(len(right.Images)), Class: int32(c), Box: b})
				}
			}
			for i := range moving {
				moving[i].X += rng.Float64()*4 - 2
			}
			im.Last = int32(len(right.Objects))
			right.Images = append(right.Images, im)
		}
	}
	wrong := framesOff(right, 1, func(int) bool { return true })
	want, quiet := OfFrames(wrong), OfFrames(right)
	if !want.Found() || quiet.Found() {
		t.Errorf("one frame off: %+v; right: %+v", want, quiet)
	}
	for range 3 {
		if got := OfFrames(realfiles.ShuffledWithin(wrong, rng)); got != want {
			t.Errorf("%+v, in another order %+v", want, got)
		}
	}
}
