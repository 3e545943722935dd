package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"focalaudit/pkg/report"
)

// TestCalibrate: the table names every kind, the file is the same for any number of
// workers, the annotations with errors and their truth agree, and run takes the file.
func TestCalibrate(t *testing.T) {
	if testing.Short() {
		t.Skip("learns models for seconds; run without -short")
	}
	dir := t.TempDir()
	detections := "detections:" + filepath.Join("..", "..", "testdata", "detections.json")
	file, injected := filepath.Join(dir, "c.json"), filepath.Join(dir, "injected")
	args := []string{"calibrate", sampleDir, "--scores", detections, "--seeds", "1", "--rate", "0.05"}
	r := analyze(t, append(args, "-o", file, "--write", injected, "-j", "1")...)
	if r.status != statusFine { // from 5 s on, progress stands on the error stream
		t.Fatalf("status %d: %s", r.status, r.errw)
	}
	for _, want := range []string{"missing", "spurious", "location", "class", "duplicate", "all kinds", "169 objects on 42 images"} {
		if !strings.Contains(r.out, want) {
			t.Errorf("lacks %q:\n%s", want, r.out)
		}
	}
	analyze(t, append(args, "-q", "-o", filepath.Join(dir, "d.json"), "-j", "4")...).expect(t, statusFine)
	files := tree(t, dir)
	if files["c.json"] != files["d.json"] {
		t.Error("the calibration depends on the number of workers")
	}
	truth := counts(t, filepath.Join(injected, "truth.seed-1.csv"))
	annotations := 0
	for _, name := range []string{"street.seed-1.json", "harbour.seed-1.json"} {
		data, err := os.ReadFile(filepath.Join(injected, name))
		if err != nil {
			t.Fatal(err)
		}
		var doc struct{ Annotations []struct{ IsCrowd int } }
		if err := json.Unmarshal(data, &doc); err != nil {
			t.Fatal(err)
		}
		for _, a := range doc.Annotations {
			annotations += 1 - a.IsCrowd
		}
	}
	of := 0
	for _, n := range truth {
		of += n
	}
	if annotations != of-truth["missing"] || truth["none"] < 100 || truth["missing"] == 0 {
		t.Errorf("%d annotations, truth %v", annotations, truth)
	}
	analyze(t, "run", injected, "-q", "-o", filepath.Join(dir, "of_injected")).expect(t, statusFine)

	report := filepath.Join(dir, "report")
	analyze(t, "run", "-q", sampleDir, "--scores", detections, "--calibration", file, "--prevalence", "0.02", "-o", report).expect(t, statusFine)
	analyze(t, append(args, "--write", injected, "-o", file)...).expect(t, statusTrouble) // not empty
	own := filepath.Join(dir, "own.json")
	write(t, own, good)
	analyze(t, append(args, "-q", "-o", own)...).expect(t, statusTrouble) // no calibration: left alone
	if tree(t, dir)["own.json"] != good {
		t.Error("a file that is no calibration was replaced")
	}

	// a calibration is of the detections that it was measured with
	changed := filepath.Join(dir, "changed.json")
	data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "detections.json"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, changed, string(data)+"\n")
	r = analyze(t, "run", "-q", sampleDir, "--scores", "detections:"+changed, "--calibration", file, "-o", report)
	r.expect(t, statusTrouble)
	if !strings.Contains(r.errw, "with other detections") {
		t.Errorf("got %q", r.errw)
	}
}

// counts counts the errors of a truth table.
func counts(t *testing.T, file string) map[string]int {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	n := map[string]int{}
	for _, row := range rows[1:] {
		n[row[3]]++
	}
	return n
}

