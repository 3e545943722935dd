package gate

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"

	"focalaudit/internal/spelling"
	"focalaudit/pkg/analysis"
	"focalaudit/pkg/distribution"
	"focalaudit/pkg/findings"
)

// Rule is a compiled expression.
type Rule struct {
	Name, Text string
	Warns      bool // where it is true, in the place of failing
	each       string
	tree       ast.Node
	patterns   map[ast.Node]pattern // of matches
	size       int                  // of all of them, in instructions
	counted    counted
}

// Facts are what rules over a whole report name.
type Facts struct {
	analysis.Metrics                                // of the first source of scores
	Scores           map[string]analysis.Metrics    `expr:"scores"`
	Errors           int                            `expr:"errors"` // findings by severity
	Warnings         int                            `expr:"warnings"`
	Infos            int                            `expr:"infos"`
	DataErrors       int                            `expr:"data_errors"` // findings by family and severity
	DataWarnings     int                            `expr:"data_warnings"`
	TrainerErrors    int                            `expr:"trainer_errors"`
	TrainerWarnings  int                            `expr:"trainer_warnings"`
	LabelErrors      int                            `expr:"label_errors"`
	LabelWarnings    int                            `expr:"label_warnings"`
	Count            func(string) (int, error)      `expr:"count"`
	Cases            func(string) (int, error)      `expr:"cases"`
	Rate             func(string) (float64, error)  `expr:"rate"`
	Drift            func(string) (*float64, error) `expr:"drift"`
	Was              func(string) (*float64, error) `expr:"was"`
	WasCount         func(string) (int, error)      `expr:"was_count"`
}

// ClassFacts are what rules over each class name.
type ClassFacts struct {
	Class
	Count func(string) (int, error)      `expr:"count"` // of findings that concern the class
	Rate  func(string) (float64, error)  `expr:"rate"`  // per annotation of the class
	Was   func(string) (*float64, error) `expr:"was"`   // a number of the class in the baseline, 0 if it was not there
}

// SourceFacts are what rules over each source name.
type SourceFacts struct {
	Source
	Count func(string) (int, error)      `expr:"count"` // of findings in the source
	Rate  func(string) (float64, error)  `expr:"rate"`  // per annotation of the source
	Was   func(string) (*float64, error) `expr:"was"`   // a number of the source in the baseline, 0 if it was not there
}

// SourceClassFacts are what rules over each class of each source name.
type SourceClassFacts struct {
	SourceClass
	Count func(string) (int, error)      `expr:"count"` // of findings in the source that concern the class
	Was   func(string) (*float64, error) `expr:"was"`   // a number in the baseline, 0 if the source had no such class
}

// SourceAndClass is the scope of rules over each class of each source.
const SourceAndClass = "source, class"

// envs are the names of each scope, and what they are called in messages.
var envs = map[string]any{
	"": Facts{}, "class": ClassFacts{}, "source": SourceFacts{}, SourceAndClass: SourceClassFacts{},
}

