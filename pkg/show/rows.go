package show

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"

	"focalaudit/internal/spelling"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/report"
)

// Query says which rows of a table to show, and how.
type Query struct {
	Table   string   // a table of the directory, or codes
	Where   string   // expression over columns; all rows if empty. A null compares with nothing
	Sort    []string // columns, the first one first; falling behind a minus
	Limit   int      // rows; all if negative
	Columns []string // those that are shown; chosen by the table and the format if empty
	Format  string   // table, csv, json or md
	Wide    bool     // all columns, and lines as long as they are
	Width   int      // columns of the terminal, for the format table
	Longest int      // characters of a message, for the format table; 0 for all
	Shell   string   // the report's directory as a shell reads it, for commands that are printed
}

// codes is the name of the table that counts the findings of a report by code.
const codes = "codes"

// Rows prints rows of a table of the report, or the comparison of trainers, in dir. A table that is not as it was
// written is an error.
func Rows(ctx context.Context, w io.Writer, dir string, q Query) error {
	tables, err := report.TablesIn(dir)
	if err != nil {
		return err
	}
	baseline := false
	if slices.Contains(tables, "findings") {
		tables = append(tables, codes)
		if s, err := report.ReadSummary(dir); err == nil {
			baseline = s.Baseline
		}
	}
	if !slices.Contains(tables, q.Table) {
		if baseline && slices.Contains(report.Tables(), q.Table) {
			return fmt.Errorf("no table %q: %s is a baseline, which has the tables %s only; the report that it was made of has "+
				"all", q.Table, dir, strings.Join(tables, ", "))
		}
		return fmt.Errorf("no table %q: the nearest is %s; tables of %s are %s", q.Table,
			spelling.Nearest(q.Table, tables, 1)[0], dir, strings.Join(tables, ", "))
	}
	write, ok := formats[q.Format]
	if !ok {
		return fmt.Errorf("format %q: expected table, csv, json or md", q.Format)
	}
	var found page
	take := func(t *tableRows) (err error) {
		found, err = t.page(q)
		return err
	}
	if q.Table == codes {
		var t *tableRows
		if t, err = codeRows(dir); err == nil {
			err = take(t)
		}
	} else {
		err = report.OpenChecked(ctx, dir, q.Table, func(in *parquet.File) error {
			t := newTableRows(in)
			if q.Table == "findings" && baseline {
				t.complete()
			}
			return take(t)
		})
	}
	if err != nil {
		return err
	}
	return write(w, &found)
}

// complete gives rows of a baseline's findings what it leaves out since the rest tells it.
func (t *tableRows) complete() {
	each := t.each
	t.each = func(yield func([]any) (bool, error)) error {
		n := 0
		return each(func(row []any) (bool, error) {
			n++
			report.CompleteRow(t.columns, n, row)
			return yield(row)
		})
	}
}

// codeRows counts the findings of a report by code and severity, as the summary of a run does: the gravest first, then
// the most common. Those that people looked at and kept are counted apart.
func codeRows(dir string) (*tableRows, error) {
	s, err := report.Load(dir)
	if err != nil {
		return nil, err
	}
	type kind struct {
		code     string
		severity findings.Severity
	}
	n, kept := map[kind]int{}, map[kind]int{}
	for i := range s.Findings {
		of := kind{s.Findings[i].Code, s.Findings[i].Severity()}
		if s.Findings[i].Reviewed {
			kept[of]++
		} else {
			n[of]++
		}
	}
	t := &tableRows{columns: defaults[codes], zeros: []any{"", "", 0, 0, ""}}
	var rows [][]any
	for _, e := range findings.Catalogue() {
		for _, severity := range e.Severities() {
			of := kind{e.Code, severity}
			if n[of]+kept[of] == 0 {
				continue
			}
			var reviewed any // null where nothing was, so that a table without any has no such column
			if kept[of] > 0 {
				reviewed = kept[of]
			}
			rows = append(rows, []any{e.Code, severity.String(), n[of], reviewed, e.Title})
		}
	}
	slices.SortStableFunc(rows, func(a, b []any) int {
		x, y := findings.SeverityOf(a[1].(string)), findings.SeverityOf(b[1].(string))
		if x != y {
			return int(x) - int(y)
		}
		return b[2].(int) - a[2].(int)
	})
	t.n = len(rows)
	t.each = func(yield func([]any) (bool, error)) error {
		for _, row := range rows {
			if more, err := yield(row); err != nil || !more {
				return err
			}
		}
		return nil
	}
	return t, nil
}
