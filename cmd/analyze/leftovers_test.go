package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"focalaudit/pkg/text"
)

// TestOutputInReport: no command writes into a report, and none replaces a baseline by a report.
func TestOutputInReport(t *testing.T) {
	dir := t.TempDir()
	of, base := filepath.Join(dir, "report"), filepath.Join(dir, "base")
	analyze(t, "run", sampleDir, "-q", "-o", of).expect(t, statusFine)
	analyze(t, "baseline", of, "-o", base).expect(t, statusFine)
	before := tree(t, base)
	for _, args := range [][]string{
		{"run", sampleDir, "-q", "-o", filepath.Join(of, "x")},
		{"run", sampleDir, "-q", "-o", filepath.Join(of, "x", "y")},
		{"baseline", of, "-o", filepath.Join(of, "x")},
		{"baseline", of, "-o", filepath.Join(base, "x")},
		{"review", of, sampleDir, "-o", filepath.Join(of, "x")},
		{"diff", of, of, "-o", filepath.Join(of, "x")},
		{"trainers", sampleDir, "-q", "-o", filepath.Join(of, "x")},
	} {
		analyze(t, args...).expect(t, statusTrouble, "err:which is a report, or a baseline: name another directory")
	}
	analyze(t, "run", sampleDir, "-q", "-o", base).expect(t, statusTrouble, "err:base holds a baseline, which a report would replace")
	if after := tree(t, base); after["findings.parquet"] != before["findings.parquet"] || len(tree(t, of)) == 0 {
		t.Error("the baseline has changed")
	}
	analyze(t, "run", sampleDir, "-q", "-o", of).expect(t, statusFine) // a report is replaced

	in := filepath.Join(dir, "part")
	analyze(t, "run", sampleDir, "-q", "--part", "-o", in).expect(t, statusFine)
	part := tree(t, in)
	analyze(t, "run", sampleDir, "-q", "--part", "-o", filepath.Join(in, "x")).expect(t, statusTrouble,
		"err:which is a part of a report: name another directory")
	analyze(t, "merge", in, "-q", "-o", filepath.Join(in, "x")).expect(t, statusTrouble, "err:which is a part of a report")
	if !maps.Equal(tree(t, in), part) {
		t.Error("the part has changed")
	}
}

// TestBaselineStays: no command puts its report or part in the place of what it reads, under whatever name.
func TestBaselineStays(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "a.json", equalBoxes(3))
	write(t, "focalaudit.yaml", "gate: {baseline: r}\n")
	write(t, "later.yaml", "gate: {baseline: later}\n")
	analyze(t, "run", "a.json", "-q", "-o", "r").expect(t, statusFine) // it is not asked to compare
	analyze(t, "run", "a.json", "-q", "--part", "-o", "p").expect(t, statusFine)
	if err := os.Symlink("r", "link"); err != nil {
		t.Fatal(err)
	}
	before := tree(t, "r")
	for _, args := range [][]string{
		{"run", "a.json", "-o", "r", "--baseline", "r"}, {"run", "a.json", "-o", "link", "--baseline", "r"},
		{"run", "a.json", "-o", "r", "--baseline", "link"}, {"run", "a.json", "-o", "./r/", "--gate"},
		{"merge", "p", "-o", "r", "--baseline", "r"}, {"merge", "p", "-o", "link", "--gate"},
		{"run", "a.json", "-o", "later", "--policy", "later.yaml"},
	} {
		analyze(t, append(args, "-q")...).expect(t, statusTrouble, "err:would replace")
		if !maps.Equal(tree(t, "r"), before) || isThere("later") {
			t.Errorf("%q: the baseline has changed", args)
		}
	}
	analyze(t, "run", "a.json", "-q", "-o", "s", "--baseline", "r", "--json", "r/x.json").expect(t, statusTrouble,
		"err:r/x.json is within r, which this run reads")
}

// TestSummaryOfAnotherProgram: a summary.json that no run wrote makes no report of the directory that it lies in.
func TestSummaryOfAnotherProgram(t *testing.T) {
	for _, text := range []string{"{}", `{"baseline": true}`, "[1]", `{"focalaudit": {"version": "1"}}`} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "summary.json"), text)
		analyze(t, "run", sampleDir, "-q", "-o", filepath.Join(dir, "report")).expect(t, statusFine)
	}
}

