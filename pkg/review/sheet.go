package review

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"focalaudit/pkg/geom"
	"focalaudit/pkg/text"
)

// sheetHeader are the columns of review.csv. People fill in decision, and change the columns new_… .
var sheetHeader = []string{
	"item", "decision", "kind", "score", "page", "picture", "file_name", "class", "x", "y", "width", "height",
	"new_class", "new_x", "new_y", "new_width", "new_height", "reason", "source", "image_id", "annotation_id",
}

// writeSheet writes the items as a table.
func (r *Review) writeSheet(w io.Writer, at *Places) error {
	out := csv.NewWriter(w)
	if err := out.Write(sheetHeader); err != nil {
		return err
	}
	for k := range r.Items {
		i := &r.Items[k]
		im := r.image(i)
		class, box := r.drawn(i)
		annotation := ""
		if o := r.object(i); o != nil {
			annotation = o.ID.String()
		}
		newClass, newBox := r.proposal(i)
		row := []string{
			i.Key(), "", i.Code, strconv.FormatFloat(i.Score, 'f', 3, 64), text.CSVCell(at.page(i)),
			text.CSVCell(at.picture(im.File)), text.CSVCell(im.File), text.CSVCell(class),
		}
		row = append(append(row, numbers(&box)...), text.CSVCell(newClass))
		row = append(append(row, numbers(newBox)...), text.CSVCell(i.Message), text.CSVCell(i.LabelError.Source),
			text.CSVCell(im.ID.String()), text.CSVCell(annotation))
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// page is the place of an item on the report's page, "" if it is not there.
func (p *Places) page(i *Item) string {
	if p.Page == "" || i.Number > p.OnPage {
		return ""
	}
	return fmt.Sprintf("%s#f%d", p.Page, i.Number)
}

// picture is the path of an image's picture, "" if nobody knows.
func (p *Places) picture(file string) string {
	if p.Picture == nil || file == "" {
		return ""
	}
	return p.Picture(file)
}

// numbers are the cells of a box.
func numbers(b *geom.Rect) []string {
	if b == nil {
		return []string{"", "", "", ""}
	}
	return []string{text.Short(b.X), text.Short(b.Y), text.Short(b.W), text.Short(b.H)}
}

// columnsOf returns where the columns of a table stand, by their names, or what is wrong with its header.
func columnsOf(header []string) (column map[string]int, fault string) {
	column = map[string]int{}
	for k, name := range header {
		name = strings.ToLower(strings.TrimSpace(name))
		if _, twice := column[name]; twice {
			return nil, fmt.Sprintf("line 1: two columns %s: keep one", name)
		}
		column[name] = k
	}
	for _, name := range []string{"item", "decision", "new_class", "new_x", "new_y", "new_width", "new_height"} {
		if _, there := column[name]; !there {
			return nil, fmt.Sprintf("line 1: no column %s: expected the columns of review.csv, that is a table that "+
				"analyze review wrote", name)
		}
	}
	return column, ""
}

// readSheet reads decisions from a table, as spreadsheets write them: with commas, semicolons or tabs.
func readSheet(content string) (list []Decision, faults []string) {
	first, rest, _ := strings.Cut(content, "\n")
	if !strings.Contains(content, "\n") && strings.Contains(content, "\r") { // as old programs of the Mac end lines
		content = strings.ReplaceAll(content, "\r", "\n")
		first, rest, _ = strings.Cut(content, "\n")
	}
	if strings.HasPrefix(strings.ToLower(first), "sep=") { // as Excel writes it
		content = rest
		first, _, _ = strings.Cut(content, "\n")
	}
	in := csv.NewReader(strings.NewReader(content))
	in.FieldsPerRecord = -1
	for _, c := range []rune{';', '\t'} {
		if strings.Count(first, string(c)) > strings.Count(first, ",") {
			in.Comma = c
		}
	}
	if fault := wide(content, in.Comma); fault != "" {
		return nil, []string{fault}
	}
	header, err := in.Read()
	if err != nil {
		return nil, []string{"expected the columns of review.csv: " + plainCSV(err)}
	}
	column, fault := columnsOf(header)
	if fault != "" {
		return nil, []string{fault}
	}
	for {
		row, err := in.Read()
		if err == io.EOF {
			return list, faults
		}
		if err != nil {
			return list, append(faults, plainCSV(err))
		}
		line, _ := in.FieldPos(0)
		cell := func(name string) string {
			if k := column[name]; k < len(row) {
				return strings.TrimSpace(row[k])
			}
			return ""
		}
		optional := func(name string) string {
			if _, there := column[name]; !there {
				return ""
			}
			return cell(name)
		}
		d := Decision{
			Place: fmt.Sprintf("line %d", line), Key: cell("item"), Verb: Verb(strings.ToLower(cell("decision"))),
			Class: cell("new_class"),
			row:   witness{optional("file_name"), optional("annotation_id")},
		}
		if d.Key == "" && d.Verb == "" {
			continue // an empty row
		}
		if len(faults) > maxFaults {
			return list, append(faults, "the rest was not read")
		}
		if d.Verb == Fix || d.Verb == Add {
			box, err := boxOf([4]string{cell("new_x"), cell("new_y"), cell("new_width"), cell("new_height")}, in.Comma == ';')
			if err != nil {
				faults = append(faults, d.Place+": "+err.Error())
				continue
			}
			d.Box = box
		}
		list = append(list, d)
	}
}

// maxCells is how many cells a line may have: a cell takes some 70 bytes of memory, and one byte in a file.
const maxCells = 1000

// wide reports a line of more cells.
func wide(content string, comma rune) string {
	number := 0
	for line := range strings.Lines(content) {
		number++
		if n := strings.Count(line, string(comma)); n >= maxCells {
			return fmt.Sprintf("line %d has %s, expected the columns of review.csv", number, text.Plural(n+1, "cell"))
		}
	}
	return ""
}

// plainCSV says what is wrong with a table.
func plainCSV(err error) string {
	var of *csv.ParseError
	switch {
	case err == io.EOF:
		return "the file is empty"
	case !errors.As(err, &of):
		return err.Error()
	case errors.Is(of.Err, csv.ErrBareQuote):
		return fmt.Sprintf("line %d: a quotation mark stands within a cell that does not begin with one: write it twice, "+
			"and one around the cell", of.Line)
	}
	return fmt.Sprintf("line %d: the cell that begins in line %d has no closing quotation mark, or more behind it: "+
		"was the file copied whole?", of.Line, of.StartLine)
}

// boxOf reads the four cells of a box, nil if all are empty. Spreadsheets that write semicolons between cells
// write commas in numbers.
func boxOf(cells [4]string, commas bool) (*geom.Rect, error) {
	if cells == [4]string{} {
		return nil, nil
	}
	var v [4]float64
	for k, c := range cells {
		if commas {
			c = strings.Replace(c, ",", ".", 1)
		}
		x, err := strconv.ParseFloat(c, 64)
		if err != nil || strings.ContainsAny(c, "xXpP_") { // Go's own notations, which no spreadsheet writes
			return nil, fmt.Errorf("%s is %q: expected a number of px, or all of new_x, new_y, new_width and new_height empty "+
				"where the box stays", [4]string{"new_x", "new_y", "new_width", "new_height"}[k], c)
		}
		v[k] = x
	}
	return &geom.Rect{X: v[0], Y: v[1], W: v[2], H: v[3]}, nil
}
