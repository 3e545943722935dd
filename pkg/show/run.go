package show

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/answer"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/report"
	"focalaudit/pkg/text"
)

// maxWorst is how many codes of findings the summary shows.
const maxWorst = 8

// Words are what a user's commands name, as a shell reads it: the report's directory, the paths of the annotations,
// and the preset. Spaces within a word are text.NoBreak.
type Words struct{ Dir, Paths, Preset, Review string }

// Run prints the one-screen summary of a run: the answers first, then the numbers that they come from.
func Run(w io.Writer, r *analysis.Result, words Words) error {
	p := newPrinter(w)
	s := report.Summarise(r, "") // the text does not name the version
	p.read(r.Data, s)
	p.answers(s, &words)
	p.wrap("checked  ", answer.Checked(r, answer.OnThePage()))
	p.Line("")
	p.anchors(r)
	p.imbalance(r, s)
	p.changed(r)
	p.suspects(r)
	p.worst(r, s)
	p.left(r.Data, s)
	dir := words.Dir
	p.Line("\nreport   %s", dir)
	p.Line("         open %s in a browser", filepath.Join(dir, "index.html"))
	p.Line("         analyze show %s lists the findings", dir)
	if kinds := r.OpenKinds(); len(kinds) > 0 {
		p.Line("         analyze explain %s explains one of them", kinds[0].Code)
	}
	return p.Err()
}

// read says what was read, and what of it was left out.
func (p *printer) read(d *dataset.Dataset, s *report.Summary) {
	p.Line("read     %s: %s, %s, %s", text.Plural(len(s.Inputs), "file"), text.Plural(s.Images.Read, "image"),
		text.Plural(s.Annotations.Read, "annotation"), classes(d))
	if n := len(s.Skipped); n > 0 {
		p.Line("         skipped %s of %s that hold no COCO boxes (listed below)",
			text.Group(int64(n)), text.Plural(n+len(s.Inputs)+len(s.Refused), "file"))
	}
	if out := leftOut(s.Images); out != "" {
		p.wrap("         ", "images left out: "+out)
	}
	if out := leftOut(s.Annotations); out != "" {
		p.wrap("         ", "annotations left out: "+out)
	}
	p.Line("")
}

// classes counts the classes: those that a list of categories names, and those that only
// annotations do.
func classes(d *dataset.Dataset) string {
	known := 0
	for i := range d.Classes {
		if d.Classes[i].Known {
			known++
		}
	}
	out := text.Plural(known, "class")
	if n := len(d.Classes) - known; n > 0 {
		out += fmt.Sprintf(" and %s undeclared", text.Group(int64(n)))
	}
	return out
}

// answers prints what the run means. Commands in them name the report, the paths and the preset of the run.
func (p *printer) answers(s *report.Summary, words *Words) {
	dir, paths := words.Dir, words.Paths
	named := strings.NewReplacer(" show DIR ", " show "+dir+" ", " review DIR PATH", " review "+dir+" "+paths,
		" -o review`", " -o "+cmp.Or(words.Review, "review")+"`",
		" fit PATH -a FILE ", " fit "+paths+" -a "+words.Preset+" ", " fit PATH", " fit "+paths,
		" trainers PATH -a FILE ",
		" trainers "+paths+" -a "+words.Preset+" ", " trainers PATH", " trainers "+paths)
	for i := range s.Answers {
		a := &s.Answers[i]
		p.wrap(fmt.Sprintf("%-8s ", a.Topic), named.Replace(a.Text()))
		p.Line("")
		if len(a.Options) > 0 {
			p.options("       ", a.Options)
			p.Line("")
		}
	}
}

// options prints choices of anchors and input size, and what the columns are.
func (p *printer) options(indent string, of []answer.Option) {
	rows := [][]string{{indent + "setting", "input", "untrained", "weakly", "negatives", "anchors"}}
	for i := range of {
		o, name := &of[i], "today's"
		if o.Anchors != of[0].Anchors {
			name = "changed"
		}
		rows = append(rows, []string{indent + name, strings.TrimPrefix(o.Input, "a short side of "), text.Group(o.Untrained),
			text.Group(o.Weakly), text.Digits(o.Negatives), fmt.Sprintf("× %.3g", o.Cost)})
	}
	p.columns(rows)
	changed := ""
	if last := &of[len(of)-1]; last.Anchors != of[0].Anchors {
		changed = fmt.Sprintf("changed: %s. ", last.Anchors)
	}
	p.wrap(indent+"  ", changed+"input: the short side after resizing. untrained: objects without a positive anchor. "+
		"weakly: with fallback matches only. negatives: per positive.")
}