// Compile checks an expression and makes it a rule: over the whole report, or over
// each class or source. Sources are the names of the sources of scores that the
// report will have, nil if any may be there.
func Compile(text, each string, sources []string, baseline bool) (Rule, error) {
	env, ok := envs[each]
	if !ok {
		return Rule{}, fmt.Errorf("each %q: expected class, source or [source, class]", each)
	}
	if len(text) > maxRuleText {
		return Rule{}, fmt.Errorf("rule %.40q…: got %d bytes, expected at most %d", text, len(text), maxRuleText)
	}
	size := sizeOfPatterns(text)
	if size > maxPatternSize {
		return Rule{}, fmt.Errorf("rule %.40q…: %w", text, errPatterns)
	}
	names := &nameChecker{sources: sources, baseline: baseline, each: each}
	// The compiler checks names and types. It must not fold constants: that would write ranges
	// out, and compute what evaluation has to refuse.
	program, err := expr.Compile(text, expr.Env(env), expr.AsBool(), expr.Patch(names),
		expr.Optimize(false), expr.MaxNodes(maxRuleParts))
	if err != nil && strings.Contains(err.Error(), "exceeds maximum allowed nodes") {
		return Rule{}, fmt.Errorf("rule %.40q…: expected at most %d names, numbers and operators", text, maxRuleParts)
	}
	if err != nil {
		message := strings.ReplaceAll(spelling.Expression(text, err.Error()),
			"type analysis.ByLoss has no field", "this metric has no part")
		if of := strings.Index(message, "error parsing regexp: "); of >= 0 {
			message = "a pattern that this program does not read (RE2): " + message[of+len("error parsing regexp: "):]
		} else if assigns.MatchString(declares.ReplaceAllString(text, "")) {
			message = "a single = compares nothing: write =="
		}
		return Rule{}, fmt.Errorf("rule %q: %s%s", text, nearest(message, env), hint(message, env))
	}
	if names.err == nil && names.uses > names.members {
		names.source(nil)
	}
	if names.err != nil {
		return Rule{}, fmt.Errorf("rule %q: %w", text, names.err)
	}
	forms := &formChecker{patterns: map[ast.Node]pattern{}}
	tree := program.Node()
	if err := forms.check(tree); err != nil {
		return Rule{}, fmt.Errorf("rule %q: %w", text, err)
	}
	r := Rule{Name: text, Text: text, each: each, tree: tree, patterns: forms.patterns, size: size}
	ast.Walk(&r.tree, &r.counted)
	return r, nil
}

// assigns finds a single equals sign, of which people mean two.
var assigns = regexp.MustCompile(`(^|[^=!<>])=([^=]|$)`)

// declares finds what gives a variable its value.
var declares = regexp.MustCompile(`\blet\s+\w+\s*=`)

// ErrUndecided is the error of a rule that is neither true nor false.
var ErrUndecided = errors.New("can't be decided")

// True reports whether the rule is true of facts of its scope.
func (r Rule) True(of any) (bool, error) {
	return r.within(&budget{maxSteps, maxSteps}, of)
}

// within is True within some steps, which it takes from those that are left.
func (r *Rule) within(left *budget, of any) (bool, error) {
	yes, err := r.evaluation(left, of).truth(r.tree)
	switch {
	case errors.Is(err, errSteps), errors.Is(err, errTexts):
		return false, err
	case err != nil:
		return false, fmt.Errorf("rule %s %w: %w (a metric without a value is nil; `(METRIC ?? 0)` gives it one)",
			r.Text, ErrUndecided, err)
	}
	return yes, nil
}

// title names a rule so that nobody takes its name for a state of affairs: rule "no errors", whether it
// holds or not. A rule without a name has its condition, with what that does where it is true.
func (r *Rule) title() string {
	switch {
	case r.Name != r.Text:
		return `rule "` + r.Name + `"`
	case r.Warns:
		return "warn_if " + r.Text
	}
	return "fail_if " + r.Text
}

// maxParts is of how many classes or sources an outcome says what was compared.
const maxParts = 10

// measure says what the rule compares of facts of its scope, as far as there are steps left for what is said.
func (r *Rule) measure(left *budget, of any) string {
	return r.evaluation(left, of).measure(r.tree)
}

// evaluation returns the evaluation of the rule for facts of its scope.
func (r *Rule) evaluation(left *budget, of any) *evaluation {
	return &evaluation{facts: reflect.ValueOf(of), left: left, patterns: r.patterns}
}

// holding is a rule that is held against one part of a report after the other.
type holding struct {
	rule     *Rule
	facts    *facts
	out      Outcome
	asked    int    // parts
	unjudged string // why nobody judged the labels that the rule counts in the first part that passes, "" if somebody did
}

