package gate_test

import (
	"encoding/json"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/gate"
	"focalaudit/pkg/geom"
)

var sources = []string{"prior", "article", "constant:pos=0.5,neg=0.1"}

func number(x float64) *float64 { return &x }

// subject is made up; domination.bce of the first source has nothing to divide
// by.
func subject() *gate.Subject {
	prior := analysis.Metrics{
		Anchors: 1000, Positives: 10, ObjectsWithoutPositive: 3,
		Domination:        analysis.ByLoss{Focal: number(0.25)},
		EasyNegativeShare: analysis.ByLoss{BCE: number(0.97)},
		GammaBalanceWhy:   "no positive anchors",
	}
	article := prior
	article.Domination = analysis.ByLoss{BCE: number(33.3)}
	constant := prior
	constant.Domination = analysis.ByLoss{BCE: number(7)}
	return &gate.Subject{
		Scores:      sources,
		Metrics:     map[string]analysis.Metrics{sources[0]: prior, sources[1]: article, sources[2]: constant},
		Counts:      map[string]int{"box-empty": 2, "box-tiny": 5, "aspect-outlier": 1, "image-without-objects": 1},
		Findings:    []gate.Finding{{Code: "box-empty", Class: "cat", Source: "a.json"}, {Code: "box-tiny", Class: "dog", Source: "a.json"}, {Code: "box-empty", Class: "dog", Source: "b.json"}, {Code: "aspect-outlier", Source: "b.json"}},
		Drift:       map[string]float64{"class": 0.15},
		Images:      4,
		Annotations: 10,
		Classes:     []gate.Class{{Name: "cat", Annotations: 6, Objects: 5}, {Name: "dog", Annotations: 4, Objects: 1, ObjectsWithoutPositive: 1}},
		Sources:     []gate.Source{{Name: "a.json", Annotations: 5}, {Name: "b.json", Annotations: 5}},
	}
}

