package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"focalaudit/pkg/findings"
	"focalaudit/pkg/gate"
	"focalaudit/pkg/verdict"
)

// TestFindingsPage holds docs/findings.md against the catalogue; -update writes it.
func TestFindingsPage(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("# Findings\n\nWritten from the catalogue, as `analyze explain CODE` prints it.\n")
	family := ""
	for _, e := range findings.Catalogue() {
		if f := e.Family.String(); f != family {
			family = f
			fmt.Fprintf(&b, "\n## %s\n", strings.ToUpper(f[:1])+f[1:])
		}
		fmt.Fprintf(&b, "\n### %s\n\n%s (%s)\n\n%s\n\n    %s\n\n%s\n", e.Code, e.Title, e.SeverityText(), e.Text, strings.ReplaceAll(e.Example, "\n", "\n    "), e.Fix)
	}
	file := filepath.Join("..", "..", "docs", "findings.md")
	if *update {
		write(t, file, b.String())
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != b.String() {
		t.Error("docs/findings.md is not what the catalogue says: go test ./cmd/analyze -run FindingsPage -update")
	}
}

// TestPolicyOfThePage: the policy that docs/ci.md shows is one.
func TestPolicyOfThePage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "ci.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```yaml\n")
	text, _, _ := strings.Cut(rest, "```")
	p, ok, err := gate.ParsePolicy([]byte(text))
	if err != nil || !ok || len(p.Rules) != 4 || len(p.Waivers) != 2 {
		t.Fatalf("%+v, %v", p, err)
	}
	if _, err := gate.New(p, []string{"prior", "article", "detections"}); err != nil {
		t.Error(err)
	}
	f := runFlags{configFile: "focalaudit.yaml"}
	if err := f.apply(newRun().Flags(), newRun().Flags(), []byte(text)); err != nil {
		t.Error(err)
	}
}

// TestAction runs the steps of action.yml that are ours, as a runner does.
func TestAction(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(root, "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var action struct {
		Inputs map[string]struct {
			Description string
			Required    bool
			Default     string
		}
		Runs struct {
			Using string
			Steps []struct {
				Uses, Name, Shell, Run string
				Env                    map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(data, &action); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "annotations", "a.json"), good) // with an empty box
	inputs := map[string]string{"paths": "annotations"}
	var out []byte
	var failed error
	for _, s := range action.Runs.Steps {
		if s.Uses != "" {
			continue
		}
		cmd := exec.Command(s.Shell, "-e", "-c", s.Run)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GITHUB_ACTION_PATH="+root, "RUNNER_TEMP="+dir, "GITHUB_STEP_SUMMARY="+filepath.Join(dir, "summary.md"))
		for name, value := range s.Env {
			key := strings.TrimSuffix(strings.TrimPrefix(value, "${{ inputs."), " }}")
			in, known := action.Inputs[key]
			if !known {
				t.Fatalf("%s: %s is no input", name, value)
			}
			v, given := inputs[key]
			if !given {
				v = in.Default
			}
			cmd.Env = append(cmd.Env, name+"="+v)
		}
		if out, failed = cmd.CombinedOutput(); failed != nil && s.Name != "Audit" {
			t.Fatalf("%s: %v\n%s", s.Name, failed, out)
		}
	}
	if failed == nil || !strings.Contains(string(out), "::error file=annotations/a.json,line=3,title=box-empty::") {
		t.Errorf("%v\n%s", failed, out)
	}
	for _, name := range []string{"focalaudit.sarif", "summary.md", "focalaudit-report/summary.json"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}

// TestVerdictFormats: every format of the verdict has a flag in run and check, and a
// path in focalaudit.yaml is relative to that file.
func TestVerdictFormats(t *testing.T) {
	f := runFlags{configFile: filepath.Join("ci", configName)}
	for _, of := range verdict.Formats() {
		if of.Flag == "" {
			continue
		}
		if newRun().Flags().Lookup(of.Flag) == nil || newCheck().Flags().Lookup(of.Flag) == nil {
			t.Errorf("no flag --%s", of.Flag)
		}
		if got := f.resolve(of.Flag, "out"); of.To == verdict.File && got != filepath.Join("ci", "out") {
			t.Errorf("key %s: %s", of.Flag, got)
		}
	}
}

// TestHook: the hook that pre-commit is told of is a command of ours.
func TestHook(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", ".pre-commit-hooks.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var hooks []struct {
		ID, Name, Entry, Language, Files string
		Args                             []string
	}
	if err := yaml.Unmarshal(data, &hooks); err != nil || len(hooks) != 1 {
		t.Fatal(hooks, err)
	}
	words := strings.Fields(hooks[0].Entry)
	i := slices.Index(words, "--output")
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.json"), `{"images":[{"id":1,"file_name":"a.png","width":640,"height":480}],"categories":[{"id":1,"name":"c"}],`+
		`"annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[100,100,128,128],"area":16384,"iscrowd":0,"segmentation":[[100,100,228,100,228,228]]}]}`)
	words[i+1] = filepath.Join(dir, "report")
	analyze(t, append(words[1:], filepath.Join(dir, "a.json"))...).expect(t, statusFine, "gate     pass")
}
