package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

func newExplain() *cobra.Command {
	return &cobra.Command{
		Use:     "explain [CODE]",
		Short:   "Say what a code means and how to mend it; without CODE, list all",
		Example: "  analyze explain\n  analyze explain box-outside",
		Args:    between(0, 1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var codes []string
			for _, e := range findings.Catalogue() {
				codes = append(codes, e.Code)
			}
			for _, r := range findings.Reasons() {
				codes = append(codes, r.Code)
			}
			return codes, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listCodes(cmd)
			}
			e, known := findings.Lookup(args[0])
			if r, reason := findings.LookupReason(args[0]); !known && reason {
				p := text.NewLines(cmd.OutOrStdout())
				p.Line("%s (a reason, in the columns why and left_out)", r.Code)
				p.Wrap(text.Columns, "", r.Text)
				return p.Err()
			}
			if !known {
				return fmt.Errorf("no finding has the code %q; the nearest are %s",
					args[0], strings.Join(findings.Nearest(args[0], 3), ", "))
			}
			p := text.NewLines(cmd.OutOrStdout())
			p.Line("%s (%s, %s)\n%s\n", e.Code, e.SeverityText(), e.Family, e.Title)
			p.Wrap(text.Columns, "", e.Text)
			p.Line("\nExample")
			for line := range strings.Lines(e.Example) {
				p.Wrap(text.Columns, "  ", line)
			}
			p.Line("\nWhat to do")
			p.Wrap(text.Columns, "", e.Fix)
			return p.Err()
		},
	}
}

// families say where the evidence for a family's findings comes from.
var families = map[findings.Family]string{
	findings.Data:    "seen in the files alone",
	findings.Trainer: "made of the files by the trainer's loader and anchors",
	findings.Label:   "a detector contradicts the annotations",
}

// listCodes prints the catalogue and the reasons, a code a row under a heading for each family and severity.
func listCodes(cmd *cobra.Command) error {
	entries, reasons := findings.Catalogue(), findings.Reasons()
	width := 0
	for _, e := range entries {
		width = max(width, len(e.Code))
	}
	p := text.NewLines(cmd.OutOrStdout())
	row := func(code, words string) { p.Wrap(text.Columns, fmt.Sprintf("  %-*s  ", width, code), words) }
	heading := ""
	for _, e := range entries {
		if h := fmt.Sprintf("%s, %s: %s", e.Family, e.Severity, families[e.Family]); h != heading {
			if heading != "" {
				p.Line("")
			}
			heading = h
			p.Line("%s", heading)
		}
		row(e.Code, e.Title)
	}
	p.Line("\nreasons: why an object is left out, or has no anchor that fits")
	for _, r := range reasons {
		row(r.Code, r.Text)
	}
	return p.Err()
}
