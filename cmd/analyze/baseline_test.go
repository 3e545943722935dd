package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"focalaudit/pkg/gate"
	"focalaudit/pkg/report"
)

// changed copies the sample with one box moved by two thirds of its width, one by a fifth, and an image's
// name in another folder.
func changed(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"street.json", "harbour.json"} {
		data, err := os.ReadFile(filepath.Join(sampleDir, name))
		if err != nil {
			t.Fatal(err)
		}
		var file map[string]any
		if err := json.Unmarshal(data, &file); err != nil {
			t.Fatal(err)
		}
		for i, a := range file["annotations"].([]any) {
			box, ok := a.(map[string]any)["bbox"].([]any)
			if !ok || len(box) != 4 || i%3 == 2 {
				continue
			}
			x, isX := box[0].(float64)
			w, isW := box[2].(float64)
			if isX && isW {
				box[0] = x + w*[]float64{0.66, 0.2}[i%3]
			}
		}
		if data, err = json.Marshal(file); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), string(data))
	}
	return dir
}

// TestBaseline: a baseline gives the verdict and the comparison that its report gives, is smaller, has no
// path, and is itself again when it is made into a baseline.
func TestBaseline(t *testing.T) {
	dir := audited(t)
	base, again := filepath.Join(t.TempDir(), "base"), filepath.Join(t.TempDir(), "again")
	analyze(t, "baseline", dir, "-o", base).expect(t, statusFine, "--baseline "+base)
	analyze(t, "baseline", base, "-o", again).expect(t, statusFine)
	a, b := tree(t, base), tree(t, again)
	if len(a) != 4 || a["findings.parquet"] != b["findings.parquet"] || a["summary.json"] != b["summary.json"] {
		t.Errorf("%q; a baseline of a baseline differs", names(a))
	}
	for name, data := range a {
		if wd, _ := os.Getwd(); strings.Contains(data, filepath.Dir(wd)) || strings.Contains(data, t.TempDir()) {
			t.Errorf("%s has a path of this machine", name)
		}
	}
	now := filepath.Join(t.TempDir(), "now")
	analyze(t, "run", changed(t), "--scores", "detections:../../testdata/detections.json", "-q", "-o", now).expect(t, statusFine)
	var verdicts [2][]byte
	for i, dir := range []string{dir, base} {
		file := filepath.Join(t.TempDir(), "verdict.json")
		analyze(t, "check", now, "--baseline", dir, "--only-new", "--json", file, "-q")
		var err error
		if verdicts[i], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(verdicts[0], verdicts[1]) {
		t.Errorf("a verdict against the report\n%s\nand against its baseline\n%s", verdicts[0], verdicts[1])
	}
	if len(verdicts[0]) == 0 || !strings.Contains(string(verdicts[0]), `"gone"`) {
		t.Errorf("%s", verdicts[0])
	}
	prints := func(dir string) map[string]int {
		s, err := report.Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		n := map[string]int{}
		for i := range s.Findings {
			n[s.Findings[i].Fingerprint]++
			if s.Findings[i].Message == "" || s.Findings[i].Rank != i+1 {
				t.Errorf("%+v", s.Findings[i])
			}
		}
		return n
	}
	whole, slim := prints(dir), prints(base)
	for print, n := range whole {
		if slim[print] != n {
			t.Errorf("fingerprint %s: %d times, and %d times in the baseline", print, n, slim[print])
		}
	}
	analyze(t, "check", base).expect(t, statusGate, "errors = 10, limit 0", "err:gate failed")
	analyze(t, "diff", dir, base).expect(t, statusFine, "findings 0 new, 0 fixed, 47 unchanged")
	analyze(t, "show", base, "codes").expect(t, statusFine, "box-empty")
	analyze(t, "baseline", now, "-o", base).expect(t, statusFine) // it replaces an earlier one
	if c := tree(t, base); c["findings.parquet"] == a["findings.parquet"] || len(names(c)) != len(names(a)) {
		t.Errorf("%q: the baseline was not replaced", names(c))
	}
	analyze(t, "baseline", dir, "-o", base).expect(t, statusFine)
	if c := tree(t, base); c["findings.parquet"] != a["findings.parquet"] || c["summary.json"] != a["summary.json"] {
		t.Error("the baseline is not the first one again")
	}
	analyze(t, "baseline", dir, "-o", now).expect(t, statusTrouble, "err:now holds a whole report")
	analyze(t, "baseline", dir, "-o", dir).expect(t, statusTrouble, "err:is the report itself")
	analyze(t, "baseline", "nowhere", "-o", base).expect(t, statusTrouble, "err:nowhere holds no report")
}

// TestBaselineIsSmall: 2 MB for the 105,800 findings of COCO train2017 are 18.9 bytes each, beside what
// every baseline has.
func TestBaselineIsSmall(t *testing.T) {
	voc := filepath.Join("..", "..", "..", "shared", "data", "voc2007", "instances_test2007.json")
	if _, err := os.Stat(voc); err != nil {
		t.Skip("no VOC2007: ", err)
	}
	dir, base := filepath.Join(t.TempDir(), "report"), filepath.Join(t.TempDir(), "base")
	analyze(t, "run", voc, "-q", "-o", dir).expect(t, statusFine)
	analyze(t, "baseline", dir, "-o", base).expect(t, statusFine)
	s, err := report.ReadSummary(base)
	if err != nil {
		t.Fatal(err)
	}
	size := 0
	for _, data := range tree(t, base) {
		size += len(data)
	}
	if most := 20_000 + s.Findings.Listed*189/10; size > most {
		t.Errorf("%d bytes for %d findings, expected at most %d", size, s.Findings.Listed, most)
	}
}

// TestReviewedIsRemembered: what a person looked at and kept is no suspect any more: in run, show, the gate
// and diff.
func TestReviewedIsRemembered(t *testing.T) {
	dir := audited(t)
	s, err := report.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	var first gate.Finding
	for _, f := range s.Findings {
		if f.Score > 0 {
			first = f
			break
		}
	}
	policy := filepath.Join(t.TempDir(), "focalaudit.yaml")
	write(t, policy, "gate:\n  reviewed: ["+first.Fingerprint+"]\n  rules:\n    - fail_if: count(\"class\") > 2\n")
	now := filepath.Join(t.TempDir(), "now")
	args := []string{"run", sampleDir, "--scores", "detections:../../testdata/detections.json", "-o", now, "--config", policy}
	r := analyze(t, append(args, "--gate")...)
	r.expect(t, statusFine, "at the 13 suspects", "1 of them reviewed and kept", "1 reviewed and kept", "1 rule, 1\n         finding reviewed")
	if strings.Contains(r.out, `0.99   class: street.json: annotation 164, "person"`) {
		t.Errorf("what was reviewed is listed: %s", r.out)
	}
	analyze(t, "show", now, "--where", "reviewed", "--columns", "fingerprint,reviewed").expect(t, statusFine, first.Fingerprint, "\n1 row.")
	analyze(t, "show", now, "--where", "score > 0").expect(t, statusFine, "reviewed")
	// What was kept is no finding of its code: the counts are those of the run's summary.
	n := s.Counts[first.Code]
	for report, want := range map[string]string{
		dir: fmt.Sprintf("%s,%d,null", first.Code, n), now: fmt.Sprintf("%s,%d,1", first.Code, n-1),
	} {
		analyze(t, "show", report, "codes", "--format", "csv", "--columns", "code,findings,reviewed").
			expect(t, statusFine, strings.ReplaceAll(want, "null", ""))
	}
	analyze(t, "diff", dir, now).expect(t, statusFine, "decisions on 1 of 14 suspects before: 1 kept", "suspects 14 → 13; expected wrong labels", "labels that were reviewed and kept, and would be suspects: 0 → 1")
	analyze(t, "run", sampleDir, "-o", now, "-q", "--config", policy, "--fail-if", "errors > 100").expect(t, statusFine)
}

// TestPolicyBesideTheAnnotations: `run .` takes the policy of the only directory of annotations that has one.
func TestPolicyBesideTheAnnotations(t *testing.T) {
	top := t.TempDir()
	street, err := os.ReadFile(filepath.Join(sampleDir, "street.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"a", "b"} {
		write(t, filepath.Join(top, dir, "street.json"), string(street))
	}
	write(t, filepath.Join(top, "a", configName), "gate: {rules: [{name: mine, fail_if: errors > 100}]}")
	out := filepath.Join(t.TempDir(), "report")
	r := analyze(t, "run", top, "-o", out, "--gate")
	if r.status != statusFine || !strings.Contains(r.out, filepath.Join(top, "a", configName)+", 1") || !strings.Contains(r.out, "ok    rule \"mine\"") {
		t.Errorf("status %d: %s%s", r.status, r.out, r.errw)
	}
	write(t, filepath.Join(top, "b", configName), "gate: {rules: [{name: other, fail_if: errors > 100}]}")
	r = analyze(t, "run", top, "-o", out, "--gate")
	if r.status != statusGate || !strings.Contains(r.errw, "several directories of annotations") || !strings.Contains(r.out, "policy   default") {
		t.Errorf("status %d: %s%s", r.status, r.out, r.errw)
	}
}

// TestNextStepsOfBaseline: what analyze baseline prints for focalaudit.yaml is a policy that holds with it, and a policy
// whose baseline is not there yet says how to make it, of the report that is written all the same.
func TestNextStepsOfBaseline(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "a.json", equalBoxes(3))
	analyze(t, "run", "a.json", "-q", "-o", "r").expect(t, statusFine)
	for _, name := range []string{"focalaudit-baseline", "of main", "@x", "it's: one", "-x"} {
		made := analyze(t, "baseline", "r", "--output="+name)
		made.expect(t, statusFine, "Commit it")
		_, rest, _ := strings.Cut(made.out, "gate:\n")
		lines, _, _ := strings.Cut(rest, "         Then")
		write(t, configName, "gate:\n"+lines)
		if err := os.Rename(name, "away"); err != nil {
			t.Fatal(err)
		}
		said := analyze(t, "run", "a.json", "--gate", "-o", "now", "--junit", "j.xml").unwrapped()
		said.expect(t, statusTrouble,
			"gate ? there is no baseline "+name+" yet", "analyze baseline now -o ", "err:analyze baseline now -o ")
		analyze(t, "check", "now").unwrapped().expect(t, statusTrouble, "analyze baseline now -o ")
		if data, err := os.ReadFile("j.xml"); err != nil || !strings.Contains(string(data), "<error ") {
			t.Errorf("%s, %v", data, err)
		}
		_, command, _ := strings.Cut(said.out, "analyze baseline now -o ")
		command, _, _ = strings.Cut(command, "; then")
		if want := shell(places(name)...); command != want {
			t.Errorf("the command names %s, want %s", command, want)
		}
		analyze(t, "check", "now", "--baseline", name).expect(t, statusTrouble, "err:there is no such directory")
		analyze(t, "baseline", "now", "--output="+name).expect(t, statusFine)
		analyze(t, "run", "a.json", "--gate", "-o", "now", "--config", configName).expect(t, statusFine, "none new")
		if err := errors.Join(os.RemoveAll(name), os.RemoveAll("away")); err != nil {
			t.Fatal(err)
		}
	}
}
