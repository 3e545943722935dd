package report

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/parquet-go/parquet-go"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/coco"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/gate"
	"focalaudit/pkg/page"
)

// analyse analyses files as the command does by default.
func analyse(paths ...string) (*analysis.Result, error) {
	ctx := context.Background()
	files, err := coco.Find(paths, nil, nil)
	if err != nil {
		return nil, err
	}
	d, err := coco.Read(ctx, files, coco.Options{Workers: 2})
	if err != nil {
		return nil, err
	}
	c := analysis.Default()
	c.Workers = 2
	return analysis.Run(ctx, d, c)
}

func analysed(t testing.TB, paths ...string) *analysis.Result {
	t.Helper()
	r, err := analyse(paths...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var sampleDir = filepath.Join("..", "..", "testdata", "sample")

// sample is the analysis of testdata/sample, made once.
var sample = sync.OnceValue(func() *analysis.Result {
	r, err := analyse(sampleDir)
	if err != nil {
		panic(err)
	}
	return r
})

// oddities has what the sample has not: elements that are no records, images
// without an id and with one that is taken, and annotations of each of them.
const oddities = `{
"images": [{"id":1,"width":640,"height":480,"file_name":"a.jpg"}, 7, {"id":1,"width":64,"height":48}, {"width":64,"height":48},
  {"id":"x\u001b[31m","width":10000,"height":1}, null],
"annotations": [{"id":1,"image_id":1,"category_id":1,"bbox":[10,10,60,60]}, "no", {"id":2,"image_id":1,"category_id":1,"bbox":[1,2,3]},
  {"id":3,"image_id":"x\u001b[31m","category_id":2,"bbox":[1,0,3,1]}, {"id":4,"image_id":1,"bbox":[0,0,1,1],"iscrowd":1},
  {"image_id":9,"category_id":1,"bbox":[0,0,9,9]}],
"categories": [{"id":1,"name":"cat\u0007\n"}]}`

func odd(t testing.TB) *analysis.Result {
	t.Helper()
	path := filepath.Join(t.TempDir(), "odd.json")
	if err := os.WriteFile(path, []byte(oddities), 0o666); err != nil {
		t.Fatal(err)
	}
	return analysed(t, path)
}

// written writes a report and returns its directory.
func written(t testing.TB, r *analysis.Result) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "report")
	if err := Write(t.Context(), dir, r, "1.2.3", nil); err != nil {
		t.Fatal(err)
	}
	return dir
}

// openTable opens a table of a report.
func openTable(t testing.TB, dir, name string) *parquet.File {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name+".parquet"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// readTable reads all rows of a table.
func readTable[T any](t testing.TB, dir, name string) []T {
	t.Helper()
	rows, err := parquet.ReadFile[T](filepath.Join(dir, name+".parquet"))
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// What the tests read of a row, by the columns' names in docs/report.md. The
// program's own row types are its own affair.
type (
	imageColumns struct {
		ImageID            string  `parquet:"image_id"`
		LeftOut            *string `parquet:"left_out"`
		Annotations        int32   `parquet:"annotations"`
		Anchors            int64   `parquet:"anchors"`
		Positives          int64   `parquet:"positives"`
		Negatives          int64   `parquet:"negatives"`
		Ignored            int64   `parquet:"ignored"`
		Rescued            int64   `parquet:"rescued"`
		RescuedFromIgnored int64   `parquet:"rescued_from_ignored"`
	}
	objectColumns struct {
		Source          string   `parquet:"source"`
		ImageID         string   `parquet:"image_id"`
		ImageIDInt      *int64   `parquet:"image_id_int"`
		AnnotationID    string   `parquet:"annotation_id"`
		AnnotationIDInt *int64   `parquet:"annotation_id_int"`
		Class           *string  `parquet:"class"`
		X               *float64 `parquet:"x"`
		Y               *float64 `parquet:"y"`
		Width           *float64 `parquet:"width"`
		Height          *float64 `parquet:"height"`
		LeftOut         *string  `parquet:"left_out"`
		BestIoU         *float32 `parquet:"best_iou"`
		Positives       *int32   `parquet:"positives"`
		Why             *string  `parquet:"why"`
		BCE             *float64 `parquet:"prior_bce"`
		Offset          int64    `parquet:"byte_offset"`
		Line            int32    `parquet:"line"`
	}
	findingColumns struct {
		Rank        int32  `parquet:"rank"`
		Fingerprint string `parquet:"fingerprint"`
		Message     string `parquet:"message"`
	}
)

// rowsOf returns how many rows a table has.
func rowsOf(t testing.TB, dir, name string) int64 { return openTable(t, dir, name).NumRows() }

var tableNames = slices.Sorted(slices.Values(Tables()))

func TestFilesOfAReport(t *testing.T) {
	var mu sync.Mutex
	var told []string
	dir := filepath.Join(t.TempDir(), "report")
	err := Write(t.Context(), dir, sample(), "1.2.3", func(table string) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, table)
	})
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, n := range tableNames {
		want = append(want, n+".parquet")
	}
	want = append(want, "index.html", "summary.json")
	slices.Sort(want)
	if got := names(t, dir); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := names(t, filepath.Dir(dir)); !slices.Equal(got, []string{"report"}) {
		t.Errorf("beside the report: %q", got)
	}
	parts := append(slices.Clone(tableNames), "index.html")
	slices.Sort(parts)
	if slices.Sort(told); !slices.Equal(told, parts) || len(told) != Parts() {
		t.Errorf("progress was told of %q", told)
	}
	for _, n := range tableNames {
		f := openTable(t, dir, n)
		for key, want := range map[string]string{"focalaudit.schema": "2", "focalaudit.table": n} {
			if got, ok := f.Lookup(key); !ok || got != want {
				t.Errorf("%s: %s is %q, want %q", n, key, got, want)
			}
		}
	}
}

