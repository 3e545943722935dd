package report

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tree lists everything below dir, files with their content.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	got := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		if d.IsDir() {
			got[rel] = "<dir>"
			return nil
		}
		data, err := os.ReadFile(path)
		got[rel] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func expectTree(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	got := tree(t, dir)
	for name, text := range want {
		if g, ok := got[name]; !ok || g != text {
			t.Errorf("%s: got %q (there: %v), want %q", name, g, ok, text)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s is left over", name)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// summaryText is the least by which a directory is known as a report.
const summaryText = `{"focalaudit": {"version": "0", "schema": 1}}`

// cutTable begins a table that was cut off, which is known as ours.
const cutTable = "PAR1"

// filler fills a report of one file.
func filler(text string) func(string) error {
	return func(tmp string) error {
		return errors.Join(os.WriteFile(filepath.Join(tmp, "summary.json"), []byte(summaryText), 0o666),
			os.WriteFile(filepath.Join(tmp, "images.parquet"), []byte(cutTable+text), 0o666))
	}
}

func TestReplaceDir(t *testing.T) {
	for _, c := range []struct {
		name  string
		given map[string]string // below the parent, before; the target is "r"
	}{
		{"absent", nil},
		{"empty", map[string]string{"r/": ""}},
		{"an earlier report", map[string]string{"r/summary.json": summaryText, "r/images.parquet": cutTable + "old", "r/losses.parquet": cutTable + "old"}},
		{"neighbours stay", map[string]string{"r/summary.json": summaryText, "other/a.txt": "mine"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			parent := t.TempDir()
			want := map[string]string{"r": "<dir>", "r/summary.json": summaryText, "r/images.parquet": cutTable + "new"}
			for name, text := range c.given {
				if strings.HasSuffix(name, "/") {
					os.Mkdir(filepath.Join(parent, name), 0o777)
					continue
				}
				write(t, filepath.Join(parent, name), text)
				if !strings.HasPrefix(name, "r/") {
					want[name], want[filepath.Dir(name)] = text, "<dir>"
				}
			}
			if err := replaceDir(filepath.Join(parent, "r"), filler("new")); err != nil {
				t.Fatal(err)
			}
			expectTree(t, parent, want)
		})
	}
}

// TestReplaceDirMakesParents: -o a/b/report needs no mkdir.
func TestReplaceDirMakesParents(t *testing.T) {
	parent := t.TempDir()
	if err := replaceDir(filepath.Join(parent, "a", "b", "r")+"/", filler("new")); err != nil {
		t.Fatal(err)
	}
	expectTree(t, filepath.Join(parent, "a", "b"), map[string]string{"r": "<dir>", "r/summary.json": summaryText, "r/images.parquet": cutTable + "new"})
}

// TestReplaceDirWhileFilling: what is at the target stays until all is there.
func TestReplaceDirWhileFilling(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r")
	if err := replaceDir(dir, filler("old")); err != nil {
		t.Fatal(err)
	}
	err := replaceDir(dir, func(tmp string) error {
		if filepath.Dir(tmp) != filepath.Dir(dir) || tmp == dir {
			t.Errorf("%s is not beside %s: a rename could cross file systems", tmp, dir)
		}
		expectTree(t, dir, map[string]string{"summary.json": summaryText, "images.parquet": cutTable + "old"})
		return filler("new")(tmp)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestForeignDirectoriesAreLeftAlone(t *testing.T) {
	for name, given := range map[string]map[string]string{
		"files":                            {"notes.txt": "mine"},
		"a directory":                      {"sub/notes.txt": "mine"},
		"hidden":                           {".git/HEAD": "ref"},
		"a summary of something else":      {"summary.json": `{"total": 3}`},
		"a summary that is no JSON":        {"summary.json": "total: 3"},
		"a summary of schema 0":            {"summary.json": `{"focalaudit": {"version": "0", "schema": 0}}`},
		"a summary that is a directory":    {"summary.json/a": "mine"},
		"tables without a summary":         {"images.parquet": "mine"},
		"a summary of schema of text":      {"summary.json": `{"focalaudit": {"schema": "1"}}`},
		"an annotation file of that name":  {"summary.json": `{"images": [], "annotations": []}`},
		"a list where a report's would be": {"summary.json": `[]`},
		"a table of another program":       {"summary.json": summaryText, "images.parquet": "PAR1 rows, created by another PAR1"},
		"text by the name of a table":      {"summary.json": summaryText, "images.parquet": "mine"},
		"a page of another program":        {"summary.json": summaryText, "index.html": "<!doctype html>\n<html>mine"},
	} {
		t.Run(name, func(t *testing.T) {
			parent := t.TempDir()
			dir := filepath.Join(parent, "r")
			for f, text := range given {
				write(t, filepath.Join(dir, f), text)
			}
			before := tree(t, parent)
			check := func(err error) {
				t.Helper()
				if err == nil || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "left alone") {
					t.Errorf("got %v, expected an error that names %s", err, dir)
				}
				expectTree(t, parent, before)
			}
			check(CheckTarget(dir))
			check(replaceDir(dir, func(string) error { t.Error("filled"); return nil }))
		})
	}
}

// TestWhatAppearsIsKept: files that somebody puts into a report while it is written are
// none of ours by their content, whatever their names.
func TestWhatAppearsIsKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r")
	if err := replaceDir(dir, filler("old")); err != nil {
		t.Fatal(err)
	}
	if got := Strangers(dir); len(got) != 0 {
		t.Errorf("got %q", got)
	}
	err := replaceDir(dir, func(tmp string) error {
		write(t, filepath.Join(dir, "notes.txt"), "mine")
		write(t, filepath.Join(dir, "summary.json"), `{"total": 3}`)
		write(t, filepath.Join(dir, "images.parquet"), "PAR1 rows, created by another PAR1")
		return filler("new")(tmp)
	})
	if err != nil {
		t.Fatal(err)
	}
	expectTree(t, dir, map[string]string{
		"summary.json": summaryText, "images.parquet": cutTable + "new", "notes.txt": "mine",
		"summary.json.kept-1": `{"total": 3}`, "images.parquet.kept-1": "PAR1 rows, created by another PAR1",
	})
	if got := Strangers(dir); len(got) != 3 {
		t.Errorf("got %q", got)
	}
}

// TestTargetIsAFile: neither a file at the target nor one above it is touched.
func TestTargetIsAFile(t *testing.T) {
	parent := t.TempDir()
	file := filepath.Join(parent, "f")
	write(t, file, "mine")
	for _, dir := range []string{file, filepath.Join(file, "r"), filepath.Join(file, "a", "r")} {
		if err := CheckTarget(dir); err == nil {
			t.Errorf("CheckTarget(%s): accepted", dir)
		}
		if err := replaceDir(dir, filler("new")); err == nil {
			t.Errorf("replaceDir(%s): accepted", dir)
		}
	}
	expectTree(t, parent, map[string]string{"f": "mine"})
}

// TestFillFails: the old report stays as it was, and no temporary directory is
// left, whether there was a report or not.
func TestFillFails(t *testing.T) {
	disk := errors.New("the disk is full")
	for _, had := range []bool{false, true} {
		parent := t.TempDir()
		dir := filepath.Join(parent, "r")
		if had {
			if err := replaceDir(dir, filler("old")); err != nil {
				t.Fatal(err)
			}
		}
		before := tree(t, parent)
		err := replaceDir(dir, func(tmp string) error { return errors.Join(filler("half")(tmp), disk) })
		if !errors.Is(err, disk) {
			t.Errorf("got %v, want %v", err, disk)
		}
		expectTree(t, parent, before)
	}
}

// TestFillPanics: not even a panic leaves a temporary directory.
func TestFillPanics(t *testing.T) {
	parent := t.TempDir()
	func() {
		defer func() { _ = recover() }()
		_ = replaceDir(filepath.Join(parent, "r"), func(string) error { panic("ours to fix") })
	}()
	expectTree(t, parent, map[string]string{})
}

func TestReadOnlyParent(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may write anywhere")
	}
	parent := t.TempDir()
	dir := filepath.Join(parent, "r")
	if err := replaceDir(dir, filler("old")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(parent, 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(parent, 0o777) })
	before := tree(t, parent)
	for _, target := range []string{dir, filepath.Join(parent, "new"), filepath.Join(parent, "a", "b")} {
		if err := replaceDir(target, filler("new")); !errors.Is(err, os.ErrPermission) {
			t.Errorf("%s: got %v", target, err)
		}
	}
	expectTree(t, parent, before)
}

// names returns the names in a directory.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	slices.Sort(all)
	return all
}
