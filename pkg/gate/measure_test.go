package gate_test

import (
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/gate"
)

// TestOutcomesMeasure: an outcome says what its comparisons compared. The values are the subject's.
func TestOutcomesMeasure(t *testing.T) {
	for rule, want := range map[string]string{
		"errors > 0": "errors = 2, limit 0",
		"0 < errors": "errors = 2, limit 0",
		`count("box-tiny") >= 1 and anchors > 5000`:         `count("box-tiny") = 5, limit 1; anchors = 1000, limit 5000`,
		"(domination.bce ?? 7) > domination.focal":          "domination.bce ?? 7 = 7, limit domination.focal = 0.25",
		`was("positives") > positives`:                      `was("positives") = 10, limit positives = 10`,
		"not (positives > 3)":                               "positives = 10, limit 3",
		"true":                                              "",
		"domination.bce > 3":                                "domination.bce = nil, limit 3",
		"easy_negative_share.bce > -1":                      "easy_negative_share.bce = 0.97, limit -1",
		`was("scores.article.domination.bce") > 1`:          `was("scores.article.domination.bce") = 33.3, limit 1`,
		"let x = errors; x > 1":                             "",
		`scores.article.domination.bce > 1 || errors == 17`: "scores.article.domination.bce = 33.3, limit 1; errors = 2, limit 17",
	} {
		if got := held(t, gate.PolicyRule{FailIf: rule}).Measured; got != want {
			t.Errorf("%s: %q, want %q", rule, got, want)
		}
	}
	if o := held(t, gate.PolicyRule{FailIf: "objects > 1", Each: "class"}); o.Measured != "" || len(o.Of) != 1 {
		t.Errorf("%+v", o)
	}
}

// TestOutcomesListWhatTheyCount: the findings of a rule are those that its counts are of.
func TestOutcomesListWhatTheyCount(t *testing.T) {
	for _, c := range []struct {
		rule gate.PolicyRule
		want string // codes and sources
	}{
		{gate.PolicyRule{FailIf: "errors > 0"}, "box-empty a.json, box-empty b.json"},
		{gate.PolicyRule{WarnIf: `count("box-tiny") + count("aspect-outlier") > 0`}, "box-tiny a.json, aspect-outlier b.json"},
		{gate.PolicyRule{FailIf: `rate("box-empty") > 0`, Each: "source"}, "box-empty a.json, box-empty b.json"},
		{gate.PolicyRule{FailIf: `count("box-empty") > 0 and class == "dog"`, Each: "class"}, "box-empty b.json"},
		{gate.PolicyRule{FailIf: "positives > 1"}, ""},
		{gate.PolicyRule{FailIf: "errors > 100"}, ""}, // passes
	} {
		var got []string
		for _, f := range held(t, c.rule).Findings {
			got = append(got, f.Code+" "+f.Source)
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%+v: %q, want %q", c.rule, s, c.want)
		}
	}
}

