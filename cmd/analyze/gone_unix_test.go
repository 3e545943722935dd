//go:build unix

package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestWorkingDirectoryIsGone: it is told in plain words, with what to do.
func TestWorkingDirectoryIsGone(t *testing.T) {
	sample, err := filepath.Abs(sampleDir)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "gone")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	t.Setenv("PWD", "") // os.Getwd would believe it
	if err := os.Remove(dir); err != nil {
		t.Skip(err) // some systems keep a directory in which a process is
	}
	analyze(t, "run", sample, "-q").expect(t, statusTrouble, "err:the working directory was removed: change to another")
}
