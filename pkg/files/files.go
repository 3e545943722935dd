// Package files writes files and directories so that nothing half-written is found and
// nothing foreign is overwritten or removed.
//
//  1. EmptyOrOurs, Empty and Writable tell before any work whether a directory may be
//     written.
//  2. Write writes a file of a directory that nobody reads yet, MakeDirs its directories. Overwrite writes one over
//     an earlier output that CheckOutput has accepted (output.go).
//  3. Replace fills a new directory, and puts it in the place of the old one when all
//     of it is there (replace.go). Systems differ in how (swap_linux.go, swap_darwin.go,
//     swap_other.go).
//  4. What is being written stands beside its target, under a name that tells whose it
//     is. Only one process at a time changes a target, and clears away what killed ones
//     left (siblings.go, lock_unix.go).
//  5. Every step that a disk can refuse asks Inject's function first (fault.go), so that
//     tests can make each of them fail.
package files

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// EmptyOrOurs reports why nothing may be written to the directory dir, which need not
// exist: its parent is not writable, or dir holds entries that ours rejects. The error
// is then the name of dir, followed by foreign. A directory without a name of its own, such
// as the working directory by ".", can't be exchanged for another, nor can a mount point.
func EmptyOrOurs(dir string, ours func(entries []fs.DirEntry) bool, foreign string) error {
	if base := filepath.Base(filepath.Clean(dir)); base == "." || base == ".." || base == string(filepath.Separator) {
		return fmt.Errorf("the output can't take the place of the directory %q: name a new one (-o)", dir)
	}
	if isMountPoint(dir) {
		return fmt.Errorf("%s is a mount point, which can't be exchanged for another directory: "+
			"name a directory below it", dir)
	}
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Lstat(dir); err == nil {
			return fmt.Errorf("%s is a link that leads nowhere", dir)
		}
		return Writable(filepath.Dir(filepath.Clean(dir)))
	case err != nil:
		return err
	case len(entries) > 0 && !ours(entries):
		return fmt.Errorf("%s %s", dir, foreign)
	}
	return nil
}

// Empty is EmptyOrOurs for a new directory, which may hold nothing.
func Empty(dir string) error {
	none := func([]fs.DirEntry) bool { return false }
	return EmptyOrOurs(dir, none, "is not empty: it is left alone; name a new directory")
}

// Writable reports why nothing can be made in dir, or in the nearest parent that
// exists.
func Writable(dir string) error {
	for parent := filepath.Dir(dir); parent != dir; parent = filepath.Dir(dir) {
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		dir = parent
	}
	return mayWrite(dir)
}

// Write creates a file and reports every error of writing it, those of the last flush,
// of the disk and of closing included.
func Write(path string, write func(io.Writer) error) error {
	if err := ask(opCreate, path); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return fill(f, write)
}

// MakeDirs makes the directory dir below tmp, which is there and is being filled, with those between.
func MakeDirs(tmp, dir string) error {
	rel, err := filepath.Rel(tmp, dir)
	if err != nil {
		return err
	}
	at := tmp
	for _, name := range strings.Split(filepath.Clean(rel), string(filepath.Separator)) {
		at = filepath.Join(at, name)
		if err := mkdir(at); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		if err := syncDir(filepath.Dir(at)); err != nil {
			return err
		}
	}
	return nil
}

// fill writes a new file to the disk, and closes it.
func fill(f *os.File, write func(io.Writer) error) (err error) {
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	b := bufio.NewWriterSize(asking{f}, 1<<18)
	if err := write(b); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(f.Name()), err)
	}
	if err := b.Flush(); err != nil {
		return err
	}
	return syncFile(f)
}

// syncFile waits until the disk has a file, or the entries of a directory. Some file systems
// can't say so for directories: that is no error.
func syncFile(f *os.File) error {
	if err := ask(opSync, f.Name()); err != nil {
		return err
	}
	if err := f.Sync(); err != nil && !cannotSync(err) {
		return err
	}
	return nil
}

// syncDir waits until the disk has the entries of a directory.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(syncFile(f), f.Close())
}
