package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"focalaudit/pkg/files"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/report"
	"focalaudit/pkg/text"
)

// suspected writes a report of the sample with a detector.
func suspected(t *testing.T, dir string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("learns models for seconds; run without -short")
	}
	of := filepath.Join(dir, "report")
	analyze(t, "run", sampleDir, "-q", "-o", of, "--scores", "detections:"+filepath.Join("..", "..", "testdata", "detections.json")).
		expect(t, statusFine)
	return of
}

// TestReview goes the whole way: the first ten suspects of the sample are handed over, all are decided as the
// detector would have it, and the corrected file has these changes, no others, and fewer suspects.
func TestReview(t *testing.T) {
	dir := t.TempDir()
	of := suspected(t, dir)
	handed, corrected := filepath.Join(dir, "handed"), filepath.Join(dir, "corrected")
	r := analyze(t, "review", of, sampleDir, "-o", handed, "--first", "10")
	r.expect(t, statusFine)
	if !strings.Contains(r.out, "10 of ") || !strings.Contains(r.out, "--apply "+filepath.Join(handed, "review.csv")) {
		t.Errorf("%s", r.out)
	}
	sheet := filepath.Join(handed, "review.csv")
	decided := decideAll(t, sheet)
	r = analyze(t, "review", of, sampleDir, "--apply", sheet, "-o", corrected)
	r.expect(t, statusFine)
	before, after := annotationsOf(t, filepath.Join(sampleDir, "street.json")), annotationsOf(t, filepath.Join(corrected, "street.json"))
	changed := 0
	for id, was := range before {
		if is, there := after[id]; !there || is != was {
			changed++
		}
	}
	added := 0
	for id := range after {
		if _, there := before[id]; !there {
			added++
		}
	}
	if changed != decided["fix"]+decided["delete"] || added != decided["add"] || decided["fix"] == 0 {
		t.Errorf("%d records changed and %d were added, decided %v", changed, added, decided)
	}
	files := tree(t, corrected)
	if want := tree(t, sampleDir); files["harbour.json"] != want["harbour.json"] {
		t.Error("a file without decisions has changed")
	}
	again := filepath.Join(dir, "again")
	analyze(t, "run", corrected, "-q", "-o", again, "--scores", "detections:"+filepath.Join("..", "..", "testdata", "detections.json")).
		expect(t, statusFine)
	was, _, err := report.LabelErrors(of)
	if err != nil {
		t.Fatal(err)
	}
	is, _, err := report.LabelErrors(again)
	if err != nil {
		t.Fatal(err)
	}
	if len(is) >= len(was) {
		t.Errorf("%d suspects after %d, although ten were mended", len(is), len(was))
	}
}

// readTable reads a table of CSV.
func readTable(t *testing.T, path string) [][]string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// writeTable writes a table of CSV.
func writeTable(t *testing.T, path string, rows [][]string) {
	t.Helper()
	var b strings.Builder
	if err := csv.NewWriter(&b).WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	write(t, path, b.String())
}

// decideAll decides as the detector would have it, and counts.
func decideAll(t *testing.T, sheet string) map[string]int {
	t.Helper()
	rows := readTable(t, sheet)
	n := map[string]int{}
	for _, row := range rows[1:] {
		row[1] = map[string]string{
			"class": "fix", "location": "fix", "missing": "add", "spurious": "delete", "duplicate": "delete",
		}[row[2]]
		n[row[1]]++
	}
	writeTable(t, sheet, rows)
	return n
}

// annotationsOf are the records of a file by their ids, as text.
func annotationsOf(t *testing.T, path string) map[int]string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Annotations []json.RawMessage }
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	all := map[int]string{}
	for _, a := range file.Annotations {
		var of struct{ ID int }
		if err := json.Unmarshal(a, &of); err != nil {
			t.Fatal(err)
		}
		all[of.ID] = string(a)
	}
	return all
}

