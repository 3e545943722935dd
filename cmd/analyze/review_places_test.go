package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestReviewPlaces: the paths of the table lead, from where it lies, to the row of the page that has its label, and to the
// picture; none leads out of the directory of the pictures. The table is taken back with them, and then nothing is left
// to review.
func TestReviewPlaces(t *testing.T) {
	dir := t.TempDir()
	of := suspected(t, dir)
	pictures := filepath.Join(dir, "photos of 2024")
	if err := os.MkdirAll(pictures, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(pictures, "street_025.jpg"), "")
	handed := filepath.Join(dir, "deep", "handed")
	if err := os.Mkdir(filepath.Dir(handed), 0o755); err != nil {
		t.Fatal(err)
	}
	analyze(t, "review", of, sampleDir, "-o", handed, "--images", pictures).unwrapped().expect(t, statusFine,
		"pictures could not be found in "+pictures+"; the first is street_0", "the column picture is empty there")
	sheet := filepath.Join(handed, "review.csv")
	rows := readTable(t, sheet)
	column := func(row []string, name string) string { return row[slices.Index(rows[0], name)] }
	found := 0
	for _, row := range rows[1:] {
		name, anchor, _ := strings.Cut(column(row, "page"), "#")
		page, err := os.ReadFile(filepath.Join(handed, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		_, at, there := strings.Cut(string(page), `id="`+anchor+`"`)
		at, _, _ = strings.Cut(at, "</tr>")
		if !there || !strings.Contains(at, column(row, "file_name")) || !strings.Contains(at, column(row, "kind")) {
			t.Errorf("%s leads to %q", column(row, "page"), at)
		}
		picture := column(row, "picture")
		if is := column(row, "file_name") == "street_025.jpg"; is != (picture != "") {
			t.Errorf("the picture of %s is %q", column(row, "file_name"), picture)
		}
		if picture != "" {
			found++
			if _, err := os.Stat(filepath.Join(handed, filepath.FromSlash(picture))); err != nil {
				t.Error(err)
			}
		}
	}
	if found == 0 {
		t.Error("no row has a picture")
	}
	decideAll(t, sheet)
	corrected, after := filepath.Join(dir, "corrected"), filepath.Join(dir, "after")
	analyze(t, "review", of, sampleDir, "--apply", sheet, "-o", corrected).expect(t, statusFine)
	analyze(t, "run", corrected, "-q", "-o", after, "--scores", "detections:../../testdata/detections.json").expect(t, statusFine)
	// once what was wrong is mended, a label may be suspected that was not before: it is decided, too
	again := filepath.Join(dir, "again", "review.csv")
	analyze(t, "review", after, corrected, "-o", filepath.Dir(again)).expect(t, statusFine)
	decideAll(t, again)
	corrected, after = filepath.Join(dir, "corrected again"), filepath.Join(dir, "after again")
	analyze(t, "review", filepath.Join(dir, "after"), filepath.Join(dir, "corrected"), "--apply", again, "-o", corrected).
		expect(t, statusFine)
	analyze(t, "run", corrected, "-q", "-o", after, "--scores", "detections:../../testdata/detections.json").expect(t, statusFine)
	analyze(t, "review", after, corrected, "-o", filepath.Join(dir, "x")).expect(t, statusTrouble,
		"err:no label errors to review: the detector contradicts no label that nobody kept")
	analyze(t, "review", of, sampleDir, "-o", filepath.Join(dir, "x"), "--images", filepath.Join(dir, "nowhere")).
		expect(t, statusTrouble, "err:expected the directory in which the pictures lie")
	f := reviewFlags{images: pictures, output: filepath.Join(dir, "x")}
	at, err := f.places(of)
	if err != nil {
		t.Fatal(err)
	}
	defer at.close()
	const there = "../photos of 2024/street_025.jpg" // from the table, also for the names of a data set that was moved
	for _, name := range []string{"street_025.jpg", "train/street_025.jpg", `C:\\street_025.jpg`} {
		if path := at.Picture(name); path != there {
			t.Errorf("%s leads to %s, want %s", name, path, there)
		}
	}
	write(t, filepath.Join(dir, "secret.jpg"), "")
	if err := os.Symlink(filepath.Join("..", "secret.jpg"), filepath.Join(pictures, "link.jpg")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"../secret.jpg", filepath.Join(dir, "secret.jpg"), ".", "nothing.jpg", "link.jpg"} {
		if path := at.Picture(name); path != "" || !at.missing[name] {
			t.Errorf("%s leads to %s", name, path)
		}
	}
}
