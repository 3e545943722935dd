package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// TestKeysThatNameFiles: of every flag of run it is decided whether its key in a configuration file names a file, which
// a file that came with the data may not.
func TestKeysThatNameFiles(t *testing.T) {
	none := []string{
		"objective", "classes", "gamma", "alpha", "easy", "hard", "no-audit", "prevalence", "check-outlines", "skip-empty",
		"image-losses", "crops", "gate", "fail-if", "only-new", "github", "today", "workers", "max-memory", "keep-going",
		"timings", "quiet", "part",
		"prefix",             // is written before names, and not looked for
		"include", "exclude", // leave out files that the user names
		"config", "force", "help", // are no keys
	}
	newRun().Flags().VisitAll(func(f *pflag.Flag) {
		value := "a/b"
		if f.Name == "scores" {
			value = "detections:a/b,floor=0.1"
		}
		_, path, _ := pathIn(f.Name, value)
		switch {
		case slices.Contains(none, f.Name) && path != "":
			t.Errorf("key %s names a file", f.Name)
		case !slices.Contains(none, f.Name) && path != "a/b":
			t.Errorf("key %s: got the path %q; say here if it names none", f.Name, path)
		}
	})
}

// TestPicturesOfAFoundFile: a data set can't have the user's pictures shown.
func TestPicturesOfAFoundFile(t *testing.T) {
	dir := t.TempDir()
	data, report := filepath.Join(dir, "data", "a.json"), filepath.Join(dir, "report")
	write(t, data, good)
	write(t, filepath.Join(dir, "private", "x.txt"), "")
	for _, path := range []string{"../private", filepath.Join(dir, "private")} {
		write(t, filepath.Join(dir, "data", configName), "images: "+path+"\n")
		r := analyze(t, "run", data, "-q", "-o", report)
		if r.status != statusFine || !strings.Contains(r.errw, "key images is not taken") {
			t.Errorf("got %d, %s", r.status, r.errw)
		}
		analyze(t, "run", data, "-q", "-o", report, "--config", filepath.Join(dir, "data", configName)).
			expect(t, statusTrouble, "err:leaves the directory of the file")
	}
	write(t, filepath.Join(dir, "data", "pictures", "x.txt"), "")
	write(t, filepath.Join(dir, "data", configName), "images: pictures\n")
	analyze(t, "run", data, "-q", "-o", report, "--config", filepath.Join(dir, "data", configName)).expect(t, statusFine)
}

// TestReasonIsToldOnce: a file with several keys that name files is told once why they are not taken, and how all are.
func TestReasonIsToldOnce(t *testing.T) {
	dir := t.TempDir()
	data, report := filepath.Join(dir, "data", "a.json"), filepath.Join(dir, "report")
	write(t, data, good)
	write(t, filepath.Join(dir, "data", configName), "scores: detections:results.json\nimages: photos\ngate:\n"+
		"  baseline: main\n  rules:\n    - fail_if: errors > 0\n")
	r := analyze(t, "run", data, "--gate", "-q", "-o", report)
	r.expect(t, statusTrouble, "err:key images is not taken", "err:key gate.baseline is not taken either")
	for _, once := range []string{"only a file in the working directory", "takes all of it"} {
		if n := strings.Count(r.errw, once); n != 1 {
			t.Errorf("%q stands there %d times:\n%s", once, n, r.errw)
		}
	}
}

// TestHelpOfShowIsWrapped: no line of the list of tables is a single word, and none is too wide.
func TestHelpOfShowIsWrapped(t *testing.T) {
	head, _, _ := strings.Cut(newShow().Long, "\n\n")
	for line := range strings.Lines(head) {
		if n := len(strings.TrimSpace(line)); n > 80 || n < 20 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}
