package show

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"focalaudit/pkg/gate"
	"focalaudit/pkg/text"
	"focalaudit/pkg/trainer"
)

// maxDiff is how many findings a comparison shows of a sort.
const maxDiff = 20

// traced divides suspects that are in one report only: those whose label was changed, with the wrong labels
// that were expected among them, and those whose label is in both reports.
func traced(of []gate.Finding) (touched int, expected float64, untouched int) {
	for i := range of {
		switch f := &of[i]; {
		case f.Untouched:
			untouched++
		case f.Traced:
			touched++
			expected += f.Score
		}
	}
	return touched, expected, untouched
}

// touched returns the findings that are no untouched suspects.
func touched(of []gate.Finding) []gate.Finding {
	return slices.DeleteFunc(slices.Clone(of), func(f gate.Finding) bool { return f.Untouched })
}

// leads are the sentences that a comparison begins with: what became of the labels and the
// findings, which settings are others, and what does not compare for that reason.
func leads(d *gate.Difference) []string {
	var out []string
	if a, b := d.Labels[0], d.Labels[1]; a != nil && b != nil {
		fixed, expected, left := traced(d.Gone)
		_, _, joined := traced(d.New)
		if fixed > 0 {
			out = append(out, fmt.Sprintf("%s corrected, deleted or labelled; %s of these labels were expected to be wrong",
				text.Plural(fixed, "suspect")+" "+was(fixed), text.Digits(expected)))
		}
		out = append(out, fmt.Sprintf("suspects %s; expected wrong labels %s; findings fixed %s, new %s",
			arrow(int64(a.Suspects), int64(b.Suspects)), arrow(whole(a.Wrong), whole(b.Wrong)),
			text.Group(int64(len(d.Gone)-left)), text.Group(int64(len(d.New)-joined))))
		if left+joined > 0 {
			out = append(out, fmt.Sprintf("the first two move with the model too, which learns anew from all labels in each "+
				"run: %s left the list and %s joined it though their labels are as they were. Decide on a list to its end before "+
				"you run again", text.Plural(left, "suspect"), text.Group(int64(joined))))
		}
		if a.Reviewed+b.Reviewed > 0 {
			out = append(out, fmt.Sprintf("reviewed and kept, not among the suspects: %s",
				arrow(int64(a.Reviewed), int64(b.Reviewed))))
		}
	} else {
		out = append(out, fmt.Sprintf("findings fixed %s, new %s", text.Group(int64(len(d.Gone))),
			text.Group(int64(len(d.New)))))
		switch {
		case a != nil:
			out = append(out, fmt.Sprintf("the labels were checked against a detector before only: suspects %s, expected "+
				"wrong labels %s", text.Group(int64(a.Suspects)), text.Group(whole(a.Wrong))))
		case b != nil:
			out = append(out, fmt.Sprintf("the labels are checked against a detector now only: suspects %s, expected wrong "+
				"labels %s", text.Group(int64(b.Suspects)), text.Group(whole(b.Wrong))))
		}
	}
	if len(d.Settings) > 0 {
		out = append(out, "other settings: "+strings.Join(d.Settings, ", ")+"; losses that do not compare are left out")
	}
	if d.Apart != [2]int{} {
		out = append(out, fmt.Sprintf("findings that do not compare, because the preset or the detector is another one: %s",
			arrow(int64(d.Apart[0]), int64(d.Apart[1]))))
	}
	if d.Presets[0] != d.Presets[1] {
		own := ""
		named := func(preset string) string {
			if slices.Contains(trainer.Names(), preset) {
				return preset
			}
			own = ", FILE being that of " + text.Printable(preset)
			return "FILE"
		}
		out = append(out, fmt.Sprintf("`analyze trainers PATH -a %s -a %s` compares the presets object by object%s",
			named(d.Presets[0]), named(d.Presets[1]), own))
	}
	for i, when := range []string{"before", "now"} {
		if len(d.Only[i]) > 0 {
			out = append(out, fmt.Sprintf("scores only %s: %s", when, text.Printable(strings.Join(d.Only[i], ", "))))
		}
	}
	return out
}