// TestReviewMistakes: each has a message that says what to do, and writes nothing.
func TestReviewMistakes(t *testing.T) {
	dir := t.TempDir()
	of := suspected(t, dir)
	plain := filepath.Join(dir, "plain")
	analyze(t, "run", sampleDir, "-q", "-o", plain).expect(t, statusFine)
	full := filepath.Join(dir, "full")
	if err := os.MkdirAll(filepath.Join(full, "x"), 0o777); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out")
	for want, args := range map[string][]string{
		"-o: name a new directory":           {of, sampleDir},
		"where the next run would find":      {of, sampleDir, "-o", filepath.Join(sampleDir, "out")},
		"is not empty":                       {of, sampleDir, "-o", full},
		"has no label errors to review":      {plain, sampleDir, "-o", out},
		"expected missing, spurious":         {of, sampleDir, "-o", out, "--kind", "klass"},
		"leave one out":                      {of, sampleDir, "-o", out, "--apply", "x", "--first", "3"},
		"no such file":                       {of, sampleDir, "-o", out, "--apply", filepath.Join(dir, "none.csv")},
		"--first 0":                          {of, sampleDir, "-o", out, "--first", "0"},
		"which is not among the files given": {of, filepath.Join(sampleDir, "street.json"), "-o", out},
		"holds no report":                    {sampleDir, sampleDir, "-o", out},
	} {
		r := analyze(t, append([]string{"review"}, args...)...)
		if r.status != statusTrouble || !strings.Contains(r.errw, want) {
			t.Errorf("%v: status %d, %s", args, r.status, r.errw)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%v: %s was written", args, out)
		}
	}
}

// TestKeptIsRemembered: what people keep is written as a policy with which the next run suspects it no more.
func TestKeptIsRemembered(t *testing.T) {
	dir := t.TempDir()
	of := suspected(t, dir)
	handed, corrected := filepath.Join(dir, "handed"), filepath.Join(dir, "corrected")
	analyze(t, "review", of, sampleDir, "-o", handed, "--first", "3").expect(t, statusFine)
	sheet := filepath.Join(handed, "review.csv")
	rows := readTable(t, sheet)
	for _, row := range rows[1:] {
		row[1] = "keep"
	}
	writeTable(t, sheet, rows)
	kept := filepath.Join(corrected, keptName)
	analyze(t, "review", of, sampleDir, "--apply", sheet, "-o", corrected).expect(t, statusFine, "kept     "+kept, "3 kept")
	left := suspectsOf(t, of) - 3
	again := filepath.Join(dir, "again")
	analyze(t, "run", corrected, "-o", again, "--config", kept, "--scores", "detections:"+filepath.Join("..", "..", "testdata", "detections.json")).
		expect(t, statusFine, fmt.Sprintf("the %d suspects", left), "3 of them reviewed and kept")
	if n := suspectsOf(t, again); n != left {
		t.Errorf("%d are handed over again, expected %d", n, left)
	}
}

// suspectsOf counts the labels that a report hands to people.
func suspectsOf(t *testing.T, of string) int {
	t.Helper()
	suspects, _, err := report.LabelErrors(of)
	if err != nil || len(suspects) < 5 {
		t.Fatalf("%d suspects, %v: too few to tell", len(suspects), err)
	}
	return len(suspects)
}

