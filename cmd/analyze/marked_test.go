package main

import (
	"path/filepath"
	"testing"
)

// TestMarkedFiles: policies, configurations and presets that Windows' editors saved begin with a byte order mark. The
// first key was told as unknown.
func TestMarkedFiles(t *testing.T) {
	dir := t.TempDir()
	of := filepath.Join(dir, "report")
	analyze(t, "run", sampleDir, "-q", "-o", of).expect(t, statusFine)
	policy := filepath.Join(dir, "policy.yaml")
	write(t, policy, "\ufeffgate: {rules: [{name: marked, warn_if: errors > 0}]}\n")
	analyze(t, "check", of, "--policy", policy).expect(t, statusFine, `rule "marked"`)
	config := filepath.Join(dir, "config.yaml")
	write(t, config, "\ufeffanchors: yolov5\n")
	analyze(t, "run", sampleDir, "--config", config, "-o", of).expect(t, statusFine, "anchors of yolov5")
	preset := filepath.Join(dir, "mine.yaml")
	write(t, preset, "\ufeffextends: yolov5\nname: mine\n")
	analyze(t, "run", sampleDir, "-a", preset, "-o", of).expect(t, statusFine, "anchors of mine")
}
