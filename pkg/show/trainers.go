package show

import (
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/answer"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/report"
	"focalaudit/pkg/text"
	"focalaudit/pkg/trainer"
)

// maxPatterns is how many ways of treating objects differently are shown.
const maxPatterns = 8

// Layout is how wide a comparison of trainers may be, and where its tables are.
type Layout struct {
	Width int    // columns of the terminal; 0: any number
	Dir   string // "" if no tables were written

	Own *trainer.Preset // of a sweep: the preset at its own size
}

// TrainersFolded prints one line for each family of presets, and what a larger input changes.
func TrainersFolded(w io.Writer, t *analysis.Trainers, larger *analysis.Larger, l Layout) error {
	p := newPrinter(w)
	p.advice(answer.Trainers(t, larger))
	p.decisive(t, trainer.Families(), l.Width)
	p.truncated(t)
	p.Line("")
	p.prose("", fmt.Sprintf("--all shows every one of the %s, for which reasons objects are not trained, and which "+
		"objects presets treat differently.", text.Plural(len(t.Of), "preset")))
	p.tables(l.Dir)
	return p.Err()
}

// Sizes prints what becomes of the objects at each size of the input.
func Sizes(w io.Writer, t *analysis.Trainers, l Layout) error {
	p := newPrinter(w)
	p.advice(answer.Sizes(t, l.Own))
	p.Line("What becomes of your objects under %s at each input size:\n", text.InLine(t.Of[0].Preset.Name))
	rows := [][]string{{"px", "trained", "weakly", "never", "%", "left out", "anchors", "positives", "negatives"}}
	own := false
	for i := range t.Of {
		of := &t.Of[i]
		all := of.All().Objects
		side := text.Group(int64(of.Preset.Resize.Short))
		if of.Preset.Resize.Long != of.Preset.Resize.Short {
			side += "/" + text.Group(int64(of.Preset.Resize.Long))
		}
		if l.Own != nil && of.Preset.Resize == l.Own.Resize {
			side, own = side+" *", true
		}
		row := []string{side, text.Group(all[analysis.Trained]), text.Group(all[analysis.Weakly]),
			text.Group(all[analysis.Unassigned])}
		never := 100 * float64(all[analysis.Unassigned]) / float64(max(1, of.Total.Objects))
		row = append(row, text.Digits(never), text.Group(all[analysis.NotTrained]), text.Group(of.Total.Anchors))
		positives, negatives := perObject(of)
		rows = append(rows, append(row, positives, negatives))
	}
	p.grid(rows, []int{5, 3}, l.Width)
	p.Line("")
	p.prose("  ", "weakly: only with low-quality matches, or with fewer points than the trainer would give. never: no "+
		"anchor or point is theirs; %: of the objects. positives: per object. negatives: per positive. Counts are exact "+
		"at each size; what the model makes of it is not looked at.")
	if own {
		p.prose("  ", "*: the preset's own size.")
	}
	if l.Dir != "" {
		p.Line("\ntable    %s", text.Printable(filepath.Join(l.Dir, report.SizesFile())))
	}
	return p.Err()
}

// Trainers prints presets side by side, why each leaves objects without an
// anchor, and what they treat differently.
func Trainers(w io.Writer, t *analysis.Trainers, larger *analysis.Larger, l Layout) error {
	p := newPrinter(w)
	p.advice(answer.Best(t))
	p.advice(answer.Trainers(t, larger))
	p.decisive(t, nil, l.Width)
	p.truncated(t)
	p.anchorCounts(t, l.Width)
	p.whys(t)
	if len(t.Of) > 1 {
		p.patterns(t, l.Dir)
	}
	p.tables(l.Dir)
	return p.Err()
}

// tables says where the tables are.
func (p *printer) tables(dir string) {
	if dir == "" {
		return
	}
	files := report.TrainerFiles()
	p.Line("\ntables   %s and %s", text.Printable(filepath.Join(dir, files[0])),
		text.Printable(filepath.Join(dir, files[1])))
}

