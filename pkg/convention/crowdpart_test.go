package convention

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// crowdsIn returns a source of n images with four boxes each, without outlines, of which crowd tells whether they are
// crowds. still are boxes that stay where they are.
func crowdsIn(n int, still bool, crowd func(image, object int) bool) *dataset.Source {
	rng := rand.New(rand.NewPCG(3, 4))
	src := &dataset.Source{Name: "x.json"}
	for i := range n {
		im := dataset.Image{ID: dataset.NumberID(strconv.Itoa(i)), Size: geom.Size{W: 640, H: 480}, First: int32(len(src.Objects))}
		for k := range 4 {
			o := dataset.Object{Image: int32(i), Offset: int64(len(src.Objects)), Box: geom.Rect{
				X: rng.Float64() * 500, Y: rng.Float64() * 400, W: 40, H: 40,
			}}
			if still {
				o.Box.X, o.Box.Y = float64(100*k), 50
			}
			if crowd(i, k) {
				o.Flags |= dataset.Crowd
			}
			src.Objects = append(src.Objects, o)
		}
		im.Last = int32(len(src.Objects))
		src.Images = append(src.Images, im)
	}
	src.Traits[dataset.NoOutlineKey].N = len(src.Objects)
	return src
}

// TestCrowdPart: crowds in a stretch are told of. Those that stand in all images, those of one image in a hundred, those
// of a camera that shows one region in each frame, and those beside outlines are not, nor a file that has crowds
// throughout.
func TestCrowdPart(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	late := func(i, _ int) bool { return i >= 60 && rng.IntN(3) == 0 }
	for _, c := range []struct {
		name string
		src  *dataset.Source
		want bool
	}{
		{"in a stretch", crowdsIn(90, false, late), true},
		{"none", crowdsIn(90, false, func(int, int) bool { return false }), false},
		{"throughout", crowdsIn(90, false, func(int, int) bool { return rng.IntN(3) == 0 }), false},
		{"seldom", crowdsIn(90, false, func(int, int) bool { return rng.IntN(100) == 0 }), false},
		{"a region before a camera", crowdsIn(90, true, func(i, k int) bool { return i >= 60 && k == 0 }), false},
		{"nine images", crowdsIn(90, false, func(i, k int) bool { return i >= 81 && k == 0 }), false}, // leastStretch is 10
	} {
		got := OfCrowdPart(c.src)
		if got.Found() != c.want {
			t.Errorf("%s: %+v", c.name, got)
		}
		n := 0
		for k := range c.src.Objects {
			n += sample.One(c.src.Objects[k].Flags&dataset.Crowd != 0)
		}
		if c.want && got.Crowds+got.Rest != n {
			t.Errorf("%s: %+v of %d", c.name, got, n)
		}
		if c.want {
			f := got.finding(c.src, 0, "")
			if !strings.Contains(f.Message, "that follow each other from image 6") {
				t.Error(f.Message)
			}
			c.src.Traits[dataset.NoOutlineKey].N = 0
			if got := OfCrowdPart(c.src); got.Found() {
				t.Errorf("beside outlines: %+v", got)
			}
		}
	}
}

// TestCrowdPartOfRealFiles: no real file and no stretch of one shows it, and none whose images come in another order.
// With boxes that lie at an edge or are overlapped made crowds in the last third, those with enough of them are told
// of.
func TestCrowdPartOfRealFiles(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	found, of, tries := 0, 0, 0
	for _, src := range realfiles.FirstImages(t) {
		n := len(src.Images)
		for range 40 {
			from := rng.IntN(n)
			some := src
			some.Images = src.Images[from:][:1+rng.IntN(n-from)]
			some.Traits[dataset.NoOutlineKey].N = len(src.Objects) // asked as if there were no outlines
			if c := OfCrowdPart(&some); c.Found() {
				t.Errorf("%s from %d: %+v", src.Name, from, c)
			}
			tries++
		}
		if c := OfCrowdPart(&src); c.Found() {
			t.Error(src.Name)
		}
		for _, flag := range []string{"truncated", "occluded", "difficult"} {
			is := map[string]func(objects []dataset.Object, k int, w, h float64) bool{
				"truncated": atAnEdge, "occluded": overlapped,
				"difficult": func([]dataset.Object, int, float64, float64) bool { return rng.IntN(3) == 0 },
			}[flag]
			inside, crowds := 0, 0
			made := realfiles.Rebuilt(&src, func(i int, im *dataset.Image, own []dataset.Object) []dataset.Object {
				for k := range own {
					own[k].Flags = 0
				}
				for k := 0; k < len(own) && i >= n-n/3; k++ {
					inside++
					if is(own, k, float64(im.Size.W), float64(im.Size.H)) {
						crowds++
						own[k].Line = -7
					}
				}
				return own
			})
			for k := range made.Objects {
				if made.Objects[k].Line == -7 {
					made.Objects[k].Flags |= dataset.Crowd
				}
			}
			made.Traits[dataset.NoOutlineKey].N = len(made.Objects)
			if crowds < 20 || 4*crowds < inside {
				continue
			}
			of++
			if c := OfCrowdPart(made); c.Found() {
				found++
			} else {
				t.Logf("%s, %s: %d of %d are not told of", src.Name, flag, crowds, inside)
			}
		}
	}
	t.Logf("%d of %d are told of; %d stretches", found, of, tries)
	if of < 10 || 4*found < 3*of {
		t.Errorf("%d of %d are told of", found, of)
	}
}

// atAnEdge tells whether a box ends within 2 px of an edge.
func atAnEdge(objects []dataset.Object, k int, w, h float64) bool {
	b := objects[k].Box.Box()
	return b.X0 < 2 || b.Y0 < 2 || b.X1 > w-2 || b.Y1 > h-2
}

// overlapped tells whether the middle of a box lies in another one.
func overlapped(objects []dataset.Object, k int, _, _ float64) bool {
	b := objects[k].Box
	x, y := b.X+b.W/2, b.Y+b.H/2
	for j := range objects {
		if o := objects[j].Box.Box(); j != k && x > o.X0 && x < o.X1 && y > o.Y0 && y < o.Y1 {
			return true
		}
	}
	return false
}
