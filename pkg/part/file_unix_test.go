//go:build unix

package part

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestFilesBecomePipes: a file of a part that has become a pipe ends the merge; to open it would wait for ever.
func TestFilesBecomePipes(t *testing.T) {
	dir, _ := sample(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	set, err := Open(ctx, []string{dir}, "test", 2, cancel)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{recordsName, listsName, rowsName} {
		path := filepath.Join(dir, name)
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ended := make(chan error, 3)
	go func() {
		set.Data.Source(0)
		ended <- context.Cause(ctx)
		_, err := set.parts[0].openLists()
		ended <- err
		_, err = (&rowsFile{set: set, part: set.parts[0]}).ReadAt(make([]byte, 1), 0)
		ended <- err
	}()
	for _, name := range []string{recordsName, listsName, rowsName} {
		select {
		case err := <-ended:
			if err == nil || !strings.Contains(err.Error(), name+" is a pipe") {
				t.Errorf("%s: got %v, expected that it is a pipe", name, err)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%s: the merge waits for a writer", name)
		}
	}
}

// TestTooManyParts: where no file can be opened any more, the message says so, and what to do.
func TestTooManyParts(t *testing.T) {
	dir, _ := sample(t)
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &was); err != nil {
		t.Fatal(err)
	}
	none := was
	none.Cur = 0
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &none); err != nil {
		t.Skip(err)
	}
	_, err := (&opened{dir: dir}).openLists()
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &was); err != nil {
		t.Fatal(err)
	}
	if err == nil || !strings.Contains(err.Error(), "too many files are open") || !strings.Contains(err.Error(), "ulimit -n") {
		t.Errorf("got %v, expected what to do", err)
	}
}
