// Package find finds the annotation files that paths stand for.
//
//  1. A path is a file, or a directory that is searched for files whose names have
//     one of the endings of the formats (find.go).
//  2. Globs choose among the files that were found by searching (glob.go).
//  3. Every file gets a name that no other has, by which reports call it.
//  4. Together makes one of those that are a source together (together.go).
package find

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// File is an annotation file that may be read.
type File struct {
	Name   string // in reports: its path relative to the argument it was found under, with /
	Path   string // where to open it
	Size   int64
	Listed bool  // the user named the file: as a path, or by a glob without wildcards
	Err    error // why it can't be read, if that is known already

	// Whole is the absolute path, with /, of which Name is the last elements; Least is how many elements a
	// name has at least: those below the argument. Both are empty for a file that can't be looked at.
	Whole string
	Least int

	// Members are the files of a directory that are one source together, sorted by name, which is that within the
	// directory. It is nil for a file of its own.
	Members []File
}

// Files returns the files that paths stand for, sorted by name. A path is a file
// or a directory, which is searched for files whose names have one of the endings,
// in lower case here and in any case there. Hidden directories are passed over;
// symbolic links to files are followed, those to directories are not. A file
// that is reached twice counts once. What was found but can't be looked at, such
// as a link that leads nowhere, is found with its Err; so is a directory among the paths without any file of
// these endings, where other paths have some.
//
// The globs choose among the files found by searching, by their name: * and ?
// stand for characters within an element of a path, ** for any number of
// elements, a trailing / for all below. A glob without / holds for an element at any
// depth. One that holds for a directory holds for all files below it, as in a
// .gitignore. If there are any globs to include, a file has to match one of them; it
// must match none to exclude. A glob to include that has no wildcard and is a file's
// own name names that file.
//
// A file's name is its path relative to the argument under which it was found
// first, in the order of the arguments' bytes; for a file its last element. Where
// different files would have one name, the directories above are added until they
// differ.
func Files(paths, include, exclude, endings []string) ([]File, error) {
	found, _, err := Search(paths, include, exclude, endings)
	return found, err
}

// Search is Files that returns the globs too that match no file, in the order of include and exclude.
func Search(paths, include, exclude, endings []string) (found []File, idle []string, err error) {
	f := finder{endings: endings, seen: map[string]int{}, matched: map[string]bool{}}
	for _, g := range slices.Concat(include, exclude) {
		if err := checkGlob(g); err != nil {
			return nil, nil, err
		}
	}
	f.include, f.exclude = include, exclude
	var empty []string // directories in which there is no file
	for _, p := range slices.Sorted(slices.Values(paths)) {
		before := f.met
		if err := f.argument(p); err != nil {
			return nil, nil, err
		}
		if f.met == before {
			empty = append(empty, p)
		}
	}
	if len(f.found) > 0 { // else there is nothing to read, which the caller tells
		for _, p := range slices.Compact(empty) {
			f.broken(p, fmt.Errorf("no file in this directory has an ending such as %s", strings.Join(endings, ", ")))
		}
	}
	Name(f.found)
	slices.SortFunc(f.found, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	for _, g := range slices.Concat(include, exclude) {
		if !f.matched[g] && f.searches {
			idle = append(idle, g)
		}
	}
	return f.found, idle, nil
}

// finder gathers files.
type finder struct {
	include, exclude []string
	endings          []string
	found            []File
	seen             map[string]int // by real path: the index in found
	met              int            // files that were named, or met by searching, whatever the globs say
	searches         bool           // a directory is among the arguments
	matched          map[string]bool
}

func (f *finder) argument(arg string) error {
	if arg == "" {
		return errors.New(`"" is no path: expected a file or a directory (is a variable of the shell empty?)`)
	}
	info, err := os.Stat(arg)
	if err != nil {
		return err
	}
	if !info.IsDir() && !info.Mode().IsRegular() {
		return fmt.Errorf("%s: not a regular file; pipes and devices can't be read, save the data to a file", arg)
	}
	real, err := realPath(arg)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		f.met++
		return f.add(arg, real, filepath.Base(arg), info.Size(), true)
	}
	f.searches = true
	return filepath.WalkDir(real, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && p == real:
			return err
		case err != nil:
			f.met++
			f.broken(strings.TrimPrefix(p[len(real):], string(filepath.Separator)), err)
			return nil
		case d.IsDir() && p != real && strings.HasPrefix(d.Name(), "."):
			return filepath.SkipDir
		case d.IsDir() || !HasEnding(d.Name(), f.endings):
			return nil
		}
		f.met++
		rel, err := filepath.Rel(real, p)
		if err != nil {
			return err
		}
		return f.searched(filepath.Join(arg, rel), p, filepath.ToSlash(rel), d)
	})
}

