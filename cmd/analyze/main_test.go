package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"focalaudit/pkg/findings"
	"focalaudit/pkg/report"
	"focalaudit/pkg/trainer"
)

// result is what a command line came to.
type result struct {
	status    int
	out, errw string
}

// unwrapped is a result whose output is one line, with single blanks.
func (r result) unwrapped() result {
	r.out = strings.Join(strings.Fields(r.out), " ")
	return r
}

// analyze runs a command line.
func analyze(t testing.TB, args ...string) result {
	t.Helper()
	return analyzeIn(t.Context(), args...)
}

func analyzeIn(ctx context.Context, args ...string) result {
	var out, errw bytes.Buffer
	status := run(ctx, args, &out, &errw)
	return result{status, out.String(), progressLine.ReplaceAllString(errw.String(), "")}
}

// progressLine is a line that tells how far a run is, as one does on a machine that is slow
// or busy.
var progressLine = regexp.MustCompile(`(?m)^[a-z ]+: [\d.,]+ (%|MB)\n`)

// expect checks the status and that both streams have what they should: parts
// that begin with "err:" are looked for in what was written to the error
// stream, the others in the output.
func (r result) expect(t testing.TB, status int, parts ...string) {
	t.Helper()
	if r.status != status {
		t.Errorf("status %d, want %d\n%s%s", r.status, status, r.out, r.errw)
	}
	for _, p := range parts {
		in := r.out
		part, isErr := strings.CutPrefix(p, "err:")
		if isErr {
			in = r.errw
		}
		if !strings.Contains(in, part) {
			t.Errorf("expected %q in %q", p, in)
		}
	}
	if status == statusFine && r.errw != "" {
		t.Errorf("status 0, but on the error stream: %s", r.errw)
	}
	if status == statusTrouble && !strings.HasPrefix(r.errw, "analyze: ") {
		t.Errorf("status 2, but on the error stream: %q", r.errw)
	}
}

func TestHelp(t *testing.T) {
	analyze(t, "--help").expect(t, statusFine, "Exit status: 0 fine, 1", "2 could not run", "run", "explain", "presets", "version")
	analyze(t).expect(t, statusFine, "Usage")
	for _, c := range []struct{ command, example string }{
		{"run", "analyze run annotations/ -o report"},
		{"run", `--fail-if 'count("box-empty") > 0'`},
		{"explain", "analyze explain box-outside"},
		{"presets", "analyze presets retinanet-torchvision > mine.yaml"},
	} {
		analyze(t, c.command, "--help").expect(t, statusFine, "Examples:", c.example, "Usage:")
		analyze(t, "help", c.command).expect(t, statusFine, "Examples:", c.example)
	}
}

// TestFlagsAreInTheHelp: every flag that README and docs show exists, but for
// those of other programs.
func TestFlagsAreInTheHelp(t *testing.T) {
	help := analyze(t, "--help").out
	for _, command := range []string{"run", "calibrate", "presets", "check", "show", "diff", "trainers", "loss", "review", "fit", "baseline", "split", "merge"} {
		help += analyze(t, command, "--help").out
	}
	for where, page := range pages(t) {
		page = regexp.MustCompile("(SBATCH|sbatch|bench/|git clone|goreleaser|sha256sum|python tools/test.py)[^`\n]*").ReplaceAllString(page, "")
		for _, m := range regexp.MustCompile("`?(--[a-z][a-z-]+)").FindAllStringSubmatch(page, -1) {
			if !strings.Contains(help, m[1]+" ") {
				t.Errorf("%s shows %s, which no command has", where, m[1])
			}
		}
	}
}

func TestVersion(t *testing.T) {
	r := analyze(t, "version")
	r.expect(t, statusFine, "focalaudit "+version, "go1.", runtime.GOOS+"/"+runtime.GOARCH)
	if strings.Count(r.out, "\n") != 1 {
		t.Errorf("got %q, expected a line", r.out)
	}
	if flag := analyze(t, "--version"); flag != r {
		t.Errorf("--version: got %v, want the output of the command version, %v", flag, r)
	}
	if version != report.Release {
		t.Errorf("a test is built as version %q, want %q", version, report.Release)
	}
}

