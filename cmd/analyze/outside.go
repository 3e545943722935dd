package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"focalaudit/pkg/part"
	"focalaudit/pkg/report"
	"focalaudit/pkg/text"
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

// unquoted are words that a shell takes as they stand. One that begins with = is a command's path to zsh.
var unquoted = regexp.MustCompile(`^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$`)

// shell returns words as a POSIX shell reads them. They pass Printable unchanged: what it would map stands there as
// octal digits, which shells read within $'…' (POSIX.1-2024).
func shell(words ...string) string {
	out := make([]string, len(words))
	for i, w := range words {
		switch {
		case text.InLine(w) != w:
			out[i] = "$'" + octal(w) + "'"
		case unquoted.MatchString(w):
			out[i] = w
		default:
			out[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(out, " ")
}

// octal writes a word within $'…'.
func octal(w string) string {
	var b strings.Builder
	for len(w) > 0 {
		r, n := utf8.DecodeRuneInString(w)
		of := w[:n]
		if strings.ContainsRune(`'\[`, r) || text.InLine(of) != of || r == utf8.RuneError {
			for _, c := range []byte(of) {
				fmt.Fprintf(&b, `\%03o`, c)
			}
		} else {
			b.WriteString(of)
		}
		w = w[n:]
	}
	return b.String()
}

// places are paths as arguments of a command, none of which looks like a flag.
func places(paths ...string) []string {
	out := slices.Clone(paths)
	for i, p := range out {
		if strings.HasPrefix(p, "-") {
			out[i] = "./" + p
		}
	}
	return out
}

// unbroken are words for a text that is wrapped: no line ends within a word.
func unbroken(words ...string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = strings.ReplaceAll(shell(w), " ", text.NoBreak)
	}
	return strings.Join(out, " ")
}
