package main

import (
	"context"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"focalaudit/pkg/report"
)

var update = flag.Bool("update", false, "write the golden files of testdata")

var sampleDir = filepath.Join("..", "..", "testdata", "sample")

// reportFiles are the files of a report, docs/report.md.
var reportFiles = []string{"classes.parquet", "curves.parquet", "distributions.parquet", "exposure.parquet", "findings.parquet", "image_losses.parquet", "images.parquet",
	"index.html", "losses.parquet", "noise.parquet", "objects.parquet", "shapes.parquet", "source_classes.parquet", "summary.json", "suspects.parquet", "whatifs.parquet"}

// good is a file with an object that anchors suit, and an empty box.
const good = `{"images":[{"id":1,"file_name":"a.jpg","width":640,"height":480}],
"annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[100,100,60,60],"area":3600,"iscrowd":0},
{"id":2,"image_id":1,"category_id":1,"bbox":[300,100,0,60],"area":1,"iscrowd":0}],
"categories":[{"id":1,"name":"cat"}]}`

// background is a file without objects: metrics over positives are null.
const background = `{"images":[{"id":1,"file_name":"a.jpg","width":64,"height":48}],"annotations":[],"categories":[{"id":1,"name":"cat"}]}`

// expectReport checks that there is a whole report at dir, and nothing else
// beside it that is hidden.
func expectReport(t testing.TB, dir string) {
	t.Helper()
	if got := names(tree(t, dir)); !slices.Equal(got, reportFiles) {
		t.Errorf("report has %q, want %q", got, reportFiles)
	}
	expectNoRest(t, filepath.Dir(dir))
}

// expectNoRest checks that no temporary directory is left.
func expectNoRest(t testing.TB, parent string) {
	t.Helper()
	entries, err := os.ReadDir(parent)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || strings.Contains(e.Name(), "tmp-") {
			t.Errorf("%s is left over", e.Name())
		}
	}
}

func expectNothing(t testing.TB, dir string) {
	t.Helper()
	if _, err := os.Lstat(dir); !os.IsNotExist(err) {
		t.Errorf("something is at %s: %v", dir, err)
	}
	expectNoRest(t, filepath.Dir(dir))
}

// TestSummaryGolden: go test ./cmd/analyze -run Golden -update writes the file
// anew. Its numbers are those of README.md, which the tests of pkg/analysis
// hold against other sources.
func TestSummaryGolden(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "report")
	r := analyze(t, "run", sampleDir, "-o", dir)
	r.expect(t, statusFine)
	expectReport(t, dir)
	got := strings.ReplaceAll(r.out, dir, "REPORT")
	golden := filepath.Join("testdata", "sample.txt")
	if *update {
		write(t, golden, got)
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestReadmeShowsTheSummary: what README.md says that the main job prints, it
// prints, up to the elision.
func TestReadmeShowsTheSummary(t *testing.T) {
	shown := regexp.MustCompile("(?s)\n```\n(read     .*?)\n  …").FindStringSubmatch(pages(t)["README.md"])
	if shown == nil {
		t.Fatal("README.md shows no summary")
	}
	analyze(t, "run", sampleDir, "-o", filepath.Join(t.TempDir(), "r")).expect(t, statusFine, shown[1])
}

func TestGate(t *testing.T) {
	file := filepath.Join(t.TempDir(), "good.json")
	write(t, file, good)
	for _, c := range []struct {
		name   string
		rules  []string
		status int
		parts  []string
	}{
		{"holds not", []string{`count("box-empty") > 1`}, statusFine, []string{`ok    fail_if count("box-empty") > 1`}},
		{"holds", []string{`count("box-empty") > 0`}, statusGate, []string{`FAIL  fail_if count("box-empty") > 0`, "err:gate failed: fail_if count(\"box-empty\") > 0\n"}},
		{"one of three", []string{`positives < 1`, `positives > 0`, `anchors < 1`}, statusGate,
			[]string{"ok    fail_if positives < 1", "FAIL  fail_if positives > 0", "ok    fail_if anchors < 1"}},
		{"of other scores", []string{`scores.article.domination.bce > 1`}, statusGate, []string{"FAIL  fail_if scores.article.domination.bce > 1"}},
		{"README's", []string{`count("box-empty") + count("box-outside") > 0`, `objects_without_positive > 100`, `(gamma_balance ?? 0) > 2`}, statusGate,
			[]string{"FAIL  fail_if count", "ok    fail_if objects_without_positive", "ok    fail_if (gamma_balance"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "report")
			args := []string{"run", file, "-o", dir}
			for _, rule := range c.rules {
				args = append(args, "--fail-if", rule)
			}
			analyze(t, args...).expect(t, c.status, c.parts...)
			expectReport(t, dir) // whatever the gate says
		})
	}
}

