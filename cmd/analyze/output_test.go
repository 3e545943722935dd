package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// try runs a command line and returns its status and both streams together.
func try(t *testing.T, args ...string) (int, string) {
	t.Helper()
	var out bytes.Buffer
	status := run(context.Background(), args, &out, &out)
	return status, out.String()
}

// TestNotesBesideAReportAreKept: what somebody put into a report's directory is
// not the program's to delete.
func TestNotesBesideAReportAreKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r")
	sample := filepath.Join("..", "..", "testdata", "sample")
	if status, text := try(t, "run", sample, "-q", "-o", dir); status != statusFine {
		t.Fatal(text)
	}
	note := filepath.Join(dir, "note.txt")
	if err := os.WriteFile(note, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if status, text := try(t, "run", sample, "-q", "-o", dir); status != statusTrouble || !strings.Contains(text, "left alone") {
		t.Errorf("got status %d, %s", status, text)
	}
	if _, err := os.Stat(note); err != nil {
		t.Error(err)
	}
}

// TestLinkedReport: a link to a report goes on leading to it.
func TestLinkedReport(t *testing.T) {
	base := t.TempDir()
	real, link := filepath.Join(base, "real"), filepath.Join(base, "link")
	sample := filepath.Join("..", "..", "testdata", "sample")
	for range 2 {
		if status, text := try(t, "run", sample, "-q", "-o", real); status != statusFine {
			t.Fatal(text)
		}
		os.Remove(filepath.Join(real, "findings.parquet"))
		if err := os.Symlink("real", link); err != nil && !os.IsExist(err) {
			t.Skip(err)
		}
		if status, text := try(t, "run", sample, "-q", "-o", link); status != statusFine {
			t.Fatal(text)
		}
		if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
			t.Errorf("the link is gone: %v, %v", info, err)
		}
		if _, err := os.Stat(filepath.Join(real, "findings.parquet")); err != nil {
			t.Error(err)
		}
	}
}

// TestReportWithinTheInput: the report of an earlier run is not part of the
// input of the next one, so that both say the same.
func TestReportWithinTheInput(t *testing.T) {
	dir := t.TempDir()
	data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "sample", "street.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "street.json"), data, 0o644); err != nil {
		t.Fatal(err)
	}
	var summaries [2][]byte
	for i := range summaries {
		if status, text := try(t, "run", dir, "-q", "-o", filepath.Join(dir, "report")); status != statusFine {
			t.Fatal(text)
		}
		if summaries[i], err = os.ReadFile(filepath.Join(dir, "report", "summary.json")); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(summaries[0], summaries[1]) {
		t.Errorf("the second summary is another one:\n%s\n%s", summaries[0], summaries[1])
	}
}

// TestNamesCannotCommandTheTerminal: control characters of names are not
// printed.
func TestNamesCannotCommandTheTerminal(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"evil\x1b[31m.json": `{"other": 1}`,
		"bad\x1b[32m.json":  `{"images": [`,
		"good.json":         `{"images":[{"id":"\u001b[33m","file_name":"a","width":9,"height":9}],"annotations":[{"id":"\u001b[34m","image_id":"\u001b[33m","category_id":1,"bbox":[1,1,0,0]}],"categories":[{"id":1,"name":"\u001b[35m"}]}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Skip(err)
		}
	}
	status, text := try(t, "run", dir, "-o", filepath.Join(t.TempDir(), "r"))
	if status != statusTrouble || strings.Contains(text, "\x1b") {
		t.Errorf("got status %d, %q", status, text)
	}
}

// TestFractionsOfPixels: the YAML library would cut them off.
func TestFractionsOfPixels(t *testing.T) {
	for _, text := range []string{"pad: 32.5", "resize: {short_side: 800.5}", "pad: 32\n---\npad: 64", ""} {
		path := filepath.Join(t.TempDir(), "p.yaml")
		if text != "" {
			text = "extends: retinanet-torchvision\n" + text
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		status, out := try(t, "run", filepath.Join("..", "..", "testdata", "sample"), "-o", filepath.Join(t.TempDir(), "r"), "-a", path)
		if status != statusTrouble || !strings.Contains(out, "expected") {
			t.Errorf("%q: got status %d, %s", text, status, out)
		}
	}
}
