package convention

import (
	"math/rand/v2"
	"slices"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// loosened says of boxes of images from from to to, with a chance of share, that they overlap their outlines, and are
// not those around them, as the reader would of those that it compared. Of small ones it says that they agree.
func loosened(src *dataset.Source, from, to int, share float64, rng *rand.Rand) *dataset.Source {
	out := *src
	out.Objects = slices.Clone(src.Objects)
	for k := range out.Objects {
		o := &out.Objects[k]
		if i := int(o.Image); o.Outline != dataset.OutlineNone && i >= from && i < to && rng.Float64() < share &&
			max(o.Box.W, o.Box.H) >= leastLoose {
			o.Outline = dataset.OutlineOther
		}
	}
	return &out
}

// compared says of all boxes of every n-th image that they are those around their outlines.
func compared(src *dataset.Source, n int32) *dataset.Source {
	for k := range src.Objects {
		if o := &src.Objects[k]; o.Image%n == 0 {
			o.Outline = dataset.OutlineBox
		}
	}
	return src
}

// TestLooseInScenes: boxes with a margin are told of where they stand in a stretch, beside
// small ones that agree with their outlines to 2 px; one in five throughout, as boxes around objects whose outlines
// leave out what others cover, is not.
func TestLooseInScenes(t *testing.T) {
	rng := rand.New(rand.NewPCG(71, 72))
	src := compared(realfiles.Rebuilt(inScenes(300, 1, rng), func(_ int, _ *dataset.Image,
		own []dataset.Object) []dataset.Object {
		small := own[0]
		small.Box = geom.Rect{X: 5, Y: 5, W: 12, H: 14}
		return append(own, small, small)
	}), 3)
	for _, part := range [][2]int{{0, 100}, {100, 200}, {200, 300}} {
		wrong := loosened(src, part[0], part[1], 1, rng)
		if l := OfLooseIn(wrong); !l.Found() || l.Apart || l.in < 25 || l.of > 40 {
			t.Errorf("images %v: %+v", part, l)
		}
	}
	for _, share := range []float64{0, 0.05, 0.2, 0.5} {
		if l := OfLooseIn(loosened(src, 0, 300, share, rng)); l.Found() {
			t.Errorf("%.0f %% of all boxes: %+v", 100*share, l)
		}
	}
}

// TestLooseIn: no real file with outlines has such a stretch, nor any part or draw of one, nor with one box in five off;
// with the boxes of a third off, those are told of whose number stands in docs/conventions.md.
func TestLooseIn(t *testing.T) {
	rng := rand.New(rand.NewPCG(73, 74))
	tries, of, found := 0, 0, [3]int{}
	for _, src := range realfiles.FirstImages(t) {
		images := map[int32]bool{}
		for k := range src.Objects {
			if o := &src.Objects[k]; o.Outline != dataset.OutlineNone {
				images[o.Image] = true
			}
		}
		if len(images) < 60 { // 20 in each third
			continue
		}
		right := func(src *dataset.Source) {
			tries++
			if l := OfLooseIn(src); l.Found() {
				t.Errorf("%s, %d images: %+v", src.Name, len(src.Images), l)
			}
		}
		rightParts(&src, 20, []int{50, 150, 400, 1500}, rng, right)
		for range 100 {
			right(loosened(&src, 0, len(src.Images), 0.2, rng))
		}
		of++
		n := len(src.Images)
		for k, part := range [...][2]int{{0, n / 3}, {n / 3, n - n/3}, {n - n/3, n}} {
			if l := OfLooseIn(loosened(&src, part[0], part[1], 1, rng)); l.Found() {
				found[k]++
			} else {
				t.Logf("%s, images %v: nothing is told", src.Name, part)
			}
		}
	}
	t.Logf("%d right ones; of %d files %v are told of", tries, of, found)
	if found != [3]int{4, 6, 5} { // of the others, fewer than ten images of the third have outlines that were compared
		t.Errorf("of %d files %v are told of, want 4, 6 and 5", of, found)
	}
}
