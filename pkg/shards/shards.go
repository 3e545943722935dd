// Package shards cuts one annotation file into several that together hold its records, for machines that read a
// shard each.
//
//  1. Write names the shards, lets coco.Split give each its bytes, and writes a table of them: shards.csv.
//  2. Check tells before any work whether a directory may be written: it is empty, or holds the shards of an
//     earlier run as they were written, and nothing else.
package shards

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"focalaudit/pkg/coco"
	"focalaudit/pkg/files"
	"focalaudit/pkg/find"
)

// Max is the largest number of shards.
const Max = 10_000

// TableName is the name of the table of the shards.
const TableName = "shards.csv"

// Shard is one of the files.
type Shard struct {
	File                string
	Images, Annotations int64 // elements of these arrays, whatever they are
	Bytes               int64
	SHA256              string // hex
}

// Result is what Write wrote.
type Result struct {
	Shards []Shard
	coco.Parts
}

// held is how much of the shards is held in memory until it is worth a write, in bytes.
const held = 128 << 20

// Write cuts a file into n shards in dir, which Check must accept. Either all of them are there in the end, or
// dir is as it was. The shards do not depend on the number of workers.
func Write(ctx context.Context, dir string, f find.File, n int, o coco.Options) (*Result, error) {
	if err := Check(dir); err != nil {
		return nil, err
	}
	var r Result
	err := files.Replace(dir, kind(), func(tmp string) error {
		var paths []string
		for i := range n {
			paths = append(paths, filepath.Join(tmp, Name(f.Path, i, n)))
		}
		many, err := files.NewMany(paths, held)
		if err != nil {
			return err
		}
		parts, err := coco.Split(ctx, f, n, many.Write, o)
		if err != nil {
			return err
		}
		if err := many.Close(); err != nil {
			return err
		}
		r.Parts = *parts
		for i, path := range paths {
			s := Shard{File: filepath.Base(path), Images: parts.Images[i], Annotations: parts.Annotations[i]}
			s.Bytes, s.SHA256 = many.Sum(i)
			r.Shards = append(r.Shards, s)
		}
		return files.Write(filepath.Join(tmp, TableName), func(w io.Writer) error { return writeTable(w, r.Shards) })
	})
	return &r, err
}

// Name returns the name of the i-th of n shards of a file.
func Name(path string, i, n int) string {
	name := filepath.Base(path)
	for _, end := range coco.Endings {
		if find.HasEnding(name, []string{end}) {
			name = name[:len(name)-len(end)]
			break
		}
	}
	return fmt.Sprintf("%s-%05d-of-%05d.json", name, i+1, n)
}

// header is the first row of the table. Its columns are those of Shard.
var header = []string{"file", "images", "annotations", "bytes", "sha256"}

func writeTable(w io.Writer, list []Shard) error {
	t := csv.NewWriter(w)
	rows := [][]string{header}
	for _, s := range list {
		rows = append(rows, []string{s.File, strconv.FormatInt(s.Images, 10), strconv.FormatInt(s.Annotations, 10),
			strconv.FormatInt(s.Bytes, 10), s.SHA256})
	}
	return t.WriteAll(rows)
}

// maxTable bounds a table, in bytes: Max names of 255 bytes and their numbers.
const maxTable = 8 << 20

// Table returns the shards that a directory should hold.
func Table(dir string) ([]Shard, error) {
	data, err := files.ReadSmall(filepath.Join(dir, TableName), maxTable)
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(strings.NewReader(string(data))).ReadAll()
	if err != nil || len(rows) == 0 || !slices.Equal(rows[0], header) {
		return nil, fmt.Errorf("%s in %s is no table of shards: expected the columns %s", TableName, dir,
			strings.Join(header, ", "))
	}
	var list []Shard
	for _, row := range rows[1:] {
		var n [3]int64
		for k := range n {
			if n[k], err = strconv.ParseInt(row[k+1], 10, 64); err != nil {
				return nil, fmt.Errorf("%s in %s: %s is %q, expected a whole number", TableName, dir, header[k+1], row[k+1])
			}
		}
		list = append(list, Shard{row[0], n[0], n[1], n[2], row[4]})
	}
	return list, nil
}

// Check reports why no shards can be written to dir: it holds something else than the shards of an earlier run,
// or one that is not any more as it was written.
func Check(dir string) error {
	var changed error
	ours := func(entries []fs.DirEntry) bool {
		list, err := Table(dir)
		if err != nil {
			return false
		}
		for _, e := range entries {
			k := slices.IndexFunc(list, func(s Shard) bool { return s.File == e.Name() })
			switch {
			case e.Name() == TableName && e.Type().IsRegular():
			case k < 0 || !e.Type().IsRegular():
				return false
			default:
				if changed = list[k].unchanged(dir); changed != nil {
					return false
				}
			}
		}
		return true
	}
	err := files.EmptyOrOurs(dir, ours,
		"is not empty and not just the shards of an earlier split: it is left alone; name another directory with -o")
	if changed != nil {
		return changed
	}
	if err != nil {
		return err
	}
	return files.Writable(filepath.Dir(filepath.Clean(dir)))
}

// unchanged reports that a shard is not as the table has it: somebody has worked on it.
func (s *Shard) unchanged(dir string) error {
	f, err := files.Open(filepath.Join(dir, s.File))
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	if err != nil {
		return err
	}
	if n != s.Bytes || hex.EncodeToString(sum.Sum(nil)) != s.SHA256 {
		return fmt.Errorf("%s was changed since it was written: %s is left alone; name another directory with -o",
			filepath.Join(dir, s.File), dir)
	}
	return nil
}

// kind is the kind of a directory of shards, for files.Replace. The table of a directory is read before anything
// of it is removed.
func kind() files.Kind {
	var mu sync.Mutex
	tables := map[string][]Shard{}
	return files.Kind{Check: Check, Ours: func(dir string, e fs.DirEntry) bool {
		mu.Lock()
		defer mu.Unlock()
		list, had := tables[dir]
		if !had {
			list, _ = Table(dir) // without one nothing is ours
			tables[dir] = list
		}
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || list == nil {
			return false
		}
		return e.Name() == TableName || slices.ContainsFunc(list, func(s Shard) bool {
			return s.File == e.Name() && s.Bytes == info.Size()
		})
	}}
}

// errNone is the error of a path that stands for no single file.
var errNone = errors.New("expected one annotation file")

// File returns the file at a path, which must not be a directory.
func File(path string) (find.File, error) {
	list, err := coco.Find([]string{path}, nil, nil)
	if err != nil {
		return find.File{}, err
	}
	if len(list) != 1 || !list[0].Listed {
		return find.File{}, fmt.Errorf("%s is a directory, %w: its files can be read apart as they are (--include)",
			path, errNone)
	}
	return list[0], nil
}
