// Package verdict writes the verdict of the gate in the formats of others: for the
// terminal, code scanning and CI servers.
//
//  1. Formats lists them, one entry a format: the flag that asks for it, where it goes,
//     and what writes it.
//  2. Every format is a file of this package: text.go, sarif.go, junit.go, json.go,
//     github.go, markdown.go. They share the details of a rule and the choice of the
//     findings that count (below).
//
// An earlier file of a format is known by its content (former.go), so that no other is
// written over.
//
// A new format is an entry of Formats and its file: the command declares its flag, checks
// its target and writes it because it is in the list.
package verdict

import (
	"cmp"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"focalaudit/pkg/findings"
	"focalaudit/pkg/gate"
	"focalaudit/pkg/text"
)

// Options are what formats need beside the verdict.
type Options struct {
	Prefix  string            // path from the repository's root to the annotation files
	Paths   map[string]string // from the repository's root, by the source; one that is not in it is below Prefix
	Version string            // of the program
	Policy  string            // which one it was, for people; "" if nobody says

	// Report and Baseline are the directories, as words for a shell; "" if nobody says, or there is no baseline.
	Report, Baseline string
}

// path returns the path of a source from the repository's root.
func (o *Options) path(source string) string {
	if p, ok := o.Paths[source]; ok {
		return p
	}
	return path.Join(o.Prefix, source)
}

// Format is a way to write a verdict.
type Format struct {
	Flag  string // asks for it; "" if it is written without being asked for
	Usage string // of the flag; "" if the flag belongs to an earlier format
	To    Target
	Env   string // of AppendEnv: the environment variable

	Columns bool // it names the columns of findings
	Places  bool // it names the annotation files by their paths in the repository

	// Kind is a word for the files of File; Former reports whether the content of one is
	// that of an earlier run.
	Kind   string
	Former func(content io.Reader) bool

	Write func(w io.Writer, v *gate.Verdict, o Options) error
}

// Target is where a format goes.
type Target uint8

// The targets.
const (
	// File is the file that the flag names.
	File Target = iota

	// Output is the command's output; the flag is a switch.
	Output

	// AppendEnv is the end of the file that an environment variable names, where it is
	// set; the flag is a switch.
	AppendEnv
)

// formats are in the order of their flags; what goes to the output is printed in this
// order too.
var formats = []Format{
	{Flag: "sarif", To: File, Write: sarif, Columns: true, Places: true, Kind: "SARIF file", Former: formerSARIF,
		Usage: "file for the findings as SARIF 2.1.0; this and the next ones imply the gate"},
	{Flag: "junit", To: File, Write: junit, Usage: "file for the rules as JUnit XML",
		Kind: "JUnit file", Former: formerJUnit},
	{Flag: "json", To: File, Write: asJSON, Usage: "file for the verdict as JSON",
		Kind: "JSON file of a verdict", Former: formerJSON},
	{Flag: "github", To: Output, Write: github, Places: true,
		Usage: "print annotations for GitHub, and add to the job's summary"},
	{Flag: "github", To: AppendEnv, Env: "GITHUB_STEP_SUMMARY", Write: markdown},
	{To: Output, Write: plain},
}

// Formats returns all formats.
func Formats() []Format { return slices.Clone(formats) }

// line tells what became of a rule: rule "no errors": errors = 3, limit 0.
func line(o *gate.Outcome) string {
	if d := detail(o); d != "" {
		return text.InLine(o.Title) + ": " + d
	}
	return text.InLine(o.Title)
}

// detail says what of a rule is not in its title.
func detail(o *gate.Outcome) string {
	out := ""
	switch {
	case o.Unjudged:
		return o.Error
	case o.Measured != "":
		out = o.Measured
	case o.Each != "" && o.Rule != o.Name: // its name says what it is about
		if o.Status != gate.Pass {
			out = text.Clip(text.InLine(o.Rule), maxRule)
		}
	case o.Rule != o.Name:
		out = o.Rule
	}
	if n := len(o.Of); n > 0 {
		var of []string
		for _, name := range o.Of[:min(n, maxNamed)] {
			of = append(of, text.InLine(name))
		}
		if n > maxNamed {
			of = append(of, "…")
		}
		out += fmt.Sprintf(" (%d: %s)", n, strings.Join(of, ", "))
	}
	if o.Error != "" {
		out += ": " + o.Error
	}
	return strings.TrimLeft(out, ": ")
}

