package report

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// TestNullsComeBack writes rows with runs of nulls of every length, and reads
// them again. parquet-go 0.32 wrote zeros where a run of n values began at place n
// of 64, under its tag optional.
func TestNullsComeBack(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 1))
		rows := make([]objectRow, 1+rng.IntN(300))
		v := reflect.ValueOf(rows)
		for c := range v.Index(0).NumField() {
			null, left := false, 0
			for i := range rows {
				if left--; left < 0 {
					null, left = rng.IntN(2) == 0, rng.IntN(1+rng.IntN(70))
				}
				f := v.Index(i).Field(c)
				if f.Kind() != reflect.Pointer || null {
					continue
				}
				f.Set(reflect.New(f.Type().Elem()))
				if f.Elem().Kind() == reflect.String && rng.IntN(2) == 0 {
					f.Elem().SetString("a")
				}
			}
		}
		var file bytes.Buffer
		if err := newTable("objects", slices.Values[[]objectRow]).write(context.Background(), &file, rows, "test"); err != nil {
			t.Fatal(err)
		}
		got := make([]objectRow, len(rows)+1)
		r := parquet.NewGenericReader[objectRow](bytes.NewReader(file.Bytes()))
		if n, err := r.Read(got); n != len(rows) || err != io.EOF {
			t.Fatalf("seed %d: read %d rows, %v, want %d", seed, n, err, len(rows))
		}
		for i := range rows {
			if !reflect.DeepEqual(got[i], rows[i]) {
				t.Fatalf("seed %d, row %d of %d: got %+v, want %+v", seed, i, len(rows), got[i], rows[i])
			}
		}
	}
}

// TestNoZerosForNulls: no table uses that tag.
func TestNoZerosForNulls(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if tag := ",opt" + "ional"; bytes.Contains(text, []byte(tag)) {
			t.Errorf("%s has a column with the tag %s", file, tag)
		}
	}
}
