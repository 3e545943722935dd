package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// cocoOf writes the files of one image each in a directory as a COCO file, by encoding/json: an oracle.
func cocoOf(t *testing.T, dir, to string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	doc := map[string]any{"categories": []any{map[string]any{"id": 1, "name": "object"}}}
	var images, annotations []any
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var of struct {
			Image       map[string]any
			Annotations []map[string]any
		}
		if err := json.Unmarshal(data, &of); err != nil {
			t.Fatal(err)
		}
		of.Image["id"] = of.Image["image_id"]
		images = append(images, of.Image)
		for _, a := range of.Annotations {
			a["image_id"], a["category_id"], a["iscrowd"] = of.Image["id"], 1, 0
			annotations = append(annotations, a)
		}
	}
	doc["images"], doc["annotations"] = images, annotations
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	write(t, to, string(data))
}

// singles is the directory of files of one image each.
const singles = "testdata/singles"

// TestSinglesHaveTheMetricsOfCOCO: files of one image each have the metrics of a COCO file with the same records, in a
// directory and in a tar archive, counts and sums of losses alike. The directory's counts are held by hand: 3 files
// with 3, 9 and 14 annotations, as its README's maker wrote them.
func TestSinglesHaveTheMetricsOfCOCO(t *testing.T) {
	dir := t.TempDir()
	cocoOf(t, singles, filepath.Join(dir, "coco.json"))
	want := metricsOf(t, filepath.Join(dir, "coco.json"))
	if want["prior"]["images"] != 3.0 || want["prior"]["annotations"] != 26.0 || want["prior"]["objects"] != 26.0 {
		t.Errorf("the oracle's counts: %v", want["prior"])
	}
	archive := filepath.Join(dir, "singles.tar")
	write(t, archive, string(archiveOf(t, singles)))
	for _, path := range []string{singles, archive} {
		if got := metricsOf(t, path); !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n%v\nCOCO:\n%v", path, got, want)
		}
	}
}

// archiveOf returns a tar archive of a directory.
func archiveOf(t *testing.T, dir string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	if err := w.AddFS(os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestCommandsReadSingles: the commands that read annotations take a directory of files of one image each, beside COCO
// files as well.
func TestCommandsReadSingles(t *testing.T) {
	dir := t.TempDir()
	at := filepath.Join(dir, "mixed")
	names, err := filepath.Glob(filepath.Join(singles, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(at, filepath.Base(name)), string(data))
	}
	clean, err := os.ReadFile("../../../shared/cases/clean.json")
	if err != nil {
		t.Skipf("../shared/cases is not here: %v", err)
	}
	write(t, filepath.Join(at, "a.json"), string(clean))
	report := filepath.Join(dir, "report")
	analyze(t, "run", at, "-o", report, "--gate").expect(t, statusFine, "read     2 files: ", "class-absent: mixed: 26 annotations")
	analyze(t, "check", report).expect(t, statusFine)
	analyze(t, "trainers", at).expect(t, statusFine)
	analyze(t, "fit", at, "-q", "-o", filepath.Join(dir, "mine.yaml")).expect(t, statusFine)
	analyze(t, "show", report, "images", "--format", "csv").expect(t, statusFine, "sa_223.jpg")
	alone := metricsOf(t, filepath.Join(at, "a.json"))["prior"]["objects"].(float64)
	if got := metricsOf(t, at)["prior"]["objects"].(float64); got != alone+26 {
		t.Errorf("%v objects together, expected %v", got, alone+26)
	}
	// Detections name images by image_id, as of COCO files.
	results := filepath.Join(dir, "results.json")
	write(t, results, `[{"image_id": 223, "category_id": 1, "bbox": [1, 1, 30, 30], "score": 0.9}]`)
	analyze(t, "run", singles, "--scores", "detections:"+results, "-o", report).expect(t, statusFine, "1 detection")
	analyze(t, "split", singles, "-n", "2", "-o", filepath.Join(dir, "s")).expect(t, statusTrouble, "err:is a directory")
	analyze(t, "split", names[0], "-n", "2", "-o", filepath.Join(dir, "s")).expect(t, statusTrouble,
		"err:found the annotations of one image, as SA-1B has them")
}

// TestBrokenSingleIsAFinding: the run is about the other files; the gate fails, and the message names the file and the byte.
func TestBrokenSingleIsAFinding(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "singles")
	names, err := filepath.Glob(filepath.Join(singles, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if i == 1 {
			data = data[:77]
		}
		write(t, filepath.Join(dir, filepath.Base(name)), string(data))
	}
	report := filepath.Join(t.TempDir(), "report")
	r := analyze(t, "run", dir, "--gate", "-o", report)
	r.expect(t, statusGate, "read     1 file: 2 images")
	if text := strings.Join(strings.Fields(r.out), " "); !strings.Contains(text,
		"file-broken: sa_2.json:1:78 (byte 77): expected") {
		t.Errorf("got %s", r.out)
	}
}
