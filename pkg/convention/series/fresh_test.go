package series

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// snapped returns a source whose boxes have their corners in a grid.
func snapped(src *dataset.Source, grid float64) *dataset.Source {
	out := *src
	out.Objects = slices.Clone(src.Objects)
	snap := func(v float64) float64 { return math.Round(v/grid) * grid }
	for k := range out.Objects {
		b := &out.Objects[k].Box
		right, bottom := snap(b.X+b.W), snap(b.Y+b.H)
		b.X, b.Y = snap(b.X), snap(b.Y)
		b.W, b.H = max(grid, right-b.X), max(grid, bottom-b.Y)
	}
	return &out
}

// TestSnappedVideos: boxes of cars that stand before a camera are the same in many images if they are rounded, and no
// list is told of.
func TestSnappedVideos(t *testing.T) {
	for _, src := range realfiles.FirstImages(t) {
		for _, grid := range []float64{1, 2, 4, 8, 16, 32} {
			if c := OfCarried(snapped(&src, grid)); c.Found() {
				t.Errorf("%s in a grid of %v: %+v", src.Name, grid, c)
			}
		}
	}
}

// TestFixedCamera: before a camera, parked cars stand in all images beside others that move, and the fields of a form
// stand on each sheet. A list that is not emptied is found among the first, whether it keeps the image before or all.
func TestFixedCamera(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 7))
		parked, moving := 2+rng.IntN(60), rng.IntN(9)
		camera := fixedCamera(rng, parked, moving, 60)
		if c := OfCarried(camera); c.Found() && !c.Copied() {
			t.Errorf("%d parked, %d moving: %+v", parked, moving, c)
		}
		for _, all := range []bool{false, true} {
			if moving < 2 {
				continue // the list of an image that shows nothing new
			}
			if c := OfCarried(carry(fixedCamera(rng, 0, moving, 60), all)); !c.carries() {
				t.Errorf("%d moving, all %v: %+v", moving, all, c)
			}
		}
	}
}

// fixedCamera is a video of cars in whole pixels, of which some stand and others drive by.
func fixedCamera(rng *rand.Rand, parked, moving, images int) *dataset.Source {
	src := &dataset.Source{Name: "camera.json"}
	var cars [][2]geom.Rect // where it is, and by how much it moves
	for i := range parked + moving {
		car := [2]geom.Rect{{X: float64(rng.IntN(1800)), Y: float64(rng.IntN(1000)), W: float64(40 + rng.IntN(80)), H: 60}}
		if i >= parked {
			car[1] = geom.Rect{X: 5 + 10*rng.Float64(), Y: 2 * rng.Float64()}
		}
		cars = append(cars, car)
	}
	for i := range images {
		im := dataset.Image{ID: dataset.PlainID(int64(i + 1)), First: int32(len(src.Objects))}
		im.Size = geom.Size{W: 1920, H: 1080}
		for k := range cars {
			o := dataset.Object{ID: dataset.PlainID(int64(len(src.Objects) + 1)), Image: int32(i), Box: cars[k][0]}
			o.Box.X, o.Box.Y = math.Round(o.Box.X), math.Round(o.Box.Y)
			src.Objects = append(src.Objects, o)
			cars[k][0].X = math.Mod(cars[k][0].X+cars[k][1].X, 1900)
			cars[k][0].Y += cars[k][1].Y
		}
		im.Last = int32(len(src.Objects))
		src.Images = append(src.Images, im)
	}
	return src
}
