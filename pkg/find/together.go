package find

import (
	"path"
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
// argument under which the members were found; that of the argument itself is its last element. Names are as
// long as makes them differ, as by Files.
func Together(list []File, role func(File) Role) []File {
	groups := map[string][]File{} // by directory
	whole := map[string]bool{}    // it has a member
	var dirs []string
	var out []File
	for _, file := range list {
		of := Alone
		if file.Err == nil {
			of = role(file)
		}
		if of == Alone {
			out = append(out, file)
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
		if whole[dir] {
			out = append(out, joined(dir, groups[dir]))
		} else {
			out = append(out, groups[dir]...)
		}
	}
	Name(out)
	slices.SortFunc(out, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// joined is the directory of members.
func joined(dir string, members []File) File {
	d := File{Path: dir, Whole: path.Dir(members[0].Whole), Least: 1}
	for _, m := range members {
		d.Size += m.Size
		d.Listed = d.Listed || m.Listed
		d.Least = max(d.Least, m.Least-1)
		m.Name = filepath.Base(m.Path)
		d.Members = append(d.Members, m)
	}
	slices.SortFunc(d.Members, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return d
}
