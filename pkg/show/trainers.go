package show

import (
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/report"
	"focalaudit/pkg/text"
	"focalaudit/pkg/trainer"
)

// maxPatterns is how many ways of treating objects differently are shown.
const maxPatterns = 8

// TrainersFolded prints one line for each family of presets, and what a larger input changes.
func TrainersFolded(w io.Writer, t *analysis.Trainers, larger *analysis.Larger, dir string) error {
	p := newPrinter(w)
	p.decisive(t, trainer.Families())
	p.truncated(t)
	p.larger(t, larger)
	p.Line("\n--all shows every preset, for which reasons objects are not trained, and which objects presets")
	p.Line("treat differently.")
	p.tables(dir)
	return p.Err()
}

// Sizes prints what becomes of the objects at each size of the input. dir is where the table is,
// "" if nowhere.
func Sizes(w io.Writer, t *analysis.Trainers, dir string) error {
	p := newPrinter(w)
	p.Line("What becomes of your objects under %s at each input size:\n", text.InLine(t.Of[0].Preset.Name))
	rows := [][]string{{"px", "trained", "weakly", "never", "never, part", "left out", "anchors", "positives an object",
		"negatives a positive"}}
	for i := range t.Of {
		of := &t.Of[i]
		all := of.All().Objects
		side := text.Group(int64(of.Preset.Resize.Short))
		if of.Preset.Resize.Long != of.Preset.Resize.Short {
			side += "/" + text.Group(int64(of.Preset.Resize.Long))
		}
		row := []string{side, text.Group(all[analysis.Trained]), text.Group(all[analysis.Weakly]),
			text.Group(all[analysis.Unassigned])}
		x := float64(all[analysis.Unassigned]) / float64(max(1, of.Total.Objects))
		cells := decisiveRow(of)
		row = append(row, percent(&x), text.Group(all[analysis.NotTrained]), text.Group(of.Total.Anchors))
		rows = append(rows, append(row, cells[7], cells[8]))
	}
	p.columns(rows)
	p.Line("\n  weakly: only with low-quality matches, or with fewer points than the trainer would give. never: no anchor")
	p.Line("  or point is theirs. Counts are exact at each size; what the model makes of it is not looked at.")
	if dir != "" {
		p.Line("\ntable    %s", text.Printable(filepath.Join(dir, report.SizesFile())))
	}
	return p.Err()
}

