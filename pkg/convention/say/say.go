// Package say answers how a message names what a rule found: an image, an object with its numbers, so many things.
//
// It holds the words that the messages of pkg/convention and of the packages beneath it share, and no judgement.
package say

import (
	"fmt"
	"strings"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/text"
)

// Finding starts a finding about a source, at the place of a record.
func Finding(code string, s int32, offset int64, line int32, format string, args ...any) findings.Finding {
	f := findings.New(code)
	f.Source, f.Offset, f.Line = s, offset, line
	f.Message = fmt.Sprintf(format, args...)
	return f
}

// Place names an object and shows its numbers.
func Place(src *dataset.Source, k int32) string {
	o := &src.Objects[k]
	of := ""
	if o.Image >= 0 {
		of = Label(&src.Images[o.Image]) + ", "
	}
	return of + dataset.Label("annotation", o.ID) + ": " + numbers(o.Box)
}

// Label names an image as an annotator knows it.
func Label(im *dataset.Image) string {
	if im.File == "" {
		return dataset.Label("image", im.ID)
	}
	return "image " + text.Printable(im.File)
}

// numbers are the four numbers of a box as they stand in a file.
func numbers(b geom.Rect) string {
	var of []string
	for _, v := range []float64{b.X, b.Y, b.W, b.H} {
		of = append(of, text.Short(v))
	}
	return "[" + strings.Join(of, ", ") + "]"
}

// Group returns a number with commas between thousands.
func Group(n int) string { return text.Group(int64(n)) }

// Plural returns a number of things; the plurals of a box and a class have an e.
func Plural(n int, thing string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(thing, "x"), strings.HasSuffix(thing, "ss"):
		thing += "es"
	default:
		thing += "s"
	}
	return Group(n) + " " + thing
}

// Are returns the verb for a number of things.
func Are(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// Percent returns a part in percent, to three digits.
func Percent(part float64) string { return fmt.Sprintf("%.3g", 100*part) }
