package gate_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/coco"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/gate"
	"focalaudit/pkg/scores"
)

var sources = []string{"prior", "article", "constant:pos=0.5,neg=0.1"}

func number(x float64) *float64 { return &x }

// facts are made up; domination.bce of the first source has nothing to divide
// by.
func facts() gate.Facts {
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
	return gate.FactsOf(&analysis.Result{
		Data:     &coco.Dataset{Sources: []coco.Source{{Unlisted: map[string]int{"box-tiny": 4}}}},
		Config:   analysis.Config{Scores: []scores.Source{{Name: sources[0]}, {Name: sources[1]}, {Name: sources[2]}}},
		Metrics:  []analysis.Metrics{prior, article, constant},
		Findings: []findings.Finding{{Code: "box-empty"}, {Code: "box-tiny"}, {Code: "box-empty"}},
	})
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
		{`count("box-tiny") + count("box-empty") > 2`, true},
		{`count("box-outside") > 0`, false}, // a known code that nothing was found of
		{`count('box-empty') > 1 or false`, true},
		{`not (count("box-empty") > 0)`, false},
		{`true`, true},
		{`negatives > 0`, false},
	} {
		rule, err := gate.Compile(c.rule, sources)
		if err != nil {
			t.Errorf("%s: %v", c.rule, err)
			continue
		}
		if rule.Text != c.rule {
			t.Errorf("%s: the rule's text is %q", c.rule, rule.Text)
		}
		if got, err := rule.Fails(facts()); err != nil || got != c.want {
			t.Errorf("%s: got %v, %v, want %v", c.rule, got, err, c.want)
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
		{`positives >`, []string{"unexpected token"}},
		{``, nil},
		{`nil`, []string{"bool"}},
	} {
		_, err := gate.Compile(c.rule, sources)
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
		rule, err := gate.Compile(text, sources)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		fails, err := rule.Fails(facts())
		if err == nil || fails {
			t.Errorf("%s: got %v and no error", text, fails)
			continue
		}
		for _, part := range []string{text, "(METRIC ?? 0)", "nil"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: got %q, expected it to name %q", text, err, part)
			}
		}
	}
}

// TestUntypedRule: where only the run can tell that a rule is not boolean, it
// is an error of the rule, not a panic and not a pass.
func TestUntypedRule(t *testing.T) {
	for _, text := range []string{`fromJSON("1")`, `first([1])`, `[true, 1][1]`} {
		rule, err := gate.Compile(text, sources)
		if err != nil {
			continue // refused even earlier
		}
		if fails, err := rule.Fails(facts()); err == nil {
			t.Errorf("%s: got %v", text, fails)
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
		if rule, err := gate.Compile(name+" != nil", sources); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if _, err := rule.Fails(facts()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
