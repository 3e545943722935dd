package gate_test

import (
	"fmt"
	"math/rand/v2"
	"path"
	"strings"
	"testing"
	"time"

	"focalaudit/pkg/gate"
)

// TestWaiversAreLookedUp: waivers of each form take out what path.Match and the equality of codes, fingerprints and
// sources say, one finding after another; and no name that a pattern matches lacks its longest literal.
func TestWaiversAreLookedUp(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	word := func(letters string, most int) string {
		b := make([]byte, r.IntN(most+1))
		for i := range b {
			b[i] = letters[r.IntN(len(letters))]
		}
		return string(b)
	}
	matched := 0
	for range 20_000 {
		pattern, name := word(`aab*?/[]\\`, 6), word("aab/", 6)
		if ok, err := path.Match(pattern, name); err == nil && ok {
			if matched++; !strings.Contains(name, gate.LiteralOf(pattern)) {
				t.Errorf("%q matches %q, which lacks %q", pattern, name, gate.LiteralOf(pattern))
			}
		}
	}
	codes, sources := []string{"box-tiny", "box-empty", "file-bom"}, []string{"a.json", "old/a.json", "b.json"}
	for round := range 200 {
		s := subject()
		s.Findings, s.Counts, s.Sources = nil, map[string]int{}, nil
		for _, name := range sources {
			s.Sources = append(s.Sources, gate.Source{Name: name})
		}
		for i := range 30 {
			f := gate.Finding{Code: codes[r.IntN(3)], Source: sources[r.IntN(3)], File: word("ab", 3), New: true,
				Fingerprint: fmt.Sprintf("%024x", i%20)}
			s.Findings = append(s.Findings, f)
			s.Counts[f.Code]++
		}
		var policy gate.Policy
		for range 4 {
			w := gate.Waiver{Reason: "r", Until: "2027-01-01", Code: codes[r.IntN(3)]}
			switch r.IntN(3) {
			case 0:
				w.Code, w.Fingerprint = "", fmt.Sprintf("%024x", r.IntN(20))
			case 1:
				w.Files = word("ab*?", 3)
			}
			if r.IntN(2) == 0 {
				w.Source = sources[r.IntN(3)]
			}
			policy.Waivers = append(policy.Waivers, w)
		}
		policy.Rules = gate.Default().Rules
		g, err := gate.New(policy, sources)
		if err != nil {
			t.Fatal(err)
		}
		hold(t, g, s, nil, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
		for i := range s.Findings {
			f := &s.Findings[i]
			want := false
			for _, w := range policy.Waivers {
				ok, _ := path.Match(w.Files, f.File)
				want = want || (w.Source == "" || w.Source == f.Source) &&
					(w.Fingerprint == f.Fingerprint || w.Code == f.Code && (w.Files == "" || ok))
			}
			if got := f.Waived != nil; got != want {
				t.Fatalf("round %d: %+v: waived %t by %+v", round, f, got, policy.Waivers)
			}
		}
	}
	if matched < 500 {
		t.Errorf("%d patterns matched: too few to tell", matched)
	}
}
