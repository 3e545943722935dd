package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"focalaudit/pkg/gate"
	"focalaudit/pkg/report"
	"focalaudit/pkg/show"
)

func newShow() *cobra.Command {
	q := show.Query{}
	var memory memoryFlag
	cmd := &cobra.Command{
		Use:   "show DIR [TABLE]",
		Short: "Print rows of a report's table (default: findings)",
		Long: `show prints rows of a table of the report in DIR: ` + strings.Join(report.Tables(), ", ") + `.

DIR may also hold the tables of analyze trainers -o DIR: trainers and treatment.

--where takes an expression over the columns (expr-lang.org); null compares with
nothing: an annotation that is left out has no number of positives, and is found by
left_out != nil.`,
		Example: `  analyze show report --where 'severity == "error"' --columns code,file_name,message
  analyze show report --where 'score > 0.5' --format csv
  analyze show report classes --sort -objects --limit 10
  analyze show report objects --where 'positives == 0 or left_out != nil' --sort best_iou --format json
  analyze show trainers treatment --where 'preset == "yolov5" and treatment != "trained"'`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			q.Table = "findings"
			if len(args) == 2 {
				q.Table = args[1]
			}
			return memory.bound(cmd, func() error {
				return errors.Join(show.Rows(cmd.OutOrStdout(), args[0], q), cmd.Context().Err())
			})
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVar(&q.Where, "where", "", "condition over columns")
	fs.StringSliceVar(&q.Sort, "sort", nil, "columns to sort by; falling behind a minus")
	fs.IntVar(&q.Limit, "limit", 20, "most rows to print, -1 for all")
	fs.StringSliceVar(&q.Columns, "columns", nil, "columns to print (default: all)")
	fs.StringVar(&q.Format, "format", "table", "table, csv, json or md")
	memory.define(fs)
	return cmd
}

func newDiff() *cobra.Command {
	var format, output string
	var memory memoryFlag
	cmd := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Compare two reports: metrics, findings that are new or gone",
		Long: `diff compares two reports. Findings are matched by fingerprint, which does not
change when records are reordered or renumbered, then by code, image and box
(IoU 0.5 or more), one to one.`,
		Example: `  analyze diff main-report report
  analyze diff main-report report --format md
  analyze diff main-report report -o changes`,
		Args: cobra.ExactArgs(2),
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
	before, err := report.Load(old)
	if err != nil {
		return err
	}
	now, err := report.Load(current)
	if err != nil {
		return err
	}
	d := gate.Diff(before, now)
	if output != "" {
		if err := report.WriteDiff(cmd.Context(), output, &d, show.DiffMarkdown, version); err != nil {
			return err
		}
	}
	return write(cmd.OutOrStdout(), &d)
}