// TestShowBaseline: a baseline's findings have ranks and fingerprints, and what it lacks is said.
func TestShowBaseline(t *testing.T) {
	dir := t.TempDir()
	of, base := filepath.Join(dir, "report"), filepath.Join(dir, "base")
	analyze(t, "run", sampleDir, "-q", "-o", of).expect(t, statusFine)
	analyze(t, "baseline", of, "-o", base).expect(t, statusFine)
	prints := func(dir string) map[string]bool {
		r := analyze(t, "show", dir, "--columns", "fingerprint", "--format", "csv")
		r.expect(t, statusFine)
		all := map[string]bool{}
		for _, line := range strings.Fields(r.out)[1:] {
			all[line] = true
		}
		return all
	}
	a, b := prints(of), prints(base)
	if len(a) == 0 || len(a) != len(b) {
		t.Fatalf("%d fingerprints, and %d in the baseline", len(a), len(b))
	}
	for p := range a {
		if !b[p] {
			t.Errorf("the baseline shows no %s", p)
		}
	}
	r := analyze(t, "show", base, "--columns", "rank,message", "--format", "csv", "--limit", "2")
	if r.expect(t, statusFine); !strings.HasPrefix(r.out, "rank,message\n1,") || !strings.Contains(r.out, "\n2,") {
		t.Errorf("%s", r.out)
	}
	for args, want := range map[string]string{
		"show " + base + " objects":                              "is a baseline, which has the tables classes, source_classes, findings, codes only",
		"show " + base + " finding":                              "the nearest is findings; tables of ",
		"review " + base + " " + sampleDir + " -o " + dir + "/r": "is a baseline, which has no places in files",
		"show " + of + " --limit -5":                             "--limit -5: expected how many rows to print, -1 for all",
	} {
		analyze(t, strings.Fields(args)...).expect(t, statusTrouble, "err:"+want)
	}
	analyze(t, "show", of, "--limit", "-1").expect(t, statusFine)
}

// TestShell: what is printed as a command line is read by a shell as it was meant.
func TestShell(t *testing.T) {
	words := []string{"analyze", "a b", "it's", "$HOME", "x;y", "", "*", "-o", "ä", `back\slash`, `"q"`}
	out, err := exec.Command("sh", "-c", `printf '%s\n' `+shell(words...)).Output()
	if err != nil {
		t.Skipf("needs a POSIX shell: %v", err)
	}
	if got := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n"); strings.Join(got, "|") != strings.Join(words, "|") {
		t.Errorf("%q, want %q", got, words)
	}
	if got := shell("analyze", "run", "a/b.json"); got != "analyze run a/b.json" {
		t.Errorf("%s", got)
	}
}

// TestShellOfHostileNames: characters that are mapped wherever else they are printed reach the shell as they are.
func TestShellOfHostileNames(t *testing.T) {
	words := []string{
		"a\nb", "\x1b[31m'\\", "x\u202ey", "\u00a0", "##[group]", "::error::x", "bad\xff\xc3", "ä\u200b", "=ls", "~", "\u3164",
	}
	out, err := exec.Command("bash", "-c", `printf '%s\0' `+shell(words...)).Output()
	if err != nil {
		t.Skipf("needs bash: %v", err)
	}
	if got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"); !slices.Equal(got, words) {
		t.Errorf("%q, want %q", got, words)
	}
	if line := shell(words...); text.InLine(line) != line {
		t.Errorf("%q is mapped", line)
	}
	if got := shell(places("-x", "--y", "z-")...); got != "./-x ./--y z-" {
		t.Errorf("%s", got)
	}
}

