package report

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// formerReport is a report that the last revision with schema 1 wrote, of a file with two boxes:
// 60 × 60 px at 100, 100, and 0 × 20 px at 10, 10.
var formerReport = filepath.Join("testdata", "schema-1")

// TestFormerColumns: under the names of today, tables of the former version have the columns of
// today, but for those that have been added.
func TestFormerColumns(t *testing.T) {
	now := written(t, sample())
	for _, name := range tableNames {
		if name == perSource {
			continue // which it lacks: TestFormerReportLoads
		}
		var got, want []string
		if err := Open(formerReport, name, func(in *parquet.File) error { got = Columns(in); return nil }); err != nil {
			t.Fatal(err)
		}
		if err := Open(now, name, func(in *parquet.File) error { want = Columns(in); return nil }); err != nil {
			t.Fatal(err)
		}
		want = slices.DeleteFunc(want, func(c string) bool { return slices.Contains(addedColumns[name], c) })
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

// TestFormerReportLoads: the gate takes a report of the former version. The numbers are those that
// the revision that wrote it shows.
func TestFormerReportLoads(t *testing.T) {
	s, err := Load(formerReport)
	if err != nil {
		t.Fatal(err)
	}
	var offsets []int64
	var codes []string
	for _, f := range s.Findings {
		offsets, codes = append(offsets, f.Offset), append(codes, f.Code)
	}
	if want := strings.Fields("box-empty key-absent area-impossible trainer-drops class-rare"); !slices.Equal(codes, want) {
		t.Errorf("got %q, want %q", codes, want)
	}
	if want := []int64{167, 82, 167, 167, -1}; !slices.Equal(offsets, want) {
		t.Errorf("bytes of the findings: got %d, want %d", offsets, want)
	}
	if len(s.Classes) != 1 || s.Classes[0].Name != "cat" || s.Classes[0].Annotations != 2 || s.Classes[0].Objects != 1 {
		t.Errorf("classes: %+v", s.Classes)
	}
	if s.SourceClasses != nil {
		t.Errorf("classes by file: %v, of a report that does not say", s.SourceClasses)
	}
	if tables, err := TablesIn(formerReport); err != nil || slices.Contains(tables, perSource) || len(tables) != len(tableNames)-1 {
		t.Errorf("tables %q, %v", tables, err)
	}
	if protected, err := Verify(t.Context(), formerReport); !protected || err != nil {
		t.Errorf("protected: %v, %v", protected, err)
	}
}

// TestFormerRows: a table of the former version is read whole, the columns that were added as null.
func TestFormerRows(t *testing.T) {
	objects, err := loadTable[objectRow](formerReport, "objects")
	if err != nil || len(objects) != 2 || objects[0].BCE == nil || objects[1].BCE != nil {
		t.Fatalf("%d objects, %v", len(objects), err)
	}
	// 43 positive anchors, each with a loss of -ln 0.01
	if got, want := *objects[0].BCE, -43*math.Log(0.01); math.Abs(got-want) > 1e-9 {
		t.Errorf("prior_bce is %v, expected %v", got, want)
	}
	found, err := loadTable[findingRow](formerReport, "findings")
	if err != nil || len(found) != 5 || found[0].LossScores != nil || *found[0].X != 10 || *found[0].Height != 20 {
		t.Errorf("findings: %+v, %v", found, err)
	}
}

// TestFormerNamesAreDocumented: docs/report.md lists the old and the new names, and no others.
func TestFormerNamesAreDocumented(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "report.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "## "+formerSection)
	var got, want []string
	for line := range strings.SplitSeq(section, "\n") {
		if strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "| table ") {
			got = append(got, line)
		}
	}
	for table, names := range formerNames {
		for old, now := range names {
			want = append(want, "| "+table+" | "+old+" | "+now+" |")
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("docs/report.md has %q, names.go %q", got, want)
	}
}
