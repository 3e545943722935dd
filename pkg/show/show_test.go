package show

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/coco"
	"focalaudit/pkg/report"
)

// oddities has names that are no text, elements that are no records, and images and
// annotations without an id.
const oddities = `{
"images": [{"id":1,"width":640,"height":480,"file_name":"a.jpg"}, 7, {"id":1,"width":64,"height":48}, {"width":64,"height":48},
  {"id":"x\u001b[31m","width":10000,"height":1}, null],
"annotations": [{"id":1,"image_id":1,"category_id":1,"bbox":[10,10,60,60]}, "no", {"id":2,"image_id":1,"category_id":1,"bbox":[1,2,3]},
  {"id":3,"image_id":"x\u001b[31m","category_id":2,"bbox":[1,0,3,1]}, {"id":4,"image_id":1,"bbox":[0,0,1,1],"iscrowd":1},
  {"image_id":9,"category_id":1,"bbox":[0,0,9,9]}],
"categories": [{"id":1,"name":"cat\u0007\n"}]}`

// analysed analyses an annotation file of this text, as the command does by default.
func analysed(t *testing.T, annotations string) *analysis.Result {
	t.Helper()
	path := filepath.Join(t.TempDir(), "odd.json")
	if err := os.WriteFile(path, []byte(annotations), 0o666); err != nil {
		t.Fatal(err)
	}
	files, err := coco.Find([]string{path}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := coco.Read(t.Context(), files, coco.Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	r, err := analysis.Run(t.Context(), d, analysis.Default())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestTextKeepsControlCharactersOut: names of classes and ids come from files
// that anybody may have written.
func TestTextKeepsControlCharactersOut(t *testing.T) {
	var b bytes.Buffer
	if err := Run(&b, analysed(t, oddities), Words{Dir: "report", Paths: "odd.json"}); err != nil {
		t.Fatal(err)
	}
	if i := bytes.IndexFunc(b.Bytes(), func(r rune) bool { return r != '\n' && r < ' ' || r == 0x7f }); i >= 0 {
		t.Errorf("a control character in %q", b.Bytes()[max(0, i-40):i+1])
	}
}

// TestTextOfNothing: a data set without any object has nothing to divide by;
// the text says so instead of NaN.
func TestTextOfNothing(t *testing.T) {
	r := analysed(t, `{"images":[{"id":1,"width":64,"height":64}],"annotations":[],"categories":[]}`)
	var b bytes.Buffer
	if err := Run(&b, r, Words{Dir: "report", Paths: "odd.json"}); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"NaN", "Inf", "%!", "<nil>"} {
		if strings.Contains(b.String(), bad) {
			t.Errorf("%q in\n%s", bad, b.String())
		}
	}
	if !strings.Contains(b.String(), "0 annotations, 0 classes") {
		t.Errorf("got\n%s", b.String())
	}
	if m := report.Summarise(r, "1").Metrics["prior"]; m.NegativesPerPositive != nil {
		t.Errorf("%+v", m)
	}
}

// TestRunReportsErrors: a disk that fills up is told.
func TestRunReportsErrors(t *testing.T) {
	if err := Run(full{}, analysed(t, oddities), Words{Dir: "report", Paths: "odd.json"}); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("got %v", err)
	}
}

// full is a disk without space.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// TestEveryTrendHasWords: nothing is said of a detector that is not a sentence.
func TestEveryTrendHasWords(t *testing.T) {
	for trend := analysis.Unchanged; trend <= analysis.BothWorse; trend++ {
		if learnt[trend] == "" {
			t.Errorf("trend %d has no words", trend)
		}
	}
}

// TestRowsOfABrokenTable: a table that is cut off, or none at all, is an error that names
// the file.
func TestRowsOfABrokenTable(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "report")
	if err := report.Write(t.Context(), dir, analysed(t, oddities), "1", nil); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "findings.parquet")
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	q := Query{Table: "findings", Limit: -1, Format: "csv"}
	if err := Rows(t.Context(), io.Discard, dir, q); err != nil {
		t.Fatal(err)
	}
	for n := 0; n < len(whole); n += len(whole) / 7 {
		if err := os.WriteFile(file, whole[:n], 0o666); err != nil {
			t.Fatal(err)
		}
		if err := Rows(t.Context(), io.Discard, dir, q); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("cut off after %d bytes: %v", n, err)
		}
	}
}

// TestMessagesAreCutOnTerminals: one of 10,000 characters is cut where Query.Longest asks for it, and the footer
// says so.
func TestMessagesAreCutOnTerminals(t *testing.T) {
	long := strings.Repeat("many words ", 910)
	for _, c := range []struct {
		longest int
		cut     bool
	}{{0, false}, {1000, true}} {
		var out bytes.Buffer
		q := Query{Width: 80, Longest: c.longest}
		of := page{query: &q, columns: []string{"code", sentences}, rows: [][]any{{"x", long}}, matched: 1}
		if err := showTable(&out, &of); err != nil {
			t.Fatal(err)
		}
		told := strings.Join(strings.Fields(out.String()), " ")
		says := strings.Contains(told, "Messages end with … after 1,000 characters; --wide shows all of them.")
		if got := len(told) < 2000; got != c.cut || says != c.cut || strings.Count(told, "…") != 2*(c.longest/1000) {
			t.Errorf("longest %d: %d bytes: %s", c.longest, len(told), told)
		}
	}
}

// TestEveryTableHasColumnsForPeople: show prints something of each table of a report, a comparison and a sweep.
func TestEveryTableHasColumnsForPeople(t *testing.T) {
	for _, table := range slices.Concat(report.Tables(), []string{codes, "trainers", "treatment", "sizes"}) {
		if len(defaults[table]) == 0 {
			t.Errorf("%s has none", table)
		}
	}
}