// anchors counts the anchors.
func (p *printer) anchors(r *analysis.Result) {
	t := &r.Total
	p.Line("counts   %s anchors of %s on %s:", text.Group(t.Anchors), text.InLine(r.Config.Preset.Name),
		text.Plural(int(t.Images), "image"))
	p.Line("         %s positive, %s ignored, %s negative",
		text.Group(t.Positives), text.Group(t.Ignored), text.Group(t.Negatives))
	m := &r.Metrics[0]
	p.wrap("         ", fmt.Sprintf("%s: %s without a positive anchor, %s with fallback matches only",
		text.Plural(int(t.Objects), "object"), text.Group(m.ObjectsWithoutPositive), text.Group(m.ObjectsRescued)))
	p.Line("")
}

// imbalance prints, for each source of scores, the share of the loss that negatives have, and
// what focal loss makes of it.
func (p *printer) imbalance(r *analysis.Result, s *report.Summary) {
	f := r.Config.Focal
	width := 16
	for _, of := range r.Config.Scores {
		width = max(width, len([]rune(of.Name)))
	}
	p.Line("loss     %-*s %10s %10s %12s  γ to balance", width, "negatives' share", "BCE", "α-BCE",
		"focal γ="+text.Short(f.Gamma))
	for i := range r.Metrics {
		m := &r.Metrics[i]
		balance := "none: " + m.GammaBalanceWhy
		if m.GammaBalance != nil {
			balance = fmt.Sprintf("%.2f", *m.GammaBalance)
		}
		p.Line("         %-*s %10s %10s %12s  %s", width, text.InLine(r.Config.Scores[i].Name),
			percent(m.NegativeShare.BCE), percent(m.NegativeShare.AlphaBCE), percent(m.NegativeShare.Focal), balance)
	}
	of := r.Config.Preset.Loss.Approximates()
	switch {
	case r.Plan.Chooses():
		p.wrap("         ", chosenBy(r))
	case r.Bounds() && of != "":
		p.wrap("         ", positivesBound+" The loss is an approximation: "+of+".")
	case r.Bounds():
		p.wrap("         ", positivesBound)
	case of != "":
		p.wrap("         ", "Counts are exact, the loss is an approximation: "+of+".")
	}
	p.wrap("         ", fmt.Sprintf("Objective %s with K = %d outputs, %s. prior: every anchor scores %s, as before "+
		"training. article: a loss of 3 for each positive and 0.1 for each negative, as in the example of the article.",
		r.Setting.Objective, r.Setting.K, alphaText(f.Alpha), text.Short(s.Configuration.Scores[0].Positive)))
	if muted := answer.Muted(r); muted != "" {
		p.wrap("         ", muted)
	}
	p.wrap("         ", "γ to balance makes both sides weigh the same at this moment: a measure of the imbalance, not a "+
		"setting to train with.")
	if outputs := r.Outputs(); outputs != "" {
		p.wrap("         ", "K is "+outputs+" (--classes overrides).")
	}
	p.Line("")
}

// changed says in words what each detector's scores changed since initialisation.
func (p *printer) changed(r *analysis.Result) {
	before := &r.Metrics[0]
	for i, a := range r.Accounts {
		name := text.InLine(r.Config.Scores[i].Name)
		if r.Config.Scores[i].Geometry {
			p.wrap("training ", name+" is an illustration made from the labels: it tells nothing about a detector.")
			p.Line("")
			continue
		}
		if a == nil {
			continue
		}
		p.wrap("training ", name+": "+origin(r, i)+".")
		if r.Config.Results[i] != nil && a.Placed == a.Outside {
			p.wrap("         ", "None of them lies on an image in use: every anchor has the assumed score.")
			p.Line("")
			continue
		}
		if v := r.Verdicts[i]; v != nil && v.Foreign() {
			why := "They do not fit the annotations (finding detections-disagree)"
			if !v.Disagrees() {
				why = "Their scores do not rank them (finding detections-unranked)"
			}
			p.wrap("         ", why+": no conclusion is drawn from them.")
			p.Line("")
			continue
		}
		trend, ok := analysis.TrendOf(before, after(r, i), r.Margin(i))
		if !ok {
			p.wrap("         ", "There are no positives or no negatives to compare.")
			p.Line("")
			continue
		}
		m := after(r, i)
		p.wrap("         ", fmt.Sprintf("Since initialisation the mean BCE of a positive went from %s to %s, of "+
			"a negative from %s to %s: the detector %s.", times(before.MeanPositive.BCE), times(m.MeanPositive.BCE),
			times(before.MeanNegative.BCE), times(m.MeanNegative.BCE), learnt[trend]))
		p.wrap("         ", fmt.Sprintf("Negatives' share of BCE went from %s to %s, of focal loss from %s to %s.",
			percent(before.NegativeShare.BCE), percent(m.NegativeShare.BCE),
			percent(before.NegativeShare.Focal), percent(m.NegativeShare.Focal)))
		for _, f := range r.AtFloors(i)[1:] {
			p.wrap("         ", fmt.Sprintf("If anchors without a detection score %s: %s of BCE, %s of focal loss.",
				text.Short(f.Floor), percent(f.NegativeShare.BCE), percent(f.NegativeShare.Focal)))
		}
		p.wrap("         ", fmt.Sprintf("The hardest 1 %% of terms carry %s of BCE and %s of focal loss.",
			percent(m.Hardest1pctShare.BCE), percent(m.Hardest1pctShare.Focal)))
		p.Line("")
	}
}