// hold holds the rule against a report. It ends early, with an outcome that means nothing,
// when ctx is done.
func (r Rule) hold(ctx context.Context, s *Subject, f *facts) Outcome {
	h := &holding{rule: &r, facts: f}
	h.out = Outcome{Name: r.Name, Title: r.title(), Rule: r.Text, Each: r.each, Status: Pass}
	h.parts(ctx)
	o := &h.out
	if f.left.steps < 0 {
		*o = Outcome{Name: r.Name, Title: r.title(), Rule: r.Text, Each: r.each, Status: Undecided, Error: errSteps.Error()}
	}
	if h.unjudged != "" {
		o.unlook(h.unjudged)
	}
	if h.asked == 0 && o.Status == Pass && ctx.Err() == nil {
		o.Status = Undecided
		o.Error = "the report has no " + strings.TrimPrefix(r.each, "source, ") + " that the rule could hold of"
	}
	if o.Status == Fail || o.Status == Warn {
		o.Was = r.counted.was
		h.list(s.Findings)
	}
	return *o
}

// parts asks the rule of each part of its scope, until its steps are used up.
func (h *holding) parts(ctx context.Context) {
	f := h.facts
	over := func() bool { return ctx.Err() != nil || f.left.steps < 0 }
	switch each := h.rule.each; {
	case over():
	case each == SourceAndClass:
		if h.out.Error = f.unknownSourceClasses(h.rule.counted.was); h.out.Error != "" {
			h.out.Status = Undecided
			return
		}
		for i := 0; i < len(f.allClassesEach) && !over(); i++ {
			c := f.allClassesEach[i]
			h.ask(f.sourceClass(c), nameOfSourceClass(&c))
		}
	case each == "class":
		for i := 0; i < len(f.allClasses) && !over(); i++ {
			h.ask(f.class(f.allClasses[i]), f.allClasses[i].Name)
		}
	case each == "source":
		for i := 0; i < len(f.allSources) && !over(); i++ {
			h.ask(f.source(f.allSources[i]), f.allSources[i].Name)
		}
	default:
		if f.all == nil {
			all := f.whole()
			f.all = &all
		}
		whole := *f.all
		h.ask(whole, "")
		h.out.Of = nil
		h.out.Measured = h.rule.measure(&f.telling, whole)
	}
}

// ask holds the rule against one part.
func (h *holding) ask(of any, name string) {
	f, r, o := h.facts, h.rule, &h.out
	h.asked++
	f.left.steps -= partSteps
	f.silent = ""
	yes, err := r.within(&f.left, of)
	if h.unjudged == "" && !yes {
		h.unjudged = f.silent
	}
	switch {
	case err != nil:
		o.Status, o.Error = Undecided, err.Error()
	case yes:
		if len(o.Of) < maxParts && r.each != "" {
			o.Parts = append(o.Parts, r.said(&f.telling, of, name))
		}
		if o.Source == "" {
			o.Source, _ = partOf(of)
		}
		if o.Of = append(o.Of, name); o.Status == Pass {
			o.Status = Fail
			if r.Warns {
				o.Status = Warn
			}
		}
	}
}

// list adds the findings that the rule counts in the parts of which it holds. The outcome stands without them where
// many such rules of many findings have used up the steps for it.
func (h *holding) list(all []Finding) {
	of := map[string]bool{}
	for _, name := range h.out.Of {
		of[name] = true
	}
	if h.facts.telling.steps -= int64(findingSteps * len(all)); h.facts.telling.steps < 0 {
		return
	}
	for i := range all {
		if x := &all[i]; x.Counts(h.facts.onlyNew) && h.rule.counted.has(x) && x.concerns(h.rule.each, of) {
			h.out.Findings = append(h.out.Findings, x)
		}
	}
}

// concerns reports whether the finding is about one of the parts of a rule over each; one over the whole report is
// about all findings.
func (f *Finding) concerns(each string, of map[string]bool) bool {
	switch each {
	case SourceAndClass:
		return of[inSource(f.Source, f.Class)]
	case "class":
		return of[f.Class]
	case "source":
		return of[f.Source]
	}
	return true
}

// facts makes what expressions name.
type facts struct {
	subject, baseline *Subject
	left              budget // of rules
	telling           budget // of what is said of them
	onlyNew           bool
	silent            string            // why labels that were counted last are not judged, "" if they are
	silentIn          map[string]string // by source: why its labels are not judged; without those that are
	silentClass       map[string]string // the same by class, of those that only such sources have
	counted           map[string]int
	unlisted          map[string]int
	parts             map[string]map[string]part // by kind and name; filled on demand
	wasClasses        map[string]*Class          // of the baseline, by name
	wasSources        map[string]*Source
	wasSourceClasses  map[string]*SourceClass

	all            *Facts // of the whole report; nil until a rule asks
	allClasses     []Class
	allSources     []Source
	allClassesEach []SourceClass
}

