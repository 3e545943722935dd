package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"focalaudit/pkg/report"
	"focalaudit/pkg/show"
)

// audited writes a report of the sample with the detections that belong to it.
func audited(t *testing.T, args ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "report")
	args = append([]string{"run", sampleDir, "--scores", "detections:../../testdata/detections.json", "-q", "-o", dir}, args...)
	analyze(t, args...).expect(t, statusFine)
	return dir
}

// TestTablesFitTheTerminal: the default columns of every table exist, and fit 80 columns with the
// rows of the sample; on a narrower terminal texts give way.
func TestTablesFitTheTerminal(t *testing.T) {
	dir, trainers := audited(t), filepath.Join(t.TempDir(), "trainers")
	analyze(t, "trainers", sampleDir, "-q", "-o", trainers).expect(t, statusFine)
	tables := map[string]string{"codes": dir, "trainers": trainers, "treatment": trainers}
	for _, name := range report.Tables() {
		tables[name] = dir
	}
	for name, dir := range tables {
		out := analyze(t, "show", dir, name)
		out.expect(t, statusFine, " rows")
		for line := range strings.SplitSeq(out.out, "\n") {
			if n := utf8.RuneCountInString(line); n > 80 {
				t.Errorf("%s: %d columns: %s", name, n, line)
			}
		}
		if strings.Contains(strings.SplitN(out.out, "\n", 2)[0], "…") {
			t.Errorf("%s: the names of columns are cut off: %s", name, out.out)
		}
	}
	var b bytes.Buffer
	if err := show.Rows(t.Context(), &b, dir, show.Query{Table: "findings", Format: "table", Limit: -1, Width: 62}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(b.String(), "\n") {
		if utf8.RuneCountInString(line) > 62 {
			t.Errorf("wider than 62 columns: %s", line)
		}
	}
}

// TestShowCounts: a table says how many rows there are, and programs get all of them.
func TestShowCounts(t *testing.T) {
	dir := audited(t)
	s, err := report.ReadSummary(dir)
	if err != nil {
		t.Fatal(err)
	}
	all, errors := 0, s.Findings.BySeverity["error"]
	for _, n := range s.Findings.ByCode {
		all += n
	}
	for args, want := range map[string]string{
		"":                                fmt.Sprintf("20 of %d rows; --limit -1 shows all.", all),
		"--where severity==\"error\"":     fmt.Sprintf("\n%d rows.", errors),
		"--limit 3 --where rank<8":        "3 of 7 rows;",
		"--limit 3 --sort -rank":          fmt.Sprintf("3 of %d rows;", all),
		"--limit 3 --format md":           fmt.Sprintf("\n3 of %d rows;", all),
		"--where rank<0":                  "\n0 rows.",
		"--columns rank, code --limit -1": fmt.Sprintf("\n%d rows.", all),
	} {
		words := []string{"show", dir}
		for part := range strings.SplitSeq(strings.ReplaceAll(args, ", ", ",_"), " ") {
			if part != "" {
				words = append(words, strings.ReplaceAll(part, ",_", ", "))
			}
		}
		analyze(t, words...).expect(t, statusFine, want)
	}
	rows, err := csv.NewReader(strings.NewReader(analyze(t, "show", dir, "--format", "csv").out)).ReadAll()
	if err != nil || len(rows) != all+1 || !slices.Contains(rows[0], "fingerprint") {
		t.Errorf("%d lines of CSV, %v", len(rows), err)
	}
	var objects []map[string]any
	if err := json.Unmarshal([]byte(analyze(t, "show", dir, "objects", "--format", "json").out), &objects); err != nil || len(objects) != 175 {
		t.Errorf("%d objects, %v", len(objects), err) // the annotations of the sample
	}
}

// TestShowHidesWhatIsNull: a column without any value takes no place, unless it is asked for.
func TestShowHidesWhatIsNull(t *testing.T) {
	dir := audited(t)
	if out := analyze(t, "show", dir, "--where", "score == nil").out; strings.Contains(out, "score") {
		t.Errorf("a column of nulls: %s", out)
	}
	analyze(t, "show", dir, "--where", "score > 0").expect(t, statusFine, "score")
	analyze(t, "show", dir, "--where", "score == nil", "--columns", "code,score").expect(t, statusFine, "score")
	wide := analyze(t, "show", dir, "--where", "score == nil", "--wide").out
	if !strings.Contains(wide, "fingerprint") || strings.Contains(wide, "detection_x") {
		t.Errorf("--wide: %s", wide)
	}
}

// TestShowCodes: the counts are those of the summary, by code and by severity.
func TestShowCodes(t *testing.T) {
	dir := audited(t)
	s, err := report.ReadSummary(dir)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(analyze(t, "show", dir, "codes", "--format", "csv").out)).ReadAll()
	if err != nil || len(rows) <= len(s.Findings.ByCode) {
		t.Fatalf("%d lines, %v", len(rows), err)
	}
	byCode, bySeverity := map[string]int{}, map[string]int{}
	for _, row := range rows[1:] {
		n, err := strconv.Atoi(row[2])
		if err != nil {
			t.Fatal(err)
		}
		byCode[row[0]] += n
		bySeverity[row[1]] += n
	}
	if !maps.Equal(byCode, s.Findings.ByCode) || !maps.Equal(bySeverity, s.Findings.BySeverity) {
		t.Errorf("got %v and %v, want %v and %v", byCode, bySeverity, s.Findings.ByCode, s.Findings.BySeverity)
	}
	analyze(t, "show", dir, "codes", "--where", `findings > 2`, "--sort", "code").expect(t, statusFine, "key-absent")
}

