package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// sharedCase is a small input that means something else than it seems, and what is right
// to say about it: ../shared/cases/README.md describes each.
type sharedCase struct {
	path   string   // in ../shared/cases
	args   []string // beside the path; CASES stands for the directory
	status int
	parts  []string // as of result.expect
}

// refusedAs is a file that is refused by its name, with what helps.
func refusedAs(path, name, help string) sharedCase {
	return sharedCase{path: path, status: statusTrouble, parts: []string{
		"err:no COCO annotations to read", "err:refused " + path + ": expected COCO annotations, found " + name, "err:" + help}}
}

// sharedCases are held against the program one by one. A line each.
var sharedCases = []sharedCase{
	// Not COCO, by name.
	refusedAs("not_coco_lfs.json", "a Git LFS pointer", "git lfs pull"),
	refusedAs("not_coco_zip.json", "a zip archive", "unzip"),
	refusedAs("not_coco_utf16le.json", "UTF-16 text", "iconv -f UTF-16 -t UTF-8"),
	refusedAs("not_coco_html.json", "an HTML page", "fetch the file anew"),
	refusedAs("not_coco_labelme.json", "LabelMe annotations", "labelme2coco"),
	refusedAs("not_coco_via.json", "annotations of the VGG Image Annotator (VIA)", "Export Annotations (COCO format)"),
	refusedAs("not_coco_labelstudio.json", "a Label Studio export", "label-studio-converter"),
	refusedAs("not_coco_panoptic.json", "COCO panoptic annotations", "panoptic2detection_coco_format.py"),
	refusedAs("not_coco_captions.json", "COCO captions", "instances_*.json"),
	refusedAs("not_coco_groundtruth.manifest.json", "a SageMaker Ground Truth manifest, as JSON lines", "class_id, left, top"),
	refusedAs("results.ok.json", "a list of COCO results", "--scores detections:FILE"),
	{"not_coco_bom.json", []string{"--gate"}, statusGate,
		[]string{"file-bom", "UTF-8 byte order mark", `FAIL  rule "no errors"`}},
	{"coco_directory", nil, statusFine,
		[]string{"skipped 2 of 4 files", "skipped  captions_val.json: COCO captions", "skipped  panoptic_val.json: COCO panoptic annotations"}},
	{"coco_directory", []string{"--include", "panoptic_val.json", "--include", "instances*"}, statusTrouble,
		[]string{"err:panoptic_val.json: expected COCO annotations, found COCO panoptic annotations"}},
	{"coco_directory", []string{"--include", "{panoptic,captions}_*", "--gate"}, statusTrouble,
		[]string{"err:no COCO annotations to read"}},
	{"clean.json", nil, statusFine, []string{"findings 0 errors, 0 warnings"}},
}

// TestSharedCases holds the program against small inputs that mean something else.
func TestSharedCases(t *testing.T) {
	dir := casesDir(t)
	for _, c := range sharedCases {
		t.Run(c.path, func(t *testing.T) {
			args := []string{"run", filepath.Join(dir, c.path), "-o", filepath.Join(t.TempDir(), "report")}
			for _, a := range c.args {
				args = append(args, strings.ReplaceAll(a, "CASES", dir))
			}
			analyze(t, args...).expect(t, c.status, c.parts...)
		})
	}
}

// TestSharedBaseline: a baseline whose images were in another folder is the same.
func TestSharedBaseline(t *testing.T) {
	dir := casesDir(t)
	base := filepath.Join(t.TempDir(), "base")
	now := filepath.Join(t.TempDir(), "now")
	analyze(t, "run", filepath.Join(dir, "baseline_base"), "-q", "-o", base).expect(t, statusFine)
	analyze(t, "run", filepath.Join(dir, "baseline_folder_prefix"), "-o", now, "--gate", "--baseline", base, "--only-new").
		expect(t, statusFine, "4 findings of the baseline matched under other names: file names now\n         begin with \"train/\"",
			"gate     pass: 8 findings (", "8 already in the", "none new\n")
	analyze(t, "diff", base, now).expect(t, statusFine, "findings 0 new, 0 fixed, 8 unchanged", `4 findings matched under other names`)
	analyze(t, "diff", base, now, "--format", "md").expect(t, statusFine, `4 findings matched under other names`)
	analyze(t, "diff", now, base, "--format", "json").expect(t, statusFine, `"old": "train/"`)
}

// casesDir is where the inputs are; without them the test is skipped.
func casesDir(t *testing.T) string {
	dir, err := filepath.Abs(filepath.Join("..", "..", "..", "shared", "cases"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("../shared/cases is not there")
	}
	return dir
}

// TestEveryForeignCaseHasARow: a file that is not COCO and that no line of sharedCases
// is about goes unnoticed.
func TestEveryForeignCaseHasARow(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(casesDir(t), "not_coco_*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !slices.ContainsFunc(sharedCases, func(c sharedCase) bool { return c.path == filepath.Base(f) }) {
			t.Errorf("%s: no line of sharedCases", filepath.Base(f))
		}
	}
}

// TestNothingLeft: a directory without COCO files is told by what it holds, and files
// of one kind share a line.
func TestNothingLeft(t *testing.T) {
	in := t.TempDir()
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		write(t, filepath.Join(in, "labelme", name+".json"), `{"version":"5.0.1","shapes":[],"imagePath":"a.jpg"}`)
	}
	write(t, filepath.Join(in, "yolo", "labels", "a.txt"), "0 0.5 0.5 0.1 0.1\n")
	write(t, filepath.Join(in, "voc", "a.xml"), "<annotation><object/></annotation>")
	write(t, filepath.Join(in, "pictures", "a.jpg"), "\xff\xd8\xff")
	if err := os.Mkdir(filepath.Join(in, "empty"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ dir, want string }{
		{"labelme", "skipped a.json, b.json, c.json and 2 more: LabelMe annotations"},
		{"yolo", "1 .txt file, such as a.txt: a label file of YOLO"},
		{"voc", "1 .xml file, such as a.xml: an annotation in the XML of Pascal VOC"},
		{"pictures", "found 1 picture and no annotations"},
		{"empty", "found no file"},
	} {
		dir := filepath.Join(t.TempDir(), "report")
		r := analyze(t, "run", filepath.Join(in, c.dir), "-o", dir, "--gate")
		r.expect(t, statusTrouble, "err:"+c.want)
		expectNothing(t, dir)
	}
	analyze(t, "run", filepath.Join(in, "yolo", "labels", "a.txt"), "-o", filepath.Join(t.TempDir(), "r")).
		expect(t, statusTrouble, "err:found a label file of YOLO")
}
