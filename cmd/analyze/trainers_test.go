package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"focalaudit/pkg/trainer"
)

// TestTrainers: the page shows what the command prints, each preset has its paragraph,
// and the tables are the same for any number of workers.
func TestTrainers(t *testing.T) {
	dir := t.TempDir()
	one, two := filepath.Join(dir, "one"), filepath.Join(dir, "two")
	r := analyze(t, "trainers", sampleDir)
	r.expect(t, statusFine)
	analyze(t, "trainers", sampleDir, "-o", one, "-j", "1").expect(t, statusFine, filepath.Join(one, "treatment.parquet"))
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "trainers.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), strings.TrimRight(r.out, "\n")) {
		t.Errorf("docs/trainers.md does not show what the command prints:\n%s", r.out)
	}
	all := analyze(t, "trainers", sampleDir, "--all")
	for line := range strings.Lines(r.out + all.out) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	wide := analyze(t, "trainers", sampleDir, "--wide")
	wide.expect(t, statusFine, "trained  weakly  never  left out  positives  small resized  medium resized  large resized  negatives      BCE     focal\n")
	if strings.Count(wide.out, "\n  yolox ") != 1 || strings.Count(r.out, "\n  yolox ") != 3 {
		t.Error("--wide has the table in one, the default in three")
	}
	all.expect(t, statusFine, "objects treated differently", "Why, with the number of objects")
	for _, name := range trainer.Names() {
		if !strings.Contains(all.out, "\n  "+name+" ") {
			t.Errorf("--all has no row of %s", name)
		}
		if !strings.Contains(string(page), "`"+name+"`") && !strings.Contains(string(page), strings.TrimPrefix(name, "retinanet-torchvision")+"`") {
			t.Errorf("docs/trainers.md has no paragraph on %s", name)
		}
	}
	analyze(t, "trainers", sampleDir, "-q", "-o", two, "-j", "4").expect(t, statusFine)
	a, b := tree(t, one), tree(t, two)
	if len(a) != 2 || a["trainers.parquet"] != b["trainers.parquet"] || a["treatment.parquet"] != b["treatment.parquet"] {
		t.Errorf("tables %q differ between 1 and 4 workers", names(a))
	}
	analyze(t, "trainers", sampleDir, "-q", "-o", one).expect(t, statusFine) // in place of the last one
}

func TestTrainersRefused(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "notes.txt"), "mine")
	for want, args := range map[string][]string{
		"left alone":        {sampleDir, "-o", dir},
		"no preset":         {sampleDir, "--anchors", "retinanet-tensorflow"},
		"as that of":        {sampleDir, "--anchors", "yolov5", "--anchors", "yolov5"},
		"no such file":      {filepath.Join(dir, "none.json")},
		"holds more than a": {sampleDir, "-o", filepath.Join(dir)},
	} {
		r := analyze(t, append([]string{"trainers"}, args...)...)
		r.expect(t, statusTrouble)
		if !strings.Contains(r.errw, want) {
			t.Errorf("%v: got %q, want it to say %q", args, r.errw, want)
		}
	}
}

// TestOnePreset: with a single preset nothing can differ, but the reasons are told.
func TestOnePreset(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "one")
	r := analyze(t, "trainers", sampleDir, "--anchors", "yolov5", "-o", dir)
	r.expect(t, statusFine, "too-small 1, aspect 1, out-competed 2\n", "image-refused 7", "Counts are exact; the loss is approximated (docs")
	if strings.Contains(r.out, "differently") {
		t.Errorf("one preset differs: %s", r.out)
	}
	// 4 objects without an anchor and 10 left out that have a box
	show := analyze(t, "show", dir, "treatment", "--format", "csv", "--columns", "annotation_id,treatment,why,positives,best_ratio", "--limit", "-1")
	show.expect(t, statusFine, "no-anchor,too-small,0,", "left-out,image-refused,0,")
	if n := strings.Count(show.out, "\n"); n != 1+4+11 {
		t.Errorf("got %d lines: %s", n, show.out)
	}
	analyze(t, "show", dir, "findings").expect(t, statusTrouble, "err:tables of "+dir+" are trainers, treatment")
	analyze(t, "show", dir, "trainers").expect(t, statusFine, "yolov5")
}

