package show

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"focalaudit/pkg/text"
)

// gap is the space between two columns of a table; below is the indent of the text below a row.
const gap, below = 2, 6

// sentences is the column that holds sentences. They may be long: at the end of a row they stand
// below it, wrapped, where the line is not wide enough.
const sentences = "message"

// narrowest is how narrow a column of text gets before lines become too long, or as its name is.
const narrowest = 8

// showTable writes rows for a terminal. No line is wider than the terminal as long as columns of
// text have something to give: sentences are wrapped, other texts cut off. --wide does neither.
func showTable(w io.Writer, of *page) error {
	p := newPrinter(w)
	grid := make([][]string, 0, len(of.rows)+1)
	grid = append(grid, of.columns)
	for _, row := range of.rows {
		cells := make([]string, len(row))
		for i, v := range row {
			cells[i] = text.InLine(cellText(of.columns[i], v))
		}
		grid = append(grid, cells)
	}
	widths := make([]int, len(of.columns))
	textual := make([]bool, len(of.columns))
	for i := range widths {
		for _, cells := range grid {
			widths[i] = max(widths[i], utf8.RuneCountInString(cells[i]))
		}
		textual[i] = slices.ContainsFunc(of.rows, func(row []any) bool { return isText(row[i]) })
	}
	last := len(widths) - 1
	under := !of.query.Wide && last > 0 && of.columns[last] == sentences && total(widths) > of.query.Width
	if under {
		widths = widths[:last]
	}
	if !of.query.Wide {
		shrink(widths, of.columns, textual, of.query.Width)
	}
	for r, cells := range grid {
		p.Line("%s", line(cells, widths, textual))
		if under && r > 0 && cells[last] != "" {
			p.Wrap(of.query.Width, strings.Repeat(" ", below), of.cut(cells[last]))
		}
	}
	p.Line("")
	if of.query.Wide {
		p.Line("%s", of.footer())
	} else {
		p.Wrap(of.query.Width, "", of.footer())
	}
	return p.Err()
}

// cut clips a sentence to the longest that is shown.
func (p *page) cut(s string) string {
	if most := p.query.Longest; most > 0 && utf8.RuneCountInString(s) > most {
		p.clipped = true
		return text.Clip(s, most)
	}
	return s
}

// line writes the cells of a row below each other's: text from the left, numbers from the right.
func line(cells []string, widths []int, textual []bool) string {
	var b strings.Builder
	for i, width := range widths {
		cell := text.Clip(cells[i], width)
		pad := strings.Repeat(" ", width-utf8.RuneCountInString(cell))
		if i > 0 {
			b.WriteString(strings.Repeat(" ", gap))
		}
		if textual[i] {
			b.WriteString(cell + pad)
		} else {
			b.WriteString(pad + cell)
		}
	}
	return strings.TrimRight(b.String(), " ")
}

// total is the width of a line.
func total(widths []int) int {
	sum := gap * (len(widths) - 1)
	for _, w := range widths {
		sum += w
	}
	return sum
}

// shrink takes from the widest columns of text until a line fits.
func shrink(widths []int, names []string, textual []bool, width int) {
	for total(widths) > width {
		widest := -1
		for i, w := range widths {
			if textual[i] && w > max(narrowest, len(names[i])) && (widest < 0 || w > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return
		}
		widths[widest]--
	}
}

// cellText writes a value for people: three significant digits, thousands separated unless the
// number is a name or a place.
func cellText(column string, v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		return text.Digits(v)
	case int:
		for _, place := range []string{"_int", "offset", "line", "rank", "anchor"} {
			if strings.HasSuffix(column, place) {
				return fmt.Sprint(v)
			}
		}
		return text.Group(int64(v))
	}
	return valueText(v)
}
