package verdict

import (
	"fmt"
	"io"
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
	for i := range v.Rules {
		r := &v.Rules[i]
		p.Wrap(text.Columns, fmt.Sprintf("gate     %-5s ", marks[r.Status]), line(r))
		if r.Status == gate.Fail {
			list(p, r.Findings)
			mend(p, r.Findings)
		}
	}
	if v.Moved != nil {
		p.Wrap(text.Columns, "         ", fmt.Sprintf("%s of the baseline matched under other names: %s",
			text.Plural(v.Moved.Findings, "finding"), v.Moved.String()))
	}
	p.Wrap(text.Columns, "gate     ", fmt.Sprintf("%s: %s", v.Status, totals(v)))
	return p.Err()
}

// list prints the first findings that a rule counts, and how many more there are.
func list(p *text.Lines, of []*gate.Finding) {
	for i, f := range of {
		if i == maxListed {
			p.Line("           … and %s more", text.Group(int64(len(of)-maxListed)))
			return
		}
		where := ""
		if f.Source != "" {
			where = f.Source + ": "
		}
		if f.File != "" && !strings.HasPrefix(f.Message, "image ") {
			where += "image " + f.File + ": "
		}
		p.Wrap(text.Columns, "           ", f.Code+": "+where+text.Clip(f.Message, maxMessage))
	}
}

// mend says once for each code of the findings that are listed what to do about it.
func mend(p *text.Lines, of []*gate.Finding) {
	told := map[string]bool{}
	for _, f := range of[:min(len(of), maxListed)] {
		if e, known := findings.Lookup(f.Code); known && !told[f.Code] {
			p.Wrap(text.Columns, "           ", "What to do about "+f.Code+": "+e.Fix)
			told[f.Code] = true
		}
	}
}

// maxMessage is how much of a finding's message stands in text.
const maxMessage = 120

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