func TestGateOfConstantScores(t *testing.T) {
	file := filepath.Join(t.TempDir(), "good.json")
	write(t, file, good)
	dir := filepath.Join(t.TempDir(), "report")
	analyze(t, "run", file, "-o", dir, "--scores", "constant:pos=0.5,neg=0.1",
		"--fail-if", `scores["constant:pos=0.5,neg=0.1"].domination.bce > 0`).expect(t, statusGate)
	s, err := report.ReadSummary(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Metrics) != 3 || len(s.Configuration.Scores) != 3 {
		t.Errorf("metrics of %d sources", len(s.Metrics))
	}
}

// TestGateCannotBeDecided: a metric without a value is an error, not a pass;
// the report is there to look at.
func TestGateCannotBeDecided(t *testing.T) {
	file := filepath.Join(t.TempDir(), "background.json")
	write(t, file, background)
	dir := filepath.Join(t.TempDir(), "report")
	analyze(t, "run", file, "-o", dir, "--fail-if", `domination.bce > 10`).expect(t, statusTrouble, "err:domination.bce", "err:??")
	expectReport(t, dir)
	analyze(t, "run", file, "-o", dir, "--fail-if", `(domination.bce ?? 0) > 10`).expect(t, statusFine)
	analyze(t, "run", file, "-o", dir, "--fail-if", `(domination.bce ?? 11) > 10`).expect(t, statusGate)
}