// decisive prints the numbers that decide between trainers: a row for each preset, or with
// families one for each family's first preset.
func (p *printer) decisive(t *analysis.Trainers, families []trainer.Family, width int) {
	p.Line("What becomes of your objects under each trainer:\n")
	rows := [][]string{{
		"", "trained", "weakly", "never", "left out", "positives", "small resized", "medium resized", "large resized",
		"negatives", "BCE", "focal",
	}}
	bounds := false
	for _, i := range t.Shown(families) {
		bounds = bounds || t.Of[i].Preset.Matcher.Thresholds().Bounds
		rows = append(rows, append([]string{text.InLine(t.Of[i].Preset.Name)}, decisiveRow(&t.Of[i])...))
	}
	p.grid(rows, []int{5, 3, 3}, width)
	p.Line("")
	p.prose("  ", "weakly: only with anchors that overlap less than the trainer asks for (low-quality matches), or with "+
		"fewer points than the trainer would give. never: no anchor or point is theirs. left out: dropped by the loader. "+
		"positives: per object.")
	several := ""
	if len(rows) > 2 { // beside the heads
		several = "Trainers resize differently, so that an object may be small in one row and medium in another. "
	}
	p.prose("  ", "small, medium, large resized: the part of the objects of this size after resizing (below 32², below "+
		"96² px²) that is trained weakly, never, or left out. "+several+"negatives: per positive. BCE, focal: the "+
		"negatives' part of the loss before training, by the trainer's own initial outputs.")
	if bounds {
		p.prose("  ", "≤, ≥: bounds, where the trainer chooses positives by its predictions; never is certain all the same.")
	}
	if families != nil {
		p.prose("  ", "A row is the first preset of its family; the others may differ. Trained means something else in "+
			"each family, so that rows do not rank trainers.")
	}
}

// decisiveRow is a preset's row: all but its name.
func decisiveRow(of *analysis.Trainer) (row []string) {
	all := of.All().Objects
	for what := analysis.Trained; what <= analysis.NotTrained; what++ {
		row = append(row, text.Group(all[what]))
	}
	positives, negatives := perObject(of)
	row = append(row, positives)
	for s := range of.Resized {
		missed, all := of.Missed(ledger.Size(s))
		part := "-"
		if all > 0 {
			x := float64(missed) / float64(all)
			part = percent(&x)
		}
		row = append(row, part)
	}
	return append(row, negatives, small(of.FromStart.BCE), small(of.FromStart.Focal))
}

// perObject says how many positives an object has, and how many negatives a positive.
func perObject(of *analysis.Trainer) (positives, negatives string) {
	least, most := "", ""
	if of.Preset.Matcher.Thresholds().Bounds {
		least, most = "≥ ", "≤ "
	}
	positives, negatives = "-", "-"
	if of.Total.Objects > 0 {
		positives = most + text.Digits(float64(of.Total.Positives)/float64(of.Total.Objects))
	}
	if of.Metrics.NegativesPerPositive != nil {
		negatives = least + text.Digits(*of.Metrics.NegativesPerPositive)
	}
	return positives, negatives
}

// small writes a share; below 0.01 % its digits decide nothing.
func small(x analysis.Number) string {
	if x != nil && *x > 0 && *x < 0.0001 {
		return "< 0.01 %"
	}
	return percent(x)
}

// advice prints what a comparison means, if that can be said.
func (p *printer) advice(s string) {
	if s != "" {
		p.prose("", s)
		p.Line("")
	}
}

// grid prints rows of cells within a width (0: any): the columns of as many groups, in their order, as fit
// below each other, each time behind the first column. A group that is too wide is divided itself.
func (p *printer) grid(rows [][]string, groups []int, width int) {
	wide := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			wide[i] = max(wide[i], utf8.RuneCountInString(cell))
		}
	}
	span := func(from, to int) int { // of the columns, with the indent and the gaps
		n := gap + wide[0]
		for i := from; i < to; i++ {
			n += gap + wide[i]
		}
		return n
	}
	var ends []int
	for at, i := 1, 0; i < len(groups); i++ {
		at += groups[i]
		ends = append(ends, at)
	}
	for from := 1; from < len(wide); {
		to := from + 1
		for width > 0 && to < len(wide) && span(from, to+1) <= width {
			to++
		}
		if width == 0 {
			to = len(wide)
		}
		whole := 0 // the last end of a group that fits
		for _, end := range ends {
			if end > from && end <= to {
				whole = end
			}
		}
		if whole > 0 {
			to = whole
		}
		if from > 1 {
			p.Line("")
		}
		for _, row := range rows {
			line := fmt.Sprintf("%*s%-*s", gap, "", wide[0], row[0])
			for i := from; i < to; i++ {
				line += fmt.Sprintf("%*s%*s", gap, "", wide[i], row[i])
			}
			p.Line("%s", strings.TrimRight(line, " "))
		}
		from = to
	}
}

// parts prints short texts behind a head, with commas: none is broken.
func (p *printer) parts(head string, parts []string) {
	line := head
	for i, part := range parts {
		if i < len(parts)-1 {
			part += ","
		}
		if line != head && utf8.RuneCountInString(line+" "+part) > text.Columns {
			p.Line("%s", line)
			head = strings.Repeat(" ", utf8.RuneCountInString(head))
			line = head
		}
		if line != head {
			line += " "
		}
		line += part
	}
	p.Line("%s", line)
}