// TestTrainersTellOfWhatHasNoBox: it has no size, and is left out all the same; and names
// stay within their lines.
func TestTrainersTellOfWhatHasNoBox(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "one.json")
	write(t, path, `{"images":[{"id":1,"file_name":"a.jpg","width":640,"height":480}],"categories":[{"id":1,"name":"c\nat"}],"annotations":[
		{"id":1,"image_id":1,"category_id":1,"bbox":[10,10,60,60]},{"id":2,"image_id":1,"category_id":1,"bbox":[1,2]},{"id":3,"image_id":1,"category_id":1,"bbox":[10,10,5,60]}]}`)
	out := filepath.Join(dir, "out")
	analyze(t, "trainers", path, "-a", "ssd300-torchvision", "-a", "yolov5", "-o", out).expect(t, statusFine, "left out      box-missing 1", "(5 × 60 px, c at):")
	analyze(t, "show", out, "treatment", "--format", "csv", "--columns", "annotation_id,preset,why,x,size_class").expect(t, statusFine, "2,yolov5,box-missing,,\n")
	empty := filepath.Join(dir, "empty.json")
	write(t, empty, `{"images":[],"categories":[],"annotations":[]}`)
	analyze(t, "trainers", empty, "-a", "yolov5", "-o", out).expect(t, statusFine, "yolov5  there are no annotations")
	analyze(t, "show", out, "trainers", "--format", "csv", "--columns", "size_class,positive_share_bce,negative_share_bce").expect(t, statusFine, "all,,\n", "small,,\n")
}

// TestTrainerStops: a trainer that stops with an error at a record is said to.
func TestTrainerStops(t *testing.T) {
	path := filepath.Join(t.TempDir(), "one.json")
	write(t, path, `{"images":[{"id":1,"file_name":"a.jpg","width":800,"height":800}],"categories":[{"id":1,"name":"a"}],"annotations":[
		{"id":1,"image_id":1,"category_id":1,"bbox":[100,100,90,90],"ignore":1}]}`)
	analyze(t, "trainers", path, "--anchors", "retinanet-detectron2", "--anchors", "retinanet-torchvision").expect(t, statusFine,
		"left out      ignore-refused 1", "does not run  it stops with an error at 1 annotation\n", "all trained")
}

// TestSizes: a sweep has a row for each size, the preset's own as a comparison has it, the same
// for any number of workers; and presets of one size are refused.
func TestSizes(t *testing.T) {
	dir := t.TempDir()
	one, two := filepath.Join(dir, "one"), filepath.Join(dir, "two")
	analyze(t, "trainers", sampleDir, "-a", "ultralytics-8.3", "--sizes", "320..960:320", "-o", one, "-j", "1").expect(t, statusFine,
		"under ultralytics-8.3 at each input size", filepath.Join(one, "sizes.parquet"))
	analyze(t, "trainers", sampleDir, "-a", "ultralytics-8.3", "--sizes", "320..960:320", "-q", "-o", two, "-j", "4").expect(t, statusFine)
	if a, b := tree(t, one), tree(t, two); len(a) != 1 || a["sizes.parquet"] != b["sizes.parquet"] {
		t.Errorf("tables %q differ between 1 and 4 workers", names(a))
	}
	columns := "objects_trained,objects_weakly,objects_without_positive,objects_left_out,anchors,positives"
	all := analyze(t, "show", one, "sizes", "--format", "csv", "--columns", "short_side,long_side,"+columns)
	analyze(t, "trainers", sampleDir, "-q", "-a", "ultralytics-8.3", "-o", two).expect(t, statusFine)
	own := analyze(t, "show", two, "trainers", "--format", "csv", "--columns", columns, "--limit", "1")
	line := strings.Split(own.out, "\n")[1]
	if lines := strings.Split(strings.TrimSpace(all.out), "\n"); len(lines) != 4 || lines[2] != "640,640,"+line {
		t.Errorf("got %q, want %q at 640 px", lines, line)
	}
	analyze(t, "trainers", sampleDir, "-a", "retinanet-torchvision", "--sizes", "800..800").expect(t, statusFine, "800/1,333 *")
	// the long side of 1,200 px is 1,333 × 1.5 = 1,999.5, rounded
	single := analyze(t, "trainers", sampleDir, "-a", "retinanet-torchvision", "--sizes", "1200")
	single.expect(t, statusFine, "1,200/2,000 ")
	if ranged := analyze(t, "trainers", sampleDir, "-a", "retinanet-torchvision", "--sizes", "1200..1200"); ranged.out != single.out {
		t.Errorf("1200 says\n%s\nand 1200..1200\n%s", single.out, ranged.out)
	}
	// the preset's own size has one row, wherever it lies in the range
	for sizes, rows := range map[string]int{"512..1024:256": 1, "736..800": 1, "736..820": 1, "800..900:50": 1, "832..896": 0} {
		r := analyze(t, "trainers", sampleDir, "-a", "retinanet-torchvision", "--sizes", sizes)
		if r.expect(t, statusFine); strings.Count(r.out, "  800/1,333 *") != 2*rows { // the table is in two parts
			t.Errorf("%s: expected %d rows of 800 px in\n%s", sizes, rows, r.out)
		}
	}
	for want, args := range map[string][]string{
		"expected one preset to sweep":  {"--sizes", "320..640"},
		"such as 320..1536:32":          {"-a", "yolox", "--sizes", "640:32"},
		"(yolox, yolov5), expected one": {"-a", "yolox", "-a", "yolov5", "--sizes", "640"},
		"larger step":                   {"-a", "yolox", "--sizes", "32..16000:1"},
		"another size is another model": {"-a", "ssd300-torchvision", "--sizes", "300..600"},
		"queries without a place":       {"-a", "rt-detr", "--sizes", "320..640"},
		"a multiple of pad":             {"-a", "yolov5", "--sizes", "320..640:30"},
	} {
		r := analyze(t, append([]string{"trainers", sampleDir}, args...)...)
		r.expect(t, statusTrouble)
		if !strings.Contains(r.errw, want) {
			t.Errorf("%v: got %q, want it to say %q", args, r.errw, want)
		}
	}
}