// TestVersionOfTag: reports name a tag, and never a commit between tags.
func TestVersionOfTag(t *testing.T) {
	for v, want := range map[string]string{
		"v1.2.3": "1.2.3", "v0.10.0-rc.1": "0.10.0-rc.1", "v1.0.0-beta2": "1.0.0-beta2",
		"": "", "(devel)": "", "v1.2.3+dirty": "",
		"v0.0.0-20260102030405-0123456789ab":        "",
		"v1.2.4-0.20260102030405-0123456789ab":      "",
		"v1.2.3-rc.0.20260102030405-0123456789ab":   "",
		"v0.0.0-20260102030405-0123456789ab+dirty":  "",
		"v1.2.3-rc.1.0.20260102030405-0123456789ab": "",
	} {
		if got := ofTag(v); got != want {
			t.Errorf("%q: got %q, want %q", v, got, want)
		}
	}
}

func TestUnknownCommands(t *testing.T) {
	analyze(t, "rum").expect(t, statusTrouble, "err:rum")
	analyze(t, "--colour").expect(t, statusTrouble, "err:--colour")
	analyze(t, "version", "now").expect(t, statusTrouble, "err:now")
	analyze(t, "explain", "a", "b").expect(t, statusTrouble, `err:no finding, reason or word has the name "a b"`)
	analyze(t, "presets", "a", "b").expect(t, statusTrouble, `err:"b" is one argument too many: analyze presets`)
	analyze(t, "run").expect(t, statusTrouble, "err:PATH is missing: analyze run PATH...")
	analyze(t, "diff", "a").expect(t, statusTrouble, "err:NEW is missing: analyze diff OLD NEW")
	analyze(t, "shwo").expect(t, statusTrouble, `err:there is no command "shwo": the nearest is show`)
	analyze(t, "help").expect(t, statusFine, "Exit status: 0 fine")
	analyze(t, "help", "show").expect(t, statusFine, "show prints rows of a table")
	analyze(t, "help", "completion", "bash").expect(t, statusFine, "bash")
	analyze(t, sampleDir).expect(t, statusTrouble, "err:expected a command: analyze run "+sampleDir)
}

// TestMistakesOfFlags: what was given, what was expected and what to do, in no words of Go's own.
func TestMistakesOfFlags(t *testing.T) {
	for _, c := range [][]string{
		{"there is no flag --ancors: the nearest is --anchors", "run", sampleDir, "--ancors", "x"},
		{"there is no flag -z: analyze show --help lists the flags", "show", "-z", "x"},
		{`--gamma "abc": expected a number`, "run", sampleDir, "--gamma", "abc"},
		{`--workers "1.5": expected a whole number`, "run", sampleDir, "-j", "1.5"},
		{`--negative "x": expected a number`, "loss", "--negative", "x"},
		{"--output has no value", "run", sampleDir, "-o"},
		{"a file of detections needs its kind before it: detections:results.json", "run", sampleDir, "--scores", "results.json"},
		{"logits are named by their directory: logits:out", "run", sampleDir, "--scores", "out/7.npy"},
		{`no preset and no file "retinanet-torchvison": the nearest is retinanet-torchvision`, "run", sampleDir, "-a", "retinanet-torchvison"},
		{"analyze: nosuch: no such file or directory", "run", "nosuch"},
		{`"" is no path: expected a file or a directory`, "run", ""},
		{`"" is no path: expected a file or a directory`, "run", sampleDir, ""},
		{`--policy "": expected a name (is a variable of the shell empty?)`, "run", sampleDir, "--policy", ""},
		{`--baseline "": expected a name`, "check", sampleDir, "--baseline", ""},
		{`--sarif "": expected a name`, "check", sampleDir, "--sarif", ""},
		{`"" holds no report: expected a directory`, "check", ""},
		{`--fail-if "": expected an expression over metrics, such as errors > 0`, "run", sampleDir, "--fail-if", ""},
		{`--fail-if " ": expected an expression`, "run", sampleDir, "--fail-if", " "},
		{`there is no command "nope": the nearest is loss; analyze --help lists all`, "help", "nope"},
		{`"nope" is one argument too many: analyze show has no commands of that name`, "help", "show", "nope"},
		{"unknown name eror, the nearest are errors", "run", sampleDir, "--fail-if", "eror > 1"},
		{"a single = compares nothing: write ==", "run", sampleDir, "--fail-if", "errors = 0"},
	} {
		r := analyze(t, c[1:]...)
		r.expect(t, statusTrouble, "err:"+c[0])
		for _, word := range []string{"strconv", "stat ", "arg(s)", "pflag"} {
			if strings.Contains(r.errw, word) {
				t.Errorf("%q in %s", word, r.errw)
			}
		}
	}
}

