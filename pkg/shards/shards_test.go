package shards

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"focalaudit/pkg/coco"
	"focalaudit/pkg/files"
)

// doc is a COCO file with n images, each with one annotation, the last one first.
func doc(n int) string {
	var images, annotations []string
	for i := range n {
		images = append(images, fmt.Sprintf(`{"id": %d, "width": 100, "height": 80, "file_name": "%d.jpg"}`, i, i))
		annotations = append(annotations, fmt.Sprintf(`{"id": %d, "image_id": %d, "category_id": 1, "bbox": [1, 2, 3, 4]}`, i, n-1-i))
	}
	return `{"annotations": [` + strings.Join(annotations, ", ") + `], "images": [` + strings.Join(images, ", ") +
		`], "categories": [{"id": 1, "name": "cat"}]}`
}

// write writes a file and returns its path.
func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// split writes n shards of a file.
func split(t *testing.T, path, dir string, n int) (*Result, error) {
	t.Helper()
	f, err := File(path)
	if err != nil {
		t.Fatal(err)
	}
	return Write(t.Context(), dir, f, n, coco.Options{Workers: 2})
}

// contents returns the files of a directory with what they hold.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	of := map[string]string{}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		of[e.Name()] = string(text)
	}
	return of
}

func TestName(t *testing.T) {
	for path, want := range map[string]string{
		"x/a.json": "a-00002-of-00064.json", "a.json.gz": "a-00002-of-00064.json", "A.JSON.ZST": "A-00002-of-00064.json",
		"labels.txt": "labels.txt-00002-of-00064.json", "v1.2.json": "v1.2-00002-of-00064.json",
	} {
		if got := Name(path, 1, 64); got != want {
			t.Errorf("%s: %s, expected %s", path, got, want)
		}
	}
}

// TestTable: what the table says is what Write returned, and what the shards hold.
func TestTable(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	r, err := split(t, write(t, dir, "a, b.json", doc(5)), out, 3)
	if err != nil {
		t.Fatal(err)
	}
	list, err := Table(out)
	if err != nil || !reflect.DeepEqual(list, r.Shards) {
		t.Fatalf("%v: the table has %v, Write returned %v", err, list, r.Shards)
	}
	for i, n := range []int64{2, 2, 1} { // images 0 to 4 in shards ⌊3i/5⌋: 0, 0, 1, 1, 2
		s := list[i]
		if s.Images != n || s.Annotations != n || s.File != Name("a, b.json", i, 3) || s.unchanged(out) != nil {
			t.Errorf("shard %d: %+v, expected %d images", i, s, n)
		}
	}
	for _, text := range []string{"", "file,images\n", "file,images,annotations,bytes,sha256\na,1,x,2,y\n"} {
		write(t, out, TableName, text)
		if _, err := Table(out); err == nil {
			t.Errorf("%q passes for a table", text)
		}
		if Check(out) == nil {
			t.Errorf("%q: the directory may be written", text)
		}
	}
}

// TestNothingIsHalfWritten: whichever step a disk refuses, the directory is as it was, and nothing is left beside it.
func TestNothingIsHalfWritten(t *testing.T) {
	dir := t.TempDir()
	path := write(t, dir, "a.json", doc(5))
	out := filepath.Join(dir, "out")
	if _, err := split(t, path, out, 2); err != nil {
		t.Fatal(err)
	}
	before := contents(t, out)
	refused := errors.New("refused")
	for step := 0; ; step++ {
		n := 0
		undo := files.Inject(func(op, _ string) error {
			if op == "remove" { // of what was replaced
				return nil
			}
			if n++; n == step+1 {
				return refused
			}
			return nil
		})
		_, err := split(t, path, out, 3)
		undo()
		if n <= step {
			if err != nil || step < 10 {
				t.Fatalf("after %d steps: %v", step, err)
			}
			break
		}
		if !errors.Is(err, refused) {
			t.Fatalf("step %d: %v", step, err)
		}
		now := contents(t, out)
		if strings.Contains(err.Error(), "is written, but") {
			if len(now) != 4 {
				t.Fatalf("step %d: %v: %d files", step, err, len(now))
			}
			if _, err := split(t, path, out, 2); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if !reflect.DeepEqual(now, before) {
			t.Fatalf("step %d: %v: the directory is not as it was", step, err)
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
			t.Fatalf("step %d: %v, %v", step, entries, err)
		}
	}
}
