package gate_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/gate"
)

// TestInexactNumbersDecideNothing: what is NaN, infinite, too large to be exact or too small
// to be told from 0 decides no rule, whichever way round it is compared.
func TestInexactNumbersDecideNothing(t *testing.T) {
	for _, number := range []string{
		`10.0 ** 400 - 10.0 ** 400`, `(0.0 - 1) ** 0.5`, `10 ** 400`, `-(10 ** 400)`, `positives ** 400`,
		`9223372036854775807 / 1 + positives`, `4611686018427387904 * 4`, `9007199254740991 + positives`,
		`positives * 1e300 * 1e300`, `positives * 1e-200 * 1e-200`, `0.1 ** 400`, `mean([1e300, 1e300])`,
		`sum([9007199254740000, 9007199254740000])`, `max([10 ** 400, 1])`, `abs(-(10 ** 400))`, `max([])`,
		`0 ** -1`, `1e300`, `0.0 ** (0 - positives)`,
	} {
		for _, operator := range []string{"<", ">", "==", "!=", "<=", ">="} {
			text := fmt.Sprintf("%s %s 5", number, operator)
			g, err := gate.New(gate.Policy{Rules: []gate.PolicyRule{{FailIf: text}}}, sources)
			if err != nil {
				continue // refused even earlier
			}
			if v := hold(t, g, subject(), nil, time.Now()); v.Status != gate.Undecided {
				t.Errorf("%s: got %s", text, v.Status)
			}
		}
	}
}

// TestBrokenMetricsDecideNothing: a report whose metric is no finite number decides no rule
// over it.
func TestBrokenMetricsDecideNothing(t *testing.T) {
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e300} {
		s := subject()
		for name, m := range s.Metrics {
			m.Domination = analysis.ByLoss{BCE: number(x)}
			s.Metrics[name] = m
		}
		g, err := gate.New(gate.Policy{Rules: []gate.PolicyRule{{FailIf: "domination.bce > 5"}}}, sources)
		if err != nil {
			t.Fatal(err)
		}
		if v := hold(t, g, s, nil, time.Now()); v.Status != gate.Undecided {
			t.Errorf("%v: got %s", x, v.Status)
		}
	}
}