// after returns the metrics under a source of scores.
func after(r *analysis.Result, i int) *analysis.Metrics { return &r.Metrics[i] }

// maxSuspects is how many suspects the summary shows: those that the page shows first.
const maxSuspects = 10

// suspects shows the labels that the detector contradicts most, and what they cost.
func (p *printer) suspects(r *analysis.Result) {
	if r.Audit == nil || len(r.Audit.Suspects) == 0 {
		return
	}
	reviewed := 0
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Evidence != nil && f.Reviewed {
			reviewed++
		}
	}
	m := &r.Metrics[r.Audit.Scores]
	a := &m.NoiseAmplification
	p.wrap("suspects ", fmt.Sprintf("%s look wrong to %s. They carry %s of BCE and %s of focal loss.",
		text.Plural(len(r.Audit.Suspects), "label"), text.InLine(r.Config.Scores[r.Audit.Scores].Name),
		percent(m.SuspectShare.BCE), percent(m.SuspectShare.Focal)))
	p.wrap("         ", fmt.Sprintf("Focal loss multiplies the share of suspected objects by %s (of others as hard "+
		"by %s), of suspected unlabelled objects by %s (of the hardest other background by %s). A wrong and a right label "+
		"of equal loss weigh the same.",
		times(a.Objects), times(a.ControlObjects), times(a.Missing), times(a.ControlMissing)))
	if reviewed > 0 {
		p.wrap("         ", fmt.Sprintf("%s of them reviewed and kept.", text.Group(int64(reviewed))))
	}
	for _, words := range []string{answer.Division(r), answer.Wrong(r)} {
		if words != "" {
			p.wrap("         ", words)
		}
	}
	shown := 0
	for i := range r.Findings {
		f := &r.Findings[i]
		if !f.Suspected() {
			continue
		}
		if shown++; shown > maxSuspects {
			break
		}
		p.wrap(fmt.Sprintf("  %.2f   ", f.Evidence.Score), f.Code+": "+place(r, f)+f.Message)
	}
	p.Line("")
}

// times writes a factor.
func times(x analysis.Number) string {
	if x == nil {
		return "-"
	}
	return text.Digits(*x)
}

// origin says where a detector's scores come from.
func origin(r *analysis.Result, i int) string {
	s := &r.Config.Scores[i]
	if of := r.Config.Results[i]; of != nil {
		return fmt.Sprintf("%s of %s detections of %s belong to these images%s; anchors without a detection are "+
			"assumed to score %s",
			text.Group(int64(of.Joined)), text.Group(of.Read), text.InLine(of.Name), joinedBy(of),
			text.Short(s.Detector.Floor))
	}
	return fmt.Sprintf("logits of %s of %s images", text.Group(r.Total.Images-r.Accounts[i].Missing),
		text.Group(r.Total.Images))
}

// joinedBy says how image ids were read where they are no ids of the annotations.
func joinedBy(of *dataset.Results) string {
	if of.JoinedBy == "" {
		return ""
	}
	return fmt.Sprintf(" (their image_id are %s, not ids of the annotations)", of.JoinedBy)
}

// learnt says which side a detector has learnt.
var learnt = map[analysis.Trend]string{
	analysis.Unchanged:       "barely changed",
	analysis.PositivesOnly:   "has learnt the positives",
	analysis.PositivesFiring: "has learnt the positives, and fires on background",
	analysis.NegativesOnly:   "has learnt the negatives, not the positives",
	analysis.Firing:          "fires on background, and has not learnt the positives",
	analysis.PositivesWorse:  "finds fewer of the positives",
	analysis.BothWorse:       "does worse on both",
}

