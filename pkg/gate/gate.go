// Package gate checks a report against a policy, and compares two reports.
//
// A rule is an expression (expr-lang.org) that fails the data, or warns, where it
// is true: over the metrics of the first source of scores by their own names,
// those of any source as scores.NAME.METRIC or scores["NAME"].METRIC, the numbers
// of findings errors, warnings, infos and count("CODE"), cases("CODE") with the
// records that a finding stands for, rate("CODE") per annotation or image,
// drift("FIGURE") of the sources, and was("METRIC") and was_count("CODE") of a baseline.
// Findings that a waiver takes out, or with only_new those of the baseline, are not
// counted. Rules are compiled, and so checked for unknown names and wrong types,
// before a run starts. A metric that has nothing to divide by is nil: to compare it
// is an error of the rule and not a pass; `(domination.bce ?? 0) > 10` gives it a
// value. A rule has no loops and builds no texts, and a number that is NaN, infinite, or
// beyond ±2^53 decides nothing (evaluate.go).
//
//  1. ParsePolicy reads a policy (policy.go), New compiles its rules (rule.go).
//  2. Hold takes a report (subject.go), marks what is new, waived or reviewed, and
//     evaluates every rule; an Outcome says what the rule compared (measure.go).
//  3. Diff compares two reports for people (diff.go).
package gate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"focalaudit/pkg/findings"
)

// Gate is a policy that is fit to hold reports against.
type Gate struct {
	// Partial accepts files that could not be read: they warn.
	Partial bool

	policy Policy
	rules  []Rule
}

// New compiles a policy's rules. Sources are the names of the sources of scores
// that the report will have; nil if that is not known yet.
func New(p Policy, sources []string) (*Gate, error) {
	if p.OnlyNew && p.Baseline == "" {
		return nil, errors.New("only_new: there is no baseline to tell what is new")
	}
	g, size := &Gate{policy: p}, 0
	for i, r := range p.Rules {
		name := r.Name
		if name == "" {
			name = fmt.Sprintf("rule %d", i+1)
		}
		if (r.FailIf == "") == (r.WarnIf == "") {
			return nil, fmt.Errorf("%s: expected either fail_if or warn_if", name)
		}
		rule, err := Compile(r.FailIf+r.WarnIf, string(r.Each), sources, p.Baseline != "")
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		rule.Warns = r.FailIf == ""
		if rule.Name = r.Name; rule.Name == "" {
			rule.Name = rule.Text
		}
		if size += rule.size; size > maxPatternSizes {
			return nil, fmt.Errorf("%s: the patterns of the rules up to it have more than %d instructions: expected "+
				"simpler ones, without large repetitions, or fewer", name, maxPatternSizes)
		}
		g.rules = append(g.rules, rule)
	}
	return g, nil
}

// Status is what became of a rule.
type Status string

// The statuses, the gravest last.
const (
	Pass      Status = "pass"
	Warn      Status = "warn"
	Fail      Status = "fail"
	Undecided Status = "undecided" // the rule is neither true nor false
)