// TestDetectionsBesideTheAnnotations: detections that lie beside the annotations and are given as scores are no skipped
// file, nor one that review leaves out; and review names them in the command that comes next.
func TestDetectionsBesideTheAnnotations(t *testing.T) {
	if testing.Short() {
		t.Skip("learns models for seconds; run without -short")
	}
	in, dir := t.TempDir(), t.TempDir()
	for name, data := range tree(t, sampleDir) {
		write(t, filepath.Join(in, name), data)
	}
	data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "detections.json"))
	if err != nil {
		t.Fatal(err)
	}
	given, of := filepath.Join(in, "detections.json"), filepath.Join(dir, "report")
	write(t, given, string(data))
	without := analyze(t, "run", in, "-o", of)
	narrow(t, "run", strings.ReplaceAll(without.out, of, "report"))
	without.unwrapped().expect(t, statusFine, "skipped detections.json: a list of COCO results", "--scores detections:FILE")
	with := analyze(t, "run", in, "-o", of, "--scores", "detections:"+given)
	if with.expect(t, statusFine); strings.Contains(with.out, "skipped") {
		t.Errorf("the detections are skipped:\n%s", with.out)
	}
	handed, corrected := filepath.Join(dir, "handed"), filepath.Join(dir, "corrected")
	analyze(t, "review", of, in, "-o", handed, "--first", "10").expect(t, statusFine)
	decideAll(t, filepath.Join(handed, "review.csv"))
	r := analyze(t, "review", of, in, "--apply", filepath.Join(handed, "review.csv"), "-o", corrected)
	r.expect(t, statusFine, "analyze run "+corrected+" --scores detections:"+given+" -o after")
	if strings.Contains(r.out, "left out") {
		t.Errorf("%s", r.out)
	}
}

// TestKeptLabelsAreNotAskedAgain: the lines that review --apply prints lead to runs without the kept labels, over two
// rounds, and with files named in place of their directory.
func TestKeptLabelsAreNotAskedAgain(t *testing.T) {
	report, annotations := audited(t), sampleDir
	all, kept := suspectsOf(t, report), 0
	for range 2 {
		dir := t.TempDir()
		handed, corrected := filepath.Join(dir, "review"), filepath.Join(dir, "corrected")
		analyze(t, "review", report, annotations, "-o", handed).expect(t, statusFine)
		decide(t, filepath.Join(handed, "review.csv"))
		r := analyze(t, "review", report, annotations, "--apply", filepath.Join(handed, "review.csv"), "-o", corrected)
		r.expect(t, statusFine, "applied  1 kept, 0 fixed")
		if kept++; !strings.Contains(strings.Join(strings.Fields(r.out), " "), "reviewed.yaml: the run below reads it") {
			t.Errorf("got %s", r.out)
		}
		for _, want := range []string{"--scores detections:DIR/detections.json", "DIR being the directory of the detections"} {
			if kept == 2 && !strings.Contains(r.out, want) { // they lie neither here nor beside the annotations
				t.Errorf("lacks %q: %s", want, r.out)
			}
		}
		_, then, _ := strings.Cut(r.out, "then     ")
		words := strings.Fields(strings.SplitN(then, "\n", 2)[0])
		i := slices.Index(words, "--scores")
		words[i+1] = "detections:../../testdata/detections.json" // it prints where it lies, if it finds the file
		after := filepath.Join(dir, "after")
		words[len(words)-1] = after
		for _, paths := range [][]string{{corrected}, {filepath.Join(corrected, "street.json"), filepath.Join(corrected, "harbour.json")}} {
			analyze(t, slices.Concat([]string{"run"}, paths, words[i:])...).expect(t, statusFine,
				fmt.Sprintf("%d of them reviewed and kept", kept), fmt.Sprintf("the %d suspects", all-kept),
				fmt.Sprintf("; %d reviewed and kept\n", kept))
		}
		report, annotations = after, corrected
	}
}

