package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"focalaudit/pkg/gate"
	"focalaudit/pkg/report"
	"focalaudit/pkg/show"
	"focalaudit/pkg/text"
)

func newShow() *cobra.Command {
	q := show.Query{}
	var memory memoryFlag
	cmd := &cobra.Command{
		Use:   "show DIR [TABLE]",
		Short: "Print rows of a report's table (default: findings)",
		Long: `show prints rows of a table of the report in DIR:
` + tableNames() + `.
codes has the findings counted by code.

A comparison of trainers (analyze trainers -o DIR, analyze run --trainers) has
the tables trainers and treatment, a sweep (analyze trainers --sizes) the table
sizes.

A table for the terminal has the most useful columns, as wide as the terminal,
and 20 rows. The formats csv and json have every column and row.

--where takes an expression over the columns (expr-lang.org). A null is neither
equal to a value nor less or greater; left_out == nil and left_out != nil ask
for it.`,
		Example: `  analyze show report --where 'severity == "error"' \
      --columns code,file_name,message
  analyze show report --where 'score > 0.5' --format csv
  analyze show report codes
  analyze show report classes --sort -objects --limit 10
  analyze show report objects --where 'positives == 0 or left_out != nil' \
      --sort best_iou --format json
  analyze show trainers treatment \
      --where 'preset == "yolov5" and treatment != "trained"'`,
		Args: between(1, 2, "DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			q.Table, q.Shell = "findings", shell(args[0])
			if len(args) == 2 {
				q.Table = args[1]
			}
			few := q.Table == "noise" // a row for each loss: the ones of the detector come last
			if !cmd.Flags().Changed("limit") && (few || q.Format == "csv" || q.Format == "json") {
				q.Limit = -1
			}
			if q.Limit < -1 {
				return fmt.Errorf("--limit %d: expected how many rows to print, -1 for all", q.Limit)
			}
			q.Columns, q.Sort = trimmed(q.Columns), trimmed(q.Sort)
			q.Width = terminalWidth(cmd.OutOrStdout())
			if onTerminal(cmd.OutOrStdout()) {
				q.Longest = longestShown
			}
			return memory.bound(cmd, func() error {
				return errors.Join(show.Rows(cmd.Context(), cmd.OutOrStdout(), args[0], q), cmd.Context().Err())
			})
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVar(&q.Where, "where", "", "condition over columns")
	fs.StringSliceVar(&q.Sort, "sort", nil, "columns to sort by; falling behind a minus")
	fs.IntVar(&q.Limit, "limit", 20, "most rows to print, -1 for all (default with csv, json and for noise: all)")
	fs.StringSliceVar(&q.Columns, "columns", nil,
		"columns to print (default: the most useful ones; with csv and json: all)")
	fs.BoolVar(&q.Wide, "wide", false, "all columns, and lines as long as they are")
	fs.StringVar(&q.Format, "format", "table", "table, csv, json or md")
	memory.define(fs)
	return cmd
}

// tableNames lists the tables of a report in lines of the help's width.
func tableNames() string {
	lines, line := "", ""
	for _, name := range append([]string{"codes"}, report.Tables()...) {
		switch {
		case line == "":
			line = name
		case len(line)+len(name) > 75:
			lines, line = lines+line+",\n", name
		default:
			line += ", " + name
		}
	}
	return lines + line
}

// trimmed takes the blanks off names that were given with some: "code, message".
func trimmed(names []string) []string {
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	return names
}

// longestShown is how many characters of a message a terminal gets: others read files of any length.
const longestShown = 1000

// onTerminal reports whether out is a terminal.
func onTerminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// terminalWidth is how many columns out has, text.Columns if it is no terminal.
func terminalWidth(out io.Writer) int {
	if f, ok := out.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			return width
		}
	}
	return text.Columns
}

func newDiff() *cobra.Command {
	var format, output string
	var memory memoryFlag
	cmd := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Compare two reports: what was fixed, is new, or has changed",
		Long: `diff compares two reports: suspected labels and findings that were fixed or are
new, how the trainer treats the objects, and the metrics that changed by 0.01 %
or more. Findings are matched by fingerprint, which does not change when records
are reordered or renumbered, then by code, image and box (IoU 0.5 or more), one
to one. A finding whose annotation, image or file is not there any more is
counted apart from the fixed ones: it is gone with its record.

Reports of different settings are compared as far as their numbers mean the
same. To compare presets on the same data, use analyze trainers.`,
		Example: `  analyze diff main-report report
  analyze diff main-report report --format md
  analyze diff main-report report -o changes`,
		Args: exactly("OLD", "NEW"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return memory.bound(cmd, func() error { return diff(cmd, args[0], args[1], format, output) })
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text, md or json")
	cmd.Flags().StringVarP(&output, "output", "o", "", "new directory for metrics.parquet, findings.parquet and diff.md")
	memory.define(cmd.Flags())
	return cmd
}

// diff compares two reports, and prints the difference in a format.
func diff(cmd *cobra.Command, old, current, format, output string) error {
	write, ok := map[string]func(io.Writer, *gate.Difference) error{
		"text": show.DiffText, "md": show.DiffMarkdown, "json": report.DiffJSON,
	}[format]
	if !ok {
		return fmt.Errorf("format %q: expected text, md or json", format)
	}
	var of [2]*gate.Subject
	for i, dir := range []string{old, current} {
		var err error
		if of[i], err = report.LoadCovered(dir); err != nil {
			return err
		}
	}
	d := gate.Diff(of[0], of[1])
	if d.Presets[0] != d.Presets[1] {
		for _, dir := range []string{current, old} {
			if found := inputsOf(dir); found != nil {
				d.Paths = unbroken(places(found...)...)
				break
			}
		}
	}
	var labels [2]gate.Labelled
	for i, wanted := 0, d.Wanted(); i < len(of); i++ {
		if of[i].Labels != nil {
			var err error
			if labels[i], err = of[i].Labels(wanted); err != nil {
				return err
			}
		}
	}
	d.Trace(labels[0], labels[1])
	if output != "" {
		if err := report.WriteDiff(cmd.Context(), output, &d, show.DiffMarkdown, version); err != nil {
			return err
		}
	}
	return write(cmd.OutOrStdout(), &d)
}
