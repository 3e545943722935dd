package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"focalaudit/pkg/part"
	"focalaudit/pkg/report"
)

// outsideReports reports an output of a command that lies in a report or a part of one: the next run into that
// directory would find a stranger there.
func outsideReports(cmd *cobra.Command) error {
	flag := cmd.Flags().Lookup("output")
	if flag == nil || flag.Value.String() == "" {
		return nil
	}
	out, err := behindLinks(flag.Value.String())
	if err != nil {
		return err
	}
	for dir := filepath.Dir(out); ; dir = filepath.Dir(dir) {
		if part.Is(dir) {
			return fmt.Errorf("-o %s lies in %s, which is a part of a report: name another directory",
				flag.Value.String(), dir)
		}
		if s, err := report.ReadSummary(dir); err == nil && s.Program.Schema > 0 { // other programs have a summary.json too
			return fmt.Errorf("-o %s lies in %s, which is a report, or a baseline: name another directory",
				flag.Value.String(), dir)
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}

// unquoted are words that a shell takes as they stand.
var unquoted = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)

// shell returns words as a POSIX shell reads them.
func shell(words ...string) string {
	out := make([]string, len(words))
	for i, w := range words {
		if out[i] = w; !unquoted.MatchString(w) {
			out[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(out, " ")
}