// TestKeptUnderAnotherKind: an annotation that was kept is reviewed, whatever is suspected in it now; and the next round
// remembers what was kept before, suspected now or not.
func TestKeptUnderAnotherKind(t *testing.T) {
	of := audited(t)
	s, err := report.Load(of)
	if err != nil {
		t.Fatal(err)
	}
	policy, prints, missing := "gate:\n  reviewed:\n", []string{}, 0
	keep := func(print string) {
		policy += "    - " + print + "\n"
		prints = append(prints, print)
	}
	for i := range s.Findings {
		f := &s.Findings[i]
		switch {
		case math.IsNaN(f.Score):
		case f.Code == "missing":
			missing++
		default:
			other := map[bool]string{true: "class", false: "spurious"}[f.Code == "spurious"]
			keep(findings.Fingerprint(other, f.File, f.Class, f.Box, true))
		}
	}
	if missing == 0 || len(prints) < 5 {
		t.Fatalf("%d missing objects and %d others: too few to tell", missing, len(prints))
	}
	keep("0123456789abcdef01234567") // of a label that is not suspected now
	file := filepath.Join(t.TempDir(), keptName)
	write(t, file, policy)
	after := audited(t, "--config", file)
	left, _, err := report.LabelErrors(after)
	if err != nil || len(left) != missing {
		t.Errorf("%d suspects are left, expected the %d missing objects; %v", len(left), missing, err)
	}
	slices.Sort(prints)
	if kept, err := report.Kept(after); err != nil || !slices.Equal(kept, slices.Compact(prints)) {
		t.Errorf("%v: the report remembers %q, expected %q", err, kept, prints)
	}
}

