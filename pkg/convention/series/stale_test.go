package series

import (
	"math/rand/v2"
	"path"
	"slices"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/names"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/iou"
)

// goOn lets each object stand at its last box until the end of its clip of some images, in a part. An object is known
// again in the next image by its class and an IoU of 0.3.
func goOn(src *dataset.Source, length int, in func(i int) bool) *dataset.Source {
	var live []dataset.Object
	series := ""
	return realfiles.Rebuilt(src, func(i int, im *dataset.Image, own []dataset.Object) []dataset.Object {
		if s, _ := names.LastNumber(im.File); i%length == 0 || s != series {
			live, series = nil, s
		}
		left := slices.DeleteFunc(slices.Clone(live), func(a dataset.Object) bool {
			return slices.ContainsFunc(own, func(b dataset.Object) bool {
				return a.Class == b.Class && iou.Of(a.Box.Box(), b.Box.Box()) > 0.3
			})
		})
		live = append(slices.Clone(own), left...)
		if !in(i) {
			return own
		}
		return live
	})
}

// TestStale: no real file has tracks that go on, nor a stretch of it; those of the traffic camera are told of where they
// do, with clips of several lengths, in all or in a third.
func TestStale(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 6))
	found, of, tries := 0, 0, 0
	for _, src := range realfiles.FirstImages(t) {
		right := func(src *dataset.Source) {
			tries++
			if c := OfCarried(src); c.Found() {
				t.Errorf("%s: %+v", src.Name, c)
			}
		}
		right(&src)
		for range 20 {
			if n := 40 + rng.IntN(400); n < len(src.Images) {
				part := src
				realfiles.CutImages(&part, rng.IntN(len(src.Images)-n), n)
				right(&part)
			}
		}
		if path.Base(src.Name) != "cvat_traffic.json" {
			continue
		}
		for _, length := range []int{30, 50, 77, 150, 463} {
			for third := range 2 {
				of++
				wrong := goOn(&src, length, func(i int) bool { return third == 0 || i >= len(src.Images)*2/3 })
				c := OfCarried(wrong)
				found += sample.One(c.Found())
				t.Logf("clips of %d, %d: %t, %+v", length, third, c.Found(), c)
			}
		}
	}
	t.Logf("%d right ones; %d of %d", tries, found, of)
	if found < of {
		t.Errorf("%d of %d files are told of", found, of)
	}
}
