package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// unreadable are contents of a file that can't be read, with what helps.
var unreadable = map[string]struct{ content, help string }{
	"cut off": {good[:len(good)*2/3], "the file is cut off: export or fetch it again"},
	"empty":   {"", "the file is empty"},
	"pointer": {"version https://git-lfs.github.com/spec/v1\noid sha256:" + strings.Repeat("a", 64) + "\nsize 400000\n", "git lfs pull"},
}

// TestUnreadableFileInEveryReport: a file that could not be read is an error in every format of the verdict, before
// the rules, beside a file that passes and without any.
func TestUnreadableFileInEveryReport(t *testing.T) {
	for name, c := range unreadable {
		for _, alone := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Chdir(t.TempDir())
				write(t, filepath.Join("in", "train.json"), c.content)
				if !alone {
					write(t, filepath.Join("in", "val.json"), equalBoxes(3))
				}
				write(t, "policy.yaml", "gate:\n  rules:\n    - fail_if: errors > 99\n")
				t.Setenv("GITHUB_STEP_SUMMARY", "summary.md")
				r := analyze(t, "run", "in", "-q", "-o", "report", "--github", "--sarif", "v.sarif", "--junit", "v.xml", "--json", "v.json",
					"--fail-if", "errors > 99")
				r.expect(t, statusTrouble, "::error file=in/train.json,line=", "err:"+c.help)
				expectUnreadable(t, "in/train.json")
				if alone {
					return
				}
				if strings.Index(r.out, "train.json could not be read") > strings.Index(r.out, "fail_if errors") {
					t.Errorf("a rule stands before the file\n%s", r.out)
				}
				analyze(t, "check", "report", "--junit", "v.xml", "--json", "v.json", "--sarif", "v.sarif", "-q").
					unwrapped().expect(t, statusTrouble, "train.json could not be read", "err:--keep-going accepts that")
				expectUnreadable(t, "train.json")
				for _, args := range [][]string{{"check", "report"}, {"run", "in", "-o", "report"}} {
					analyze(t, append(args, "--policy", "policy.yaml", "--keep-going")...).unwrapped().expect(t, statusFine, "warn train.json could not be read")
				}
			})
		}
	}
}

// expectUnreadable looks for a file that could not be read in the verdicts of the working directory.
func expectUnreadable(t *testing.T, path string) {
	t.Helper()
	read := func(file string) string {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	if x := read("v.xml"); strings.Contains(x, `errors="0"`) || !strings.Contains(x, `<error message="train.json could not be read: `) {
		t.Errorf("JUnit\n%s", x)
	}
	if m := read("summary.md"); !strings.Contains(m, "focalaudit: undecided") || !strings.Contains(m, "| train.json could not be read | undecided |") {
		t.Errorf("the job's summary\n%s", m)
	}
	var v struct {
		Status string
		Rules  []struct{ File, Status string }
	}
	if err := json.Unmarshal([]byte(read("v.json")), &v); err != nil || v.Status != "undecided" || v.Rules[0].File != "train.json" {
		t.Errorf("JSON: %+v, %v", v, err)
	}
	var s struct {
		Runs []struct {
			Invocations []struct {
				ExecutionSuccessful        bool
				ToolExecutionNotifications []struct {
					Level     string
					Locations []struct {
						PhysicalLocation struct{ ArtifactLocation struct{ URI string } }
					}
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(read("v.sarif")), &s); err != nil {
		t.Fatal(err)
	}
	i := s.Runs[0].Invocations[0]
	n := i.ToolExecutionNotifications
	if i.ExecutionSuccessful || len(n) == 0 || n[0].Level != "error" || n[0].Locations[0].PhysicalLocation.ArtifactLocation.URI != path {
		t.Errorf("SARIF: %+v", i)
	}
}
