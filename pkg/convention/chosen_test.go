package convention

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// crowdedImages is a source of 60 images with 60 objects of one class, then 60 of another. Those of one class do not
// overlap if joined, and those of two do.
func crowdedImages(rng *rand.Rand, joined bool) *dataset.Source {
	src := &dataset.Source{Name: "a.json", Categories: []dataset.Category{{Class: 0}, {Class: 1}}}
	for i := range 60 {
		im := dataset.Image{ID: dataset.PlainID(int64(i)), File: fmt.Sprintf("%04d.jpg", i), First: int32(len(src.Objects))}
		im.Size = geom.Size{W: 640 + i, H: 480} // no two of one scene
		for k := range 120 {
			o := dataset.Object{ID: dataset.PlainID(int64(len(src.Objects))), Image: int32(i), Class: int32(k / 60)}
			o.Box = geom.Rect{X: float64(k%60%10)*64 + rng.Float64()*8, Y: float64(k%60/10)*80 + rng.Float64()*8, W: 50, H: 60}
			if k >= 60 {
				o.Box.X, o.Box.Y = o.Box.X+20, o.Box.Y+10
			}
			if !joined {
				o.Box.W, o.Box.H = 80, 100
			}
			o.Box.W, o.Box.H = min(o.Box.W, 640-o.Box.X), min(o.Box.H, 480-o.Box.Y)
			src.Objects = append(src.Objects, o)
		}
		im.Last = int32(len(src.Objects))
		src.Images = append(src.Images, im)
	}
	return src
}

// TestCrowdedImagesInAnyOrder: rules that look at some objects of an image only tell one thing whatever the order of its
// annotations: of images with more objects than each of them looks at, and of all real files.
func TestCrowdedImagesInAnyOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 10))
	var sources []*dataset.Source
	for _, joined := range []bool{true, false} {
		src := crowdedImages(rng, joined)
		if j := OfJoined(src); j.Found() != joined {
			t.Errorf("joined %t: %+v", joined, j)
		}
		sources = append(sources, src)
	}
	real := realfiles.FirstImages(t)
	for i := range real {
		sources = append(sources, &real[i])
	}
	crowded := 0
	for _, src := range sources {
		for i := range src.Images {
			crowded += sample.One(src.Images[i].Last-src.Images[i].First > joinedBoxes)
		}
		joined, grouped, filtered := OfJoined(src), OfGrouped(src), OfFiltered(src)
		filtered.Example = 0
		for range 3 {
			other := realfiles.ShuffledWithin(src, rng)
			if got := OfJoined(other); got != joined {
				t.Errorf("%s: %+v, in another order %+v", src.Name, joined, got)
			}
			if got := OfGrouped(other); got != grouped {
				t.Errorf("%s: %+v, in another order %+v", src.Name, grouped, got)
			}
			got := OfFiltered(other)
			if got.Example = 0; got != filtered {
				t.Errorf("%s: %+v, in another order %+v", src.Name, filtered, got)
			}
		}
	}
	if t.Logf("%d images with more than %d objects", crowded, joinedBoxes); crowded < 120 {
		t.Error("too few")
	}
}

// TestChosen: those that are chosen are as many as asked for, one and the same in any order, and of both halves.
func TestChosen(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 11))
	src := crowdedImages(rng, true)
	names := func(src *dataset.Source) (all []string) {
		for _, o := range sample.Chosen(src, &src.Images[0], joinedBoxes) {
			all = append(all, o.ID.String())
		}
		slices.Sort(all)
		return all
	}
	want := names(src)
	if len(want) != joinedBoxes || len(slices.Compact(slices.Clone(want))) != joinedBoxes {
		t.Fatalf("%d chosen", len(want))
	}
	halves := [2]int{}
	for _, o := range sample.Chosen(src, &src.Images[0], joinedBoxes) {
		halves[o.Class]++
	}
	if min(halves[0], halves[1]) < 15 { // 30 ± 2.7 by the hypergeometric distribution
		t.Errorf("%v of the classes", halves)
	}
	for range 20 {
		if got := names(realfiles.ShuffledWithin(src, rng)); !slices.Equal(got, want) {
			t.Fatalf("%s, in another order %s", strings.Join(want, " "), strings.Join(got, " "))
		}
	}
	var boxes []geom.Box
	for _, o := range src.Objects[:50] {
		boxes = append(boxes, o.Box.Box())
	}
	few := sample.ChosenBoxes(boxes, 12)
	rng.Shuffle(len(boxes), func(i, k int) { boxes[i], boxes[k] = boxes[k], boxes[i] })
	if got := sample.ChosenBoxes(boxes, 12); !slices.Equal(got, few) || len(few) != 12 {
		t.Errorf("%v, in another order %v", few, got)
	}
}
