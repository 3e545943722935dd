package convention

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// squared returns a source whose images, where in tells so, were scaled into squares of 640 px, with a part of the
// padding added: all of it is 1, none 0; stretched if it is below 0.
func squared(src *dataset.Source, padding float64, in func(i int) bool) *dataset.Source {
	const side = 640
	out := realfiles.Rebuilt(src, func(i int, im *dataset.Image, own []dataset.Object) []dataset.Object {
		if !in(i) {
			return own
		}
		w, h := float64(im.Size.W), float64(im.Size.H)
		x, y := side/max(w, h), side/max(w, h)
		if padding < 0 {
			x, y = side/w, side/h
		}
		dx, dy := padding*(side-x*w)/2, padding*(side-y*h)/2
		for k := range own {
			b := own[k].Box
			own[k].Box = geom.Rect{X: float64(b.X*x) + dx, Y: float64(b.Y*y) + dy, W: b.W * x, H: b.H * y}
		}
		return own
	})
	out.Images = slices.Clone(out.Images)
	for i := range out.Images {
		if in(i) && out.Images[i].LeftOut == dataset.InUse {
			out.Images[i].Size = geom.Size{W: side, H: side}
		}
	}
	return out
}

// TestUnpadded: pictures that were letterboxed without the padding in the boxes are told of in a whole file and in its
// last third, where the real files' pictures have several sides; letterboxed or stretched as is due, or as they are,
// nothing is said, of wholes, parts or draws.
func TestUnpadded(t *testing.T) {
	sources := realfiles.FirstImages(t)
	rng := rand.New(rand.NewPCG(5, 6))
	said := func(src *dataset.Source) string {
		u := OfUnpadded(src)
		if u.Found() {
			return u.Finding(src, 0).Message
		}
		tally := count(src)
		if s := tally.readSizes(src); s.Kind == PiledRight || s.Kind == PiledBottom {
			return s.Finding(src, 0).Message
		}
		return ""
	}
	all := func(int) bool { return true }
	found, tries := [2]int{}, 0
	for i := range sources {
		src := &sources[i]
		n := len(src.Images)
		third := func(i int) bool { return i >= n-n/3 }
		for what, s := range map[string]*dataset.Source{
			"as it is": src, "letterboxed": squared(src, 1, all), "a third letterboxed": squared(src, 1, third),
			"stretched": squared(src, -1, all), "a third stretched": squared(src, -1, third),
		} {
			if got := said(s); got != "" {
				t.Errorf("%s, %s: %s", src.Name, what, got)
			}
		}
		for _, padding := range []float64{1, -1} {
			right := squared(src, padding, all)
			for _, n := range []int{50, 200, 1000} {
				for range 30 {
					tries++
					if got := said(drawnFrom(right, n, rng)); got != "" {
						t.Errorf("%s, %d boxes, %g: %s", src.Name, n, padding, got)
					}
				}
			}
			for _, n := range []int{50, 200, 600} {
				for range 10 {
					if n < len(right.Images) {
						tries++
						part := asIs(right)
						realfiles.CutImages(part, rng.IntN(len(right.Images)-n), n)
						if got := said(part); got != "" {
							t.Errorf("%s, %d images, %g: %s", src.Name, n, padding, got)
						}
					}
				}
			}
		}
		for k, in := range []func(int) bool{all, third} {
			u := OfUnpadded(squared(src, 0, in))
			found[k] += sample.One(u.Found())
			t.Logf("%s: %v %+v", src.Name, u.Found(), u)
		}
	}
	t.Logf("%d draws and stretches; told of: %v", tries, found)
	if found[0] < 4 || found[1] < 3 {
		t.Errorf("%v files are told of, want 4 and 3", found)
	}
}

// TestUnpaddedWords: the finding names the places by their part of the side, 480 and 427 of 640 px.
func TestUnpaddedWords(t *testing.T) {
	d := realfiles.Read(t, false, realfiles.Shared(t, "data", "voc2007", "instances_test2007.json"))
	src := squared(d.Source(0), 0, func(int) bool { return true })
	u := OfUnpadded(src)
	if !u.Found() {
		t.Fatal("nothing is told")
	}
	f := u.Finding(src, 0)
	want := `padding of letterboxed pictures seems to be missing .* images? at 7[45]\.?\d* % of the height, ` +
		`in \d+ images at 66\.?\d* %`
	if !regexp.MustCompile(want).MatchString(f.Message) {
		t.Errorf("%s\nwant %s", f.Message, want)
	}
}
