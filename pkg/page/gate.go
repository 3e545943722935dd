package page

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/gate"
)

// gateView is the verdict of a gate.
type gateView struct {
	Status, Word string
	Summary      string
	Rules        []ruleView
	Baseline     string // what differs from it, "" if there is none
	Changes      []changeView
	New          []newView
	MoreNew      string
}

// ruleView is what became of a rule.
type ruleView struct{ Status, Title, Rule, Measured, Of string }

// changeView is a metric that has changed since the baseline.
type changeView struct{ Name, Was, Is string }

// newView is a finding that the baseline does not have.
type newView struct{ Code, Severity, Where, Message string }

// The limits of what is listed.
const (
	maxOf  = 8  // classes or sources of a rule
	maxNew = 15 // new findings
)

// words say what became of a gate.
var words = map[gate.Status]string{
	gate.Pass: "passed", gate.Warn: "passed with warnings", gate.Fail: "failed", gate.Undecided: "could not be decided",
}

// gate returns the verdict, nil if there was no gate.
func (p *painter) gate() *gateView {
	v := p.held
	if v == nil {
		return nil
	}
	out := &gateView{Status: string(v.Status), Word: words[v.Status]}
	var bad []string
	for i := range v.Rules {
		o := &v.Rules[i]
		r := ruleView{string(o.Status), clip(o.Title), clip(o.Rule), clip(o.Measured), clip(o.Error)}
		if n := len(o.Of) - maxOf; n > 0 {
			r.Of = clip(strings.Join(o.Of[:maxOf], ", ")) + fmt.Sprintf(" and %s more", count(n))
		} else if len(o.Of) > 0 {
			r.Of = clip(strings.Join(o.Of, ", "))
		}
		if o.Status == gate.Fail || o.Status == gate.Undecided {
			bad = append(bad, r.Title)
		}
		out.Rules = append(out.Rules, r)
	}
	if len(bad) > 0 {
		out.Summary = "Not passed: " + clip(strings.Join(bad, "; ")) + "."
	}
	if v.Former != nil {
		p.difference(out)
	}
	return out
}

// difference fills in what has changed since the baseline.
func (p *painter) difference(out *gateView) {
	v := p.held
	isNew := 0
	for i := range v.Findings {
		f := &v.Findings[i]
		if !f.New {
			continue
		}
		if isNew++; len(out.New) < maxNew {
			where := f.File
			if where == "" {
				where = f.Source
			}
			out.New = append(out.New, newView{f.Code, f.Severity().String(), name(where), clip(f.Told())})
		}
	}
	if n := isNew - len(out.New); n > 0 {
		out.MoreNew = count(n)
	}
	records := ""
	if n := v.Counts.Deleted; n != nil && *n > 0 {
		records = " (" + count(*n) + " " + gate.WithRecords(*n) + ")"
	}
	out.Baseline = fmt.Sprintf("%s new, %s already in the baseline, %s of the baseline gone%s.", plural(isNew, "finding"),
		count(len(v.Findings)-isNew), count(v.Counts.Gone), records)
	was, is := v.Former.Metrics[v.Former.Scores[0]], p.Metrics[0]
	type metrics = *analysis.Metrics
	numbers := []struct {
		name    string
		of      func(m metrics) float64
		written func(float64) string
	}{
		{"images in use", func(m metrics) float64 { return float64(m.Images) }, whole},
		{"objects in use", func(m metrics) float64 { return float64(m.Objects) }, whole},
		{"objects never trained", func(m metrics) float64 { return float64(m.ObjectsWithoutPositive) }, whole},
		{"objects with fallback anchors only", func(m metrics) float64 { return float64(m.ObjectsRescued) }, whole},
		{"negatives per positive", func(m metrics) float64 { return valueOf(m.NegativesPerPositive) }, digits3},
		{"background's share of cross entropy", func(m metrics) float64 { return valueOf(m.NegativeShare.BCE) }, percent},
		{"background's share of focal loss", func(m metrics) float64 { return valueOf(m.NegativeShare.Focal) }, percent},
	}
	for _, n := range numbers {
		a, b := n.of(&was), n.of(&is)
		if same := a == b || math.IsNaN(a) && math.IsNaN(b); !same && n.written(a) != n.written(b) {
			out.Changes = append(out.Changes, changeView{n.name, number(n.written, a), number(n.written, b)})
		}
	}
	slices.SortStableFunc(out.Rules, func(a, b ruleView) int { return rank(b.Status) - rank(a.Status) })
}

// whole writes a count.
func whole(x float64) string { return count(int64(x)) }

// number writes a number, a dash for NaN.
func number(written func(float64) string, x float64) string {
	if math.IsNaN(x) {
		return "–"
	}
	return written(x)
}

// rank orders statuses, the gravest highest.
func rank(status string) int {
	return slices.Index([]gate.Status{gate.Pass, gate.Warn, gate.Fail, gate.Undecided}, gate.Status(status))
}
