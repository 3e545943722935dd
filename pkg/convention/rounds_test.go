package convention

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
)

// inTwoRounds returns a source whose images have, behind each other in the file, the objects of a source and those that
// second returns for the image.
func inTwoRounds(src *dataset.Source, second func(i int, own []dataset.Object) []dataset.Object) *dataset.Source {
	const later = 1 << 40
	out := realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
		n := len(own)
		own = append(own, second(i, own)...)
		for k := range own {
			own[k].Line = int32(sample.One(k >= n))
		}
		return own
	})
	for k := range out.Objects {
		if o := &out.Objects[k]; o.Line > 0 {
			o.Offset += later
		}
	}
	out.Returns = 1
	return out
}

// jittered returns copies of boxes that are a few percent off, but for one in twelve that is missed.
func jittered(own []dataset.Object, rng *rand.Rand) (all []dataset.Object) {
	for _, o := range own {
		if rng.IntN(12) == 0 {
			continue
		}
		off := func(side float64) float64 { return 0.03 * side * rng.NormFloat64() }
		b := &o.Box
		b.X, b.Y, b.W, b.H = b.X+off(b.W), b.Y+off(b.H), b.W+off(b.W), b.H+off(b.H)
		all = append(all, o)
	}
	return all
}

// TestRoundsOfTwoPeople: the same objects in two rounds are told of as those of two people, and other ones as those of
// two pictures with one id.
func TestRoundsOfTwoPeople(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 16))
	src := crowdsIn(60, false, func(int, int) bool { return false })
	twice := inTwoRounds(src, func(_ int, own []dataset.Object) []dataset.Object { return jittered(own, rng) })
	next := inTwoRounds(src, func(i int, _ []dataset.Object) []dataset.Object {
		im := &src.Images[(i+1)%len(src.Images)]
		return slices.Clone(src.Objects[im.First:im.Last])
	})
	for _, c := range []struct {
		src        *dataset.Source
		want, lack string
	}{
		{twice, "labelled by two people", "before the merge"}, {next, "before the merge", "labelled by two people"},
	} {
		r := OfRounds(c.src)
		if !r.Found() || r.Second == 0 {
			t.Fatalf("%+v", r)
		}
		if m := r.Finding(c.src, 0).Message; !strings.Contains(m, c.want) || strings.Contains(m, c.lack) {
			t.Errorf("%s, want %q", m, c.want)
		}
	}
}

// TestRoundsOfRealFiles does so with real files: boxes drawn again, and those of another image.
func TestRoundsOfRealFiles(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 18))
	for _, src := range realfiles.FirstImages(t) {
		if len(src.Objects) < 300 || len(src.Images) < 60 {
			continue
		}
		least, most := 1., 0.
		for range 3 {
			by := 1 + rng.IntN(len(src.Images)-1)
			again := OfRounds(inTwoRounds(&src, func(_ int, own []dataset.Object) []dataset.Object { return jittered(own, rng) }))
			other := OfRounds(inTwoRounds(&src, func(i int, _ []dataset.Object) []dataset.Object {
				im := &src.Images[(i+by)%len(src.Images)]
				return slices.Clone(src.Objects[im.First:im.Last])
			}))
			if !again.Found() || !again.twice() || other.Found() && other.twice() {
				t.Errorf("%s, %d images on: %+v, %+v", src.Name, by, again, other)
			}
			least = min(least, float64(again.Again)/float64(cmp.Or(again.Second, 1)))
			most = max(most, float64(other.Again)/float64(cmp.Or(other.Second, 1)))
		}
		t.Logf("%s: %.3f at least, and %.3f of other images at most", src.Name, least, most)
	}
}
