package gate_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/gate"
)

// TestRulesOverManyClasses: a rule over each of 100,000 classes, of which each has a finding, does not look at all
// findings for each class. It would take more than a minute.
func TestRulesOverManyClasses(t *testing.T) {
	const n = 100_000
	s := &gate.Subject{
		Scores: []string{"prior"}, Metrics: map[string]analysis.Metrics{"prior": {}}, Counts: map[string]int{"class-rare": n},
	}
	for i := range n {
		name := fmt.Sprintf("class %d", i)
		s.Classes = append(s.Classes, gate.Class{Name: name, Annotations: 4})
		s.Findings = append(s.Findings, gate.Finding{Code: "class-rare", Class: name, Fingerprint: name, Cases: 2})
	}
	g, err := gate.New(gate.Policy{Rules: []gate.PolicyRule{
		{Each: "class", FailIf: `rate("class-rare") == 0.5`}, {Each: "class", FailIf: `count("class-rare") > 1`},
	}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	v, err := g.Hold(ctx, s, nil, time.Now())
	if err != nil {
		t.Fatalf("not done within 20 s: %v", err)
	}
	if v.Rules[0].Status != gate.Fail || len(v.Rules[0].Of) != n || len(v.Rules[0].Findings) != n {
		t.Errorf("%s for %d classes, %d findings", v.Rules[0].Status, len(v.Rules[0].Of), len(v.Rules[0].Findings))
	}
	if v.Rules[1].Status != gate.Pass {
		t.Errorf("count: %s", v.Rules[1].Status)
	}
}