func (f *facts) whole() Facts {
	s := f.subject
	out := Facts{Metrics: s.Metrics[s.Scores[0]], Scores: s.Metrics}
	by := severities(s, f.counted, func(x *Finding) bool { return x.Counts(f.onlyNew) })
	for k, n := range by {
		*map[findings.Severity]*int{
			findings.Error: &out.Errors, findings.Warning: &out.Warnings, findings.Info: &out.Infos,
		}[k.severity] += n
	}
	of := func(family findings.Family) (errors, warnings int) {
		return by[sort{family, findings.Error}], by[sort{family, findings.Warning}]
	}
	out.DataErrors, out.DataWarnings = of(findings.Data)
	out.TrainerErrors, out.TrainerWarnings = of(findings.Trainer)
	out.LabelErrors, out.LabelWarnings = of(findings.Label)
	count := func(code string) (int, error) { return f.counted[code], checkCode(code) }
	all := f.part("", "", func(*Finding) string { return "" })
	out.Count, out.Rate = f.counts(count, all, int64(s.Annotations), int64(s.Images))
	out.Cases = func(code string) (int, error) {
		return int(all.cases(code, f.counted[code])), checkCode(code)
	}
	out.Drift = s.drift
	out.Was = func(metric string) (*float64, error) {
		b := f.baseline
		source, metric := splitMetric(metric)
		if source == "" {
			source = b.Scores[0]
		}
		of, there := b.Metrics[source]
		if !there {
			return nil, fmt.Errorf("the baseline has no scores %q, only %s", source, strings.Join(b.Scores, ", "))
		}
		if others := b.Setting.asked(source, metric, &s.Setting); len(others) > 0 {
			return nil, otherSettings(metric, others)
		}
		return valueOf(of, metric)
	}
	var kept map[string]int // findings of the baseline that count no more
	out.WasCount = func(code string) (int, error) {
		now := &f.subject.Setting
		if code == "image-without-objects" && f.baseline.Setting.SkipEmpty != now.SkipEmpty {
			return 0, otherSettings(code, f.baseline.Setting.asked("", "images", now))
		}
		if kept == nil {
			kept = map[string]int{}
			for i := range f.baseline.Findings {
				if x := &f.baseline.Findings[i]; x.Waived != nil || x.Reviewed {
					kept[x.Code]++
				}
			}
		}
		return f.baseline.Counts[code] - kept[code], checkCode(code)
	}
	return out
}

// drift returns how far apart the sources are in a figure, nil if fewer than two have it.
func (s *Subject) drift(figure string) (*float64, error) {
	if s.Drift == nil {
		return nil, errors.New("drift: the report is of an earlier version, which does not say; write it anew")
	}
	d, ok := s.Drift[figure]
	if !ok {
		return nil, distribution.Check(figure)
	}
	return &d, nil
}

// sort is a sort of findings that rules count by a name of its own.
type sort struct {
	family   findings.Family
	severity findings.Severity
}

// sortOf is the sort of a finding. A code that is not in the catalogue is about the file.
func sortOf(f *Finding) sort {
	e, known := findings.Lookup(f.Code)
	if !known {
		return sort{findings.Data, f.Severity()}
	}
	return sort{e.Family, f.Severity()}
}

// severities returns how many findings there are by family and severity, given those by code and which of the listed
// ones these are. Those that the report counts without listing them have the severity of the first listed one of their
// code.
func severities(s *Subject, counted map[string]int, is func(*Finding) bool) map[sort]int {
	by, listed, first := map[sort]int{}, map[string]int{}, map[string]*Finding{}
	for i := range s.Findings {
		x := &s.Findings[i]
		if first[x.Code] == nil {
			first[x.Code] = x
		}
		if is(x) {
			by[sortOf(x)]++
			listed[x.Code]++
		}
	}
	for code, n := range counted {
		like := first[code]
		if like == nil {
			like = &Finding{Code: code}
		}
		by[sortOf(like)] += n - listed[code]
	}
	return by
}