// TestShowNamesTheNearest: a mistyped name gets the one that may be meant.
func TestShowNamesTheNearest(t *testing.T) {
	dir := audited(t)
	analyze(t, "show", dir, "--columns", "mesage").expect(t, statusTrouble, `err:no column "mesage": the nearest is message`)
	analyze(t, "show", dir, "--sort", "-scor").expect(t, statusTrouble, `err:the nearest is score`)
	analyze(t, "show", dir, "object").expect(t, statusTrouble, `err:no table "object": the nearest is objects`)
}

// TestOneNumberOneScore: a suspected label has the same number and score in both tables, the numbers count from 1 as the
// list goes, and a table for people has no second numbering beside it.
func TestOneNumberOneScore(t *testing.T) {
	dir := audited(t)
	of := func(table, kind, score string) string {
		r := analyze(t, "show", dir, table, "--where", "number != nil", "--sort", "number", "--format", "csv", "--columns",
			"number,"+score+",file_name,annotation_id,"+kind)
		r.expect(t, statusFine)
		_, rows, _ := strings.Cut(r.out, "\n")
		return rows
	}
	list := of("findings", "code", "score")
	if got := of("suspects", "kind", "label_score"); got != list || list == "" {
		t.Errorf("findings have\n%s\nsuspects have\n%s", list, got)
	}
	n := 0
	for line := range strings.Lines(list) {
		if n++; !strings.HasPrefix(line, fmt.Sprintf("%d,", n)) {
			t.Errorf("line %d is %q", n, line)
		}
	}
	r := analyze(t, "show", dir)
	head, _, _ := strings.Cut(r.out, "\n")
	if !strings.Contains(head, "number") || strings.Contains(head, "rank") {
		t.Errorf("the columns are %q", head)
	}
}

// TestShowTellsSuspectsApart: the table of all kinds of errors is not taken for the list to look at, nor ranks among all
// findings for numbers among the suspects; programs get rows alone.
func TestShowTellsSuspectsApart(t *testing.T) {
	dir := audited(t)
	const list, rank = "number its place on the list to look at, which is shorter", "rank counts all findings"
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"suspects"}, list}, {[]string{"suspects", "--format", "csv"}, ""},
		{[]string{"--where", "score > 0"}, ""}, {[]string{"--where", "score > 0", "--format", "json"}, ""},
		{[]string{"--where", "score > 0", "--columns", "rank,number"}, rank},
		{[]string{"--where", "code == 'key-absent'"}, ""}, {[]string{"classes"}, ""},
	} {
		r := analyze(t, append([]string{"show", dir}, c.args...)...).unwrapped()
		r.expect(t, statusFine)
		for _, told := range []string{list, rank} {
			if strings.Contains(r.out, told) != (told == c.want) {
				t.Errorf("%v: %q: want %v in %s", c.args, told, told == c.want, r.out)
			}
		}
	}
}

// TestShowNoise: the rows of the detector, which come last, and the share of all loss that suspects carry are shown
// unasked: three sources, of which two have rows of objects alone, six losses.
func TestShowNoise(t *testing.T) {
	r := analyze(t, "show", audited(t), "noise")
	r.expect(t, statusFine, "total_loss_share  amplification", "\n24 rows.")
	for line := range strings.Lines(r.out) {
		if len([]rune(line)) > 81 {
			t.Errorf("%d columns: %s", len([]rune(line)), line)
		}
	}
}