// hold holds a subject against a gate.
func hold(t testing.TB, g *gate.Gate, s, baseline *gate.Subject, day time.Time) gate.Verdict {
	t.Helper()
	v, err := g.Hold(t.Context(), s, baseline, day)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// held holds one rule against the subject, with itself as a baseline.
func held(t *testing.T, r gate.PolicyRule) gate.Outcome {
	t.Helper()
	g, err := gate.New(gate.Policy{Baseline: "x", Rules: []gate.PolicyRule{r}}, sources)
	if err != nil {
		t.Fatal(err)
	}
	v := hold(t, g, subject(), subject(), time.Now())
	return v.Rules[0]
}

func TestRules(t *testing.T) {
	for _, c := range []struct {
		rule string
		want bool
	}{
		{`objects_without_positive > 2`, true},
		{`objects_without_positive > 3`, false},
		{`positives == 10 and anchors == 1000`, true},
		{`domination.focal > 0.2`, true}, // of the first source
		{`domination.focal > 0.25`, false},
		{`easy_negative_share.bce >= 0.97`, true},
		{`(domination.bce ?? 0) > 10`, false},
		{`(domination.bce ?? 11) > 10`, true},
		{`domination.bce == nil`, true},
		{`gamma_balance == nil && gamma_balance_why contains "positive"`, true},
		{`scores.article.domination.bce > 33`, true},
		{`scores.article.domination.bce > 34`, false},
		{`scores["article"].domination.bce > 33`, true},
		{`scores["constant:pos=0.5,neg=0.1"].domination.bce == 7`, true},
		{`scores.prior.domination.focal == domination.focal`, true},
		{`count("box-empty") == 2`, true},
		{`count("box-tiny") + count("box-empty") == 7`, true},
		{`count("box-outside") > 0`, false}, // a known code that nothing was found of
		{`count('box-empty') > 1 or false`, true},
		{`not (count("box-empty") > 0)`, false},
		{`true`, true},
		{`negatives > 0`, false},
		{`errors == 2 and warnings == 5 and infos == 2`, true},
		{`rate("box-empty") == 0.2`, true},              // of 10 annotations
		{`rate("image-without-objects") == 0.25`, true}, // of 4 images
		{`was("positives") == 10 and was_count("box-empty") == 2`, true},
		{`drift("class") > 0.1`, true},
		{`drift("class") > 0.2`, false},
		{`drift("place") == nil`, true},
		{`(drift("place") ?? 0) > 0`, false},
		{`was("domination.bce") == nil`, true},
		{`(domination.focal ?? 0) > (was("domination.focal") ?? 0)`, false},
	} {
		o := held(t, gate.PolicyRule{FailIf: c.rule})
		if want := map[bool]gate.Status{true: gate.Fail, false: gate.Pass}[c.want]; o.Status != want || o.Rule != c.rule || o.Name != c.rule {
			t.Errorf("%s: got %+v, want %s", c.rule, o, want)
		}
		if o := held(t, gate.PolicyRule{WarnIf: c.rule}); (o.Status == gate.Warn) != c.want {
			t.Errorf("warn_if %s: got %+v", c.rule, o)
		}
	}
}

// TestRateOfEveryCode: policies hold limits on rates, so what a rate is divided by
// never changes. The images' codes are listed by hand; every other one is per
// annotation, of which there are 10 to 4 images.
func TestRateOfEveryCode(t *testing.T) {
	images := strings.Fields("image-id-duplicate image-unknown image-size-differs image-size-missing image-without-objects " +
		"image-without-positive beyond-the-cap file-name-duplicate file-name-missing object-count-outlier logits-missing detections-missing-images")
	for _, e := range findings.Catalogue() {
		want := "0.1"
		if slices.Contains(images, e.Code) {
			want = "0.25"
		}
		rule := gate.PolicyRule{FailIf: fmt.Sprintf("rate(%q) != %s", e.Code, want)}
		g, err := gate.New(gate.Policy{Rules: []gate.PolicyRule{rule}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		s := subject()
		s.Counts, s.Findings = map[string]int{e.Code: 1}, []gate.Finding{{Code: e.Code}}
		if v := hold(t, g, s, nil, time.Now()); v.Status != gate.Pass {
			t.Errorf("%s: got %+v, want pass", e.Code, v.Rules)
		}
	}
}

func TestCompileErrors(t *testing.T) {
	for _, c := range []struct {
		rule string
		want []string // parts of the message
	}{
		{`dominaton.bce > 1`, append([]string{"unknown name dominaton"}, gate.MetricNames()...)},
		{`domination.bec > 1`, append([]string{"bec"}, gate.MetricNames()...)},
		{`scores.article.dominaton.bce > 1`, append([]string{"dominaton"}, gate.MetricNames()...)},
		{`Anchors > 1`, append([]string{"unknown name Anchors"}, gate.MetricNames()...)}, // Go's names are not the contract
		{`count("box-emty") > 0`, []string{`"box-emty"`, "nearest", "box-empty"}},
		{`"box-emty" | count() > 0`, []string{`"box-emty"`, "nearest", "box-empty"}},
		{`positives > 1 and (count("nonsense") > 0 or true)`, []string{`"nonsense"`, "nearest"}},
		{`count(gamma_balance_why) > 0`, []string{"count takes a code in quotes"}},
		{`count("box-" + "empty") > 0`, []string{"count takes a code in quotes"}},
		{`count() > 0`, []string{"count"}},
		{`count(1) > 0`, nil},
		{`scores.artcle.domination.bce > 1`, []string{strings.Join(sources, ", ")}},
		{`scores["artcle"].domination.bce > 1`, []string{strings.Join(sources, ", ")}},
		{`scores[gamma_balance_why].domination.bce > 1`, []string{strings.Join(sources, ", ")}},
		{`scores?.artcle.anchors > 1`, []string{strings.Join(sources, ", ")}},
		{`domination.bce`, []string{"bool"}},
		{`anchors`, []string{"bool", "int64"}},
		{`count("box-empty")`, []string{"bool", "int"}},
		{`gamma_balance_why`, []string{"bool", "string"}},
		{`anchors > "many"`, []string{"int64", "string"}},
		{`positives >`, []string{"it ends too early: expected a name or a value"}},
		{``, nil},
		{`nil`, []string{"bool"}},
		{`was("positives") > 1`, []string{"there is no baseline"}},
		{`drift("classes") > 0`, []string{`"classes"`, "objects_per_image"}},
		{`drift(1) > 0`, nil},
		{`rate("box-emty") > 0`, []string{`"box-emty"`, "nearest", "box-empty"}},
	} {
		_, err := gate.New(gate.Policy{Rules: []gate.PolicyRule{{FailIf: c.rule}}}, sources)
		if c.rule == "" && err != nil {
			continue // neither fail_if nor warn_if
		}
		if err == nil {
			t.Errorf("%s: accepted", c.rule)
			continue
		}
		for _, part := range append(c.want, "rule ") {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: got %q, expected it to name %q", c.rule, err, part)
			}
		}
	}
}

// TestNilMetric: to compare what has no value is neither true nor false.
func TestNilMetric(t *testing.T) {
	for _, text := range []string{`domination.bce > 10`, `domination.bce < 10`, `gamma_balance > 0`, `scores.article.domination.focal >= 1`,
		`domination.bce * 2 > 1`, `count("box-empty") > domination.bce`} {
		o := held(t, gate.PolicyRule{FailIf: text})
		if o.Status != gate.Undecided {
			t.Errorf("%s: got %+v", text, o)
			continue
		}
		for _, part := range []string{text, "(METRIC ?? 0)", "nil"} {
			if !strings.Contains(o.Error, part) {
				t.Errorf("%s: got %q, expected it to name %q", text, o.Error, part)
			}
		}
	}
}

// TestUntypedRule: where only the run can tell that a rule is not boolean, it
// is an error of the rule, not a panic and not a pass.
func TestUntypedRule(t *testing.T) {
	for _, text := range []string{`fromJSON("1")`, `first([1])`, `[true, 1][1]`} {
		if _, err := gate.New(gate.Policy{Rules: []gate.PolicyRule{{FailIf: text}}}, sources); err != nil {
			continue // refused even earlier
		}
		if o := held(t, gate.PolicyRule{FailIf: text}); o.Status != gate.Undecided {
			t.Errorf("%s: got %+v", text, o)
		}
	}
}

// TestMetricNamesAreTheSummarys: the names that rules use are the keys of
// summary.json, docs/methods.md, 6.2.
func TestMetricNamesAreTheSummarys(t *testing.T) {
	data, err := json.Marshal(analysis.Metrics{GammaBalanceWhy: "-"}) // omitted if empty
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := json.Unmarshal(data, &tree); err != nil {
		t.Fatal(err)
	}
	var want []string
	for key, value := range tree {
		below, ok := value.(map[string]any)
		if !ok {
			want = append(want, key)
		}
		for k := range below {
			want = append(want, key+"."+k)
		}
	}
	got := gate.MetricNames()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("rules have %q, summary.json has %q", got, want)
	}
	for _, name := range got {
		if o := held(t, gate.PolicyRule{FailIf: name + " != nil"}); o.Status == gate.Undecided {
			t.Errorf("%s: %+v", name, o)
		}
	}
}

// TestEach: rules over classes and sources name those of which they are true.
func TestEach(t *testing.T) {
	for _, c := range []struct {
		each, rule, want string
	}{
		{"class", `objects < 3`, "dog"},
		{"class", `objects_without_positive > 0.5 * objects`, "dog"},
		{"class", `count("box-empty") > 0`, "cat dog"},
		{"class", `rate("box-empty") > 0.2`, "dog"},
		{"class", `class startsWith "c"`, "cat"},
		{"source", `count("box-empty") > 0`, "a.json b.json"},
		{"source", `rate("aspect-outlier") > 0`, "b.json"},
		{"source", `annotations > 9`, ""},
	} {
		o := held(t, gate.PolicyRule{Each: gate.Each(c.each), FailIf: c.rule})
		if got := strings.Join(o.Of, " "); got != c.want || (o.Status == gate.Fail) != (c.want != "") {
			t.Errorf("%s %s: got %+v, want %s", c.each, c.rule, o, c.want)
		}
	}
	for each, rule := range map[string]string{"class": `domination.focal > 1`, "source": `objcts > 1`, "image": "true"} {
		if _, err := gate.New(gate.Policy{Rules: []gate.PolicyRule{{Each: gate.Each(each), FailIf: rule}}}, sources); err == nil {
			t.Errorf("%s %s: accepted", each, rule)
		}
	}
}

// TestWasOfParts: rules over classes and sources know the numbers of the baseline, and hold the parts that are only
// there too.
func TestWasOfParts(t *testing.T) {
	for _, c := range []struct{ each, rule, want string }{
		{"class", `objects == 0 && was("objects") > 0`, "bird"},    // the baseline only has it
		{"class", `objects > 0 && was("annotations") == 0`, "cat"}, // new
		{"class", `objects < 0.5 * was("objects")`, "dog bird"},
		{"class", `count("box-empty") > 0 && was("objects") == 8`, "dog"},
		{"source", `images == 0 && was("images") > 0`, "c.json"},
		{"source", `annotations < was("annotations")`, "c.json"},
		{"source", `was("images") == 0`, "a.json b.json"},
	} {
		g, err := gate.New(gate.Policy{Baseline: "x", Rules: []gate.PolicyRule{{Each: gate.Each(c.each), FailIf: c.rule}}}, sources)
		if err != nil {
			t.Fatal(err)
		}
		before := subject()
		before.Classes = []gate.Class{{Name: "dog", Objects: 8, Annotations: 8}, {Name: "bird", Objects: 3, Annotations: 3}}
		before.Sources = []gate.Source{{Name: "c.json", Images: 2, Annotations: 3}}
		rules := hold(t, g, subject(), before, time.Now()).Rules // of which the first is that a file is gone
		if o := rules[len(rules)-1]; strings.Join(o.Of, " ") != c.want {
			t.Errorf("%s: got %+v, want %s", c.rule, o, c.want)
		}
	}
	for _, c := range []struct {
		each, rule, baseline, want string
	}{
		{"class", `was("objcts") > 0`, "x", "the nearest is objects"},
		{"class", `was("class") > 0`, "x", "there is no such number"},
		{"class", `was("objects") > 0`, "", "there is no baseline"},
		{"class", `wass("objects") > 0`, "x", "the nearest are was"},
		{"class", `drift("class") > 0`, "x", "unknown name drift"},
	} {
		_, err := gate.New(gate.Policy{Baseline: c.baseline, Rules: []gate.PolicyRule{{Each: gate.Each(c.each), FailIf: c.rule}}}, sources)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "the nearest are drift") {
			t.Errorf("%s: got %v, want %s", c.rule, err, c.want)
		}
	}
}

