package convention

import (
	"math"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
)

// sized returns a source whose areas, of boxes of these sizes, were compared.
func sized(sizes [][2]float64) *dataset.Source {
	src := &dataset.Source{Name: "a", AreaParts: &dataset.AreaParts{First: -1}}
	for k, s := range sizes {
		src.Objects = append(src.Objects, dataset.Object{Offset: int64(k)})
		src.AreaParts.Add(int32(k), s[1]/s[0], s[0])
	}
	return src
}

// TestWrapped: areas modulo 65,536 are told of, all or beside right ones; areas that are smaller for other reasons, and
// one object in all frames of a video, are not.
func TestWrapped(t *testing.T) {
	wrap := func(v float64) float64 { return math.Mod(math.Floor(v), 65536) }
	for _, c := range []struct {
		what string
		n    int
		area func(k int, of float64) float64
		want bool
	}{
		{"wrapped", 12, func(_ int, of float64) float64 { return wrap(of) }, true},
		{"the last half", 12, func(k int, of float64) float64 {
			if k < 6 {
				return of
			}
			return wrap(of)
		}, true},
		{"right", 12, func(_ int, of float64) float64 { return of }, false},
		{"a half", 400, func(_ int, of float64) float64 { return of / 2 }, false},
		{"at most 65,535", 400, func(_ int, of float64) float64 { return min(of, 65535) }, false},
		{"two", 2, func(_ int, of float64) float64 { return wrap(of) }, false},
	} {
		var sizes [][2]float64
		for k := range c.n {
			of := 70000.3 + 37219.7*float64(k)
			sizes = append(sizes, [2]float64{of, max(c.area(k, of), 1)})
		}
		w := OfWrapped(sized(sizes))
		if w.Found() != c.want {
			t.Errorf("%s: %+v", c.what, w)
		}
		if c.want && (w.Areas != c.n && w.Areas != c.n/2 || w.Large != c.n) {
			t.Errorf("%s: %+v", c.what, w)
		}
	}
	var video [][2]float64
	for range 200 {
		video = append(video, [2]float64{90000, 24464}, [2]float64{80000, 60000})
	}
	if w := OfWrapped(sized(video)); w.Found() {
		t.Errorf("a video: %+v", w)
	}
}

// TestWrappedOfRealFiles: no real file shows it; with areas in 16 bits, all or of the last third of the images, those do
// that have four large objects or more there, and nothing else is said of their areas.
func TestWrappedOfRealFiles(t *testing.T) {
	told, of := 0, 0
	for _, src := range realfiles.RealSources(t) {
		if w := OfWrapped(&src); w.Found() {
			t.Errorf("%s: %+v", src.Name, w)
		}
		if src.AreaParts == nil {
			continue
		}
		for _, from := range []int{0, len(src.Images) * 2 / 3} {
			out := src
			out.AreaParts = &dataset.AreaParts{First: -1}
			large := 0
			for _, at := range src.AreaParts.Places {
				part := float64(at.Part)
				if int(src.Objects[at.Object].Image) >= from {
					area := part * float64(at.Of)
					if area >= wraps && part > 0.999 && part < 1.001 {
						large++
					}
					part = math.Mod(math.Floor(area), wraps) / float64(at.Of)
					if part == 0 {
						continue // the reader compares areas above 0
					}
				}
				out.AreaParts.Add(at.Object, part, float64(at.Of))
			}
			if large < 4 {
				continue
			}
			of++
			w := OfWrapped(&out)
			if !w.Found() {
				t.Logf("%s from image %d: %+v", src.Name, from, w)
				continue
			}
			told++
			f := w.finding(&out, 0)
			if !strings.Contains(f.Message, "16 bits") {
				t.Error(f.Message)
			}
		}
	}
	if t.Logf("%d of %d", told, of); told*10 < of*8 {
		t.Errorf("%d of %d are told of", told, of)
	}
}
