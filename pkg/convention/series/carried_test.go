package series

import (
	"math/rand/v2"
	"slices"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
)

// carry returns a source whose images hold, beside their own boxes, those of the images
// before: of one, or of all. Annotations are numbered as a script does that writes them.
func carry(src *dataset.Source, all bool) *dataset.Source {
	out := &dataset.Source{Name: src.Name}
	var before []dataset.Object
	for i := range src.Images {
		im := src.Images[i]
		own := src.Objects[im.First:im.Last]
		im.First = int32(len(out.Objects))
		objects := append(slices.Clone(own), before...)
		for k := range objects {
			objects[k].Image = int32(len(out.Images))
			objects[k].ID = dataset.PlainID(int64(len(out.Objects) + k + 1))
		}
		out.Objects = append(out.Objects, objects...)
		im.Last = int32(len(out.Objects))
		out.Images = append(out.Images, im)
		if !all {
			before = own
		} else if before = objects; len(before) > 500 {
			break
		}
	}
	return out
}

// TestCarried: no real file has boxes of one image in the next, and every one of them of 30 images
// or more does once they are carried over. Where the records stand changes nothing.
func TestCarried(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, src := range realfiles.FirstImages(t) {
		if c := OfCarried(&src); c.Found() {
			t.Errorf("%s: %+v", src.Name, c)
		}
		if len(src.Images) > 2000 { // a part shows as much
			src.Images = src.Images[:2000]
		}
		boxed := 0
		for i := range src.Images {
			if im := &src.Images[i]; im.First < im.Last && im.LeftOut == dataset.InUse {
				boxed++
			}
		}
		if boxed < 30 {
			continue
		}
		for _, all := range []bool{false, true} {
			wrong := carry(&src, all)
			if len(wrong.Images) < 30 {
				continue
			}
			c := OfCarried(wrong)
			if !c.Found() || c.Example < 0 {
				t.Errorf("%s, all %v: %+v", src.Name, all, c)
				continue
			}
			for range 3 {
				other := realfiles.Permuted(wrong, rng)
				p := OfCarried(other)
				if a, b := wrong.Objects[c.Example].ID, other.Objects[p.Example].ID; a != b {
					t.Errorf("%s, all %v: example %s, permuted %s", src.Name, all, a, b)
				}
				if p.Example = c.Example; p != c {
					t.Errorf("%s, all %v: %+v, permuted %+v", src.Name, all, c, p)
				}
			}
		}
	}
}

// Copies of an image, and boxes of whole images, are not carried over.
func TestNotCarried(t *testing.T) {
	src := dataset.Source{}
	for i := range 60 {
		im := dataset.Image{ID: dataset.PlainID(int64(i)), First: int32(len(src.Objects))}
		im.Size.W, im.Size.H = 100, 80
		o := dataset.Object{Image: int32(i)}
		if o.Box.W, o.Box.H = 100, 80; i%2 == 0 { // a class for each whole image, and something else
			src.Objects = append(src.Objects, o)
		}
		o.Box.X, o.Box.W, o.Box.H = float64(i/2), 9, 9 // twice each
		src.Objects = append(src.Objects, o)
		im.Last = int32(len(src.Objects))
		src.Images = append(src.Images, im)
	}
	if c := OfCarried(&src); c.Boxes != 30 { // the small ones, which stand beside others
		t.Errorf("%+v", c)
	}
	for i := range src.Objects {
		src.Objects[i].Box.X, src.Objects[i].Box.W, src.Objects[i].Box.H = 0, 100, 80
	}
	if c := OfCarried(&src); c.Boxes != 0 {
		t.Errorf("%+v", c)
	}
}

// TestManyCarried: boxes that stand again are found whether they are few, and compared with each other, or many.
func TestManyCarried(t *testing.T) {
	for _, n := range []int{1, 2, 16, 17, 63, 64, 65, 200_000} {
		for _, repeat := range []bool{false, true} {
			c := OfCarried(realfiles.ManyObjects(n, repeat))
			if got := c.Boxes + n*c.Same; got != (n+1)/2 {
				t.Errorf("%d objects: %d stand again", n, got)
			}
		}
	}
}
