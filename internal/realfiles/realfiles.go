// Package realfiles reads the real annotation files that tests share, and makes broken ones of them.
package realfiles

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"focalaudit/pkg/coco"
	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// Shared returns the path of shared test material, and skips where it is absent.
func Shared(t testing.TB, elem ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{root(t), "..", "shared"}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("needs the shared test material: %s", filepath.Join(elem...))
	}
	return path
}

// root returns the directory of the module, which tests of any package are in.
func root(t testing.TB) string {
	t.Helper()
	dir := "."
	for range 8 {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		dir = filepath.Join(dir, "..")
	}
	t.Fatal("no go.mod above the test")
	return ""
}

// Read reads annotation files.
func Read(t testing.TB, outlines bool, paths ...string) *dataset.Dataset {
	t.Helper()
	files, err := coco.Find(paths, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := coco.Read(context.Background(), files, coco.Options{Workers: 2, Outlines: outlines})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Once is what is read once for all tests, which leave it as it is.
type Once[T any] struct {
	sync.Once
	value T
}

// Get returns what read returns the first time.
func (o *Once[T]) Get(t testing.TB, read func() T) T {
	t.Helper()
	if testing.Short() {
		t.Skip("takes seconds")
	}
	Shared(t, "data") // skips before Do, which would take a skip for done
	Shared(t, "glyphs")
	o.Do(func() { o.value = read() })
	return o.value
}

var allSources Once[[]dataset.Source]

// RealSources returns the sources of all real annotation files.
func RealSources(t testing.TB) []dataset.Source {
	t.Helper()
	all := allSources.Get(t, func() (all []dataset.Source) {
		for _, dir := range []string{"data", "glyphs"} {
			all = append(all, Read(t, false, Shared(t, dir)).Sources...)
		}
		return all
	})
	if len(all) < 16 {
		t.Fatalf("%d sources", len(all))
	}
	return slices.Clone(all)
}

// FirstImages returns the sources of all real annotation files, of which 5,000 images show as much as all.
func FirstImages(t testing.TB) []dataset.Source {
	t.Helper()
	all := RealSources(t)
	for i := range all {
		if src := &all[i]; len(src.Images) > 5000 {
			src.Images = src.Images[:5000]
			src.Objects = src.Objects[:src.Images[4999].Last]
			src.AreaParts = nil // names objects of all images
		}
	}
	return all
}

// Write returns the four numbers by which a file with another reading has a box.
func Write(r reading.Reading, b geom.Rect, image geom.Size) geom.Rect {
	if whole := r.Unit.Whole(); whole > 0 {
		sx, sy := whole/float64(image.W), whole/float64(image.H)
		b = geom.Rect{X: b.X * sx, Y: b.Y * sy, W: b.W * sx, H: b.H * sy}
	}
	switch x1, y1 := b.X+b.W, b.Y+b.H; r.Form {
	case reading.Corners:
		return geom.Rect{X: b.X, Y: b.Y, W: x1, H: y1}
	case reading.Centre:
		return geom.Rect{X: b.X + b.W/2, Y: b.Y + b.H/2, W: b.W, H: b.H}
	case reading.Below:
		return geom.Rect{X: b.X, Y: y1, W: b.W, H: b.H}
	case reading.Exchanged:
		return geom.Rect{X: b.Y, Y: b.X, W: b.H, H: b.W}
	case reading.ExchangedCorners:
		return geom.Rect{X: b.Y, Y: b.X, W: y1, H: x1}
	case reading.ExchangedPlace:
		return geom.Rect{X: b.Y, Y: b.X, W: b.W, H: b.H}
	case reading.ExchangedSides:
		return geom.Rect{X: b.X, Y: b.Y, W: b.H, H: b.W}
	case reading.Spans:
		return geom.Rect{X: b.X, Y: x1, W: b.Y, H: y1}
	case reading.LowerRight:
		return geom.Rect{X: x1, Y: y1, W: b.W, H: b.H}
	case reading.FromBottom:
		return geom.Rect{X: b.X, Y: float64(image.H) - y1, W: b.W, H: b.H}
	case reading.FromRight:
		return geom.Rect{X: float64(image.W) - x1, Y: b.Y, W: b.W, H: b.H}
	case reading.TurnedLeft:
		return geom.Rect{X: b.Y, Y: float64(image.W) - x1, W: b.H, H: b.W}
	case reading.TurnedRight:
		return geom.Rect{X: float64(image.H) - y1, Y: b.X, W: b.H, H: b.W}
	case reading.FromCorner:
		return geom.Rect{X: float64(image.W) - x1, Y: float64(image.H) - y1, W: b.W, H: b.H}
	}
	return b
}

// Rebuilt returns a source with what f makes of the objects of each image, in the order of the file.
func Rebuilt(src *dataset.Source, f func(i int, im *dataset.Image,
	own []dataset.Object) []dataset.Object) *dataset.Source {
	out := &dataset.Source{Name: src.Name, Categories: src.Categories}
	for i := range src.Images {
		im := src.Images[i]
		if im.LeftOut != dataset.InUse {
			continue
		}
		objects := f(i, &im, slices.Clone(src.Objects[im.First:im.Last]))
		im.First = int32(len(out.Objects))
		for k := range objects {
			objects[k].Image = int32(len(out.Images))
			objects[k].Offset = int64(len(out.Objects) + k)
			objects[k].Outline, objects[k].Flags = dataset.OutlineNone, 0
		}
		out.Objects = append(out.Objects, objects...)
		im.Last = int32(len(out.Objects))
		out.Images = append(out.Images, im)
	}
	return out
}

// IDOf returns an id as encoding/json reads it.
func IDOf(v any) dataset.ID {
	switch v := v.(type) {
	case json.Number:
		return dataset.NumberID(v.String())
	case string:
		return dataset.TextID(v)
	}
	return dataset.AbsentID()
}

// RollLabels gives each record the label of the one so many records further on in the file.
func RollLabels(src *dataset.Source, by int) {
	order := fileOrder(src)
	n := len(order)
	classes := make([]int32, n)
	for i, k := range order {
		classes[i] = src.Objects[k].Class
	}
	for i, k := range order {
		src.Objects[k].Class = classes[(i+by+n)%n]
	}
}
