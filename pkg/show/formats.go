package show

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"focalaudit/pkg/text"
)

// valueText writes a value; nothing for null.
func valueText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		return text.Short(v)
	}
	return fmt.Sprint(v)
}

// formats are the ways to write rows.
var formats = map[string]func(w io.Writer, columns []string, rows [][]any) error{
	"table": showTable, "csv": showCSV, "json": showJSON, "md": showMarkdown,
}

// maxCell is how much of a text a cell in the terminal shows.
const maxCell = 100

func showTable(w io.Writer, columns []string, rows [][]any) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, strings.Join(columns, "\t"))
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, v := range row {
			if f, ok := v.(float64); ok {
				cells[i] = fmt.Sprintf("%.6g", f)
			} else {
				cells[i] = text.Clip(valueText(v), maxCell)
			}
		}
		fmt.Fprintln(tw, strings.Join(cells, "\t"))
	}
	return tw.Flush()
}

// isText reports whether a value is text, which may come from a data set.
func isText(v any) bool {
	_, is := v.(string)
	return is
}

func showCSV(w io.Writer, columns []string, rows [][]any) error {
	c := csv.NewWriter(w)
	if err := c.Write(columns); err != nil {
		return err
	}
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, v := range row {
			if cells[i] = valueText(v); isText(v) {
				cells[i] = text.CSVCell(cells[i])
			}
		}
		if err := c.Write(cells); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// showJSON writes one object a line within an array, keys in the order of columns.
func showJSON(w io.Writer, columns []string, rows [][]any) error {
	p := newPrinter(w)
	p.Line("[")
	for r, row := range rows {
		parts := make([]string, len(row))
		for i, v := range row {
			key, _ := json.Marshal(columns[i])
			value, err := json.Marshal(v)
			if err != nil {
				return err
			}
			parts[i] = string(key) + ": " + string(text.EscapeJSON(value))
		}
		comma := ","
		if r == len(rows)-1 {
			comma = ""
		}
		p.Line("  {%s}%s", strings.Join(parts, ", "), comma)
	}
	p.Line("]")
	return p.Err()
}

func showMarkdown(w io.Writer, columns []string, rows [][]any) error {
	p := newPrinter(w)
	p.Line("| %s |\n|%s", strings.Join(columns, " | "), strings.Repeat("---|", len(columns)))
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, v := range row {
			cells[i] = text.Cell(valueText(v))
		}
		p.Line("| %s |", strings.Join(cells, " | "))
	}
	return p.Err()
}
