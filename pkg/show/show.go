// Package show prints runs, tables and comparisons on a terminal.
//
//  1. Run prints the one-screen summary of a run (run.go).
//  2. Rows prints rows of a table, chosen and sorted by a Query (rows.go); query.go reads
//     them, columns.go chooses the columns, formats.go writes CSV, JSON and Markdown, and
//     layout.go a table that fits the terminal.
//  3. DiffText and DiffMarkdown print what changed between two reports (diff.go).
//  4. Trainers prints presets side by side (trainers.go), in as many tables as the width needs.
//
// Package text makes names from data sets harmless. The format json of Rows escapes what
// the others map, so that programs read the names as they are.
package show

import (
	"io"

	"focalaudit/pkg/text"
)

// printer has a method for each part of a text.
type printer struct{ *text.Lines }

func newPrinter(w io.Writer) *printer { return &printer{text.NewLines(w)} }

// prose prints a text in lines of 80 columns, indented.
func (p *printer) prose(indent, s string) { p.Wrap(text.Columns, indent, s) }