// fix says what to do about a finding, "" if its message does, or its code is not in the catalogue.
func fix(f *gate.Finding) string {
	e, known := findings.Lookup(f.Code)
	if !known || e.Mends {
		return ""
	}
	return "What to do about " + f.Code + ": " + e.Fix
}

// fixes says once for each code of the findings what to do about it.
func fixes(of []*gate.Finding) (out []string) {
	for _, f := range of {
		if s := fix(f); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// again is the command that makes the report the baseline, "" if nobody says.
func (o *Options) again() string {
	if o.Report == "" || o.Baseline == "" {
		return ""
	}
	return "analyze baseline " + o.Report + " -o " + o.Baseline
}

// fingerprint names a finding for a waiver, "" if it has none.
func fingerprint(f *gate.Finding) string {
	if f.Fingerprint == "" {
		return ""
	}
	return "fingerprint: " + text.InLine(f.Fingerprint)
}

// held says what a waiver takes out, why and until when: 1 box-empty, until 2027-06-30: the mast has no width.
func held(w *gate.Waived) string {
	files := ""
	if w.Files != "" {
		files = ", files " + w.Files
	}
	n := text.Group(int64(w.Findings))
	return text.InLine(fmt.Sprintf("%s %s%s, until %s: %s", n, w.Code, files, w.Until, w.Reason))
}

// waivable returns the first finding for which a rule fails, nil if there is none.
func waivable(v *gate.Verdict) *gate.Finding {
	for i := range v.Rules {
		if r := &v.Rules[i]; r.Status == gate.Fail && len(r.Findings) > 0 {
			return r.Findings[0]
		}
	}
	return nil
}

// ways are the two ways out of a rule that compares with the baseline.
func (o *Options) ways() string {
	return "Bring back what the rule misses, or, if the change is meant, write the baseline anew: " + o.again()
}

// hints say what to do about findings that are in one of report and baseline only, where the report passes.
func (o *Options) hints(v *gate.Verdict) (out []string) {
	if o.again() == "" || v.Former == nil || v.Status != gate.Pass && v.Status != gate.Warn {
		return nil
	}
	if len(v.Counts.NewSeverity) > 0 {
		out = append(out, "New findings are listed by analyze diff "+o.Baseline+" "+o.Report)
	}
	if v.Counts.Gone > 0 && len(v.Subject.Refused) == 0 {
		out = append(out, "Findings that are gone pass if they come back, until the baseline is written anew: "+o.again())
	}
	return out
}

// first returns the findings to show of those that a rule counts, at most so many, in their order: one of each code
// before the second one of any.
func first(of []*gate.Finding, most int) []*gate.Finding {
	if len(of) <= most {
		return of
	}
	seen, at := map[string]int{}, make([]int, 0, len(of)) // how many of a code stand before; the findings by that
	before := make([]int, len(of))
	for i, f := range of {
		before[i] = seen[f.Code]
		seen[f.Code]++
		at = append(at, i)
	}
	slices.SortStableFunc(at, func(a, b int) int { return cmp.Compare(min(before[a], 1), min(before[b], 1)) })
	at = at[:most]
	slices.Sort(at)
	out := make([]*gate.Finding, most)
	for i, k := range at {
		out[i] = of[k]
	}
	return out
}

// maxRule is how much of a rule stands beside its name: a list of names may be long.
const maxRule = 120

// maxNamed is how many classes or sources a rule names in text.
const maxNamed = 5

// maxWorst is how many findings JUnit and Markdown show, of a rule and in all; maxListed is how many
// of a rule that fails stand in text, maxWarned of one that warns.
const maxWorst, maxListed, maxWarned = 20, 10, 5
