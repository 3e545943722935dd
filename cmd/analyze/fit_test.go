package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFit: the chosen setting is written as a preset that run takes, and the table says of it what run counts.
func TestFit(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "mine.yaml")
	r := analyze(t, "fit", sampleDir, "-o", file, "-j", "1")
	r.expect(t, statusFine)
	for _, want := range []string{"today", "no fit", "* has the fewest objects", "AnchorGenerator(", file} {
		if !strings.Contains(r.out, want) {
			t.Errorf("lacks %q:\n%s", want, r.out)
		}
	}
	if again := analyze(t, "fit", sampleDir, "-o", file, "-j", "3"); again.out != r.out {
		t.Errorf("three workers say\n%s\nand one says\n%s", again.out, r.out)
	}
	chosen := ""
	for line := range strings.Lines(r.out) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[1] == "*" {
			chosen = fields[len(fields)-1]
		}
	}
	side := analyze(t, "trainers", sampleDir, "-a", file)
	side.expect(t, statusFine)
	if chosen == "" || !strings.Contains(side.out, " "+chosen+" ") {
		t.Errorf("the chosen setting has %q negatives per positive, and trainers says\n%s", chosen, side.out)
	}
}

// TestFitMistakes: each has a message, and writes nothing.
func TestFitMistakes(t *testing.T) {
	notes := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(notes, []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"does not choose anchors by their shape": {"-a", "atss-mmdet"},
		"no preset":                              {"-a", "retinanet-x"},
		"expected a number of negatives":         {"--at-most", "-1"},
		"is no preset of this program":           {"-o", notes},
	} {
		r := analyze(t, append([]string{"fit", sampleDir}, args...)...)
		if r.status != statusTrouble || !strings.Contains(r.errw, want) {
			t.Errorf("%v: status %d, %s", args, r.status, r.errw)
		}
	}
	if text, err := os.ReadFile(notes); err != nil || string(text) != "mine" {
		t.Errorf("%s: %q, %v", notes, text, err)
	}
}