func TestExplain(t *testing.T) {
	list := analyze(t, "explain")
	list.expect(t, statusFine)
	entries := findings.Catalogue()
	sections := map[string]string{} // by heading
	var rows int
	for section := range strings.SplitSeq(list.out, "\n\n") {
		heading, codes, _ := strings.Cut(section, ":")
		sections[heading] = strings.Join(strings.Fields(codes), " ") + " "
		rows += len(regexp.MustCompile(`(?m)^  \S`).FindAllString(codes, -1))
	}
	if rows != len(entries)+len(findings.Reasons())+len(findings.Words()) {
		t.Fatalf("%d rows for %d codes, %d reasons and %d words", rows, len(entries), len(findings.Reasons()), len(findings.Words()))
	}
	for _, r := range findings.Reasons() {
		if !strings.Contains(sections["reasons"], " "+r.Code+" "+r.Text+" ") {
			t.Errorf("got %q, want the reason %s", sections["reasons"], r.Code)
		}
		if _, finding := findings.Lookup(r.Code); !finding { // some are both, and the finding says more
			analyze(t, "explain", r.Code).unwrapped().expect(t, statusFine, r.Code+" (a reason", r.Text)
		}
	}
	for _, e := range entries {
		if got := sections[e.Family.String()+", "+e.Severity.String()]; !strings.Contains(got, " "+e.Code+" "+e.Title+" ") {
			t.Errorf("got %q, want the entry of %s", got, e.Code)
		}
		out := analyze(t, "explain", e.Code)
		out.expect(t, statusFine, e.Code+" ("+e.SeverityText()+", "+e.Family.String()+")\n"+e.Title+"\n", "Example\n", "What to do\n")
		out.unwrapped().expect(t, statusFine, strings.Join(strings.Fields(e.Text), " "), "What to do "+strings.Join(strings.Fields(e.Fix), " "))
	}
}

// TestColumns: prose is no wider than 80 columns (text.Columns): help, the catalogue, its explanations, presets.
func TestColumns(t *testing.T) {
	commands := [][]string{{"--help"}, {"explain"}, {"presets"}}
	for _, c := range newRoot().Commands() {
		commands = append(commands, []string{c.Name(), "--help"})
	}
	for _, e := range findings.Catalogue() {
		commands = append(commands, []string{"explain", e.Code})
	}
	for _, r := range findings.Reasons() {
		commands = append(commands, []string{"explain", r.Code})
	}
	for _, w := range findings.Words() {
		commands = append(commands, []string{"explain", w.Name})
	}
	if len(commands) < 150 {
		t.Fatalf("%d commands", len(commands))
	}
	for _, args := range commands {
		r := analyze(t, args...)
		r.expect(t, statusFine)
		narrow(t, strings.Join(args, " "), r.out)
	}
}

// narrow reports the lines of a text that are wider than 80 columns.
func narrow(t *testing.T, of, s string) {
	t.Helper()
	for line := range strings.Lines(s) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
			t.Errorf("%s: %d columns: %s", of, n, line)
		}
	}
}

// TestExplainWords: the words that users say lead to what the program means by them, however they are written, and no
// word hides a code or stands for two things.
func TestExplainWords(t *testing.T) {
	for said, word := range map[string]string{
		"fallback": "fallback", "weak": "fallback", "low-quality matches": "fallback", "untrained": "untrained",
		"never": "untrained", "suspects": "suspects", "wrong labels": "suspects", "Wrong Labels": "suspects",
		"easy negatives": "easy-negatives", "easy_negatives": "easy-negatives", "balance": "balance",
		"gamma": "balance", "γ to balance": "balance", "score": "score", "rank": "rank", "prior": "scores",
		"head": "balance", "range": "range", "interval": "range", "estimate": "range", "sure": "range", "judged": "judged",
		"validation": "validation", "baseline": "baseline", "policy": "policy", "waiver": "waiver", "gate": "gate",
	} {
		args := append([]string{"explain"}, strings.Fields(said)...)
		analyze(t, args...).unwrapped().expect(t, statusFine, word+" (a word)", "What to do ")
		analyze(t, "explain", said).expect(t, statusFine, word+" (a word)")
	}
	taken := map[string]string{}
	for _, w := range findings.Words() {
		for _, name := range append([]string{w.Name}, w.Aliases...) {
			_, code := findings.Lookup(name)
			_, reason := findings.LookupReason(name)
			if code || reason || taken[name] != "" {
				t.Errorf("%s of %s is taken (code %t, reason %t, word %q)", name, w.Name, code, reason, taken[name])
			}
			taken[name] = w.Name
		}
		for _, m := range regexp.MustCompile("`analyze explain ([a-z][a-z0-9-]*)`").FindAllStringSubmatch(w.Do, -1) {
			analyze(t, "explain", m[1]).expect(t, statusFine)
		}
	}
}

