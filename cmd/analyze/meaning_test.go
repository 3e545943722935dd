package main

import (
	"encoding/csv"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"focalaudit/internal/testrun"
)

// meaning is a well-formed input that means something else, and the findings that say so.
type meaning struct {
	path, flags string
	status      int    // under --gate
	want        string // "severity code" of findings that have to be there, once each, with commas between
	words       string // in one of their messages
}

// What ../shared/cases/README.md has as right.
var meanings = []meaning{
	{"xyxy.json", "", statusGate, "error box-convention, error key-absent", "194 of 194 boxes fit their images as corners"},
	{"xyxy_8_boxes.json", "", statusGate, "error box-convention", "8 of 8 boxes"},
	{"parts_of_sides_8_boxes.json", "", statusGate, "error box-convention", "parts of the sides"},
	{"percent.json", "", statusGate, "error box-convention, error key-absent", "percent of the sides"},
	{"width_height_exchanged.json", "", statusGate, "warning image-size-convention", "exchanged"},
	{"y_from_bottom.json", "--check-outlines", statusGate, "error box-convention", "194 of 194"},
	{"boxes_of_half_size_pictures.json", "", statusFine, "warning image-size-convention", "50 % of the width"},
	{"roboflow_root_class.json", "", statusFine, "info class-unused", `"sealife" (id 0: the root`},
	{"category_ids_from_0.json", "", statusFine, "warning category-id-zero", "category id 0"},
	{"category_ids_from_0.json", "-a ssd300-torchvision", statusGate, "error category-id-zero", "trained as background"},
	{"category_ids_from_0.json", "-a yolov5", statusGate, "error category-id-zero", "-1"},
	{"category_ids_from_0.json", "-a retinanet-detectron2", statusFine, "", ""},
	{"sparse_category_ids.json", "", statusFine, "info class-outputs", "91 for 5 classes"},
	{"sparse_category_ids.json", "-a retinanet-detectron2", statusFine, "", ""},
	{"sparse_category_ids.json", "--scores detections:CASES/sparse_category_ids.detections.json", statusFine, "info class-outputs", ""},
	{"sparse_category_ids.json", "--scores detections:CASES/sparse_category_ids.detections_by_index.json", statusGate,
		"error detections-disagree, info class-outputs", "class indices counted from 0"},
	{"all_crowd.json", "", statusGate, "error no-objects, warning mostly-crowd", "reason crowd"},
	{"no_annotations.json", "", statusGate, "error no-objects", "0 annotations in 1 image"},
	{"nothing.json", "", statusGate, "error no-objects, info class-unused", "0 annotations in 0 images"},
	{"keys_absent.json", "", statusGate, "error key-absent", "iscrowd"},
	{"area_absent.json", "", statusGate, "error key-absent", "area"},
	{"area_impossible.json", "", statusFine, "warning area-impossible", "106 of 106"},
	{"iscrowd_null.json", "", statusGate, "error no-objects, error flag-not-number", "drops 1 of 1"},
	{"iscrowd_text_0.json", "-a retinanet-mmdet", statusGate, "error no-objects, error flag-not-number", `iscrowd is "0"`},
	{"ignore_text_0.json", "-a retinanet-detectron2", statusGate, "error flag-not-number, error no-objects", "stops with an error"},
	{"segmentation_empty.json", "", statusGate, "error segmentation-unusable", "IndexError"},
	{"annotation_id_0.json", "", statusFine, "info annotation-id-zero", ""},
	{"annotation_ids_all_0.json", "-a retinanet-detectron2", statusGate, "error annotation-id-duplicate, info annotation-id-zero", ""},
	{"id_over_int64.json", "", statusFine, "info id-not-integer", "64 bits"},
	{"results.annotations.json", "--scores detections:CASES/results.ok.json", statusFine, "", ""},
	{"results.annotations.json", "--scores detections:CASES/results.xyxy.json", statusGate, "error detections-disagree", "read as corners"},
	{"results.annotations.json", "--scores detections:CASES/results.normalized.json", statusGate, "error detections-disagree", "parts of the sides"},
	{"results.annotations.json", "--scores detections:CASES/results.image_id_off.json", statusGate, "error detections-disagree", "1 too low"},
	{"results.annotations.json", "--scores detections:CASES/results.image_id_stem.json", statusFine, "", ""},
	{"results.annotations.json", "--scores detections:CASES/results.score_logit.json", statusTrouble, "", ""},
	{"results.annotations.json", "--scores detections:CASES/results.half_images_only.json", statusFine, "warning detections-missing-images", "20 of 40 images"},
	{"coco_directory", "", statusFine, "warning image-in-two-sources", "--include"},
	{"leak", "", statusGate, "error image-in-two-sources", "leak"},
	{"one_name_spelt_three_ways.json", "", statusFine, "warning file-name-duplicate", "spelt in several ways"},
	{"clean.json", "", statusFine, "", ""},
	{"clean.json", "--scores detections:CASES/clean.detections.json", statusFine, "", ""},
}

