package series

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/names"
	"focalaudit/pkg/dataset"
)

// inPairs returns a source with each image twice, under names that formats make of its number, one behind the other
// or all of one kind behind all others. The boxes of the second one are moved by shift px from image from on.
func inPairs(src *dataset.Source, first, second string, beside bool, shift float64, from int) *dataset.Source {
	out := &dataset.Source{Name: src.Name, Categories: src.Categories}
	add := func(i int, format string, by float64) {
		im := src.Images[i]
		own := src.Objects[im.First:im.Last]
		im.File, im.ID, im.First = fmt.Sprintf(format, i), dataset.PlainID(int64(len(out.Images)+1)), int32(len(out.Objects))
		for _, o := range own {
			o.Image, o.ID = int32(len(out.Images)), dataset.PlainID(int64(len(out.Objects)+1))
			o.Box.X -= by
			out.Objects = append(out.Objects, o)
		}
		im.Last = int32(len(out.Objects))
		out.Images = append(out.Images, im)
	}
	moved := func(i int) float64 {
		if i < from {
			return shift
		}
		return 0
	}
	for i := range src.Images {
		add(i, first, 0)
		if beside {
			add(i, second, moved(i))
		}
	}
	for i := range src.Images {
		if !beside {
			add(i, second, moved(i))
		}
	}
	return out
}

// TestStereo: right pictures with the boxes of the left ones are told of, in all or in the last third, by names of
// directories and of files. Right ones with a disparity are not, nor pictures of one view in other light, nor real
// files under their own names.
func TestStereo(t *testing.T) {
	rng := rand.New(rand.NewPCG(61, 62))
	sources := []dataset.Source{*fixedCamera(rng, 2, 5, 60)}
	if !testing.Short() {
		sources = append(sources, realfiles.FirstImages(t)...)
	}
	for k := range sources {
		src := &sources[k]
		if p := OfStereo(src); p.Found() {
			t.Errorf("%s: %+v", src.Name, p)
		}
		if len(src.Images) > 600 {
			realfiles.CutImages(src, 0, 600)
		}
		n := len(src.Images)
		if n < 60 {
			continue
		}
		for _, pair := range [][2]string{
			{"left/%06d.png", "right/%06d.png"}, {"%06d_L.jpg", "%06d_R.jpg"}, {"a/image_2/%d.png", "a/image_3/%d.png"},
			{"%06d_leftImg8bit.png", "%06d_rightImg8bit.png"}, {"cam0/data/%d.png", "cam1/data/%d.png"},
		} {
			for _, beside := range []bool{false, true} {
				if p := OfStereo(inPairs(src, pair[0], pair[1], beside, 7, n)); p.Found() {
					t.Errorf("%s, %s, right: %+v", src.Name, pair, p)
				}
				for _, from := range []int{0, n - n/3} {
					wrong := inPairs(src, pair[0], pair[1], beside, 7, from)
					if p := OfStereo(wrong); !p.Found() {
						t.Errorf("%s, %s, from %d on: %+v", src.Name, pair, from, p)
					}
					if p := OfStereo(realfiles.Permuted(wrong, rng)); !p.Found() {
						t.Errorf("%s, %s, from %d on, in any order: %+v", src.Name, pair, from, p)
					}
				}
			}
		}
		for _, pair := range [][2]string{
			{"rgb/%06d.jpg", "thermal/%06d.jpg"}, {"%05d_RGB.jpg", "%05d_T.jpg"}, {"DJI_%04d_V.JPG", "DJI_%04d_T.JPG"},
		} {
			for _, beside := range []bool{false, true} {
				both := inPairs(src, pair[0], pair[1], beside, 0, 0)
				if p := OfStereo(both); p.Found() {
					t.Errorf("%s, %s: %+v", src.Name, pair, p)
				}
				if c := OfCarried(both); c.Found() {
					t.Errorf("%s, %s: %+v", src.Name, pair, c)
				}
			}
		}
	}
}

// TestViews: names that say which camera took them, and others.
func TestViews(t *testing.T) {
	for name, want := range map[string]names.View{
		"left/0.png": names.LeftView, "A/Right/x_1.jpg": names.RightView, "x_l.png": names.LeftView,
		"training/image_3/000001.png": names.RightView, "thermal/1.png": names.OtherLight, "DJI_0001_T.JPG": names.OtherLight,
		"image_2.jpg": names.NoView, "l.jpg": names.NoView, "leftover_1.jpg": names.NoView, "t.png": names.NoView,
		"turn_left_12.jpg": names.LeftView, "COCO_val2014_000000000042.jpg": names.NoView, "": names.NoView,
	} {
		if v, _ := names.ViewOf(name); v != want {
			t.Errorf("%s: %d, want %d", name, v, want)
		}
	}
}
