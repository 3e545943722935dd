package verdict

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"focalaudit/pkg/gate"
	"focalaudit/pkg/text"
)

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
	Skipped *junitMessage `xml:"skipped"`
	Out     string        `xml:"system-out,omitempty"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// junit writes a verdict as JUnit XML: a case for each rule. One that warns
// passes, with a line of output. A waiver that holds is a case that is skipped.
func junit(w io.Writer, v *gate.Verdict, o Options) error {
	s := junitSuite{Name: "focalaudit"}
	for _, r := range v.Rules {
		c := junitCase{Class: "focalaudit.gate", Name: text.InLine(r.Title)}
		message := line(&r)
		switch r.Status {
		case gate.Fail:
			s.Failures++
			c.Failure = &junitMessage{Message: message, Text: parted(&r, len(r.Parts)) + listed(r.Findings)}
			if r.Was && o.again() != "" {
				c.Failure.Text += strings.ReplaceAll(o.ways(), text.NoBreak, " ") + "\n"
			}
		case gate.Undecided:
			s.Errors++
			c.Error = &junitMessage{Message: message}
		case gate.Warn:
			c.Out = "warning: " + message + "\n" + parted(&r, len(r.Parts)) + listed(r.Findings)
		}
		s.Cases = append(s.Cases, c)
	}
	for i := range v.Waivers {
		w := &v.Waivers[i]
		s.Cases = append(s.Cases, junitCase{
			Class: "focalaudit.gate", Name: text.InLine("waiver of " + cmp.Or(w.Fingerprint, w.Code)),
			Skipped: &junitMessage{Message: held(w)},
		})
		s.Skipped++
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

// parted says what a rule compared of the first classes or sources that it is true of, at most so many.
func parted(o *gate.Outcome, most int) string {
	var b strings.Builder
	for _, part := range o.Parts[:min(len(o.Parts), most)] {
		fmt.Fprintln(&b, text.InLine(part))
	}
	return b.String()
}

// listed lists the first findings that a rule counts.
func listed(of []*gate.Finding) string {
	var b strings.Builder
	for _, f := range first(of, maxWorst) {
		fmt.Fprintf(&b, "%s %s %s: %s (%s)\n", f.Severity(), text.InLine(f.Code), text.InLine(f.Source),
			text.Printable(inImage(f)), fingerprint(f))
	}
	if len(of) > maxWorst {
		fmt.Fprintf(&b, "… and %s more\n", text.Group(int64(len(of)-maxWorst)))
	}
	for _, fix := range fixes(first(of, maxWorst)) {
		fmt.Fprintln(&b, fix)
	}
	return b.String()
}