// bySeverity is severities of all families, by the severity's name; without those that have none.
func bySeverity(s *Subject, counted map[string]int, is func(*Finding) bool) map[string]int {
	out := map[string]int{}
	for k, n := range severities(s, counted, is) {
		if n > 0 {
			out[k.severity.String()] += n
		}
	}
	return out
}

// part is what is said of a part of the data: the findings that rules count, by code.
type part map[string]*tally

// tally counts findings, and the records that they stand for.
type tally struct {
	findings int
	records  int64
}

// cases is how many records n findings of a code stand for, those that are not listed included.
func (p part) cases(code string, n int) int64 {
	if of := p[code]; of != nil {
		return int64(n-of.findings) + of.records
	}
	return int64(n)
}

// part returns the part of a name: of the findings of which of tells it.
func (f *facts) part(kind, name string, of func(*Finding) string) part {
	parts := f.parts[kind]
	if parts == nil {
		parts = map[string]part{}
		f.parts[kind] = parts
		for i := range f.subject.Findings {
			x := &f.subject.Findings[i]
			if !x.Counts(f.onlyNew) {
				continue
			}
			at := of(x)
			if parts[at] == nil {
				parts[at] = part{}
			}
			if parts[at][x.Code] == nil {
				parts[at][x.Code] = &tally{}
			}
			parts[at][x.Code].findings++
			parts[at][x.Code].records += x.counted(f.onlyNew)
		}
	}
	return parts[name]
}

// count returns the function count of a part.
func (f *facts) count(p part) func(code string) (int, error) {
	return func(code string) (int, error) {
		if n := f.unlisted[code]; n > 0 {
			return 0, fmt.Errorf("%d findings %s are counted but not listed, so that nobody can tell whose they are",
				n, code)
		}
		n := 0
		if of := p[code]; of != nil {
			n = of.findings
		}
		return n, checkCode(code)
	}
}

// countIn is count of a part. It notes if labels are counted there that nobody judged: silent says why, "" if somebody
// did.
func (f *facts) countIn(silent string, p part) func(code string) (int, error) {
	count := f.count(p)
	return func(code string) (int, error) {
		if e, _ := findings.Lookup(code); e.Family == findings.Label && f.silent == "" {
			f.silent = silent
		}
		return count(code)
	}
}

func (f *facts) class(c Class) ClassFacts {
	out := ClassFacts{Class: c}
	p := f.part("class", c.Name, func(x *Finding) string { return x.Class })
	out.Count, out.Rate = f.counts(f.countIn(f.silentClass[c.Name], p), p, c.Annotations, c.Images)
	out.Was = wasIn(f.wasClasses, c.Name)
	return out
}

func (f *facts) source(s Source) SourceFacts {
	out := SourceFacts{Source: s}
	p := f.part("source", s.Name, func(x *Finding) string { return x.Source })
	out.Count, out.Rate = f.counts(f.countIn(f.silentIn[s.Name], p), p, s.Annotations, s.Images)
	was := wasIn(f.wasSources, s.Name)
	out.Was = func(number string) (*float64, error) {
		if now := &f.subject.Setting; number == "images" && f.baseline.Setting.SkipEmpty != now.SkipEmpty {
			return nil, otherSettings(number, f.baseline.Setting.asked("", number, now))
		}
		return was(number)
	}
	return out
}

// otherSettings is the error of a number of the baseline that does not compare.
func otherSettings(metric string, settings []string) error {
	return fmt.Errorf("%s of the baseline is of other settings (%s): run with those, or make the baseline anew",
		metric, strings.Join(settings, ", "))
}

func (f *facts) sourceClass(c SourceClass) SourceClassFacts {
	name := func(x *Finding) string { return inSource(x.Source, x.Class) }
	return SourceClassFacts{
		SourceClass: c,
		Count:       f.countIn(f.silentIn[c.Source], f.part(SourceAndClass, nameOfSourceClass(&c), name)),
		Was:         wasIn(f.wasSourceClasses, nameOfSourceClass(&c)),
	}
}

