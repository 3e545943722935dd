package main

import (
	"os"
	"path/filepath"
	"slices"

	"focalaudit/pkg/find"
	"focalaudit/pkg/report"
)

// maxNear is how many directories are looked at for the annotations of a report, and maxNamed how many files of it a
// command names one by one.
const (
	maxNear  = 500
	maxNamed = 3
)

// inputsOf returns the arguments that a run of the report in dir may have had, nil where its annotations are not
// found: a report has their names, and no paths, so that it is the same wherever they lie. They are looked for here and
// beside the report, in these directories and those just below, by name and size. What lies in two places is not found.
func inputsOf(dir string) []string {
	s, err := report.ReadSummary(dir)
	if err != nil || len(s.Inputs) == 0 {
		return nil
	}
	var found string
	for _, at := range near(".", filepath.Dir(filepath.Clean(dir))) {
		switch {
		case !holds(at, s.Inputs):
		case found != "":
			return nil
		default:
			found = at
		}
	}
	switch {
	case found == "":
		return nil
	case found != "." && whole(found, s):
		return []string{found}
	case len(s.Inputs) > maxNamed:
		if found == "." {
			return []string{"."}
		}
		return nil // the directory has other files too
	}
	var files []string
	for i := range s.Inputs {
		files = append(files, filepath.Join(found, filepath.FromSlash(s.Inputs[i].Name)))
	}
	return files
}

// near returns directories and those just below them, each once.
func near(dirs ...string) (out []string) {
	seen := map[string]bool{}
	add := func(dir string) {
		if real, err := behindLinks(dir); err == nil && !seen[real] && len(out) < maxNear {
			seen[real] = true
			out = append(out, dir)
		}
	}
	for _, dir := range dirs {
		add(dir)
	}
	for _, dir := range dirs {
		entries, _ := os.ReadDir(dir) // one that can't be read has nothing to be found
		for _, e := range entries {
			if e.IsDir() && e.Name()[0] != '.' {
				add(filepath.Join(dir, e.Name()))
			}
		}
	}
	return out
}

// holds reports whether a directory has all files of a report, under their names and of their sizes.
func holds(dir string, inputs []report.Input) bool {
	return !slices.ContainsFunc(inputs, func(in report.Input) bool {
		name := filepath.FromSlash(in.Name)
		if !filepath.IsLocal(name) {
			return true
		}
		info, err := os.Stat(filepath.Join(dir, name))
		return err != nil || !info.Mode().IsRegular() || info.Size() != in.Bytes
	})
}

// whole reports whether a run that is given a directory reads the files of a report, and no others.
func whole(dir string, s *report.Summary) bool {
	files, err := find.Files([]string{dir}, nil, nil, endings())
	if err != nil {
		return false
	}
	known := map[string]bool{resultsOf(s): true}
	for i := range s.Inputs {
		known[s.Inputs[i].Name] = true
	}
	for _, of := range s.Skipped {
		known[of.Name] = true
	}
	for _, name := range s.RefusedFiles {
		known[name] = true
	}
	return !slices.ContainsFunc(files, func(f find.File) bool { return !known[f.Name] })
}