// TestWriteTwice: the same result gives the same bytes, and a report replaces
// the one before it.
func TestWriteTwice(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "report")
	write(t, filepath.Join(dir, "summary.json"), summaryText)
	write(t, filepath.Join(dir, "shapes.parquet"), cutTable+"of an earlier run")
	write(t, filepath.Join(dir, "index.html"), page.Begin+"<html> of an earlier run")
	var before map[string]string
	for range 2 {
		if err := Write(t.Context(), dir, sample(), "1.2.3", nil); err != nil {
			t.Fatal(err)
		}
		got := tree(t, dir)
		if before != nil && !reflect.DeepEqual(got, before) {
			t.Error("the second report differs from the first")
		}
		if before = got; len(got) != len(tableNames)+2 {
			t.Errorf("%d files", len(got))
		}
	}
}

// TestWriteWithAGate: the gate is given the report that is written, and the page shows what it
// says. Where it can't say anything, there is no report.
func TestWriteWithAGate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "report")
	plain := written(t, sample())
	var held *gate.Subject
	hold := func(s *gate.Subject) (*gate.Verdict, error) {
		held = s
		return &gate.Verdict{Status: gate.Undecided, Subject: s}, nil
	}
	if err := WriteWith(t.Context(), dir, sample(), Options{Version: "1.2.3", Hold: hold}); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(dir)
	if err != nil || held.Dir != dir || !reflect.DeepEqual(held.Metrics, loaded.Metrics) ||
		fmt.Sprint(held.Findings, held.Counts, held.Drift) != fmt.Sprint(loaded.Findings, loaded.Counts, loaded.Drift) {
		t.Errorf("%v, or the gate was given another report than there is", err)
	}
	if protected, err := Verify(t.Context(), dir); err != nil || !protected {
		t.Errorf("protected: %v, %v", protected, err)
	}
	got, before := tree(t, dir), tree(t, plain)
	for name := range before {
		if same := got[name] == before[name]; same != strings.HasSuffix(name, ".parquet") {
			t.Errorf("%s is the same as without a gate: %v", name, same)
		}
	}
	if !strings.Contains(got["index.html"], "Gate could not be decided") {
		t.Error("the page does not show the verdict")
	}
	failure := errors.New("no verdict")
	if err := WriteWith(t.Context(), dir, sample(), Options{Version: "2", Hold: func(*gate.Subject) (*gate.Verdict, error) {
		return nil, failure
	}}); !errors.Is(err, failure) || !reflect.DeepEqual(tree(t, dir), got) {
		t.Errorf("got %v, or the report has changed", err)
	}
}

func TestWriteCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	parent := t.TempDir()
	if err := Write(ctx, filepath.Join(parent, "report"), sample(), "1", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	expectTree(t, parent, map[string]string{})
}

// --- docs/report.md ---

// documented is a row of a table in docs/report.md.
type documented struct{ name, kind string }

// formerSection is the section of docs/report.md with the names of the former version.
const formerSection = "Names in schema 1"

