package show

import (
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

// apart tells the rows of label errors in two tables apart, and their ranks from the numbers of the page and of review.
func (p *page) apart() string {
	score, rank := slices.Index(p.columns, "score"), slices.Index(p.columns, "rank")
	scored := func(row []any) bool { return score >= 0 && row[score] != nil }
	switch {
	case p.query.Table == "suspects":
		return " These are all kinds of errors that each label may have, kind by kind. The list to look at is shorter: " +
			"`analyze show DIR --where 'score > 0 and not reviewed'`."
	case p.query.Table == "findings" && rank >= 0 && slices.ContainsFunc(p.rows, scored):
		return " rank counts all findings; the page and analyze review number the suspected labels alone."
	}
	return ""
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