// TestPrintedCommands: in every command that is printed, a name is one word of the shell, which no line breaks and no
// blank is lost from. fit, split, calibrate and the answers of a run printed names as they are.
func TestPrintedCommands(t *testing.T) {
	if testing.Short() {
		t.Skip("learns models for seconds; run without -short")
	}
	root, err := filepath.Abs(filepath.Join("..", "..", "testdata"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	const odd = "o  dd $(id) it's of a name that is longer than a line of 80 columns, which no line may break"
	quoted := `'` + strings.ReplaceAll(odd, "'", `'\''`)
	if err := os.Mkdir(odd, 0o777); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"street.json", "harbour.json"} {
		data, err := os.ReadFile(filepath.Join(root, "sample", name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(odd, name), string(data))
	}
	scores := []string{"--scores", "detections:" + filepath.Join(root, "detections.json")}
	for _, c := range []struct {
		args []string
		want []string
	}{
		{append([]string{"run", odd, "-o", "./-" + odd + "\n"}, scores...), []string{
			"review $'./-" + strings.ReplaceAll(odd, "'", `\047`) + `\012'`, quoted + "'",
		}},
		{[]string{"fit", odd, "-o", odd + ".yaml"}, []string{quoted + ".yaml'"}},
		{[]string{"split", filepath.Join(odd, "street.json"), "--shards", "2", "-o", "./-" + odd}, []string{"run './-" + quoted[1:] + "' -o"}},
		{append([]string{"calibrate", odd, "--seeds", "1", "-o", odd + ".json"}, scores...), []string{"--calibration " + quoted + ".json'"}},
		{[]string{odd}, []string{"err:analyze run " + quoted + "'"}},
	} {
		r := analyze(t, c.args...)
		for _, want := range c.want {
			of := r.out
			if rest, is := strings.CutPrefix(want, "err:"); is {
				of, want = r.errw, rest
			}
			if !strings.Contains(strings.Join(strings.Split(of, "\n         "), " "), want) {
				t.Errorf("%s: no %s in\n%s%s", c.args[0], want, r.out, r.errw)
			}
		}
	}
}

// TestReviewCommandLine: the next command that review prints can be copied: quoted, with the files that were chosen.
func TestReviewCommandLine(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b")
	of := suspected(t, dir)
	r := analyze(t, "review", of, sampleDir, "--include", "*", "--exclude", "old files", "-o", filepath.Join(dir, "out"))
	if r.status != statusFine || r.errw != "analyze: --exclude old files matches no file below "+sampleDir+"\n" {
		t.Errorf("status %d, %q", r.status, r.errw)
	}
	want := shell("analyze", "review", of, sampleDir, "--include", "*", "--exclude", "old files", "--apply",
		filepath.Join(dir, "out", "review.csv"), "-o", "corrected")
	if !strings.Contains(r.out, "then     "+want+"\n") {
		t.Errorf("%s\nwant %s", r.out, want)
	}
}

// TestReviewKeepsTheNameOfAnInput: an annotation file of the name that kept labels get is written as it is.
func TestReviewKeepsTheNameOfAnInput(t *testing.T) {
	dir := t.TempDir()
	data, err := os.ReadFile(filepath.Join(sampleDir, "street.json"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "reviewed.yaml")
	write(t, file, string(data))
	if testing.Short() {
		t.Skip("learns models for seconds; run without -short")
	}
	of := filepath.Join(dir, "report")
	analyze(t, "run", file, "-q", "-o", of, "--scores", "detections:"+filepath.Join("..", "..", "testdata", "detections.json")).
		expect(t, statusFine)
	sheet := filepath.Join(dir, "out", "review.csv")
	analyze(t, "review", of, file, "-o", filepath.Join(dir, "out"), "--first", "3").expect(t, statusFine)
	rows, err := os.ReadFile(sheet)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(rows), "\n")
	for i := 1; i < len(lines)-1; i++ {
		item, rest, _ := strings.Cut(lines[i], ",")
		_, rest, _ = strings.Cut(rest, ",")
		lines[i] = item + ",keep," + rest
	}
	write(t, sheet, strings.Join(lines, ""))
	corrected := filepath.Join(dir, "corrected")
	analyze(t, "review", of, file, "--apply", sheet, "-o", corrected).expect(t, statusFine)
	got := tree(t, corrected)
	if got["reviewed.yaml"] != string(data) || !strings.HasPrefix(got["reviewed-2.yaml"], "gate:\n  reviewed: # ") {
		t.Errorf("%q", names(got))
	}
}

// TestHalfIsNotAll: a finding that stands for half of the annotations is not one of all images since there are as many of
// these: where it has grown, it is new.
func TestHalfIsNotAll(t *testing.T) {
	dir := t.TempDir()
	file := func(images int) string {
		var list, boxes []string
		for i := range images {
			list = append(list, fmt.Sprintf(`{"id": %d, "file_name": "%d.jpg", "width": 640, "height": 480}`, i+1, i))
			for k := range 2 { // of two annotations of an image, the second has no iscrowd
				flag := []string{`"iscrowd": 0, `, ``}[k]
				boxes = append(boxes, fmt.Sprintf(`{"id": %d, "image_id": %d, "category_id": 1, %s"area": 1200, "bbox": [%d, %d, 40, 30]}`,
					2*i+k+1, i+1, flag, 10+100*k, 20))
			}
		}
		return `{"images": [` + strings.Join(list, ",\n") + `], "annotations": [` + strings.Join(boxes, ",\n") +
			`], "categories": [{"id": 1, "name": "cat"}]}`
	}
	name, of, base := filepath.Join(dir, "a.json"), filepath.Join(dir, "report"), filepath.Join(dir, "base")
	write(t, name, file(4))
	analyze(t, "run", name, "-q", "-o", of).expect(t, statusFine)
	analyze(t, "baseline", of, "-o", base).expect(t, statusFine)
	policy := filepath.Join(dir, "policy.yaml")
	write(t, policy, "gate:\n  rules:\n    - fail_if: cases(\"key-absent\") > 0\n  only_new: true\n")
	gate := []string{"run", name, "-q", "-o", of, "--gate", "--policy", policy, "--baseline", base}
	analyze(t, gate...).expect(t, statusFine)
	write(t, name, file(12))
	analyze(t, gate...).expect(t, statusGate)
}
