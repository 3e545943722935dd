package series

import (
	"math/rand/v2"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// TestTilesWithoutNames: the tiles of pictures in which people stand in one row have objects at the same places of
// each round, and those that drop what is cut have few elsewhere. With no file names, too, these are no key frames.
func TestTilesWithoutNames(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	src := &dataset.Source{}
	for picture := range 400 {
		for tile := range 8 { // two rows of four, as CityPersons' pictures have
			part := [8]float64{.6, .75, .75, .6, .01, .01, .01, .01}[tile]
			if picture >= 100 && picture < 140 { // a road with one place for people
				part = float64(sample.One(tile == 2))
			}
			im := dataset.Image{ID: dataset.PlainID(int64(len(src.Images))), Size: geom.Size{W: 512, H: 512}}
			im.First = int32(len(src.Objects))
			if rng.Float64() < part {
				src.Objects = append(src.Objects, dataset.Object{Image: int32(len(src.Images)),
					Box: geom.Rect{X: 300 * rng.Float64(), Y: 200, W: 30, H: 70}})
			}
			im.Last = int32(len(src.Objects))
			src.Images = append(src.Images, im)
		}
	}
	kept := everyStep(src, withObjects(src), 3)
	if kept.Step != 8 || kept.Images < 40 {
		t.Fatalf("the stretch is not there: %+v", kept)
	}
	if e := OfEmptied(src); e.Found() {
		t.Errorf("%+v", e)
	}
	part := *src
	realfiles.CutImages(&part, 800, 320) // nothing but the stretch
	if e := OfEmptied(&part); !e.Found() || !e.Kept {
		t.Errorf("where no round tells otherwise: %+v", e)
	}
}

// withObjects returns the images with objects.
func withObjects(src *dataset.Source) (all []int32) {
	for i := range src.Images {
		if src.Images[i].First < src.Images[i].Last {
			all = append(all, int32(i))
		}
	}
	return all
}
