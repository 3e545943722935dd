// Package show prints what the command tells on a terminal, in the form that is asked
// for.
//
//  1. Run prints the one-screen summary of a run (run.go).
//  2. Rows prints rows of a table, chosen and sorted by a Query (rows.go); query.go reads
//     them, formats.go writes them as a table, CSV, JSON or Markdown.
//  3. DiffText, DiffMarkdown and DiffJSON print what changed between two reports
//     (diff.go).
//  4. Trainers prints presets side by side (trainers.go).
//
// All but DiffJSON and the formats csv and json of Rows are for people: names from data
// sets are made harmless by package text.
package show

import (
	"io"

	"focalaudit/pkg/text"
)

// printer prints lines, in parts of this package.
type printer struct{ *text.Lines }

func newPrinter(w io.Writer) *printer { return &printer{text.NewLines(w)} }
