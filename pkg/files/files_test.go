package files

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// put makes a file with a text.
func put(t *testing.T, path, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(text), 0o666)); err != nil {
		t.Fatal(err)
	}
}

// expect compares what is below dir, files with their texts, without links.
func expect(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	got := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, path)
		if err != nil || !d.Type().IsRegular() {
			if path != dir && d.IsDir() {
				got[rel] = "<dir>"
			}
			return err
		}
		text, err := os.ReadFile(path)
		got[rel] = string(text)
		return err
	})
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}

// TestEmptyOrOurs: what is foreign stays, and so does what can't be written.
func TestEmptyOrOurs(t *testing.T) {
	parent := t.TempDir()
	put(t, filepath.Join(parent, "full", "a"), "mine")
	if err := errors.Join(os.Mkdir(filepath.Join(parent, "empty"), 0o777), os.Symlink("nowhere", filepath.Join(parent, "link"))); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		dir, want string // part of the error, "" for none
		ours      bool
	}{
		{"new", "", false}, {"a/b/new", "", false}, {"empty", "", false}, {"full", "", true},
		{"full", "full is foreign", false}, {"link", "leads nowhere", true}, {"full/a", "full/a", true}, {"full/a/b", "full/a", true},
	} {
		err := EmptyOrOurs(filepath.Join(parent, c.dir), func([]fs.DirEntry) bool { return c.ours }, "is foreign")
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.dir, err, c.want)
		}
	}
	if err := Empty(filepath.Join(parent, "full")); err == nil || !strings.Contains(err.Error(), "left alone") {
		t.Errorf("not empty: %v", err)
	}
	expect(t, parent, map[string]string{"full": "<dir>", "full/a": "mine", "empty": "<dir>"})
}

// TestLastFlushIsReported: a small file fails only when it is flushed.
func TestLastFlushIsReported(t *testing.T) {
	const full = "/dev/full" // a file on a full disk, on Linux
	if _, err := os.Stat(full); err != nil {
		t.Skip(err)
	}
	err := Write(full, func(w io.Writer) error { _, err := io.WriteString(w, "x"); return err })
	if err == nil || !strings.Contains(err.Error(), full) {
		t.Errorf("got %v", err)
	}
}

// TestSwaps: both ways to swap do the same; only one is in use on a system.
func TestSwaps(t *testing.T) {
	for name, swap := range map[string]func(tmp, dir string) error{"swap": swap, "swapByRenaming": swapByRenaming} {
		for _, had := range []bool{false, true} {
			parent := t.TempDir()
			tmp, dir := filepath.Join(parent, ".tmp"), filepath.Join(parent, "r")
			put(t, filepath.Join(tmp, "a"), "new")
			if had {
				put(t, filepath.Join(dir, "b"), "old")
			}
			if err := swap(tmp, dir); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			os.RemoveAll(tmp) // as Replace does
			expect(t, parent, map[string]string{"r": "<dir>", "r/a": "new"})
		}
	}
}

// TestSwapFails: where the new directory can't be moved, the old one is back.
func TestSwapFails(t *testing.T) {
	for name, swap := range map[string]func(tmp, dir string) error{"swap": swap, "swapByRenaming": swapByRenaming} {
		parent := t.TempDir()
		dir := filepath.Join(parent, "r")
		put(t, filepath.Join(dir, "b"), "old")
		if err := swap(filepath.Join(parent, "not-there"), dir); err == nil {
			t.Errorf("%s: no error", name)
		}
		expect(t, parent, map[string]string{"r": "<dir>", "r/b": "old"})
	}
}
