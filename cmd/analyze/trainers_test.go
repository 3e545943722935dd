package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"focalaudit/pkg/anchors"
)

// TestTrainers: the page shows what the command prints, each preset has its paragraph,
// and the tables are the same for any number of workers.
func TestTrainers(t *testing.T) {
	dir := t.TempDir()
	one, two := filepath.Join(dir, "one"), filepath.Join(dir, "two")
	r := analyze(t, "trainers", sampleDir, "-o", one, "-j", "1")
	r.expect(t, statusFine)
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "trainers.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), strings.TrimRight(r.out, "\n")) {
		t.Errorf("docs/trainers.md does not show what the command prints:\n%s", r.out)
	}
	for _, name := range anchors.Names() {
		if !strings.Contains(string(page), "`"+name+"`") && !strings.Contains(string(page), strings.TrimPrefix(name, "retinanet-torchvision")+"`") {
			t.Errorf("docs/trainers.md has no paragraph on %s", name)
		}
	}
	analyze(t, "trainers", sampleDir, "-q", "-o", two, "-j", "4").expect(t, statusFine)
	a, b := tree(t, one), tree(t, two)
	if len(a) != 2 || a["trainers.parquet"] != b["trainers.parquet"] || a["treatment.parquet"] != b["treatment.parquet"] {
		t.Errorf("tables %q differ between 1 and 4 workers", names(a))
	}
	analyze(t, "trainers", sampleDir, "-q", "-o", one).expect(t, statusFine) // in place of the last one
}

func TestTrainersRefused(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "notes.txt"), "mine")
	for want, args := range map[string][]string{
		"left alone":        {sampleDir, "-o", dir},
		"no preset":         {sampleDir, "--anchors", "retinanet-tensorflow"},
		"no such file":      {filepath.Join(dir, "none.json")},
		"holds more than a": {sampleDir, "-o", filepath.Join(dir)},
	} {
		r := analyze(t, append([]string{"trainers"}, args...)...)
		r.expect(t, statusTrouble)
		if !strings.Contains(r.errw, want) {
			t.Errorf("%v: got %q, want it to say %q", args, r.errw, want)
		}
	}
}

// TestOnePreset: with a single preset nothing can differ.
func TestOnePreset(t *testing.T) {
	analyze(t, "trainers", sampleDir, "--anchors", "rpn-detectron2").expect(t, statusFine, "0 objects treated differently")
}
