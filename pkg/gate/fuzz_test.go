package gate_test

import (
	"testing"
	"time"

	"focalaudit/pkg/gate"
)

// soon is how long a small input may take, on a machine that does other things too.
const soon = 4 * time.Second

// FuzzPolicy: a policy of any text is read, or refused, and held, soon; no rule is lost.
func FuzzPolicy(f *testing.F) {
	for _, text := range []string{
		"gate:\n  only_new: true\n  baseline: x\n  rules:\n    - name: a\n      fail_if: errors > 0\n" +
			"    - each: class\n      warn_if: objects > 50 && objects_without_positive > 0.2 * objects\n" +
			"  waivers:\n    - code: aspect-extreme\n      files: \"poles_*.png\"\n      reason: thin\n      until: 2027-06-30\n",
		"gate:\n  rules:\n    - fail_if: (domination.focal ?? 0) > 1.1 * (was(\"domination.focal\") ?? 0)\n" +
			"    - fail_if: count(\"box-empty\") in 1..3 or scores[\"prior\"].anchors > 2\n",
		"a: &a [1]\ngate: *a\n", "gate: {rules: [{fail_if: \"let x = 1..5; any(x, # > 3)\"}]}",
		"a: &a [*a]\n", "gate: [[[[[[[[", "<<: {gate: {}}", "gate:\n- - - - x: |\n   y\n", "gate: !!binary x\n---\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 3000 {
			return
		}
		begun := time.Now()
		p, ok, err := gate.ParsePolicy(data)
		if err == nil && ok {
			p.Baseline = "x"
			g, err := gate.New(p, sources)
			if err == nil {
				v, err := g.Hold(t.Context(), subject(), subject(), time.Now())
				if err != nil || len(v.Rules) < len(p.Rules) {
					t.Fatalf("%d of %d rules, %v", len(v.Rules), len(p.Rules), err)
				}
			}
		}
		if d := time.Since(begun); d > soon {
			t.Fatalf("%v for %d bytes", d, len(data))
		}
	})
}

// FuzzExpr: a rule of any text is compiled, or refused, and held, soon.
func FuzzExpr(f *testing.F) {
	for _, text := range []string{
		"errors > 0", "count(\"box-empty\") > 3 && rate(\"box-tiny\") < 0.1", "(domination.bce ?? 0) ** 2 > 10",
		"any(1..10, # > 5)", "let a = errors; a > 1 ? true : false", "scores.article.domination.bce > 3",
		"string(errors) matches \"^[0-9]+$\"", "[1,2,3][errors] == 1", "was(\"domination.focal\") == nil",
		"{a: 1}.a == 1", "now().Year() > 3", "max(errors, warnings) > 2", "sum(map(1..3, # * 2)) > 1",
		"repeat(\"a\", 3) == \"aaa\"", "errors | abs() > 0", "errors in 1..9 and gamma_balance_why matches \"^no\"",
		"if errors > 3 { true } else { errors in [1, 2] }", "10 ** 400 - 10 ** 400 < 5", "median([1, 2, errors]) % 2 == 0",
		"scores?.prior.anchors > 1 and upper(class) == \"A\"", "-errors <= +3 or not (positives >= 1e15)",
	} {
		f.Add(text, "")
		f.Add(text, "class")
		f.Add(text, "source")
		f.Add(text, "source, class")
	}
	f.Fuzz(func(t *testing.T, text, each string) {
		if len(text) > 400 {
			return
		}
		begun := time.Now()
		g, err := gate.New(gate.Policy{Baseline: "x", Rules: []gate.PolicyRule{{FailIf: text, Each: gate.Each(each)}}}, sources)
		if err == nil {
			v, err := g.Hold(t.Context(), subject(), subject(), time.Now())
			if err != nil || len(v.Rules) == 0 {
				t.Fatalf("no rule, %v", err)
			}
		}
		if d := time.Since(begun); d > soon {
			t.Fatalf("%v for %q", d, text)
		}
	})
}