// documentation reads the columns that docs/report.md gives each file.
func documentation(t *testing.T) map[string][]documented {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "report.md"))
	if err != nil {
		t.Fatal(err)
	}
	docs := map[string][]documented{}
	section := ""
	for line := range strings.SplitSeq(string(page), "\n") {
		if title, ok := strings.CutPrefix(line, "## "); ok {
			section, _, _ = strings.Cut(title, ":")
			section, _ = strings.CutSuffix(strings.TrimSpace(section), ".parquet")
			continue
		}
		cells := strings.Split(line, "|")
		if section == "" || section == formerSection || len(cells) < 5 || strings.TrimSpace(cells[1]) == "column" || strings.HasPrefix(cells[1], "--") {
			continue
		}
		kinds := strings.Split(cells[2], ",")
		for i, name := range strings.Split(cells[1], ",") {
			docs[section] = append(docs[section], documented{strings.TrimSpace(name), strings.TrimSpace(kinds[min(i, len(kinds)-1)])})
		}
	}
	return docs
}

// kindOf names a column's type as docs/report.md does.
func kindOf(f parquet.Field) string {
	kind := f.Type().Kind().String()
	switch f.Type().Kind() {
	case parquet.Int32:
		kind = "int32"
	case parquet.Int64:
		kind = "int64"
	case parquet.Float:
		kind = "float32"
	case parquet.Double:
		kind = "float64"
	case parquet.Boolean:
		kind = "bool"
	case parquet.ByteArray:
		if l := f.Type().LogicalType(); l != nil && l.String() == "STRING" {
			kind = "text"
		}
	}
	if f.Optional() {
		kind += "?"
	}
	return kind
}

// TestColumnsAreDocumented: every column of every file has a row in its
// section of docs/report.md, with its type, and every row has a column.
func TestColumnsAreDocumented(t *testing.T) {
	dir := written(t, sample())
	docs := documentation(t)
	for _, table := range tableNames {
		rows := docs[table]
		if len(rows) == 0 {
			t.Errorf("docs/report.md has no section of %s.parquet", table)
			continue
		}
		met := map[string]bool{}
		for _, column := range openTable(t, dir, table).Schema().Fields() {
			i := slices.IndexFunc(rows, func(d documented) bool {
				prefix, any := strings.CutSuffix(d.name, "*")
				return d.name == column.Name() || any && strings.HasPrefix(column.Name(), prefix)
			})
			if i < 0 {
				t.Errorf("%s.%s is not in docs/report.md", table, column.Name())
				continue
			}
			met[rows[i].name] = true
			if want := rows[i].kind; want != "" && kindOf(column) != want {
				t.Errorf("%s.%s is %s, docs/report.md says %s", table, column.Name(), kindOf(column), want)
			}
		}
		for _, d := range rows {
			if !met[d.name] {
				t.Errorf("docs/report.md has %s.%s, the file has not", table, d.name)
			}
		}
	}
	for section := range docs {
		if section != "summary.json" && !slices.Contains(tableNames, section) {
			t.Errorf("docs/report.md has a section %s, but there is no such file", section)
		}
	}
}

// TestSummaryKeysAreDocumented: as above, for summary.json.
func TestSummaryKeysAreDocumented(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "report.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "## summary.json")
	for i := range reflect.TypeFor[Summary]().NumField() {
		key := reflect.TypeFor[Summary]().Field(i).Tag.Get("json")
		if !strings.Contains(section, "`"+key+"`") {
			t.Errorf("docs/report.md does not have the key %q of summary.json", key)
		}
	}
}

// --- rows ---

