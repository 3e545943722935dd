package show

import (
	"fmt"
	"io"
	"math"

	"focalaudit/pkg/gate"
	"focalaudit/pkg/text"
)

// DiffMarkdown writes a comparison as Markdown: the metrics that changed, the
// findings that are new or gone.
func DiffMarkdown(w io.Writer, d *gate.Difference) error {
	p := newPrinter(w)
	p.Line("## What changed\n")
	if d.Presets[0] != d.Presets[1] {
		p.Line("The presets differ, %s before and %s now: metrics are not comparable.\n",
			text.Cell(d.Presets[0]), text.Cell(d.Presets[1]))
	}
	p.Line("%s, %s (before: %s, %s). Findings: %d new, %d gone, %d kept.\n",
		text.Plural(d.NewSize[0], "image"), text.Plural(d.NewSize[1], "annotation"),
		text.Plural(d.OldSize[0], "image"), text.Plural(d.OldSize[1], "annotation"),
		len(d.New), len(d.Gone), len(d.Kept))
	if d.Moved != nil {
		p.Line("%s matched under other names: %s.\n",
			text.Plural(d.Moved.Findings, "finding"), text.Cell(d.Moved.String()))
	}
	first := true
	for _, m := range d.Metrics {
		if !m.Changed() {
			continue
		}
		if first {
			p.Line("| scores | metric | before | now | change |\n|---|---|--:|--:|--:|")
			first = false
		}
		p.Line("| %s | %s | %s | %s | %s |", text.Cell(m.Scores), text.Cell(m.Metric),
			figure(m.Old), figure(m.New), change(m))
	}
	for _, part := range []struct {
		title string
		of    []gate.Finding
	}{{"New", d.New}, {"Gone", d.Gone}} {
		if len(part.of) == 0 {
			continue
		}
		p.Line("\n### %s\n\n| severity | code | image | finding |\n|---|---|---|---|", part.title)
		for i := range part.of {
			if i == maxDiff {
				p.Line("\n… and %d more", len(part.of)-maxDiff)
				break
			}
			f := &part.of[i]
			p.Line("| %s | %s | %s | %s |", f.Severity(), text.Cell(f.Code), text.Cell(f.File), text.Cell(f.Message))
		}
	}
	return p.Err()
}

// maxDiff is how many findings Markdown and text show of a sort.
const maxDiff = 50

func figure(x *float64) string {
	if x == nil {
		return "-"
	}
	return fmt.Sprintf("%.6g", *x)
}

// change is a metric's change in percent, or absolute from 0.
func change(m gate.MetricChange) string {
	switch {
	case m.Old == nil || m.New == nil:
		return ""
	case *m.Old == 0:
		return fmt.Sprintf("%+.4g", *m.New)
	}
	return fmt.Sprintf("%+.3g %%", 100*(*m.New-*m.Old)/math.Abs(*m.Old))
}

// DiffText prints a comparison to a terminal.
func DiffText(w io.Writer, d *gate.Difference) error {
	p := newPrinter(w)
	p.Line("read     %s, %s; before %s, %s",
		text.Plural(d.NewSize[0], "image"), text.Plural(d.NewSize[1], "annotation"),
		text.Plural(d.OldSize[0], "image"), text.Plural(d.OldSize[1], "annotation"))
	if d.Presets[0] != d.Presets[1] {
		p.Line("preset   %s -> %s: metrics are not comparable",
			text.InLine(d.Presets[0]), text.InLine(d.Presets[1]))
	}
	for _, m := range d.Metrics {
		if m.Changed() {
			p.Line("metric   %-12s %-32s %12s -> %-12s %s", text.Clip(m.Scores, 12), text.InLine(m.Metric),
				figure(m.Old), figure(m.New), change(m))
		}
	}
	p.Line("findings %d new, %d gone, %d kept", len(d.New), len(d.Gone), len(d.Kept))
	if d.Moved != nil {
		p.Line("         %s matched under other names: %s",
			text.Plural(d.Moved.Findings, "finding"), text.Printable(d.Moved.String()))
	}
	p.list("+", d.New)
	p.list("-", d.Gone)
	return p.Err()
}

func (p *printer) list(sign string, of []gate.Finding) {
	for i := range of {
		if i == maxDiff {
			p.Line("  %s … and %d more", sign, len(of)-maxDiff)
			return
		}
		p.Line("  %s %-7s %-24s %s", sign, of[i].Severity(), text.InLine(of[i].Code), text.Clip(of[i].Message, 110))
	}
}
