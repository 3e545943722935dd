package results

import (
	"encoding/json"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// letterboxed is what boxes of a square picture with padding become when they are divided by its side and multiplied by
// the image's own sides.
func letterboxed(b geom.Rect, w, h float64) geom.Rect {
	long := max(w, h)
	return geom.Rect{
		X: (b.X + (long-w)/2) * w / long, Y: (b.Y + (long-h)/2) * h / long, W: b.W * w / long, H: b.H * h / long,
	}
}

// scaledBy returns boxes of pictures of another size.
func scaledBy(f float64) func(b geom.Rect, w, h float64) geom.Rect {
	return func(b geom.Rect, _, _ float64) geom.Rect {
		return geom.Rect{X: f * b.X, Y: f * b.Y, W: f * b.W, H: f * b.H}
	}
}

// remadeObjects returns a data set whose boxes f has moved.
func remadeObjects(d *dataset.Dataset, f func(b geom.Rect, w, h float64) geom.Rect) *dataset.Dataset {
	out := *d
	out.Sources = []dataset.Source{*realfiles.Rebuilt(&d.Sources[0], func(_ int, im *dataset.Image, own []dataset.Object) []dataset.Object {
		for k := range own {
			own[k].Box = f(own[k].Box, float64(im.Size.W), float64(im.Size.H))
		}
		return own
	})}
	return &out
}

// nextImage returns a data set whose objects stand one image further on.
func nextImage(d *dataset.Dataset) *dataset.Dataset {
	out := *d
	var before []dataset.Object
	out.Sources = []dataset.Source{*realfiles.Rebuilt(&d.Sources[0], func(_ int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
		last := before
		before = own
		return last
	})}
	return &out
}

// TestCulprit: of real pairs in which the boxes of one file were changed, the other file is never named as the wrong
// one, and the right one is in as many pairs as stand here. Mirrored boxes leave nothing that tells.
func TestCulprit(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	mirrored := func(b geom.Rect, w, _ float64) geom.Rect { b.X = w - b.X - b.W; return b }
	for _, c := range []struct {
		what             string
		f                func(b geom.Rect, w, h float64) geom.Rect
		annotations, ofA int // pairs in which they are named, of those that disagree
		results, ofR     int
	}{
		{"letterboxed", letterboxed, 3, 4, 3, 5},
		{"half as large", scaledBy(0.5), 2, 7, 4, 7},
		{"twice as large", scaledBy(2), 7, 7, 7, 7},
		{"resized to 640 px, padded", padded(640, 32), 6, 6, 6, 6},
		{"mirrored", mirrored, 0, 7, 0, 7},
	} {
		var named, of [2]int
		for _, p := range leanPairs(t) {
			r := p.results(t, nil)
			for k, v := range [2]Verdict{Judge(remadeObjects(p.d, c.f), r), Judge(p.d, mapped(&p, r, c.f))} {
				if v.Objects < 100 || !v.Named {
					continue
				}
				wrong := [2]File{TheAnnotations, TheResults}[k]
				of[k]++
				named[k] += sample.One(v.Culprit.Which == wrong)
				t.Logf("%s, %s of %v: %s", p.name, c.what, wrong, v.Culprit.say(p.d, "-"))
				if v.Culprit.Which != wrong && v.Culprit.Which != Either {
					t.Errorf("%s, %s: %s", p.name, c.what, v.message(p.d, p.name))
				}
			}
		}
		if got, want := [4]int{named[0], of[0], named[1], of[1]}, [4]int{c.annotations, c.ofA, c.results, c.ofR}; got != want {
			t.Errorf("%s: named %v, want %v", c.what, got, want)
		}
	}
}

// TestCulpritImageOff: annotations and results that are one image off each other are told of as that, and the wrong one
// is named where image sizes differ, or where classes change with the names. KITTI's pictures have one size and numbers
// for names.
func TestCulpritImageOff(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for _, p := range leanPairs(t) {
		src := &p.d.Sources[0]
		if len(src.Images) < 200 {
			continue
		}
		next := map[dataset.IDKey]dataset.ID{}
		for i := range src.Images[1:] {
			next[src.Images[i].ID.Key()] = src.Images[i+1].ID
		}
		moved := p.results(t, func(r *record, _ geom.Size) {
			id := realfiles.IDOf(r.Image)
			if to, ok := next[id.Key()]; ok {
				r.Image = json.RawMessage(to.Quoted())
			}
		})
		for k, v := range [2]Verdict{Judge(nextImage(p.d), p.results(t, nil)), Judge(p.d, moved)} {
			want := [2]File{TheAnnotations, TheResults}[k]
			if strings.Contains(p.name, "kitti") {
				want = Either
			}
			t.Logf("%s: %s", p.name, v.message(p.d, p.name))
			off := v.Culprit.ImageOff == [2]int{1, -1}[k] || v.Reading.Shift == [2]int{-1, 1}[k]
			if !v.Foreign() || !off || v.Culprit.Which != want {
				t.Errorf("%s, want %v, %v, %+v", p.name, want, v.Disagrees(), v.Culprit)
			}
		}
	}
}
