package report

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go"

	"focalaudit/pkg/analysis"
)

// tableBytes returns the file of a table of r.
func tableBytes(t *testing.T, name string, r *analysis.Result) []byte {
	t.Helper()
	i := slices.IndexFunc(tables, func(t table[*analysis.Result]) bool { return t.name == name })
	var file bytes.Buffer
	if err := tables[i].write(t.Context(), &file, r, "test"); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// readBack returns the rows of a table of r as the Parquet library reads them from its file.
func readBack[T any](t *testing.T, name string, r *analysis.Result) iter.Seq[T] {
	t.Helper()
	file := tableBytes(t, name, r)
	rows, err := parquet.Read[T](bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	return slices.Values(rows)
}

// TestCellsAreTheLibrarysRows: a file that is written value by value is, byte for byte, the one
// that the Parquet library writes of the rows that it reads from it, over pages and row groups.
func TestCellsAreTheLibrarysRows(t *testing.T) {
	r, err := analysis.Run(t.Context(), crowdOf(25_000), analysis.Default())
	if err != nil {
		t.Fatal(err)
	}
	if n := len(r.Data.Sources[0].Objects); n <= groupRows {
		t.Fatalf("%d objects fit one row group", n)
	}
	for _, of := range []*analysis.Result{r, sample()} {
		sameAsLibrary[objectRow](t, "objects", of)
		sameAsLibrary[findingRow](t, "findings", of)
	}
	sameCopied(t, r)
}

// sameCopied: the rows that a source has, written to a file of their own and copied from there, are the table's.
func sameCopied(t *testing.T, r *analysis.Result) {
	t.Helper()
	var own, got bytes.Buffer
	if has, err := WriteRows(t.Context(), &own, r, 0, "another version"); !has || err != nil {
		t.Fatalf("rows of its own: %v, %v", has, err)
	}
	err := writeCells[objectRow](t.Context(), &got, "objects", "test", func(c *cells) {
		c.copy(bytes.NewReader(own.Bytes()), int64(own.Len()))
	})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), tableBytes(t, "objects", r)) {
		t.Error("copied rows make another file")
	}
	if has, err := WriteRows(t.Context(), &own, sample(), 0, "test"); has || err != nil {
		t.Errorf("a small source has rows of its own: %v, %v", has, err)
	}
}

func sameAsLibrary[T any](t *testing.T, name string, r *analysis.Result) {
	t.Helper()
	var want bytes.Buffer
	if err := writeRows(t.Context(), &want, name, "test", readBack[T](t, name, r)); err != nil {
		t.Fatal(err)
	}
	if got := tableBytes(t, name, r); !bytes.Equal(got, want.Bytes()) {
		t.Errorf("%s: got %d bytes, the library writes %d others", name, len(got), want.Len())
	}
}

// anyRow has a column of each kind that cells puts, required and not.
type anyRow struct {
	Text    string   `parquet:"text"`
	Dict    string   `parquet:"dict,dict"`
	Bool    bool     `parquet:"bool"`
	Int     int32    `parquet:"int"`
	Long    int64    `parquet:"long,dict"`
	Number  float64  `parquet:"number,split"`
	OText   *string  `parquet:"o_text"`
	ODict   *string  `parquet:"o_dict,dict"`
	OInt    *int32   `parquet:"o_int,dict"`
	OLong   *int64   `parquet:"o_long"`
	OFloat  *float32 `parquet:"o_float"`
	ONumber *float64 `parquet:"o_number,dict"`
}

func (row *anyRow) put(c *cells) {
	c.string(row.Text)
	name := textValue(row.Dict)
	c.value(&name)
	c.bool(row.Bool)
	c.int32(row.Int)
	c.int64(row.Long)
	c.float64(row.Number)
	putOrNull(c, c.string, row.OText)
	name = parquet.Value{}
	if row.ODict != nil {
		name = textValue(*row.ODict)
	}
	c.value(&name)
	putOrNull(c, c.int32, row.OInt)
	putOrNull(c, c.int64, row.OLong)
	putOrNull(c, c.float32, row.OFloat)
	putOrNull(c, c.float64, row.ONumber)
}

// anyTable is a table of such rows.
var anyTable = newCellTable[[]anyRow, anyRow]("any", func(rows []anyRow, c *cells) {
	for i := range rows {
		if rows[i].put(c); !c.endRow() {
			return
		}
	}
})

// anyRows makes n rows with runs of nulls of every length, often of zeros and empty texts.
func anyRows(n int) []anyRow {
	rng := rand.New(rand.NewPCG(uint64(n), 1))
	rows := make([]anyRow, n)
	v := reflect.ValueOf(rows)
	for column := range reflect.TypeFor[anyRow]().NumField() {
		null, left := false, 0
		for i := range rows {
			if left--; left < 0 {
				null, left = rng.IntN(2) == 0, rng.IntN(1+rng.IntN(100))
			}
			f := v.Index(i).Field(column)
			if f.Kind() == reflect.Pointer {
				if null {
					continue
				}
				f.Set(reflect.New(f.Type().Elem()))
				f = f.Elem()
			}
			x := rng.IntN(1 + rng.IntN(300))
			switch f.Kind() {
			case reflect.String:
				f.SetString("aäb\x00"[:x%6])
			case reflect.Bool:
				f.SetBool(x%2 == 1)
			case reflect.Float32, reflect.Float64:
				f.SetFloat(math.Sqrt(float64(x)) - 3)
			default:
				f.SetInt(int64(x) - 20)
			}
		}
	}
	return rows
}

// TestCells holds rows of every kind of value to the file that the Parquet library writes of
// the same structs, and to what it reads from it.
func TestCells(t *testing.T) {
	for _, n := range []int{0, 1, 63, 64, 65, 1000, groupRows, groupRows + 1} {
		rows := anyRows(n)
		var got, want bytes.Buffer
		if err := anyTable.write(t.Context(), &got, rows, "test"); err != nil {
			t.Fatal(err)
		}
		if err := writeRows(t.Context(), &want, "any", "test", slices.Values(rows)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want.Bytes()) {
			t.Errorf("%d rows: got %d bytes, the library writes %d others", n, got.Len(), want.Len())
		}
		back, err := parquet.Read[anyRow](bytes.NewReader(got.Bytes()), int64(got.Len()))
		if err != nil || len(back) != n {
			t.Fatalf("%d rows: read %d, %v", n, len(back), err)
		}
		for i := range rows {
			if !reflect.DeepEqual(back[i], rows[i]) {
				t.Fatalf("row %d of %d: got %+v, want %+v", i, n, back[i], rows[i])
			}
		}
	}
}

// TestCellsStop: a table ends with the error of a full disk, and when its context does.
func TestCellsStop(t *testing.T) {
	r := sample()
	for _, table := range tables[:3] { // objects, image_losses, findings
		if err := table.write(t.Context(), &failing{left: 10}, r, "test"); !errors.Is(err, errFull) {
			t.Errorf("%s: got %v, want %v", table.name, err, errFull)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := table.write(ctx, &bytes.Buffer{}, r, "test"); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want %v", table.name, err, context.Canceled)
		}
	}
}