// columns prints rows of cells, the first one to the left and the others to the right.
func (p *printer) columns(rows [][]string) {
	var out strings.Builder
	tw := tabwriter.NewWriter(&out, 0, 0, 2, ' ', tabwriter.AlignRight)
	width := 0
	for _, row := range rows {
		width = max(width, len([]rune(row[0])))
	}
	for _, row := range rows {
		fmt.Fprintf(tw, "  %-*s\t%s\t\n", width, row[0], strings.Join(row[1:], "\t"))
	}
	tw.Flush() // to memory: nothing fails
	for line := range strings.Lines(out.String()) {
		p.Line("%s", strings.TrimRight(line, " \n"))
	}
}

func (p *printer) anchorCounts(t *analysis.Trainers, width int) {
	p.Line("\nAnchors, and the negatives' part of the loss where every output is 0.01:\n")
	rows := [][]string{
		{"", "all", "positive", "ignored", "rescued", "negatives", "BCE", "focal"},
	}
	standIn := false
	for i := range t.Of {
		of := &t.Of[i]
		name := text.InLine(of.Preset.Name)
		if of.Preset.Loss.Approximates() != "" {
			name, standIn = name+" *", true
		}
		per, rescued := "-", "-"
		if of.Metrics.NegativesPerPositive != nil {
			per = text.Digits(*of.Metrics.NegativesPerPositive)
		}
		if of.Preset.Matcher.Thresholds().Best {
			rescued = text.Group(of.Total.RescuedNegative + of.Total.RescuedIgnored)
		}
		rows = append(rows, []string{
			name, text.Group(of.Total.Anchors), text.Group(of.Total.Positives), text.Group(of.Total.Ignored), rescued,
			per, small(of.Metrics.NegativeShare.BCE), small(of.Metrics.NegativeShare.Focal),
		})
	}
	p.grid(rows, []int{4, 3}, width)
	p.Line("")
	p.prose("  ", "ignored: neither positive nor negative. rescued: below the positive threshold, but an object's best "+
		"anchors, which are positive all the same (low-quality matches; - where the trainer has none). negatives: per "+
		"positive. Shares are under each trainer's own objective: one term an anchor, or one for each class.")
	if standIn {
		p.Line("  * Counts are exact; the loss is approximated (docs/trainers.md).")
	}
}

// truncated says which presets cut fractions off, and of how many boxes.
func (p *printer) truncated(t *analysis.Trainers) {
	var names []string
	for i := range t.Of {
		if t.Of[i].Preset.Boxes.Truncates() {
			names = append(names, text.InLine(t.Of[i].Preset.Name))
		}
	}
	integers, all := 0, 0
	for s := range t.Data.Sources {
		for i := range t.Data.Source(s).Objects {
			all++
			if t.Data.Source(s).Objects[i].Flags&dataset.IntegerBox != 0 {
				integers++
			}
		}
	}
	if len(names) > 0 && integers > 0 {
		p.Line("")
		p.prose("  ", fmt.Sprintf("%s of %s boxes are written in integers. Of these, %s cut the fractions of resized "+
			"corners off. A number with a point, 10.0 for 10, prevents that.", text.Group(int64(integers)),
			text.Group(int64(all)), listed(names)))
	}
}

