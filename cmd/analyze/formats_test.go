package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/find"
)

// TestSecondFormat: another line in the table is all that a second format needs
// here. Its files are found by their endings and join the others in one data set.
func TestSecondFormat(t *testing.T) {
	was := formats
	t.Cleanup(func() { formats = was })
	formats = append(formats[:1:1], format{[]string{".names"}, readNames})

	dir := t.TempDir()
	const doc = `{"images": [], "annotations": [], "categories": [{"id": 1, "name": "boat"}]}`
	for name, text := range map[string]string{"a.json": doc, "b.names": "boat", "c.txt": "other"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files, err := find.Files([]string{dir}, nil, nil, endings())
	if err != nil {
		t.Fatal(err)
	}
	told := int64(0)
	outcomes, err := readFiles(t.Context(), files, readOptions{workers: 1, progress: func(done int64) { told = done }})
	if err != nil {
		t.Fatal(err)
	}
	d, err := dataset.Join(t.Context(), 1, outcomes)
	if err != nil || len(d.Sources) != 2 || d.Sources[1].Name != "b.names" {
		t.Fatalf("%+v, %v", d, err)
	}
	if len(d.Classes) != 1 || d.Classes[0].Name != "boat" {
		t.Errorf("classes %+v", d.Classes)
	}
	if want := int64(len(doc) + len("boat")); told != want {
		t.Errorf("progress: %d bytes, want %d", told, want)
	}
}

// readNames reads files that hold the name of one category.
func readNames(_ context.Context, files []find.File, o readOptions) (outcomes []dataset.Outcome, err error) {
	done := int64(0)
	for _, f := range files {
		text, err := os.ReadFile(f.Path)
		if err != nil {
			return nil, err
		}
		b := dataset.NewBuilder(f.Name, dataset.Fields{})
		b.Category(dataset.PlainID(5), string(text), 0, 1)
		outcomes = append(outcomes, dataset.Outcome{Name: f.Name, Builder: b})
		done += f.Size
		o.progress(done)
	}
	return outcomes, nil
}
