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

// inClips gives the images of a source the names of format with 1, 2 and so on in clips of some images, from image from
// on in the order of these names as text.
func inClips(src *dataset.Source, format string, length, from int) *dataset.Source {
	out := *src
	out.Images = slices.Clone(src.Images)
	for first := 0; first < len(out.Images); first += length {
		n := min(length, len(out.Images)-first)
		names := make([]string, n)
		for k := range names {
			names[k] = fmt.Sprintf(format, first/length, k+1)
		}
		if first >= from {
			slices.Sort(names)
		}
		for k := range names {
			out.Images[first+k].File = names[k]
		}
	}
	return &out
}

// video returns pictures of objects that move to the right, each by a pace of its own, and come in again at the left.
func video(images int, rng *rand.Rand) *dataset.Source {
	src := &dataset.Source{Name: "video.json", Categories: []dataset.Category{{Class: 0}, {Class: 1}}}
	const tracks = 6
	var at, pace [tracks]float64
	for i := range tracks {
		at[i], pace[i] = 560*rng.Float64(), 4+4*rng.Float64()
	}
	for k := range images {
		im := dataset.Image{First: int32(len(src.Objects)), ID: dataset.PlainID(int64(k + 1)), Size: geom.Size{W: 640, H: 480}}
		for i := range tracks {
			if at[i] += pace[i]; at[i] > 560 {
				at[i] = 0
			}
			src.Objects = append(src.Objects, dataset.Object{Image: int32(k), Class: int32(i % 2),
				Box: geom.Rect{X: at[i], Y: float64(20 + 70*i), W: 60, H: 50}})
		}
		im.Last = int32(len(src.Objects))
		src.Images = append(src.Images, im)
	}
	return src
}

// mixedImages puts the records of images into another order.
func mixedImages(src *dataset.Source, rng *rand.Rand) *dataset.Source {
	out := *src
	out.Images, out.Objects = nil, nil
	for _, at := range rng.Perm(len(src.Images)) {
		im := src.Images[at]
		own := src.Objects[im.First:im.Last]
		im.First = int32(len(out.Objects))
		for _, o := range own {
			o.Image = int32(len(out.Images))
			out.Objects = append(out.Objects, o)
		}
		im.Last = int32(len(out.Objects))
		out.Images = append(out.Images, im)
	}
	return &out
}

// TestTextOrder: of a video whose pictures were sorted as text, in all clips or in the last ones, the rule tells, and
// in any order of records the same; of names with zeros, of fractions and of the right order it does not.
func TestTextOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 28))
	src := video(300, rng)
	for _, right := range []*dataset.Source{
		inClips(src, "clip%d/%d.jpg", 300, 300), inClips(src, "clip%d/%03d.jpg", 300, 0), inClips(src, "clip%d/at_1.%d.jpg", 300, 0),
		inClips(src, "clip%d/%d.jpg", 9, 0), inClips(src, "clip%d/1%[2]d000000000.jpg", 300, 0),
	} {
		if f := OfTextOrder(right); f.Found() {
			t.Errorf("%s and so on: %+v", right.Images[0].File, f)
		}
	}
	turns := inClips(src, "clip%d/%d.jpg", 300, 300) // each class in turn, at places of its own
	turns.Objects = slices.Clone(turns.Objects)
	for k := range turns.Objects {
		o := &turns.Objects[k]
		o.Class, o.Box.X, o.Box.Y = o.Image%2, 500*rng.Float64(), 400*rng.Float64()
	}
	if f := OfTextOrder(turns); f.Found() {
		t.Errorf("each class in turn: %+v", f)
	}
	for _, from := range []int{0, 200} {
		wrong := inClips(src, "clip%d/frame_%d.png", 100, from)
		f := OfTextOrder(wrong)
		if !f.Found() || f.whole != (from == 0) {
			t.Fatalf("as text from image %d on: %+v", from, f)
		}
		wantFile := fmt.Sprintf("clip%d/frame_1.png", from/100)
		if first, text := wrong.Images[f.First].File, wrong.Images[f.Text].File; first != wantFile ||
			text != strings.Replace(wantFile, "_1", "_10", 1) {
			t.Errorf("as text from image %d on: %s goes on in %s", from, first, text)
		}
		mixed := mixedImages(wrong, rng)
		g := OfTextOrder(mixed)
		if g.AsText != f.AsText || g.Of != f.Of || mixed.Images[g.First].File != wrong.Images[f.First].File {
			t.Errorf("%+v, with mixed records %+v", f, g)
		}
	}
}

// TestTextOrderOfRealFiles: no real file, nor one whose pictures were named 1, 2, 3 in their order, is told of; of those
// that are videos nearly all are, if the names were sorted as text.
func TestTextOrderOfRealFiles(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 29))
	tries, told, of := 0, 0, 0
	sources := realfiles.FirstImages(t)
	for i := range sources {
		src := &sources[i]
		right := func(src *dataset.Source) {
			tries++
			if f := OfTextOrder(src); f.Found() {
				t.Errorf("%s: %+v", src.Name, f)
			}
		}
		right(src)
		n := len(src.Images)
		videos := slices.Contains([]string{"cvat_traffic.json", "caltech_extra_keys.json"}, path.Base(src.Name)) ||
			strings.HasPrefix(src.Name, "iberian")
		for _, length := range []int{n, 400, 100, 30} {
			right(inClips(src, "clip%03d/img_%d.jpg", length, n))
			for range 3 { // stretches
				if n > 300 {
					part := *src
					realfiles.CutImages(&part, rng.IntN(n-200), 200)
					right(inClips(&part, "clip%03d/img_%d.jpg", length, n))
				}
			}
			for _, from := range []int{0, n * 2 / 3} {
				f := OfTextOrder(inClips(src, "clip%03d/img_%d.jpg", length, from))
				if videos {
					of++
					told += sample.One(f.Found())
				} else if f.Found() {
					t.Logf("%s as text: %+v", src.Name, f)
				}
			}
		}
	}
	t.Logf("%d right ones are quiet; of videos as text %d of %d are told of", tries, told, of)
	if told < of*3/4 {
		t.Errorf("of videos as text %d of %d are told of", told, of)
	}
}
