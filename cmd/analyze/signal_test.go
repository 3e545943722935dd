//go:build linux

package main

import (
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestSignalEndsAWait: a run that waits for the reader of a pipe ends with a signal, and so does
// one whose output nobody reads.
func TestSignalEndsAWait(t *testing.T) {
	analyze := program(t)
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	signals := []os.Signal{syscall.SIGTERM, os.Interrupt, syscall.SIGHUP}
	for _, of := range signals {
		if signal.Ignored(of) { // as under nohup, which the program respects
			signals = slices.DeleteFunc(slices.Clone(signals), func(s os.Signal) bool { return s == of })
		}
	}
	for _, sent := range signals {
		cmd := exec.Command(analyze, "run", sampleDir, "-q", "-o", filepath.Join(dir, "report"), "--json", pipe)
		errw, err := cmd.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for waited := time.Duration(0); ; waited += 10 * time.Millisecond {
			if _, err := os.Stat(filepath.Join(dir, "report")); err == nil { // then it opens the pipe
				break
			} else if waited > time.Minute {
				t.Fatal("no report")
			}
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(200 * time.Millisecond)
		if err := cmd.Process.Signal(sent); err != nil {
			t.Fatal(err)
		}
		hangs := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
		text, _ := io.ReadAll(errw)
		_ = cmd.Wait()
		hangs.Stop()
		if code := cmd.ProcessState.ExitCode(); code != statusTrouble || !strings.Contains(string(text), "interrupted") {
			t.Errorf("%v: status %d, %s", sent, code, text)
		}
		if err := os.RemoveAll(filepath.Join(dir, "report")); err != nil {
			t.Fatal(err)
		}
	}
}