// TestWasOfSourceClasses: rules over each class of each source hold what a source has no more, though another one has it,
// and decide nothing where a report of an earlier version does not count that.
func TestWasOfSourceClasses(t *testing.T) {
	counts := func(of ...gate.SourceClass) *gate.Subject {
		s := subject()
		s.SourceClasses = of
		return s
	}
	now := counts(gate.SourceClass{Source: "a.json", Class: "dog", Annotations: 4, Objects: 4},
		gate.SourceClass{Source: "b.json", Class: "cat", Annotations: 2})
	before := counts(gate.SourceClass{Source: "a.json", Class: "dog", Annotations: 9, Objects: 9},
		gate.SourceClass{Source: "a.json", Class: "cat", Annotations: 3, Objects: 3},
		gate.SourceClass{Source: "b.json", Class: "cat", Annotations: 2, Objects: 2})
	for _, c := range []struct {
		rule, want  string
		now, before *gate.Subject
		status      gate.Status
	}{
		{`annotations == 0 && was("annotations") > 0`, "a.json: cat", now, before, gate.Fail},
		{`objects == 0 && was("objects") > 0`, "b.json: cat a.json: cat", now, before, gate.Fail},
		{`annotations < 0.5 * was("annotations")`, "a.json: dog a.json: cat", now, before, gate.Fail},
		{`source == "b.json" && class == "cat"`, "b.json: cat", now, before, gate.Fail},
		{`count("box-empty") > 0`, "a.json: cat", now, before, gate.Fail}, // dog's is in b.json
		{`was("annotations") > 99`, "", now, before, gate.Pass},
		{`was("annotations") > 0`, "", now, counts(), gate.Undecided},
		{`annotations > 3`, "a.json: dog", now, counts(), gate.Fail},
		{`annotations > 3`, "", counts(), before, gate.Undecided},
	} {
		p, _, err := gate.ParsePolicy([]byte("gate:\n  baseline: x\n  rules: [{each: [class, source], fail_if: '" + c.rule + "'}]\n"))
		if err != nil {
			t.Fatal(err)
		}
		g, err := gate.New(p, sources)
		if err != nil {
			t.Fatal(err)
		}
		rules := hold(t, g, c.now, c.before, time.Now()).Rules
		if o := rules[0]; strings.HasPrefix(c.rule, "annotations < 0.5") && !slices.Equal(o.Parts, []string{
			`dog has 4 annotations in a.json, 9 in the baseline, limit 4.5`,
			`cat has no annotation in a.json any more, 3 in the baseline, limit 1.5`,
		}) {
			t.Errorf("compared %q", o.Parts)
		}
		if o := rules[0]; o.Status != c.status || strings.Join(o.Of, " ") != c.want {
			t.Errorf("%s: got %+v, want %s %s", c.rule, o, c.status, c.want)
		}
	}
	for _, each := range []string{"[source, source]", "[class, image]", "image", "[]x"} {
		p, _, err := gate.ParsePolicy([]byte("gate: {rules: [{each: " + each + ", fail_if: annotations > 1}]}\n"))
		if err == nil {
			_, err = gate.New(p, sources)
		}
		if err == nil {
			t.Errorf("each %s: accepted", each)
		}
	}
}

// TestSourcesUnderOtherNames: rules over each source know a file again that was searched from another directory, or that has
// another name and as many images and annotations; each file of the baseline is taken for one.
func TestSourcesUnderOtherNames(t *testing.T) {
	subjectOf := func(names ...string) *gate.Subject {
		s := subject()
		s.Sources, s.SourceClasses = nil, []gate.SourceClass{}
		for i, name := range names {
			s.Sources = append(s.Sources, gate.Source{Name: name, Images: int64(9 - i), Annotations: 10})
			s.SourceClasses = append(s.SourceClasses, gate.SourceClass{Source: name, Class: "dog", Annotations: 10, Objects: 10})
		}
		return s
	}
	for _, c := range []struct{ before, now, want string }{
		{"a.json b.json", "a.json b.json", ""},
		{"a.json b.json", "x/a.json x/b.json", ""},
		{"x/a.json x/b.json", "a.json b.json", ""},
		{"a.json b.json", "new.json b.json", ""},
		{"a.json b.json", "b.json new.json", "a.json"}, // which has one image less
		{"a.json", "x/a.json y/a.json", ""},
		{"x/a.json y/a.json", "a.json", "y/a.json"},
	} {
		for each, rule := range map[gate.Each]string{
			"source": `annotations == 0 && was("annotations") > 0`, "source, class": `objects == 0 && was("objects") > 0`,
		} {
			g, err := gate.New(gate.Policy{Baseline: "x", Rules: []gate.PolicyRule{{Each: each, FailIf: rule}}}, sources)
			if err != nil {
				t.Fatal(err)
			}
			rules := hold(t, g, subjectOf(strings.Fields(c.now)...), subjectOf(strings.Fields(c.before)...), time.Now()).Rules
			got := strings.ReplaceAll(strings.Join(rules[len(rules)-1].Of, " "), ": dog", "")
			if got != c.want {
				t.Errorf("%s, then %s: %s lacks %q, want %q", c.before, c.now, each, got, c.want)
			}
		}
	}
}

// TestNamesOfRefused: a file that could not be read is the one of its name, whatever that looks like; a report of an earlier
// version has it from the words.
func TestNamesOfRefused(t *testing.T) {
	for _, c := range []struct {
		file, why string
		want      string
		line      int
	}{
		{"street.json: x.json", "street.json: x.json:3:7 (byte 9): expected x", "street.json: x.json could not be read", 3},
		{"z.json:3:4 (byte 9): q.json", "z.json:3:4 (byte 9): q.json: the file is empty", "z.json:3:4 (byte 9): q.json could not be read", 0},
		{"", "street.json:3:7 (byte 9): expected x", "street.json could not be read", 3},
	} {
		s := subject()
		var files []string
		if c.file != "" {
			files = []string{c.file}
		}
		s.Refused = gate.Refusals(files, []string{c.why})
		g, err := gate.New(gate.Policy{}, sources)
		if err != nil {
			t.Fatal(err)
		}
		if o := hold(t, g, s, nil, time.Now()).Rules[0]; o.Name != c.want || o.Line != c.line {
			t.Errorf("%s: got %q, line %d", c.why, o.Name, o.Line)
		}
	}
}