// was is the verb of a number of things in the past.
func was(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

func whole(x float64) int64 { return int64(math.Round(x)) }

// arrow writes a count before and now, once if it is the same.
func arrow(a, b int64) string {
	if a == b {
		return text.Group(a)
	}
	return text.Group(a) + " → " + text.Group(b)
}

// coverage returns the table of how objects are treated, with its heads; nil if one of the
// reports does not say.
func coverage(d *gate.Difference) [][]string {
	a, b := d.Coverage[0], d.Coverage[1]
	if len(a) == 0 || len(a) != len(b) {
		return nil
	}
	rows := [][]string{{"objects", "trained", "fallback only", "none", "left out"}}
	for i := range a {
		rows = append(rows, []string{
			a[i].Size, arrow(a[i].Trained, b[i].Trained), arrow(a[i].Fallback, b[i].Fallback), arrow(a[i].None, b[i].None),
			arrow(a[i].LeftOut, b[i].LeftOut),
		})
	}
	return rows
}

// DiffMarkdown writes a comparison as Markdown: what it means, how objects are treated, the metrics
// that changed, the findings that are new or fixed.
func DiffMarkdown(w io.Writer, d *gate.Difference) error {
	p := newPrinter(w)
	p.Line("## What changed\n")
	for _, lead := range leads(d) {
		p.Line("- %s", text.Cell(lead))
	}
	p.Line("\n%s, %s (before: %s, %s). Findings: %d new, %d fixed, %d unchanged.\n",
		text.Plural(d.NewSize[0], "image"), text.Plural(d.NewSize[1], "annotation"),
		text.Plural(d.OldSize[0], "image"), text.Plural(d.OldSize[1], "annotation"),
		len(touched(d.New)), len(touched(d.Gone)), len(d.Kept))
	if d.Moved != nil {
		p.Line("%s matched under other names: %s.\n",
			text.Plural(d.Moved.Findings, "finding"), text.Cell(d.Moved.String()))
	}
	for i, row := range coverage(d) {
		p.Line("| %s |", strings.Join(row, " | "))
		if i == 0 {
			p.Line("|---|--:|--:|--:|--:|")
		}
	}
	first := true
	for _, m := range d.Metrics {
		if !looksChanged(&m) {
			continue
		}
		if first {
			p.Line("\n| scores | metric | before | now | change |\n|---|---|--:|--:|--:|")
			first = false
		}
		p.Line("| %s | %s | %s | %s | %s |", text.Cell(m.Scores), text.Cell(m.Metric),
			figure(m.Metric, m.Old), figure(m.Metric, m.New), change(m))
	}
	for _, part := range []struct {
		title string
		of    []gate.Finding
	}{{"New", d.New}, {"Fixed", d.Gone}} {
		of := touched(part.of)
		if len(of) == 0 {
			continue
		}
		p.Line("\n### %s\n\n| severity | code | image | finding |\n|---|---|---|---|", part.title)
		for i := range of {
			if i == maxDiff {
				p.Line("\n… and %d more", len(of)-maxDiff)
				break
			}
			f := &of[i]
			p.Line("| %s | %s | %s | %s |", f.Severity(), text.Cell(f.Code), text.Cell(f.File), text.Cell(f.Told()))
		}
	}
	return p.Err()
}

// looksChanged reports whether a metric is another one, in the digits that are shown too.
func looksChanged(m *gate.MetricChange) bool {
	return m.Changed() && figure(m.Metric, m.Old) != figure(m.Metric, m.New)
}

// figure writes the value of a metric, shares as percentages.
func figure(metric string, x *float64) string {
	switch {
	case x == nil:
		return "-"
	case strings.Contains(metric, "_share") || strings.HasPrefix(metric, "estimated_wrong"):
		return text.Percent(*x)
	}
	return text.Digits(*x)
}

// change is a metric's change in percent, or absolute from 0.
func change(m gate.MetricChange) string {
	switch {
	case m.Old == nil || m.New == nil:
		return ""
	case *m.Old == 0:
		return signed(*m.New)
	}
	return signed(100*(*m.New-*m.Old)/math.Abs(*m.Old)) + " %"
}

// signed writes a number with its sign.
func signed(x float64) string {
	if x > 0 {
		return "+" + text.Digits(x)
	}
	return text.Digits(x)
}

// DiffText prints a comparison to a terminal.
func DiffText(w io.Writer, d *gate.Difference) error {
	p := newPrinter(w)
	objects := func() {
		if rows := coverage(d); rows != nil {
			p.columns(rows)
			p.Line("")
		}
	}
	if len(d.Settings) > 0 {
		objects()
	}
	head := "changed  "
	for _, lead := range leads(d) {
		p.wrap(head, lead)
		head = "         "
	}
	p.Line("\nread     %s, %s; before %s, %s",
		text.Plural(d.NewSize[0], "image"), text.Plural(d.NewSize[1], "annotation"),
		text.Plural(d.OldSize[0], "image"), text.Plural(d.OldSize[1], "annotation"))
	p.Line("")
	if len(d.Settings) == 0 {
		objects()
	}
	rows := [][]string{{"metric", "before", "now", "change"}}
	for _, m := range d.Metrics {
		if looksChanged(&m) {
			name := text.InLine(m.Metric)
			if m.Scores != "" {
				name = text.Clip(m.Scores, 20) + "." + name
			}
			rows = append(rows, []string{name, figure(m.Metric, m.Old), figure(m.Metric, m.New), change(m)})
		}
	}
	if len(rows) > 1 {
		p.columns(rows)
		p.Line("")
	}
	counts := fmt.Sprintf("%s new, %s fixed, %s unchanged", text.Group(int64(len(touched(d.New)))),
		text.Group(int64(len(touched(d.Gone)))), text.Group(int64(len(d.Kept))))
	if n := len(d.New) + len(d.Gone) - len(touched(d.New)) - len(touched(d.Gone)); n > 0 {
		counts += fmt.Sprintf("; not listed: %s that came or went with unchanged labels", text.Plural(n, "suspect"))
	}
	p.wrap("findings ", counts)
	if d.Moved != nil {
		p.wrap("         ", fmt.Sprintf("%s matched under other names: %s",
			text.Plural(d.Moved.Findings, "finding"), d.Moved.String()))
	}
	p.list("new", d.New)
	p.list("fixed", d.Gone)
	return p.Err()
}

// list prints the first findings of a sort, but for suspects whose label nobody touched.
func (p *printer) list(sort string, of []gate.Finding) {
	of = touched(of)
	for i := range of {
		if i == maxDiff {
			p.Line("  %-5s … and %s more", sort, text.Group(int64(len(of)-maxDiff)))
			return
		}
		f := &of[i]
		image := ""
		if f.File != "" && !strings.HasPrefix(f.Message, "image ") {
			image = "image " + f.File + ": "
		}
		p.wrap(fmt.Sprintf("  %-5s ", sort), f.Code+": "+image+inShort(f.Told()))
	}
}
