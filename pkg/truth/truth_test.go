package truth

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/inject"
)

// TestWrite: the table says what was done to each annotation, by the id that the COCO
// file gives it.
func TestWrite(t *testing.T) {
	image := func(id int64) []dataset.Image {
		return []dataset.Image{{ID: dataset.PlainID(id), File: "a.jpg", Size: geom.Size{W: 64, H: 48}}}
	}
	d := &dataset.Dataset{
		Classes: []dataset.Class{{Name: "cat"}, {Name: "dog"}},
		Sources: []dataset.Source{{Name: "x/a.json.gz", Images: image(3)}, {Name: "x_a.json", Images: image(4)}},
	}
	l := Labels{Data: d, Seed: 5, Images: []Image{
		{Source: 0, Image: inject.Image{
			Objects: []inject.Object{{Box: geom.Rect{X: 1, Y: 2, W: 3, H: 4}}, {Class: 1, Error: inject.Swapped}},
			Dropped: []inject.Object{{Error: inject.Dropped}},
		}},
		{Source: 1, Image: inject.Image{
			Objects: []inject.Object{{Error: inject.Shifted, Was: geom.Rect{X: 0.5, Y: 6, W: 7, H: 8}}},
		}},
	}}
	dir := filepath.Join(t.TempDir(), "out")
	if err := Check(dir); err != nil {
		t.Fatal(err)
	}
	if err := Write(t.Context(), dir, slices.Values([]Labels{l})); err != nil {
		t.Fatal(err)
	}
	want := `source,image_id,annotation_id,error,class,x,y,width,height,was_class,was_x,was_y,was_width,was_height
x/a.json.gz,3,1,none,cat,1,2,3,4,,,,,
x/a.json.gz,3,2,class,dog,0,0,0,0,cat,,,,
x/a.json.gz,3,,missing,cat,0,0,0,0,,,,,
x_a.json,4,1,location,cat,0,0,0,0,,0.5,6,7,8
`
	if got, err := os.ReadFile(filepath.Join(dir, "truth.seed-5.csv")); err != nil || string(got) != want {
		t.Errorf("%v, got\n%s", err, got)
	}
	for _, name := range []string{"x_a.seed-5.json", "x_a-2.seed-5.json"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	if err := Check(dir); err == nil {
		t.Error("a directory with files is accepted")
	}
}
