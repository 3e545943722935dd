package convention

import (
	"fmt"
	"math"
	"path"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
)

// TestTileOf: what names of tiles say, by hand.
func TestTileOf(t *testing.T) {
	for name, want := range map[string]tileName{
		"a/frame_000012_1_2.png": {"a/frame_000012_", [2]string{"", ""}, [2]int32{1, 2}},
		"p-r01-c12.jpg":          {"p-", [2]string{"r", "c"}, [2]int32{1, 12}},
		"p_x0_y512.jpg":          {"p_", [2]string{"x", "y"}, [2]int32{0, 512}},
		"p (3,4).jpg":            {"p (", [2]string{"", ""}, [2]int32{3, 4}},
		"P0001__1__0___1024.png": {"P0001__1__", [2]string{"", ""}, [2]int32{0, 1024}},
	} {
		if got, ok := tileOf(name); !ok || got != want {
			t.Errorf("%s: %+v %v, want %+v", name, got, ok, want)
		}
	}
	for _, name := range []string{"000012.jpg", "a/1/2.jpg", "dog.jpg", "", "a_1.jpg", "000000391895.jpg", "a_1_000000391895.jpg", "1_cat_and_dog_1.jpg"} {
		if got, ok := tileOf(name); ok {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// tiling is how a picture is cut: in n by n tiles, whose names have a format of picture, row and column, or x and y.
type tiling struct {
	n       int
	format  string
	xFirst  bool
	pixels  bool
	counted bool                 // one number instead of two
	boxed   bool                 // tiles without objects are left out
	visible float64              // the part of an object that is kept at least, 0.1 if it is 0
	swapped func(image int) bool // the boxes of a tile are those of the transposed one; nil for none
}

// of cuts the images of a source into tiles, row by row, and their boxes, of which parts of a tenth are kept.
func (g tiling) of(src *dataset.Source) *dataset.Source {
	out := &dataset.Source{Name: src.Name, Categories: src.Categories}
	for i := range src.Images {
		im := src.Images[i]
		if im.LeftOut != dataset.InUse {
			continue
		}
		w, h := im.Size.W/g.n, im.Size.H/g.n
		ending := path.Ext(im.File)
		stem := strings.TrimSuffix(im.File, ending)
		if stem == "" {
			stem = fmt.Sprint(i)
		}
		for row := range g.n {
			for column := range g.n {
				t := dataset.Image{ID: dataset.PlainID(int64(len(out.Images))), Offset: int64(len(out.Images))}
				t.Size.W, t.Size.H = w, h
				first, second := row, column
				if g.pixels {
					first, second = row*h, column*w
				}
				if g.xFirst {
					first, second = second, first
				}
				t.File = fmt.Sprintf(g.format, stem, first, second) + ending
				if g.counted {
					t.File = fmt.Sprintf(g.format, stem, row*g.n+column) + ending
				}
				t.First = int32(len(out.Objects))
				r, c := row, column
				if g.swapped != nil && g.swapped(i) {
					r, c = c, r
				}
				x, y := float64(c*w), float64(r*h)
				for k := im.First; k < im.Last; k++ {
					o := src.Objects[k]
					b := o.Box
					x0, x1 := max(b.X, x), min(b.X+b.W, x+float64(w))
					y0, y1 := max(b.Y, y), min(b.Y+b.H, y+float64(h))
					if x1-x0 < 1 || y1-y0 < 1 || (x1-x0)*(y1-y0) < max(g.visible, 0.1)*b.W*b.H {
						continue
					}
					cent := func(v float64) float64 { return math.Round(100*v) / 100 }
					o.Box.X, o.Box.Y, o.Box.W, o.Box.H = cent(x0-x), cent(y0-y), cent(x1-x0), cent(y1-y0)
					o.Image, o.Offset = int32(len(out.Images)), int64(len(out.Objects))
					o.ID = dataset.PlainID(o.Offset + 1)
					o.Flags, o.Outline, o.LeftOut = 0, dataset.OutlineNone, dataset.InUse
					out.Objects = append(out.Objects, o)
				}
				t.Last = int32(len(out.Objects))
				if g.boxed && t.First == t.Last {
					continue
				}
				out.Images = append(out.Images, t)
			}
		}
	}
	return out
}

// tilings are the ways in which real files are cut here.
var tilings = []tiling{
	{n: 2, format: "%s_%d_%d"}, {n: 3, format: "%s_%d_%d"}, {n: 3, format: "%s_r%d_c%d"}, {n: 4, format: "%s-%02d-%02d"},
	{n: 3, format: "%s_%d", counted: true}, {n: 3, format: "%s_%d_%d", boxed: true},
	{n: 3, format: "%s_%d_%d", xFirst: true, pixels: true}, {n: 3, format: "%s_x%d_y%d", xFirst: true, pixels: true},
}

// TestNoFalseAlarmOnTiles: real files that are cut into tiles as is due show nothing that tools leave.
func TestNoFalseAlarmOnTiles(t *testing.T) {
	sources := realfiles.FirstImages(t)
	ratio := 0.0
	for i := range sources {
		src := &sources[i]
		if len(src.Images) > 1000 {
			cutImages(src, 0, 1000)
		}
		for _, g := range tilings {
			cut := g.of(src)
			if m, across := fromOrigin(cut); m.Boxes >= 20 && 100*m.Boxes >= 3*m.Of {
				ratio = max(ratio, float64(m.Boxes)/float64(max(across, 1)))
			}
			if u := OfUnmarked(cut, classes(cut)); u.Class >= 0 && !g.boxed && !g.counted {
				t.Errorf("%s, %s: class %d is not marked %s", src.Name, g.format, u.Class, u.Part)
			}
			d := &dataset.Dataset{Sources: []dataset.Source{*cut}}
			for _, f := range InspectSource(d, 0) {
				t.Errorf("%s, %s: %s", src.Name, g.format, f.Message)
			}
		}
	}
	t.Logf("at most %.2f times as many boxes begin at the upper left corner as end at the lower right one", ratio)
	if ratio > originRatio/2 {
		t.Errorf("%.2f times as many: the bound is too near", ratio)
	}
}

// classes is how many classes the objects of a source may have.
func classes(src *dataset.Source) (n int) {
	for i := range src.Objects {
		n = max(n, int(src.Objects[i].Class)+1)
	}
	for i := range src.Categories {
		n = max(n, int(src.Categories[i].Class)+1)
	}
	return n
}
