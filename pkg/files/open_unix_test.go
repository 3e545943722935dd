//go:build unix

package files

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestOpenDoesNotWait: a pipe without a writer is refused at once.
func TestOpenDoesNotWait(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	begun := time.Now()
	if _, err := Open(pipe); err == nil || !strings.Contains(err.Error(), "is a pipe, expected a regular file") {
		t.Errorf("a pipe: got %v", err)
	}
	if _, err := Open("/dev/zero"); err == nil || !strings.Contains(err.Error(), "is a device") {
		t.Errorf("a device: got %v", err)
	}
	if d := time.Since(begun); d > answerTime {
		t.Errorf("took %v", d)
	}
}
