package show

import (
	"cmp"
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

// untouched counts the suspects that are in one report only although their label is in both, and how many of them
// should be wrong.
func untouched(of []gate.Finding) (n int, expected float64) {
	for i := range of {
		if of[i].Untouched {
			n++
			expected += of[i].Score
		}
	}
	return n, expected
}

// touched returns the findings that are no untouched suspects.
func touched(of []gate.Finding) []gate.Finding {
	return slices.DeleteFunc(slices.Clone(of), func(f gate.Finding) bool { return f.Untouched })
}

// deleted counts the findings that are gone with their records, those of untouched suspects left out.
func deleted(of []gate.Finding) int { return gate.Deleted(touched(of)) }

// fixed counts the findings that are new, fixed, or gone with their records. It writes "5 new, 3 fixed, 2 gone with
// their records", or with the words first "fixed 3, gone with their records 2, new 5".
func fixed(d *gate.Difference, wordsFirst bool) string {
	told, gone := "fixed", len(touched(d.Gone))
	if !d.Parted && gone > 0 {
		told = "fixed or deleted"
	}
	write := func(n int, what string) string {
		if wordsFirst {
			return what + " " + text.Group(int64(n))
		}
		return text.Group(int64(n)) + " " + what
	}
	parts := []string{write(gone-deleted(d.Gone), told)}
	if n := deleted(d.Gone); n > 0 {
		parts = append(parts, write(n, "gone "+gate.WithRecords(n)))
	}
	if isNew := write(len(touched(d.New)), "new"); wordsFirst {
		parts = append(parts, isNew)
	} else {
		parts = append([]string{isNew}, parts...)
	}
	return strings.Join(parts, ", ")
}

// ofSort returns the findings of a sort in a comparison, but for suspects whose label nobody touched.
func ofSort(d *gate.Difference, sort string) []gate.Finding {
	if sort == "new" {
		return touched(d.New)
	}
	return slices.DeleteFunc(touched(d.Gone), func(f gate.Finding) bool { return f.Deleted != (sort == "gone") })
}

// notRead says which files could not be read before or now, so that what is gone or new is no change of the data.
func notRead(d *gate.Difference) (out []string) {
	for i, of := range d.Refused {
		if len(of) == 0 {
			continue
		}
		names := make([]string, len(of))
		for k := range of {
			names[k] = cmp.Or(of[k].File, of[k].Why)
		}
		told := fmt.Sprintf("%s could not be read %s: ", text.InLine(Names(names)), []string{"before", "now"}[i])
		switch n := len(d.Unread); {
		case i == 0:
			told += "what is there counts as new, whether it is or not"
		case d.UnreadCount == 0 && n == 0:
			told += "nothing is known of what is there"
		default:
			told += fmt.Sprintf("%s of before and %s there are left out, neither fixed nor gone",
				text.Plural(int(d.UnreadCount), "annotation"), text.Plural(n, "finding"))
		}
		out = append(out, told)
	}
	return out
}

// leads are the sentences that a comparison begins with: which files could not be read, what became of the labels and
// the findings, which settings are others, and what does not compare for that reason.
func leads(d *gate.Difference) []string {
	out := notRead(d)
	switch a, b := d.Labels[0], d.Labels[1]; {
	case a != nil && b != nil:
		out = append(out, labelLeads(d)...)
	default:
		out = append(out, "findings "+fixed(d, true))
		switch {
		case a != nil:
			out = append(out, fmt.Sprintf("the labels were checked against a detector before only: suspects %s, expected "+
				"wrong labels %s", text.Group(int64(a.Suspects)), text.Group(whole(a.Wrong))))
		case b != nil:
			out = append(out, fmt.Sprintf("the labels are checked against a detector now only: suspects %s, expected wrong "+
				"labels %s", text.Group(int64(b.Suspects)), text.Group(whole(b.Wrong))))
		}
	}
	if gone := d.OldSize[1] - int(d.UnreadCount) - d.NewSize[1]; gone > 0 {
		out = append(out, fmt.Sprintf("%s fewer: where an object is still in its picture, it is trained as background now, "+
			"and lower counts of objects are no gain", text.Plural(gone, "annotation")))
	}
	out = append(out, emptied(d.Emptied)...)
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
		out = append(out, fmt.Sprintf("`analyze trainers %s -a %s -a %s` compares the presets object by object%s",
			cmp.Or(d.Paths, "PATH"), named(d.Presets[0]), named(d.Presets[1]), own))
	}
	for i, when := range []string{"before", "now"} {
		if len(d.Only[i]) > 0 {
			out = append(out, fmt.Sprintf("scores only %s: %s", when, text.Printable(strings.Join(d.Only[i], ", "))))
		}
	}
	return out
}

