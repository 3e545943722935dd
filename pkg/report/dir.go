package report

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// CheckTarget reports why a report can't be put at dir: something else than a
// report is there, or the parent isn't a directory that can be written to.
func CheckTarget(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return os.MkdirAll(filepath.Dir(filepath.Clean(dir)), 0o777)
	case err != nil:
		return err
	case len(entries) == 0 || isReport(dir):
		return nil
	}
	return fmt.Errorf("%s is not empty and not a report of this program: it is left alone; name another directory with -o", dir)
}

// isReport reports whether dir holds a report: its summary says so.
func isReport(dir string) bool {
	s, err := ReadSummary(dir)
	return err == nil && s.Program.Schema > 0
}

// replaceDir lets fill write into a new directory beside dir, and then puts it
// in the place of dir. If fill fails, dir is as it was.
func replaceDir(dir string, fill func(tmp string) error) error {
	if err := CheckTarget(dir); err != nil {
		return err
	}
	dir = filepath.Clean(dir)
	tmp := filepath.Join(filepath.Dir(dir), fmt.Sprintf(".%s.tmp-%d-%x", filepath.Base(dir), os.Getpid(), rand.Uint32()))
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
