package show

import (
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/report"
	"focalaudit/pkg/text"
)

// maxWorst is how many codes of findings the summary shows.
const maxWorst = 8

// Run prints the one-screen summary of a run whose report is at dir.
func Run(w io.Writer, r *analysis.Result, dir string) error {
	p := newPrinter(w)
	s := report.Summarise(r, "") // the text does not name the version
	p.read(r, s)
	p.imbalance(r, s)
	p.changed(r)
	p.suspects(r)
	p.worst(r, s)
	p.left(r.Data, s)
	dir = text.InLine(dir)
	p.Line("\nreport   %s", dir)
	p.Line("         open %s in a browser", filepath.Join(dir, "index.html"))
	p.Line("         e.g. duckdb -c \"select * from '%s' limit 20\"", filepath.Join(dir, "findings.parquet"))
	return p.Err()
}

func (p *printer) read(r *analysis.Result, s *report.Summary) {
	p.Line("read     %s: %s, %s, %s", text.Plural(len(s.Inputs), "source"), text.Plural(s.Images.Read, "image"),
		text.Plural(s.Annotations.Read, "annotation"), text.Plural(s.Classes, "class"))
	if n := len(s.Skipped); n > 0 {
		p.Line("         %s of %s skipped, not COCO annotations with boxes (listed below)",
			text.Group(int64(n)), text.Plural(n+len(s.Inputs)+len(s.Refused), "file"))
	}
	if out := leftOut(s.Images); out != "" {
		p.Line("         images left out: %s", out)
	}
	if out := leftOut(s.Annotations); out != "" {
		p.Line("         annotations left out: %s", out)
	}
	t := &r.Total
	p.Line("anchors  %s laid by %s on %s: %s positive, %s ignored, %s negative",
		text.Group(t.Anchors), text.InLine(r.Config.Preset.Name), text.Plural(int(t.Images), "image"),
		text.Group(t.Positives), text.Group(t.Ignored), text.Group(t.Negatives))
	m := &r.Metrics[0]
	ratio := "no positives"
	if m.NegativesPerPositive != nil {
		ratio = fmt.Sprintf("%s negatives for one positive", ratioText(*m.NegativesPerPositive))
	}
	p.Line("         %s; %s of %s objects have no positive anchor, %s only rescued ones\n",
		ratio, text.Group(m.ObjectsWithoutPositive), text.Group(t.Objects), text.Group(m.ObjectsRescued))
}

// imbalance prints, for each source of scores, the share of the loss that
// easy negatives have and what focal loss makes of it.
func (p *printer) imbalance(r *analysis.Result, s *report.Summary) {
	f := r.Config.Focal
	width := 22
	for _, of := range r.Config.Scores {
		width = max(width, len([]rune(of.Name)))
	}
	p.Line("loss     %-*s %14s %14s %14s   γ to balance", width, "negatives' share of", "BCE", "α-BCE",
		"focal γ="+text.Short(f.Gamma))
	for i := range r.Metrics {
		m := &r.Metrics[i]
		balance := "none: " + m.GammaBalanceWhy
		if m.GammaBalance != nil {
			balance = fmt.Sprintf("%.3f", *m.GammaBalance)
		}
		p.Line("         %-*s %14s %14s %14s   %s", width, text.InLine(r.Config.Scores[i].Name), percent(m.NegativeShare.BCE),
			percent(m.NegativeShare.AlphaBCE), percent(m.NegativeShare.Focal), balance)
	}
	if of := r.Config.Preset.Loss.Approximates(); of != "" {
		p.Line("         counts are exact, the loss is a stand-in: %s", of)
	}
	p.Line("         under objective %s (K=%d), %s; prior gives every anchor the score %s, as at",
		r.Setting.Objective, r.Setting.K,
		alphaText(f.Alpha), text.Short(s.Configuration.Scores[0].Positive))
	p.Line("         initialisation, article each positive a loss of 3 and each negative one of 0.1")
	if outputs := r.Outputs(); outputs != "" {
		p.Line("         outputs K: %s (--classes overrides)", outputs)
	}
	p.Line("")
}

// changed says in words what each detector's scores changed since
// initialisation.
func (p *printer) changed(r *analysis.Result) {
	before := &r.Metrics[0]
	for i, a := range r.Accounts {
		if r.Config.Scores[i].Geometry {
			p.Line("geometry is an illustration, made from the labels: it says nothing of a detector\n")
			continue
		}
		if a == nil {
			continue
		}
		after := &r.Metrics[i]
		p.Line("changed  %s: %s", text.InLine(r.Config.Scores[i].Name), origin(r, i))
		if r.Config.Results[i] != nil && a.Placed == a.Outside {
			p.Line("         none of them lies on an image in use: the scores are the floor's\n")
			continue
		}
		if v := r.Verdicts[i]; v != nil && v.Foreign() {
			why := "they do not fit the annotations (detections-disagree)"
			if !v.Disagrees() {
				why = "their scores seem to be inverted (detections-unranked)"
			}
			p.Line("         %s: nothing is concluded from them\n", why)
			continue
		}
		trend, ok := analysis.TrendOf(before, after, r.Margin(i))
		if !ok {
			p.Line("         there are no positives or no negatives to compare\n")
			continue
		}
		p.Line("         since initialisation a positive's BCE went from %.3g to %.3g, a negative's from %.3g to %.3g: %s",
			*before.MeanPositive.BCE, *after.MeanPositive.BCE,
			*before.MeanNegative.BCE, *after.MeanNegative.BCE, learnt[trend])
		p.Line("         so negatives' share of BCE went from %s to %s, of focal loss from %s to %s",
			percent(before.NegativeShare.BCE), percent(after.NegativeShare.BCE),
			percent(before.NegativeShare.Focal), percent(after.NegativeShare.Focal))
		for _, f := range r.AtFloors(i)[1:] {
			p.Line("         with a floor of %s it would be %s of BCE and %s of focal loss", text.Short(f.Floor),
				percent(f.NegativeShare.BCE), percent(f.NegativeShare.Focal))
		}
		p.Line("         the hardest 1 %% of terms carry %s of BCE and %s of focal loss\n",
			percent(after.Hardest1pctShare.BCE), percent(after.Hardest1pctShare.Focal))
	}
}