// maxEmptied is how many classes that have no annotation left a comparison names, and in how many files.
const maxEmptied = 5

// emptied says which classes have no annotation left in a file.
func emptied(of []gate.Emptied) (out []string) {
	for i, e := range of {
		if i == maxEmptied {
			return append(out, fmt.Sprintf("… and %s more without an annotation in a file that had some",
				text.Plural(len(of)-maxEmptied, "class")))
		}
		names := e.Sources[:min(len(e.Sources), maxEmptied)]
		more := ""
		if n := len(e.Sources) - len(names); n > 0 {
			more = fmt.Sprintf(" and %s more", text.Group(int64(n)))
		}
		out = append(out, fmt.Sprintf("class %q has no annotation in %s%s any more; before: %s", text.InLine(e.Class),
			text.InLine(strings.Join(names, ", ")), more, text.Group(e.Annotations)))
	}
	return out
}

// labelLeads are the sentences on labels that a detector was asked about before and now: what people decided on the old
// list, what that did to the loss, and how the new list differs, which is no measure of either.
func labelLeads(d *gate.Difference) []string {
	a, b := d.Labels[0], d.Labels[1]
	var out []string
	if d.List != nil && d.List.All.Suspects > 0 {
		out = append(out, decided(d.List))
	}
	if lost := lossLead(d); lost != "" {
		out = append(out, lost)
	}
	left, _ := untouched(d.Gone)
	joined, expected := untouched(d.New)
	list := fmt.Sprintf("suspects %s; expected wrong labels %s; findings %s",
		arrow(int64(a.Suspects), int64(b.Suspects)), arrow(whole(a.Wrong), whole(b.Wrong)), fixed(d, true))
	if left+joined > 0 {
		list += fmt.Sprintf(". The first two do not measure what you mended: each run learns anew from all labels, so that "+
			"%s left the list and %s joined it (%s expected to be wrong) though their labels are as they were",
			text.Plural(left, "suspect"), text.Group(int64(joined)), text.Digits(expected))
		if d.List != nil && d.List.Open.Suspects > 0 {
			list += ". Decide on the old list to its end before you run again"
		}
	}
	out = append(out, list)
	if a.Reviewed+b.Reviewed > 0 {
		out = append(out, fmt.Sprintf("labels that were reviewed and kept, and would be suspects: %s",
			arrow(int64(a.Reviewed), int64(b.Reviewed))))
	}
	return out
}

// decided says what people decided on the old list, and how many wrong labels it expected there.
func decided(l *gate.List) string {
	made := l.Mended.Suspects + l.Settled.Suspects + l.Kept.Suspects
	if made == 0 {
		return fmt.Sprintf("of %s before, none was mended or kept", text.Plural(l.All.Suspects, "suspect"))
	}
	var parts []string
	add := func(p *gate.Part, what string) {
		if p.Suspects > 0 {
			parts = append(parts, fmt.Sprintf("%s %s (%s expected to be wrong)", text.Group(int64(p.Suspects)), what,
				text.Digits(p.Expected)))
		}
	}
	add(&l.Mended, "mended")
	add(&l.Settled, "settled, since the label that they repeat is gone")
	add(&l.Kept, "kept")
	told := fmt.Sprintf("decisions on %s of %s before: %s", text.Group(int64(made)),
		text.Plural(l.All.Suspects, "suspect"), strings.Join(parts, ", "))
	if l.Open.Suspects > 0 {
		return told + fmt.Sprintf(". Open: %s; by the scores before, expect %s of these to be wrong",
			text.Group(int64(l.Open.Suspects)), text.Digits(l.Open.Expected))
	}
	return told + fmt.Sprintf(". The list is done: it expected %s to be wrong", text.Digits(l.All.Expected))
}

// lossLead says by how much the loss of all labels changed, "" if it did not, or nothing compares.
func lossLead(d *gate.Difference) string {
	a, b := d.Losses[0], d.Losses[1]
	if a == nil || b == nil || *a == *b || a.BCE == 0 || a.Focal == 0 {
		return ""
	}
	percent := func(was, is float64) string {
		if x := 100 * (is - was) / was; math.Abs(x) >= 0.01 {
			return signed(x) + " %"
		}
		return "by less than 0.01 %"
	}
	return fmt.Sprintf("the loss under the detector's scores changed with the labels: focal loss %s, cross entropy %s",
		percent(a.Focal, b.Focal), percent(a.BCE, b.BCE))
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
	rows := [][]string{{"objects", "trained", "weakly", "never", "left out"}}
	for i := range a {
		rows = append(rows, []string{
			a[i].Size, arrow(a[i].Trained, b[i].Trained), arrow(a[i].Weakly, b[i].Weakly), arrow(a[i].None, b[i].None),
			arrow(a[i].LeftOut, b[i].LeftOut),
		})
	}
	return rows
}

