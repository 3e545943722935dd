package main

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"
)

// TestDataIsNeverOverwritten: no flag and no variable lets the program write over annotations, results or what a run
// reads, whether they are inputs of this run or not.
func TestDataIsNeverOverwritten(t *testing.T) {
	t.Chdir(t.TempDir())
	data := equalBoxes(3)
	results := `[{"image_id":1,"category_id":1,"bbox":[10,10,50,50],"score":0.5}]`
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte(data)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	contents := map[string]string{
		"read.json": data, "other.json": "\xef\xbb\xbf" + data, "results.json": results, "packed.json.gz": packed.String(),
		"policy.yaml": "gate:\n  rules:\n    - fail_if: errors > 99\n", "images.json": `{"info":{"a":[1,{}]},"images":[]}`,
	}
	for name, content := range contents {
		write(t, name, content)
	}
	analyze(t, "run", "read.json", "-q", "-o", "r").expect(t, statusFine)
	held := func(t *testing.T, args ...string) {
		t.Helper()
		analyze(t, args...).expect(t, statusTrouble, "err:never overwritten")
		for name, content := range contents {
			if now, err := os.ReadFile(name); err != nil || string(now) != content {
				t.Errorf("%q: %s was written over: %v", args, name, err)
			}
		}
	}
	for _, name := range []string{"read.json", "other.json", "results.json", "packed.json.gz", "images.json"} {
		for _, flag := range []string{"--json", "--sarif", "--junit"} {
			held(t, "check", "r", flag, name, "--force")
			held(t, "run", "read.json", "-q", "-o", "r", flag, name, "--force")
		}
		held(t, "calibrate", "read.json", "--scores", "detections:results.json", "-q", "-o", name, "--force")
		for _, summary := range []string{name, filepath.Join(".", name)} {
			t.Setenv("GITHUB_STEP_SUMMARY", summary)
			held(t, "check", "r", "--github")
			held(t, "run", "read.json", "-q", "-o", "r", "--github")
		}
	}
	t.Setenv("GITHUB_STEP_SUMMARY", "policy.yaml")
	held(t, "check", "r", "--github", "--policy", "policy.yaml")
	t.Setenv("GITHUB_STEP_SUMMARY", "")

	// Anything else is the user's to replace.
	write(t, "notes.json", `{"annotations": "none", "list": [{"image_id": 1}]}`)
	analyze(t, "check", "r", "-q", "--policy", "policy.yaml", "--json", "notes.json").expect(t, statusTrouble, "err:replace it with --force")
	analyze(t, "check", "r", "-q", "--policy", "policy.yaml", "--json", "notes.json", "--force").expect(t, statusFine)
}

// TestMaxMemoryOfReports: the commands that read reports know the limit too.
func TestMaxMemoryOfReports(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "a.json", equalBoxes(3))
	write(t, "policy.yaml", "gate:\n  rules:\n    - fail_if: errors > 99\n")
	analyze(t, "run", "a.json", "-q", "-o", "r").expect(t, statusFine)
	for _, args := range [][]string{{"check", "r", "--policy", "policy.yaml"}, {"show", "r"}, {"diff", "r", "r"}} {
		analyze(t, append(args, "--max-memory", "2XB")...).expect(t, statusTrouble, `err:--max-memory "2XB": expected a size`)
		analyze(t, append(args, "--max-memory", "1TB")...).expect(t, statusFine)
	}
}
