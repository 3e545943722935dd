package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOneFlippedBit: the error of a report does not go away by one bit of its summary, and
// a report of an older version is said not to be protected.
func TestOneFlippedBit(t *testing.T) {
	dir := t.TempDir()
	data, report := filepath.Join(dir, "good.json"), filepath.Join(dir, "report")
	write(t, data, good)
	analyze(t, "run", data, "-o", report, "-q").expect(t, statusFine)
	analyze(t, "check", report).expect(t, statusGate)
	name := filepath.Join(report, "summary.json")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	write(t, name, strings.Replace(string(text), `"box-empty": 1`, `"box-empty": 0`, 1))
	analyze(t, "check", report).expect(t, statusTrouble, "err:summary.json is damaged", "err:write the report anew")
	analyze(t, "check", report, "--baseline", report).expect(t, statusTrouble, "err:summary.json is damaged")
	write(t, name, string(text))

	objects := filepath.Join(report, "objects.parquet")
	whole, err := os.ReadFile(objects)
	if err != nil {
		t.Fatal(err)
	}
	write(t, objects, string(whole)+"x")
	analyze(t, "check", report).expect(t, statusTrouble, "err:objects.parquet is damaged")
	write(t, objects, string(whole))

	// People who read the rows are told too.
	write(t, objects, string(whole)+"x")
	analyze(t, "show", report, "objects").expect(t, statusTrouble, "err:objects.parquet is damaged")
	analyze(t, "show", report, "images").expect(t, statusFine) // which is whole
	write(t, objects, string(whole))
	write(t, name, strings.Replace(string(text), `"box-empty": 1`, `"box-empty": 0`, 1))
	analyze(t, "show", report).expect(t, statusTrouble, "err:summary.json is damaged")
	write(t, name, string(text))
	analyze(t, "show", report, "objects").expect(t, statusFine)

	at := strings.Index(string(text), ",\n  \"checksums\"")
	write(t, name, string(text)[:at]+"\n}\n")
	analyze(t, "check", report).expect(t, statusGate, "err:has no checksums")
}

// TestLargeNumbersInExpressions: a number that no computer holds is told in plain words.
func TestLargeNumbersInExpressions(t *testing.T) {
	report := filepath.Join(t.TempDir(), "report")
	analyze(t, "run", sampleDir, "-q", "-o", report).expect(t, statusFine)
	for _, args := range [][]string{
		{"show", report, "--where", "rank > 9223372036854775808"}, {"show", report, "--where", "score > 1e999"},
		{"run", sampleDir, "-q", "-o", report, "--fail-if", "errors > 9223372036854775808"},
		{"run", sampleDir, "-q", "-o", report, "--fail-if", "errors > 1e999"},
	} {
		r := analyze(t, args...)
		r.expect(t, statusTrouble, "err:is too large")
		if strings.Contains(r.errw, "strconv") {
			t.Errorf("%q: %s", args, r.errw)
		}
	}
}
