package verdict

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"focalaudit/pkg/gate"
	"focalaudit/pkg/geom"
)

// sample is a verdict with findings of every sort, names that try to be markup included.
func sample(n int) *gate.Verdict {
	v := &gate.Verdict{Status: gate.Fail, Sources: []gate.Source{{Name: "first.json"}}, Baseline: true,
		Rules: []gate.Outcome{{Name: "no errors", Title: `rule "no errors"`, Rule: "errors > 0", Measured: "errors = 3, limit 0", Status: gate.Fail}, {Name: "classes", Title: `rule "classes"`, Rule: "objects < 3", Each: "class", Status: gate.Warn, Of: []string{"a|b", "<img>", "c", "d", "e", "f"}},
			{Name: "x", Title: "fail_if x", Rule: "x", Status: gate.Undecided, Error: "nil"}, {Name: "fine", Title: `rule "fine"`, Rule: "false", Status: gate.Pass}},
		Counts: gate.Counts{Total: n + 7, Counted: map[string]int{"box-empty": n},
			BySeverity: map[string]int{"error": n, "info": 7}, NewSeverity: map[string]int{"error": n}}}
	for i := range n {
		f := gate.Finding{Rank: i + 1, Code: "box-empty", Source: "a dir/street.json", File: "img|1.png", Image: "7", Line: i, Score: math.NaN(),
			Fingerprint: fmt.Sprint(i), Message: "annotation 3: bbox has width 0,\nexpected > 0 | <script>", New: i%2 == 0, Box: geom.Rect{W: 1}}
		if i == 5 {
			f.Source, f.Column = "b.json", 17
		}
		switch i % 4 {
		case 1:
			f.Waived = &gate.Waiver{Code: "box-empty", Reason: "known", Until: "2030-01-01"}
		case 2:
			f.Code, f.Source, f.File, f.Line = "class-rare", "", "", 0
		case 3:
			f.Code, f.Score, f.Reviewed = "missing", 0.7, i == 7
		}
		v.Findings = append(v.Findings, f)
	}
	for i := range v.Findings {
		if f := &v.Findings[i]; f.Code == "box-empty" && f.Counts(false) {
			v.Rules[0].Findings = append(v.Rules[0].Findings, f)
		}
	}
	return v
}

// TestSARIF holds the output against the official schema, at GitHub's limit and
// beyond it.
func TestSARIF(t *testing.T) {
	c := jsonschema.NewCompiler()
	schema, err := c.Compile("testdata/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 40, maxResults + 5} {
		var b bytes.Buffer
		if err := sarif(&b, sample(n), Options{Prefix: "annotations", Paths: map[string]string{"b.json": "data/b.json"}, Version: "1.2.3"}); err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(doc); err != nil {
			t.Errorf("%d findings: %v", n, err)
		}
		var log sarifLog
		if err := json.Unmarshal(b.Bytes(), &log); err != nil {
			t.Fatal(err)
		}
		run := log.Runs[0]
		if c := run.Calls[0]; !c.Successful || len(c.Notices) != 3 || c.Notices[0].Level != "error" || c.Notices[0].Message.Text != `rule "no errors" failed: errors = 3, limit 0` ||
			c.Notices[1].Level != "warning" || c.Notices[2].Message.Text != "fail_if x is not decided: nil" {
			t.Errorf("%+v", c)
		}
		if len(run.Results) != min(n, maxResults) || run.Properties.Left != n+7-len(run.Results) {
			t.Errorf("%d findings: %d results, %+v", n, len(run.Results), run.Properties)
		}
		for i, r := range run.Results {
			if rule := run.Tool.Driver.Rules[r.RuleIndex]; rule.ID != r.RuleID {
				t.Fatalf("result %d of rule %s points at %s", i, r.RuleID, rule.ID)
			}
		}
		if n == 40 {
			r := run.Results[4]
			if l := r.Locations[0].Physical; l.Artifact.URI != "annotations/a%20dir/street.json" || l.Region.StartLine != 4 || r.Level != "error" || r.Baseline != "new" {
				t.Errorf("%+v", r)
			}
			if l := run.Results[5].Locations[0].Physical; l.Artifact.URI != "data/b.json" || l.Region.StartColumn != 17 || run.ColumnKind != "utf16CodeUnits" {
				t.Errorf("%+v", l)
			}
			if kept := run.Results[7].Suppressions; len(kept) != 1 || !strings.Contains(kept[0].Justification, "kept") || run.Results[3].Suppressions != nil {
				t.Errorf("a label that was kept: %+v", kept)
			}
			if run.Results[1].Suppressions[0].Justification != "known" || run.Results[2].Locations[0].Physical.Artifact.URI != "annotations/first.json" || *run.Results[3].Rank != 70 {
				t.Errorf("%+v", run.Results[1:4])
			}
		}
	}
}