// Trainers prints presets side by side, why each leaves objects without an
// anchor, and what they treat differently. dir is where the tables are, "" if nowhere.
func Trainers(w io.Writer, t *analysis.Trainers, larger *analysis.Larger, dir string) error {
	p := newPrinter(w)
	p.decisive(t, nil)
	p.truncated(t)
	p.anchorCounts(t)
	p.whys(t)
	if len(t.Of) > 1 {
		p.patterns(t, dir)
	}
	p.larger(t, larger)
	p.tables(dir)
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
func (p *printer) decisive(t *analysis.Trainers, families []trainer.Family) {
	p.Line("What becomes of your objects under each trainer:\n")
	rows := [][]string{{
		"", "trained", "weakly", "never", "left out", "small", "medium", "large", "positives", "negatives", "BCE", "focal",
	}}
	add := func(i int, name string) { rows = append(rows, append([]string{name}, decisiveRow(&t.Of[i])...)) }
	bounds := false
	for _, f := range families {
		members, at := 0, -1
		for _, name := range slices.Backward(f.Presets) {
			if i := slices.IndexFunc(t.Of, func(of analysis.Trainer) bool { return of.Preset.Name == name }); i >= 0 {
				members, at = members+1, i
			}
		}
		if at < 0 {
			continue
		}
		name := t.Of[at].Preset.Name
		if members > 1 {
			name += fmt.Sprintf(" (+%d)", members-1)
		}
		bounds = bounds || t.Of[at].Preset.Matcher.Thresholds().Bounds
		add(at, name)
	}
	if families == nil {
		for i := range t.Of {
			bounds = bounds || t.Of[i].Preset.Matcher.Thresholds().Bounds
			add(i, text.InLine(t.Of[i].Preset.Name))
		}
	}
	p.columns(rows)
	p.Line("\n  weakly: only with anchors that overlap less than the trainer asks for (low-quality matches), or with")
	p.Line("  fewer points than the trainer would give. never: no anchor or point is theirs. left out: dropped by the")
	p.Line("  loader. small, medium, large: the part of the objects of this size after resizing (below 32², below")
	p.Line("  96² px²) that is trained weakly, never, or left out. positives: an object. negatives: a positive. BCE,")
	p.Line("  focal: the negatives' part of the loss before training, by the trainer's own initial outputs.")
	if bounds {
		p.Line("  ≤, ≥: bounds, where the trainer chooses positives by its predictions; never is certain all the same.")
	}
	if families != nil {
		p.Line("  (+n): with n more presets of the family, which may differ: --all.")
	}
}

// decisiveRow is a preset's row: all but its name.
func decisiveRow(of *analysis.Trainer) (row []string) {
	all := of.All().Objects
	for what := analysis.Trained; what <= analysis.NotTrained; what++ {
		row = append(row, text.Group(all[what]))
	}
	for s := range of.Resized {
		z := &of.Resized[s]
		missed := z[analysis.Weakly] + z[analysis.Unassigned] + z[analysis.NotTrained]
		part := "-"
		if n := missed + z[analysis.Trained]; n > 0 {
			x := float64(missed) / float64(n)
			part = percent(&x)
		}
		row = append(row, part)
	}
	per, negatives := "-", "-"
	least, most := "", ""
	if of.Preset.Matcher.Thresholds().Bounds {
		least, most = "≥ ", "≤ "
	}
	if of.Total.Objects > 0 {
		per = most + text.Digits(float64(of.Total.Positives)/float64(of.Total.Objects))
	}
	if of.Metrics.NegativesPerPositive != nil {
		negatives = least + text.Digits(*of.Metrics.NegativesPerPositive)
	}
	return append(row, per, negatives, percent(of.FromStart.BCE), percent(of.FromStart.Focal))
}

// larger says what a larger input would do for the objects that are never trained.
func (p *printer) larger(t *analysis.Trainers, l *analysis.Larger) {
	if l == nil {
		return
	}
	of := &t.Of[l.Trainer].Preset
	lack := "have no anchor"
	if of.Matcher.Measure().Points() {
		lack = "hold no point that is for them"
	}
	part := func(i int) string {
		x := float64(l.Never[i]) / float64(max(1, l.Of[i]))
		return percent(&x)
	}
	p.Line("\nUnder %s at %s px %s of your objects %s and are never trained; at %s px %s.", text.InLine(of.Name),
		text.Group(int64(l.Side[0])), part(0), lack, text.Group(int64(l.Side[1])), part(1))
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

func (p *printer) anchorCounts(t *analysis.Trainers) {
	p.Line("\nAnchors, and the share of the loss that the negative ones have where every output is 0.01:\n")
	rows := [][]string{
		{"", "all", "positive", "ignored", "rescued", "negatives per positive", "share of BCE", "of focal loss"},
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
			per, percent(of.Metrics.NegativeShare.BCE), percent(of.Metrics.NegativeShare.Focal),
		})
	}
	p.columns(rows)
	p.Line("\n  ignored: neither positive nor negative. rescued: below the positive threshold, but an object's best")
	p.Line("  anchors, which are positive all the same (low-quality matches; - where the trainer has none).")
	p.Line("  Shares are under each trainer's own objective: one term an anchor, or one for each class.")
	if standIn {
		p.Line("  * counts are exact, the loss is a stand-in (docs/trainers.md)")
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
		p.Line("\n  %s of %s boxes are written in integers. Of these, %s", text.Group(int64(integers)),
			text.Group(int64(all)), listed(names))
		p.Line("  cut the fractions of resized corners off. A number with a point, 10.0 for 10, prevents that.")
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
				p.Line("  %-26s  %-12s  %s", head, words[what], strings.Join(parts, ", "))
				head = ""
			}
		}
		switch {
		case head != "" && objects == 0:
			p.Line("  %-26s  there are no annotations", head)
		case head != "":
			p.Line("  %-26s  all trained", head)
		}
		if stops > 0 {
			p.Line("  %-26s  %-12s  it stops with an error at %s", "", "does not run",
				text.Plural(int(stops), "annotation"))
		}
	}
	p.Line("")
	for _, r := range findings.Reasons() {
		if told[r.Code] {
			p.Line("  %-18s  %s", r.Code, r.Text)
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
	p.Line("\n  %s, such as %s of %s in %s (%.4g × %.4g px%s):", text.Plural(int(x.Objects), "object"),
		text.InLine(dataset.Label("annotation", o.ID)),
		text.InLine(dataset.Label("image", o.ImageID)), text.InLine(src.Name), o.Box.W, o.Box.H, class)
	groups := together(t, x.Source, x.Object)
	slices.SortStableFunc(groups, func(a, b likewise) int { return len(a.presets) - len(b.presets) })
	for k, g := range groups {
		who := strings.Join(g.presets, ", ")
		if k == len(groups)-1 && k > 0 && len(g.presets) > 3 {
			who = "the others"
		}
		p.Line("    %-12s  %s%s", words[g.what], who, g.detail())
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
	analysis.Unassigned: "no anchor",
	analysis.NotTrained: "left out",
}
