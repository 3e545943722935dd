package report

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/gate"
	"focalaudit/pkg/trainer"
)

// readable are the encodings of text that every reader knows: Spark before 3.3, Power
// BI and Iceberg refuse DELTA_LENGTH_BYTE_ARRAY. RLE is that of the levels, and PLAIN that
// of the dictionaries.
var readable = []format.Encoding{format.Plain, format.RLEDictionary, format.RLE}

// TestTextEncodings reads back how the columns of text are encoded in every file that
// this package writes.
func TestTextEncodings(t *testing.T) {
	dir := t.TempDir()
	reports := filepath.Join(dir, "report")
	if err := Write(t.Context(), reports, sample(), "1.2.3", nil); err != nil {
		t.Fatal(err)
	}
	s, err := Load(reports)
	if err != nil {
		t.Fatal(err)
	}
	d := gate.Diff(s, s)
	if err := WriteDiff(t.Context(), filepath.Join(dir, "diff"), &d, func(io.Writer, *gate.Difference) error { return nil }, "1.2.3"); err != nil {
		t.Fatal(err)
	}
	preset := trainer.MustLoad(trainer.Default)
	c := analysis.Default()
	c.Workers = 1
	of, err := analysis.Compare(t.Context(), sample().Data, analysis.CompareConfig(c), []trainer.Preset{preset}, func() {})
	if err != nil {
		t.Fatal(err)
	}
	if err := WriteTrainers(t.Context(), filepath.Join(dir, "trainers"), of, "1.2.3"); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.parquet"))
	if err != nil || len(files) < len(tables)+len(trainerTables)+2 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	columns := 0
	for _, file := range files {
		for column, encodings := range textEncodings(t, file) {
			columns++
			for _, e := range encodings {
				if !slices.Contains(readable, e) {
					t.Errorf("%s, %s: %s", filepath.Base(file), column, e)
				}
			}
		}
	}
	if columns < 40 {
		t.Errorf("only %d columns of text", columns)
	}
}

// textEncodings returns the encodings of the columns of text of a file, as its footer
// has them.
func textEncodings(t *testing.T, file string) map[string][]format.Encoding {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	in, err := parquet.OpenFile(f, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	of := map[string][]format.Encoding{}
	for _, group := range in.Metadata().RowGroups {
		for _, c := range group.Columns {
			if c.MetaData.Type == format.ByteArray {
				name := c.MetaData.PathInSchema[0]
				of[name] = append(of[name], c.MetaData.Encoding...)
			}
		}
	}
	return of
}
