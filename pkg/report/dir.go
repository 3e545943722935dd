package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"focalaudit/pkg/files"
	"focalaudit/pkg/page"
)

// CheckTarget reports why a report can't be put at dir: something else than a
// report is there, or a baseline, or nothing can be written beside it.
func CheckTarget(dir string) error {
	if s, err := ReadSummary(dir); err == nil && s.Baseline {
		return fmt.Errorf("%s holds a baseline, which a report would replace: name another directory with -o", dir)
	}
	return checkOurs(dir)
}

// checkBaselineTarget reports why a baseline can't be put at dir: something else than a baseline is there, such as a
// whole report.
func checkBaselineTarget(dir string) error {
	if s, err := ReadSummary(dir); err == nil && !s.Baseline && s.Program.Schema > 0 {
		return fmt.Errorf("%s holds a whole report, which a baseline would replace: name another directory", dir)
	}
	return checkOurs(dir)
}

// checkOurs reports why dir can't be replaced: it holds something that this program did not write, or nothing can be
// written beside it.
func checkOurs(dir string) error {
	ours := func(entries []fs.DirEntry) bool { return isReport(dir, entries) }
	err := files.EmptyOrOurs(dir, ours, holds(dir)+": it is left alone; name another directory with -o")
	if err != nil {
		return err
	}
	return files.Writable(filepath.Dir(filepath.Clean(dir)))
}

// holds says what dir holds in the place of a report.
func holds(dir string) string {
	has := func(name string) bool {
		_, err := os.Lstat(filepath.Join(dir, name))
		return err == nil
	}
	switch {
	case has(summaryName):
	case isPart(dir):
		return "holds a part of a report (analyze run --part)"
	case has(SizesFile()) || has(TrainerFiles()[0]):
		return "holds a comparison (analyze trainers)"
	}
	return "is not empty and not just a report of this program"
}

// isReport reports whether dir holds a report and nothing else: its summary
// says so, and only tables stand beside it.
func isReport(dir string, entries []fs.DirEntry) bool {
	s, err := ReadSummary(dir)
	return err == nil && s.Program.Schema > 0 && onlyOurs(dir, entries, isReportFile)
}

// onlyOurs reports whether all entries of dir are files that this program wrote.
func onlyOurs(dir string, entries []fs.DirEntry, ours func(dir string, e fs.DirEntry) bool) bool {
	return !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return !ours(dir, e) })
}

// isReportFile reports whether an entry of a directory is a file of a report, whole or cut
// off. An empty file has nothing to lose.
func isReportFile(dir string, e fs.DirEntry) bool {
	begin := `{"focalaudit":`
	switch e.Name() {
	case summaryName:
	case PageName:
		begin = string(spaceless([]byte(page.Begin)))
	default:
		return isTable(append(Tables(), namesOf(trainerTables)...), dir, e)
	}
	if !e.Type().IsRegular() {
		return false
	}
	head, _, err := ends(filepath.Join(dir, e.Name()), 64)
	if err != nil {
		return false
	}
	head = spaceless(head)
	return bytes.HasPrefix(head, []byte(begin)) || strings.HasPrefix(begin, string(head))
}

// spaceless returns text without white space.
func spaceless(text []byte) []byte { return bytes.Join(bytes.Fields(text), nil) }

// isTable reports whether an entry of a directory is a table of one of these names that
// this program wrote, whole or cut off: a Parquet file names its writer in the last bytes.
func isTable(tables []string, dir string, e fs.DirEntry) bool {
	name, parquet := strings.CutSuffix(e.Name(), ".parquet")
	if !e.Type().IsRegular() || !parquet || !slices.Contains(tables, name) {
		return false
	}
	const magic, of = "PAR1", "focalaudit"
	head, tail, err := ends(filepath.Join(dir, e.Name()), len(magic))
	if err != nil || !strings.HasPrefix(magic, string(head)) {
		return false
	}
	cut := len(head) < len(magic) || !bytes.HasSuffix(tail, []byte(magic))
	return cut || bytes.Contains(tail, []byte(of))
}

// ends returns the first n bytes of a file, and the last 1024.
func ends(file string, n int) (head, tail []byte, err error) {
	f, err := files.Open(file)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	head, tail = make([]byte, min(info.Size(), int64(n))), make([]byte, min(info.Size(), 1024))
	_, err = f.ReadAt(head, 0)
	_, err2 := f.ReadAt(tail, info.Size()-int64(len(tail)))
	for _, err := range []error{err, err2} {
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, nil, err
		}
	}
	return head, tail, nil
}

// replaceDir lets fill write a report, and puts it in the place of an earlier one at
// dir. If fill fails, dir is as it was.
func replaceDir(dir string, fill func(tmp string) error) error {
	return replaceChecked(dir, CheckTarget, fill)
}

// replaceChecked is replaceDir for what check accepts at dir.
func replaceChecked(dir string, check func(dir string) error, fill func(tmp string) error) error {
	if err := check(dir); err != nil {
		return err
	}
	return files.Replace(dir, files.Kind{Check: check, Ours: isReportFile}, fill)
}

// Strangers returns the names of what stands beside the report in dir and is none of its
// files: it appeared while the report was written, and was kept.
func Strangers(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		if !isReportFile(dir, e) {
			names = append(names, e.Name())
		}
	}
	return names
}