// listed joins names: "a, b and c".
func listed(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// whys prints for which reasons each preset has objects that are not trained well.
func (p *printer) whys(t *analysis.Trainers) {
	p.Line("\nWhy, with the number of objects:\n")
	told := map[string]bool{}
	width := 0
	for i := range t.Of {
		width = max(width, utf8.RuneCountInString(text.InLine(t.Of[i].Preset.Name)))
	}
	for i := range t.Of {
		head := text.InLine(t.Of[i].Preset.Name)
		var objects int64
		for _, src := range t.Data.Sources {
			objects += int64(len(src.Objects))
		}
		var stops int64
		for what := analysis.Weakly; what <= analysis.NotTrained; what++ {
			var parts []string
			for _, r := range findings.Reasons() {
				if n := t.Of[i].Reasons[what][r.Code]; n > 0 {
					parts = append(parts, fmt.Sprintf("%s %s", r.Code, text.Group(n)))
					told[r.Code] = true
					if r.Stops {
						stops += n
					}
				}
			}
			if len(parts) > 0 {
				p.parts(fmt.Sprintf("  %-*s  %-12s  ", width, head, words[what]), parts)
				head = ""
			}
		}
		switch {
		case head != "" && objects == 0:
			p.Line("  %-*s  there are no annotations", width, head)
		case head != "":
			p.Line("  %-*s  all trained", width, head)
		}
		if stops > 0 {
			p.prose(fmt.Sprintf("  %-*s  %-12s  ", width, "", "does not run"),
				"it stops with an error at "+text.Plural(int(stops), "annotation"))
		}
	}
	p.Line("")
	for _, r := range findings.Reasons() {
		if told[r.Code] {
			p.prose(fmt.Sprintf("  %-18s  ", r.Code), r.Text)
		}
	}
}

// patterns prints the ways in which presets differ, each with an object.
func (p *printer) patterns(t *analysis.Trainers, dir string) {
	all := t.Patterns()
	var n int64
	for _, x := range all {
		n += x.Objects
	}
	if n == 0 {
		p.Line("\nThe presets treat all objects alike.")
		return
	}
	p.Line("\n%s treated differently:", text.Plural(int(n), "object"))
	for i, x := range all {
		if i == maxPatterns {
			where := "-o DIR writes all"
			if dir != "" {
				where = report.TrainerFiles()[1]
			}
			p.Line("\n  … and %s more (%s)", text.Plural(len(all)-maxPatterns, "way"), where)
			return
		}
		p.pattern(t, &x)
	}
}

func (p *printer) pattern(t *analysis.Trainers, x *analysis.Pattern) {
	src := t.Data.Source(x.Source)
	o := &src.Objects[x.Object]
	class := ""
	if o.Class >= 0 {
		class = ", " + text.InLine(t.Data.Classes[o.Class].Name)
	}
	p.Line("")
	p.prose("  ", fmt.Sprintf("%s, such as %s of %s in %s (%.4g × %.4g px%s):", text.Plural(int(x.Objects), "object"),
		text.InLine(dataset.Label("annotation", o.ID)),
		text.InLine(dataset.Label("image", src.ImageID(int(x.Object)))), text.InLine(src.Name), o.Box.W, o.Box.H, class))
	groups := together(t, x.Source, x.Object)
	slices.SortStableFunc(groups, func(a, b likewise) int { return len(a.presets) - len(b.presets) })
	for k, g := range groups {
		who := strings.Join(g.presets, ", ")
		if k == len(groups)-1 && k > 0 && len(g.presets) > 3 {
			who = "the others"
		}
		p.prose(fmt.Sprintf("    %-12s  ", words[g.what]), who+g.detail())
	}
}

// likewise are the presets that do the same with an object for the same reason.
type likewise struct {
	what      analysis.Treatment
	why       string
	presets   []string
	low, high [2]float64 // IoU, ratio
}

// together groups the presets by what they do with an object.
func together(t *analysis.Trainers, source, object int) (groups []likewise) {
	for k := range t.Of {
		got := t.Treats(k, source, object)
		at := slices.IndexFunc(groups, func(g likewise) bool { return g.what == got.Treatment && g.why == got.Why })
		if at < 0 {
			at = len(groups)
			groups = append(groups, likewise{what: got.Treatment, why: got.Why})
		}
		g := &groups[at]
		g.presets = append(g.presets, text.InLine(t.Of[k].Preset.Name))
		for i, v := range []float64{float64(got.IoU), float64(got.Ratio)} {
			if v > 0 && (g.low[i] == 0 || v < g.low[i]) {
				g.low[i] = v
			}
			g.high[i] = max(g.high[i], v)
		}
	}
	return groups
}

// detail tells why the presets do so with the object, with numbers. IoUs are cut off,
// so that none below a threshold looks as if it were on it.
func (g *likewise) detail() string {
	if g.why == "" {
		return ""
	}
	parts := []string{g.why}
	span := func(format, what string, low, high float64) {
		if high == 0 {
			return
		}
		from, to := fmt.Sprintf(format, low), fmt.Sprintf(format, high)
		if from != to {
			from += " to " + to
		}
		parts = append(parts, what+" "+from)
	}
	if g.what != analysis.NotTrained {
		span("%.3f", "best IoU here", math.Floor(g.low[0]*1000)/1000, math.Floor(g.high[0]*1000)/1000)
		span("%.3g", "sides here differ by a factor of", g.low[1], g.high[1])
	}
	return ": " + strings.Join(parts, ", ")
}

// words are the treatments in text.
var words = map[analysis.Treatment]string{
	analysis.Trained:    "trained",
	analysis.Weakly:     "weakly",
	analysis.Unassigned: "never",
	analysis.NotTrained: "left out",
}
