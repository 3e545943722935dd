package convention

import (
	"fmt"

	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/text"
)

// OneColumn says whether one number of the boxes of a source, or two of them, stands one record off in the file, as
// where a cell was deleted from one column of a table.
type OneColumn struct {
	Name    string  // "height", "width and height"; "" if nothing is off
	By      int     // 1 if the number belongs to the record before, so that the right one stands in the record behind
	Out     int     // boxes beyond their image
	Mended  int     // boxes beyond it if the column is moved back
	Of      int     // boxes that were compared
	Gain    float64 // nats by which widths explain heights better if the column is moved back
	Example int32   // the first box beyond its image, or the first one

	Part *ColumnPart // nil if all records are so
}

// Found reports whether a column is off.
func (c *OneColumn) Found() bool { return c.Name != "" }

// column is a way to take numbers of a box from another record.
type column struct {
	name       string
	x, y, w, h bool
	sides      int // 1 if it moves heights against widths, -1 if widths against heights, 0 if neither
}

var columns = [...]column{
	{name: "height", h: true, sides: 1}, {name: "width", w: true, sides: -1},
	{name: "y", y: true}, {name: "x", x: true}, {name: "width and height", w: true, h: true},
}

// from returns a box with a column of another record. The corners of a row are its numbers as they stand.
func (c *column) from(own, other geom.Box) geom.Box {
	x, y, w, h := own.X0, own.Y0, own.X1-own.X0, own.Y1-own.Y0
	if c.x {
		x = other.X0
	}
	if c.y {
		y = other.Y0
	}
	if c.w {
		w = other.X1 - other.X0
	}
	if c.h {
		h = other.Y1 - other.Y0
	}
	return geom.Box{X0: x, Y0: y, X1: x + w, Y1: y + h}
}

// oneColumn looks for a column that is one record off in stretches of the file. There are two kinds of evidence.
//
// Places: the sum of a place and a side of two objects is often beyond the image, so that 20 boxes and 3 % are, and a
// tenth as many at most once the column is moved back. Boxes that are drawn beyond the picture are not mended by
// numbers of other objects.
//
// Sides: large objects are wide and high. By normal distributions, widths explain heights by -n/2·log(1 - ρ²) nats;
// those of a neighbour do so better, by 60 nats, in every stretch, and by twice as much as those of the other one.
// Where sides speak alone, so do they within a class and from image to image (noLayout).
func oneColumn(src *dataset.Source, blocks ...[]columnRow) OneColumn {
	c := OneColumn{Example: -1}
	for _, rows := range blocks {
		for i := range rows {
			if !rows[i].usable {
				continue
			}
			if c.Of++; c.Example < 0 || c.Out == 0 && !inImage(src, &rows[i], rows[i].box) {
				c.Example = rows[i].object
			}
			c.Out += sample.One(!inImage(src, &rows[i], rows[i].box))
		}
	}
	if c.Of < leastFresh {
		return c
	}
	gains := sideGains(blocks)
	side := 0 // the neighbour whose height belongs to a width
	for i, by := range [...]int{-1, 1} {
		if g := gains[i]; g >= leastGain && 2*gains[1-i] <= g {
			side, c.Gain = by, g
		}
	}
	if c.Out >= 20 && 100*c.Out >= 3*c.Of {
		c.Mended = c.Out
		for k := range columns {
			of := &columns[k]
			for _, by := range [...]int{-1, 1} {
				if side != of.sides*by { // widths and heights tell whether it is a side
					continue
				}
				if n := outside(src, of, by, blocks); n < c.Mended && 10*n <= c.Out {
					c.Name, c.By, c.Mended = of.name, by, n
				}
			}
		}
	}
	if c.Name == "" && side != 0 && noLayout(blocks, side) {
		c.Name, c.By = "width or height", side
	}
	if c.Name == "" && c.Out >= 20 {
		c.part(src, blocks)
	}
	return c
}

// inImage tells whether a box fits the image of a row.
func inImage(src *dataset.Source, r *columnRow, b geom.Box) bool {
	im := &src.Images[r.image]
	return reading.Fits(b, float64(im.Size.W), float64(im.Size.H))
}

// outside counts boxes beyond their images with a column of the record so many places on.
func outside(src *dataset.Source, c *column, by int, blocks [][]columnRow) (n int) {
	for _, rows := range blocks {
		for i := range rows {
			if r, j := &rows[i], i+by; r.usable && j >= 0 && j < len(rows) && rows[j].usable {
				n += sample.One(!inImage(src, r, c.from(r.box, rows[j].box)))
			}
		}
	}
	return n
}

// sideGains returns the nats by which widths explain the heights of the record before, and of the one behind, better
// than their own; 0 where they do not so in every stretch.
func sideGains(blocks [][]columnRow) (gains [2]float64) {
	for side, by := range [...]int{-1, 1} {
		for _, rows := range blocks {
			g := tied(rows, by) - tied(rows, 0)
			if gains[side] += g; g <= 0 {
				gains[side] = 0
				break
			}
		}
	}
	return gains
}

// Finding returns the finding on a column of boxes that is one record off.
func (c *OneColumn) Finding(src *dataset.Source, s int32) findings.Finding {
	if c.Part != nil {
		return c.partFinding(src, s)
	}
	o := &src.Objects[c.Example]
	to := "behind"
	if c.By < 0 {
		to = "before"
	}
	why := ""
	if c.Mended < c.Out {
		why = fmt.Sprintf("%s of %s that were compared end beyond their images, and %s would if each had the %s of the "+
			"record %s its own", say.Group(c.Out), say.Plural(c.Of, "box"), say.Group(c.Mended), c.Name, to)
	}
	if c.Gain > 0 {
		if why != "" {
			why += ", and "
		}
		why += "widths go with the heights of neighbouring records, and not with their own"
	}
	which := c.Name
	if which == "width or height" {
		which = "width, or that of height,"
	}
	f := say.Finding("columns-shifted", s, o.Offset, o.Line,
		"%s: %s. The column of %s seems to stand one record off: move "+
			"it back. A record: %s", text.Printable(src.Name), why, which, say.Place(src, c.Example))
	f.Key, f.Size, f.Cases = c.Name, float64(len(src.Objects)), int64(len(src.Objects))
	return f
}
