package show

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"

	"focalaudit/pkg/report"
)

// Query says which rows of a table to show, and how.
type Query struct {
	Table   string
	Where   string   // expression over columns; all rows if empty. A null compares with nothing
	Sort    []string // columns, the first one first; falling behind a minus
	Limit   int      // rows; all if negative
	Columns []string // all if empty
	Format  string   // table, csv, json or md
}

// Rows prints rows of a table of the report, or the comparison of trainers, in dir.
func Rows(w io.Writer, dir string, q Query) error {
	tables, err := report.TablesIn(dir)
	if err != nil {
		return err
	}
	if !slices.Contains(tables, q.Table) {
		return fmt.Errorf("no table %q: tables of %s are %s", q.Table, dir, strings.Join(tables, ", "))
	}
	write, ok := formats[q.Format]
	if !ok {
		return fmt.Errorf("format %q: expected table, csv, json or md", q.Format)
	}
	shown := q.Columns
	var rows [][]any
	err = report.Open(dir, q.Table, func(in *parquet.File) error {
		t := newTableRows(in)
		if rows, err = t.query(q); err != nil {
			return err
		}
		if len(shown) == 0 {
			shown = t.columns
		}
		return t.pick(rows, shown)
	})
	if err != nil {
		return err
	}
	return write(w, shown, rows)
}