// TestTrouble: status 2, a message that helps, and nothing written.
func TestTrouble(t *testing.T) {
	for _, c := range []struct {
		name  string
		args  []string
		parts []string
	}{
		{"no such path", []string{"no/such/file.json"}, []string{"err:no/such/file.json"}},
		{"one of two paths", []string{"IN/good.json", "IN/absent.json"}, []string{"err:absent.json"}},
		{"unknown flag", []string{"IN/good.json", "--colour"}, []string{"err:--colour"}},
		{"value of a flag", []string{"IN/good.json", "--gamma", "two"}, []string{"err:--gamma", "err:two"}},
		{"unknown preset", []string{"IN/good.json", "-a", "retinanet"}, []string{`err:"retinanet"`, "err:the nearest is retinanet-torchvision"}},
		{"bad preset", []string{"IN/good.json", "-a", "IN/bad.yaml"}, []string{"err:bad.yaml", "err:matcher.positive", "err:got 2", "err:0.4 to 1"}},
		{"unknown metric", []string{"IN/good.json", "--fail-if", "dominaton.bce > 1"}, []string{"err:dominaton", "err:domination.bce"}},
		{"unknown code", []string{"IN/good.json", "--fail-if", `count("box-emty") > 0`}, []string{"err:box-emty", "err:box-empty"}},
		{"unknown scores in a rule", []string{"IN/good.json", "--fail-if", `scores.artcle.anchors > 0`}, []string{"err:prior, article"}},
		{"no boolean", []string{"IN/good.json", "--fail-if", "anchors"}, []string{"err:bool"}},
		{"second rule", []string{"IN/good.json", "--fail-if", "true", "--fail-if", "anchors >"}, []string{"err:anchors >"}},
		{"unknown scores", []string{"IN/good.json", "--scores", "random"}, []string{`err:"random"`, "err:prior:π"}},
		{"prior of 1", []string{"IN/good.json", "--scores", "prior:1"}, []string{"err:1", "err:between 0 and 1"}},
		{"objective", []string{"IN/good.json", "--objective", "class"}, []string{`err:"class"`, "err:objectness or classes"}},
		{"gamma", []string{"IN/good.json", "--gamma", "-1"}, []string{"err:gamma -1"}},
		{"gamma NaN", []string{"IN/good.json", "--gamma", "NaN"}, []string{"err:gamma NaN"}},
		{"alpha", []string{"IN/good.json", "--alpha", "2"}, []string{"err:alpha 2", "err:-1 for none"}},
		{"alpha NaN", []string{"IN/good.json", "--alpha", "NaN"}, []string{"err:alpha NaN"}},
		{"edges crossed", []string{"IN/good.json", "--easy", "0.4"}, []string{"err:hard <= easy"}},
		{"classes", []string{"IN/good.json", "--classes", "-1"}, []string{"err:classes -1"}},
		{"workers", []string{"IN/good.json", "-j", "0"}, []string{"err:workers 0"}},
		{"glob", []string{"IN", "--include", "[a"}, []string{"err:[a"}},
		{"refused", []string{"IN/cut.json"}, []string{"err:cut.json"}},
		{"directory of nothing", []string{"IN/nothing"}, []string{"err:no COCO annotations"}},
		{"directory without JSON", []string{"IN/text"}, []string{"err:no COCO annotations"}},
		{"all excluded", []string{"IN", "--exclude", "**"}, []string{"err:no COCO annotations"}},
		{"keep going with nothing", []string{"IN/cut.json", "--keep-going"}, []string{"err:cut.json"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := t.TempDir()
			write(t, filepath.Join(in, "good.json"), good)
			write(t, filepath.Join(in, "cut.json"), good[:len(good)/2])
			write(t, filepath.Join(in, "bad.yaml"), "extends: retinanet-torchvision\nmatcher: {positive: 2}\n")
			write(t, filepath.Join(in, "nothing", "captions.json"), `{"a": 1}`)
			write(t, filepath.Join(in, "text", "a.txt"), "mine")
			before := tree(t, in)
			dir := filepath.Join(t.TempDir(), "report")
			args := []string{"run", "-o", dir}
			for _, a := range c.args {
				args = append(args, strings.Replace(a, "IN", in, 1))
			}
			r := analyze(t, args...)
			r.expect(t, statusTrouble, c.parts...)
			if r.out != "" {
				t.Errorf("output %q", r.out)
			}
			expectNothing(t, dir)
			if !maps.Equal(before, tree(t, in)) {
				t.Error("the input has changed")
			}
		})
	}
}

// TestForeignTargetIsLeftAlone: it is refused before anything is read.
func TestForeignTargetIsLeftAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "thesis")
	write(t, filepath.Join(dir, "chapter.tex"), "mine")
	before := tree(t, dir)
	analyze(t, "run", filepath.Join(dir, "no-such-file"), "-o", dir).expect(t, statusTrouble, "err:left alone", "err:-o")
	if !maps.Equal(before, tree(t, dir)) {
		t.Error("it has changed")
	}
}

// TestTargetIsAFile: as above, for a file.
func TestTargetIsAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "thesis.pdf")
	write(t, file, "mine")
	analyze(t, "run", sampleDir, "-o", file).expect(t, statusTrouble, "err:thesis.pdf")
	analyze(t, "run", sampleDir, "-o", filepath.Join(file, "r")).expect(t, statusTrouble, "err:thesis.pdf")
	if data, err := os.ReadFile(file); err != nil || string(data) != "mine" {
		t.Errorf("got %q, %v", data, err)
	}
}

// TestTargetIsTheWorkingDirectory: a directory that can't be replaced by
// renaming is refused before anything is read, not after hours of work; with
// the path absent, only that order makes the difference.
func TestTargetIsTheWorkingDirectory(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, target := range []string{".", "", "./", "a/.."} {
		r := analyze(t, "run", "no-such-file", "-o", target)
		r.expect(t, statusTrouble, "err:-o")
		if strings.Contains(r.errw, "no-such-file") {
			t.Errorf("-o %q: the input was looked at first: %s", target, r.errw)
		}
	}
}