func TestExplainTypo(t *testing.T) {
	r := analyze(t, "explain", "box-emty")
	r.expect(t, statusTrouble, `err:no finding, reason or word has the name "box-emty"`, "err:nearest", "err:box-empty")
	if r.out != "" {
		t.Errorf("output %q", r.out)
	}
}

func TestPresets(t *testing.T) {
	short, r := analyze(t, "presets"), analyze(t, "presets", "--long")
	short.expect(t, statusFine, "also ultralytics")
	r.expect(t, statusFine)
	for _, name := range trainer.Names() {
		p, err := trainer.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		about := strings.ReplaceAll(regexp.QuoteMeta(p.About), " ", `\s+`)
		if !regexp.MustCompile(`(?m)^  ` + regexp.QuoteMeta(name) + `\n +` + about + `(;|$)`).MatchString(short.out) {
			t.Errorf("no line of %s in %q", name, short.out)
		}
		if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + `\n  about +` + about + `$`).MatchString(r.out) {
			t.Errorf("no lines of %s in %q", name, r.out)
		}
		_, lines, _ := strings.Cut(r.out, "\n"+name+"\n")
		for _, parameter := range []string{string(p.Resize.Rule), string(p.Boxes), string(p.Loss), string(p.Skip), string(p.Anchors.Arithmetic), p.Matcher.Name()} {
			if lines, _, _ := strings.Cut(lines, "\n\n"); !strings.Contains(lines, parameter) {
				t.Errorf("%s: its parameter %s is not listed", name, parameter)
			}
		}
		// the printed YAML, without a change, is a preset of one's own
		printed := analyze(t, "presets", name)
		printed.expect(t, statusFine, "name: "+name)
		mine := filepath.Join(t.TempDir(), "mine.yaml")
		write(t, mine, printed.out)
		if _, err := trainer.Load(mine); err != nil {
			t.Error(err)
		}
	}
}

func TestCompletionOfCodes(t *testing.T) {
	r := analyze(t, "__complete", "explain", "")
	for _, e := range findings.Catalogue() {
		if !strings.Contains(r.out, e.Code+"\n") {
			t.Errorf("no completion of %s", e.Code)
		}
	}
}

// --- documentation ---

// pages returns the texts that users read.
func pages(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	root := filepath.Join("..", "..")
	paths, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range append(paths, filepath.Join(root, "README.md"), filepath.Join(root, "CHANGELOG.md")) {
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(p)] = string(data)
	}
	return all
}

// section returns what stands under a heading.
func section(t *testing.T, page, heading string) string {
	t.Helper()
	_, text, ok := strings.Cut(page, "\n"+heading)
	if !ok {
		t.Fatalf("no heading %q", heading)
	}
	text, _, _ = strings.Cut(text, "\n## ")
	return text
}

// TestDocumentedCodesExist: every code that a page names, `analyze explain`
// explains: those of the table in docs/methods.md, 7, those that stand in
// count("…") or behind `analyze explain`, and those of README's summary.
func TestDocumentedCodesExist(t *testing.T) {
	all := pages(t)
	explained := 0
	explain := func(where, code string) {
		t.Helper()
		explained++
		if r := analyze(t, "explain", code); r.status != statusFine {
			t.Errorf("%s: %s", where, r.errw)
		}
	}
	codes := regexp.MustCompile("`([a-z]+(?:-[a-z0-9]+)+)`")
	for line := range strings.SplitSeq(section(t, all["methods.md"], "## 7. Findings"), "\n") {
		if first, _, ok := strings.Cut(strings.TrimPrefix(line, "| "), " | "); ok {
			for _, m := range codes.FindAllStringSubmatch(first, -1) {
				explain("methods.md", m[1])
			}
		}
	}
	if explained < 10 {
		t.Errorf("found %d codes in docs/methods.md, 7: has its layout changed?", explained)
	}
	for where, page := range all {
		for _, m := range regexp.MustCompile(`count\("([^"]*)"\)|analyze explain ([a-z][a-z0-9-]*)`).FindAllStringSubmatch(page, -1) {
			if code := m[1] + m[2]; code != "" && code != "CODE" {
				explain(where, code)
			}
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^  (?:error|warning|info) +([a-z-]+) `).FindAllStringSubmatch(all["README.md"], -1) {
		explain("README.md", m[1])
	}
}

// --- helpers on files ---

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// tree returns the files below dir with their content; directories have none.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	got := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		if d.IsDir() {
			got[filepath.ToSlash(rel)+"/"] = ""
			return nil
		}
		data, err := os.ReadFile(path)
		got[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// names returns the sorted keys.
func names(files map[string]string) []string {
	var all []string
	for name := range files {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}
