package series

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
)

// rollNames gives each image the name of the one so many records further on.
func rollNames(src *dataset.Source, by int) *dataset.Source {
	out := *src
	out.Images = slices.Clone(src.Images)
	n := len(out.Images)
	for i := range out.Images {
		out.Images[i].File = src.Images[(i+by+n)%n].File
	}
	return &out
}

// TestRolledRealFiles: names of real files are in place, and are told of once they are one row off if names
// have the ids.
func TestRolledRealFiles(t *testing.T) {
	sources := realfiles.FirstImages(t)
	found := 0
	for i := range sources {
		src := &sources[i]
		if r := OfRolled(src); r.By != 0 {
			t.Errorf("%s: %+v", src.Name, r)
		}
		own := 0
		for k := range src.Images {
			own += sample.One(hasID(src.Images[k].File, src.Images[k].ID))
		}
		if len(src.Images) < 20 || 10*own < 9*len(src.Images) {
			continue
		}
		for _, by := range []int{1, -1} {
			r := OfRolled(rollNames(src, by))
			if r.By != by {
				t.Errorf("%s, rolled by %d: %+v", src.Name, by, r)
				continue
			}
			found++
			if f := r.Finding(src, 0); f.Severity() != findings.Error && r.Tell >= leastRolled {
				t.Errorf("%s: %s", f.Severity(), f.Message)
			}
		}
	}
	t.Logf("%d rolled files", found)
	if found < 12 {
		t.Errorf("%d rolled files are told of", found)
	}
}

// TestRolled: a constant difference of names and ids is none, and ids that are text are whole names.
func TestRolled(t *testing.T) {
	for _, c := range []struct {
		name string
		id   func(i int) dataset.ID
		file func(i int) string
		want int
	}{
		{"in place", numeric(func(i int) int { return i + 1 }), file("%06d.jpg", 1), 0},
		{"names from 0", numeric(func(i int) int { return i + 1 }), file("frame_%d.jpg", 0), 0},
		{"names from 2", numeric(func(i int) int { return i + 1 }), file("frame_%d.jpg", 2), 0},
		{"names from 0 with gaps in both", numeric(func(i int) int { return i + i/7 + 1 }),
			func(i int) string { return fmt.Sprintf("%d.jpg", i+i/7) }, 0},
		{"round", numeric(func(i int) int { return i + 1 }), func(i int) string { return fmt.Sprintf("%d.jpg", (i+1)%40+1) }, 1},
		{"ids in no order", numeric(func(i int) int { return i * 17 % 41 }),
			func(i int) string { return fmt.Sprintf("%012d.jpg", (i+1)*17%41) }, 1},
		{"the record before", numeric(func(i int) int { return i * 17 % 41 }),
			func(i int) string { return fmt.Sprintf("a/img_%d.png", (i+40)*17%41) }, -1},
		{"text", func(i int) dataset.ID { return dataset.TextID(fmt.Sprintf("cam%d (1)", i)) }, file("x/cam%d (1).JPG", 1), 1},
		{"no numbers", numeric(func(i int) int { return i }), func(i int) string { return strings.Repeat("x", i+1) }, 0},
	} {
		src := dataset.Source{Name: "a.json"}
		for i := range 40 {
			src.Images = append(src.Images, dataset.Image{ID: c.id(i), File: c.file(i), Size: geom.Size{W: 10, H: 10}})
		}
		if r := OfRolled(&src); r.By != c.want {
			t.Errorf("%s: %+v, want %d", c.name, r, c.want)
		}
	}
}

// numeric returns ids that are numbers.
func numeric(f func(i int) int) func(int) dataset.ID {
	return func(i int) dataset.ID { return dataset.PlainID(int64(f(i))) }
}

// file returns names with a number, counted from the first one.
func file(format string, first int) func(i int) string {
	return func(i int) string { return fmt.Sprintf(format, i+first) }
}

// TestFlipped: mirrored copies that have the boxes of their originals are told of, whatever their names look like.
func TestFlipped(t *testing.T) {
	for _, c := range []struct {
		name   string
		copied func(i int) string
		box    func(b geom.Rect) geom.Rect
		want   bool
	}{
		{"not mirrored", file("%d_flip.jpg", 0), func(b geom.Rect) geom.Rect { return b }, true},
		{"in front", file("hflip-%d.jpg", 0), func(b geom.Rect) geom.Rect { return b }, true},
		{"a directory", file("Mirrored/%d.jpg", 0), func(b geom.Rect) geom.Rect { return b }, true},
		{"mirrored", file("%d_flip.jpg", 0), func(b geom.Rect) geom.Rect { b.X = 640 - b.X - b.W; return b }, false},
		{"other words", file("%d_flap.jpg", 0), func(b geom.Rect) geom.Rect { return b }, false},
		{"of other pictures", file("%d_flip.jpg", 1000), func(b geom.Rect) geom.Rect { return b }, false},
		{"in the middle", file("%d_flip.jpg", 0), func(geom.Rect) geom.Rect { return geom.Rect{X: 300, Y: 200, W: 40, H: 80} }, false},
	} {
		var src dataset.Source
		add := func(name string, b geom.Rect) {
			n := int32(len(src.Objects))
			src.Objects = append(src.Objects, dataset.Object{Image: n, Box: b})
			src.Images = append(src.Images, dataset.Image{
				ID: dataset.PlainID(int64(n)), File: name, Size: geom.Size{W: 640, H: 480}, First: n, Last: n + 1,
			})
		}
		for i := range 30 {
			b := geom.Rect{X: float64(7 * i), Y: float64(3 * i), W: 50, H: 60}
			if c.name == "in the middle" {
				b = c.box(b)
			}
			add(fmt.Sprintf("%d.jpg", i), b)
			add(c.copied(i), c.box(b))
		}
		if p := OfFlipped(&src); p.Found() != c.want {
			t.Errorf("%s: %+v, want %v", c.name, p, c.want)
		}
	}
	for name, want := range map[string]bool{"a.jpg": false, "": false, "f": false, "fli": false, "xFLIPy.jpg": true, "mirro": false,
		"a_mirror.jpg": true, "Miroir.jpg": false} {
		if got := hasMirror(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}
