package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"focalaudit/pkg/report"
)

// TestDeletedRecords: findings whose annotation or image was deleted are told apart from those that were mended, by diff
// in each of its formats and by the gate, against a report as against its baseline.
func TestDeletedRecords(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	write := func(name string, images, annotations []map[string]any) {
		file, err := json.Marshal(map[string]any{
			"images": images, "annotations": annotations, "categories": []any{map[string]any{"id": 1, "name": "cat"}},
		})
		if err == nil {
			err = os.MkdirAll(filepath.Dir(at(name)), 0o755)
		}
		if err == nil {
			err = os.WriteFile(at(name), file, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	image := func(id int, name string) map[string]any {
		return map[string]any{"id": id, "file_name": name, "width": 640, "height": 480}
	}
	box := func(id, image int, box ...float64) map[string]any {
		return map[string]any{"id": id, "image_id": image, "category_id": 1, "bbox": box, "iscrowd": 0, "area": max(1, box[2]*box[3])}
	}
	images := []map[string]any{image(1, "a.jpg"), image(2, "b.jpg")}
	write("before.in/t.json", images, []map[string]any{
		box(1, 1, 10, 10, 0, 50), box(2, 1, 100, 100, 0, 50), box(3, 1, 300, 100, 80, 80), box(4, 2, 10, 10, 0, 50),
	})
	write("after.in/t.json", images[:1], []map[string]any{box(2, 1, 100, 100, 40, 50), box(3, 1, 300, 100, 80, 80)})
	write("one.in/t.json", images, []map[string]any{
		box(2, 1, 100, 100, 0, 50), box(3, 1, 300, 100, 80, 80), box(4, 2, 10, 10, 0, 50),
	})
	for _, name := range []string{"before", "after", "one"} {
		analyze(t, "run", at(name+".in"), "-q", "-o", at(name)).expect(t, statusFine)
	}
	analyze(t, "baseline", at("before"), "-o", at("base"), "-q").expect(t, statusFine)
	const empty = "box-empty: image a.jpg: annotation "
	analyze(t, "diff", at("before"), at("after")).expect(t, statusFine,
		"3 gone with their records", "fixed "+empty+"2", "gone  "+empty+"1",
		"gone  box-empty: image b.jpg: annotation 4")
	analyze(t, "diff", at("base"), at("after")).expect(t, statusFine, "3 gone with their records")
	analyze(t, "diff", at("before"), at("after"), "--format", "md").expect(t, statusFine, "### Gone with their records",
		"3 gone with their records")
	analyze(t, "diff", at("before"), at("one")).expect(t, statusFine, "0 fixed, 1 gone with its record,")
	analyze(t, "check", at("one"), "--baseline", at("before"), "--only-new").expect(t, statusFine, "gone (1 with its record)")
	var told struct {
		Counts struct {
			Gone, Fixed int
			Deleted     int `json:"gone_with_records"`
		}
		Findings []struct {
			Code       string
			Annotation string `json:"annotation_id"`
			RecordGone *bool  `json:"record_gone"`
		}
	}
	if err := json.Unmarshal([]byte(analyze(t, "diff", at("before"), at("after"), "--format", "json").out), &told); err != nil {
		t.Fatal(err)
	}
	if c := told.Counts; c.Deleted != 3 || c.Fixed+c.Deleted != c.Gone {
		t.Errorf("%+v", c)
	}
	for _, f := range told.Findings {
		if f.Code == "box-empty" && (f.RecordGone == nil || *f.RecordGone != (f.Annotation != "2")) {
			t.Errorf("%+v", f)
		}
	}
	analyze(t, "diff", at("before"), at("base")).expect(t, statusFine, "0 fixed,")
	analyze(t, "baseline", at("after"), "-o", at("small"), "-q").expect(t, statusFine)
	analyze(t, "diff", at("before"), at("small")).expect(t, statusFine, "fixed or deleted")
	for _, base := range []string{"before", "base"} {
		analyze(t, "check", at("after"), "--baseline", at(base), "--only-new").expect(t, statusFine, "gone (3 with their records)")
	}
}

// TestDiffOfUnreadFile: what stood in a file that could not be read is neither fixed nor gone, and the file is told
// first, by diff and by the gate's counts.
func TestDiffOfUnreadFile(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, name := range []string{"street.json", "harbour.json"} {
		data, err := os.ReadFile(filepath.Join(sampleDir, name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(at("data"), name), string(data))
	}
	analyze(t, "run", at("data"), "-q", "-o", at("before")).expect(t, statusFine)
	write(t, filepath.Join(at("data"), "street.json"), `{"images": [`)
	analyze(t, "run", at("data"), "-q", "-o", at("now"), "--keep-going").expect(t, statusFine)

	old, err := report.Load(at("before"))
	if err != nil {
		t.Fatal(err)
	}
	here := 0 // findings of the file
	for i := range old.Findings {
		if old.Findings[i].Source == "street.json" {
			here++
		}
	}
	r := analyze(t, "diff", at("before"), at("now")).unwrapped()
	r.expect(t, statusFine, fmt.Sprintf("changed street.json could not be read now: 167 annotations of before and %d "+
		"findings there are left out, neither fixed nor gone", here))
	if strings.Contains(r.out, "fewer") || strings.Contains(r.out, "better") {
		t.Errorf("%s", r.out)
	}
	var got struct {
		Counts  struct{ New, Gone, Unread, Unchanged int } `json:"counts"`
		NotRead []string                                   `json:"files_not_read"`
	}
	if err := json.Unmarshal([]byte(analyze(t, "diff", at("before"), at("now"), "--format", "json").out), &got); err != nil {
		t.Fatal(err)
	}
	if c := got.Counts; c.Unread != here || c.Gone+c.Unread+c.Unchanged != len(old.Findings) || len(got.NotRead) != 1 {
		t.Errorf("%+v of %d findings, %d in the file", got, len(old.Findings), here)
	}
	analyze(t, "diff", at("now"), at("before")).unwrapped().expect(t, statusFine,
		"changed street.json could not be read before: what is there counts as new")
	gone := fmt.Sprintf("%d of the baseline gone", len(old.Findings)-got.Counts.Unchanged)
	check := analyze(t, "check", at("now"), "--baseline", at("before"), "--keep-going").unwrapped()
	if !strings.Contains(check.out, "already in the baseline") || strings.Contains(check.out, gone) {
		t.Errorf("%s", check.out)
	}
}