// Outcome is what became of one rule.
type Outcome struct {
	Name   string   `json:"name"`
	Title  string   `json:"title"` // of a line that tells the outcome: rule "no errors"
	Rule   string   `json:"rule"`
	Each   string   `json:"each,omitempty"`
	Status Status   `json:"status"`
	Of     []string `json:"of,omitempty"`    // the classes or sources that it is true of
	Error  string   `json:"error,omitempty"` // why it can't be decided

	// Measured says what its comparisons compare: "errors = 3, limit 0"; "" for rules over each class
	// or source.
	Measured string `json:"measured,omitempty"`

	// Parts says of the first of Of what it has, and had: chair has no object in train.json any more, 11 in the
	// baseline; where the rule does not ask for the baseline's numbers, what its comparisons compare.
	Parts []string `json:"parts,omitempty"`

	// Unjudged is set where the rule might come out otherwise with a file that could not be read; Error says so.
	Unjudged bool `json:"unjudged,omitempty"`

	// File is the file that could not be read, where the outcome is of no rule but of that; Line is where it ends
	// or breaks off, 0 if that is not known.
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`

	Findings []*Finding `json:"-"` // that a rule that fails or warns counts, by rank
	Source   string     `json:"-"` // the first source that a rule over each source is true of
	Was      bool       `json:"-"` // it is a rule that fails or warns, and asks for numbers of the baseline
}

// Verdict is what became of a report.
type Verdict struct {
	Status   Status    `json:"status"`
	Rules    []Outcome `json:"rules"`
	Findings []Finding `json:"-"`
	Sources  []Source  `json:"-"`
	Baseline bool      `json:"baseline"` // there is one
	Subject  *Subject  `json:"-"`
	Former   *Subject  `json:"-"` // the baseline, nil if there is none
	Moved    *Moved    `json:"moved,omitempty"`
	Waivers  []Waived  `json:"waivers,omitempty"` // that hold, and take findings out
	OnlyNew  bool      `json:"only_new"`
	Counts   Counts    `json:"findings"`
}

// Counts says how many findings there are.
type Counts struct {
	Total    int            `json:"total"`    // those that are not listed included
	Waived   int            `json:"waived"`   // taken out by waivers
	Reviewed int            `json:"reviewed"` // of the rest, looked at by a person and kept
	Known    int            `json:"known"`    // of the rest, in the baseline; 0 without one
	Gone     int            `json:"gone"`     // in the baseline only
	Deleted  *int           `json:"deleted"`  // of these, gone with their records; nil if that can't be told
	Counted  map[string]int `json:"counted"`  // what rules count, by code

	// By severity: all, and those that are in none of Waived, Reviewed and Known. Without a baseline the latter are
	// what rules count.
	BySeverity  map[string]int `json:"by_severity"`
	NewSeverity map[string]int `json:"new_by_severity"`
}

// Hold holds a report against the policy, as of a day. The baseline is nil if the
// policy has none. It marks the subject's findings. The error is that of ctx, or of reading the subject's labels.
func (g *Gate) Hold(ctx context.Context, s, baseline *Subject, day time.Time) (Verdict, error) {
	v := Verdict{
		Status: Pass, Findings: s.Findings, Sources: s.Sources,
		Baseline: baseline != nil, OnlyNew: g.policy.OnlyNew, Subject: s, Former: baseline,
	}
	for i := range s.Findings {
		s.Findings[i].New, s.Findings[i].Was, s.Findings[i].Waived = true, 0, nil
	}
	if baseline != nil {
		var err error
		if v.Counts.Gone, v.Counts.Deleted, v.Moved, err = gone(s, baseline); err != nil {
			return v, err
		}
	}
	var stale []Outcome
	stale, v.Waivers = g.waive(s, day)
	if baseline != nil {
		g.waive(baseline, day)
	}
	for _, why := range s.Refused { // before the rules, which may fail for no other reason
		v.add(refused(why, g.Partial))
	}
	if baseline != nil {
		for _, o := range lost(s, baseline) {
			v.add(o)
		}
	}
	f := g.facts(s, baseline, &v.Counts)
	for _, r := range g.rules {
		o := r.hold(ctx, s, f)
		if !g.Partial {
			o.unjudge(s.Refused, r.counted.was)
		}
		if why := s.unlooked(&r.counted, r.each); why != "" {
			o.unlook(why)
		}
		v.add(o)
	}
	for _, w := range stale {
		v.add(w)
	}
	if baseline != nil {
		if o, differ := g.otherSettings(s, baseline); differ {
			v.add(o)
		}
	}
	return v, ctx.Err()
}

// otherSettings returns the warning that a baseline was made with other settings: with another preset, which findings
// depend on, or where rules ask for its metrics.
func (g *Gate) otherSettings(s, baseline *Subject) (o Outcome, differ bool) {
	if baseline.Preset != s.Preset {
		o.Name, o.Rule = "a baseline of another preset", fmt.Sprintf("%s, and now %s", baseline.Preset, s.Preset)
	} else {
		others := baseline.Setting.others(&s.Setting, baseline.Preset, s.Preset)
		if len(others) == 0 || !slices.ContainsFunc(g.rules, func(r Rule) bool { return r.counted.was }) {
			return o, false
		}
		o.Name, o.Rule = "a baseline of other settings", strings.Join(others, ", ")
	}
	o.Status, o.Rule = Warn, o.Rule+": metrics are not comparable"
	return o, true
}

// add adds an outcome. One without a title is of no rule, and its name is a sentence that says what is wrong.
func (v *Verdict) add(o Outcome) {
	if o.Title == "" {
		o.Title = o.Name
	}
	v.Rules = append(v.Rules, o)
	order := []Status{Pass, Warn, Fail, Undecided}
	if slices.Index(order, o.Status) > slices.Index(order, v.Status) {
		v.Status = o.Status
	}
}

// unmatched tells of reviewed findings that are not in the report, nil if there are none.
func unmatched(reviewed []string, found map[string]bool) *Outcome {
	n, first := 0, ""
	for _, print := range reviewed {
		if !found[print] {
			if n++; n == 1 {
				first = print
			}
		}
	}
	if n == 0 {
		return nil
	}
	return &Outcome{
		Name: fmt.Sprintf("%d of %d entries of reviewed match nothing", n, len(reviewed)),
		Rule: "the first is " + first + ": the label was mended, or nothing is suspected in it now; an entry can go where " +
			"its label is gone",
		Status: Warn,
	}
}

// facts collects what expressions name.
func (g *Gate) facts(s, baseline *Subject, c *Counts) *facts {
	counted := maps.Clone(s.Counts)
	if counted == nil {
		counted = map[string]int{}
	}
	for _, n := range counted {
		c.Total += n
	}
	fresh := maps.Clone(counted) // without those that are known, whether rules count them or not
	for i := range s.Findings {
		switch f := &s.Findings[i]; {
		case f.Waived != nil:
			c.Waived++
			counted[f.Code]--
			fresh[f.Code]--
		case f.Reviewed:
			c.Reviewed++
			counted[f.Code]--
			fresh[f.Code]--
		case !f.New:
			c.Known++
			fresh[f.Code]--
			if g.policy.OnlyNew {
				counted[f.Code]--
			}
		}
	}
	g.unlisted(s, baseline, counted, fresh, c)
	maps.DeleteFunc(counted, func(_ string, n int) bool { return n <= 0 })
	c.Counted = counted
	c.BySeverity = bySeverity(s, s.Counts, func(*Finding) bool { return true })
	c.NewSeverity = bySeverity(s, fresh, func(f *Finding) bool { return f.Counts(true) })
	if baseline != nil {
		baseline = s.under(baseline)
	}
	out := &facts{
		subject: s, baseline: baseline, onlyNew: g.policy.OnlyNew, counted: counted,
		unlisted: s.Unlisted(), parts: map[string]map[string]part{}, silentIn: s.silentIn(), silentClass: s.silentClass(),
	}
	if baseline != nil {
		out.wasClasses, out.wasSources = byName(baseline.Classes, nameOfClass), byName(baseline.Sources, nameOfSource)
		out.wasSourceClasses = byName(baseline.SourceClasses, nameOfSourceClass)
	}
	out.allClasses, out.allSources, out.allClassesEach = out.classes(), out.sources(), out.sourceClasses()
	parts := len(out.allClasses) + len(out.allSources) + len(out.allClassesEach)
	out.left = budget{maxSteps + int64(stepsPerPart*parts), maxSteps}
	out.telling = budget{maxSteps + int64(toldOf*findingSteps*len(s.Findings)), maxSteps}
	return out
}

// unlisted takes out what is only counted, not listed: findings of a code beyond the
// first 100,000 of a file. A waiver of the whole code is about them too, and with
// only_new as many of them are known as the baseline has.
func (g *Gate) unlisted(s, baseline *Subject, counted, fresh map[string]int, c *Counts) {
	whole := map[string]bool{} // codes of waivers that hold for the whole report
	for i := range s.Findings {
		if w := s.Findings[i].Waived; w != nil && w.Code != "" && w.Source == "" && w.Files == "" {
			whole[w.Code] = true
		}
	}
	for code, n := range s.Unlisted() {
		switch {
		case whole[code]:
			counted[code] -= n
			fresh[code] -= n
			c.Waived += n
		case baseline != nil:
			n = min(n, baseline.Unlisted()[code])
			c.Known += n
			fresh[code] -= n
			if g.policy.OnlyNew {
				counted[code] -= n
			}
		}
	}
}

// PerImage reports whether rate divides a code's findings by the images, not by the
// annotations. An image-unknown is about an annotation; its rate was always one per
// image, and limits in policies are set for that.
func PerImage(code string) bool {
	e, _ := findings.Lookup(code)
	return e.About == findings.AboutImage || code == "image-unknown"
}

// checkCode returns an error for a code that is not in the catalogue.
func checkCode(code string) error {
	if _, ok := findings.Lookup(code); !ok {
		return fmt.Errorf("no finding has the code %q; the nearest are %s",
			code, strings.Join(findings.Nearest(code, 3), ", "))
	}
	return nil
}
