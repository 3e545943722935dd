package convention

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// withoutPoint writes numbers with so many digits at most, and without the point.
func withoutPoint(digits int) func(b geom.Rect, _ *dataset.Image) geom.Rect {
	lose := func(v float64) float64 {
		to := math.Pow(10, float64(digits))
		s := strings.Replace(strconv.FormatFloat(math.Round(v*to)/to, 'f', -1, 64), ".", "", 1)
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			panic(err)
		}
		return v
	}
	return func(b geom.Rect, _ *dataset.Image) geom.Rect {
		return geom.Rect{X: lose(b.X), Y: lose(b.Y), W: lose(b.W), H: lose(b.H)}
	}
}

// TestLostPointScenes: points that are lost are told of, boxes of pictures that were ten, or a hundred, times as large
// are not: of these, one number in ten is a multiple of ten.
func TestLostPointScenes(t *testing.T) {
	rng := rand.New(rand.NewPCG(45, 46))
	src := inScenes(300, 1, rng)
	read := func(src *dataset.Source) lostPoint { return count(src).readLostPoint(src) }
	for _, from := range []int{0, 220} {
		for _, digits := range []int{1, 2, 3} {
			if l := read(anew(src, from, withoutPoint(digits))); !l.found() || l.most > math.Pow(10, float64(digits)) {
				t.Errorf("%d digits from %d on: %+v", digits, from, l)
			}
		}
		for _, by := range []float64{1, 10, 100} {
			scaled := anew(src, from, func(b geom.Rect, _ *dataset.Image) geom.Rect {
				at := func(v float64) float64 { return math.Round(by * v) }
				return geom.Rect{X: at(b.X), Y: at(b.Y), W: at(b.W), H: at(b.H)}
			})
			if l := read(scaled); l.found() {
				t.Errorf("%g times as large from %d on: %+v", by, from, l)
			}
		}
	}
}

// TestLostPoint: no real file has such numbers, nor any draw or stretch of one; of those whose boxes have fractions,
// as many are told of as stand in docs/conventions.md.
func TestLostPoint(t *testing.T) {
	tries := 0
	stretches(t, rand.New(rand.NewPCG(47, 48)), 30, func(src *dataset.Source) {
		tries++
		if l := count(src).readLostPoint(src); l.found() {
			t.Errorf("%s, %d images: %+v", src.Name, len(src.Images), l)
		}
	})
	var of, all, parts int
	for _, src := range realfiles.FirstImages(t) {
		cut := 0
		for i := range src.Objects {
			if b := &src.Objects[i].Box; b.X != math.Trunc(b.X) || b.W != math.Trunc(b.W) {
				cut++
			}
		}
		n := len(src.Images)
		if 10*cut < 9*len(src.Objects) || cut < 500 {
			continue
		}
		of++
		for _, from := range []int{0, n - n/3} {
			made := anew(&src, from, withoutPoint(2))
			if l := count(made).readLostPoint(made); !l.found() {
				t.Logf("%s from %d on: %+v", src.Name, from, l)
			} else if from == 0 {
				all++
			} else {
				parts++
			}
		}
	}
	t.Logf("%d right ones; of %d files %d are told of, and %d in a part", tries, of, all, parts)
	if of != 6 || all < 6 || parts < 6 {
		t.Errorf("of %d files %d are told of, and %d in a part: fewer than before", of, all, parts)
	}
}
