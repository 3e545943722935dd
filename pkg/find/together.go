package find

import (
	"path/filepath"
	"slices"
	"strings"
)

// Role is the part that a file plays beside the others of its directory.
type Role uint8

// The roles of a file.
const (
	Alone   Role = iota // it is a source of its own
	Member              // it is one of those that are a source together
	Unclear             // it can't be told, since the file is broken: it goes with the members beside it, if there are any
)

// Together makes one file of the members that stand in one directory, with the directory as its path and
// their sizes' sum, and leaves the others as they are. The name is that of the directory, relative to the
// argument under which the members were found; that of the argument itself is its last element. Names are lengthened
// until they differ, as by Files.
func Together(list []File, role func(File) Role) []File {
	groups := map[string][]File{} // by directory
	whole := map[string]bool{}    // it has a member
	var dirs []string
	var f finder
	for _, file := range list {
		of := Alone
		if file.Err == nil {
			of = role(file)
		}
		if of == Alone {
			f.found = append(f.found, restored(file))
			continue
		}
		dir := filepath.Dir(file.Path)
		if groups[dir] == nil {
			dirs = append(dirs, dir)
		}
		groups[dir] = append(groups[dir], file)
		whole[dir] = whole[dir] || of == Member
	}
	for _, dir := range dirs {
		if !whole[dir] {
			for _, file := range groups[dir] {
				f.found = append(f.found, restored(file))
			}
			continue
		}
		f.found = append(f.found, joined(dir, groups[dir]))
	}
	f.rename()
	out := make([]File, len(f.found))
	for i, c := range f.found {
		out[i] = c.File
	}
	slices.SortFunc(out, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// joined is the directory of members.
func joined(dir string, members []File) candidate {
	c := candidate{File: File{Path: dir}}
	named := 1
	for _, m := range members {
		c.Size += m.Size
		c.Listed = c.Listed || m.Listed
		named = max(named, strings.Count(m.Name, "/"))
		m.Name = filepath.Base(m.Path)
		c.Members = append(c.Members, m)
	}
	slices.SortFunc(c.Members, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	c.elements = elements(dir)
	c.name(named)
	return c
}

// restored is a file with the elements of its path, so that its name can be lengthened.
func restored(f File) candidate {
	c := candidate{File: f, named: strings.Count(f.Name, "/") + 1}
	if f.Err == nil {
		c.elements = elements(f.Path)
	}
	return c
}

// elements returns the elements of a path's absolute form.
func elements(path string) []string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	return strings.Split(strings.Trim(filepath.ToSlash(path), "/"), "/")
}