// DiffMarkdown writes a comparison as Markdown: what it means, how objects are treated, the metrics
// that changed, the findings that are new, fixed or gone with their records.
func DiffMarkdown(w io.Writer, d *gate.Difference) error {
	p := newPrinter(w)
	p.Line("## What changed\n")
	for _, lead := range leads(d) {
		p.Line("- %s", text.Cell(lead))
	}
	p.Line("\n%s, %s (before: %s, %s). Findings: %s, %s unchanged.\n",
		text.Plural(d.NewSize[0], "image"), text.Plural(d.NewSize[1], "annotation"),
		text.Plural(d.OldSize[0], "image"), text.Plural(d.OldSize[1], "annotation"),
		fixed(d, false), text.Group(int64(len(d.Kept))))
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
		if !looksChanged(&m) || tiny(d, &m) {
			continue
		}
		if first {
			p.Line("\n| scores | metric | before | now | change | |\n|---|---|--:|--:|--:|---|")
			first = false
		}
		p.Line("| %s | %s | %s | %s | %s | %s |", text.Cell(m.Scores), text.Cell(m.Metric),
			figure(m.Metric, m.Old), figure(m.Metric, m.New), change(m), meaning(d, &m))
	}
	for _, part := range []struct{ title, sort string }{
		{"New", "new"}, {"Fixed", "fixed"}, {"Gone with their records", "gone"},
	} {
		of := ofSort(d, part.sort)
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

// estimate begins the names of metrics that estimate how many labels are wrong.
const estimate = "estimated_wrong"

// tiny reports whether a metric estimates less than half a label, before and now.
func tiny(d *gate.Difference, m *gate.MetricChange) bool {
	labels := func(x *float64, of int) float64 {
		if x == nil {
			return 0
		}
		return *x * float64(of)
	}
	return strings.HasPrefix(m.Metric, estimate) && labels(m.Old, d.OldSize[1]) < 0.5 && labels(m.New, d.NewSize[1]) < 0.5
}

// lowerIsBetter are the metrics that count what training misses.
var lowerIsBetter = []string{"objects_without_positive", "objects_rescued", "images_without_positive"}

// meaning says whether a change is for the better, or that it comes with the model that judges the labels, which each
// run learns anew; "" for all others, which are neither good nor bad by themselves.
func meaning(d *gate.Difference, m *gate.MetricChange) string {
	switch {
	case strings.HasPrefix(m.Metric, estimate), strings.HasPrefix(m.Metric, "suspect_share"),
		strings.HasPrefix(m.Metric, "noise_amplification"):
		return "(new list)"
	case m.Old == nil || m.New == nil || !slices.Contains(lowerIsBetter, m.Metric):
		return ""
	case *m.New < *m.Old && d.NewSize[1] < d.OldSize[1]: // of fewer objects
		return ""
	case *m.New < *m.Old:
		return "(better)"
	}
	return "(worse)"
}

// figure writes the value of a metric, shares as percentages.
func figure(metric string, x *float64) string {
	switch {
	case x == nil:
		return "-"
	case strings.Contains(metric, "_share") || strings.HasPrefix(metric, estimate):
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
	rows := [][]string{{"metric", "before", "now", "change", ""}}
	for _, m := range d.Metrics {
		if looksChanged(&m) && !tiny(d, &m) {
			name := text.InLine(m.Metric)
			if m.Scores != "" {
				name = text.Clip(m.Scores, 20) + "." + name
			}
			rows = append(rows, []string{name, figure(m.Metric, m.Old), figure(m.Metric, m.New), change(m), meaning(d, &m)})
		}
	}
	if len(rows) > 1 {
		p.columns(rows)
		p.Line("")
	}
	counts := fmt.Sprintf("%s, %s unchanged", fixed(d, false), text.Group(int64(len(d.Kept))))
	if n := len(d.New) + len(d.Gone) - len(touched(d.New)) - len(touched(d.Gone)); n > 0 {
		counts += fmt.Sprintf("; not listed: %s that came or went with unchanged labels", text.Plural(n, "suspect"))
	}
	p.wrap("findings ", counts)
	if d.Moved != nil {
		p.wrap("         ", fmt.Sprintf("%s matched under other names: %s",
			text.Plural(d.Moved.Findings, "finding"), d.Moved.String()))
	}
	for _, sort := range []string{"new", "fixed", "gone"} {
		p.list(sort, ofSort(d, sort))
	}
	return p.Err()
}

// list prints the first findings of a sort.
func (p *printer) list(sort string, of []gate.Finding) {
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
