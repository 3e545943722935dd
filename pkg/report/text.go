package report

import (
	"fmt"
	"io"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/anchors"
	"focalaudit/pkg/findings"
)

// maxWorst is how many codes of findings the summary shows.
const maxWorst = 8

// Text prints the one-screen summary of a run whose report is at dir.
func Text(w io.Writer, r *analysis.Result, dir, version string) error {
	p := &printer{w: w}
	s := Summarise(r, version)
	p.read(r, s)
	p.imbalance(r)
	p.changed(r)
	p.suspects(r)
	p.worst(r, s)
	p.left(s)
	dir = Printable(dir)
	p.line("\nreport   %s", dir)
	p.line("         e.g. duckdb -c \"select * from '%s' limit 20\"", filepath.Join(dir, "findings.parquet"))
	return p.err
}

// printer keeps the first error of many lines.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

func (p *printer) read(r *analysis.Result, s *Summary) {
	p.line("read     %s: %s, %s, %s", plural(len(s.Inputs), "source"), plural(s.Images.Read, "image"), plural(s.Annotations.Read, "annotation"), plural(s.Classes, "class"))
	if out := leftOut(s.Images); out != "" {
		p.line("         images left out: %s", out)
	}
	if out := leftOut(s.Annotations); out != "" {
		p.line("         annotations left out: %s", out)
	}
	t := &r.Total
	p.line("anchors  %s laid by %s on %s: %s positive, %s ignored, %s negative",
		group(t.Anchors), Printable(r.Config.Preset.Name), plural(int(t.Images), "image"), group(t.Positives), group(t.Ignored), group(t.Negatives))
	m := &r.Metrics[0]
	ratio := "no positives"
	if m.NegativesPerPositive != nil {
		ratio = fmt.Sprintf("%s negatives for one positive", ratioText(*m.NegativesPerPositive))
	}
	p.line("         %s; %s of %s objects have no positive anchor, %s only rescued ones\n",
		ratio, group(m.ObjectsWithoutPositive), group(t.Objects), group(m.ObjectsRescued))
}

// imbalance prints, for each source of scores, the share of the loss that
// easy negatives have and what focal loss makes of it.
func (p *printer) imbalance(r *analysis.Result) {
	f := r.Config.Focal
	width := 22
	for _, s := range r.Config.Scores {
		width = max(width, len([]rune(s.Name)))
	}
	p.line("loss     %-*s %14s %14s %14s   γ to balance", width, "negatives' share of", "BCE", "α-BCE", "focal γ="+short(f.Gamma))
	for i := range r.Metrics {
		m := &r.Metrics[i]
		balance := "none: " + m.GammaBalanceWhy
		if m.GammaBalance != nil {
			balance = fmt.Sprintf("%.3f", *m.GammaBalance)
		}
		p.line("         %-*s %14s %14s %14s   %s", width, r.Config.Scores[i].Name, percent(m.NegativeShare.BCE), percent(m.NegativeShare.AlphaBCE), percent(m.NegativeShare.Focal), balance)
	}
	if r.Config.Preset.Loss == anchors.Softmax {
		p.line("         counts are exact, the loss is a stand-in: the trainer's is a softmax over classes and background")
	}
	if r.Config.Preset.Loss == anchors.Soft {
		p.line("         counts are exact, the loss is a stand-in: the trainer's targets are the IoUs of predicted boxes")
	}
	p.line("         under objective %s (K=%d), %s; prior gives every anchor the score %s, as at", r.Objective, r.K, alphaText(f.Alpha), short(digits(r.Config.Scores[0].Positive.P())))
	p.line("         initialisation, article each positive a loss of 3 and each negative one of 0.1\n")
}

