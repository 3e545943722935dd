package show

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

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
var formats = map[string]func(w io.Writer, p *page) error{
	"table": showTable, "csv": showCSV, "json": showJSON, "md": showMarkdown,
}

// footer says what is not shown.
func (p *page) footer() string {
	out := text.Plural(p.matched, "row")
	if n := len(p.rows); n < p.matched {
		out = fmt.Sprintf("%s of %s; --limit -1 shows all", text.Group(int64(n)), out)
	}
	if p.hidden > 0 && len(p.query.Columns) == 0 && !p.query.Wide {
		out += fmt.Sprintf(". %s: --wide shows those with values, --columns chooses",
			text.Plural(p.hidden, "more column"))
	}
	if p.clipped {
		out += fmt.Sprintf(". Messages end with … after %s characters; --wide shows all of them",
			text.Group(int64(p.query.Longest)))
	}
	return out + "." + p.apart()
}

// apart tells the rows of label errors in two tables apart, and their ranks from their numbers.
func (p *page) apart() string {
	switch {
	case p.query.Table == "suspects":
		return " Each label stands here with every kind of error that it may have: score is the chance of the " +
			"kind, label_score that it is wrong in any way, and number its place on the list to look at, which is shorter: " +
			p.list() + "."
	case p.query.Table == "findings" && slices.Contains(p.columns, "rank") && slices.Contains(p.columns, "number"):
		return " rank counts all findings, number the suspected labels alone, as the page and analyze review do."
	}
	return ""
}

// list is the command that shows the list of suspects.
func (p *page) list() string {
	return "`analyze show " + text.InLine(cmp.Or(p.query.Shell, "DIR")) + " --where 'score > 0 and not reviewed'`"
}

// isText reports whether a value is text, which may come from a data set.
func isText(v any) bool {
	_, is := v.(string)
	return is
}

func showCSV(w io.Writer, of *page) error {
	c := csv.NewWriter(w)
	if err := c.Write(of.columns); err != nil {
		return err
	}
	for _, row := range of.rows {
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
func showJSON(w io.Writer, of *page) error {
	p := newPrinter(w)
	p.Line("[")
	for r, row := range of.rows {
		parts := make([]string, len(row))
		for i, v := range row {
			key, _ := json.Marshal(of.columns[i])
			value, err := json.Marshal(v)
			if err != nil {
				return err
			}
			parts[i] = string(key) + ": " + string(text.EscapeJSON(value))
		}
		comma := ","
		if r == len(of.rows)-1 {
			comma = ""
		}
		p.Line("  {%s}%s", strings.Join(parts, ", "), comma)
	}
	p.Line("]")
	return p.Err()
}

func showMarkdown(w io.Writer, of *page) error {
	p := newPrinter(w)
	p.Line("| %s |\n|%s", strings.Join(of.columns, " | "), strings.Repeat("---|", len(of.columns)))
	for _, row := range of.rows {
		cells := make([]string, len(row))
		for i, v := range row {
			cells[i] = text.Cell(valueText(v))
		}
		p.Line("| %s |", strings.Join(cells, " | "))
	}
	p.Line("\n%s", of.footer())
	return p.Err()
}