// TestCalibrateTellsItsErrorsFromYourOwn: the table says how many errors were put in, and that the own labels have
// another number, which is that of a run.
func TestCalibrateTellsItsErrorsFromYourOwn(t *testing.T) {
	list, _, err := report.LabelErrors(audited(t))
	if err != nil {
		t.Fatal(err)
	}
	expected := 0.0
	for i := range list {
		expected += list[i].Score
	}
	file := filepath.Join(t.TempDir(), "c.json")
	out := analyze(t, "calibrate", sampleDir, "--scores", "detections:../../testdata/detections.json", "--seeds", "2", "-o", file)
	var c struct {
		Kinds map[string]struct{ Injected int }
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	injected := 0
	for _, k := range c.Kinds {
		injected += k.Injected
	}
	out.unwrapped().expect(t, statusFine, fmt.Sprintf("With %d errors put into ", injected/2),
		"not about your own labels", fmt.Sprintf("Of your own, %d are suspected, and about %.0f of these should be wrong.", len(list), expected))
}

func TestCalibrateRefused(t *testing.T) {
	detections := "detections:" + filepath.Join("..", "..", "testdata", "detections.json")
	broken := filepath.Join(t.TempDir(), "c.json")
	write(t, broken, `{"schema":1`)
	t.Chdir(t.TempDir())
	for want, args := range map[string][]string{
		"--scores detections:FILE": {"calibrate", broken},
		"at most one error hits":   {"calibrate", broken, "--scores", detections, "--rate", "0.3"},
		"rate 2":                   {"calibrate", broken, "--scores", detections, "--spurious", "2"},
		"all rates are 0":          {"calibrate", broken, "--scores", detections, "--rate", "0"},
		"seeds 0":                  {"calibrate", broken, "--scores", detections, "--seeds", "0"},
		"no detector to calibrate": {"run", broken, "--calibration", broken},
		"analyze calibrate wrote":  {"run", broken, "--scores", detections, "--calibration", broken},
		"prevalence 1":             {"run", broken, "--prevalence", "1"},
	} {
		r := analyze(t, args...)
		r.expect(t, statusTrouble)
		if !strings.Contains(r.errw, want) {
			t.Errorf("%v: got %q, want it to say %q", args, r.errw, want)
		}
	}
}

// TestCalibrateNames: files of one name in several directories do not overwrite each
// other.
func TestCalibrateNames(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "w", "x", "a.json"), good)
	write(t, filepath.Join(dir, "w", "x_a.json"), strings.ReplaceAll(good, `"id":1,"file_name"`, `"id":9,"file_name"`))
	write(t, filepath.Join(dir, "dt.json"), `[{"image_id":9,"category_id":1,"bbox":[100,100,60,60],"score":0.9},
		{"image_id":1,"category_id":1,"bbox":[100,100,60,60],"score":0.9}]`)
	analyze(t, "calibrate", filepath.Join(dir, "w"), "-q", "--scores", "detections:"+filepath.Join(dir, "dt.json"), "--seeds", "1",
		"-o", filepath.Join(dir, "c.json"), "--write", filepath.Join(dir, "out")).expect(t, statusFine)
	files := tree(t, filepath.Join(dir, "out"))
	if got := strings.Join(names(files), " "); got != "truth.seed-1.csv x_a-2.seed-1.json x_a.seed-1.json" {
		t.Errorf("got %s", got)
	}
}

// TestCalibrateRefusesStrangers: detections that do not fit the annotations measure nothing; here their category ids are
// one too low.
func TestCalibrateRefusesStrangers(t *testing.T) {
	data, err := os.ReadFile("../../testdata/detections.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []map[string]any
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		d["category_id"] = d["category_id"].(float64) - 1
	}
	data, err = json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	shifted := filepath.Join(t.TempDir(), "shifted.json")
	write(t, shifted, string(data))
	analyze(t, "calibrate", filepath.Join(sampleDir, "street.json"), "--scores", "detections:"+shifted, "-q", "-o",
		filepath.Join(t.TempDir(), "c.json")).expect(t, statusTrouble, "err:the detections do not fit the annotations")
}
