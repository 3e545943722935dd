package realfiles

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"path"
	"slices"
	"strings"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// Tiling is how a picture is cut: in n by n tiles, whose names have a format of picture, row and column, or x and y.
type Tiling struct {
	N       int
	Format  string
	XFirst  bool
	Pixels  bool
	Counted bool                 // one number instead of two
	Boxed   bool                 // tiles without objects are left out
	Visible float64              // the part of an object that is kept at least, 0.1 if it is 0
	Swapped func(image int) bool // the boxes of a tile are those of the transposed one; nil for none
}

// Of cuts the images of a source into tiles, row by row, and their boxes, of which parts of a tenth are kept.
func (g Tiling) Of(src *dataset.Source) *dataset.Source {
	out := &dataset.Source{Name: src.Name, Categories: src.Categories}
	for i := range src.Images {
		im := src.Images[i]
		if im.LeftOut != dataset.InUse {
			continue
		}
		w, h := im.Size.W/g.N, im.Size.H/g.N
		ending := path.Ext(im.File)
		stem := strings.TrimSuffix(im.File, ending)
		if stem == "" {
			stem = fmt.Sprint(i)
		}
		for row := range g.N {
			for column := range g.N {
				t := dataset.Image{ID: dataset.PlainID(int64(len(out.Images))), Offset: int64(len(out.Images))}
				t.Size.W, t.Size.H = w, h
				first, second := row, column
				if g.Pixels {
					first, second = row*h, column*w
				}
				if g.XFirst {
					first, second = second, first
				}
				t.File = fmt.Sprintf(g.Format, stem, first, second) + ending
				if g.Counted {
					t.File = fmt.Sprintf(g.Format, stem, row*g.N+column) + ending
				}
				t.First = int32(len(out.Objects))
				r, c := row, column
				if g.Swapped != nil && g.Swapped(i) {
					r, c = c, r
				}
				x, y := float64(c*w), float64(r*h)
				for k := im.First; k < im.Last; k++ {
					o := src.Objects[k]
					b := o.Box
					x0, x1 := max(b.X, x), min(b.X+b.W, x+float64(w))
					y0, y1 := max(b.Y, y), min(b.Y+b.H, y+float64(h))
					if x1-x0 < 1 || y1-y0 < 1 || (x1-x0)*(y1-y0) < max(g.Visible, 0.1)*b.W*b.H {
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
				if g.Boxed && t.First == t.Last {
					continue
				}
				out.Images = append(out.Images, t)
			}
		}
	}
	return out
}

// Tilings are the ways in which real files are cut here.
var Tilings = []Tiling{
	{N: 2, Format: "%s_%d_%d"}, {N: 3, Format: "%s_%d_%d"}, {N: 3, Format: "%s_r%d_c%d"}, {N: 4, Format: "%s-%02d-%02d"},
	{N: 3, Format: "%s_%d", Counted: true}, {N: 3, Format: "%s_%d_%d", Boxed: true},
	{N: 3, Format: "%s_%d_%d", XFirst: true, Pixels: true}, {N: 3, Format: "%s_x%d_y%d", XFirst: true, Pixels: true},
}

// CutImages leaves n images of a source.
func CutImages(src *dataset.Source, from, n int) {
	n = min(n, len(src.Images)-from)
	images := slices.Clone(src.Images[from : from+n])
	first := images[0].First
	src.Objects = slices.Clone(src.Objects[first:images[n-1].Last])
	for i := range images {
		images[i].First, images[i].Last = images[i].First-first, images[i].Last-first
	}
	for k := range src.Objects {
		src.Objects[k].Image -= int32(from)
	}
	src.Images = images
}

// Source returns a source of one box an image of 640 × 480 px.
func Source(name string, boxes ...geom.Rect) *dataset.Source {
	src := &dataset.Source{Name: name}
	for i, b := range boxes {
		src.Images = append(src.Images, dataset.Image{
			ID: dataset.PlainID(int64(i)), File: string(rune('a'+i%26)) + ".jpg", Size: geom.Size{W: 640, H: 480},
			First: int32(i), Last: int32(i + 1),
		})
		src.Objects = append(src.Objects, dataset.Object{ID: dataset.PlainID(int64(i)), Image: int32(i), Box: b})
	}
	return src
}

// Middle returns n boxes that fit their images under any reading.
func Middle(n int) []geom.Rect {
	var all []geom.Rect
	for i := range n {
		all = append(all, geom.Rect{X: 200 + float64(i), Y: 200, W: 30, H: 20})
	}
	return all
}

// Classes is how many classes the objects of a source may have.
func Classes(src *dataset.Source) (n int) {
	for i := range src.Objects {
		n = max(n, int(src.Objects[i].Class)+1)
	}
	for i := range src.Categories {
		n = max(n, int(src.Categories[i].Class)+1)
	}
	return n
}

// ShuffledWithin returns a source whose annotations stand in another order in each image.
func ShuffledWithin(src *dataset.Source, rng *rand.Rand) *dataset.Source {
	out := *src
	out.Objects = slices.Clone(src.Objects)
	for i := range out.Images {
		own := out.Objects[out.Images[i].First:out.Images[i].Last]
		rng.Shuffle(len(own), func(i, k int) { own[i], own[k] = own[k], own[i] })
	}
	return &out
}

// fileOrder returns the objects of a source by their places in the file.
func fileOrder(src *dataset.Source) []int32 {
	order := make([]int32, len(src.Objects))
	for k := range order {
		order[k] = int32(k)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(src.Objects[a].Offset, src.Objects[b].Offset) })
	return order
}

// Permuted returns a source whose images and annotations stand in another order in the file.
func Permuted(src *dataset.Source, rng *rand.Rand) *dataset.Source {
	out := *src
	out.Images = slices.Clone(src.Images)
	rng.Shuffle(len(out.Images), func(i, k int) { out.Images[i], out.Images[k] = out.Images[k], out.Images[i] })
	out.Objects = make([]dataset.Object, 0, len(src.Objects))
	for i := range out.Images {
		im := &out.Images[i]
		own := src.Objects[im.First:im.Last]
		im.First, im.Offset = int32(len(out.Objects)), int64(100*i+100)
		out.Objects = append(out.Objects, own...)
		im.Last = int32(len(out.Objects))
		for k := im.First; k < im.Last; k++ {
			out.Objects[k].Image = int32(i)
		}
	}
	for k := range src.Objects { // of no image
		if src.Objects[k].Image < 0 {
			out.Objects = append(out.Objects, src.Objects[k])
		}
	}
	// The places of annotations in the file are drawn, and those of an image stand in their order.
	for k, at := range rng.Perm(len(out.Objects)) {
		out.Objects[k].Offset = int64(100*at + 1_000_000)
	}
	for i := range out.Images {
		im := &out.Images[i]
		slices.SortFunc(out.Objects[im.First:im.Last], func(a, b dataset.Object) int {
			return cmp.Compare(a.Offset,
				b.Offset)
		})
	}
	out.Returns = 0
	last := int32(-1)
	for _, k := range fileOrder(&out) {
		if at := out.Objects[k].Image; at >= 0 {
			if at < last {
				out.Returns++
			}
			last = max(last, at)
		}
	}
	return &out
}

// ManyObjects returns two images with n objects each, of which every other one stands again in the second; where
// repeat is set, the last one has the class of the first.
func ManyObjects(n int, repeat bool) *dataset.Source {
	src := &dataset.Source{}
	for i := range 2 {
		im := dataset.Image{ID: dataset.PlainID(int64(i)), First: int32(len(src.Objects))}
		im.Size.W, im.Size.H = 1<<20, 100
		for k := range n {
			o := dataset.Object{Image: int32(i), Class: int32(k)}
			o.Box.X, o.Box.W, o.Box.H = float64(k+i*(k%2)), 9, 9 // every other one stands again
			if repeat && k == n-1 {
				o.Class = 0
			}
			src.Objects = append(src.Objects, o)
		}
		im.Last = int32(len(src.Objects))
		src.Images = append(src.Images, im)
	}
	return src
}
