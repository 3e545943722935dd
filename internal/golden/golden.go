// Package golden reads the tables in which the trainers' own libraries wrote
// down what they assign: the oracle of the tests. The tables are not part of
// the repository; tests that need them skip where they are absent.
package golden

import (
	"compress/gzip"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
)

// Row is a row of a table: text by column.
type Row map[string]string

// Table reads a table by its name without the ending .csv or .csv.gz: one of the first or
// of the second set.
func Table(t testing.TB, name string) []Row {
	t.Helper()
	dir := "golden"
	if _, err := os.Stat(path(dir, name+".csv")); err != nil {
		dir = "golden-2"
	}
	packed := false
	if _, err := os.Stat(path(dir, name+".csv.gz")); err == nil {
		name, packed = name+".csv.gz", true
	} else {
		name += ".csv"
	}
	f, err := os.Open(Shared(t, dir, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var text io.Reader = f
	if packed {
		if text, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	recs, err := csv.NewReader(text).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]Row, len(recs)-1)
	for i, rec := range recs[1:] {
		rows[i] = make(Row, len(rec))
		for k, col := range recs[0] {
			rows[i][col] = rec[k]
		}
	}
	return rows
}

// Shared returns the path of shared test material, and skips the test where
// there is none.
func Shared(t testing.TB, elem ...string) string {
	t.Helper()
	at := path(elem...)
	if _, err := os.Stat(at); err != nil {
		t.Skipf("needs the shared test material: %s", filepath.Join(elem...))
	}
	return at
}

// path returns where shared test material would be.
func path(elem ...string) string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(append([]string{filepath.Dir(file), "..", "..", "..", "shared"}, elem...)...)
}

// Int returns a column as a whole number.
func (r Row) Int(t testing.TB, col string) int {
	t.Helper()
	n, err := strconv.Atoi(r[col])
	if err != nil {
		t.Fatalf("column %s: %v", col, err)
	}
	return n
}

// Float returns a column as a float64.
func (r Row) Float(t testing.TB, col string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(r[col], 64)
	if err != nil {
		t.Fatalf("column %s: %v", col, err)
	}
	return x
}

// Float32 returns a column as a float32; nine digits hold it exactly.
func (r Row) Float32(t testing.TB, col string) float32 {
	t.Helper()
	x, err := strconv.ParseFloat(r[col], 32)
	if err != nil {
		t.Fatalf("column %s: %v", col, err)
	}
	return float32(x)
}
