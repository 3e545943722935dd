// Package testrun runs the audit for tests: on the sample, on files that a test writes,
// and on small data sets drawn from a seed (world.go). What a run gives is held against
// a look at every anchor (oracle.go). All of it is for tests only.
package testrun

import (
	"context"
	"path/filepath"
	"runtime"
	"testing"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/coco"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/scores"
	"focalaudit/pkg/trainer"
)

// Workers is how many goroutines the runs of this package use.
const Workers = 2

// Sample is the directory of the annotation files of testdata, and Detections a results
// file for them: testdata/README.md says what they show.
var (
	Sample     = testdata("sample")
	Detections = testdata("detections.json")
)

// testdata returns the path of test data, whatever directory a test runs in.
func testdata(name string) string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..", "testdata", name)
}

// Read reads annotation files.
func Read(t testing.TB, paths ...string) *dataset.Dataset {
	t.Helper()
	files, err := coco.Find(paths, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := coco.Read(context.Background(), files, coco.Options{Workers: Workers})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Config returns the default settings with a preset.
func Config(t testing.TB, preset string) analysis.Config {
	t.Helper()
	c := analysis.Default()
	c.Preset, c.Workers = trainer.MustLoad(preset), Workers
	return c
}

// Run audits a data set, with one output for each class unless c says how many.
func Run(t testing.TB, d *dataset.Dataset, c analysis.Config) *analysis.Result {
	t.Helper()
	if c.Classes == 0 {
		c.Classes = len(d.Classes)
	}
	r, err := analysis.Run(context.Background(), d, c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Detected audits a data set with the detections that a spec of scores names; they are
// the third source of scores.
func Detected(t testing.TB, d *dataset.Dataset, c analysis.Config, spec string) *analysis.Result {
	t.Helper()
	WithDetections(t, d, &c, spec)
	return Run(t, d, c)
}

// WithDetections adds the detections that a spec of scores names to the default scores.
func WithDetections(t testing.TB, d *dataset.Dataset, c *analysis.Config, spec string) {
	t.Helper()
	WithScores(t, c, spec)
	last := len(c.Scores) - 1
	of := c.Scores[last].Detector
	c.Results = make([]*dataset.Results, len(c.Scores))
	var err error
	c.Results[last], err = coco.ReadResults(context.Background(), of.File, of.Origin, d, coco.Options{Workers: Workers})
	if err != nil {
		t.Fatal(err)
	}
}

// WithScores adds the source of scores that a spec names to the default ones.
func WithScores(t testing.TB, c *analysis.Config, spec string) {
	t.Helper()
	var err error
	if c.Scores, err = scores.Apply(scores.Default(), spec); err != nil {
		t.Fatal(err)
	}
}

// Logits audits a data set with the logits of a directory; they are the third source of
// scores.
func Logits(t testing.TB, d *dataset.Dataset, c analysis.Config, dir string) *analysis.Result {
	t.Helper()
	WithScores(t, &c, "logits:"+dir)
	return Run(t, d, c)
}

// Benchmark returns 2,000 images of a world with their detections, for benchmarks.
func Benchmark(b *testing.B) (*dataset.Dataset, analysis.Config) {
	b.Helper()
	gt, dt := World(b, 1, 2000)
	d, c := Read(b, gt), Config(b, trainer.Default)
	WithDetections(b, d, &c, "detections:"+dt)
	return d, c
}
