package verdict

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"focalaudit/pkg/findings"
	"focalaudit/pkg/gate"
	"focalaudit/pkg/text"
)

// plain prints a verdict to a terminal: the policy, a line for each rule with what it measured, and
// the first findings that a rule that fails counts.
func plain(w io.Writer, v *gate.Verdict, o Options) error {
	p := text.NewLines(w)
	if o.Policy != "" {
		p.Wrap(text.Columns, "policy   ", o.Policy)
	}
	was := false
	for i := range v.Rules {
		r := &v.Rules[i]
		was = was || r.Was
		p.Wrap(text.Columns, fmt.Sprintf("gate     %-5s ", marks[r.Status]), line(r))
		switch r.Status {
		case gate.Fail:
			parts(p, r, maxListed)
			list(p, r.Findings, maxListed)
			for _, fix := range fixes(first(r.Findings, maxListed)) {
				p.Wrap(text.Columns, "           ", fix)
			}
		case gate.Warn:
			parts(p, r, maxWarned)
			list(p, r.Findings, maxWarned)
		}
	}
	for i := range v.Waivers {
		p.Wrap(text.Columns, "waived   ", held(&v.Waivers[i]))
	}
	if f := waivable(v); f != nil && f.Fingerprint != "" && o.Report != "" {
		p.Wrap(text.Columns, "         ", "To accept a finding for some time, put a waiver under gate: waivers: of the "+
			"policy. That of the first "+f.Code+":")
		source := ""
		if f.OfFile() {
			source = ", source: " + strconv.Quote(f.Source)
		}
		p.Line("           - {fingerprint: %s%s, until: YYYY-MM-DD, reason: WHY}", f.Fingerprint, source)
		p.Wrap(text.Columns, "         ", "Other fingerprints: analyze show "+o.Report+" --columns fingerprint,code,message")
	}
	if was && o.again() != "" {
		p.Wrap(text.Columns, "         ", o.ways())
	}
	if v.Moved != nil {
		p.Wrap(text.Columns, "         ", fmt.Sprintf("%s of the baseline matched under other names: %s",
			text.Plural(v.Moved.Findings, "finding"), v.Moved.String()))
	}
	p.Wrap(text.Columns, "gate     ", fmt.Sprintf("%s: %s", v.Status, totals(v)))
	for _, hint := range o.hints(v) {
		p.Wrap(text.Columns, "         ", hint)
	}
	return p.Err()
}

// parts prints what a rule compared of the first classes or sources that it is true of.
func parts(p *text.Lines, of *gate.Outcome, most int) {
	for _, part := range of.Parts[:min(len(of.Parts), most)] {
		p.Wrap(text.Columns, "           ", part)
	}
}

// list prints the first findings that a rule counts, at most so many, and how many more there are.
func list(p *text.Lines, of []*gate.Finding, most int) {
	for _, f := range first(of, most) {
		where := ""
		if f.Source != "" && !strings.HasPrefix(f.Message, f.Source+": ") {
			where = f.Source + ": "
		}
		p.Wrap(text.Columns, "           ", f.Code+": "+where+text.Clip(inImage(f), maxMessage))
	}
	if len(of) > most {
		p.Line("           … and %s more", text.Group(int64(len(of)-most)))
	}
}

// inImage returns the message of a finding behind the name of its image, which annotators know it by.
func inImage(f *gate.Finding) string {
	if f.File == "" || strings.Contains(f.Message, f.File) {
		return f.Told()
	}
	return "image " + text.InLine(f.File) + ": " + f.Told()
}

// maxMessage bounds a finding's message in text. It is longer than any that has names of usual length: a message
// that is cut loses the record or the action, which stand at its end.
const maxMessage = 600

// totals says how many findings there are, and which of them do not count.
func totals(v *gate.Verdict) string {
	c := &v.Counts
	parts := []string{text.Plural(c.Total, "finding") + severities(c.BySeverity)}
	of := func(n int, what string) {
		if n > 0 {
			parts = append(parts, text.Group(int64(n))+" "+what)
		}
	}
	of(c.Waived, "waived")
	of(c.Reviewed, "reviewed and kept")
	if v.Baseline {
		parts = append(parts, text.Group(int64(c.Known))+" already in the baseline")
		if s := severities(c.NewSeverity); s != "" {
			parts = append(parts, text.Group(int64(c.Total-c.Waived-c.Reviewed-c.Known))+" new"+s)
		} else {
			parts = append(parts, "none new")
		}
		if v.Subject == nil || len(v.Subject.Refused) == 0 { // else they may be in what could not be read
			of(c.Gone, "of the baseline gone"+withRecords(c))
		}
	}
	return strings.Join(parts, ", ")
}

// withRecords says in brackets how many findings of the baseline are gone with their records, "" where none is or
// nobody can tell.
func withRecords(c *gate.Counts) string {
	if c.Deleted == nil || *c.Deleted == 0 {
		return ""
	}
	return " (" + text.Group(int64(*c.Deleted)) + " " + gate.WithRecords(*c.Deleted) + ")"
}

// severities says in brackets how many findings have each severity, "" if nothing is known of that.
func severities(of map[string]int) string {
	var parts []string
	for _, s := range []findings.Severity{findings.Error, findings.Warning, findings.Info} {
		if n := of[s.String()]; n > 0 {
			parts = append(parts, text.Plural(n, s.String()))
		}
	}
	if parts == nil {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// marks are the statuses in text.
var marks = map[gate.Status]string{gate.Pass: "ok", gate.Warn: "warn", gate.Fail: "FAIL", gate.Undecided: "?"}