// unknownSourceClasses says why nothing is known of the classes of each source, "" if all is that a rule needs: one
// that asks for the baseline's numbers needs those too.
func (f *facts) unknownSourceClasses(was bool) string {
	const old = " is of an earlier version, which does not count classes by file: write it anew with "
	switch {
	case f.subject.SourceClasses == nil:
		return "the report" + old + "analyze run"
	case was && f.baseline.SourceClasses == nil:
		return "the baseline" + old + "analyze baseline"
	}
	return ""
}

// counts makes the functions count and rate of a part of the findings. A finding that stands for several
// records counts once, and in a rate with all of them.
func (f *facts) counts(
	count func(string) (int, error), p part, annotations, images int64,
) (func(string) (int, error), func(string) (float64, error)) {
	return count, func(code string) (float64, error) {
		of := annotations
		if PerImage(code) {
			of = images
		}
		n, err := count(code)
		if of == 0 || err != nil {
			return 0, err
		}
		return float64(p.cases(code, n)) / float64(of), nil
	}
}

// splitMetric splits the name of a metric of any source, scores.NAME.METRIC; source is "" for one of
// the first source, METRIC.
func splitMetric(name string) (source, metric string) {
	rest, ok := strings.CutPrefix(name, "scores.")
	if !ok {
		return "", name
	}
	for _, metric := range MetricNames() {
		if of, ok := strings.CutSuffix(rest, "."+metric); ok && len(of) > 0 && (source == "" || len(of) < len(source)) {
			source, name = of, metric
		}
	}
	return source, name
}

// valueOf returns a metric by its name.
func valueOf(m analysis.Metrics, name string) (*float64, error) {
	v := reflect.ValueOf(m)
	for part := range strings.SplitSeq(name, ".") {
		field, ok := fieldOf(v, part)
		if !ok {
			return nil, fmt.Errorf("was(%q): no such metric", name)
		}
		v = field
	}
	switch x := v.Interface().(type) {
	case *float64:
		return x, nil
	case int64:
		y := float64(x)
		return &y, nil
	}
	return nil, fmt.Errorf("was(%q): not a number", name)
}

func fieldOf(v reflect.Value, name string) (reflect.Value, bool) {
	if v.Kind() != reflect.Struct {
		return v, false
	}
	for i := range v.NumField() {
		if v.Type().Field(i).Tag.Get("expr") == name {
			return v.Field(i), true
		}
	}
	return v, false
}

// nameChecker looks for the names that stand in strings, which the compiler
// takes as they come.
type nameChecker struct {
	each     string
	sources  []string
	baseline bool // there is one
	members  int  // times that scores stands before a dot or bracket
	uses     int  // times that it stands at all
	err      error
}

// Visit implements ast.Visitor.
func (c *nameChecker) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		c.identifier(n.Value)
	case *ast.BinaryNode:
		c.division(n)
	case *ast.SequenceNode:
		c.err = errors.New("several expressions: only the last one would decide; join them with and, or")
	case *ast.BuiltinNode:
		if n.Name == "float" || n.Name == "fromJSON" {
			c.err = fmt.Errorf("%s could make a NaN, with which no comparison holds", n.Name)
		}
	case *ast.CallNode:
		if id, ok := n.Callee.(*ast.IdentifierNode); ok && len(n.Arguments) == 1 {
			c.call(id.Value, n.Arguments[0])
		}
	case *ast.MemberNode:
		if id, ok := n.Node.(*ast.IdentifierNode); ok && id.Value == "scores" {
			c.members++
			c.source(n.Property)
		}
	}
}

// identifier refuses names by which the checks of the others could be passed by.
func (c *nameChecker) identifier(name string) {
	switch name {
	case "$env", "Metrics", "Class", "Source", "SourceClass":
		c.err = fmt.Errorf("unknown name %s", name)
	case "scores":
		c.uses++
	case "was", "was_count":
		if !c.baseline {
			c.err = fmt.Errorf("%s: there is no baseline", name)
		}
	}
}