// TestNobodyLooked: a rule that counts label errors decides nothing where no label was held against a detector; one that
// fails all the same does, and one about other findings is not touched.
func TestNobodyLooked(t *testing.T) {
	for _, rule := range []string{`let f = count; f("missing") > 0`, `let w = was; w("objects") > 0`, `let l = rate; true`} {
		if _, err := gate.New(gate.Policy{Rules: []gate.PolicyRule{{FailIf: rule}}, Baseline: "x"}, sources); err == nil ||
			!strings.Contains(err.Error(), "count") {
			t.Errorf("%s: got %v, though nobody sees what it counts", rule, err)
		}
	}
	for rule, want := range map[string]gate.Status{
		`count("class") > 3`: gate.Undecided, `label_warnings > 0`: gate.Undecided, `count("missing") == 0`: gate.Fail,
		`count("box-empty") > 99`: gate.Pass, `data_warnings > 999`: gate.Pass,
	} {
		g, err := gate.New(gate.Policy{Rules: []gate.PolicyRule{{FailIf: rule}}}, sources)
		if err != nil {
			t.Fatal(err)
		}
		s := subject()
		s.Findings, s.Counts = nil, map[string]int{"box-empty": 1}
		for name, of := range s.Metrics {
			of.SuspectShare.BCE = nil
			s.Metrics[name] = of
		}
		if o := hold(t, g, s, nil, time.Now()).Rules[0]; o.Status != want {
			t.Errorf("%s: got %+v, want %s", rule, o, want)
		}
	}
}

