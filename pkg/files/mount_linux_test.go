package files

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// mounted mounts a file system, where root may.
func mounted(t *testing.T, source, target, kind, options string, flags uintptr) {
	t.Helper()
	if err := unix.Mount(source, target, kind, flags, options); err != nil {
		t.Skipf("mount %s: %v", kind, err)
	}
	t.Cleanup(func() { _ = unix.Unmount(target, unix.MNT_DETACH) })
}

// TestMountPoint: no mount can be exchanged, of another file system or of this one. It is refused
// before any work, and below it there may be a report.
func TestMountPoint(t *testing.T) {
	for _, kind := range []string{"tmpfs", "bind"} {
		t.Run(kind, func(t *testing.T) {
			parent := t.TempDir()
			at, from := filepath.Join(parent, "at"), filepath.Join(parent, "from")
			for _, dir := range []string{at, from} {
				if err := os.Mkdir(dir, 0o777); err != nil {
					t.Fatal(err)
				}
			}
			if kind == "bind" {
				mounted(t, from, at, "", "", unix.MS_BIND)
			} else {
				mounted(t, "tmpfs", at, kind, "size=1m", 0)
			}
			if err := Empty(at); err == nil || !strings.Contains(err.Error(), "is a mount point") {
				t.Errorf("got %v", err)
			}
			for range 2 {
				if err := Replace(filepath.Join(at, "r"), tables, twoTables("new")); err != nil {
					t.Error(err)
				}
			}
			expectNames(t, at, "r")
		})
	}
}

// TestOverlay: a directory of a lower layer can't be moved. It stays as it is, and a new one beside
// it can be replaced.
func TestOverlay(t *testing.T) {
	parent := t.TempDir()
	at := func(name string) string { return filepath.Join(parent, name) }
	put(t, at("lower/r/a.t"), "old")
	for _, dir := range []string{"upper", "work", "merged"} {
		if err := os.Mkdir(at(dir), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	mounted(t, "overlay", at("merged"), "overlay", "redirect_dir=off,lowerdir="+at("lower")+",upperdir="+at("upper")+",workdir="+at("work"), 0)
	err := Replace(at("merged/r"), tables, twoTables("new"))
	if err == nil || !strings.Contains(err.Error(), "name another directory") {
		t.Errorf("got %v", err)
	}
	for range 2 {
		if err := Replace(at("merged/s"), tables, twoTables("new")); err != nil {
			t.Error(err)
		}
	}
	expect(t, at("merged"), map[string]string{"r": "<dir>", "r/a.t": "old", "s": "<dir>", "s/a.t": "new", "s/b.t": "new"})
}