// TestTablesAgree: the tables tell the same story as the summary.
func TestTablesAgree(t *testing.T) {
	for name, r := range map[string]*analysis.Result{"sample": sample(), "odd": odd(t)} {
		t.Run(name, func(t *testing.T) {
			dir := written(t, r)
			s, err := ReadSummary(dir)
			if err != nil {
				t.Fatal(err)
			}
			m := s.Metrics["prior"]
			images := readTable[imageColumns](t, dir, "images")
			objects := readTable[objectColumns](t, dir, "objects")
			var ims, objs, anchors, positives, ignored, annotations int64
			for _, row := range images {
				if row.LeftOut == nil {
					ims++
				}
				if row.Anchors != row.Positives+row.Negatives+row.Ignored {
					t.Errorf("image %s: %d anchors, but %d + %d + %d", row.ImageID, row.Anchors, row.Positives, row.Negatives, row.Ignored)
				}
				if row.RescuedFromIgnored > row.Rescued || row.Rescued > row.Positives {
					t.Errorf("image %s: %d rescued, %d of them from ignored, %d positives", row.ImageID, row.Rescued, row.RescuedFromIgnored, row.Positives)
				}
				anchors, positives, ignored = anchors+row.Anchors, positives+row.Positives, ignored+row.Ignored
				annotations += int64(row.Annotations)
			}
			var assigned int64
			for _, row := range objects {
				if row.LeftOut == nil {
					objs++
					assigned += int64(*row.Positives)
				} else if row.BestIoU != nil || row.Positives != nil || row.Why != nil || row.BCE != nil {
					t.Errorf("annotation %s is left out, but matched", row.AnnotationID)
				}
			}
			rows := readTable[findingColumns](t, dir, "findings")
			for i, row := range rows {
				if int(row.Rank) != i+1 || row.Message == "" || len(row.Fingerprint) == 0 {
					t.Errorf("finding %d: %+v", i, row)
				}
			}
			for what, pair := range map[string][2]int64{
				"images in use":          {ims, int64(s.Images.InUse)},
				"annotations in use":     {objs, int64(s.Annotations.InUse)},
				"anchors":                {anchors, m.Anchors},
				"positives":              {positives, m.Positives},
				"ignored":                {ignored, m.Ignored},
				"positives by object":    {assigned, m.Positives},
				"findings":               {int64(len(rows)), int64(s.Findings.Total)},
				"classes":                {rowsOf(t, dir, "classes"), int64(s.Classes)},
				"image losses":           {rowsOf(t, dir, "image_losses"), 0}, // prior and article: constants
				"shapes: 5 levels, 9":    {rowsOf(t, dir, "shapes"), 45},
				"losses: some":           {min(1, rowsOf(t, dir, "losses")), 1},
				"annotations of images":  {annotations, int64(len(objects)) - unknown(objects)},
				"severities add up":      {int64(s.Findings.BySeverity["error"] + s.Findings.BySeverity["warning"] + s.Findings.BySeverity["info"]), int64(s.Findings.Total)},
				"codes add up":           {sum(s.Findings.ByCode), int64(s.Findings.Total)},
				"inputs' images add up":  {inputs(s, func(i Input) Counted { return i.Images }), int64(s.Images.Read)},
				"inputs' records add up": {inputs(s, func(i Input) Counted { return i.Annotations }), int64(s.Annotations.Read)},
			} {
				if pair[0] != pair[1] {
					t.Errorf("%s: %d and %d", what, pair[0], pair[1])
				}
			}
		})
	}
}

func unknown(objects []objectColumns) (n int64) {
	for _, o := range objects {
		if o.LeftOut != nil && *o.LeftOut == "image-unknown" {
			n++
		}
	}
	return n
}

func sum(counts map[string]int) (n int64) {
	for _, c := range counts {
		n += int64(c)
	}
	return n
}

func inputs(s *Summary, of func(Input) Counted) (n int64) {
	for _, in := range s.Inputs {
		n += int64(of(in).Read)
	}
	return n
}