// TestReviewGoesOn: review and --apply say that a list is decided on to its end, how far it is, and what comes next, under
// names that nothing has.
func TestReviewGoesOn(t *testing.T) {
	of, err := filepath.Abs(audited(t))
	if err != nil {
		t.Fatal(err)
	}
	sample, err := filepath.Abs(sampleDir)
	if err != nil {
		t.Fatal(err)
	}
	list, _, err := report.LabelErrors(of)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for _, name := range []string{"after", "corrected", "review"} {
		if err := os.Mkdir(name, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	handed := analyze(t, "review", of, sample, "-o", "handed", "--first", "10")
	handed.unwrapped().expect(t, statusFine, fmt.Sprintf("--first %d hands over all, --done handed/review.csv those that are not decided on there. Decide on the whole list", len(list)),
		"--apply handed/review.csv -o corrected-2", "`analyze run` with --images DIR draws up to ")
	decide(t, filepath.Join("handed", "review.csv"))
	analyze(t, "review", of, sample, "--apply", "handed/review.csv", "-o", "corrected-2").unwrapped().expect(t, statusFine,
		fmt.Sprintf("you looked at 1 of %d suspected labels: %s were expected to be wrong, and you found 0", len(list),
			text.Digits(list[0].Score)),
		fmt.Sprintf("open %d; expect", len(list)-1), "handed/review.csv, or hand over the next ones", "next analyze review "+of,
		"--done handed/review.csv -o review-2", "last once none is open, or you stop here",
		"analyze run corrected-2 --scores", "-o after-2 analyze diff "+of+" after-2")
	all := analyze(t, "review", of, sample, "-o", "all", "--first", "1000")
	if all.expect(t, statusFine); strings.Contains(all.out, "rest ") {
		t.Errorf("all are handed over: %s", all.out)
	}
	rows := readTable(t, "all/review.csv")
	expected := 0.0
	for i := range list {
		rows[i+1][1], expected = "keep", expected+list[i].Score
	}
	writeTable(t, "all/review.csv", rows)
	done := analyze(t, "review", of, sample, "--apply", "all/review.csv", "-o", "corrected-3")
	done.unwrapped().expect(t, statusFine, fmt.Sprintf("you looked at all %d suspected labels: %s were expected", len(list),
		text.Digits(expected)))
	if strings.Contains(done.out, "open ") || strings.Contains(done.out, "next ") || strings.Contains(done.out, "last ") {
		t.Errorf("nothing is open: %s", done.out)
	}
}

// TestReviewInPortions: what is decided on is not handed over again, and the decisions of all portions are carried out
// together; decisions upon one label in two files that differ are refused.
func TestReviewInPortions(t *testing.T) {
	of, dir := audited(t), t.TempDir()
	n := suspectsOf(t, of)
	at := func(name string) string { return filepath.Join(dir, name) }
	review := func(args ...string) result { return analyze(t, append([]string{"review", of, sampleDir}, args...)...) }
	items := func(sheet string, decision string) (keys []string) {
		t.Helper()
		rows := readTable(t, sheet)
		for i := range rows[1:] {
			rows[i+1][1] = decision
			keys = append(keys, rows[i+1][0])
		}
		writeTable(t, sheet, rows)
		return keys
	}
	first, second := at("first/review.csv"), at("second/review.csv")
	review("-o", at("first"), "--first", "4").expect(t, statusFine)
	keys := items(first, "keep")
	review("-o", at("second"), "--first", "3", "--done", first).unwrapped().expect(t, statusFine,
		fmt.Sprintf("3 of %d suspected labels", n-4), fmt.Sprintf("rest %d more", n-7), "--apply "+first+" --apply "+second)
	for k, key := range items(second, "keep") {
		if !strings.HasPrefix(key, fmt.Sprintf("%d-", 5+k)) || slices.Contains(keys, key) {
			t.Errorf("item %d of the second portion is %s", k, key)
		}
	}
	review("-o", at("corrected"), "--apply", first, "--apply", second, "--apply", first).unwrapped().expect(t, statusFine,
		"7 kept, 0 fixed", fmt.Sprintf("you looked at 7 of %d", n))
	data, err := os.ReadFile(first)
	if err != nil {
		t.Fatal(err)
	}
	other := at("other.csv")
	write(t, other, string(data))
	items(other, "delete")
	r := review("-o", at("refused"), "--apply", first, "--apply", other)
	if r.status != statusTrouble || !strings.Contains(r.errw, other+", line 2: item "+keys[0]+" is decided upon in "+first+", line 2 otherwise") {
		t.Errorf("status %d: %s", r.status, r.errw)
	}
	review("-o", at("all"), "--first", "1000").expect(t, statusFine)
	items(at("all/review.csv"), "keep")
	r = review("-o", at("none"), "--done", at("all/review.csv"))
	if r.status != statusTrouble || !strings.Contains(r.errw, "are decided on: --apply") {
		t.Errorf("status %d: %s", r.status, r.errw)
	}
}

// TestKeptWithTheCorrected: the corrected files and the list of kept labels are there together or not at all, and a list
// that was cut off is not taken for none.
func TestKeptWithTheCorrected(t *testing.T) {
	of, dir := audited(t), t.TempDir()
	handed, corrected := filepath.Join(dir, "review"), filepath.Join(dir, "corrected")
	analyze(t, "review", of, sampleDir, "-o", handed).expect(t, statusFine)
	decide(t, filepath.Join(handed, "review.csv"))
	apply := []string{"review", of, sampleDir, "--apply", filepath.Join(handed, "review.csv"), "-o", corrected}
	for _, op := range []string{"create", "write", "sync"} {
		undo := files.Inject(func(did, path string) error {
			if did == op && filepath.Base(path) == keptName {
				return syscall.ENOSPC
			}
			return nil
		})
		r := analyze(t, apply...)
		undo()
		if r.expect(t, statusTrouble, "err:no space left"); isThere(corrected) {
			t.Errorf("%s fails: %q is there", op, names(tree(t, corrected)))
		}
	}
	analyze(t, apply...).expect(t, statusFine)
	file := filepath.Join(corrected, keptName)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	run := []string{"run", corrected, "-o", filepath.Join(dir, "after")}
	for n := range len(bytes.TrimRight(whole, "\n")) {
		write(t, file, string(whole[:n]))
		r := analyze(t, run...)
		if r.status != statusTrouble || !strings.Contains(r.errw, "corrected/reviewed.yaml: ") {
			t.Fatalf("cut to %q: status %d, %s%s", whole[:n], r.status, r.out, r.errw)
		}
	}
	write(t, file, string(whole))
	analyze(t, run...).expect(t, statusFine, "1 label that a person looked at and kept")
}