// TestReviewed: a finding that was looked at and kept does not count, on either side.
func TestReviewed(t *testing.T) {
	const print = "0123456789abcdef01234567"
	policy, _, err := gate.ParsePolicy([]byte("gate:\n  reviewed: [" + print + "]\n  rules:\n    - fail_if: errors > 1\n"))
	if err != nil {
		t.Fatal(err)
	}
	policy.Baseline = "x"
	g, err := gate.New(policy, sources)
	if err != nil {
		t.Fatal(err)
	}
	s, before := subject(), subject()
	s.Findings[0].Fingerprint, before.Findings[0].Fingerprint = print, print
	v := hold(t, g, s, before, time.Now())
	if v.Status != gate.Pass || v.Counts.Reviewed != 1 || v.Counts.Counted["box-empty"] != 1 || !before.Findings[0].Reviewed {
		t.Errorf("%+v", v.Counts)
	}
	for file, want := range map[string]string{
		"[annotation 7]":       "reviewed \"annotation 7\": expected a fingerprint, 24 digits",
		"[{a: 1}]":             "reviewed, entry 1: expected a fingerprint, 24 digits",
		"[" + print + ", [x]]": "reviewed, entry 2: expected a fingerprint, 24 digits",
		"5":                    "reviewed: expected a list of fingerprints",
		"{a: 1}":               "reviewed: expected a list of fingerprints",
	} {
		_, _, err = gate.ParsePolicy([]byte("gate:\n  reviewed: " + file + "\n"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", file, err, want)
		}
	}
}

// TestReviewedOfNothing: entries that match no finding are told, where a detector said anything about labels.
func TestReviewedOfNothing(t *testing.T) {
	const here, gone = "0123456789abcdef01234567", "fedcba9876543210fedcba98"
	policy, _, err := gate.ParsePolicy([]byte("gate:\n  reviewed: [" + here + ", " + gone + "]\n  rules:\n    - fail_if: errors > 9\n"))
	if err != nil {
		t.Fatal(err)
	}
	g, err := gate.New(policy, sources)
	if err != nil {
		t.Fatal(err)
	}
	s := subject()
	if v := hold(t, g, s, nil, time.Now()); v.Status != gate.Pass {
		t.Errorf("without a detector: %+v", v.Rules)
	}
	s.Findings = append(s.Findings, gate.Finding{Code: "class", Fingerprint: here, Level: findings.Warning, Offset: -1})
	s.Counts = maps.Clone(s.Counts)
	s.Counts["class"]++
	v := hold(t, g, s, nil, time.Now())
	told := slices.IndexFunc(v.Rules, func(o gate.Outcome) bool { return o.Name == "1 of 2 entries of reviewed match nothing" })
	if told < 0 || v.Rules[told].Status != gate.Warn || !strings.Contains(v.Rules[told].Rule, gone) {
		t.Errorf("%+v", v.Rules)
	}
}

// TestPolicyTypos: a mistyped key of any level gets the nearest one.
func TestPolicyTypos(t *testing.T) {
	for file, want := range map[string]string{
		"gate: {rulez: []}":                       "the nearest is rules",
		"gate: {only_knew: true}":                 "the nearest is only_new",
		"gate: {rules: [{fail_iff: errors > 0}]}": "the nearest is fail_if",
		"gate: {waivers: [{cod: box-empty}]}":     "the nearest is code",
		"gate: {waivers: [{fingerprnt: 00}]}":     "the nearest is fingerprint",
		"gate: {waivers: [{finding: box-empty}]}": `there is no key "finding", it is called code`,
		"gate: {waivers: [{expires: 2027-1-1}]}":  "it is called until",
	} {
		if _, _, err := gate.ParsePolicy([]byte(file)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", file, err, want)
		}
	}
}

// TestPolicySpellings: keys are written with underscores, or as flags are; both at once are refused.
func TestPolicySpellings(t *testing.T) {
	file := "gate:\n  only_new: true\n  rules:\n    - fail_if: errors > 0\n    - name: a-b\n      warn_if: warnings > 0\n"
	want, _, err := gate.ParsePolicy([]byte(file))
	if err != nil || !want.OnlyNew || len(want.Rules) != 2 {
		t.Fatal(want, err)
	}
	for _, spelt := range []string{
		strings.NewReplacer("only_new", "only-new", "fail_if", "fail-if", "warn_if", "warn-if").Replace(file),
		"gate: {only-new: true, rules: [{fail-if: errors > 0}, {name: a-b, warn-if: warnings > 0}]}",
	} {
		if got, _, err := gate.ParsePolicy([]byte(spelt)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v, want %+v", spelt, got, err, want)
		}
	}
	for _, twice := range []string{"gate: {only_new: true, only-new: false}", "gate:\n  only-new: true\n  only_new: false\n"} {
		if _, _, err := gate.ParsePolicy([]byte(twice)); err == nil || !strings.Contains(err.Error(), "the key only_new stands twice") {
			t.Errorf("%s: got %v", twice, err)
		}
	}
	only := "gate: {only-new: true}"
	if got, _, err := gate.ParsePolicy([]byte(only)); err != nil || !got.OnlyNew {
		t.Errorf("%s: got %+v, %v", only, got, err)
	}
}

// prior is the setting of the scores of that name, and of the article.
func prior(p float64) map[string]gate.ScoreSetting {
	return map[string]gate.ScoreSetting{"prior": {Positive: p, Negative: p}, "article": {Positive: 0.05, Negative: 0.1}}
}

// TestDiffComparesWhatCompares: metrics that mean something else under other settings are left out,
// counts stand once, changes under 0.01 % are none.
func TestDiffComparesWhatCompares(t *testing.T) {
	names := func(change func(now *gate.Subject)) string {
		before, now := subject(), subject()
		before.Setting.EasyFrom, before.Setting.Scores = 0.9, prior(0.01)
		now.Setting = before.Setting
		change(now)
		d := gate.Diff(before, now)
		var out []string
		for _, m := range d.Metrics {
			if m.Changed() {
				out = append(out, m.Scores+"."+m.Metric)
			}
		}
		return strings.Join(out, " ")
	}
	set := func(s *gate.Subject, source string, change func(m *analysis.Metrics)) {
		m := s.Metrics[source]
		change(&m)
		s.Metrics[source] = m
	}
	everywhere := func(s *gate.Subject, change func(m *analysis.Metrics)) {
		for _, source := range s.Scores {
			set(s, source, change)
		}
	}
	losses := func(s *gate.Subject) {
		set(s, "prior", func(m *analysis.Metrics) {
			m.Domination.Focal = number(0.5)
			m.EasyNegativeShare.BCE = number(0.5)
		})
	}
	for _, c := range []struct {
		name   string
		change func(now *gate.Subject)
		want   string
	}{
		{"a count", func(s *gate.Subject) { everywhere(s, func(m *analysis.Metrics) { m.Anchors = 1001 }) }, ".anchors"},
		{"under 0.01 %", func(s *gate.Subject) {
			set(s, "prior", func(m *analysis.Metrics) { m.Domination.Focal = number(0.250024) })
		}, ""},
		{"0.01 %", func(s *gate.Subject) {
			set(s, "prior", func(m *analysis.Metrics) { m.Domination.Focal = number(0.250026) })
		}, "prior.domination.focal"},
		{"losses", losses, "prior.easy_negative_share.bce prior.domination.focal"},
		{"another γ", func(s *gate.Subject) { losses(s); s.Setting.Gamma = 3 }, "prior.easy_negative_share.bce"},
		{"another α", func(s *gate.Subject) { losses(s); s.Setting.Alpha = number(0.5) }, "prior.easy_negative_share.bce"},
		{"another K", func(s *gate.Subject) { losses(s); s.Setting.K = 9 }, ""},
		{"another edge of easy", func(s *gate.Subject) { losses(s); s.Setting.EasyFrom = 0.5 }, "prior.domination.focal"},
		{"another prior", func(s *gate.Subject) { losses(s); s.Setting.Scores = prior(0.5) }, ""},
		{"another article", func(s *gate.Subject) {
			losses(s)
			s.Setting.Scores = map[string]gate.ScoreSetting{"article": {Positive: 0.5}}
		}, "prior.easy_negative_share.bce prior.domination.focal"},
		{"no scores of that name", func(s *gate.Subject) { losses(s); s.Scores = s.Scores[1:]; delete(s.Metrics, "prior") }, ""},
	} {
		if got := names(c.change); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestDiffLosses: what all labels cost changed with the labels only where the detector's results are the same bytes, and
// the settings are.
func TestDiffLosses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(now *gate.Subject)
		want   bool
	}{
		"the same":        {func(*gate.Subject) {}, true},
		"another file":    {func(s *gate.Subject) { s.Results = map[string]string{"prior": "b"} }, false},
		"nobody can tell": {func(s *gate.Subject) { s.Results = nil }, false},
		"another floor":   {func(s *gate.Subject) { s.Setting.Scores = prior(0.5) }, false},
	} {
		before, now := subject(), subject()
		for _, s := range []*gate.Subject{before, now} {
			m := s.Metrics["prior"]
			m.SuspectShare.BCE = number(0.1)
			s.Metrics["prior"] = m
			s.Results, s.Losses = map[string]string{"prior": "a"}, &gate.Losses{BCE: 1, Focal: 1}
			s.Setting.Scores = prior(0.01)
		}
		c.change(now)
		if d := gate.Diff(before, now); (d.Losses[0] != nil) != c.want {
			t.Errorf("%s: %+v", name, d.Losses)
		}
	}
}

// TestDiffLabels: suspects and how many of them are expected to be wrong, without those reviewed.
func TestDiffLabels(t *testing.T) {
	before, now := subject(), subject()
	for _, s := range []*gate.Subject{before, now} {
		m := s.Metrics["prior"]
		m.SuspectShare.BCE = number(0.1)
		s.Metrics["prior"] = m
		for i := range s.Findings {
			s.Findings[i].Score = math.NaN()
		}
	}
	before.Findings = append(before.Findings,
		gate.Finding{Code: "class", Fingerprint: "a", Score: 0.75}, gate.Finding{Code: "class", Fingerprint: "b", Score: 0.5})
	now.Findings = append(now.Findings,
		gate.Finding{Code: "class", Fingerprint: "b", Score: 0.5}, gate.Finding{Code: "class", Fingerprint: "c", Score: 0.25, Reviewed: true})
	d := gate.Diff(before, now)
	if a, b := *d.Labels[0], *d.Labels[1]; a != (gate.Labels{Suspects: 2, Wrong: 1.25}) || b != (gate.Labels{Suspects: 1, Wrong: 0.5, Reviewed: 1}) {
		t.Errorf("%+v %+v", a, b)
	}
	if len(d.Gone) != 1 || len(d.New) != 1 {
		t.Errorf("%d gone, %d new", len(d.Gone), len(d.New))
	}
	// With one detector only, what it says is in none of the lists.
	m := now.Metrics["prior"]
	m.SuspectShare.BCE = nil
	now.Metrics["prior"] = m
	if d = gate.Diff(before, now); d.Labels[1] != nil || d.Apart != [2]int{2, 2} || len(d.Gone)+len(d.New) != 0 {
		t.Errorf("%+v: %d gone, %d new", d.Apart, len(d.Gone), len(d.New))
	}
}

// TestPartsAreSaid: what a rule over each part compares with the baseline is a sentence, and the rest are comparisons.
func TestPartsAreSaid(t *testing.T) {
	for _, c := range []struct{ each, rule, want string }{
		{"class", `objects == 0 && was("objects") > 0`, `bird has no object any more, 3 in the baseline`},
		{"class", `was("objects") >= 8 && objects < 0.5 * was("objects")`, `dog has 1 object, 8 in the baseline, limit 4`},
		{"class", `class == "dog" && objects < was("objects")`, `dog has 1 object, 8 in the baseline; class = the text "dog", limit the text "dog"`},
		{"class", `class == "cat" && objects != was("objects") && annotations > 1 + was("annotations")`, `cat has 5 objects, 0 in the baseline; ` +
			`6 annotations, 0 in the baseline, limit 1; class = the text "cat", limit the text "cat"`},
		{"class", `objects < was("annotations") - 4`, `dog has 4 annotations, 8 in the baseline; objects = 1, limit was("annotations") - 4 = 4`},
		{"class", `count("box-empty") > 0 && was("objects") == 8`, `dog has 1 object, 8 in the baseline; count("box-empty") = 1, limit 0`},
		{"class", `objects_without_positive > was("objects_without_positive")`, `dog has 1 object without a positive anchor, 0 in the baseline`},
		{"class", `annotations == 4`, `dog: annotations = 4, limit 4`},
		{"source", `annotations < 4 + was("annotations")`, `a.json has 5 annotations, 3 in the baseline, limit 7`},
	} {
		g, err := gate.New(gate.Policy{Baseline: "x", Rules: []gate.PolicyRule{{Each: gate.Each(c.each), FailIf: c.rule}}}, sources)
		if err != nil {
			t.Fatal(err)
		}
		before := subject()
		before.Classes = []gate.Class{{Name: "dog", Objects: 8, Annotations: 8}, {Name: "bird", Objects: 3, Annotations: 3}}
		before.Sources = []gate.Source{{Name: "a.json", Annotations: 3}, {Name: "b.json", Annotations: 1}}
		rules := hold(t, g, subject(), before, time.Now()).Rules
		o := rules[len(rules)-1]
		if len(o.Parts) == 0 || o.Parts[0] != c.want {
			t.Errorf("%s: got %q, want %q", c.rule, o.Parts, c.want)
		}
		if o.Was != strings.Contains(c.rule, "was(") || (o.Source == "a.json") != (c.each == "source") {
			t.Errorf("%s: %+v", c.rule, o)
		}
	}
	for _, part := range []any{gate.Class{}, gate.Source{}, gate.SourceClass{}} { // a number without a noun would have no word
		for i := range reflect.TypeOf(part).NumField() {
			f := reflect.TypeOf(part).Field(i)
			if f.Type.Kind() == reflect.Int64 && !gate.HasNoun(f.Tag.Get("expr")) {
				t.Errorf("%s has no noun", f.Name)
			}
		}
	}
}

// TestWaiversAreTold: one that holds says of how many findings, and one whose files match nothing says what files holds.
func TestWaiversAreTold(t *testing.T) {
	s := subject()
	s.Findings[0].File, s.Findings[0].Fingerprint = "x/1.jpg", "0123456789abcdef01234567"
	const until = "2999-01-01"
	waivers := []gate.Waiver{
		{Fingerprint: "0123456789abcdef01234567", Reason: "r", Until: until},
		{Code: "box-empty", Reason: "r", Until: until},
		{Code: "box-empty", Files: "*.jpg", Reason: "r", Until: until},
		{Code: "aspect-outlier", Files: "b.json", Reason: "r", Until: until},
		{Code: "box-outside", Files: "1.jpg", Reason: "r", Until: until},
		{Code: "box-tiny", Reason: "r", Until: "2000-01-01"},
	}
	g, err := gate.New(gate.Policy{Rules: []gate.PolicyRule{{FailIf: "errors > 99"}}, Waivers: waivers}, sources)
	if err != nil {
		t.Fatal(err)
	}
	v := hold(t, g, s, nil, time.Now())
	byPrint := waivers[0]
	byPrint.Code = "box-empty" // that of its finding
	if want := []gate.Waived{{byPrint, 1}, {waivers[1], 1}}; !reflect.DeepEqual(v.Waivers, want) {
		t.Errorf("got %+v, want %+v", v.Waivers, want)
	}
	for i, want := range []string{
		`pattern for names of images, such as "x/1.jpg"; * does not match /`,
		`1 finding, none of which is about an image: leave out`, "there is no finding box-outside", "",
	} {
		if o := v.Rules[1+i]; !strings.Contains(o.Rule, want) {
			t.Errorf("%s: %q, want %q", o.Name, o.Rule, want)
		}
	}
}
