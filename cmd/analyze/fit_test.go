package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
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
	// The commands that it prints run as they are printed.
	printed := regexp.MustCompile("`analyze ([^`]*)`").FindAllStringSubmatch(r.unwrapped().out, -1)
	if len(printed) < 3 {
		t.Errorf("it prints %d commands:\n%s", len(printed), r.out)
	}
	for _, m := range printed {
		args := strings.Fields(m[1])
		if args[0] == "run" {
			args = append(args, "-o", filepath.Join(dir, "report"))
		}
		if got := analyze(t, args...); got.status != statusFine {
			t.Errorf("%s: %s", m[1], got.errw)
		}
	}
	// Both together leave more than the anchors alone (8 and 3): no larger input is printed.
	if strings.Contains(r.out, "for an input of") || !strings.Contains(r.out, "leave 3 of the 8") {
		t.Errorf("the larger input is printed:\n%s", r.out)
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

// TestFitTakes: a line of the table can be chosen, and where the limit alone speaks against every line, the advice to
// keep the anchors names the cheapest line above it.
func TestFitTakes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mine.yaml")
	r := analyze(t, "fit", sampleDir, "--take", "1", "-o", file)
	r.expect(t, statusFine)
	if !strings.Contains(r.out, "1 *") || !strings.Contains(r.out, "written to") || strings.Contains(r.out, "* has the fewest") {
		t.Errorf("--take 1 says\n%s", r.out)
	}
	if preset, err := os.ReadFile(file); err != nil || !strings.Contains(string(preset), "retinanet-torchvision-fit-1\n") {
		t.Errorf("--take 1 wrote\n%s, %v", preset, err)
	}
	last := 0 // the line that is chosen has the number of the preset's name, though lines were dropped
	for _, m := range regexp.MustCompile(`(?m)^ +(\d+) `).FindAllStringSubmatch(r.out, -1) {
		last, _ = strconv.Atoi(m[1])
	}
	analyze(t, "fit", sampleDir, "--take", strconv.Itoa(last), "-o", file).expect(t, statusFine)
	if preset, err := os.ReadFile(file); err != nil ||
		!strings.Contains(string(preset), fmt.Sprintf("retinanet-torchvision-fit-%d\n", last)) {
		t.Errorf("--take %d wrote\n%s, %v", last, preset, err)
	}
	kept := analyze(t, "fit", sampleDir, "--at-most", "1")
	kept.expect(t, statusFine)
	if !strings.Contains(kept.out, "# torchvision\n") || !strings.Contains(kept.out, "min_size=800, max_size=1333, anchor_gen") ||
		!strings.Contains(kept.out, "An input of 1,200 px would leave 5 of the 8") ||
		!strings.Contains(kept.out, "(5 without a fit instead of\n# 8):\n# min_size=1200, max_size=2000\n") {
		t.Errorf("anchors that are kept are not printed:\n%s", kept.out)
	}
	for line := range strings.Lines(kept.out + r.out) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	got := strings.Join(strings.Fields(kept.out), " ")
	if !strings.Contains(got, "with as many anchors and at most 1 negatives per positive. Line ") ||
		!strings.Contains(got, "chooses it.") {
		t.Errorf("--at-most 1 says\n%s", kept.out)
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
		"expected the number of a line":          {"--take", "-1"},
		"lines beside today's":                   {"--take", "99"},
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

// TestFitSize: anchors are fitted for another input: the lines for the trainer and the file have both, today's line is
// what the advice of a run without --size says of that input, and trainers says of the file what the table does.
func TestFitSize(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mine.yaml")
	kept := analyze(t, "fit", sampleDir, "--at-most", "1").unwrapped()
	kept.expect(t, statusFine, "An input of 1,200 px would leave 5 of the 8",
		"`analyze fit "+sampleDir+" -a retinanet-torchvision --size 1200` fits the anchors for that input.")
	r := analyze(t, "fit", sampleDir, "--size", "1200", "--take", "1", "-o", file)
	r.expect(t, statusFine, "min_size=1200, max_size=2000, anchor_gen")
	r.unwrapped().expect(t, statusFine, "5 of 169 objects", "under retinanet-torchvision with an input of a short side of 1,200 px.")
	chosen := regexp.MustCompile(`(?m)^ +1 \* .* (\S+)$`).FindStringSubmatch(r.out)
	side := analyze(t, "trainers", sampleDir, "-a", file)
	side.expect(t, statusFine)
	if chosen == nil || !strings.Contains(side.out, " "+chosen[1]+" ") {
		t.Errorf("the chosen setting has %q negatives per positive, and trainers says\n%s", chosen, side.out)
	}
	preset, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(preset), "short_side: 1200\n") || !strings.Contains(string(preset), "long_side: 2000\n") {
		t.Errorf("%v\n%s", err, preset)
	}
	analyze(t, "fit", sampleDir, "-a", "yolov5", "--size", "960", "--take", "1").expect(t, statusFine,
		"--noautoanchor --imgsz 960\nnc: ", "anchors:\n  - [")
	analyze(t, "fit", sampleDir, "--size", "0").expect(t, statusTrouble, "err:--size 0: ")
}