func TestJUnit(t *testing.T) {
	var b bytes.Buffer
	if err := junit(&b, sample(40), Options{}); err != nil {
		t.Fatal(err)
	}
	var s junitSuites
	if err := xml.Unmarshal(b.Bytes(), &s); err != nil {
		t.Fatal(err)
	}
	of := s.Suites[0]
	if of.Tests != 4 || of.Failures != 1 || of.Errors != 1 || of.Cases[0].Failure == nil || of.Cases[0].Name != `rule "no errors"` || of.Cases[0].Failure.Message != `rule "no errors": errors = 3, limit 0` || of.Cases[1].Failure != nil || !strings.Contains(of.Cases[1].Out, "warning") || of.Cases[2].Error == nil {
		t.Errorf("%+v", of)
	}
	if text := of.Cases[0].Failure.Text; strings.Count(text, "\nerror box-empty") != 9 { // those of 40 that count, but for the first
		t.Errorf("findings: %s", text)
	}
}

// TestGitHub: no more annotations than are shown, one line each, and names are never
// commands.
func TestGitHub(t *testing.T) {
	var b bytes.Buffer
	if err := github(&b, sample(200), Options{Prefix: "annotations"}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	shown := map[string]int{}
	for _, l := range lines {
		level, _, _ := strings.Cut(strings.TrimPrefix(l, "::"), " ")
		if shown[level]++; !strings.HasPrefix(l, "::") || !strings.Contains(l[2:], "::") {
			t.Errorf("%q", l)
		}
	}
	if shown["error"] != 2+maxAnnotations || shown["warning"] > 1+maxAnnotations || len(lines) != shown["error"]+shown["warning"] {
		t.Errorf("%v", shown)
	}
	if want := "::error file=annotations/a dir/street.json,line=1,title=focalaudit%3A rule \"no errors\"::failed: errors = 3, limit 0"; lines[0] != want {
		t.Errorf("got %q, want %q", lines[0], want)
	}
	if want := "::error file=annotations/a dir/street.json,line=1,title=box-empty::image img|1.png: annotation 3: bbox has width 0,%0Aexpected > 0 | <script>"; !strings.Contains(b.String(), want) {
		t.Errorf("lacks %q:\n%s", want, b.String()[:500])
	}
}

// TestMarkdown: names from data sets are never markup.
func TestMarkdown(t *testing.T) {
	var b bytes.Buffer
	if err := markdown(&b, sample(100), Options{}); err != nil {
		t.Fatal(err)
	}
	if s := b.String(); strings.Contains(s, "<script>") || strings.Contains(s, "<img>") || !strings.Contains(s, `img\|1.png`) || !strings.Contains(s, "The first 20 are shown") ||
		!strings.Contains(s, `| rule "no errors" | fail | errors = 3, limit 0 |`) {
		t.Errorf("%s", s)
	}
}

// TestPlain: the name of a rule can't be read as what is the case.
func TestPlain(t *testing.T) {
	v := sample(0)
	v.Status = gate.Undecided
	var b bytes.Buffer
	if err := plain(&b, v, Options{Policy: "default"}); err != nil {
		t.Fatal(err)
	}
	want := `policy   default
gate     FAIL  rule "no errors": errors = 3, limit 0
gate     warn  rule "classes": objects < 3 (6: a|b, <img>, c, d, e, …)
gate     ?     fail_if x: nil
gate     ok    rule "fine": false
gate     undecided: 7 findings (7 infos), 0 already in the baseline, none new
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

// TestFormats: every flag is declared once, by the first format that follows it, and
// every format stops at an error of writing.
func TestFormats(t *testing.T) {
	declared := map[string]bool{"": true}
	for _, f := range Formats() {
		if (f.Usage == "") != declared[f.Flag] || f.To == File && f.Usage == "" || (f.To == AppendEnv) != (f.Env != "") {
			t.Errorf("%+v", f)
		}
		declared[f.Flag] = true
		if err := f.Write(full{}, sample(1), Options{}); !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("--%s on a full disk: %v", f.Flag, err)
		}
	}
}

// full is a disk without space.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// TestFixOfKeys: a message about one key says what to do about it, and no line about all keys of the code follows.
func TestFixOfKeys(t *testing.T) {
	for code, want := range map[string]bool{"key-absent": false, "key-unread": false, "segmentation-unusable": false,
		"area-impossible": true, "box-convention": true} {
		if got := fix(&gate.Finding{Code: code}); (got != "") != want {
			t.Errorf("%s: %q", code, got)
		}
	}
}

// TestNamedRulesAreShort: a rule over each class that has a name stands by it alone where it passes, and with the
// beginning of its text where it does not.
func TestNamedRulesAreShort(t *testing.T) {
	long := `class not in ["` + strings.Repeat("person", 100) + `"]`
	pass := gate.Outcome{Name: "n", Title: `rule "n"`, Rule: long, Each: "class", Status: gate.Pass}
	if got := line(&pass); got != `rule "n"` {
		t.Error(got)
	}
	pass.Status, pass.Of = gate.Fail, []string{"cat"}
	if got := line(&pass); len(got) > 2*maxRule || !strings.HasPrefix(got, `rule "n": class not in ["person`) || !strings.HasSuffix(got, "(1: cat)") {
		t.Error(got)
	}
}

// TestFirst: the first findings of a rule show each code before the second one of any, in their order.
func TestFirst(t *testing.T) {
	of := func(codes string) (out []*gate.Finding) {
		for i, c := range strings.Fields(codes) {
			out = append(out, &gate.Finding{Code: c, Rank: i + 1})
		}
		return out
	}
	for _, c := range []struct {
		codes string
		most  int
		want  string
	}{
		{"a a a b c", 3, "a1 b4 c5"},
		{"a a a b c", 4, "a1 a2 b4 c5"},
		{"a a a b c", 2, "a1 b4"},
		{"a a a b c", 9, "a1 a2 a3 b4 c5"},
		{"a a b b b", 4, "a1 a2 b3 b4"},
		{"", 3, ""},
	} {
		var got []string
		for _, f := range first(of(c.codes), c.most) {
			got = append(got, fmt.Sprint(f.Code, f.Rank))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s, %d: got %s, want %s", c.codes, c.most, s, c.want)
		}
	}
}

// TestHints: where a report passes, its last lines say how new findings are seen, and how those that are gone stay so.
func TestHints(t *testing.T) {
	const anew, diff = "analyze baseline r -o b", "analyze diff b r"
	for _, c := range []struct {
		name   string
		change func(v *gate.Verdict, o *Options)
		want   []string
	}{
		{"both", func(*gate.Verdict, *Options) {}, []string{diff, anew}},
		{"nothing new", func(v *gate.Verdict, _ *Options) { v.Counts.NewSeverity = nil }, []string{anew}},
		{"nothing gone", func(v *gate.Verdict, _ *Options) { v.Counts.Gone = 0 }, []string{diff}},
		{"not all read", func(v *gate.Verdict, _ *Options) { v.Subject.Refused = gate.Refusals(nil, []string{"x.json: cut"}) }, []string{diff}},
		{"it fails", func(v *gate.Verdict, _ *Options) { v.Status = gate.Fail }, nil},
		{"no baseline", func(_ *gate.Verdict, o *Options) { o.Baseline = "" }, nil},
	} {
		v := &gate.Verdict{Status: gate.Warn, Baseline: true, Subject: &gate.Subject{}, Former: &gate.Subject{},
			Counts: gate.Counts{Total: 4, Known: 3, Gone: 2, NewSeverity: map[string]int{"info": 1}}}
		o := Options{Report: "r", Baseline: "b"}
		c.change(v, &o)
		var b bytes.Buffer
		if err := plain(&b, v, o); err != nil {
			t.Fatal(err)
		}
		for _, hint := range []string{diff, anew} {
			if got := strings.Contains(b.String(), hint); got != slices.Contains(c.want, hint) {
				t.Errorf("%s: %s\n%s", c.name, hint, &b)
			}
		}
		if strings.Contains(b.String(), "fixed") {
			t.Errorf("%s: what is gone need not be fixed:\n%s", c.name, &b)
		}
	}
}

// TestRulesOfTheBaseline: a rule that compares with the baseline is told with what the parts have and had and with the two
// ways out, by GitHub at a file that there is.
func TestRulesOfTheBaseline(t *testing.T) {
	part := "chair has no object in val.json any more, 11 in the baseline"
	v := &gate.Verdict{Status: gate.Fail, Baseline: true, Sources: []gate.Source{{Name: "val.json"}}, Rules: []gate.Outcome{{
		Name: "n", Title: `rule "n"`, Rule: "objects == 0", Each: gate.SourceAndClass, Status: gate.Fail, Of: []string{"val.json: chair"},
		Parts: []string{part}, Source: "val.json", Was: true,
	}}}
	const anew = "if the change is meant, write the baseline anew: analyze baseline r -o b"
	for name, write := range map[string]func(io.Writer, *gate.Verdict, Options) error{"github": github, "junit": junit, "plain": plain} {
		var b bytes.Buffer
		if err := write(&b, v, Options{Report: "r", Baseline: "b"}); err != nil {
			t.Fatal(err)
		}
		if s := strings.Join(strings.Fields(b.String()), " "); !strings.Contains(s, part) || !strings.Contains(s, anew) {
			t.Errorf("%s: %s", name, s)
		}
		if name == "github" && !strings.HasPrefix(b.String(), `::error file=val.json,line=1,title=focalaudit%3A rule "n"::failed: `+part) {
			t.Errorf("%s", &b)
		}
	}
	v.Sources = nil // the file is gone
	var b bytes.Buffer
	if err := github(&b, v, Options{}); err != nil || !strings.HasPrefix(b.String(), "::error title=") || strings.Contains(b.String(), "anew") {
		t.Errorf("%s, %v", &b, err)
	}
}

// TestWaivers: waivers that hold are told in every format of the rules, and a rule that fails leads to a waiver.
func TestWaivers(t *testing.T) {
	v := sample(8)
	v.Waivers = []gate.Waived{{Waiver: gate.Waiver{Code: "box-empty", Files: "m.png", Reason: "no width", Until: "2030-01-01"}, Findings: 2}}
	const want = "2 box-empty, files m.png, until 2030-01-01: no width"
	for name, write := range map[string]func(io.Writer, *gate.Verdict, Options) error{"junit": junit, "plain": plain, "markdown": markdown} {
		var b bytes.Buffer
		if err := write(&b, v, Options{Report: "r"}); err != nil || !strings.Contains(b.String(), want) {
			t.Errorf("%s: %s, %v", name, &b, err)
		}
		if name == "plain" && !strings.Contains(b.String(), "- {fingerprint: "+v.Rules[0].Findings[0].Fingerprint+", until: YYYY-MM-DD, reason: WHY}") {
			t.Errorf("%s", &b)
		}
		if name == "junit" && (!strings.Contains(b.String(), `tests="5" failures="1" errors="1" skipped="1"`) || strings.Count(b.String(), "<skipped ") != 1) {
			t.Errorf("%s", &b)
		}
	}
	var b bytes.Buffer
	if err := asJSON(&b, v, Options{}); err != nil || !strings.Contains(b.String(), `"reason": "no width"`) || !strings.Contains(b.String(), `"until": "2030-01-01"`) {
		t.Errorf("%s, %v", &b, err)
	}
}