// changed says in words what each detector's scores changed since
// initialisation.
func (p *printer) changed(r *analysis.Result) {
	before := &r.Metrics[0]
	for i, a := range r.Accounts {
		if r.Config.Scores[i].Geometry {
			p.line("geometry is an illustration, made from the labels: it says nothing of a detector\n")
			continue
		}
		if a == nil {
			continue
		}
		after := &r.Metrics[i]
		p.line("changed  %s: %s", Printable(r.Config.Scores[i].Name), origin(r, i))
		if r.Config.Results[i] != nil && a.Placed == a.Outside {
			p.line("         none of them lies on an image in use: the scores are the floor's\n")
			continue
		}
		trend, ok := analysis.TrendOf(before, after)
		if !ok {
			p.line("         there are no positives or no negatives to compare\n")
			continue
		}
		p.line("         since initialisation a positive's BCE went from %.3g to %.3g, a negative's from %.3g to %.3g: %s", *before.MeanPositive.BCE, *after.MeanPositive.BCE,
			*before.MeanNegative.BCE, *after.MeanNegative.BCE, learnt[trend])
		p.line("         so negatives' share of BCE went from %s to %s, of focal loss from %s to %s", percent(before.NegativeShare.BCE), percent(after.NegativeShare.BCE),
			percent(before.NegativeShare.Focal), percent(after.NegativeShare.Focal))
		for _, f := range r.AtFloors(i)[1:] {
			p.line("         with a floor of %s it would be %s of BCE and %s of focal loss", short(f.Floor), percent(f.NegativeShare.BCE), percent(f.NegativeShare.Focal))
		}
		p.line("         the hardest 1 %% of terms carry %s of BCE and %s of focal loss\n", percent(after.Hardest1pctShare.BCE), percent(after.Hardest1pctShare.Focal))
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
	p.line("suspects %s where labels seem wrong, by %s: %s of BCE, %s of focal loss", plural(len(r.Audit.Suspects), "place"),
		Printable(r.Config.Scores[r.Audit.Scores].Name), percent(m.SuspectShare.BCE), percent(m.SuspectShare.Focal))
	a := &m.NoiseAmplification
	p.line("         focal loss multiplies the share of suspected objects by %s, of the hardest others by %s;", times(a.Objects), times(a.HardestObjects))
	p.line("         of background that seems an object by %s, of the hardest other background by %s", times(a.Missing), times(a.HardestMissing))
	shown := 0
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Evidence == nil {
			continue
		}
		if shown++; shown > maxSuspects {
			break
		}
		p.line("  %.2f   %-10s %s", f.Evidence.Score, f.Code, clip(place(r, f)+f.Message, 120))
	}
	p.line("")
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
		return fmt.Sprintf("%s of %s records of %s join; an anchor that none speaks for scores %s, an assumption",
			group(int64(len(of.Detections))), group(of.Read), Printable(of.Name), short(s.Detector.Floor))
	}
	return fmt.Sprintf("logits of %s of %s images", group(r.Total.Images-r.Accounts[i].Missing), group(r.Total.Images))
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
func (p *printer) worst(r *analysis.Result, s *Summary) {
	c := &s.Findings
	p.line("findings %s, %s, %s info", plural(c.BySeverity["error"], "error"), plural(c.BySeverity["warning"], "warning"), group(int64(c.BySeverity["info"])))
	seen := map[string]bool{}
	for i := range r.Findings {
		f := &r.Findings[i]
		if seen[f.Code] {
			continue
		}
		seen[f.Code] = true
		if len(seen) > maxWorst {
			p.line("         … and %s more; analyze explain CODE tells what one means", plural(len(c.ByCode)-maxWorst, "code"))
			return
		}
		p.line("  %-7s %-24s %7s  %s", severityOf(f.Code), f.Code, group(int64(c.ByCode[f.Code])), clip(place(r, f)+f.Message, 110))
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
func (p *printer) left(s *Summary) {
	for _, k := range s.Skipped {
		p.line("skipped  %s: %s", Printable(k.Name), k.Why)
	}
	for _, e := range s.Refused {
		p.line("refused  %s", Printable(e))
	}
}

func leftOut(c Counted) string {
	var parts []string
	for why, n := range c.LeftOut {
		parts = append(parts, group(int64(n))+" "+why)
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}

// ratioText writes a ratio with three digits, whole from 100 on.
func ratioText(x float64) string {
	if x >= 100 {
		return group(int64(math.Round(x)))
	}
	return fmt.Sprintf("%.3g", x)
}

// plural counts things whose plural ends in s.
func plural(n int, thing string) string {
	switch {
	case n == 1:
		return "1 " + thing
	case strings.HasSuffix(thing, "s"):
		return group(int64(n)) + " " + thing + "es"
	}
	return group(int64(n)) + " " + thing + "s"
}

// group writes a whole number with commas between thousands.
func group(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func percent(x analysis.Number) string {
	if x == nil {
		return "-"
	}
	return fmt.Sprintf("%.4g %%", 100**x)
}

func short(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

func alphaText(alpha float64) string {
	if alpha < 0 {
		return "without α"
	}
	return "α=" + short(alpha)
}

// clip cuts a printable text to n runes.
func clip(s string, n int) string {
	if rs := []rune(s); len(rs) > n {
		s = string(rs[:n-1]) + "…"
	}
	return strings.ReplaceAll(Printable(s), "\n", " ")
}

var commandLine = regexp.MustCompile(`(\n\s*)::`)

// Printable returns s with the control characters, which could command a
// terminal, but the newlines, made spaces: names from data sets are text.
func Printable(s string) string {
	// nor a CI server: GitHub takes a line that begins with :: , or ##[ anywhere, for a command
	s = strings.ReplaceAll(commandLine.ReplaceAllString(s, "$1: :"), "##[", "## [")
	return strings.Map(func(r rune) rune {
		if r != '\n' && !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}

// inLine is Printable for a name that stands within a line.
func inLine(s string) string { return strings.ReplaceAll(Printable(s), "\n", " ") }
