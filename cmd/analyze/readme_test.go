package main

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestReadmeIsShort: a newcomer reads 150 lines at most.
func TestReadmeIsShort(t *testing.T) {
	if n := strings.Count(pages(t)["README.md"], "\n"); n >= 150 {
		t.Errorf("README.md has %d lines, expected fewer than 150", n)
	}
}

// TestReadmeCommandsRun runs every command of the README in its order, in a directory with the files that it
// names. Gates may fail: the sample has errors.
func TestReadmeCommandsRun(t *testing.T) {
	if testing.Short() {
		t.Skip("asks a detector about labels several times; run without -short")
	}
	commands := readmeCommands(t)
	if len(commands) < 15 {
		t.Fatalf("found %d commands: has the README's layout changed?", len(commands))
	}
	dir := t.TempDir()
	copyTo := func(from, to string) {
		data, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, to), string(data))
	}
	for _, name := range []string{"street.json", "harbour.json"} {
		copyTo(filepath.Join(sampleDir, name), filepath.Join("annotations", name))
		copyTo(filepath.Join(sampleDir, name), filepath.Join("testdata", "sample", name))
	}
	copyTo("../../testdata/detections.json", "results.json")
	copyTo("../../testdata/detections.json", "testdata/detections.json")
	if err := os.Mkdir(filepath.Join(dir, "photos"), 0o777); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	for _, command := range commands {
		words, file := command, ""
		if i := slices.Index(words, ">"); i >= 0 {
			words, file = words[:i], words[i+1]
		}
		r := analyze(t, words[1:]...)
		gates := slices.ContainsFunc(words, func(w string) bool { return w == "--gate" || w == "--fail-if" || w == "check" })
		if r.status == statusTrouble || r.status == statusGate && !gates {
			t.Errorf("%s: status %d\n%s%s", strings.Join(command, " "), r.status, r.out, r.errw)
		}
		if file != "" {
			write(t, file, r.out)
		}
		decide(t, "review/review.csv")
	}
}

// decide decides on the labels of a table of analyze review, if it is there: one is kept, others are undecided.
func decide(t *testing.T, sheet string) {
	data, err := os.ReadFile(sheet)
	if err != nil {
		return
	}
	lines := strings.SplitAfter(string(data), "\n")
	if item, rest, ok := strings.Cut(lines[1], ","); ok && strings.HasPrefix(rest, ",") {
		lines[1] = item + ",keep" + rest
		write(t, sheet, strings.Join(lines, ""))
	}
}

// readmeCommands returns the words of every line of the README that calls the program.
func readmeCommands(t *testing.T) (commands [][]string) {
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(pages(t)["README.md"], -1)
	word := regexp.MustCompile(`'[^']*'|\S+`)
	for _, b := range blocks {
		for line := range strings.Lines(b[1]) {
			line, _, _ = strings.Cut(line, " #")
			if !strings.HasPrefix(line, "analyze ") {
				continue
			}
			words := word.FindAllString(line, -1)
			for i := range words {
				words[i] = strings.Trim(words[i], "'")
			}
			commands = append(commands, words)
		}
	}
	return commands
}

// TestDocsAreLinked: every page of docs is reached from the README.
func TestDocsAreLinked(t *testing.T) {
	all := pages(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if strings.HasPrefix(name, "README") || name == "CHANGELOG.md" {
			continue
		}
		if !strings.Contains(all["README.md"], name) {
			t.Errorf("README.md has no link to %s", name)
		}
	}
}
