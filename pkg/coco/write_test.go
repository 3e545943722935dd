package coco

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// TestDocumentIsReadBack: what is written is read as it was meant, ids of both kinds and
// a class of another source included.
func TestDocumentIsReadBack(t *testing.T) {
	d := &dataset.Dataset{
		Classes: []dataset.Class{{Name: "cat", Known: true}, {Name: "dog", Known: true}},
		Sources: []dataset.Source{{
			Categories: []dataset.Category{{ID: dataset.PlainID(7), Class: 0}},
			Images: []dataset.Image{
				{ID: dataset.PlainID(3), File: "a.jpg", Size: geom.Size{W: 64, H: 48}},
				{ID: dataset.TextID("x"), File: "b.jpg", Size: geom.Size{W: 32, H: 32}},
			},
		}},
	}
	doc := NewDocument(d, 0, "foreign ")
	doc.Image(&d.Sources[0].Images[0])
	first := doc.Add(0, geom.Rect{X: 1, Y: 2, W: 3.5, H: 4})
	doc.Image(&d.Sources[0].Images[1])
	second := doc.Add(1, geom.Rect{X: 5, Y: 6, W: 7, H: 8})
	doc.Copy(&dataset.Object{Class: 0, Box: geom.Rect{W: 9, H: 9}, Flags: dataset.Crowd | dataset.Ignore})
	if first != 1 || second != 2 {
		t.Errorf("ids %d and %d", first, second)
	}
	var b bytes.Buffer
	if err := doc.Write(&b); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "a.json")
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	files, err := Find([]string{path}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Read(context.Background(), files, Options{Workers: 1})
	if err != nil || len(got.Sources) != 1 {
		t.Fatalf("%v, %v", got, err)
	}
	src := &got.Sources[0]
	if len(src.Images) != 2 || src.Images[0].ID != dataset.PlainID(3) || src.Images[1].ID.String() != "x" || len(src.Objects) != 3 {
		t.Fatalf("%+v", src)
	}
	var told []string
	for i, o := range src.Objects {
		told = append(told, got.Classes[o.Class].Name+" of "+src.ImageID(i).String())
	}
	if s := strings.Join(told, ", "); s != "cat of 3, dog of x, cat of x" {
		t.Error(s)
	}
	if o := src.Objects[0]; o.Box != (geom.Rect{X: 1, Y: 2, W: 3.5, H: 4}) || o.Flags&(dataset.Crowd|dataset.Ignore) != 0 {
		t.Errorf("%+v", o)
	}
	if o := src.Objects[2]; o.Flags&dataset.Crowd == 0 || o.Flags&dataset.Ignore == 0 {
		t.Errorf("%+v", o)
	}
}
