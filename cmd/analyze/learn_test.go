package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"focalaudit/internal/testrun"
	"focalaudit/pkg/report"
)

// shardsOf makes a data set with the given number of images, cuts it into shards, and returns the shards and the flag
// that names its detections.
func shardsOf(t *testing.T, images, shards int) (files []string, flag string) {
	t.Helper()
	gt, dt := testrun.World(t, 8, images)
	dir := filepath.Join(t.TempDir(), "shards")
	analyze(t, "split", "-q", gt, "-n", strconv.Itoa(shards), "-o", dir).expect(t, statusFine)
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) != shards {
		t.Fatalf("%d shards, %v", len(files), err)
	}
	return files, "--scores=detections:" + dt
}

// TestMergeLearnsOnAPart: with a model of label errors that is learnt on one part, merge writes the report of one run
// that learns on it, byte for byte, however the files are divided into parts, and whether the sample is one of these or
// not. The run is the oracle.
func TestMergeLearnsOnAPart(t *testing.T) {
	files, flag := shardsOf(t, 100, 6)
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	part := func(t interface {
		Context() context.Context
		Fatalf(string, ...any)
	}, name string, of []string,
	) string {
		got := analyzeIn(t.Context(), slices.Concat([]string{"run", "-q", flag, "--part", "-o", at(name)}, of)...)
		if got.status != statusFine {
			t.Fatalf("part of %v: %s", of, got.errw)
		}
		return at(name)
	}
	inSample := files[1:4]
	sample := part(t, "sample", inSample)
	whole := slices.Concat([]string{"run", "-q", flag, "--learn", sample, "-o", at("whole")}, files)
	analyze(t, whole...).expect(t, statusFine)
	want := tree(t, at("whole"))
	rapid.Check(t, func(t *rapid.T) {
		parts := make([][]string, 3)
		apart := rapid.Bool().Draw(t, "the sample is none of the parts")
		for _, f := range files {
			if apart || !slices.Contains(inSample, f) {
				k := rapid.IntRange(0, len(parts)-1).Draw(t, "part")
				parts[k] = append(parts[k], f)
			}
		}
		var dirs []string
		for k, of := range parts {
			if len(of) > 0 {
				dirs = append(dirs, part(t, fmt.Sprint("part-", k), of))
			}
		}
		if !apart {
			dirs = append(dirs, sample)
		}
		dirs = rapid.Permutation(dirs).Draw(t, "order")
		workers := strconv.Itoa(rapid.IntRange(1, 3).Draw(t, "workers"))
		args := []string{"merge", "-q", "--learn", sample, "-o", at("merged"), "-j", workers}
		if got := analyzeIn(t.Context(), append(args, dirs...)...); got.status != statusFine {
			t.Fatalf("merge: %s", got.errw)
		}
		merged := filesOf(t, at("merged"))
		for _, name := range slices.Sorted(maps.Keys(want)) {
			if want[name] != merged[name] {
				t.Errorf("%s differs", name)
			}
		}
	})
}

// TestLearnIsTheSamplesOwn: the model of a part is the one that a run over its files learns by itself: such a run writes
// the same tables with it and without it. Over all files, the model of the part judges in another way than theirs.
func TestLearnIsTheSamplesOwn(t *testing.T) {
	files, flag := shardsOf(t, 160, 4)
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	run := func(of []string, to string, more ...string) map[string]string {
		t.Helper()
		analyze(t, slices.Concat([]string{"run", "-q", flag, "-o", at(to)}, more, of)...).expect(t, statusFine)
		return tree(t, at(to))
	}
	run(files[:2], "sample", "--part")
	alone, learnt := run(files[:2], "alone"), run(files[:2], "learnt", "--learn", at("sample"))
	for _, name := range slices.Sorted(maps.Keys(alone)) {
		if strings.HasSuffix(name, ".parquet") && alone[name] != learnt[name] {
			t.Errorf("%s differs", name)
		}
	}
	all, byPart := run(files, "all"), run(files, "by-part", "--learn", at("sample"))
	if all["suspects.parquet"] == byPart["suspects.parquet"] {
		t.Error("over all files the part's model judges as theirs: the test shows nothing")
	}
	of := func(text string) *report.LearntOn {
		var s report.Summary
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			t.Fatal(err)
		}
		return s.Configuration.LearntOn
	}
	if of(all["summary.json"]) != nil {
		t.Error("a run that learns from all labels names a sample")
	}
	var of2 report.Summary
	if err := json.Unmarshal([]byte(alone["summary.json"]), &of2); err != nil {
		t.Fatal(err)
	}
	got := of(byPart["summary.json"])
	if got == nil || len(got.Sources) != 2 || got.Detections == nil || got.Detections.Name != "dt.json" {
		t.Fatalf("the summary says %+v", got)
	}
	for i, in := range of2.Inputs {
		if got.Sources[i].Name != in.Name || got.Sources[i].SHA256 != in.SHA256 {
			t.Errorf("the summary names %+v, the run over the sample %s, %s", got.Sources[i], in.Name, in.SHA256)
		}
	}
	if got.Labels == 0 || got.Labels > of2.Annotations.InUse || got.Images == 0 || got.Images > of2.Images.InUse {
		t.Errorf("%d labels of %d, %d images of %d", got.Labels, of2.Annotations.InUse, got.Images, of2.Images.InUse)
	}
	analyze(t, slices.Concat([]string{"run", flag, "--learn", at("sample"), "-o", at("told")}, files)...).
		expect(t, statusFine, "learnt on", "00001-of-00004.json and 1 other file")
}

