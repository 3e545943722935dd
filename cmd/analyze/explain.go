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
		Use:   "explain [CODE]",
		Short: "Say what a code or a word means; without CODE, list all",
		Long: `explain says what a finding's code means and how to mend it, what a reason in
the columns why and left_out means, and what the program means by its words:
fallback, untrained, suspects, score, balance and others.`,
		Example: `  analyze explain
  analyze explain box-outside
  analyze explain fallback
  analyze explain wrong labels`,
		Args: between(0, -1, "CODE"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var codes []string
			for _, e := range findings.Catalogue() {
				codes = append(codes, e.Code)
			}
			for _, r := range findings.Reasons() {
				codes = append(codes, r.Code)
			}
			for _, w := range findings.Words() {
				codes = append(codes, w.Name)
			}
			return codes, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listCodes(cmd)
			}
			return explain(text.NewLines(cmd.OutOrStdout()), strings.Join(args, " "))
		},
	}
}

// explain prints what a name stands for: a finding's code, a reason, or a word of the program.
func explain(p *text.Lines, name string) error {
	if e, known := findings.Lookup(name); known {
		p.Line("%s (%s, %s)\n%s\n", e.Code, e.SeverityText(), e.Family, e.Title)
		p.Wrap(text.Columns, "", e.Text)
		p.Line("\nExample")
		for line := range strings.Lines(e.Example) {
			p.Wrap(text.Columns, "  ", line)
		}
		p.Line("\nWhat to do")
		p.Wrap(text.Columns, "", e.Fix)
		return p.Err()
	}
	if r, known := findings.LookupReason(name); known {
		p.Line("%s (a reason, in the columns why and left_out)", r.Code)
		p.Wrap(text.Columns, "", r.Text)
		return p.Err()
	}
	w, known := findings.LookupWord(name)
	if !known {
		return fmt.Errorf("no finding, reason or word has the name %q; the nearest are %s; analyze explain lists all",
			name, strings.Join(findings.NearestName(name, 3), ", "))
	}
	p.Line("%s (a word)", w.Name)
	p.Wrap(text.Columns, "", w.Text)
	p.Line("\nWhat to do")
	p.Wrap(text.Columns, "", w.Do)
	return p.Err()
}

// families say where the evidence for a family's findings comes from.
var families = map[findings.Family]string{
	findings.Data:    "seen in the files alone",
	findings.Trainer: "made of the files by the trainer's loader and anchors",
	findings.Label:   "a detector contradicts the annotations",
}

// listCodes prints the catalogue, the reasons and the words, a code a row under a heading for each family and severity.
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
	p.Line("\nwords: what the program means by them, and by others for the same")
	for _, w := range findings.Words() {
		row(w.Name, strings.ReplaceAll(strings.Join(w.Aliases, ", "), "-", " "))
	}
	return p.Err()
}