// division refuses a divisor that may be 0: the quotient would be NaN or
// infinite, and a comparison with NaN never holds, so that the rule would pass.
func (c *nameChecker) division(n *ast.BinaryNode) {
	if n.Operator != "/" && n.Operator != "%" {
		return
	}
	switch d := n.Right.(type) {
	case *ast.IntegerNode:
		if d.Value != 0 {
			return
		}
	case *ast.FloatNode:
		if d.Value != 0 {
			return
		}
	}
	c.err = fmt.Errorf(
		"a divisor that may be 0; multiply the other side instead, as in `count(\"box-empty\") > 0.01 * positives`")
}

// call checks the argument of a function.
func (c *nameChecker) call(function string, arg ast.Node) {
	text, ok := arg.(*ast.StringNode)
	switch function {
	case "count", "cases", "rate", "was_count":
		if !ok {
			c.err = fmt.Errorf("%s takes a code in quotes", function)
		} else if err := checkCode(text.Value); err != nil {
			c.err = err
		}
	case "drift":
		if !ok {
			c.err = errors.New("drift takes the name of a figure in quotes")
		} else if err := distribution.Check(text.Value); err != nil {
			c.err = err
		}
	case "was":
		if !ok {
			c.err = errors.New("was takes the name of a metric in quotes")
		} else if err := checkMetric(text.Value, c.each); err != nil {
			c.err = err
		}
	}
}

// checkMetric reports a name that is of no metric.
func checkMetric(name, each string) error {
	if each != "" {
		_, err := numberOf(parts[each], name)
		return err
	}
	_, metric := splitMetric(name)
	if _, err := valueOf(analysis.Metrics{}, metric); err != nil {
		return fmt.Errorf("was(%q): no such metric; the nearest is %s; metrics are %s", name,
			spelling.Nearest(metric, MetricNames(), 1)[0], strings.Join(MetricNames(), ", "))
	}
	return nil
}

func (c *nameChecker) source(property ast.Node) {
	name, ok := property.(*ast.StringNode)
	if !ok || c.sources != nil && !slices.Contains(c.sources, name.Value) {
		c.err = fmt.Errorf("scores takes the name of a source: %s", strings.Join(c.sources, ", "))
	}
}

var unknownName = regexp.MustCompile(`unknown name|has no field|has no part`)

// unknown finds the name in the compiler's words about one that there is not.
var unknown = regexp.MustCompile(`unknown name ([\w.]+)`)

// nearest adds to such words the names that may be meant.
func nearest(message string, env any) string {
	names := namesOf(reflect.TypeOf(env), "")
	return unknown.ReplaceAllStringFunc(message, func(words string) string {
		name := strings.TrimPrefix(words, "unknown name ")
		return words + ", the nearest are " + strings.Join(spelling.Nearest(name, names, 3), ", ")
	})
}

// hint lists the names where the compiler says that one is unknown.
func hint(message string, env any) string {
	if !unknownName.MatchString(message) {
		return ""
	}
	if _, whole := env.(Facts); !whole {
		return "\nnames are " + strings.Join(namesOf(reflect.TypeOf(env), ""), ", ")
	}
	return "\nmetrics are " + strings.Join(MetricNames(), ", ") + `; and scores.NAME.METRIC, ` +
		`errors, warnings, infos, data_errors, data_warnings, trainer_errors, trainer_warnings, label_errors, ` +
		`label_warnings, count("CODE"), cases("CODE"), rate("CODE"), drift("FIGURE"), was("METRIC"), was_count("CODE")`
}

// MetricNames returns the names of all metrics, as expressions have them.
func MetricNames() []string { return namesOf(reflect.TypeFor[analysis.Metrics](), "") }

func namesOf(t reflect.Type, prefix string) []string {
	var names []string
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("expr")
		switch {
		case f.Anonymous:
			names = append(names, namesOf(f.Type, prefix)...)
		case f.Type.Kind() == reflect.Struct:
			names = append(names, namesOf(f.Type, prefix+name+".")...)
		default:
			names = append(names, prefix+name)
		}
	}
	return names
}