// maxSuspects is how many suspects the summary shows.
const maxSuspects = 5

// suspects says which labels the detector contradicts, and what they cost.
func (p *printer) suspects(r *analysis.Result) {
	if r.Audit == nil {
		return
	}
	m := &r.Metrics[r.Audit.Scores]
	p.Line("suspects %s where labels seem wrong, by %s: %s of BCE, %s of focal loss",
		text.Plural(len(r.Audit.Suspects), "place"), text.InLine(r.Config.Scores[r.Audit.Scores].Name),
		percent(m.SuspectShare.BCE), percent(m.SuspectShare.Focal))
	a := &m.NoiseAmplification
	p.Line("         focal loss multiplies the share of suspected objects by %s, of the hardest others by %s;",
		times(a.Objects), times(a.HardestObjects))
	p.Line("         of background that seems an object by %s, of the hardest other background by %s",
		times(a.Missing), times(a.HardestMissing))
	shown := 0
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Evidence == nil {
			continue
		}
		if shown++; shown > maxSuspects {
			break
		}
		p.Line("  %.2f   %-10s %s", f.Evidence.Score, f.Code, text.Clip(place(r, f)+f.Message, 120))
	}
	p.Line("")
}

// times writes a factor.
func times(x analysis.Number) string {
	if x == nil {
		return "-"
	}
	return fmt.Sprintf("%.3g", *x)
}

// origin says where a detector's scores come from.
func origin(r *analysis.Result, i int) string {
	s := &r.Config.Scores[i]
	if of := r.Config.Results[i]; of != nil {
		return fmt.Sprintf("%s of %s records of %s join%s; an anchor that none speaks for scores %s, an assumption",
			text.Group(int64(len(of.Detections))), text.Group(of.Read), text.InLine(of.Name), joinedBy(of),
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
	analysis.Unchanged:       "much as at initialisation",
	analysis.PositivesOnly:   "it has learnt the positives",
	analysis.PositivesFiring: "it has learnt the positives, and fires on background",
	analysis.NegativesOnly:   "it has learnt the negatives, not the positives",
	analysis.Firing:          "it fires on background, and has not learnt the positives",
	analysis.PositivesWorse:  "it finds fewer of the positives than at initialisation",
	analysis.BothWorse:       "both sides cost more than at initialisation",
}

// worst prints the gravest codes, each with its first finding.
func (p *printer) worst(r *analysis.Result, s *report.Summary) {
	c := &s.Findings
	p.Line("findings %s, %s, %s info", text.Plural(c.BySeverity["error"], "error"),
		text.Plural(c.BySeverity["warning"], "warning"), text.Group(int64(c.BySeverity["info"])))
	kinds := r.Kinds()
	for i, k := range kinds {
		if i == maxWorst {
			p.Line("         … and %s more; analyze explain CODE tells what one means",
				text.Plural(len(kinds)-maxWorst, "code"))
			return
		}
		f := &r.Findings[k.First]
		p.Line("  %-7s %-24s %7s  %s", k.Severity, k.Code, text.Group(int64(k.N)),
			text.Clip(place(r, f)+f.Message, 110))
	}
}

// place names the source of a finding where there are several.
func place(r *analysis.Result, f *findings.Finding) string {
	if f.Source < 0 || len(r.Data.Sources) == 1 {
		return ""
	}
	return r.Data.Sources[f.Source].Name + ": "
}

// left prints the files that were not used.
func (p *printer) left(d *dataset.Dataset, s *report.Summary) {
	for why, names := range d.SkippedWhy() {
		p.Line("skipped  %s: %s", text.InLine(Names(names)), text.InLine(why))
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

// ratioText writes a ratio with three digits, whole from 100 on.
func ratioText(x float64) string {
	if x >= 100 {
		return text.Group(int64(math.Round(x)))
	}
	return fmt.Sprintf("%.3g", x)
}

func percent(x analysis.Number) string {
	if x == nil {
		return "-"
	}
	return fmt.Sprintf("%.4g %%", 100**x)
}

func alphaText(alpha float64) string {
	if alpha < 0 {
		return "without α"
	}
	return "α=" + text.Short(alpha)
}
