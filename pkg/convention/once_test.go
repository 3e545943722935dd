package convention

import (
	"math/rand/v2"
	"slices"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
)

// TestOnceBesideCrowds: crowds beside the one object of each class change nothing in what is told, in all images or in
// the last third.
func TestOnceBesideCrowds(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 24))
	src := inScenes(300, 1, rng)
	joined := func(from int) *dataset.Source {
		out := realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) (out []dataset.Object) {
			for _, o := range own {
				if i < from || !slices.ContainsFunc(out, func(p dataset.Object) bool { return p.Class == o.Class }) {
					out = append(out, o)
				}
			}
			return append(out, own[0])
		})
		for i := range out.Images { // the last one of each image
			out.Objects[out.Images[i].Last-1].Flags |= dataset.Crowd
		}
		return out
	}
	if o := OfOnce(joined(0)); !o.Found() {
		t.Errorf("all: %+v", o)
	}
	if o := OfOnce(src); o.Found() {
		t.Errorf("as it is: %+v", o)
	}
	if o := OfOnceIn(joined(200)); !o.Found() || o.Example < 200 {
		t.Errorf("the last third: %+v", o)
	}
	if o := OfOnceIn(joined(300)); o.Found() {
		t.Errorf("as it is, and crowds: %+v", o)
	}
}
