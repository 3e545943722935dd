package report

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// CheckTarget reports why a report can't be put at dir: something else than a
// report is there, or nothing can be written beside it.
func CheckTarget(dir string) error {
	if base := filepath.Base(filepath.Clean(dir)); base == "." || base == ".." || base == string(filepath.Separator) {
		return fmt.Errorf("the report can't take the place of the directory %q: name a new one with -o", dir)
	}
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Lstat(dir); err == nil {
			return fmt.Errorf("%s is a link that leads nowhere", dir)
		}
	case err != nil:
		return err
	case len(entries) > 0 && !isReport(dir, entries):
		return fmt.Errorf("%s is not empty and not just a report of this program: it is left alone; name another directory with -o", dir)
	}
	return writable(filepath.Dir(filepath.Clean(dir)))
}

// writable reports why nothing can be made in dir, or in the nearest parent
// that exists.
func writable(dir string) error {
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

// isReport reports whether dir holds a report and nothing else: its summary
// says so, and only tables stand beside it.
func isReport(dir string, entries []fs.DirEntry) bool {
	s, err := ReadSummary(dir)
	return err == nil && s.Program.Schema > 0 && !slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		table, isTable := strings.CutSuffix(e.Name(), ".parquet")
		return !e.Type().IsRegular() || e.Name() != "summary.json" && !(isTable && slices.Contains(Tables, table))
	})
}

// replaceDir lets fill write into a new directory beside dir, and then puts it
// in the place of dir. If fill fails, dir is as it was.
func replaceDir(dir string, fill func(tmp string) error) error {
	if err := CheckTarget(dir); err != nil {
		return err
	}
	dir = filepath.Clean(dir)
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real // a link to a report goes on leading to it
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o777); err != nil {
		return err
	}
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
