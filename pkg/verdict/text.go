package verdict

import (
	"fmt"
	"io"
	"strings"

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
	for i := range v.Rules {
		r := &v.Rules[i]
		p.Wrap(text.Columns, fmt.Sprintf("gate     %-5s ", marks[r.Status]), line(r))
		switch r.Status {
		case gate.Fail:
			list(p, r.Findings, maxListed)
			for _, fix := range fixes(r.Findings, maxListed) {
				p.Wrap(text.Columns, "           ", fix)
			}
		case gate.Warn:
			list(p, r.Findings, maxWarned)
		}
	}
	if v.Moved != nil {
		p.Wrap(text.Columns, "         ", fmt.Sprintf("%s of the baseline matched under other names: %s",
			text.Plural(v.Moved.Findings, "finding"), v.Moved.String()))
	}
	p.Wrap(text.Columns, "gate     ", fmt.Sprintf("%s: %s", v.Status, totals(v)))
	return p.Err()
}

// list prints the first findings that a rule counts, at most so many, and how many more there are.
func list(p *text.Lines, of []*gate.Finding, most int) {
	for i, f := range of {
		if i == most {
			p.Line("           … and %s more", text.Group(int64(len(of)-most)))
			return
		}
		where := ""
		if f.Source != "" && !strings.HasPrefix(f.Message, f.Source+": ") {
			where = f.Source + ": "
		}
		if f.File != "" && !strings.HasPrefix(f.Message, "image ") {
			where += "image " + f.File + ": "
		}
		p.Wrap(text.Columns, "           ", f.Code+": "+where+text.Clip(f.Told(), maxMessage))
	}
}

// maxMessage bounds a finding's message in text. It is longer than any that has names of usual length: a message
// that is cut loses the record or the action, which stand at its end.
const maxMessage = 600

// totals says how many findings there are, and which of them do not count.
func totals(v *gate.Verdict) string {
	c := &v.Counts
	parts := []string{text.Plural(c.Total, "finding")}
	of := func(n int, what string) {
		if n > 0 {
			parts = append(parts, text.Group(int64(n))+" "+what)
		}
	}
	of(c.Waived, "waived")
	of(c.Reviewed, "reviewed and kept")
	if v.Baseline {
		parts = append(parts, text.Group(int64(c.Known))+" already in the baseline")
		of(c.Gone, "of the baseline fixed")
	}
	return strings.Join(parts, ", ")
}

// marks are the statuses in text.
var marks = map[gate.Status]string{gate.Pass: "ok", gate.Warn: "warn", gate.Fail: "FAIL", gate.Undecided: "?"}