// TestExpensiveFormsAreRefused: a rule can't repeat, and can't make a text longer, so that it
// ends soon, whatever it says. The message names what is available.
func TestExpensiveFormsAreRefused(t *testing.T) {
	begun := time.Now()
	for text, want := range map[string]string{
		`let a = 1..1000; all(a, all(a, all(a, true)))`:                    "not available in rules",
		`all(1..1000, all(1..1000, all(1..1000, # > 0)))`:                  "not available in rules",
		`reduce(1..40, #acc + #acc, "aaaaaaaa") == ""`:                     "not available in rules",
		`repeat("a", 1000000000) == ""`:                                    "available are abs",
		`len(1..100000000) > 5`:                                            "a range may only stand behind in",
		`let a = 1..100000000; errors in a`:                                "",
		`len(map(1..1000, 1..1000)) > 5`:                                   "not available in rules",
		`len(split("a,b", ",")) > 5`:                                       "available are abs",
		`errors > 0 and now().Year() > 3`:                                  "not available in rules",
		`gamma_balance_why matches gamma_balance_why`:                      "in quotes",
		`{a: 1}.a == 1`:                                                    "not available in rules",
		`toJSON(1) == "1"`:                                                 "not available in rules",
		"true" + strings.Repeat(" and true", 1000):                         "expected at most",
		strings.Repeat("(", 10_000) + "true" + strings.Repeat(")", 10_000): "expected at most",
		`errors in [` + strings.Repeat("1,", 1200) + `1]`:                  "expected at most",
	} {
		_, err := gate.New(gate.Policy{Rules: []gate.PolicyRule{{FailIf: text}}}, sources)
		if err == nil && want == "" {
			g, _ := gate.New(gate.Policy{Rules: []gate.PolicyRule{{FailIf: text}}}, sources)
			if v := hold(t, g, subject(), nil, time.Now()); v.Status != gate.Undecided {
				t.Errorf("%.60s: got %s", text, v.Status)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: got %v, expected it to say %q", text, err, want)
		}
	}
	if d := time.Since(begun); d > 5*time.Second {
		t.Errorf("took %v", d)
	}
}

// TestTextsDoNotGrow: + is of numbers, so that no sequence of variables doubles a text.
func TestTextsDoNotGrow(t *testing.T) {
	text := `let a0 = class; `
	for i := range 30 {
		text += fmt.Sprintf("let a%d = a%d + a%d; ", i+1, i, i)
	}
	g, err := gate.New(gate.Policy{Rules: []gate.PolicyRule{{Each: "class", FailIf: text + `a30 == ""`}}}, sources)
	if err != nil {
		return // refused even earlier
	}
	if v := hold(t, g, subject(), nil, time.Now()); v.Status != gate.Undecided {
		t.Errorf("got %s", v.Status)
	}
}

// TestRuleForms: what rules do have.
func TestRuleForms(t *testing.T) {
	for text, want := range map[string]bool{
		`count("box-empty") in 1..3 or scores["prior"].anchors > 2000`: true,
		`errors in 3..4`:                                                false,
		`errors not in [3, 4]`:                                          true,
		`errors in 1..100000000`:                                        true,
		`(domination.bce ?? 3) == 3`:                                    true,
		`let x = errors; x > 1 ? positives == 10 : false`:               true,
		`if errors > 5 { true } else { false }`:                         false,
		`max(errors, warnings) == 5 and min([errors, 7]) == 2`:          true,
		`sum([1, 2, 3.5]) == 6.5 and mean(1, 2) == 1.5`:                 true,
		`median([3, 1, 2]) == 2`:                                        true,
		`abs(-2) == 2 and ceil(1.2) == 2 and floor(1.8) == 1`:           true,
		`round(1.5) == 2 and int(1.9) == 1`:                             true,
		`gamma_balance_why matches "^no pos.*s$"`:                       true,
		`gamma_balance_why startsWith "no" and "a" < "b"`:               true,
		`gamma_balance_why endsWith "x" || len(gamma_balance_why) == 3`: false,
		`upper("a") == "A" and lower("B") == "b"`:                       true,
		`-errors < 0 && +errors > 0 && !(errors > 5)`:                   true,
		`errors ** 2 == 4 and errors ^ 3 == 8 and errors % 2 == 0`:      true,
		`errors / 4 == 0.5 and 2 * errors - 1 == 3`:                     true,
		`count("box-empty") > 0.1 * anchors`:                            false,
		`errors | max(3) == 3`:                                          true,
	} {
		o := held(t, gate.PolicyRule{FailIf: text})
		if o.Error != "" || (o.Status == gate.Fail) != want {
			t.Errorf("%s: got %+v, want %v", text, o, want)
		}
	}
}

// TestHoldEnds: a gate ends when its context does.
func TestHoldEnds(t *testing.T) {
	g, err := gate.New(gate.Policy{Rules: []gate.PolicyRule{{Each: "class", FailIf: "objects < 0"}}}, sources)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := g.Hold(ctx, subject(), nil, time.Now()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, expected the context's error", err)
	}
}

// TestPoliciesAreBounded: the YAML library never sees what would cost it minutes, or memory
// without end.
func TestPoliciesAreBounded(t *testing.T) {
	laughs := "a: &a [x]\n"
	for i := range 9 {
		last := string(rune('a' + i))
		laughs += fmt.Sprintf("%c: &%c [%s*%s]\n", 'b'+i, 'b'+i, strings.Repeat("*"+last+", ", 9), last)
	}
	for _, text := range []string{strings.Repeat("[", 20_000), laughs, "gate: &g {rules: [*g]}\n"} {
		begun := time.Now()
		if _, _, err := gate.ParsePolicy([]byte(text)); err == nil {
			t.Errorf("%.20s: accepted", text)
		}
		if d := time.Since(begun); d > 3*time.Second {
			t.Errorf("%.20s: took %v", text, d)
		}
	}
}
