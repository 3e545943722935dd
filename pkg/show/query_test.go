package show

import (
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"focalaudit/internal/testrun"
	"focalaudit/pkg/report"
	"focalaudit/pkg/trainer"
)

// TestMistakesInConditions: who writes another language is told the word of this one.
func TestMistakesInConditions(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "report")
	r := testrun.Run(t, testrun.Read(t, testrun.Sample), testrun.Config(t, trainer.Default))
	if err := report.Write(t.Context(), dir, r, "1", nil); err != nil {
		t.Fatal(err)
	}
	for where, want := range map[string]string{
		`code = "box-empty"`:                 `a single = compares nothing: write ==`,
		`message contains "=" and rank = 1`:  `a single = compares nothing: write ==`,
		`code <> "box-empty"`:                `got <>: write !=`,
		`rank == 1 AND code == "box-empty"`:  `got AND: write and`,
		`class is NULL`:                      `got is: write == nil or != nil`,
		`codes == "AND"`:                     `no column "codes": the nearest is code`,
		`annotation_id == 2705`:              `annotation_id holds texts, which stand in quotes: write annotation_id == "2705"`,
		`code == "a" and 7 != image_id`:      `image_id holds texts, which stand in quotes: write image_id == "7"`,
		`annotation_id in [2705, 3]`:         `annotation_id holds texts, which stand in quotes: write annotation_id == "2705"`,
		`rank < "3"`:                         `rank holds numbers, which have no quotes: write rank == 3`,
		`severity == error`:                  `texts stand in quotes`,
		`replace(code, "a", "b") == "AND ="`: `no function "replace"; functions are abs`,
	} {
		err := Rows(t.Context(), io.Discard, dir, Query{Table: "findings", Where: where, Format: "csv", Limit: -1})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want it to say %q", where, err, want)
		}
	}
}

// TestConditionsAreBounded: a condition can't loop, nor make texts grow.
func TestConditionsAreBounded(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "report")
	r := testrun.Run(t, testrun.Read(t, testrun.Sample), testrun.Config(t, trainer.Default))
	if err := report.Write(t.Context(), dir, r, "1", nil); err != nil {
		t.Fatal(err)
	}
	show := func(where string) error {
		return Rows(t.Context(), io.Discard, dir, Query{Table: "findings", Where: where, Format: "csv", Limit: -1})
	}
	for _, where := range []string{
		`let a = 1..1000; all(a, all(a, all(a, true)))`, `all(1..1000, all(1..1000, all(1..1000, true)))`,
		`rank in 1..100000000`, `repeat(code, 1000000000) == ""`, `reduce(1..40, #acc + #acc, code) == ""`,
		`let a = code + code; let b = a + a; b == ""`, `replace(replace(code, "a", "aa"), "a", "aa") == ""`,
	} {
		begun := time.Now()
		if err := show(where); err == nil || !strings.Contains(err.Error(), "where") {
			t.Errorf("%s: got %v", where, err)
		}
		if d := time.Since(begun); d > 3*time.Second {
			t.Errorf("%s: took %v", where, d)
		}
	}
	for _, where := range []string{
		`rank in 1..100 and upper(code) startsWith "BOX"`, `abs(x) > 3 or class == "car"`, `severity in ["error", "info"]`,
	} {
		if err := show(where); err != nil {
			t.Errorf("%s: %v", where, err)
		}
	}
}
