// Package api uses focalaudit as a library, from a module of its own: it sees what any
// other program would.
package api

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"focalaudit/pkg/coco"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/trainer"
)

const sample = "../../testdata/sample"

// counts are the anchors of a data set.
type counts struct{ Anchors, Positives, Negatives, Ignored int }

// count reads annotation files and counts their anchors as a preset's trainer assigns
// them: this is all that a program has to do.
func count(path, preset string) (c counts, err error) {
	files, err := coco.Find([]string{path}, nil, nil)
	if err != nil {
		return c, err
	}
	data, err := coco.Read(context.Background(), files, coco.Options{})
	if err != nil {
		return c, err
	}
	p, err := trainer.Load(preset)
	if err != nil {
		return c, err
	}
	t, err := trainer.New(p)
	if err != nil {
		return c, err
	}
	scene := t.NewScene(false)
	for s := range data.Sources {
		for i, image := range data.Sources[s].Images {
			if image.LeftOut != dataset.InUse || scene.See(data, s, i) != trainer.Seen {
				continue
			}
			found := scene.Found
			c.Anchors += found.Anchors
			c.Positives += found.Positives
			c.Negatives += found.Negatives
			c.Ignored += found.Ignored
		}
	}
	return c, nil
}

// TestEveryPreset: for every preset, the library gives just what the program reports.
func TestEveryPreset(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "analyze")
	run := func(dir, name string, args ...string) {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s %v: %v\n%s", name, args, err, out)
		}
	}
	run("../..", "go", "build", "-o", program, "./cmd/analyze")
	for _, preset := range trainer.Names() {
		report := filepath.Join(dir, preset)
		run(".", program, "run", sample, "--anchors", preset, "--output", report, "--quiet")
		data, err := os.ReadFile(filepath.Join(report, "summary.json"))
		if err != nil {
			t.Fatal(err)
		}
		var summary struct{ Metrics map[string]counts }
		if err := json.Unmarshal(data, &summary); err != nil {
			t.Fatal(err)
		}
		got, err := count(sample, preset)
		if err != nil {
			t.Fatal(err)
		}
		if want := summary.Metrics["prior"]; got != want || want.Positives == 0 {
			t.Errorf("%s: got %+v, the program reports %+v", preset, got, want)
		}
	}
}

func Example() {
	c, err := count(sample, "atss-mmdet")
	fmt.Println(c, err)
	// Output: {810079 1599 808480 0} <nil>
}
