//go:build linux

package report

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"focalaudit/pkg/files"
	"focalaudit/pkg/findings"
)

// TestEveryStepOfAReportFails: whichever step the disk refuses while a report is written, there
// is a whole one, the old one or the new one, and nothing beside it after the next run.
func TestEveryStepOfAReportFails(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long: every write is synced")
	}
	disk := errors.New("the disk is full")
	reference := filepath.Join(t.TempDir(), "r")
	versions := map[string]map[string]string{}
	old := filepath.Join(t.TempDir(), "old")
	for _, version := range []string{"old", "new", "next"} {
		if err := Write(t.Context(), reference, sample(), version, nil); err != nil {
			t.Fatal(err)
		}
		versions[version] = tree(t, reference)
		if version == "old" {
			if err := os.CopyFS(old, os.DirFS(reference)); err != nil {
				t.Fatal(err)
			}
		}
	}
	failed := 0
	for n := int64(1); ; n++ {
		parent := t.TempDir()
		dir := filepath.Join(parent, "r")
		if err := os.CopyFS(dir, os.DirFS(old)); err != nil {
			t.Fatal(err)
		}
		var steps atomic.Int64
		undo := files.Inject(func(op, path string) error {
			if steps.Add(1) == n {
				return disk
			}
			return nil
		})
		err := Write(t.Context(), dir, sample(), "new", nil)
		undo()
		got := tree(t, dir)
		isNew := reflect.DeepEqual(got, versions["new"])
		if !isNew && (err == nil || !reflect.DeepEqual(got, versions["old"])) {
			t.Errorf("step %d: a report that is neither, after %v", n, err)
		}
		if err := Write(t.Context(), dir, sample(), "next", nil); err != nil || !reflect.DeepEqual(tree(t, dir), versions["next"]) {
			t.Errorf("after step %d: %v", n, err)
		}
		if got := names(t, parent); len(got) != 1 {
			t.Errorf("step %d leaves %q", n, got)
		}
		if steps.Load() < n {
			break
		}
		failed++
		if err != nil && !errors.Is(err, disk) {
			t.Errorf("step %d: %v", n, err)
		}
	}
	t.Logf("%d failing steps", failed)
}

// TestLoadWhileReplaced: a report that is replaced all the time is read as one, never as the
// summary of one and the findings of another.
func TestLoadWhileReplaced(t *testing.T) {
	parent := t.TempDir()
	dir, other := filepath.Join(parent, "r"), filepath.Join(parent, "other")
	more := *sample()
	more.Findings = append(slices.Clone(more.Findings), findings.Finding{Code: "box-empty"})
	if err := errors.Join(Write(t.Context(), dir, sample(), "1", nil), Write(t.Context(), other, &more, "1", nil)); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range maxTries / 2 { // fewer than Load looks again
			time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond)
			err := unix.Renameat2(unix.AT_FDCWD, dir, unix.AT_FDCWD, other, unix.RENAME_EXCHANGE)
			now := time.Now() // each report is a new one
			if err := errors.Join(err, os.Chtimes(dir, now, now)); err != nil {
				t.Error(err)
			}
		}
	}()
	for looks := 1; ; looks++ {
		if _, err := Load(dir); err != nil {
			t.Errorf("look %d: %v", looks, err)
		}
		select {
		case <-done:
			t.Logf("%d looks, %d exchanges", looks, maxTries/2)
			return
		default:
		}
	}
}
