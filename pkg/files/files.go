// Package files writes files and directories so that nothing half-written is found and
// nothing foreign is overwritten.
//
//  1. EmptyOrOurs, Empty and Writable tell before any work whether a directory may be
//     written.
//  2. Write writes a file and reports every error of it.
//  3. Replace fills a new directory, and puts it in the place of the old one when all
//     of it is there (swap_linux.go, swap_other.go).
package files

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// EmptyOrOurs reports why nothing may be written to the directory dir, which need not
// exist: its parent is not writable, or dir holds entries that ours rejects. The error
// is then the name of dir, followed by foreign.
func EmptyOrOurs(dir string, ours func(entries []fs.DirEntry) bool, foreign string) error {
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
	probe, err := os.MkdirTemp(dir, ".focalaudit-")
	if err != nil {
		return err
	}
	return os.Remove(probe)
}

// Write creates a file and reports every error of writing it, those of the last flush
// and of closing included.
func Write(path string, write func(io.Writer) error) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	b := bufio.NewWriterSize(f, 1<<18)
	if err := write(b); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	return b.Flush()
}

// Replace lets fill write into a new directory beside dir, and then puts it in the
// place of dir, whatever is there. If fill fails, dir is as it was.
func Replace(dir string, fill func(tmp string) error) error {
	dir = filepath.Clean(dir)
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real // a link to a directory goes on leading to it
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o777); err != nil {
		return err
	}
	tmp := filepath.Join(filepath.Dir(dir),
		fmt.Sprintf(".%s.tmp-%d-%x", filepath.Base(dir), os.Getpid(), rand.Uint32()))
	if err := os.Mkdir(tmp, 0o777); err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if err := fill(tmp); err != nil {
		return err
	}
	return swap(tmp, dir)
}

// swapByRenaming puts tmp in the place of dir by two renames, for systems that
// cannot exchange two directories at once.
func swapByRenaming(tmp, dir string) error {
	old := tmp + ".old"
	err := os.Rename(dir, old)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	had := err == nil
	if err := os.Rename(tmp, dir); err != nil {
		if had {
			return errors.Join(err, os.Rename(old, dir))
		}
		return err
	}
	return os.RemoveAll(old)
}
