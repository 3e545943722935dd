package report

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"focalaudit/pkg/files"
)

// CheckTarget reports why a report can't be put at dir: something else than a
// report is there, or nothing can be written beside it.
func CheckTarget(dir string) error {
	if base := filepath.Base(filepath.Clean(dir)); base == "." || base == ".." || base == string(filepath.Separator) {
		return fmt.Errorf("the report can't take the place of the directory %q: name a new one with -o", dir)
	}
	ours := func(entries []fs.DirEntry) bool { return isReport(dir, entries) }
	err := files.EmptyOrOurs(dir, ours,
		"is not empty and not just a report of this program: it is left alone; name another directory with -o")
	if err != nil {
		return err
	}
	return files.Writable(filepath.Dir(filepath.Clean(dir)))
}

// isReport reports whether dir holds a report and nothing else: its summary
// says so, and only tables stand beside it.
func isReport(dir string, entries []fs.DirEntry) bool {
	s, err := ReadSummary(dir)
	names := Tables()
	return err == nil && s.Program.Schema > 0 && !slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		table, isTable := strings.CutSuffix(e.Name(), ".parquet")
		return !e.Type().IsRegular() || e.Name() != "summary.json" && !(isTable && slices.Contains(names, table))
	})
}

// replaceDir lets fill write a report, and puts it in the place of an earlier one at
// dir. If fill fails, dir is as it was.
func replaceDir(dir string, fill func(tmp string) error) error {
	if err := CheckTarget(dir); err != nil {
		return err
	}
	return files.Replace(dir, fill)
}
