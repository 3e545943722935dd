package main

import (
	"path/filepath"
	"testing"
)

// TestCheckTakesThePolicyAtHand: a report outside of the directories that a policy is for is held against the one of the
// working directory.
func TestCheckTakesThePolicyAtHand(t *testing.T) {
	report, here := filepath.Join(t.TempDir(), "report"), t.TempDir()
	analyze(t, "run", sampleDir, "-q", "-o", report).expect(t, statusFine)
	write(t, filepath.Join(here, configName), "gate:\n  rules:\n    - name: none at all\n      fail_if: images > 0\n")
	t.Chdir(here)
	analyze(t, "check", report).expect(t, statusGate, "none at all")
}
