//go:build unix

package files

import (
	"io/fs"
	"os"
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

// TestNoWriting: a directory in which nothing may be written is told with its whole path, and what to do.
func TestNoWriting(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o700)
	err := mayWrite(".")
	if err == nil { // the superuser may: then one that is not there
		err = mayWrite("none")
		dir = filepath.Join(dir, "none")
	}
	if err == nil || !strings.Contains(err.Error(), "the directory "+dir+": ") ||
		!strings.Contains(err.Error(), "name another place") {
		t.Errorf("got %v, expected %s and what to do", err, dir)
	}
	if err := noWriting("/d", &fs.PathError{Op: "x", Path: "/d", Err: fs.ErrPermission}); err.Error() !=
		"the directory /d: you may not write there: name another place for the output" {
		t.Error(err)
	}
}
