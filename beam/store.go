package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
)

// remote reports whether a path is not one of this machine's.
func remote(at string) bool { return strings.Contains(at, "://") }

// join returns the path of a file below a directory.
func join(dir, name string) string {
	if remote(dir) {
		return strings.TrimRight(dir, "/") + "/" + name
	}
	return filepath.Join(dir, name)
}

// dirOf returns the directory of a file.
func dirOf(file string) string {
	if remote(file) {
		return file[:strings.LastIndexByte(file, '/')]
	}
	return filepath.Dir(file)
}

// whole is the path of a file as find.File has it: the one that no other file has.
func whole(file string) string {
	if scheme, rest, ok := strings.Cut(file, "://"); ok {
		return scheme + "/" + rest
	}
	at, err := filepath.Abs(file)
	if err != nil {
		at = file
	}
	return strings.Trim(filepath.ToSlash(at), "/")
}

// partName is the name of a file's part: the file's, and a hash of its path.
func partName(file string) string {
	sum := sha256.Sum256([]byte(whole(file)))
	return fmt.Sprintf("%s-%x", path.Base(filepath.ToSlash(file)), sum[:6])
}

// glob returns the files that a pattern stands for, sorted.
func glob(ctx context.Context, pattern string) ([]string, error) {
	fs, err := filesystem.New(ctx, pattern)
	if err != nil {
		return nil, err
	}
	defer fs.Close()
	files, err := fs.List(ctx, pattern)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("-input %s: no file has such a name", pattern)
	}
	if !remote(pattern) { // workers may have another working directory
		for i := range files {
			if files[i], err = filepath.Abs(files[i]); err != nil {
				return nil, err
			}
		}
	}
	slices.Sort(files)
	return files, nil
}

// fetch returns the path of a file on this machine: a copy in dir if it lies elsewhere.
func fetch(ctx context.Context, file, dir string) (string, error) {
	if !remote(file) {
		return file, nil
	}
	to := filepath.Join(dir, path.Base(file))
	return to, transfer(ctx, file, to)
}

// The files of a part. part.json is the last, so that a part that has it is whole.
var partFiles = []string{"records.pack", "lists.pack", "rows.pack", "sources.pack", "part.json"}

// fetchPart returns the directory of a part on this machine: a copy at dir if it lies elsewhere.
func fetchPart(ctx context.Context, at, dir string) (string, error) {
	if !remote(at) {
		return at, nil
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", err
	}
	for _, name := range partFiles {
		if err := transfer(ctx, join(at, name), filepath.Join(dir, name)); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// store copies the files of a directory of this machine to another one, which may lie elsewhere.
func store(ctx context.Context, dir, to string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	last := []string{"part.json", "summary.json"} // what says that a directory is whole
	slices.SortStableFunc(entries, func(a, b os.DirEntry) int {
		return boolInt(slices.Contains(last, a.Name())) - boolInt(slices.Contains(last, b.Name()))
	})
	for _, e := range entries {
		if err := transfer(ctx, filepath.Join(dir, e.Name()), join(to, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// transfer copies a file between any two file systems.
func transfer(ctx context.Context, from, to string) (err error) {
	source, err := filesystem.New(ctx, from)
	if err != nil {
		return err
	}
	defer source.Close()
	r, err := source.OpenRead(ctx, from)
	if err != nil {
		return err
	}
	defer r.Close()
	target, err := filesystem.New(ctx, to)
	if err != nil {
		return err
	}
	defer target.Close()
	w, err := target.OpenWrite(ctx, to)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return errors.Join(err, w.Close()) // closing commits it
}
