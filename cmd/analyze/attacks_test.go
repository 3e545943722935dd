package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"focalaudit/internal/smallyaml"
)

// full is an output without room.
type full struct{}

// Write implements io.Writer.
func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// TestHelpOntoAFullDisk: help is output as any other.
func TestHelpOntoAFullDisk(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"run", "--help"}, {"help", "fit"}, {"--version"}, {"version"}, {"presets"}} {
		var errw strings.Builder
		if status := run(t.Context(), args, full{}, &errw); status != statusTrouble || !strings.Contains(errw.String(), "no space left") {
			t.Errorf("%q: status %d, %q", args, status, errw.String())
		}
	}
}

// TestCutConditions: a condition that ends too early, in a rule and in --where.
func TestCutConditions(t *testing.T) {
	dir := t.TempDir()
	data, report := filepath.Join(dir, "good.json"), filepath.Join(dir, "report")
	write(t, data, good)
	analyze(t, "run", data, "-o", report, "-q").expect(t, statusFine)
	analyze(t, "show", report, "--where", "iou >").expect(t, statusTrouble,
		`err:it ends too early: expected a name or a value behind "iou >"`)
	analyze(t, "check", report, "--fail-if", "errors > 1 and").expect(t, statusTrouble,
		`err:it ends too early: expected a name or a value behind "errors > 1 and"`)
	analyze(t, "show", report, "--where", "iou > 0x").expect(t, statusTrouble, `err:"0x" is no number`)
}

// TestEmptyArgument: a directory without annotations beside a file that has some is refused as a broken file is.
func TestEmptyArgument(t *testing.T) {
	dir := t.TempDir()
	data, empty, out := filepath.Join(dir, "good.json"), filepath.Join(dir, "empty"), filepath.Join(dir, "report")
	write(t, data, good)
	if err := os.Mkdir(empty, 0o700); err != nil {
		t.Fatal(err)
	}
	analyze(t, "run", empty, data, "-o", out).expect(t, statusTrouble, "err:empty: no file in this directory has an ending such as")
	analyze(t, "run", empty, data, "-o", out, "-q", "--keep-going").expect(t, statusFine)
	analyze(t, "run", empty, "-o", out).expect(t, statusTrouble, "err:no COCO annotations to read")
}

// TestKeptLabelsOfALargeSet: 100,000 kept labels beside the annotations are read; so are they in focalaudit.yaml. A
// file of that name that is not review's may have any size.
func TestKeptLabelsOfALargeSet(t *testing.T) {
	dir := t.TempDir()
	data, out := filepath.Join(dir, "good.json"), filepath.Join(dir, "report")
	write(t, data, good)
	var list strings.Builder
	list.WriteString("gate:\n  reviewed:\n")
	for i := range 100_000 {
		fmt.Fprintf(&list, "    - %024x\n", i)
	}
	kept := filepath.Join(dir, keptName)
	write(t, kept, list.String())
	analyze(t, "run", data, "-o", out).expect(t, statusFine, "100,000 labels that a person looked at and kept")
	write(t, kept, strings.Repeat(" ", 2*smallyaml.MaxBytes))
	write(t, filepath.Join(dir, configName), "gamma: 1.5\n"+list.String())
	analyze(t, "run", data, "-o", out, "--gate").expect(t, statusGate, "100,000 findings reviewed")
	analyze(t, "check", out).expect(t, statusGate, "100,000 findings reviewed")
}
