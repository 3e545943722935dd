package verdict

import (
	"fmt"
	"io"
	"slices"
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
			message := told(&r)
			if r.Was && o.again() != "" {
				message += "\n" + strings.ReplaceAll(o.ways(), text.NoBreak, " ")
			}
			p.Line("::%s %stitle=%s::%s", level, at(v, &r, &o), property("focalaudit: "+r.Title), escape(message))
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
			property(f.Code), escape(strings.Join(slices.DeleteFunc([]string{inImage(f), fix(f), fingerprint(f)},
				func(s string) bool { return s == "" }), "\n")))
	}
	return p.Err()
}

// at is where GitHub shows a rule: at the file that could not be read, at the first finding that the rule counts, or in
// the first file that it is true of; "" if no file is known.
func at(v *gate.Verdict, r *gate.Outcome, o *Options) string {
	file, line := r.File, r.Line
	for _, f := range r.Findings {
		if file == "" && f.Source != "" {
			file, line = f.Source, f.Line
		}
	}
	if file == "" && slices.ContainsFunc(v.Sources, func(s gate.Source) bool { return s.Name == r.Source }) {
		file = r.Source
	}
	if file == "" {
		return ""
	}
	return fmt.Sprintf("file=%s,line=%d,", property(o.path(file)), max(1, line))
}

// told says what became of a rule that does not pass, and what it compared.
func told(o *gate.Outcome) string {
	what := map[gate.Status]string{gate.Warn: "warns", gate.Fail: "failed", gate.Undecided: "is not decided"}[o.Status]
	d := detail(o)
	if len(o.Parts) > 0 {
		d = strings.TrimSpace(parted(o, maxListed))
		if more := len(o.Of) - maxListed; more > 0 {
			d += fmt.Sprintf("\n… and %s more", text.Group(int64(more)))
		}
	}
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