// TestLearnFromOtherClasses: a model applies to files that lack classes of its sample, and to such as have others.
func TestLearnFromOtherClasses(t *testing.T) {
	files, flag := shardsOf(t, 120, 3)
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	analyze(t, "run", "-q", flag, "--part", "-o", at("sample"), files[0]).expect(t, statusFine)
	suspects := func(name, as string) string {
		text, err := os.ReadFile(files[1])
		if err != nil {
			t.Fatal(err)
		}
		old := `"id":2,"name":"b"`
		if !strings.Contains(string(text), old) {
			t.Fatalf("no %s", old)
		}
		file := at(name + ".json")
		write(t, file, strings.Replace(string(text), old, `"id":2,"name":"`+as+`"`, 1))
		analyze(t, "run", "-q", flag, "--learn", at("sample"), "-o", at(name), file).expect(t, statusFine)
		return analyze(t, "show", at(name), "suspects", "--format", "csv", "--limit", "-1").out
	}
	same, renamed := suspects("same", "b"), suspects("renamed", "z")
	if !strings.Contains(same, ",b,") || !strings.Contains(renamed, ",z,") {
		t.Errorf("no suspects of the class:\n%.500s\n%.500s", same, renamed)
	}
}

// TestLearnMistakes: what can't be learnt from is told, and nothing is written.
func TestLearnMistakes(t *testing.T) {
	files, flag := shardsOf(t, 60, 2)
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	analyze(t, "run", "-q", flag, "--part", "-o", at("good"), files[0]).expect(t, statusFine)
	analyze(t, "run", "-q", "--part", "-o", at("bare"), files[0]).expect(t, statusFine)
	analyze(t, "run", "-q", flag, "--no-audit", "--part", "-o", at("unasked"), files[0]).expect(t, statusFine)
	report := at("report")
	analyze(t, "run", files[1], flag, "--learn", at("bare"), "-o", report).
		expect(t, statusTrouble, "err:the part has no detector to learn from")
	analyze(t, "run", files[1], flag, "--learn", at("unasked"), "-o", report).
		expect(t, statusTrouble, "err:the part has no detector to learn from")
	analyze(t, "run", files[1], flag, "--learn", at("absent"), "-o", report).
		expect(t, statusTrouble, "err:expected the directory of a part")
	analyze(t, "run", files[1], "--learn", at("good"), "-o", report).
		expect(t, statusTrouble, "err:there is no detector that is asked about the labels")
	analyze(t, "run", files[1], flag, "--learn", at("good"), "--part", "-o", at("part")).
		expect(t, statusTrouble, "err:give it to analyze merge")
	analyze(t, "run", files[1], flag, "--learn", at("good"), "--calibration", at("c.json"), "-o", report).
		expect(t, statusTrouble, "err:leave one of them out")
	moved := at("moved.json")
	where := strings.TrimPrefix(flag, "--scores=detections:")
	if err := os.Rename(where, moved); err != nil {
		t.Fatal(err)
	}
	analyze(t, "run", files[1], "--scores", "detections:"+moved, "--learn", at("good"), "-o", report).
		expect(t, statusTrouble, "err:the part says that its detections lie there")
	analyze(t, "merge", at("good"), "--scores", "detections:"+moved, "--learn", at("good"), "-q", "-o", at("elsewhere")).
		expect(t, statusFine)
	if err := os.Rename(moved, where); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(at("good"), "records.pack"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(at("good"), "records.pack"), string(b[:len(b)/2]))
	analyze(t, "run", files[1], flag, "--learn", at("good"), "-o", report).expect(t, statusTrouble, "err:is damaged")
	if _, err := os.Stat(report); err == nil {
		t.Error("a report was written")
	}
}