// TestWaiverOfOneFile: a finding about a whole file has no file in its fingerprint, so that a waiver of it has to name the
// file where several have such a finding.
func TestWaiverOfOneFile(t *testing.T) {
	for _, source := range []string{"", "a.json", "b.json"} {
		g, err := gate.New(gate.Policy{
			Rules:   []gate.PolicyRule{{FailIf: `count("key-absent") > 1`}},
			Waivers: []gate.Waiver{{Fingerprint: "p", Source: source, Reason: "old", Until: "2027-01-01"}},
		}, sources)
		if err != nil {
			t.Fatal(err)
		}
		s := subject()
		s.Sources = []gate.Source{{Name: "a.json", Images: 1}, {Name: "b.json", Images: 1}}
		s.Findings, s.Counts = nil, map[string]int{"key-absent": 2}
		for _, of := range s.Sources {
			s.Findings = append(s.Findings, gate.Finding{Code: "key-absent", Source: of.Name, Fingerprint: "p", Score: math.NaN()})
		}
		v := hold(t, g, s, nil, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
		waived := 0
		for i := range s.Findings {
			if s.Findings[i].Waived != nil {
				waived++
			}
		}
		if source == "" {
			if last := v.Rules[len(v.Rules)-1]; last.Status != gate.Fail || waived != 2 || !strings.Contains(last.Rule, `(source: "a.json")`) {
				t.Errorf("of no file: %+v", last)
			}
		} else if waived != 1 || (s.Findings[0].Waived != nil) != (source == "a.json") {
			t.Errorf("of %s: %d are waived", source, waived)
		}
	}
}

// TestWaiverOfSource: a waiver with a source takes nothing out of other files: neither of one whose name ends in it, where
// the file itself is there, nor what is only counted, since nobody knows whose that is. Where two files may be meant, it
// fails.
func TestWaiverOfSource(t *testing.T) {
	for _, c := range []struct {
		files  []string
		waived []bool
		fails  string
	}{
		{[]string{"a.json", "old/a.json"}, []bool{true, false}, ""},
		{[]string{"x/a.json", "b.json"}, []bool{true, false}, ""},
		{[]string{"x/a.json", "y/a.json"}, []bool{true, true}, "it may be about x/a.json or y/a.json"},
	} {
		for _, w := range []gate.Waiver{{Fingerprint: "p"}, {Code: "key-absent"}} {
			w.Source, w.Reason, w.Until = "a.json", "old", "2027-01-01"
			g, err := gate.New(gate.Policy{Waivers: []gate.Waiver{w}, Rules: []gate.PolicyRule{{FailIf: `count("key-absent") > 2`}}}, sources)
			if err != nil {
				t.Fatal(err)
			}
			s := subject()
			s.Sources, s.Findings, s.Counts = nil, nil, map[string]int{"key-absent": 2 + 9} // nine are not listed
			for _, name := range c.files {
				s.Sources = append(s.Sources, gate.Source{Name: name, Images: 1})
				s.Findings = append(s.Findings, gate.Finding{Code: "key-absent", Source: name, Fingerprint: "p", Score: math.NaN()})
			}
			v := hold(t, g, s, nil, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
			if v.Rules[0].Status != gate.Fail {
				t.Errorf("%q: what is not listed is waived", c.files)
			}
			for i, want := range c.waived {
				if (s.Findings[i].Waived != nil) != want {
					t.Errorf("%q, %s: waived %t, want %t", c.files, c.files[i], !want, want)
				}
			}
			last := v.Rules[len(v.Rules)-1]
			if c.fails != "" && (last.Status != gate.Fail || !strings.Contains(last.Rule, c.fails)) {
				t.Errorf("%q: got %+v", c.files, last)
			}
		}
	}
}

// TestNamesWithin: a class of one file does not stand for another class of another file, though their names run together
// to the same.
func TestNamesWithin(t *testing.T) {
	s, before := subject(), subject()
	before.Sources = []gate.Source{{Name: "x", Images: 1}, {Name: "x: y", Images: 2}}
	s.Sources = before.Sources
	before.SourceClasses = []gate.SourceClass{{Source: "x", Class: "y: cat", Annotations: 1}, {Source: "x: y", Class: "cat", Annotations: 1}}
	s.SourceClasses = before.SourceClasses[:1]
	g, err := gate.New(gate.Policy{Baseline: "x", Rules: []gate.PolicyRule{
		{Each: gate.SourceAndClass, FailIf: `annotations == 0 && was("annotations") > 0`},
	}}, sources)
	if err != nil {
		t.Fatal(err)
	}
	if o := hold(t, g, s, before, time.Now()).Rules[0]; o.Status != gate.Fail || len(o.Of) != 1 || o.Of[0] != `"x: y": "cat"` {
		t.Errorf("got %+v", o)
	}
}

// TestUnjudged: a rule that would pass decides nothing where a file could not be read, unless that is accepted; one that
// fails does so all the same.
func TestUnjudged(t *testing.T) {
	g, err := gate.New(gate.Policy{Baseline: "x", Rules: []gate.PolicyRule{
		{FailIf: "errors > 99"}, {FailIf: "errors > 0"}, {FailIf: `annotations < 9 * was("annotations")`},
		{Each: "class", WarnIf: `objects < 9 * was("objects")`},
	}}, sources)
	if err != nil {
		t.Fatal(err)
	}
	s := subject()
	s.Refused = gate.Refusals(nil, []string{"c.json: the file is empty", "d.json: the file is empty"})
	for accepted, want := range map[bool]gate.Status{false: gate.Undecided, true: gate.Pass} {
		g.Partial = accepted
		rules := hold(t, g, s, subject(), time.Now()).Rules
		for _, o := range rules[4:] { // with those files there may be as many
			if (o.Status == gate.Undecided) == accepted || o.Unjudged == accepted {
				t.Errorf("accepted %v: %+v", accepted, o)
			}
		}
		if rules[2].Status != want || rules[3].Status != gate.Fail {
			t.Errorf("accepted %v: %+v", accepted, rules)
		}
		if told := strings.Contains(rules[2].Error, "nothing of c.json and 1 other file was counted"); told == accepted {
			t.Errorf("accepted %v: %q", accepted, rules[2].Error)
		}
	}
}

// TestFingerprintsThatAreNumbers: a fingerprint of digits, or of digits and one e, is a number to YAML, and means the text
// that stands there; anything else is told with its line.
func TestFingerprintsThatAreNumbers(t *testing.T) {
	for _, print := range []string{
		"123456789012345678901234", "012345678901234567890123", "12345678901234567890e123", "1e1234567890123456789012",
		"000000000000000000000000", "0123456789abcdef01234567",
	} {
		for _, quote := range []string{"", "'", "\""} {
			of := quote + print + quote
			p, _, err := gate.ParsePolicy([]byte("gate:\n  waivers:\n    - {fingerprint: " + of + ", reason: r, until: 2027-01-31}\n" +
				"  reviewed:\n    - " + of + "\n"))
			if err != nil || p.Waivers[0].Fingerprint != print || !slices.Equal(p.Reviewed, []string{print}) {
				t.Errorf("%s: %+v, %v", of, p, err)
			}
		}
	}
	for _, print := range []string{"12345", "1234567890123456789012345", "0123456789ABCDEF01234567", "x", "0x34567890123456789abcdef", "1.5"} {
		for _, policy := range []string{
			"gate:\n  waivers:\n    - reason: r\n      fingerprint: " + print + "\n      until: 2027-01-31\n",
			"gate:\n  reviewed:\n    - 0123456789abcdef01234567\n    - " + print + "\n",
		} {
			if _, _, err := gate.ParsePolicy([]byte(policy)); err == nil || !strings.Contains(err.Error(), "line 4: ") ||
				!strings.Contains(err.Error(), fmt.Sprintf("%q: expected a fingerprint", print)) {
				t.Errorf("%s: %v", print, err)
			}
		}
	}
}

// TestLostSources: a source of the baseline that is gone or empty fails, whatever the rules; one that has another name, or
// that could not be read, is not lost.
func TestLostSources(t *testing.T) {
	for _, c := range []struct {
		name string
		now  []gate.Source
		want string
	}{
		{"as it was", []gate.Source{{Name: "a.json", Images: 3, Annotations: 9}, {Name: "b.json", Images: 2, Annotations: 5}}, ""},
		{"searched from above", []gate.Source{{Name: "x/a.json", Images: 1, Annotations: 1}, {Name: "x/b.json", Images: 2, Annotations: 5}}, ""},
		{"gone", []gate.Source{{Name: "a.json", Images: 3, Annotations: 9}}, "b.json is gone: 2 images and 5 annotations"},
		{"renamed", []gate.Source{{Name: "a.json", Images: 3, Annotations: 9}, {Name: "c.json", Images: 2, Annotations: 5}}, ""},
		{"another", []gate.Source{{Name: "a.json", Images: 3, Annotations: 9}, {Name: "c.json", Images: 2, Annotations: 4}}, "b.json is gone"},
		{"no annotation", []gate.Source{{Name: "a.json", Images: 3}, {Name: "b.json", Images: 2, Annotations: 5}}, "a.json has no annotation any more"},
		{"no image", []gate.Source{{Name: "a.json"}, {Name: "b.json", Images: 2, Annotations: 5}}, "a.json has no image any more"},
		{"refused", []gate.Source{{Name: "a.json", Images: 3, Annotations: 9}}, "b.json could not be read: "},
	} {
		g, err := gate.New(gate.Policy{Baseline: "x"}, sources)
		if err != nil {
			t.Fatal(err)
		}
		s, before := subject(), subject()
		s.Sources, before.Sources = c.now, []gate.Source{{Name: "a.json", Images: 3, Annotations: 9}, {Name: "b.json", Images: 2, Annotations: 5}}
		if c.name == "refused" {
			s.Refused = gate.Refusals(nil, []string{"b.json:3:1 (byte 99): expected x, found end of file"})
		}
		got := ""
		for _, o := range hold(t, g, s, before, time.Now()).Rules {
			got += o.Name + ": " + o.Rule + o.Error
		}
		if (c.want == "") != (got == "") || !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// TestLostSourcesOneByOne: a source stands for one of the baseline's, though it could be taken for several: by the end of
// its name, or by its counts.
func TestLostSourcesOneByOne(t *testing.T) {
	source := func(name string, images int64) gate.Source {
		return gate.Source{Name: name, Images: images, Annotations: 5 * images}
	}
	for _, c := range []struct {
		before, now []gate.Source
		want        []string
	}{
		{[]gate.Source{source("a.json", 2), source("old/a.json", 6)}, []gate.Source{source("a.json", 2)}, []string{"old/a.json is gone"}},
		{[]gate.Source{source("x/a.json", 2), source("y/a.json", 6)}, []gate.Source{source("a.json", 2)}, []string{"y/a.json is gone"}},
		{
			[]gate.Source{source("x.json", 2), source("y.json", 2), source("z.json", 2)},
			[]gate.Source{source("w.json", 2)}, []string{"y.json is gone", "z.json is gone"},
		},
		{
			[]gate.Source{source("x.json", 2), source("y.json", 2)},
			[]gate.Source{source("v.json", 2), source("w.json", 2)}, nil,
		},
		// Two may be the old one, and neither has its counts: nobody can say which was shortened.
		{
			[]gate.Source{source("a.json", 100)}, []gate.Source{source("train/a.json", 500), source("val/a.json", 10)},
			[]string{"a.json is gone, or has another name"},
		},
		{
			[]gate.Source{source("a.json", 100)}, []gate.Source{source("train/a.json", 500), source("val/a.json", 100)}, nil,
		},
		{ // what is certain goes first, and leaves one for the other
			[]gate.Source{source("x/a.json", 2), source("y/a.json", 6)},
			[]gate.Source{source("a.json", 2), source("q/y/a.json", 7)}, nil,
		},
	} {
		g, err := gate.New(gate.Policy{Baseline: "x"}, sources)
		if err != nil {
			t.Fatal(err)
		}
		s, before := subject(), subject()
		s.Sources, before.Sources = c.now, c.before
		var got []string
		for _, o := range hold(t, g, s, before, time.Now()).Rules {
			got = append(got, o.Name)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%v of %v: got %q, want %q", c.now, c.before, got, c.want)
		}
	}
}

// TestRefusedOneByOne: a file that could not be read stands for one of the baseline's.
func TestRefusedOneByOne(t *testing.T) {
	g, err := gate.New(gate.Policy{Baseline: "x"}, sources)
	if err != nil {
		t.Fatal(err)
	}
	s, before := subject(), subject()
	before.Sources = []gate.Source{{Name: "a.json", Images: 3}, {Name: "old/a.json", Images: 4}, {Name: "c.json", Images: 5}}
	s.Sources = before.Sources[2:]
	s.Refused = gate.Refusals(nil, []string{"a.json:3:1 (byte 99): expected x, found end of file"})
	var names []string
	for _, o := range hold(t, g, s, before, time.Now()).Rules {
		names = append(names, o.Name)
	}
	if !slices.Contains(names, "old/a.json is gone") || slices.Contains(names, "a.json is gone") {
		t.Errorf("got %q", names)
	}
}

// TestManySources: a report of 30,000 files is held against one of as many others. With each file against each it would be
// 900 million pairs of names.
func TestManySources(t *testing.T) {
	g, err := gate.New(gate.Policy{Baseline: "x", OnlyNew: true}, sources)
	if err != nil {
		t.Fatal(err)
	}
	s, before := subject(), subject()
	s.Sources, before.Sources = nil, nil
	for i := range 30000 {
		name := fmt.Sprintf("%05d/annotations.json", i)
		before.Sources = append(before.Sources, gate.Source{Name: name, Images: 1, Annotations: 1})
		s.Sources = append(s.Sources, gate.Source{Name: "new/" + name, Images: 2, Annotations: int64(i)})
	}
	for _, o := range hold(t, g, s, before, time.Now()).Rules {
		if strings.Contains(o.Name, "is gone") {
			t.Fatalf("%s: %s", o.Name, o.Rule)
		}
	}
}

// TestSorts: findings of the file, of the trainer and of a detector are counted apart.
func TestSorts(t *testing.T) {
	s := subject()
	s.Counts = map[string]int{"box-empty": 1, "near-duplicate": 3, "object-without-positive": 1, "missing": 2}
	s.Findings = nil
	for code, n := range s.Counts {
		for range n {
			s.Findings = append(s.Findings, gate.Finding{Code: code})
		}
	}
	for rule, n := range map[string]int{
		"data_errors == 1 && trainer_errors == 0": 1, "data_warnings == 3": 3, "trainer_warnings == 1": 1, "label_errors + label_warnings == 2": 2,
		"data_errors + trainer_errors + label_errors == errors && data_warnings + trainer_warnings + label_warnings == warnings": 7,
	} {
		g, err := gate.New(gate.Policy{Rules: []gate.PolicyRule{{FailIf: rule}}}, sources)
		if err != nil {
			t.Fatal(err)
		}
		if o := hold(t, g, s, nil, time.Now()).Rules[0]; o.Status != gate.Fail || n > 0 && len(o.Findings) != n {
			t.Errorf("%s: %+v", rule, o)
		}
	}
}

// TestCases: what stands once for many records counts with all of them.
func TestCases(t *testing.T) {
	g, err := gate.New(gate.Policy{Baseline: "x", OnlyNew: true, Rules: []gate.PolicyRule{
		{FailIf: `cases("class-unused") == 3`}, {FailIf: `cases("box-convention") == 7`}, {FailIf: `count("box-convention") == 1`},
	}}, sources)
	if err != nil {
		t.Fatal(err)
	}
	with := func(unused, corners int64) *gate.Subject {
		s := subject()
		s.Counts = map[string]int{"class-unused": 1, "box-convention": 1}
		s.Findings = []gate.Finding{{Code: "class-unused", Fingerprint: "u", Cases: unused}, {Code: "box-convention", Fingerprint: "b", Cases: corners}}
		return s
	}
	before := with(0, 5)
	before.Findings, before.Counts = before.Findings[1:], map[string]int{"box-convention": 1}
	for i, o := range hold(t, g, with(3, 12), before, time.Now()).Rules {
		if o.Status != gate.Fail || len(o.Findings) != 1 {
			t.Errorf("rule %d: %+v", i, o)
		}
	}
}

// TestUnlisted: what is counted but not listed counts for the whole, is known as far
// as the baseline has as many, is waived with its whole code, and belongs to nobody.
func TestUnlisted(t *testing.T) {
	waived := []gate.Waiver{{Code: "box-tiny", Reason: "r", Until: "2999-01-01"}}
	for _, c := range []struct {
		policy gate.Policy
		want   gate.Status
	}{
		{gate.Policy{Rules: []gate.PolicyRule{{FailIf: `count("box-tiny") == 5`}}}, gate.Fail},
		{gate.Policy{Rules: []gate.PolicyRule{{FailIf: `count("box-tiny") > 0`}}, Baseline: "x", OnlyNew: true}, gate.Pass},
		{gate.Policy{Rules: []gate.PolicyRule{{FailIf: `count("box-tiny") > 0`}}, Waivers: waived}, gate.Pass},
		{gate.Policy{Rules: []gate.PolicyRule{{Each: "class", FailIf: `count("box-tiny") > 0`}}}, gate.Undecided},
	} {
		g, err := gate.New(c.policy, sources)
		if err != nil {
			t.Fatal(err)
		}
		var baseline *gate.Subject
		if c.policy.Baseline != "" {
			baseline = subject()
		}
		if v := hold(t, g, subject(), baseline, time.Now()); v.Status != c.want {
			t.Errorf("%+v: got %+v", c.policy, v.Rules)
		}
	}
}

// TestWaivedOnBothSides: a waived finding of the baseline does not make room for a new
// one; a baseline of another preset is told of.
// Findings count by their own severities; those that are not listed have that of the
// first listed one of their code.
func TestSeveritiesAreCounted(t *testing.T) {
	s := subject()
	s.Findings[0].Level, s.Findings[2].Level = findings.Info, findings.Info // both box-empty
	s.Counts["box-empty"] = 7
	g, err := gate.New(gate.Policy{Rules: []gate.PolicyRule{{FailIf: "errors == 0 and warnings == 5 and infos == 9"}}}, sources)
	if err != nil {
		t.Fatal(err)
	}
	if v := hold(t, g, s, nil, time.Now()); v.Rules[0].Status != gate.Fail {
		t.Errorf("got %+v", v.Rules[0])
	}
}

func TestWaivedOnBothSides(t *testing.T) {
	g, err := gate.New(gate.Policy{Baseline: "x", Rules: []gate.PolicyRule{{FailIf: `count("box-empty") > was_count("box-empty")`}},
		Waivers: []gate.Waiver{{Code: "box-empty", Files: "old*", Reason: "r", Until: "2999-01-01"}}}, sources)
	if err != nil {
		t.Fatal(err)
	}
	before, now := subject(), subject()
	before.Findings[0].File, now.Findings[0].File = "old.png", "old.png"
	now.Findings = append(now.Findings, gate.Finding{Code: "box-empty", File: "new.png", Fingerprint: "n"})
	now.Counts["box-empty"]++
	if v := hold(t, g, now, before, time.Now()); v.Status != gate.Fail {
		t.Errorf("a new finding passes: %+v", v.Rules)
	}
	now = subject()
	now.Findings[0].File = "old.png"
	now.Preset = "another"
	if v := hold(t, g, now, before, time.Now()); v.Status != gate.Warn || v.Rules[len(v.Rules)-1].Name != "a baseline of another preset" {
		t.Errorf("got %+v", v.Rules)
	}
}

func at(code, file, print string, x float64) gate.Finding {
	return gate.Finding{Code: code, File: file, Fingerprint: print, Box: geom.Rect{X: x, W: 10, H: 10}, HasBox: true}
}

// TestCompare: by fingerprint first, one to one, then by code, image and box, the
// most alike first.
func TestCompare(t *testing.T) {
	before := []gate.Finding{at("class", "a", "p", 0), at("class", "a", "p", 0), at("class", "a", "q", 100), at("missing", "a", "r", 200), at("missing", "b", "s", 0)}
	now := []gate.Finding{
		at("class", "a", "p", 0),       // the first
		at("class", "a", "p2", 1),      // as the second, rounded the other way
		at("class", "a", "q2", 109),    // too far from the third
		at("spurious", "a", "r2", 200), // of another code than the fourth
		at("missing", "a", "s2", 0),    // on another image than the fifth
		at("class", "a", "p", 0),       // one too many
	}
	gone, moved := gate.Compare(now, before, gate.Pairs{})
	for i, want := range []bool{false, true, true, true, true, false} {
		if now[i].New != want {
			t.Errorf("%d: new %v, want %v", i, now[i].New, want)
		}
	}
	// the two with print p are taken by fingerprint; so p2 is left without one
	if len(gone) != 3 || moved != nil {
		t.Errorf("gone: %v, moved %v", gone, moved)
	}
	now = now[:5]
	gate.Compare(now, before, gate.Pairs{})
	if now[1].New {
		t.Error("a box that moved by a pixel is new")
	}
}

// TestCompareFiles: what is said of a file is old for that file only, also where it has another name; for a file of which
// nobody can tell what it was, it is old if it was there of another such file.
func TestCompareFiles(t *testing.T) {
	source := func(name string, images int64) gate.Source {
		return gate.Source{Name: name, Images: images, Annotations: 9}
	}
	whole := func(source string) gate.Finding {
		return gate.Finding{Code: "key-absent", Source: source, Fingerprint: "p", Score: math.NaN()}
	}
	for _, c := range []struct {
		name        string
		before, now []gate.Source
		was, is     string
		fresh       bool
	}{
		{"the same file", []gate.Source{source("a", 1), source("b", 2)}, []gate.Source{source("a", 1), source("b", 2)}, "a", "a", false},
		{"mended in one, broken in the other", []gate.Source{source("a", 1), source("b", 2)}, []gate.Source{source("a", 1), source("b", 2)}, "a", "b", true},
		{"from above", []gate.Source{source("a", 1), source("b", 2)}, []gate.Source{source("x/a", 1), source("x/b", 2)}, "a", "x/a", false},
		{"renamed", []gate.Source{source("a", 1), source("b", 2)}, []gate.Source{source("c", 1), source("b", 2)}, "a", "c", false},
		{"renamed and grown", []gate.Source{source("a", 1), source("b", 2)}, []gate.Source{source("c", 7), source("b", 2)}, "a", "c", false},
		{"another file", []gate.Source{source("a", 1)}, []gate.Source{source("a", 1), source("b", 2)}, "a", "b", true},
	} {
		g, err := gate.New(gate.Policy{Baseline: "x", OnlyNew: true}, sources)
		if err != nil {
			t.Fatal(err)
		}
		s, before := subject(), subject()
		s.Sources, before.Sources = c.now, c.before
		s.Findings, before.Findings = []gate.Finding{whole(c.is)}, []gate.Finding{whole(c.was)}
		hold(t, g, s, before, time.Now())
		if s.Findings[0].New != c.fresh {
			t.Errorf("%s: new %v, want %v", c.name, s.Findings[0].New, c.fresh)
		}
	}
}

// TestCompareIsBounded: one image with many boxes at one place takes neither gigabytes nor minutes;
// what is told by its fingerprint still is, and what is not counts as new.
func TestCompareIsBounded(t *testing.T) {
	const n = 5000 // 25,000,000 pairs of equal boxes
	var before, now []gate.Finding
	for i := range n {
		before = append(before, at("class", "a", fmt.Sprint("old", i), 0))
		now = append(now, at("class", "a", fmt.Sprint("new", i), 0))
	}
	now[7].Fingerprint = before[9].Fingerprint
	before, now = append(before, at("class", "b", "p", 0)), append(now, at("class", "b", "q", 1))
	var m0, m1 runtime.MemStats
	runtime.ReadMemStats(&m0)
	gone, _ := gate.Compare(now, before, gate.Pairs{})
	runtime.ReadMemStats(&m1)
	if len(gone) != n-1 || now[7].New || !now[8].New || now[n].New {
		t.Errorf("%d gone; new: %v, %v, %v", len(gone), now[7].New, now[8].New, now[n].New)
	}
	if took := m1.TotalAlloc - m0.TotalAlloc; took > 64<<20 {
		t.Errorf("%d bytes were allocated", took)
	}
}

// TestWaivers: what is waived does not count; an expired waiver fails, one that is
// about nothing warns.
func TestWaivers(t *testing.T) {
	day := time.Date(2026, 6, 30, 23, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		waiver gate.Waiver
		want   gate.Status
	}{
		{gate.Waiver{Code: "box-empty", Reason: "r", Until: "2026-06-30"}, gate.Pass},
		{gate.Waiver{Code: "box-empty", Reason: "r", Until: "2026-06-29"}, gate.Fail},
		{gate.Waiver{Code: "box-empty", Files: "a*", Reason: "r", Until: "2026-12-31"}, gate.Fail}, // the other one counts
		{gate.Waiver{Code: "box-outside", Reason: "r", Until: "2026-12-31"}, gate.Fail},
	} {
		g, err := gate.New(gate.Policy{Rules: []gate.PolicyRule{{FailIf: "errors > 0"}}, Waivers: []gate.Waiver{c.waiver}}, sources)
		if err != nil {
			t.Fatal(err)
		}
		s := subject()
		s.Findings[0].File, s.Findings[2].File = "a.png", "b.png"
		if v := hold(t, g, s, nil, day); v.Status != c.want {
			t.Errorf("%+v: %+v", c.waiver, v.Rules)
		}
	}
}

func TestParsePolicy(t *testing.T) {
	good := "scores: x\ngate:\n  baseline: main\n  only_new: true\n  rules:\n    - name: n\n      each: class\n      warn_if: objects < 3\n  waivers:\n    - code: box-tiny\n      files: a/*.png\n      reason: poles\n      until: 2027-01-31\n"
	p, ok, err := gate.ParsePolicy([]byte(good))
	if err != nil || !ok || p.Baseline != "main" || !p.OnlyNew || p.Rules[0].WarnIf != "objects < 3" || p.Rules[0].Each != "class" || p.Waivers[0].Until != "2027-01-31" {
		t.Errorf("%+v, %v, %v", p, ok, err)
	}
	if p, ok, err := gate.ParsePolicy([]byte("scores: x\n")); ok || err != nil {
		t.Errorf("without a gate: %+v, %v", p, err)
	}
	if p, ok, err := gate.ParsePolicy([]byte("%YAML 1.2\n---\ngate: {only_new: true}\n")); !ok || err != nil || !p.OnlyNew {
		t.Errorf("behind a directive: %+v, %v, %v", p, ok, err)
	}
	if p, ok, err := gate.ParsePolicy([]byte("gate:\n")); !ok || err != nil || len(p.Rules) != 2 {
		t.Errorf("an empty gate: %+v, %v, %v", p, ok, err)
	}
	if p, ok, err := gate.ParsePolicy([]byte("gate:\n  waivers: []\n")); !ok || err != nil || len(p.Rules) != 2 {
		t.Errorf("without rules: %+v, %v, %v", p, ok, err)
	}
	for text, want := range map[string]string{
		"gate:\n  ruels: []": "ruels",
		"gate:\n  waivers:\n    - code: box-tiny\n      until: 2027-01-31":                                                               "no reason",
		"gate:\n  waivers:\n    - code: box-tiny\n      reason: r":                                                                       "YYYY-MM-DD",
		"gate:\n  waivers:\n    - code: box-tni\n      reason: r\n      until: 2027-01-31":                                               "nearest",
		"gate:\n  waivers:\n    - reason: r\n      until: 2027-01-31":                                                                    "expected a fingerprint",
		"gate:\n  waivers:\n    - fingerprint: 0123456789abcdef01234567\n      code: box-tiny\n      reason: r\n      until: 2027-01-31": "neither code",
		"gate:\n  waivers:\n    - code: box-tiny\n      files: '[a'\n      reason: r\n      until: 2027-01-31":                           "syntax error",
		"gate: [":                                    "",
		"gate: {rules: []}\n---\na: 1":               "several documents",
		"---\n---\ngate: {rules: []}":                "several documents",
		"gate: !!map\n  rules: []":                   "got a tag",
		"base: &b {rules: []}\ngate: *b":             "written out",
		"base: &b {gate: {rules: []}}\n<<: *b\nz: 1": "written out",
		"- gate":                   "mapping",
		"gate:\n  only_new: maybe": "",
	} {
		if _, _, err := gate.ParsePolicy([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want it to say %q", text, err, want)
		}
	}
	for _, p := range []gate.Policy{{OnlyNew: true}, {Rules: []gate.PolicyRule{{Name: "n"}}}, {Rules: []gate.PolicyRule{{FailIf: "true", WarnIf: "true"}}}} {
		if _, err := gate.New(p, sources); err == nil {
			t.Errorf("%+v: accepted", p)
		}
	}
}

// TestDriftOfAnOlderReport: a report that says nothing of drift decides nothing, and one
// without drift in a figure has none.
func TestDriftOfAnOlderReport(t *testing.T) {
	g, err := gate.New(gate.Policy{Rules: []gate.PolicyRule{{FailIf: `(drift("class") ?? 0) > 0.1`}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := subject()
	s.Drift = nil
	if v := hold(t, g, s, nil, time.Now()); v.Status != gate.Undecided || !strings.Contains(v.Rules[0].Error, "earlier version") {
		t.Errorf("got %+v", v.Rules)
	}
	s.Drift = map[string]float64{}
	if v := hold(t, g, s, nil, time.Now()); v.Status != gate.Pass {
		t.Errorf("got %+v", v.Rules)
	}
}

// TestRateCountsCases: a finding that stands for several records counts once, and in rates with all of them; waived, with
// none. Of 10 annotations.
func TestRateCountsCases(t *testing.T) {
	for rule, want := range map[string]gate.Status{
		`count("object-rescued-only") == 2 and rate("object-rescued-only") == 0.6`: gate.Fail,
		`count("object-rescued-only") != 2 or rate("object-rescued-only") != 0.6`:  gate.Pass,
	} {
		g, err := gate.New(gate.Policy{Rules: []gate.PolicyRule{{FailIf: rule}}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		s := subject()
		s.Counts = map[string]int{"object-rescued-only": 2}
		s.Findings = []gate.Finding{{Code: "object-rescued-only", Cases: 5}, {Code: "object-rescued-only"}}
		if v := hold(t, g, s, nil, time.Now()); v.Status != want {
			t.Errorf("%s: %v, want %v", rule, v.Status, want)
		}
	}
}

// TestGrownFindings: an error or a warning of the baseline that stands for more records now, or has become graver, is
// new; one that stands for as many or fewer is not, nor is an info, nor what is true of all records, then and now. With only_new, rates count the new records alone.
func TestGrownFindings(t *testing.T) {
	of := func(code string, cases int64, level findings.Severity) gate.Finding {
		return gate.Finding{Code: code, Source: "a.json", Fingerprint: code, Cases: cases, Level: level, Message: "m"}
	}
	whole := func(f gate.Finding) gate.Finding {
		f.Whole = true
		return f
	}
	for _, c := range []struct {
		name    string
		old     gate.Finding
		now     gate.Finding
		isNew   bool
		told    string
		records int // that rate counts, of 10 annotations
	}{
		{"more", of("key-absent", 1, findings.Error), of("key-absent", 6, findings.Error), true,
			"m (6 cases now, 1 in the baseline; a record named here may be an old one)", 5},
		{"a baseline that does not say", of("key-absent", 0, findings.Error), of("key-absent", 2, findings.Error), false,
			"m", 0},
		{"all records, then and now", whole(of("key-absent", 4, findings.Error)), whole(of("key-absent", 5, findings.Error)),
			false, "m", 0},
		{"all records now", of("key-absent", 4, findings.Error), whole(of("key-absent", 5, findings.Error)), true,
			"m (5 cases now, 4 in the baseline; a record named here may be an old one)", 1},
		{"as many", of("key-absent", 6, findings.Error), of("key-absent", 6, findings.Error), false, "m", 0},
		{"fewer", of("key-absent", 6, findings.Error), of("key-absent", 5, findings.Error), false, "m", 0},
		{"an info", of("key-absent", 1, findings.Info), of("key-absent", 6, findings.Info), false, "m", 0},
		{"graver", of("key-absent", 6, findings.Info), of("key-absent", 6, findings.Error), true,
			"m (less severe in the baseline)", 6},
		{"less grave", of("key-absent", 6, findings.Error), of("key-absent", 6, findings.Warning), false, "m", 0},
	} {
		s, baseline := subject(), subject()
		s.Findings, s.Counts = []gate.Finding{c.now}, map[string]int{c.now.Code: 1}
		baseline.Findings, baseline.Counts = []gate.Finding{c.old}, map[string]int{c.old.Code: 1}
		rule := fmt.Sprintf(`rate("key-absent") == %g`, float64(c.records)/10)
		g, err := gate.New(gate.Policy{OnlyNew: true, Baseline: "before", Rules: []gate.PolicyRule{{FailIf: rule}}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		v := hold(t, g, s, baseline, time.Now())
		f := &v.Findings[0]
		if f.New != c.isNew || f.Told() != c.told || v.Counts.Gone != 0 {
			t.Errorf("%s: new %v (want %v), told %q (want %q), %d gone", c.name, f.New, c.isNew, f.Told(), c.told,
				v.Counts.Gone)
		}
		if v.Status != gate.Fail {
			t.Errorf("%s: %s does not hold: %+v", c.name, rule, v.Rules)
		}
	}
}
