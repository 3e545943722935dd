package report

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"path"
	"strings"

	"focalaudit/pkg/findings"
	"focalaudit/pkg/gate"
)

// VerdictText prints a verdict to a terminal, a line for each rule.
func VerdictText(w io.Writer, v *gate.Verdict) error {
	p := &printer{w: w}
	for _, o := range v.Rules {
		p.line("gate     %-4s %s%s", mark(o.Status), Printable(o.Name), Printable(detail(&o)))
	}
	c := &v.Counts
	p.line("gate     %s: %s, %d waived, %d known, %d gone", v.Status, plural(c.Total, "finding"), c.Waived, c.Known, c.Gone)
	return p.err
}

func mark(s gate.Status) string {
	return map[gate.Status]string{gate.Pass: "ok", gate.Warn: "warn", gate.Fail: "FAIL", gate.Undecided: "?"}[s]
}

// detail says what of a rule is not in its name.
func detail(o *gate.Outcome) string {
	out := ""
	if o.Rule != o.Name {
		out = ": " + o.Rule
	}
	if n := len(o.Of); n > 0 {
		of := o.Of
		if n > maxNamed {
			of = append(of[:maxNamed:maxNamed], "…")
		}
		out += fmt.Sprintf(" (%d: %s)", n, strings.Join(of, ", "))
	}
	if o.Error != "" {
		out += ": " + o.Error
	}
	return out
}

// maxNamed is how many classes or sources a rule names in text.
const maxNamed = 5

// VerdictJSON writes a verdict as JSON.
func VerdictJSON(w io.Writer, v *gate.Verdict) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// The elements of JUnit's XML, as CI servers read it.
type junitSuites struct {
	XMLName xml.Name     `xml:"testsuites"`
	Suites  []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Failure *junitMessage `xml:"failure"`
	Error   *junitMessage `xml:"error"`
	Out     string        `xml:"system-out,omitempty"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// VerdictJUnit writes a verdict as JUnit XML: a case for each rule. One that warns
// passes, with a line of output.
func VerdictJUnit(w io.Writer, v *gate.Verdict) error {
	s := junitSuite{Name: "focalaudit"}
	for _, o := range v.Rules {
		c := junitCase{Class: "focalaudit.gate", Name: Printable(o.Name)}
		text := Printable(strings.TrimPrefix(detail(&o), ": "))
		switch o.Status {
		case gate.Fail:
			s.Failures++
			c.Failure = &junitMessage{Message: text, Text: worstOf(v)}
		case gate.Undecided:
			s.Errors++
			c.Error = &junitMessage{Message: text}
		case gate.Warn:
			c.Out = "warning: " + text
		}
		s.Cases = append(s.Cases, c)
	}
	s.Tests = len(s.Cases)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(junitSuites{Suites: []junitSuite{s}}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// worstOf lists the first findings that count.
func worstOf(v *gate.Verdict) string {
	var b strings.Builder
	n := 0
	for i := range v.Findings {
		if f := &v.Findings[i]; counts(f, v) {
			if n++; n > 20 {
				b.WriteString("…\n")
				break
			}
			fmt.Fprintf(&b, "%s %s %s: %s\n", f.Severity(), f.Code, Printable(f.Source), Printable(f.Message))
		}
	}
	return b.String()
}

// counts reports whether rules count a finding: it is not waived, and new if only
// new ones are counted.
func counts(f *gate.Finding, v *gate.Verdict) bool {
	return f.Waived == nil && (f.New || !v.OnlyNew)
}

// The numbers of annotations of one level that GitHub shows for a step.
const maxAnnotations = 10

// VerdictGitHub writes GitHub's workflow commands: an annotation of a file's line
// for the first findings that count, and one for each rule that does not pass.
// prefix leads from the repository's root to the sources.
func VerdictGitHub(w io.Writer, v *gate.Verdict, prefix string) error {
	p := &printer{w: w}
	for _, o := range v.Rules {
		level := map[gate.Status]string{gate.Warn: "warning", gate.Fail: "error", gate.Undecided: "error"}[o.Status]
		if level != "" {
			p.line("::%s title=%s::%s", level, property("focalaudit: "+o.Name), escape(strings.TrimPrefix(detail(&o), ": ")))
		}
	}
	shown := map[findings.Severity]int{}
	for i := range v.Findings {
		f := &v.Findings[i]
		s := f.Severity()
		if !counts(f, v) || s == findings.Info || f.Source == "" || shown[s] >= maxAnnotations {
			continue
		}
		shown[s]++
		p.line("::%s file=%s,line=%d,title=%s::%s", s, property(path.Join(prefix, f.Source)), max(1, f.Line), property(f.Code), escape(f.Message))
	}
	return p.err
}

// escape writes the text of a workflow command; property that of one of its
// properties.
func escape(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func property(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(escape(s))
}

// VerdictMarkdown writes a verdict as Markdown: GitHub's job summary.
func VerdictMarkdown(w io.Writer, v *gate.Verdict) error {
	p := &printer{w: w}
	p.line("## focalaudit: %s\n", v.Status)
	p.line("| rule | status | |\n|---|---|---|")
	for _, o := range v.Rules {
		p.line("| %s | %s | %s |", cell(o.Name), o.Status, cell(strings.TrimPrefix(detail(&o), ": ")))
	}
	c := &v.Counts
	p.line("\n%s: %d waived, %d in the baseline, %d of the baseline gone.\n", plural(c.Total, "finding"), c.Waived, c.Known, c.Gone)
	shown := 0
	for i := range v.Findings {
		f := &v.Findings[i]
		if !counts(f, v) || f.Severity() == findings.Info {
			continue
		}
		if shown++; shown == 1 {
			p.line("| rank | severity | code | image | finding |\n|--:|---|---|---|---|")
		}
		if shown > 20 {
			p.line("\nThe first 20 are shown.")
			break
		}
		p.line("| %d | %s | %s | %s | %s |", f.Rank, f.Severity(), f.Code, cell(f.File), cell(f.Message))
	}
	return p.err
}

// cell writes text as a cell of a Markdown table: names from data sets are never
// markup.
func cell(s string) string {
	s = strings.ReplaceAll(Printable(s), "\n", " ")
	return strings.NewReplacer(`\`, `\\`, "|", `\|`, "<", "&lt;", ">", "&gt;", "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "]", `\]`, "@", "@&#8203;").Replace(s)
}
