package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

func newExplain() *cobra.Command {
	return &cobra.Command{
		Use:     "explain [CODE]",
		Short:   "Say what a finding or a reason means and how to mend it; without CODE, list them all",
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
				p.Wrap(terminalWidth(cmd.OutOrStdout()), "", r.Text)
				return p.Err()
			}
			if !known {
				return fmt.Errorf("no finding has the code %q; the nearest are %s",
					args[0], strings.Join(findings.Nearest(args[0], 3), ", "))
			}
			p, width := text.NewLines(cmd.OutOrStdout()), min(100, terminalWidth(cmd.OutOrStdout()))
			p.Line("%s (%s, %s)\n%s\n", e.Code, e.SeverityText(), e.Family, e.Title)
			p.Wrap(width, "", e.Text)
			p.Line("\nExample\n  %s\n\nWhat to do", strings.ReplaceAll(e.Example, "\n", "\n  "))
			p.Wrap(width, "", e.Fix)
			return p.Err()
		},
	}
}

func listCodes(cmd *cobra.Command) error {
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	for _, e := range findings.Catalogue() {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", e.Family, e.Severity, e.Code, e.Title)
	}
	for _, r := range findings.Reasons() {
		fmt.Fprintf(w, "reason\t\t%s\t%s\n", r.Code, r.Text)
	}
	return w.Flush()
}
