package verdict

import (
	"io"

	"focalaudit/pkg/gate"
	"focalaudit/pkg/text"
)

// plain prints a verdict to a terminal, a line for each rule.
func plain(w io.Writer, v *gate.Verdict, _ Options) error {
	p := text.NewLines(w)
	for _, o := range v.Rules {
		p.Line("gate     %-4s %s%s", marks[o.Status], text.InLine(o.Name), text.Printable(detail(&o)))
	}
	if v.Moved != nil {
		p.Line("gate     %s of the baseline matched under other names: %s",
			text.Plural(v.Moved.Findings, "finding"), text.Printable(v.Moved.String()))
	}
	c := &v.Counts
	p.Line("gate     %s: %s, %d waived, %d known, %d gone", v.Status, text.Plural(c.Total, "finding"), c.Waived,
		c.Known, c.Gone)
	return p.Err()
}

// marks are the statuses in text.
var marks = map[gate.Status]string{gate.Pass: "ok", gate.Warn: "warn", gate.Fail: "FAIL", gate.Undecided: "?"}