// worst prints the gravest codes, each with its first finding.
func (p *printer) worst(r *analysis.Result, s *report.Summary) {
	c := &s.Findings
	open, kept := maps.Clone(c.BySeverity), 0
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Reviewed {
			open[f.Severity().String()]--
			kept++
		}
	}
	line := fmt.Sprintf("findings %s, %s, %s info", text.Plural(open["error"], "error"),
		text.Plural(open["warning"], "warning"), text.Group(int64(open["info"])))
	if kept > 0 {
		line += fmt.Sprintf("; %s reviewed and kept", text.Group(int64(kept)))
	}
	p.Line("%s", line)
	kinds := r.OpenKinds()
	follow := slices.IndexFunc(kinds, func(k analysis.Kind) bool { return k.Follows != "" })
	var behind []analysis.Kind
	if follow >= 0 {
		kinds, behind = kinds[:follow], kinds[follow:]
	}
	for i, k := range kinds {
		if i == maxWorst {
			p.Line("         … and %s more", text.Plural(len(kinds)+len(behind)-maxWorst, "code"))
			return
		}
		f := &r.Findings[k.First]
		n := "" // a single finding may be about many records: (1) before their number would mislead
		if k.N > 1 {
			n = fmt.Sprintf(" (%s)", text.Group(int64(k.N)))
		}
		p.wrap(fmt.Sprintf("  %-8s", k.Severity), k.Code+n+": "+inShort(place(r, f)+f.Message))
		if len(behind) > 0 && k.Code == behind[0].Follows {
			p.wrap("          ", following(behind))
			behind = nil
		}
	}
}

// following says which findings go with that on boxes.
func following(kinds []analysis.Kind) string {
	var codes []string
	for _, k := range kinds {
		codes = append(codes, fmt.Sprintf("%s (%s)", k.Code, text.Group(int64(k.N))))
	}
	return fmt.Sprintf("These follow from %s, since they take the %s as they stand: mend that first. %s.",
		kinds[0].Follows, kinds[0].Takes(), strings.Join(codes, ", "))
}

// inShort returns the first sentences of a message, as a summary shows them.
func inShort(message string) string { return text.Sentences(message, 240, 1000) }

// wrap prints a text behind a head, as wide as the summary is.
func (p *printer) wrap(head, s string) { p.Wrap(text.Columns, head, s) }

// place says where a finding is: in which source if there are several, and in which image if the
// message does not begin with it.
func place(r *analysis.Result, f *findings.Finding) string {
	if f.Source < 0 {
		return ""
	}
	var parts []string
	src := &r.Data.Sources[f.Source]
	if len(r.Data.Sources) > 1 {
		parts = append(parts, src.Name)
	}
	if f.Image >= 0 && !strings.HasPrefix(f.Message, "image ") {
		if file := r.Data.Image(int(f.Source), int(f.Image)).File; file != "" {
			parts = append(parts, "image "+file)
		}
	}
	if parts == nil {
		return ""
	}
	return strings.Join(parts, ", ") + ": "
}

// left prints the files that were not used.
func (p *printer) left(d *dataset.Dataset, s *report.Summary) {
	for why, names := range d.SkippedWhy() {
		p.wrap("skipped  ", Names(names)+": "+why)
	}
	for _, e := range s.Refused {
		p.Line("refused  %s", text.Printable(e))
	}
}

// maxNames is how many names of files stand in a line.
const maxNames = 3

// Names lists the first names, and how many more there are.
func Names(names []string) string {
	if n := len(names) - maxNames; n > 0 {
		return fmt.Sprintf("%s and %s more", strings.Join(names[:maxNames], ", "), text.Group(int64(n)))
	}
	return strings.Join(names, ", ")
}

func leftOut(c report.Counted) string {
	var parts []string
	for why, n := range c.LeftOut {
		parts = append(parts, text.Group(int64(n))+" "+why)
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}

func percent(x analysis.Number) string {
	if x == nil {
		return "-"
	}
	return text.Percent(*x)
}

func alphaText(alpha float64) string {
	if alpha < 0 {
		return "without α"
	}
	return "α=" + text.Short(alpha)
}

// chosenBy says by which predictions positives were chosen, and what the trainer's loss was then.
func chosenBy(r *analysis.Result) string {
	bce, targets := r.Moment()
	return fmt.Sprintf("Positives are exact for one moment: those that the trainer chooses by the predictions of %s. Its "+
		"classification loss over all images is %s then: BCE of %s nats over %s, the sum of the soft targets. Other scores "+
		"here take 1 for the target of each positive.", text.InLine(r.Config.Scores[r.Plan.Chooser()].Name),
		text.Digits(bce/max(1, targets)), text.Digits(bce), text.Digits(targets))
}

// positivesBound is said of trainers whose positives depend on predictions.
const positivesBound = "Positives are an upper bound: the trainer chooses by its predictions among the points that " +
	"an object may have."