// searched adds a file found by searching: at path, below a directory whose
// real path is known.
func (f *finder) searched(path, real, name string, d fs.DirEntry) error {
	if !f.wanted(name) {
		return nil
	}
	info, err := os.Stat(real) // behind a link
	switch {
	case err != nil && d.Type()&fs.ModeSymlink != 0:
		f.broken(name, errors.New("the link leads nowhere"))
		return nil
	case err != nil:
		f.broken(name, err)
		return nil
	case !info.Mode().IsRegular():
		return nil
	}
	if d.Type()&fs.ModeSymlink != 0 {
		if real, err = filepath.EvalSymlinks(real); err != nil {
			return err
		}
	}
	return f.add(path, real, name, info.Size(), f.named(name))
}

// broken adds what was found but cannot be looked at: it is refused later, as a
// file that cannot be read is, and the others are still read.
func (f *finder) broken(name string, err error) {
	f.found = append(f.found, File{Name: filepath.ToSlash(name), Err: err})
}

func (f *finder) add(path, real, name string, size int64, listed bool) error {
	if i, ok := f.seen[real]; ok {
		f.found[i].Listed = f.found[i].Listed || listed
		return nil
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	f.seen[real] = len(f.found)
	f.found = append(f.found, File{
		Path: path, Size: size, Listed: listed,
		Whole: strings.Trim(filepath.ToSlash(abs), "/"), Least: strings.Count(name, "/") + 1,
	})
	return nil
}

// Name names files by the last elements of their paths, as few as make the names differ, but no fewer than each
// has at least. Files without a path keep their names.
func Name(files []File) {
	elements, named := make([][]string, len(files)), make([]int, len(files))
	name := func(i, n int) {
		named[i] = min(n, len(elements[i]))
		last := elements[i][len(elements[i])-named[i]:]
		files[i].Name = valid(strings.Join(last, "/"))
	}
	for i := range files {
		if files[i].Whole != "" {
			elements[i] = strings.Split(files[i].Whole, "/")
			name(i, files[i].Least)
		}
	}
	for again := true; again; {
		again = false
		count := map[string]int{}
		for i := range files {
			count[files[i].Name]++
		}
		for i := range files {
			if count[files[i].Name] > 1 && named[i] < len(elements[i]) {
				name(i, named[i]+1)
				again = true
			}
		}
	}
	taken := map[string]bool{} // what is left has a byte that is no UTF-8 where another has its digits
	for i := range files {
		if files[i].Whole != "" && taken[files[i].Name] && files[i].Err == nil {
			files[i].Err = errors.New("another file has this name where \\xNN stands for a byte that is no UTF-8: rename one")
		}
		taken[files[i].Name] = true
	}
}

// valid returns a path with \xNN in place of each byte that is no UTF-8, so that two paths that differ in such bytes
// only have two names.
func valid(path string) string {
	if utf8.ValidString(path) {
		return path
	}
	var b strings.Builder
	for len(path) > 0 {
		r, n := utf8.DecodeRuneInString(path)
		if r == utf8.RuneError && n == 1 {
			fmt.Fprintf(&b, `\x%02x`, path[0])
		} else {
			b.WriteString(path[:n])
		}
		path = path[n:]
	}
	return b.String()
}

// wanted tells whether the globs let a name through.
func (f *finder) wanted(name string) bool {
	included, excluded := f.match(f.include, name), f.match(f.exclude, name)
	return !excluded && (included || len(f.include) == 0)
}

// match tells whether any of some globs holds for a name, and notes all that do.
func (f *finder) match(globs []string, name string) (any bool) {
	for _, g := range globs {
		if matchPath(g, name) {
			any, f.matched[g] = true, true
		}
	}
	return any
}

// named tells whether a glob to include is the file's own name.
func (f *finder) named(name string) bool {
	return slices.ContainsFunc(f.include, func(g string) bool { return !hasWildcard(g) && matchGlob(g, name) })
}

// HasEnding reports whether a file's name has one of the endings, in any case.
func HasEnding(name string, endings []string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(endings, func(end string) bool { return strings.HasSuffix(name, end) })
}

// realPath returns the absolute path without symbolic links.
func realPath(p string) (string, error) {
	abs, err := filepath.Abs(p)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}
