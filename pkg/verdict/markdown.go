package verdict

import (
	"io"

	"focalaudit/pkg/findings"
	"focalaudit/pkg/gate"
	"focalaudit/pkg/text"
)

// markdown writes a verdict as Markdown: GitHub's job summary.
func markdown(w io.Writer, v *gate.Verdict, _ Options) error {
	p := text.NewLines(w)
	p.Line("## focalaudit: %s\n", v.Status)
	p.Line("| rule | status | compared |\n|---|---|---|")
	for _, o := range v.Rules {
		p.Line("| %s | %s | %s |", text.Cell(o.Title), o.Status, text.Cell(detail(&o)))
	}
	p.Line("\n%s.\n", totals(v))
	if v.Moved != nil {
		p.Line("%s of the baseline matched under other names: %s.\n",
			text.Plural(v.Moved.Findings, "finding"), text.Cell(v.Moved.String()))
	}
	for i := range v.Waivers {
		p.Line("- waived: %s", text.Cell(held(&v.Waivers[i])))
	}
	if len(v.Waivers) > 0 {
		p.Line("")
	}
	shown := 0
	var told []*gate.Finding
	for i := range v.Findings {
		f := &v.Findings[i]
		if !f.Counts(v.OnlyNew) || f.Severity() == findings.Info {
			continue
		}
		if shown++; shown == 1 {
			p.Line("| rank | severity | code | image | finding |\n|--:|---|---|---|---|")
		}
		if shown > maxWorst {
			p.Line("\nThe first %d are shown.", maxWorst)
			break
		}
		p.Line("| %d | %s | %s | %s | %s |", f.Rank, f.Severity(), text.Cell(f.Code), text.Cell(f.File), text.Cell(f.Told()))
		told = append(told, f)
	}
	for i, fix := range fixes(told) {
		if i == 0 {
			p.Line("")
		}
		p.Line("- %s", text.Cell(fix))
	}
	return p.Err()
}
