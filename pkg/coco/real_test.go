package coco

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"focalaudit/pkg/find"
)

// realFiles returns the real annotation files that lie beside the repository,
// if they do.
func realFiles(t *testing.T) []find.File {
	if testing.Short() {
		t.Skip("takes some seconds, under the race detector minutes")
	}
	dir := filepath.FromSlash("../../../shared/data")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no real files to try: %v", err)
	}
	files, err := Find([]string{dir}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func content(t *testing.T, f find.File) []byte {
	data, err := os.ReadFile(f.Path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(f.Name, ".gz") {
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if data, err = io.ReadAll(z); err != nil {
			t.Fatal(err)
		}
	}
	return lenient.ReplaceAll(bytes.ReplaceAll(data, []byte("-Infinity"), []byte("null")), []byte("null"))
}

// Real files, one by one, hold as much as encoding/json finds in them.
func TestRealFiles(t *testing.T) {
	for _, f := range realFiles(t) {
		t.Run(f.Name, func(t *testing.T) {
			d, err := Read(context.Background(), []find.File{f}, Options{Workers: 2})
			if err != nil || len(d.Refused) > 0 {
				t.Fatal(err, d.Refused)
			}
			data := content(t, f)
			if len(d.Skipped) > 0 {
				var list []struct{ Score float64 }
				if err := json.Unmarshal(data, &list); err != nil || !strings.HasPrefix(d.Skipped[0].Why, "a list of COCO results") {
					t.Errorf("skipped as %q: %v", d.Skipped[0].Why, err)
				}
				return
			}
			var want struct{ Images, Annotations, Categories []json.RawMessage }
			if err := json.Unmarshal(data, &want); err != nil {
				t.Fatal(err)
			}
			s := d.Sources[0]
			if len(s.Images)+s.BadImages != len(want.Images) || len(s.Objects)+s.BadAnnotations != len(want.Annotations) || len(d.Classes) != len(want.Categories) {
				t.Errorf("%d images, %d annotations, %d classes; want %d, %d, %d", len(s.Images), len(s.Objects), len(d.Classes),
					len(want.Images), len(want.Annotations), len(want.Categories))
			}
			invariants(t, d)
		})
	}
}

// Real files without infinities read as encoding/json reads them.
func TestRealRecords(t *testing.T) {
	for _, f := range realFiles(t) {
		if f.Size > 5<<20 {
			continue
		}
		data := content(t, f)
		d, err := Read(context.Background(), []find.File{f}, Options{Workers: 2})
		if err != nil {
			t.Fatal(err)
		}
		if len(d.Sources) == 1 {
			if got, want := summarize(d), decode(data); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: differs", f.Name)
			}
		}
	}
}

// The result depends neither on the workers nor on the blocks.
func TestRealFilesAnyWay(t *testing.T) {
	files := realFiles(t)
	small := files[:0]
	for _, f := range files {
		if f.Size < 8<<20 {
			small = append(small, f)
		}
	}
	want, err := Read(context.Background(), small, Options{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range [][2]int{{blockSize, 2}, {blockSize, 4}, {1 << 10, 1}, {1 << 14, 4}, {1 << 17, 2}} {
		r := &reader{Options: Options{Workers: v[1]}, block: v[0], open: open}
		got, err := r.read(context.Background(), small)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("blocks of %d, %d workers: differs, %v", v[0], v[1], err)
		}
	}
}