// told are the codes that say that a file means something else. Where none of them is
// wanted, none may be there.
var told = strings.Fields("box-convention image-size-convention no-objects mostly-crowd key-absent area-impossible annotation-id-zero " +
	"box-off-outline category-id-zero class-outputs class-unused detections-disagree detections-missing-images detections-repeated detections-unranked image-in-two-sources")

// mostTold is how many findings of a code there may be for one source.
func mostTold(code string) int {
	if code == "key-absent" {
		return 4 // one for each key
	}
	return 1
}

// TestMeanings holds the program against every input of ../shared/cases that is COCO and
// means something else: the code, once, with its severity, words of its message, and the
// gate's status.
func TestMeanings(t *testing.T) {
	dir := casesDir(t)
	for _, c := range meanings {
		t.Run(c.path+" "+c.flags, func(t *testing.T) {
			report := filepath.Join(t.TempDir(), "report")
			args := []string{"run", filepath.Join(dir, c.path), "-o", report, "--gate"}
			args = append(args, strings.Fields(strings.ReplaceAll(c.flags, "CASES", dir))...)
			r := analyze(t, args...)
			if r.status != c.status {
				t.Errorf("status %d, want %d: %s", r.status, c.status, r.errw)
			}
			if c.status == statusTrouble {
				return
			}
			rows, err := csv.NewReader(strings.NewReader(analyze(t, "show", report, "findings", "--columns", "severity,code,message",
				"--format", "csv", "--limit", "1000000").out)).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			if words := meant(t, c, rows); c.words != "" && !strings.Contains(words, c.words) {
				t.Errorf("no message has %q: %s", c.words, words)
			}
		})
	}
}

// meant holds findings against what is wanted of a case, and returns the messages of
// those that are.
func meant(t *testing.T, c meaning, rows [][]string) (messages string) {
	t.Helper()
	n := map[string]int{}
	for _, row := range rows {
		code := row[0] + " " + row[1]
		n[code]++
		if strings.Contains(c.want, row[1]) || strings.HasPrefix(row[1], "segmentation") {
			messages += row[2] + "\n"
		}
	}
	for _, want := range strings.Split(c.want, ", ") {
		found := 0
		for code, times := range n {
			if want != "" && strings.Contains(code, want) {
				found += times
			}
		}
		if want != "" && found == 0 {
			t.Errorf("no finding %q in %v", want, n)
		}
	}
	for _, code := range told {
		for _, severity := range []string{"error", "warning", "info"} {
			if times := n[severity+" "+code]; times > mostTold(code) || times > 0 && !strings.Contains(c.want, code) {
				t.Errorf("%d findings %q, wanted are %q", times, severity+" "+code, c.want)
			}
		}
	}
	return messages
}

// TestOutlinesOnce: boxes of another convention are one finding, and not another one for each box that is off its
// outline; where a part is written so, these name the boxes.
func TestOutlinesOnce(t *testing.T) {
	for _, c := range []struct{ boxes, turned, off int }{{12, 12, 0}, {20, 10, 10}} {
		var images, annotations []string
		for i := range c.boxes {
			x, y := 10+20*i, 20+10*i
			box := y
			if i < c.turned {
				box = 480 - y - 15
			}
			images = append(images, fmt.Sprintf(`{"id":%d,"file_name":"%d.jpg","width":640,"height":480}`, i+1, i))
			annotations = append(annotations, fmt.Sprintf(`{"id":%d,"image_id":%d,"category_id":1,"iscrowd":0,"area":300,`+
				`"bbox":[%d,%d,20,15],"segmentation":[[%[3]d,%[5]d,%[6]d,%[5]d,%[6]d,%[7]d,%[3]d,%[7]d]]}`,
				i+1, i+1, x, box, y, x+20, y+15))
		}
		dir := t.TempDir()
		file, report := filepath.Join(dir, "a.json"), filepath.Join(dir, "report")
		testrun.Write(t, file, testrun.COCO(images, annotations, `{"id":1,"name":"cat"}`))
		analyze(t, "run", file, "--check-outlines", "-q", "-o", report).expect(t, statusFine)
		got := analyze(t, "show", report, "findings", "--format", "csv", "--columns", "code").out
		if n := strings.Count(got, "box-off-outline\n"); n != c.off || strings.Count(got, "box-convention\n") != 1 {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
