package convention

import (
	"fmt"
	"math"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// ColumnPart is the stretch of records in which a column of boxes is one record off.
type ColumnPart struct {
	Records     int   // of the stretch
	First, Last int32 // objects at its ends
}

// leastPart is how many records such a stretch has.
const leastPart = 100

// part looks for a column that is one record off in a stretch of the records that were compared: the one in which boxes
// beyond their images outweigh the others most. 20 boxes and 3 % of it are beyond, and a tenth as many once the column
// is moved back. That is no accident: numbers of neighbours that do not belong put as many out as those of the
// neighbour on the other side do. By Chernoff's bound, for all columns, the chance is below 1e-6: the stretch is chosen
// by the boxes as they stand, which say nothing of those with a neighbour's numbers.
func (c *OneColumn) part(src *dataset.Source, blocks [][]columnRow) {
	var rows []columnRow
	for _, b := range blocks {
		rows = append(rows, b...)
	}
	out := make([]bool, len(rows))
	for i := range rows {
		out[i] = rows[i].usable && !inImage(src, &rows[i], rows[i].box)
	}
	from, to := densest(out, 2*c.Of, 3*c.Out)
	if to-from < leastPart || 10*(to-from) > 9*len(rows) {
		return
	}
	// A record at either end may be of the stretch too, or not: nothing depends on it.
	in := OneColumn{Example: -1, Part: &ColumnPart{Records: to - from, First: rows[from].object, Last: rows[to-1].object}}
	rows = rows[from:to]
	for i := range rows {
		in.Of += sample.One(rows[i].usable)
		if out[from+i] {
			if in.Out++; in.Example < 0 {
				in.Example = rows[i].object
			}
		}
	}
	if in.Out < 20 || 100*in.Out < 3*in.Of {
		return
	}
	in.Mended = in.Out
	window := [][]columnRow{rows}
	gains := sideGains(window)
	side := 0
	for i, by := range [...]int{-1, 1} {
		if g := gains[i]; g >= leastGain && 2*gains[1-i] <= g {
			side, in.Gain = by, g
		}
	}
	ways := math.Log(float64(2 * len(columns)))
	for k := range columns {
		of := &columns[k]
		n := [2]int{outside(src, of, -1, window), outside(src, of, 1, window)}
		for i, by := range [...]int{-1, 1} {
			if side == of.sides*by && n[i] < in.Mended && 10*n[i] <= in.Out &&
				rateOdds(in.Of-n[i], in.Of, in.Of-n[1-i], in.Of)+ways < math.Log(sample.Unlikely) {
				in.Name, in.By, in.Mended = of.name, by, n[i]
			}
		}
	}
	if in.Found() {
		*c = in
	}
}

// partFinding returns the finding on a column that is off in a part.
func (c *OneColumn) partFinding(src *dataset.Source, s int32) findings.Finding {
	o := &src.Objects[c.Example]
	to := "behind"
	if c.By < 0 {
		to = "before"
	}
	widths := ""
	if c.Gain > 0 {
		widths = ", and widths go with the heights of neighbouring records there"
	}
	ends := fmt.Sprintf("from %s to %s", say.Place(src, c.Part.First), say.Place(src, c.Part.Last))
	f := say.Finding("columns-shifted", s, o.Offset, o.Line, "%s: in a part of the file, %s of %s end beyond their "+
		"images, and %s would if each had the %s of the record %s its own%s. The column of %s seems to stand one record off "+
		"there, %s: move it back. A record: %s", text.Printable(src.Name), say.Group(c.Out), say.Plural(c.Of, "box"),
		say.Group(c.Mended), c.Name, to, widths, c.Name, ends, say.Place(src, c.Example))
	f.Key, f.Size, f.Cases = c.Name, float64(c.Part.Records), int64(c.Part.Records)
	return f
}