// TestMalformedNextToGood: the good file is reported, the status tells of the
// other unless that was asked for.
func TestMalformedNextToGood(t *testing.T) {
	in := t.TempDir()
	write(t, filepath.Join(in, "good.json"), good)
	write(t, filepath.Join(in, "cut.json"), good[:len(good)/2])
	write(t, filepath.Join(in, "captions.json"), `{"a": 1}`)
	for _, c := range []struct {
		name   string
		flags  []string
		status int
		parts  []string
	}{
		{"plain", nil, statusTrouble, []string{"read     1 file", "refused  ", "cut.json", "skipped  captions.json", "err:cut.json", "err:--keep-going"}},
		{"keep going", []string{"--keep-going"}, statusFine, []string{"read     1 file", "refused  ", "cut.json"}},
		{"keep going, gate", []string{"--keep-going", "--fail-if", "true"}, statusGate, []string{"FAIL  fail_if true"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "report")
			analyze(t, append([]string{"run", in, "-o", dir}, c.flags...)...).expect(t, c.status, c.parts...)
			expectReport(t, dir)
			s, err := report.ReadSummary(dir)
			if err != nil {
				t.Fatal(err)
			}
			if len(s.Inputs) != 1 || s.Inputs[0].Name != "good.json" || s.Annotations.Read != 2 || s.Annotations.InUse != 1 {
				t.Errorf("inputs %+v, annotations %+v", s.Inputs, s.Annotations)
			}
			if len(s.Refused) != 1 || !strings.Contains(s.Refused[0], "cut.json") || len(s.Skipped) != 1 || s.Skipped[0].Name != "captions.json" {
				t.Errorf("refused %q, skipped %+v", s.Refused, s.Skipped)
			}
		})
	}
}

func TestQuiet(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "report")
	for _, flag := range []string{"-q", "--quiet"} {
		if r := analyze(t, "run", sampleDir, "-o", dir, flag); r != (result{}) {
			t.Errorf("%s: got %+v", flag, r)
		}
	}
	expectReport(t, dir)
	analyze(t, "run", sampleDir, "-o", dir, "-q", "--fail-if", "true").expect(t, statusGate, "err:gate failed: fail_if true")
}

// TestCancelled: an interrupted run leaves nothing behind, and an earlier
// report as it was.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := filepath.Join(t.TempDir(), "report")
	analyzeIn(ctx, "run", sampleDir, "-o", dir).expect(t, statusTrouble, "err:interrupted")
	expectNothing(t, dir)

	analyze(t, "run", sampleDir, "-o", dir, "-q").expect(t, statusFine)
	before := tree(t, dir)
	r := analyzeIn(ctx, "run", sampleDir, "-o", dir, "--gamma", "1")
	r.expect(t, statusTrouble, "err:interrupted", "err:nothing was written")
	if r.out != "" || !maps.Equal(before, tree(t, dir)) {
		t.Errorf("the earlier report has changed; output %q", r.out)
	}
	expectNoRest(t, filepath.Dir(dir))
}

// TestCancelledAtAnyTime: whenever a run is cancelled, there is a whole report
// and status 0, or none and status 2.
func TestCancelledAtAnyTime(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "report")
	analyze(t, "run", sampleDir, "-o", whole, "-q").expect(t, statusFine)
	want := tree(t, whole)
	for delay := time.Duration(0); delay < 40*time.Millisecond; delay += 2 * time.Millisecond {
		dir := filepath.Join(t.TempDir(), "report")
		ctx, cancel := context.WithTimeout(t.Context(), delay)
		r := analyzeIn(ctx, "run", sampleDir, "-o", dir)
		cancel()
		switch r.status {
		case statusFine:
			if !maps.Equal(want, tree(t, dir)) {
				t.Errorf("after %v: status 0, but the report differs", delay)
			}
		case statusTrouble:
			r.expect(t, statusTrouble, "err:interrupted")
			expectNothing(t, dir)
		default:
			t.Errorf("after %v: status %d: %s", delay, r.status, r.errw)
		}
		expectNoRest(t, filepath.Dir(dir))
	}
}

