package series

import (
	"math/rand/v2"
	"path"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
)

// TestEndings: no real file has lost the annotations of one ending, nor one whose images have an ending at random; and
// all that have images enough are told of, if one image in five lost its annotations together with its ending.
func TestEndings(t *testing.T) {
	found, of := 0, 0
	rng := rand.New(rand.NewPCG(7, 8))
	sources := realfiles.FirstImages(t)
	for i := range sources {
		src := &sources[i]
		if e := OfEndings(src); e.Found() {
			t.Errorf("%s: %+v", src.Name, e)
		}
		for _, rare := range []int{2, 10, 100} {
			mixed := realfiles.Rebuilt(src, func(_ int, im *dataset.Image, own []dataset.Object) []dataset.Object {
				if rng.IntN(rare) == 0 {
					im.File += ".jpeg"
				}
				return own
			})
			if e := OfEndings(mixed); e.Found() {
				t.Errorf("%s, one in %d at random: %+v", src.Name, rare, e)
			}
		}
		if len(src.Images) < 60 || path.Ext(src.Images[0].File) == "" {
			continue
		}
		of++
		lost := realfiles.Rebuilt(src, func(_ int, im *dataset.Image, own []dataset.Object) []dataset.Object {
			if rng.IntN(5) == 0 {
				im.File += ".jpeg"
				return nil
			}
			return own
		})
		e := OfEndings(lost)
		found += sample.One(e.Found())
		if !e.Found() {
			t.Logf("%s: %+v", src.Name, e)
		}
	}
	t.Logf("%d of %d", found, of)
	if found < of-1 {
		t.Errorf("%d of %d files are told of", found, of)
	}
}

// TestEndingsTogether: images of another ending that stand together, as background of another set, are an info.
func TestEndingsTogether(t *testing.T) {
	src := fixedCamera(rand.New(rand.NewPCG(9, 10)), 1, 3, 60)
	for i := range src.Images {
		src.Images[i].File = "a.jpg"
		if i >= 40 {
			src.Images[i].File, src.Images[i].Last = "b.png", src.Images[i].First
		}
	}
	e := OfEndings(src)
	if f := e.Finding(src, 0); !e.Found() || f.Level != findings.Info {
		t.Errorf("%+v: %s", e, f.Message)
	}
	im := src.Images[5]
	src.Images[5].File, src.Images[5].Last = "b.png", im.First
	e = OfEndings(src)
	if f := e.Finding(src, 0); !e.Found() || f.Level == findings.Info {
		t.Errorf("%+v: %s", e, f.Message)
	}
}
