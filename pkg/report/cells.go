package report

import (
	"context"
	"io"
	"math"

	"github.com/parquet-go/parquet-go"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// chunkRows is how many rows the Parquet library writes between two looks at whether a
// page is full, whatever it is handed. Where pages end depends on it.
const chunkRows = 64

// cells takes the rows of a table with many nulls value by value, in the order of its
// columns, and hands them to the Parquet library column by column. The file is the one that
// the library writes of the same rows as structs, where it goes through a column that may be
// null value by value, each behind a pointer. Columns without nulls it takes from structs as
// quickly.
type cells struct {
	ctx     context.Context
	group   grouped
	columns []*parquet.ColumnWriter
	values  []parquet.Value // chunkRows of the first column, then of the second, …
	column  int             // of the next value
	row     int             // of the next value, in the chunk
	rows    int             // in the row group before this chunk
	text    []byte          // what values of this chunk point to
	err     error
}

// grouped is the writer of a file of row groups.
type grouped interface {
	Flush() error // ends a row group
	WriteRowGroup(parquet.RowGroup) (int64, error)
	Close() error
}

// newCellTable makes a table of rows that are put value by value, one for each field of T.
func newCellTable[S, T any](name string, rows func(S, *cells)) table[S] {
	return table[S]{name, func(ctx context.Context, w io.Writer, of S, version string) error {
		return writeCells[T](ctx, w, name, version, func(c *cells) { rows(of, c) })
	}}
}

// writeCells writes a table of the rows that a function puts, with the columns of T.
func writeCells[T any](ctx context.Context, w io.Writer, name, version string, rows func(*cells)) error {
	pw := newWriter[T](w, name, version)
	c := &cells{ctx: ctx, group: pw, columns: pw.ColumnWriters()}
	c.values = make([]parquet.Value, chunkRows*len(c.columns))
	rows(c)
	c.flush()
	if c.err != nil {
		return c.err
	}
	return pw.Close()
}

// endGroup ends the row group at hand, if it has a row.
func (c *cells) endGroup() {
	c.flush()
	if c.err == nil && c.rows > 0 {
		c.rows, c.err = 0, c.group.Flush()
	}
}

// copy puts the row groups of another file of this table, whose bytes the library copies as they are.
func (c *cells) copy(file io.ReaderAt, size int64) {
	if c.endGroup(); c.err != nil {
		return
	}
	f, err := parquet.OpenFile(file, size)
	if err != nil {
		c.err = err
		return
	}
	for _, g := range f.RowGroups() {
		if c.err = c.ctx.Err(); c.err != nil {
			return
		}
		if _, c.err = c.group.WriteRowGroup(g); c.err != nil {
			return
		}
	}
}

// endRow ends a row of which every column has its value, and reports whether more rows
// are wanted.
func (c *cells) endRow() bool {
	if c.column != len(c.columns) {
		panic("report: a row without a value for each column")
	}
	c.column = 0
	if c.row++; c.row == chunkRows {
		c.flush()
	}
	return c.err == nil
}

// flush hands over what has been put.
func (c *cells) flush() {
	if c.err == nil {
		c.err = c.ctx.Err()
	}
	if c.err != nil {
		return
	}
	for i, column := range c.columns {
		if _, c.err = column.WriteRowValues(c.values[i*chunkRows:][:c.row]); c.err != nil {
			return
		}
	}
	if c.rows += c.row; c.rows == groupRows {
		c.rows, c.err = 0, c.group.Flush()
	}
	c.row, c.text = 0, c.text[:0]
}

// next returns the place of the next value, which must be built there: a value that is built
// elsewhere, field by field, and copied as a whole keeps the processor waiting for its stores.
func (c *cells) next() *parquet.Value {
	v := &c.values[c.column*chunkRows+c.row]
	c.column++
	return v
}

// value puts a value that textValue or doubleValue made earlier.
func (c *cells) value(v *parquet.Value) { *c.next() = *v }

func (c *cells) null() { *c.next() = parquet.Value{} }

func (c *cells) bool(x bool) {
	v := c.next()
	*v = parquet.BooleanValue(x)
	v.SetDefinitionLevel(1)
}

func (c *cells) int32(x int32) {
	v := c.next()
	*v = parquet.Int32Value(x)
	v.SetDefinitionLevel(1)
}

func (c *cells) int64(x int64) {
	v := c.next()
	*v = parquet.Int64Value(x)
	v.SetDefinitionLevel(1)
}

func (c *cells) float32(x float32) {
	v := c.next()
	*v = parquet.FloatValue(x)
	v.SetDefinitionLevel(1)
}

func (c *cells) float64(x float64) {
	v := c.next()
	*v = parquet.DoubleValue(x)
	v.SetDefinitionLevel(1)
}

// number puts x, null for NaN, which Parquet's readers sort in their own ways.
func (c *cells) number(x float64) {
	if math.IsNaN(x) {
		c.null()
	} else {
		c.float64(x)
	}
}

// nulls puts n nulls.
func (c *cells) nulls(n int) {
	for range n {
		c.null()
	}
}

// rect puts x, y, width, height.
func (c *cells) rect(r geom.Rect) {
	c.float64(r.X)
	c.float64(r.Y)
	c.float64(r.W)
	c.float64(r.H)
}

// string puts a text.
func (c *cells) string(s string) {
	from := len(c.text)
	c.text = append(c.text, s...)
	c.since(from)
}

// since puts the text that was added from a place on.
func (c *cells) since(from int) {
	v := c.next()
	*v = parquet.ByteArrayValue(c.text[from:])
	v.SetDefinitionLevel(1)
}

// id puts an id as it stands in its file.
func (c *cells) id(d dataset.ID) {
	from := len(c.text)
	c.text = d.Append(c.text)
	c.since(from)
}

// idInt puts an id's value, null if it is not a whole number.
func (c *cells) idInt(d dataset.ID) {
	if n, ok := d.Int(); ok {
		c.int64(n)
	} else {
		c.null()
	}
}

// putOrNull puts what p points to, null if that is nothing.
func putOrNull[V any](c *cells, put func(V), p *V) {
	if p == nil {
		c.null()
	} else {
		put(*p)
	}
}

// doubleValue makes the value of a number that many rows have.
func doubleValue(x float64) parquet.Value { return parquet.DoubleValue(x).Level(0, 1, 0) }

// textValue makes the value of a text that many rows have.
func textValue(s string) parquet.Value { return parquet.ByteArrayValue([]byte(s)).Level(0, 1, 0) }

// textOrNullValue makes the value of a text that many rows have, null for "".
func textOrNullValue(s string) parquet.Value {
	if s == "" {
		return parquet.Value{}
	}
	return textValue(s)
}