// TestSameBytes: neither the number of workers, nor the order of arguments,
// nor where the report goes makes a difference to any file of it.
func TestSameBytes(t *testing.T) {
	in := t.TempDir()
	for _, name := range []string{"street.json", "harbour.json"} {
		data, err := os.ReadFile(filepath.Join(sampleDir, name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(in, name), string(data))
	}
	write(t, filepath.Join(in, "more", "good.json"), good)
	paths := []string{filepath.Join(in, "street.json"), filepath.Join(in, "harbour.json"), filepath.Join(in, "more")}
	report := func(args ...string) map[string]string {
		dir := filepath.Join(t.TempDir(), "report")
		analyze(t, append([]string{"run", "-q", "-o", dir}, args...)...).expect(t, statusFine)
		return tree(t, dir)
	}
	want := report(append([]string{"-j", "1"}, paths...)...)
	if got := names(want); !slices.Equal(got, reportFiles) {
		t.Fatalf("report has %q", got)
	}
	compare := func(what string, got map[string]string) {
		t.Helper()
		for _, name := range reportFiles {
			if got[name] != want[name] {
				t.Errorf("%s: %s differs", what, name)
			}
		}
	}
	for _, workers := range []string{"1", "2", "5"} {
		for i, order := range [][3]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
			compare(workers+" workers, order "+string(rune('0'+i)), report("-j", workers, paths[order[0]], paths[order[1]], paths[order[2]]))
		}
	}
	compare("a file twice", report(append(paths, paths[0])...))
	// the other way round: what should make a difference does
	if got := report(append([]string{"--gamma", "1.5"}, paths...)...); maps.Equal(got, want) {
		t.Error("--gamma 1.5 makes no difference")
	}
}

