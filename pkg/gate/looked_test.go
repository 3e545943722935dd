package gate_test

import (
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"focalaudit/pkg/findings"
	"focalaudit/pkg/gate"
)

// TestWhatNobodyLookedFor: a rule that counts what a run looks for only if asked is judged if it was asked, or if the
// count is above the limit all the same.
func TestWhatNobodyLookedFor(t *testing.T) {
	cases := []struct {
		code, how string
		looked    gate.Looked
	}{
		{"box-off-outline", "--check-outlines", gate.Looked{Outlines: true}},
		{"image-size-differs", "--images", gate.Looked{Pictures: true}},
		{"detections-disagree", "--scores", gate.Looked{Detections: true}},
		{"detection-class-shifted", "--scores", gate.Looked{Detections: true}},
		{"logits-missing", "--scores logits", gate.Looked{Logits: true}},
		{"box-empty", "", gate.Looked{}},
	}
	for _, c := range cases {
		for _, rule := range []string{`count("` + c.code + `") > 9`, `rate("` + c.code + `") > 0.9`, `false and cases("` + c.code + `") > 9`} {
			g, err := gate.New(gate.Policy{Rules: []gate.PolicyRule{{FailIf: rule}}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			s := subject()
			s.Looked = c.looked
			if o := hold(t, g, s, nil, time.Now()).Rules[0]; o.Status != gate.Pass {
				t.Errorf("%s, looked for: %s, %s", rule, o.Status, o.Error)
			}
			if c.how == "" {
				continue
			}
			s.Looked = gate.Looked{
				Outlines: !c.looked.Outlines, Pictures: !c.looked.Pictures, Detections: !c.looked.Detections, Logits: !c.looked.Logits,
			}
			if o := hold(t, g, s, nil, time.Now()).Rules[0]; o.Status != gate.Undecided || !strings.Contains(o.Error, c.how) {
				t.Errorf("%s, not looked for: %s, %s", rule, o.Status, o.Error)
			}
			s.Counts[c.code] = 10
			s.Findings = append(s.Findings, make([]gate.Finding, 10)...)
			for i := range s.Findings[len(s.Findings)-10:] {
				s.Findings[len(s.Findings)-10+i].Code = c.code
			}
			if o := hold(t, g, s, nil, time.Now()).Rules[0]; o.Status == gate.Undecided {
				t.Errorf("%s, found all the same: %s", rule, o.Error)
			}
		}
	}
}

// TestSilentDetector: label rules are not judged where a detector says nothing of most images.
func TestSilentDetector(t *testing.T) {
	g, err := gate.New(gate.Policy{Rules: []gate.PolicyRule{{FailIf: `count("missing") > 0`}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		silent int64
		level  findings.Severity
		want   gate.Status
	}{{20, findings.Warning, gate.Pass}, {21, findings.Warning, gate.Undecided}, {39, findings.Warning, gate.Undecided}, {39, findings.Info, gate.Pass}} {
		s := subject()
		s.Sources[0].Images, s.Sources[1].Images = 30, 10
		m := s.Metrics[sources[0]]
		m.SuspectShare.BCE = number(0)
		s.Metrics[sources[0]] = m
		s.Looked.Detections = true
		s.Counts["detections-missing-images"] = 1
		s.Findings = append(s.Findings, gate.Finding{Code: "detections-missing-images", Cases: c.silent, Level: c.level})
		if o := hold(t, g, s, nil, time.Now()).Rules[0]; o.Status != c.want {
			t.Errorf("%d of 40 images without a detection (%v): %s, %s", c.silent, c.level, o.Status, o.Error)
		}
	}
}

// TestSilentSources: what judged the labels is asked which images it has something of, not what was given for
// comparison; and a rule over each file is not judged of a file of which it has nothing, unless it counts no labels there.
func TestSilentSources(t *testing.T) {
	silent := func(a, b, with int64) []gate.Silence {
		return []gate.Silence{{Images: a, WithObjects: min(a, with)}, {Images: b, WithObjects: min(b, with)}}
	}
	const each, classes = "source", gate.SourceAndClass
	cases := []struct {
		name       string
		own, other []gate.Silence
		each, rule string
		want       gate.Status
		said       string
	}{
		{"another's silence", silent(0, 0, 0), silent(30, 9, 39), "", `count("missing") > 0`, gate.Pass, ""},
		{"its own", silent(30, 0, 30), silent(0, 0, 0), "", `count("missing") > 0`, gate.Undecided, "30 of 40 images have no"},
		{"of empty images", silent(30, 0, 0), nil, "", `count("missing") > 0`, gate.Pass, ""},
		{"a half", silent(20, 0, 20), nil, "", `count("missing") > 0`, gate.Pass, ""},
		{"a file", silent(0, 10, 10), nil, each, `count("missing") > 9`, gate.Undecided, "10 of 10 images of b.json have no"},
		{"as a rate", silent(0, 10, 10), nil, each, `rate("missing") > 0.9`, gate.Undecided, "10 of 10 images of b.json"},
		{"and a class", silent(0, 10, 10), nil, classes, `count("missing") > 9`, gate.Undecided, "10 of 10 images of b.json"},
		{"half of a file", silent(0, 5, 5), nil, each, `count("missing") > 9`, gate.Pass, ""},
		{"an empty file", silent(0, 10, 0), nil, each, `count("missing") > 9`, gate.Pass, ""},
		{"other findings", silent(0, 10, 10), nil, each, `count("box-empty") > 9`, gate.Pass, ""},
		{"another file", silent(0, 10, 10), nil, each, `source == "a.json" and count("missing") > 9`, gate.Pass, ""},
		{"the whole", silent(0, 10, 10), nil, "", `count("missing") > 9`, gate.Pass, ""},
		{"above the limit", silent(0, 10, 10), nil, each, `objects >= 0 or count("missing") > 9`, gate.Fail, ""},
		{"of all, by file", silent(30, 0, 30), nil, each, `source == "b.json" and count("missing") > 9`, gate.Pass, ""},
		{"a class of a silent file", silent(0, 10, 10), nil, "class", `class == "dog" and count("missing") > 9`, gate.Undecided,
			"10 of 10 images of b.json"},
		{"a class of both", silent(0, 10, 10), nil, "class", `class != "dog" and count("missing") > 9`, gate.Pass, ""},
		{"logits", []gate.Silence{{Images: 30, WithObjects: 30, Logits: true}}, nil, each, `count("missing") > 9`, gate.Undecided,
			"30 of 40 images have no logits"},
	}
	for _, c := range cases {
		g, err := gate.New(gate.Policy{Rules: []gate.PolicyRule{{FailIf: c.rule, Each: gate.Each(c.each)}}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		s := subject()
		s.Sources = []gate.Source{{Name: "a.json", Images: 30}, {Name: "b.json", Images: 10}}
		s.SourceClasses = []gate.SourceClass{{Source: "a.json", Class: "x"}, {Source: "b.json", Class: "x"}}
		for _, class := range s.Classes { // dogs are in b.json only
			s.SourceClasses = append(s.SourceClasses, gate.SourceClass{Source: "b.json", Class: class.Name, Objects: 3})
			if class.Name != "dog" {
				s.SourceClasses = append(s.SourceClasses, gate.SourceClass{Source: "a.json", Class: class.Name, Objects: 3})
			}
		}
		m := s.Metrics[sources[0]]
		m.SuspectShare.BCE = number(0)
		s.Metrics[sources[0]] = m
		s.Silent = map[string][]gate.Silence{sources[0]: c.own, sources[1]: c.other}
		s.Counts["detections-missing-images"] = 1
		s.Findings = append(s.Findings, gate.Finding{Code: "detections-missing-images", Cases: 39, Level: findings.Warning})
		if o := hold(t, g, s, nil, time.Now()).Rules[0]; o.Status != c.want || !strings.Contains(o.Error, c.said) {
			t.Errorf("%s: %s, %q; want %s, %q", c.name, o.Status, o.Error, c.want, c.said)
		}
	}
}

// TestNothingToHoldOf: a rule over each class, of which there is none, is not judged.
func TestNothingToHoldOf(t *testing.T) {
	for each, want := range map[string]string{"class": "no class", gate.SourceAndClass: "no class", "source": "no source"} {
		g, err := gate.New(gate.Policy{Rules: []gate.PolicyRule{{FailIf: "objects < 10", Each: gate.Each(each)}}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		s := subject()
		s.Classes, s.Sources, s.SourceClasses = nil, nil, []gate.SourceClass{}
		if o := hold(t, g, s, nil, time.Now()).Rules[0]; o.Status != gate.Undecided || !strings.Contains(o.Error, want) {
			t.Errorf("each %s: %s, %q", each, o.Status, o.Error)
		}
	}
}

// TestBaselineOfOtherSettings: a rule that compares a metric with that of other settings, which the user gave, is not
// judged; one that compares counts is. Where the data or the preset may be why, rules are judged and the settings told.
func TestBaselineOfOtherSettings(t *testing.T) {
	alpha := 0.25
	now := gate.Setting{Preset: "{}", Objective: "classes", K: 3, Alpha: &alpha, Gamma: 2, EasyFrom: 0.9}
	const (
		losses, counts = `domination.focal > 9 * was("domination.focal")`, `anchors > 9 * was("anchors")`
		easy, found    = `easy_negative_share.bce > 9 * was("easy_negative_share.bce")`, `objects > 9 * was("objects")`
		empty          = `count("image-without-objects") > 9 + was_count("image-without-objects")`
		other          = `scores.article.domination.bce > 9 * was("scores.article.domination.bce")`
	)
	of := func(kind string, p float64) map[string]gate.ScoreSetting {
		return map[string]gate.ScoreSetting{"prior": {Kind: kind, Positive: p, Negative: p}, "article": {Positive: 0.05}}
	}
	now.Scores = of("", 0.01)
	cases := []struct {
		change func(*gate.Setting)
		rule   string
		want   gate.Status
		said   string // by the last outcome
	}{
		{func(*gate.Setting) {}, losses, gate.Pass, losses},
		{func(s *gate.Setting) { s.Gamma = 5 }, losses, gate.Undecided, "γ 5 → 2"},
		{func(s *gate.Setting) { s.Alpha = nil }, losses, gate.Undecided, "α -1 → 0.25"},
		{func(s *gate.Setting) { s.Objective = "objectness" }, losses, gate.Undecided, "objective objectness → classes"},
		{func(s *gate.Setting) { s.Gamma = 5 }, counts, gate.Warn, "γ 5 → 2"},
		{func(s *gate.Setting) { s.Gamma = 5 }, "anchors > 99999", gate.Pass, "anchors"},
		{func(s *gate.Setting) { s.K = 2 }, losses, gate.Warn, "K 2 → 3"},
		{func(s *gate.Setting) { s.EasyFrom = 0.99 }, easy, gate.Undecided, "easy from 0.99 → 0.9"},
		{func(s *gate.Setting) { s.EasyFrom = 0.99 }, losses, gate.Warn, "easy from 0.99 → 0.9"},
		{func(s *gate.Setting) { s.EasyFrom = 0 }, easy, gate.Pass, easy}, // of an earlier version
		{func(s *gate.Setting) { s.SkipEmpty = true }, losses, gate.Undecided, "skip empty images true → false"},
		{func(s *gate.Setting) { s.SkipEmpty = true }, counts, gate.Undecided, "skip empty images true → false"},
		{func(s *gate.Setting) { s.SkipEmpty = true }, empty, gate.Undecided, "skip empty images true → false"},
		{func(*gate.Setting) {}, empty, gate.Pass, empty},
		{func(s *gate.Setting) { s.SkipEmpty = true }, found, gate.Warn, "skip empty images true → false"},
		{func(s *gate.Setting) { s.Scores = of("", 0.05) }, losses, gate.Undecided, "prior 0.05 → 0.01"},
		{func(s *gate.Setting) { s.Scores = of("", 0.05) }, other, gate.Warn, "prior 0.05 → 0.01"},
		{func(s *gate.Setting) { s.Scores = of("", 0.05) }, counts, gate.Warn, "prior 0.05 → 0.01"},
		{func(s *gate.Setting) { s.Scores = of("logits", 0.01) }, losses, gate.Undecided, "scores prior logits → constant"},
		{func(s *gate.Setting) { s.Scores = nil }, losses, gate.Pass, losses},
		{func(s *gate.Setting) { s.Preset = "{800}" }, losses, gate.Warn, "other parameters of the preset"},
	}
	for _, c := range cases {
		g, err := gate.New(gate.Policy{Baseline: "x", Rules: []gate.PolicyRule{{FailIf: c.rule}}}, sources)
		if err != nil {
			t.Fatal(err)
		}
		s, before := subject(), subject()
		for _, of := range []*gate.Subject{s, before} {
			for name, m := range of.Metrics {
				m.EasyNegativeShare.BCE, m.Domination.BCE, m.Domination.Focal = number(0.5), number(0.5), number(0.5)
				of.Metrics[name] = m
			}
			of.Setting = now
		}
		c.change(&before.Setting)
		v := hold(t, g, s, before, time.Now())
		last := v.Rules[len(v.Rules)-1]
		if v.Status != c.want || !strings.Contains(last.Rule+last.Error, c.said) {
			t.Errorf("%+v, %s: %s, %+v; want %s", before.Setting, c.rule, v.Status, last, c.want)
		}
	}
}

// TestRulesAreBounded: rules over so many classes that they would take minutes are not judged, whichever they are, and
// those before are. Patterns over long names cost the other rules nothing.
func TestRulesAreBounded(t *testing.T) {
	many := make([]gate.Class, 20_000)
	for i := range many {
		many[i] = gate.Class{Name: strings.Repeat("x", 100), Objects: 1}
	}
	cheap := gate.PolicyRule{FailIf: "objects > 1", Each: "class"}
	pattern := gate.PolicyRule{FailIf: `class matches "(.?){40}(.?){40}y"`, Each: "class"}
	for name, c := range map[string]struct {
		rules []gate.PolicyRule
		at    int // the rule that is not judged
		rest  gate.Status
	}{
		"many rules":  {slices.Repeat([]gate.PolicyRule{cheap}, 2000), 1999, gate.Undecided},
		"a pattern":   {[]gate.PolicyRule{cheap, pattern, cheap}, 1, gate.Pass},
		"forty rules": {append(slices.Repeat([]gate.PolicyRule{cheap}, 40), pattern), 40, gate.Undecided},
	} {
		g, err := gate.New(gate.Policy{Rules: c.rules}, nil)
		if err != nil {
			t.Fatal(err)
		}
		s := subject()
		s.Classes = many
		v := hold(t, g, s, nil, time.Now())
		if first := v.Rules[0]; first.Status != gate.Pass {
			t.Errorf("%s: the first rule: %s, %s", name, first.Status, first.Error)
		}
		if of := v.Rules[c.at]; of.Status != gate.Undecided || !strings.Contains(of.Error, "steps") {
			t.Errorf("%s: rule %d: %s, %s", name, c.at, of.Status, of.Error)
		}
		if last := v.Rules[len(v.Rules)-1]; last.Status != c.rest {
			t.Errorf("%s: the last rule: %s, %s", name, last.Status, last.Error)
		}
	}
}

// TestComparisonsOfManyParts: rules that compare two numbers of each class of each file are judged of however many. At
// 20 million steps for all of them, the tenth was not.
func TestComparisonsOfManyParts(t *testing.T) {
	s, before := subject(), subject()
	s.Sources = []gate.Source{{Name: "a.json"}}
	s.SourceClasses = nil
	for i := range 100_000 {
		s.SourceClasses = append(s.SourceClasses, gate.SourceClass{Source: "a.json", Class: fmt.Sprint(i), Annotations: 30, Objects: 30})
	}
	before.Sources, before.SourceClasses = s.Sources, s.SourceClasses
	rule := gate.PolicyRule{FailIf: `annotations >= 20 && annotations > 1.5 * was("annotations")`, Each: gate.SourceAndClass}
	g, err := gate.New(gate.Policy{Baseline: "x", Rules: slices.Repeat([]gate.PolicyRule{rule}, 12)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range hold(t, g, s, before, time.Now()).Rules {
		if o.Status != gate.Pass {
			t.Errorf("rule %d: %s, %s", i, o.Status, o.Error)
		}
	}
}

// TestPatternsAreSizedBeforeTheyAreCompiled: a pattern of a few bytes may have millions of instructions. It is refused
// before it is compiled, in one rule or in many together; usual ones are not.
func TestPatternsAreSizedBeforeTheyAreCompiled(t *testing.T) {
	begun := time.Now()
	large := strings.Repeat("(?:abcdefghijklmnopqrst){1000}", 100)
	for name, c := range map[string]struct {
		rules []gate.PolicyRule
		want  string
	}{
		"a large one":   {[]gate.PolicyRule{{FailIf: `"a" matches "` + large + `"`}}, "instructions"},
		"many in one":   {[]gate.PolicyRule{{FailIf: strings.Repeat(`"a" matches "(.{30}){30}" or `, 20) + "false"}}, "instructions"},
		"many rules":    {slices.Repeat([]gate.PolicyRule{{FailIf: `"a" matches "(.{30}){30}"`}}, 400), "instructions"},
		"in a variable": {[]gate.PolicyRule{{FailIf: `let a = "b" matches "` + large + `"; a`}}, "instructions"},
		"a usual one":   {[]gate.PolicyRule{{FailIf: `"a" matches "^(train|val)_[a-z0-9_]{1,255}[.](jpe?g|png)$"`}}, ""},
	} {
		_, err := gate.New(gate.Policy{Rules: c.rules}, nil)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if took := time.Since(begun); took > 10*time.Second { // 2 million instructions are compiled in 3 s, thrice
		t.Errorf("took %v", took)
	}
}

// TestSizesOfPatterns: a size is at least the number of instructions, by Go's compiler.
func TestSizesOfPatterns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := patterns().Draw(t, "pattern")
		parsed, err := syntax.Parse(text, syntax.Perl)
		if err != nil {
			t.Skip(err)
		}
		program, err := syntax.Compile(parsed.Simplify())
		if err != nil {
			t.Skip(err)
		}
		if got := gate.SizeOfPattern(text); got < len(program.Inst) || got > 20*len(program.Inst) {
			t.Errorf("%s: %d, and %d instructions", text, got, len(program.Inst))
		}
	})
}

// patterns makes patterns of all forms.
func patterns() *rapid.Generator[string] {
	var make func(depth int) *rapid.Generator[string]
	make = func(depth int) *rapid.Generator[string] {
		return rapid.Custom(func(t *rapid.T) string {
			if depth == 0 || rapid.IntRange(0, 3).Draw(t, "leaf") == 0 {
				return rapid.SampledFrom([]string{"a", "ab", ".", "[a-z]", "^", "$", `\b`, `\d`, "(?i)k", `\pL`, "", "xyz"}).Draw(t, "form")
			}
			a := make(depth-1).Draw(t, "a")
			switch rapid.IntRange(0, 7).Draw(t, "kind") {
			case 0:
				return a + make(depth-1).Draw(t, "b")
			case 1:
				return "(?:" + a + "|" + make(depth-1).Draw(t, "b") + ")"
			case 2:
				return "(" + a + ")"
			case 3:
				return "(?:" + a + ")*"
			case 4:
				return "(?:" + a + ")+?"
			case 5:
				return "(?:" + a + ")?"
			case 6:
				low := rapid.IntRange(0, 6).Draw(t, "low")
				return fmt.Sprintf("(?:%s){%d,%d}", a, low, low+rapid.IntRange(0, 6).Draw(t, "more"))
			}
			return fmt.Sprintf("(?:%s){%d,}", a, rapid.IntRange(0, 6).Draw(t, "low"))
		})
	}
	return make(4)
}

// TestWhatIsSaidIsBounded: what a rule compares is said of some parts of each rule, also of operands that its verdict
// did not need, in steps of their own: rules that are true of ten classes with long names each.
func TestWhatIsSaidIsBounded(t *testing.T) {
	s := subject()
	s.Classes = nil
	for i := range 10 {
		s.Classes = append(s.Classes, gate.Class{Name: fmt.Sprint(i, strings.Repeat("a", 30_000)), Annotations: 1})
	}
	rule := gate.PolicyRule{Each: "class", WarnIf: `annotations > 0 or (class matches "(a*x*){130}b$") == true`}
	g, err := gate.New(gate.Policy{Rules: slices.Repeat([]gate.PolicyRule{rule}, 60)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	for i, o := range hold(t, g, s, nil, time.Now()).Rules {
		if o.Status != gate.Warn || len(o.Parts) != 10 || !strings.Contains(o.Parts[9], "annotations = 1, limit 0") {
			t.Errorf("rule %d: %s, %.40q", i, o.Status, o.Error)
		}
	}
	if took := time.Since(begun); took > 20*time.Second { // without bound 60 s and more
		t.Errorf("took %v", took)
	}
}

// TestRulesOverManyFindings: findings are counted once, not for each rule or call.
func TestRulesOverManyFindings(t *testing.T) {
	s, before := subject(), subject()
	for _, of := range []*gate.Subject{s, before} {
		of.Counts = map[string]int{"box-tiny": 100_000}
		of.Findings = make([]gate.Finding, 100_000)
		for i := range of.Findings {
			of.Findings[i] = gate.Finding{Code: "box-tiny", Fingerprint: fmt.Sprint(i), Source: "a.json", Cases: 2}
		}
	}
	calls := strings.Repeat(`rate("box-tiny") + cases("box-tiny") + was_count("box-tiny") + `, 40) + "0 < 0"
	rules := slices.Repeat([]gate.PolicyRule{{FailIf: "errors > 300000"}, {FailIf: calls}, {WarnIf: "warnings >= 0"}}, 400)
	g, err := gate.New(gate.Policy{Baseline: "x", Rules: rules}, nil)
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	v := hold(t, g, s, before, time.Now())
	if v.Status != gate.Warn || len(v.Rules[2].Findings) == 0 {
		t.Errorf("%s, %d findings", v.Status, len(v.Rules[2].Findings))
	}
	if took := time.Since(begun); took > 20*time.Second { // without bound minutes
		t.Errorf("took %v", took)
	}
}

// TestMistakesInRules: what is wrong is named, in words of the program.
func TestMistakesInRules(t *testing.T) {
	for rule, want := range map[string]string{
		"errors = 0":                       "write ==",
		"let e = errors; e = 0":            "write ==",
		"let errors = 0; errors > 0":       "errors",
		`"a" matches "(a"`:                 "a pattern that this program does not read (RE2): missing closing )",
		`let e = errors; let e = 0; e > 0`: "redeclare",
	} {
		_, err := gate.New(gate.Policy{Rules: []gate.PolicyRule{{FailIf: rule}}}, nil)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(rule, "let errors") && strings.Contains(err.Error(), "single") {
			t.Errorf("%s: got %v, want %q", rule, err, want)
		}
	}
}
