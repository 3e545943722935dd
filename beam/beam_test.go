package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/x/beamx"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/part"
)

// The program under test runs on Prism, in this process.
func TestMain(m *testing.M) {
	flag.Parse()
	beam.Init()
	os.Exit(m.Run())
}

// analyze builds the program, and returns what runs it.
func analyze(t *testing.T) func(args ...string) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "analyze")
	build := exec.Command("go", "build", "-o", program, "./cmd/analyze")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return func(args ...string) {
		t.Helper()
		if out, err := exec.Command(program, args...).CombinedOutput(); err != nil {
			t.Fatalf("analyze %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

// shards cuts annotation files into 20 shards in one directory: those of the project's sample, and real ones where
// these are here.
func shards(t *testing.T, run func(...string)) string {
	t.Helper()
	sample := filepath.Join("..", "testdata", "sample")
	whole := map[string]int{filepath.Join(sample, "harbour.json"): 4, filepath.Join(sample, "street.json"): 4}
	shared := filepath.Join("..", "..", "shared", "data")
	if _, err := os.Stat(shared); err == nil {
		whole[filepath.Join(shared, "coco", "instances_val2014_100.json")] = 6
		whole[filepath.Join(shared, "taco", "annotations.json")] = 6
	} else {
		t.Log("../shared/data is not here: the sample alone is cut")
	}
	dir := t.TempDir()
	for file, n := range whole {
		out := filepath.Join(t.TempDir(), "cut")
		run("split", file, "-n", fmt.Sprint(n), "-o", out)
		cut, err := filepath.Glob(filepath.Join(out, "*.json"))
		if err != nil || len(cut) != n {
			t.Fatalf("%s: %d shards, %v", file, len(cut), err)
		}
		for _, shard := range cut {
			if err := os.Rename(shard, filepath.Join(dir, filepath.Base(shard))); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// same reports where two reports differ.
func same(t *testing.T, got, want string) {
	t.Helper()
	files, err := os.ReadDir(want)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		a, err := os.ReadFile(filepath.Join(got, f.Name()))
		b, err2 := os.ReadFile(filepath.Join(want, f.Name()))
		if err != nil || err2 != nil || string(a) != string(b) {
			t.Errorf("%s differs from the one that analyze run writes: %v, %v", f.Name(), err, err2)
		}
	}
}

// TestPipeline: the report of 20 shards is the one that analyze run writes of them.
func TestPipeline(t *testing.T) {
	run := analyze(t)
	dir := shards(t, run)
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	run(slices.Concat([]string{"run", "-q", "-o", filepath.Join(out, "run")}, files)...)
	o := &options{config: analysis.Default()}
	fs := flag.NewFlagSet("beam", flag.ContinueOnError)
	o.define(fs)
	if err := fs.Parse([]string{"-input", filepath.Join(dir, "*.json"), "-output", filepath.Join(out, "beam")}); err != nil {
		t.Fatal(err)
	}
	if err := o.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	same(t, filepath.Join(out, "beam"), filepath.Join(out, "run"))
}

// TestTwice: a shard that is done twice, as by a worker that was thought to be lost, counts once.
func TestTwice(t *testing.T) {
	run := analyze(t)
	sample, err := filepath.Abs(filepath.Join("..", "testdata", "sample"))
	if err != nil {
		t.Fatal(err)
	}
	a, b := filepath.Join(sample, "harbour.json"), filepath.Join(sample, "street.json")
	out := t.TempDir()
	run("run", "-q", "-o", filepath.Join(out, "run"), a, b)
	c := analysis.Default()
	j := &job{Settings: part.Of(&c, nil, ""), Parts: filepath.Join(out, "parts"), Output: filepath.Join(out, "beam")}
	if err := beamx.Run(t.Context(), j.pipeline([]string{a, b, b, a})); err != nil {
		t.Fatal(err)
	}
	same(t, j.Output, filepath.Join(out, "run"))
}

// TestLost: a shard that can't be read is named, and no report is written without it.
func TestLost(t *testing.T) {
	sample, err := filepath.Abs(filepath.Join("..", "testdata", "sample"))
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	c := analysis.Default()
	j := &job{Settings: part.Of(&c, nil, ""), Parts: filepath.Join(out, "parts"), Output: filepath.Join(out, "beam")}
	lost := filepath.Join(sample, "lost.json")
	err = beamx.Run(t.Context(), j.pipeline([]string{filepath.Join(sample, "street.json"), lost}))
	if err == nil || !strings.Contains(err.Error(), lost) {
		t.Errorf("the error does not name %s: %v", lost, err)
	}
	if _, err := os.Stat(j.Output); err == nil {
		t.Error("a report was written without it")
	}
}

// TestKeptIsTold: the list of kept labels beside the files is named, once for each directory, and no other.
func TestKeptIsTold(t *testing.T) {
	dir := t.TempDir()
	var files []string
	for _, sub := range []string{"a", "b", "c"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o777); err != nil {
			t.Fatal(err)
		}
		files = append(files, filepath.Join(dir, sub, "1.json"), filepath.Join(dir, sub, "2.json"))
		if err := os.WriteFile(filepath.Join(dir, sub, map[bool]string{true: "other", false: "reviewed"}[sub == "b"]+".yaml"),
			[]byte("gate: {reviewed: [0c6f7c1d9a5e4b32a1b0c9d8]}\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var said strings.Builder
	tellKept(t.Context(), &said, files)
	want := ""
	for _, sub := range []string{"a", "c"} {
		want += "beam: kept labels not read: " + filepath.Join(dir, sub, "reviewed.yaml") +
			": these labels are suspected again; analyze run, and run --part with merge, leave them out\n"
	}
	if said.String() != want {
		t.Errorf("got:\n%swant:\n%s", &said, want)
	}
	if got := dirOf("gs://bucket/shards/a.json"); got != "gs://bucket/shards" {
		t.Errorf("got %s", got)
	}
}
