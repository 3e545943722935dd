//go:build unix

package main

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestPipesAreRefused: a pipe in the place of any small file is refused at once. To open it
// would wait for a writer, and no signal would end the wait.
func TestPipesAreRefused(t *testing.T) {
	dir := t.TempDir()
	data, pipe := filepath.Join(dir, "data", "good.json"), filepath.Join(dir, "pipe.yaml")
	write(t, data, good)
	detections := filepath.Join(dir, "detections.json")
	write(t, detections, `[{"image_id":1,"category_id":1,"bbox":[100,100,60,60],"score":0.9}]`)
	write(t, filepath.Join(dir, "piped", "good.json"), good)
	report := filepath.Join(dir, "report")
	analyze(t, "run", data, "-o", report, "-q").expect(t, statusFine)
	for _, at := range []string{pipe, filepath.Join(dir, "piped", configName), filepath.Join(dir, "logits", "1.npy")} {
		write(t, filepath.Join(filepath.Dir(at), "beside.txt"), "")
		if err := syscall.Mkfifo(at, 0o600); err != nil {
			t.Skip(err)
		}
	}
	for _, args := range [][]string{
		{"run", data, "--config", pipe},
		{"run", data, "--policy", pipe, "--gate"},
		{"run", data, "--images", pipe},
		{"run", data, "--anchors", pipe},
		{"run", data, "--scores", "detections:" + pipe},
		{"run", data, "--scores", "logits:" + filepath.Join(dir, "logits")},
		{"run", data, "--scores", "detections:" + detections, "--calibration", pipe},
		{"run", filepath.Join(dir, "piped", "good.json")},
		{"check", report, "--policy", pipe},
		{"check", report, "--baseline", pipe},
	} {
		begun := time.Now()
		args = append(args, "-q")
		if args[0] == "run" {
			args = append(args, "-o", report)
		}
		r := analyze(t, args...)
		says := func(text string) bool { return strings.Contains(r.errw, text) }
		if r.status != statusTrouble ||
			!says("regular file") && !says("holds no report") && !says("expected the directory") {
			t.Errorf("%q: got %d, %s", args, r.status, r.errw)
		}
		if d := time.Since(begun); d > 9*time.Second {
			t.Errorf("%q: took %v", args, d)
		}
	}
}