// TestFlagsReachTheRun: each flag changes what summary.json says of the run.
func TestFlagsReachTheRun(t *testing.T) {
	in := t.TempDir()
	write(t, filepath.Join(in, "good.json"), good)
	write(t, filepath.Join(in, "background.json"), background)
	write(t, filepath.Join(in, "mine.yaml"), "extends: retinanet-detectron2\nname: mine\npad: 64\n")
	summary := func(args ...string) *report.Summary {
		t.Helper()
		dir := filepath.Join(t.TempDir(), "report")
		analyze(t, append([]string{"run", in, "-q", "-o", dir}, args...)...).expect(t, statusFine)
		s, err := report.ReadSummary(dir)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := summary()
	c := s.Configuration
	if c.Preset.Name != "retinanet-torchvision" || c.Gamma != 2 || *c.Alpha != 0.25 || c.EasyFrom != 0.9 || c.HardBelow != 0.5 ||
		c.Objective != "classes" || c.K != 2 || c.SkipEmpty || len(c.Scores) != 2 || c.Scores[0].Positive != 0.01 || s.Images.InUse != 2 {
		t.Errorf("by default: %+v", c)
	}
	s = summary("-a", filepath.Join(in, "mine.yaml"), "--gamma", "1.5", "--alpha", "-1", "--easy", "0.8", "--hard", "0.3",
		"--objective", "objectness", "--classes", "80", "--skip-empty", "--scores", "prior:0.1", "--scores", "constant:pos=0.9,neg=0.2")
	c = s.Configuration
	if c.Preset.Name != "mine" || c.Preset.Pad != 64 || c.Preset.Boxes != "detectron2" || c.Gamma != 1.5 || c.Alpha != nil || c.EasyFrom != 0.8 || c.HardBelow != 0.3 ||
		c.Objective != "objectness" || c.K != 80 || !c.SkipEmpty || len(c.Scores) != 3 || c.Scores[0].Positive != 0.1 ||
		c.Scores[2].Positive != 0.9 || c.Scores[2].Negative != 0.2 || s.Images.LeftOut["skipped-by-loader"] != 1 {
		t.Errorf("as asked for: %+v, images %+v", c, s.Images)
	}
	if s := summary("--include", "good.json"); len(s.Inputs) != 1 || s.Inputs[0].Name != "good.json" {
		t.Errorf("--include: %+v", s.Inputs)
	}
	if s := summary("--exclude", "good.json"); len(s.Inputs) != 1 || s.Inputs[0].Name != "background.json" {
		t.Errorf("--exclude: %+v", s.Inputs)
	}
}

// TestDefaultOutput: without -o the report goes to focalaudit-report.
func TestDefaultOutput(t *testing.T) {
	file := filepath.Join(t.TempDir(), "good.json")
	write(t, file, good)
	t.Chdir(t.TempDir())
	analyze(t, "run", file).expect(t, statusFine, "report   focalaudit-report")
	expectReport(t, "focalaudit-report")
}

// TestDetections runs with detections: what changed is said in words, floors and
// file stand in summary.json, and the report's bytes are the same for any number of
// workers and with names of one's own but for these.
func TestDetections(t *testing.T) {
	detections := filepath.Join("..", "..", "testdata", "detections.json")
	dir := filepath.Join(t.TempDir(), "report")
	run := analyze(t, "run", sampleDir, "-o", dir, "-j", "1", "--scores", "detections:"+detections+",floor=0.001")
	run.expect(t, statusFine)
	expectReport(t, dir)
	for _, part := range []string{"254 of 260 detections of detections.json belong", "Since initialisation the mean BCE of a positive went from 4.61 to", "If anchors without a detection score 0.01:"} {
		if !strings.Contains(run.out, part) {
			t.Errorf("lacks %q:\n%s", part, run.out)
		}
	}
	s, err := report.ReadSummary(dir)
	if err != nil {
		t.Fatal(err)
	}
	if d := s.Configuration.Scores[2].Detections; d == nil || d.File != "detections.json" || d.Records != 260 || d.Joined != 254 || d.Floors[0].Floor != 0.001 || len(d.Floors) != 3 {
		t.Errorf("summary.json: %+v", d)
	}
	if s.Findings.ByCode["detection-malformed"] != 1 || s.Findings.ByCode["detection-image-unknown"] != 1 {
		t.Errorf("findings: %v", s.Findings.ByCode)
	}
	want := tree(t, dir)
	other := filepath.Join(t.TempDir(), "report")
	analyze(t, "run", "-q", "-j", "5", filepath.Join(sampleDir, "street.json"), filepath.Join(sampleDir, "harbour.json"), "-o", other, "--scores", "detections:"+detections+",floor=0.001").expect(t, statusFine)
	for name, data := range tree(t, other) {
		if data != want[name] {
			t.Errorf("with 5 workers %s differs", name)
		}
	}
}

func TestDetectionsRefused(t *testing.T) {
	in := t.TempDir()
	write(t, filepath.Join(in, "good.json"), good)
	write(t, filepath.Join(in, "dt.json"), `[{"image_id":1,"category_id":1,"bbox":[100,100,60,60],"score":0.9}]`)
	write(t, filepath.Join(in, "foreign.json"), `[{"image_id":77,"category_id":1,"bbox":[100,100,60,60],"score":0.9}]`)
	write(t, filepath.Join(in, "cut.json"), `[{"image_id":1,"category_id":1,"bbox":[100,`)
	dir := filepath.Join(in, "report")
	for spec, want := range map[string]string{
		"foreign.json":               "seems to belong to another data set",
		"cut.json":                   "cut.json",
		"none.json":                  "no such file",
		"good.json":                  "an array of detections",
		"dt.json,source=street.json": "not among the annotation files",
		"dt.json,floor=2":            "probability",
	} {
		r := analyze(t, "run", filepath.Join(in, "good.json"), "-o", dir, "--scores", "detections:"+filepath.Join(in, spec))
		r.expect(t, statusTrouble)
		if !strings.Contains(r.errw, want) {
			t.Errorf("%s: got %q, want it to say %q", spec, r.errw, want)
		}
		expectNothing(t, dir)
	}
	// image 1 is in two files: the one that is meant has to be named
	two := []string{"run", "-q", filepath.Join(in, "good.json"), filepath.Join(sampleDir, "street.json"), "-o", dir, "--scores"}
	r := analyze(t, append(two, "detections:"+filepath.Join(in, "dt.json"))...)
	r.expect(t, statusTrouble)
	if !strings.Contains(r.errw, "source=NAME") {
		t.Errorf("got %q", r.errw)
	}
	analyze(t, append(two, "detections:"+filepath.Join(in, "dt.json")+",source=good.json")...).expect(t, statusFine)
}
