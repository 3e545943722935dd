package verdict

import (
	"fmt"
	"io"
	"strings"

	"focalaudit/pkg/findings"
	"focalaudit/pkg/gate"
	"focalaudit/pkg/text"
)

// maxAnnotations is how many annotations of one level GitHub shows for a step.
const maxAnnotations = 10

// github writes GitHub's workflow commands: an annotation of a file's line for the
// first findings that count, and one for each rule that does not pass.
func github(w io.Writer, v *gate.Verdict, o Options) error {
	p := text.NewLines(w)
	for _, r := range v.Rules {
		level := map[gate.Status]string{gate.Warn: "warning", gate.Fail: "error", gate.Undecided: "error"}[r.Status]
		if level != "" {
			where := ""
			if r.File != "" {
				where = fmt.Sprintf("file=%s,line=%d,", property(o.path(r.File)), max(1, r.Line))
			}
			p.Line("::%s %stitle=%s::%s", level, where, property("focalaudit: "+r.Title), escape(told(&r)))
		}
	}
	shown := map[findings.Severity]int{}
	for i := range v.Findings {
		f := &v.Findings[i]
		s := f.Severity()
		if !f.Counts(v.OnlyNew) || s == findings.Info || f.Source == "" || shown[s] >= maxAnnotations {
			continue
		}
		shown[s]++
		p.Line("::%s file=%s,line=%d,title=%s::%s", s, property(o.path(f.Source)), max(1, f.Line),
			property(f.Code), escape(strings.TrimSpace(inImage(f)+"\n"+fix(f))))
	}
	return p.Err()
}

// told says what became of a rule that does not pass, and what it compared.
func told(o *gate.Outcome) string {
	what := map[gate.Status]string{gate.Warn: "warns", gate.Fail: "failed", gate.Undecided: "is not decided"}[o.Status]
	d := detail(o)
	switch {
	case o.File != "":
		return d
	case d != "":
		return what + ": " + d
	}
	return what
}

// escape writes the text of a workflow command.
func escape(s string) string {
	return strings.NewReplacer("%", "%25", "\n", "%0A").Replace(text.Printable(s))
}

// property writes the text of a property of a workflow command.
func property(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(escape(s))
}