// TestRunComparesTrainers: run writes the tables that the command trainers writes, the run's own preset
// among them, the same for any number of workers and order of flags; and the report stays a report.
func TestRunComparesTrainers(t *testing.T) {
	dir := t.TempDir()
	one, two, own := filepath.Join(dir, "one"), filepath.Join(dir, "two"), filepath.Join(dir, "own")
	analyze(t, "run", sampleDir, "-q", "-o", one, "-j", "1", "--trainers", "yolox", "--trainers", "ultralytics").expect(t, statusFine)
	analyze(t, "run", sampleDir, "-q", "-o", two, "-j", "4", "--trainers", "ultralytics", "--trainers", "yolox").expect(t, statusFine)
	analyze(t, "trainers", sampleDir, "-q", "-o", own, "-a", "retinanet-torchvision", "-a", "ultralytics", "-a", "yolox").expect(t, statusFine)
	a, b, c := tree(t, one), tree(t, two), tree(t, own)
	for _, name := range []string{"trainers.parquet", "treatment.parquet"} {
		if a[name] != b[name] || a[name] != c[name] || a[name] == "" {
			t.Errorf("%s differs between runs, or from that of the command", name)
		}
	}
	if a["index.html"] != b["index.html"] || !strings.Contains(a["index.html"], "What each trainer makes of these objects") {
		t.Error("the page differs, or has no trainers")
	}
	analyze(t, "show", one, "trainers", "--where", `size_class == "all"`).expect(t, statusFine, "\n3 rows", "yolox")
	analyze(t, "check", one).expect(t, statusGate, "err:gate failed")   // the files are whole; the sample has errors
	analyze(t, "run", sampleDir, "-q", "-o", one).expect(t, statusFine) // replaces it, tables of trainers included
	if _, there := tree(t, one)["trainers.parquet"]; there {
		t.Error("the tables of an earlier comparison are still there")
	}
	analyze(t, "show", one, "trainers").expect(t, statusTrouble, `err:no table "trainers"`)
	analyze(t, "run", sampleDir, "-o", two, "--trainers", "yolo").expect(t, statusTrouble, "err:--trainers: no preset and no file")
	analyze(t, "run", sampleDir, "-o", two, "--trainers", "yolox", "--trainers", "yolox").expect(t, statusTrouble, "err:as that of --trainers yolox")
}
