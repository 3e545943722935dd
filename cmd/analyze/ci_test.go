package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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

// TestPoliciesOfThePages: the policies that docs/ci.md and README.md show are some.
func TestPoliciesOfThePages(t *testing.T) {
	page := func(elem ...string) string {
		data, err := os.ReadFile(filepath.Join(append([]string{"..", ".."}, elem...)...))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	policyOf(t, section(t, page("docs", "ci.md"), "## The policy"), 5, 2)
	policyOf(t, section(t, page("docs", "ci.md"), "## A policy to start with"), 9, 0)
	policyOf(t, page("README.md"), 4, 0)
}

// policyOf reads the first policy of a page.
func policyOf(t *testing.T, page string, rules, waivers int) {
	t.Helper()
	_, rest, _ := strings.Cut(page, "```yaml\n")
	text, _, _ := strings.Cut(rest, "```")
	p, ok, err := gate.ParsePolicy([]byte(text))
	if err != nil || !ok || len(p.Rules) != rules || len(p.Waivers) != waivers {
		t.Fatalf("%s: %+v, %v", text, p, err)
	}
	if _, err := gate.New(p, []string{"prior", "article", "detections"}); err != nil {
		t.Error(err)
	}
	f := configFile{path: "focalaudit.yaml", trusted: true}
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
	build := t.TempDir()
	for _, c := range []struct{ name, paths, args, want string }{
		{"a directory", "annotations", "", "::error file=annotations/a.json,line=3,title=box-empty::"},
		{"a name with a space", "my annotations/a.json", "",
			"::error file=my annotations/a.json,line=3,title=box-empty::"},
		{"several words", " annotations other/*.json ", "-a retinanet-detectron2", "read     2 files"},
		{"several lines", "my annotations\nother/*.json\n", "--scores\ndetections:my annotations/results.txt,source=a.json\n",
			"read     2 files"},
		{"a file with the name of a flag", "*.json", "", "::error file=--policy=x.json,line=3,title=box-empty::"},
		{"a file with the name of the whole line", "other/b.json annotations", "", "paths is one path, or several: 'other/b.json annotations'"},
		{"a pattern among the arguments", "annotations", "--exclude\n*x.json\n", "::error file=annotations/a.json,line=3,title=box-empty::"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "--policy=x.json"), good)
			write(t, filepath.Join(dir, "annotations", "a.json"), good) // with an empty box
			write(t, filepath.Join(dir, "my annotations", "a.json"), good)
			write(t, filepath.Join(dir, "other", "b.json"), background)
			write(t, filepath.Join(dir, "other", "b.json annotations"), background)
			write(t, filepath.Join(dir, "my annotations", "results.txt"), `[{"image_id":1,"category_id":1,"bbox":[1,2,30,40],"score":0.5}]`)
			inputs := map[string]string{"paths": c.paths, "args": c.args}
			var out []byte
			var failed error
			for _, s := range action.Runs.Steps {
				if s.Uses != "" || s.Name == "Build" && isFile(filepath.Join(build, "analyze")) {
					continue
				}
				cmd := exec.Command(s.Shell, "-e", "-c", s.Run)
				cmd.Dir = dir
				cmd.Env = append(os.Environ(), "GITHUB_ACTION_PATH="+root, "RUNNER_TEMP="+build, "GITHUB_STEP_SUMMARY="+filepath.Join(dir, "summary.md"))
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
			if failed == nil || !strings.Contains(string(out), c.want) {
				t.Errorf("%v\n%s", failed, out)
			}
			if strings.HasPrefix(c.want, "paths is") {
				return // nothing was run
			}
			for _, name := range []string{"focalaudit.sarif", "summary.md", "focalaudit-report/summary.json"} {
				if !isFile(filepath.Join(dir, name)) {
					t.Errorf("no %s", name)
				}
			}
		})
	}
}

func isFile(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// TestVerdictFormats: every format of the verdict has a flag in run and check, and a
// path in focalaudit.yaml is relative to that file.
func TestVerdictFormats(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("ci", 0o700); err != nil {
		t.Fatal(err)
	}
	f := configFile{path: filepath.Join("ci", configName), trusted: true}
	for _, of := range verdict.Formats() {
		if of.Flag == "" {
			continue
		}
		if newRun().Flags().Lookup(of.Flag) == nil || newCheck().Flags().Lookup(of.Flag) == nil {
			t.Errorf("no flag --%s", of.Flag)
		}
		if got, taken, err := f.resolve(of.Flag, "out"); of.To == verdict.File && (!taken || got != filepath.Join("ci", "out")) {
			t.Errorf("key %s: %s, %v", of.Flag, got, err)
		}
	}
}

// TestConfigSpellings: keys of the configuration are spelt like flags or with underscores, not both ways at once, and
// only names near a mistyped one are named.
func TestConfigSpellings(t *testing.T) {
	file := filepath.Join(t.TempDir(), "focalaudit.yaml")
	run := func(config string) result {
		write(t, file, config)
		return analyze(t, "run", sampleDir, "--config", file, "-o", filepath.Join(t.TempDir(), "report"))
	}
	for _, spelt := range []string{"skip-empty: true\nno-audit: true\n", "skip_empty: true\nno_audit: true\n"} {
		r := run(spelt)
		r.unwrapped().expect(t, statusFine, "images left out:")
	}
	run("skip_empty: true\nskip-empty: false\n").expect(t, statusTrouble, "err:keys skip_empty and skip-empty are the same")
	r := run("chek_outlines: true\n")
	r.expect(t, statusTrouble, `err:key "chek_outlines": there is no such flag; the nearest is check-outlines`)
	if strings.Contains(r.errw, "scores") {
		t.Error(r.errw)
	}
}
