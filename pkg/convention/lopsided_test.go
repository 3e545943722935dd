package convention

import (
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
)

// turnedLeftOut returns the box that a rectangle has that is turned by an angle about its upper left corner, in a box b
// around it, written without the turn: its corner and its own sides. It says false where no rectangle is so.
func turnedLeftOut(b geom.Rect, degrees float64) (geom.Rect, bool) {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	s, c := math.Abs(sin), math.Abs(cos)
	d := float64(c*c) - float64(s*s)
	w, h := (float64(b.W*c)-float64(b.H*s))/d, (float64(b.H*c)-float64(b.W*s))/d
	if least := 0.25 * min(b.W, b.H); !(w > least && h > least) {
		return b, false
	}
	left := min(0, w*cos, -h*sin, float64(w*cos)-float64(h*sin))
	top := min(0, w*sin, h*cos, float64(w*sin)+float64(h*cos))
	return geom.Rect{X: b.X - left, Y: b.Y - top, W: w, H: h}, true
}

// leftOut returns a source in whose images from a place on six in ten boxes are such, half of them of small angles
// and half near a quarter.
func leftOut(src *dataset.Source, from int, rng *rand.Rand) *dataset.Source {
	return realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
		for k := range own {
			degrees := 70*rng.Float64() - 35
			if rng.IntN(2) == 0 {
				degrees = 90 + 16*rng.Float64() - 8
				if rng.IntN(2) == 0 {
					degrees = -degrees
				}
			}
			if i >= from && rng.IntN(10) < 6 && sample.Told(&own[k]) {
				own[k].Box, _ = turnedLeftOut(own[k].Box, degrees)
			}
		}
		return own
	})
}

// TestTurnedLeftOut: the rectangle, turned again, has the box that it was made of around it.
func TestTurnedLeftOut(t *testing.T) {
	b := geom.Rect{X: 100, Y: 50, W: 60, H: 40}
	for _, degrees := range []float64{-98, -90, -20, 10, 25, 85, 90} {
		r, ok := turnedLeftOut(b, degrees)
		if !ok {
			t.Fatalf("%g degrees", degrees)
		}
		sin, cos := math.Sincos(degrees * math.Pi / 180)
		around := geom.Box{X0: math.Inf(1), Y0: math.Inf(1), X1: math.Inf(-1), Y1: math.Inf(-1)}
		for _, p := range [][2]float64{{0, 0}, {r.W, 0}, {r.W, r.H}, {0, r.H}} {
			x, y := r.X+p[0]*cos-p[1]*sin, r.Y+p[0]*sin+p[1]*cos
			around = geom.Box{
				X0: min(around.X0, x), Y0: min(around.Y0, y), X1: max(around.X1, x), Y1: max(around.Y1, y),
			}
		}
		got := around.Rect()
		if off := max(math.Abs(got.X-b.X), math.Abs(got.Y-b.Y), math.Abs(got.W-b.W), math.Abs(got.H-b.H)); off > 1e-9 {
			t.Errorf("%g degrees: %v, want %v", degrees, got, b)
		}
	}
}

// TestLopsided: boxes beyond the right and the lower edges alone are told of from 20 on, as the chance of 2^-20 is below
// 1e-6 and that of 2^-19 is not; those that leave at the left too are not.
func TestLopsided(t *testing.T) {
	source := func(after, before int) *dataset.Source {
		src := &dataset.Source{Name: "x.json"}
		for i := range 400 {
			o := dataset.Object{Image: int32(i), Box: geom.Rect{X: 50 + float64(i%97), Y: 40 + float64(i%89), W: 31, H: 47}}
			switch {
			case i < after:
				o.Box.X = 600 + float64(i%7)
			case i < after+before:
				o.Box.X = -20 - float64(i%5)
			}
			src.Objects = append(src.Objects, o)
			src.Images = append(src.Images, dataset.Image{
				ID: dataset.NumberID(strconv.Itoa(i)), Size: geom.Size{W: 610, H: 480}, First: int32(i), Last: int32(i + 1),
			})
		}
		return src
	}
	for _, c := range []struct {
		after, before int
		want          bool
	}{{20, 0, true}, {19, 0, false}, {0, 0, false}, {24, 1, true}, {23, 1, false}, {60, 4, false}, {60, 3, true}} {
		src := source(c.after, c.before)
		l := count(src).lopsided(src)
		if l.Found() != c.want || c.want && (l.After != c.after || l.Before != c.before || l.Example != 0) {
			t.Errorf("%d and %d: %v, %+v", c.after, c.before, l.Found(), l)
		}
	}
	// 26 of 2^25 choices of 25 have one at the left at most
	if got, want := evenOdds(25, 1), math.Log(26./(1<<25)); math.Abs(got-want) > 1e-9 {
		t.Errorf("%g, want %g", got, want)
	}
	src := source(30, 0)
	l := count(src).lopsided(src)
	f := l.finding(src, 0, 400)
	if f.Severity() != findings.Info || !regexp.MustCompile(`^30 of 400 boxes .* and 0 beyond the left .*turned`).
		MatchString(f.Message) {
		t.Errorf("%v %s", f.Severity(), f.Message)
	}
}

// TestLopsidedOfRealFiles: no real file, no stretch and no draw of one shows it. With the turn of six boxes in ten left
// out, in all images or the last third, half of the files are told of, and none has an error of box-convention or
// columns-shifted.
func TestLopsidedOfRealFiles(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	found, of, tries := 0, 0, 0
	for _, src := range realfiles.FirstImages(t) {
		if l := count(&src).lopsided(&src); l.Found() {
			t.Errorf("%s: %+v", src.Name, l)
		}
		for range 20 {
			tries++
			from := rng.IntN(len(src.Images))
			some := src
			some.Images = src.Images[from:][:1+rng.IntN(len(src.Images)-from)]
			if l := count(&some).lopsided(&some); l.Found() {
				t.Errorf("%s, %d images from %d: %+v", src.Name, len(some.Images), from, l)
			}
		}
		if len(src.Objects) < 1000 {
			continue
		}
		for _, from := range []int{0, 2 * len(src.Images) / 3} {
			of++
			made := leftOut(&src, from, rng)
			said := false
			for _, f := range InspectSource(&dataset.Dataset{Sources: []dataset.Source{*made}}, 0) {
				if e, ok := findings.Lookup(f.Code); !ok || !slices.Contains(append(e.Else[:], e.Severity), f.Severity()) {
					t.Errorf("%s may not be of level %s", f.Code, f.Severity())
				}
				named := regexp.MustCompile(`turn`).MatchString(f.Message)
				said = said || named
				if f.Severity() == findings.Error && f.Code != "image-size-convention" {
					t.Errorf("%s from %d: %s: %s", src.Name, from, f.Code, f.Message)
				}
			}
			found += sample.One(said)
			if !said {
				l := count(made).lopsided(made)
				t.Logf("%s from %d is not told of: %+v", src.Name, from, l)
			}
		}
	}
	t.Logf("%d of %d are told of; %d stretches", found, of, tries)
	if of < 20 || 2*found < of {
		t.Errorf("%d of %d are told of", found, of)
	}
}
