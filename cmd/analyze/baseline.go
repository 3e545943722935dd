package main

import (
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"focalaudit/pkg/report"
	"focalaudit/pkg/text"
)

func newBaseline() *cobra.Command {
	var output string
	var quiet bool
	cmd := &cobra.Command{
		Use:   "baseline REPORT",
		Short: "Write the part of a report that later ones are compared with",
		Long: `baseline writes what a comparison needs of a report into a small directory, to
be committed beside the annotations: under 2 MB for COCO train2017, without any
path of your machine. --baseline, check and diff take it like a report.

It has every finding with its image and its box to the pixel, but messages,
scores and annotation ids of errors and warnings only, and none of the other
tables.`,
		Example: `  analyze baseline focalaudit-report -o focalaudit-baseline
  analyze run annotations --gate --baseline focalaudit-baseline --only-new`,
		Args: exactly("REPORT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := report.WriteBaseline(cmd.Context(), output, args[0], version); err != nil {
				return err
			}
			if quiet {
				return nil
			}
			p := text.NewLines(cmd.OutOrStdout())
			p.Line("baseline %s", text.InLine(output))
			p.Line("         Commit it, and say in focalaudit.yaml, above it:")
			p.Line("           gate:")
			p.Line("             baseline: %s", yamlPath(output))
			p.Line("             only_new: true")
			paths := "PATH"
			if found := inputsOf(args[0]); found != nil {
				paths = shell(places(found...)...)
			}
			p.Line("         Then each change is compared with it: analyze run %s --gate", paths)
			p.Line("         Without the file: analyze run %s --gate --baseline %s --only-new", paths, shell(places(output)...))
			if paths == "PATH" {
				p.Line("         PATH is what the report was made of: it lies elsewhere, or in two places.")
			}
			return p.Err()
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "focalaudit-baseline",
		"directory of the baseline; an earlier one there is replaced")
	cmd.Flags().BoolVarP(&quiet, "quiet", "q", false, "say nothing but errors")
	return cmd
}

// yamlPath writes a path for a configuration file: in quotes, unless all of its characters are plain ones.
func yamlPath(path string) string {
	path = filepath.ToSlash(relative(path))
	if path[0] != '@' && path[0] != '%' && shell(path) == path {
		return path
	}
	return strconv.Quote(path)
}