// TestSourceClasses: what source_classes counts is what the rows of objects say, of every file and class.
func TestSourceClasses(t *testing.T) {
	type key struct{ source, class string }
	want, got := map[key][2]int64{}, map[key][2]int64{}
	for o := range readBack[objectRow](t, "objects", sample()) {
		k := key{o.Source, "null"}
		if o.Class != nil {
			k.class = *o.Class
		}
		n := want[k]
		if n[0]++; o.LeftOut == nil {
			n[1]++
		}
		want[k] = n
	}
	for c := range sourceClasses(sample()) {
		k := key{c.Source, "null"}
		if c.Class != nil {
			k.class = *c.Class
		}
		if _, twice := got[k]; twice {
			t.Errorf("%v stands twice", k)
		}
		got[k] = [2]int64{c.Annotations, c.Objects}
	}
	if len(want) < 6 || !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestNoNaN: docs/report.md: "there is no NaN", nor an infinity.
func TestNoNaN(t *testing.T) {
	for name, r := range map[string]*analysis.Result{"sample": sample(), "odd": odd(t)} {
		dir := written(t, r)
		for _, table := range tableNames {
			f := openTable(t, dir, table)
			for _, g := range f.RowGroups() {
				rows := g.Rows()
				buf := make([]parquet.Row, 64)
				for {
					n, err := rows.ReadRows(buf)
					for _, row := range buf[:n] {
						for _, v := range row {
							x := 0.0
							switch {
							case v.IsNull():
							case v.Kind() == parquet.Double:
								x = v.Double()
							case v.Kind() == parquet.Float:
								x = float64(v.Float())
							}
							if math.IsNaN(x) || math.IsInf(x, 0) {
								t.Errorf("%s: %s.%s is %v", name, table, f.Schema().Columns()[v.Column()][0], x)
							}
						}
					}
					if err != nil {
						if err != io.EOF {
							t.Error(err)
						}
						break
					}
				}
				rows.Close()
			}
		}
	}
}

// TestSampleObjects: by hand from testdata/sample/harbour.json, whose
// annotations begin in line 3 and take 12 lines each, the seventh, which has an
// outline, 19. Image by image, those that belong to none last.
func TestSampleObjects(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(sampleDir, "harbour.json"))
	if err != nil {
		t.Fatal(err)
	}
	type object struct {
		image, id, class, leftOut string
		line                      int32
	}
	want := []object{
		{"h1", "1", "boat", "", 3},
		{"h1", "2", "boat", "no-area-in-image", 15}, // 0 wide
		{"h2", "2", "person", "", 27},
		{"h2", "4", "person", "no-area-in-image", 39},                   // at 900, 700 in 800 x 600
		{"h2", "5", "category 12 (undeclared)", "no-area-in-image", 51}, // -20 high
		{"h2", "7", "person", "", 75},
		{"h3", "8", "boat", "image-left-out", 94}, // its image is 0 high
		{"h9", "6", "boat", "image-unknown", 63},
	}
	var got []object
	for _, o := range readTable[objectColumns](t, written(t, sample()), "objects") {
		if o.Source != "harbour.json" {
			continue
		}
		got = append(got, object{o.ImageID, o.AnnotationID, valueOr(o.Class), valueOr(o.LeftOut), o.Line})
		if raw[o.Offset] != '{' || bytes.Count(raw[:o.Offset], []byte("\n"))+1 != int(o.Line) {
			t.Errorf("annotation %s: no record begins at byte %d, or not in line %d", o.AnnotationID, o.Offset, o.Line)
		}
		// the outline's corners: 100 to 180, 100 to 190
		if o.AnnotationID == "7" && (*o.X != 100 || *o.Y != 100 || *o.Width != 80 || *o.Height != 90) {
			t.Errorf("annotation 7 has the box %g, %g, %g, %g", *o.X, *o.Y, *o.Width, *o.Height)
		}
		if o.ImageIDInt != nil || o.AnnotationIDInt == nil || fmt.Sprint(*o.AnnotationIDInt) != o.AnnotationID {
			t.Errorf("annotation %s: ids as integers are %v and %v", o.AnnotationID, o.ImageIDInt, o.AnnotationIDInt)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// TestManyRows: rows beyond one batch come back as they were, in order, and
// do not depend on how they are handed over.
func TestManyRows(t *testing.T) {
	type row struct {
		Source string  `parquet:"source,dict"`
		ID     string  `parquet:"id"`
		Int    *int64  `parquet:"int"`
		Number float64 `parquet:"number,dict"`
	}
	for _, n := range []int{0, 1, batchRows - 1, batchRows, batchRows + 1, 3*batchRows + 17} {
		rows := func(yield func(row) bool) {
			for i := range n {
				id := int64(i)
				next := row{Source: "s", ID: fmt.Sprint(i), Number: float64(i) / 3}
				if i%3 == 0 {
					next.Int = &id
				}
				if !yield(next) {
					return
				}
			}
		}
		var b bytes.Buffer
		if err := writeRows(t.Context(), &b, "images", "1", iter.Seq[row](rows)); err != nil {
			t.Fatal(err)
		}
		got, err := parquet.Read[row](bytes.NewReader(b.Bytes()), int64(b.Len()))
		if err != nil || len(got) != n {
			t.Fatalf("%d rows: got %d, %v", n, len(got), err)
		}
		i := 0
		for want := range rows {
			if !reflect.DeepEqual(got[i], want) {
				t.Fatalf("row %d of %d: got %+v, want %+v", i, n, got[i], want)
			}
			i++
		}
	}
}

// failing fails after some bytes.
type failing struct{ left int }

var errFull = errors.New("no space left")

func (f *failing) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// TestWriteErrorsAreReported: whenever the disk fills up, somebody says so.
func TestWriteErrorsAreReported(t *testing.T) {
	r := sample()
	for _, table := range tables {
		var whole bytes.Buffer
		if err := table.write(t.Context(), &whole, r, "1"); err != nil {
			t.Fatal(err)
		}
		for _, at := range []int{0, 3, whole.Len() / 2, whole.Len() - 1} {
			if err := table.write(t.Context(), &failing{at}, r, "1"); !errors.Is(err, errFull) {
				t.Errorf("%s, full after %d of %d bytes: %v", table.name, at, whole.Len(), err)
			}
		}
	}
	if err := WriteSummary(&failing{100}, r, "1", nil); !errors.Is(err, errFull) {
		t.Errorf("WriteSummary: %v", err)
	}
}

// --- summary.json ---

func TestSummaryRoundTrip(t *testing.T) {
	for name, r := range map[string]*analysis.Result{"sample": sample(), "odd": odd(t)} {
		got, err := ReadSummary(written(t, r))
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Checksums) != Parts()+1 {
			t.Errorf("%s: checksums of %d files", name, len(got.Checksums))
		}
		got.Checksums = nil
		if want := Summarise(r, "1.2.3"); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got  %+v\nwant %+v", name, got, want)
		}
	}
}

func TestSummaryInputs(t *testing.T) {
	s := Summarise(sample(), "1")
	if s.Program != (Program{"1", Schema}) {
		t.Errorf("program %+v", s.Program)
	}
	var names []string
	for _, in := range s.Inputs {
		names = append(names, in.Name)
		data, err := os.ReadFile(filepath.Join(sampleDir, in.Name))
		if err != nil {
			t.Fatal(err)
		}
		hash := sha256.Sum256(data)
		if in.SHA256 != hex.EncodeToString(hash[:]) || in.Bytes != int64(len(data)) {
			t.Errorf("%s: %d bytes, %s", in.Name, in.Bytes, in.SHA256)
		}
	}
	if !slices.Equal(names, []string{"harbour.json", "street.json"}) {
		t.Errorf("inputs %q", names)
	}
}

// TestNothingIsLost: what is read is either in use or left out for a reason.
func TestNothingIsLost(t *testing.T) {
	for name, r := range map[string]*analysis.Result{"sample": sample(), "odd": odd(t)} {
		s := Summarise(r, "1")
		counts := []Counted{s.Images, s.Annotations}
		for _, in := range s.Inputs {
			counts = append(counts, in.Images, in.Annotations)
		}
		for i, c := range counts {
			if int64(c.Read) != int64(c.InUse)+sum(c.LeftOut) {
				t.Errorf("%s, count %d: %+v", name, i, c)
			}
			if _, ok := c.LeftOut[""]; ok {
				t.Errorf("%s, count %d: left out without a reason", name, i)
			}
		}
	}
}

// TestOddCounts: by hand from the text of oddities. Images: 1 in use, two
// elements that are no records, a repeated id, none, and 10000 x 1 px.
// Annotations: 1 in use; "no"; three numbers for a box; one of the image of
// 10000 x 1 px; a crowd; one of image 9.
func TestOddCounts(t *testing.T) {
	s := Summarise(odd(t), "1")
	want := Counted{Read: 6, InUse: 1, LeftOut: map[string]int{"record-not-object": 2, "image-id-duplicate": 1, "id-missing": 1, "resized-to-nothing": 1}}
	if !reflect.DeepEqual(s.Images, want) {
		t.Errorf("images: got %+v, want %+v", s.Images, want)
	}
	want = Counted{Read: 6, InUse: 1, LeftOut: map[string]int{"record-not-object": 1, "box-missing": 1, "image-left-out": 1, "crowd": 1, "image-unknown": 1}}
	if !reflect.DeepEqual(s.Annotations, want) {
		t.Errorf("annotations: got %+v, want %+v", s.Annotations, want)
	}
}

// TestCodesAreInTheCatalogue: nothing is reported that explain can't explain.
func TestCodesAreInTheCatalogue(t *testing.T) {
	for _, r := range []*analysis.Result{sample(), odd(t)} {
		for code := range Summarise(r, "1").Findings.ByCode {
			if _, ok := findings.Lookup(code); !ok {
				t.Errorf("no finding has the code %q", code)
			}
		}
	}
}

func TestReadSummaryErrors(t *testing.T) {
	dir := t.TempDir()
	if _, err := ReadSummary(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("none: %v", err)
	}
	write(t, filepath.Join(dir, "summary.json"), "{")
	if _, err := ReadSummary(dir); err == nil || !strings.Contains(err.Error(), "summary.json") {
		t.Errorf("cut off: %v", err)
	}
}
