package review

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"focalaudit/pkg/coco"
	"focalaudit/pkg/find"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/report"
)

// cats is a file of our own: two images that have suspects and one that has none, keys that no reader knows,
// odd white space, outlines, an id in text.
const cats = `{"info": {"kept": true},
 "images": [
  {"id": 1, "file_name": "a b.jpg", "width": 200, "height": 100, "licence": 3},
  {"id": 2, "file_name": "quiet.jpg", "width": 200, "height": 100},
  {"id": "x", "file_name": "c.jpg", "width": 100, "height": 100}
 ],
 "annotations": [
  {"id": 7, "image_id": 1, "category_id": 1, "bbox": [10,10,50,20], "area": 1000, "segmentation": [[10,10,60,10,60,30]], "by": "ann"},
  {"id": 8 , "image_id": 1, "bbox": [100.5, 20, 40, 40], "category_id": 2, "area": 1600.0},
  {"id": 9, "image_id": 2, "category_id": 2, "bbox": [1, 1, 9, 9], "area": 81},
  {"id": 5, "image_id": "x", "category_id": 1, "bbox": [20, 30, 40, 50], "segmentation": []}
 ],
 "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "=dog"}]
}
`

// written writes files of a data set into a new directory and reads them.
func written(t testing.TB, name, content string) (files []find.File, r *Review) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
	files, err := coco.Find([]string{dir}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := coco.Read(context.Background(), files, coco.Options{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	at := func(record string) int64 { return int64(strings.Index(content, record)) }
	none := math.NaN()
	list := []report.LabelError{
		{Code: "class", Score: 0.9, Offset: at(`{"id": 7`), Fingerprint: "aaaaaaaaaa", Message: `it is "=dog"`,
			Detection: geom.Rect{X: 10, Y: 10, W: 50, H: 20}, DetectionClass: "=dog", DetectionScore: 0.9},
		{Code: "location", Score: 0.8, Offset: at(`{"id": 8`), Fingerprint: "bbbbbbbbbb", Message: "the box is off",
			Detection: geom.Rect{X: 90.123, Y: 20, W: 50, H: 40}, DetectionClass: "=dog", DetectionScore: 0.8},
		{Code: "missing", Score: 0.7, Offset: at(`{"id": "x"`), Fingerprint: "cccccccccc", Message: "not annotated",
			Detection: geom.Rect{X: 60.25, Y: 60, W: 10, H: 20}, DetectionClass: "cat", DetectionScore: 0.7},
		{Code: "spurious", Score: 0.6, Offset: at(`{"id": 5`), Fingerprint: "dddddddddd", Message: "nothing there",
			DetectionScore: none},
	}
	var inputs []report.Input
	for i := range d.Sources {
		inputs = append(inputs, report.Input{Name: d.Sources[i].Name, SHA256: d.Sources[i].SHA256})
	}
	for k := range list {
		list[k].Source = d.Sources[0].Name
	}
	if r, err = New(d, list, inputs); err != nil {
		t.Fatal(err)
	}
	return files, r
}

// handed hands out a review and returns what the files hold, by name.
func handed(t *testing.T, files []find.File, r *Review) map[string]string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "review")
	if err := r.Hand(context.Background(), dir, Places{Prefix: "http://pictures/"}, files); err != nil {
		t.Fatal(err)
	}
	return contents(t, dir)
}

// contents are the files below a directory, by name.
func contents(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		all[filepath.ToSlash(rel)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// applied applies decisions and returns the corrected file.
func applied(t testing.TB, files []find.File, r *Review, list []Decision) (string, Tally) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "corrected")
	done, err := r.Apply(context.Background(), dir, files, list, nil)
	if err != nil {
		t.Fatal(err)
	}
	return contents(t, dir)[files[0].Name], done
}

// corrected is cats after the class of 7 and the box of 8 were fixed, what was missing was added and 5 was
// deleted; written by hand.
var corrected = strings.NewReplacer(
	`"image_id": 1, "category_id": 1`, `"image_id": 1, "category_id": 2`,
	`[100.5, 20, 40, 40], "category_id": 2, "area": 1600.0`, `[90.12, 20, 50, 40], "category_id": 2, "area": 2000`,
	`{"id": 5, "image_id": "x", "category_id": 1, "bbox": [20, 30, 40, 50], "segmentation": []}`,
	`{"id": 10, "image_id": "x", "category_id": 1, "bbox": [60.25, 60, 10, 20], "area": 200, "iscrowd": 0, `+
		`"segmentation": [[60.25, 60, 70.25, 60, 70.25, 80, 60.25, 80]]}`,
).Replace(cats)

// TestSheet: a table with decisions, as a spreadsheet with commas and one with semicolons and decimal commas
// writes it, gives the file that is written above by hand.
func TestSheet(t *testing.T) {
	files, r := written(t, "sub/cats.json", cats)
	rows, err := csv.NewReader(strings.NewReader(handed(t, files, r)[SheetName])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for k, verb := range []string{"Fix", "fix ", "add", "delete"} {
		rows[k+1][1] = verb
	}
	for _, c := range []struct {
		comma   rune
		numbers string
		old     bool // lines end with CR alone
	}{{',', ".", false}, {';', ",", false}, {'\t', ".", false}, {',', ".", true}, {';', ",", true}} {
		var b bytes.Buffer
		b.WriteString("\xef\xbb\xbf")
		if c.comma == ';' {
			b.WriteString("sep=;\r\n")
		}
		w := csv.NewWriter(&b)
		w.Comma, w.UseCRLF = c.comma, true
		for k, row := range rows {
			row = slices.Clone(row)
			for n := range row {
				if k > 0 && strings.HasPrefix(rows[0][n], "new_") && n > 10 {
					row[n] = strings.Replace(row[n], ".", c.numbers, 1)
				}
			}
			w.Write(row)
		}
		w.Flush()
		ended := b.Bytes()
		if c.old {
			ended = bytes.ReplaceAll(ended, []byte("\r\n"), []byte("\r"))
		}
		list, err := r.Read(ended)
		if err != nil {
			t.Fatal(err)
		}
		got, done := applied(t, files, r, list)
		if got != corrected {
			t.Errorf("%q: got %s", c.comma, got)
		}
		if want := (Tally{Fixed: 2, Deleted: 1, Added: 1}); done != want {
			t.Errorf("%+v, want %+v", done, want)
		}
	}
}

// TestRowsFitTheirItems: a table in which one column was sorted without the others decides nothing: the row would be about
// another label than the person looked at. What a spreadsheet does to a long number is no such sign.
func TestRowsFitTheirItems(t *testing.T) {
	files, r := written(t, "sub/cats.json", cats)
	rows, err := csv.NewReader(strings.NewReader(handed(t, files, r)[SheetName])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows[1][1], rows[4][1] = "keep", "delete"
	column := func(name string) int { return slices.Index(rows[0], name) }
	for _, c := range []struct {
		name   string
		change func(rows [][]string)
		want   string
	}{
		{"as it is", func([][]string) {}, ""},
		{"items exchanged", func(rows [][]string) { rows[1][0], rows[4][0] = rows[4][0], rows[1][0] }, "was a column sorted without the others?"},
		{"files", func(rows [][]string) { rows[1][column("file_name")] = "other.jpg" }, `image "`},
		{"annotations", func(rows [][]string) { rows[4][column("annotation_id")] = "12345" }, `annotation "`},
		{"no such columns", func(rows [][]string) {
			for i := range rows {
				rows[i] = rows[i][:column("reason")]
			}
			for i := range rows {
				rows[i] = slices.Delete(rows[i], column("file_name"), column("file_name")+1)
			}
		}, ""},
	} {
		var changed [][]string
		for _, row := range rows {
			changed = append(changed, slices.Clone(row))
		}
		c.change(changed)
		var b bytes.Buffer
		if err := csv.NewWriter(&b).WriteAll(changed); err != nil {
			t.Fatal(err)
		}
		_, err := r.Read(b.Bytes())
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

// TestLabelStudio: tasks that come back with a choice and the box that was drawn before, moved where it is to be
// fixed, give the same file.
func TestLabelStudio(t *testing.T) {
	files, r := written(t, "cats.json", cats)
	var tasks []struct {
		task
		Annotations []drawing `json:"annotations"`
	}
	if err := json.Unmarshal([]byte(handed(t, files, r)[TasksName]), &tasks); err != nil {
		t.Fatal(err)
	}
	if got, want := tasks[0].Data.Image, "http://pictures/a%20b.jpg"; got != want {
		t.Errorf("picture %s, want %s", got, want)
	}
	for k, drawn := range []int{2, 2, 1, 1} { // the annotation and the detection; the detection alone; no detection
		if d := &tasks[k].Data; len(tasks[k].Predictions) != drawn || d.Rank != k+1 || (d.Detection != "") != (drawn == 2) {
			t.Errorf("task %d: %d predictions, %+v", k+1, len(tasks[k].Predictions), *d)
		}
	}
	if got, want := tasks[0].Data.Title, "1. class: cat; detector: =dog, score 0.90"; got != want {
		t.Errorf("title %q, want %q", got, want)
	}
	for k, verb := range []string{"fix", "fix", "add", "delete"} {
		box := tasks[k].Predictions[0].Result[0]
		switch k {
		case 0: // the detector's, as it is
			box = tasks[k].Predictions[1].Result[0]
		case 1:
			x, w := 90.12/2, 25.0
			box.Value.X, box.Value.Width = &x, &w
		}
		tasks[k].Annotations = []drawing{
			{Cancelled: true, Result: nil},
			{Result: []region{box, {Type: "choices", From: "decision", Value: regionValue{Choices: []string{verb}}}}},
			{Cancelled: true},
		}
	}
	back, err := json.Marshal(tasks)
	back = regexp.MustCompile(`"predictions":\[\{.*?\}\}\]\}\]`).ReplaceAll(back, []byte(`"predictions":[286]`)) // as exports have them
	if err != nil {
		t.Fatal(err)
	}
	list, err := r.Read(back)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := applied(t, files, r, list); got != corrected {
		t.Errorf("got %s", got)
	}
}

// exported is what CVAT gives back of cats: the layout is that of its documentation of "CVAT for images 1.1".
const exported = `<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta><task><id>3</id><labels><label><name>cat</name></label></labels></task></meta>
  <image id="0" name="a b.jpg" width="200" height="100">
    <box label="=dog" source="file" occluded="0" xtl="10.00" ytl="10.00" xbr="60.00" ybr="30.00" z_order="0">
      <attribute name="reason">it is</attribute>
      <attribute name="item">1-aaaaaaaa</attribute>
      <attribute name="decision">fix</attribute>
    </box>
    <box label="=dog" source="file" occluded="0" xtl="90.12" ytl="20.00" xbr="140.12" ybr="60.00" z_order="0">
      <attribute name="item">2-bbbbbbbb</attribute>
      <attribute name="decision">fix</attribute>
    </box>
    <box label="cat" source="manual" occluded="0" xtl="1" ytl="2" xbr="3" ybr="4" z_order="0"></box>
  </image>
  <image id="1" name="c.jpg" width="100" height="100">
    <box label="cat" source="file" occluded="0" xtl="60.25" ytl="60.00" xbr="70.25" ybr="80.00" z_order="0">
      <attribute name="item">3-cccccccc</attribute>
      <attribute name="decision">add</attribute>
    </box>
    <box label="cat" source="file" occluded="0" xtl="20.00" ytl="30.00" xbr="60.00" ybr="80.00" z_order="0">
      <attribute name="item">4-dddddddd</attribute>
      <attribute name="decision">delete</attribute>
    </box>
  </image>
</annotations>
`

// TestCVAT: what CVAT exports gives the same file; what was handed out has the boxes and the attributes.
func TestCVAT(t *testing.T) {
	files, r := written(t, "cats.json", cats)
	list, err := r.Read([]byte(exported))
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := applied(t, files, r, list); got != corrected {
		t.Errorf("got %s", got)
	}
	out := handed(t, files, r)
	list, err = r.Read([]byte(out[CVATName]))
	if err != nil || len(list) > 0 {
		t.Errorf("%d decisions before anybody decided, %v", len(list), err)
	}
	for _, want := range []string{
		`<box label="cat" source="file" occluded="0" xtl="10" ytl="10" xbr="60" ybr="30" z_order="0">`,
		`<attribute name="item">3-cccccccc</attribute>`,
	} {
		if !strings.Contains(out[CVATName], want) {
			t.Errorf("no %s in %s", want, out[CVATName])
		}
	}
	// The detector's shapes, taken as they are, are the decisions that exported has.
	shapes := regexp.MustCompile(`(?s)<box label.*?</box>`).ReplaceAllStringFunc(out[CVATName], func(box string) string {
		verb := ""
		switch {
		case strings.Contains(box, "4-dddddddd"):
			verb = "delete"
		case strings.Contains(box, "3-cccccccc"):
			verb = "add"
		case strings.Contains(box, `"shape">the detection, score 0.`):
			verb = "fix"
		default:
			return box
		}
		return strings.Replace(box, `"decision">undecided`, `"decision">`+verb, 1)
	})
	if list, err = r.Read([]byte(shapes)); err != nil {
		t.Fatal(err)
	}
	if got, _ := applied(t, files, r, list); got != corrected || strings.Count(shapes, "<box") != 6 {
		t.Errorf("the detector's shapes: got %s of %s", got, shapes)
	}
	var labels []cvatLabel
	if err := json.Unmarshal([]byte(out[LabelsName]), &labels); err != nil || len(labels) != 2 || labels[1].Name != "=dog" {
		t.Errorf("labels %v, %v", labels, err)
	}
}

// TestOnlyItsImages: the file for people holds the images with items and their annotations, as they were.
func TestOnlyItsImages(t *testing.T) {
	files, r := written(t, "cats.json", cats)
	want := regexp.MustCompile(`(?m)^  .*(quiet|"image_id": 2).*\n`).ReplaceAllString(cats, "")
	if got := handed(t, files, r)["images/cats.json"]; got != want {
		t.Errorf("got %s", got)
	}
}

// TestOutlineGivesWay: an outline is that of the old box.
func TestOutlineGivesWay(t *testing.T) {
	files, r := written(t, "cats.json", cats)
	list, err := r.Read([]byte("item,decision,new_class,new_x,new_y,new_width,new_height\n1-aaaaaaaa,fix,,1,2,3,4\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(cats, `"bbox": [10,10,50,20], "area": 1000, "segmentation": [[10,10,60,10,60,30]]`,
		`"bbox": [1, 2, 3, 4], "area": 12, "segmentation": [[1, 2, 4, 2, 4, 6, 1, 6]]`, 1)
	if got, done := applied(t, files, r, list); got != want || done.Outlines != 1 {
		t.Errorf("%+v, got %s", done, got)
	}
}

// TestFaultsOfDecisions: what can't be carried out is told with its place, and nothing is written.
func TestFaultsOfDecisions(t *testing.T) {
	_, r := written(t, "cats.json", cats)
	header := "item,decision,new_class,new_x,new_y,new_width,new_height\n"
	for row, want := range map[string]string{
		"1-aaaaaaaa,maybe,,,,,":                        `line 2, item 1-aaaaaaaa: decision "maybe": expected keep, fix, delete, add`,
		"1-bbbbbbbb,keep,,,,,":                         `line 2: the report has no label error "1-bbbbbbbb"`,
		"x,keep,,,,,":                                  `line 2: the report has no label error "x"`,
		"1-aaaaaaaa,fix,,,,,":                          "neither a new class nor a new box",
		"1-aaaaaaaa,fix,cat,10,10,50,20":               "neither a new class nor a new box",
		"1-aaaaaaaa,fix,catt,,,,":                      `declares no class "catt"; did you mean "cat"?`,
		"1-aaaaaaaa,fix,,1,2,3,":                       `new_height is "": expected a number`,
		"1-aaaaaaaa,fix,,1,2,NaN,4":                    "a number that is none",
		"1-aaaaaaaa,fix,,1,2,-3,4":                     "is no box of an image of 200 × 100 px",
		"1-aaaaaaaa,fix,,200,2,3,4":                    "lies outside the image of 200 × 100 px",
		"1-aaaaaaaa,fix,,1,1,1e200,1e200":              "was a decimal point lost?",
		"1-aaaaaaaa,fix,,1,1,17877,20":                 "was a decimal point lost?",
		"1-aaaaaaaa,fix,,1,1,1e-300,20":                "was a decimal point lost?",
		"1-aaaaaaaa,fix,,0x10p0,1,3,20":                "expected a number",
		"1-aaaaaaaa,add,cat,1,2,3,4":                   "the object is annotated already",
		"3-cccccccc,delete,,,,,":                       "nothing is annotated there to delete",
		"3-cccccccc,add,,1,2,3,4":                      "needs a class and a box",
		"1-aaaaaaaa,keep,,,,,\n1-aaaaaaaa,delete,,,,,": "line 3: item 1-aaaaaaaa is decided upon in line 2 otherwise",
	} {
		_, err := r.Read([]byte(header + row + "\n"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", row, err, want)
		}
	}
	for content, want := range map[string]string{
		" \n":           "the file is empty",
		"\xff\xfei\x00": "save it as UTF-8",
		"item,decision,Decision,new_class,new_x,new_y,new_width,new_height\n": "two columns decision",
		`<?xml version="1.0" encoding="ISO-8859-1"?><annotations/>`:           "the file is ISO-8859-1: save it as UTF-8",
		"a,b\n":                             "no column item",
		"[{\"data\":{}}]":                   `task 1: no data "item"`,
		"{}":                                "no list of tasks",
		"<annotations><box ":                "line 1: the file ends within an element: export it again",
		"<annotations></box>":               "line 1: it is no XML",
		"<a><box occluded='x'></box></a>":   "line 1: it is no box as CVAT exports it",
		`[{"data":{"item":"1-aaaaaaaa"}}`:   "the file ends within the list of tasks",
		`[{"data":{"item":"1-aaaaaaaa"}}]x`: "something stands behind the list of tasks",
		`[{"data":{"item":"1-aaaaaaaa"}},{"da`: "task 2: it is no list of tasks as Label Studio exports it " +
			"(JSON, not JSON-MIN): the file ends within it",
		`[{"data":7}]`:                     "task 1: it is no list of tasks as Label Studio exports it (JSON, not JSON-MIN): data holds a number",
		`[{"data":{]`:                      "it is no JSON at byte 10",
		"item,decision\n1-a,\"keep":        "no column new_class",
		"item,\"decision":                  "line 1: the cell that begins in line 1 has no closing quotation mark",
		"item,deci\"sion":                  "line 1: a quotation mark stands within a cell",
		strings.Repeat(",", 30_000_000):    "line 1 has 30,000,001 cells",
		header + strings.Repeat(",", 1000): "line 2 has 1,001 cells",
		"<x><box label='c'><attribute name='decision'>fix</attribute></box></x>": "has the decision fix and no item",
	} {
		_, err := r.Read([]byte(content))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", content, err, want)
		}
	}
}

// FuzzRead: no file of decisions makes Read panic, and what it lets pass can be applied: the result is JSON.
func FuzzRead(f *testing.F) {
	files, r := written(f, "cats.json", cats)
	f.Add([]byte("item,decision,new_class,new_x,new_y,new_width,new_height\n1-aaaaaaaa,fix,cat,1,2,3,4\n3-cccccccc,add,cat,1,2,3,4\n"))
	f.Add([]byte(exported))
	f.Add([]byte(`[{"data":{"item":"2-bbbbbbbb"},"annotations":[{"result":[{"from_name":"decision","value":{"choices":["fix"]}},` +
		`{"type":"rectanglelabels","value":{"x":1,"y":2,"width":3,"height":4e1,"rectanglelabels":["cat"]}}]}]}]`))
	f.Fuzz(func(t *testing.T, content []byte) {
		list, err := r.Read(content)
		if err != nil {
			return
		}
		if got, _ := applied(t, files, r, list); !json.Valid([]byte(got)) {
			t.Errorf("%s", got)
		}
	})
}

// TestBothDeleted: of two boxes of one object one stays.
func TestBothDeleted(t *testing.T) {
	_, r := written(t, "cats.json", cats)
	for k, id := range []string{"8", "7"} {
		r.Items[k].Code, r.Items[k].Other = "duplicate", id
	}
	header := "item,decision,new_class,new_x,new_y,new_width,new_height\n"
	_, err := r.Read([]byte(header + "1-aaaaaaaa,delete,,,,,\n2-bbbbbbbb,delete,,,,,\n"))
	if err == nil || !strings.Contains(err.Error(), "line 3: items 1-aaaaaaaa and 2-bbbbbbbb are two boxes of one object") {
		t.Errorf("%v", err)
	}
	if _, err := r.Read([]byte(header + "1-aaaaaaaa,delete,,,,,\n2-bbbbbbbb,keep,,,,,\n")); err != nil {
		t.Error(err)
	}
}

// TestOtherFiles: decisions about other files than the report is of are refused.
func TestOtherFiles(t *testing.T) {
	_, r := written(t, "cats.json", cats)
	for want, in := range map[string]report.Input{
		"has changed since":                         {Name: "cats.json", SHA256: "0"},
		"which is not among the files given (cats.": {Name: "dogs.json"},
	} {
		if _, err := New(r.Data, nil, []report.Input{in}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestApplyIsExact: of random decisions, the corrected file holds what a program that decodes all of the
// JSON, changes the decoded records and compares makes of it; and without decisions it is the same file.
func TestApplyIsExact(t *testing.T) {
	files, r := written(t, "cats.json", cats)
	if got, _ := applied(t, files, r, nil); got != cats {
		t.Errorf("without decisions: %s", got)
	}
	type file struct {
		Info, Images, Categories any
		Annotations              []map[string]any
	}
	rapid.Check(t, func(rt *rapid.T) {
		var want file
		if err := json.Unmarshal([]byte(cats), &want); err != nil {
			rt.Fatal(err)
		}
		record := func(id float64) map[string]any {
			return want.Annotations[slices.IndexFunc(want.Annotations, func(a map[string]any) bool { return a["id"] == id })]
		}
		var rows strings.Builder
		rows.WriteString("item,decision,new_class,new_x,new_y,new_width,new_height\n")
		var gone []float64
		for n, id := range map[int]float64{0: 7, 1: 8, 3: 5} {
			key := r.Items[n].Key()
			switch rapid.SampledFrom([]string{"", "keep", "box", "class", "both", "delete"}).Draw(rt, key) {
			case "keep":
				fmt.Fprintf(&rows, "%s,keep,,,,,\n", key)
			case "box":
				fmt.Fprintf(&rows, "%s,fix,,1,2,3.5,4\n", key)
				setBox(record(id), 1, 2, 3.5, 4)
			case "class":
				other := map[float64]string{1: "=dog", 2: "cat"}[record(id)["category_id"].(float64)]
				fmt.Fprintf(&rows, "%s,fix,%s,,,,\n", key, other)
				record(id)["category_id"] = 3 - record(id)["category_id"].(float64)
			case "both":
				fmt.Fprintf(&rows, "%s,fix,'=dog,5,6,7,8\n", key)
				setBox(record(id), 5, 6, 7, 8)
				record(id)["category_id"] = 2.0
			case "delete":
				fmt.Fprintf(&rows, "%s,delete,,,,,\n", key)
				gone = append(gone, id)
			}
		}
		want.Annotations = slices.DeleteFunc(want.Annotations, func(a map[string]any) bool {
			return slices.Contains(gone, a["id"].(float64))
		})
		if rapid.Bool().Draw(rt, "added") {
			fmt.Fprintf(&rows, "3-cccccccc,add,=dog,1,1,2,2\n")
			want.Annotations = append(want.Annotations, map[string]any{
				"id": 10.0, "image_id": "x", "category_id": 2.0, "bbox": []any{1.0, 1.0, 2.0, 2.0}, "area": 4.0, "iscrowd": 0.0,
				"segmentation": []any{[]any{1.0, 1.0, 3.0, 1.0, 3.0, 3.0, 1.0, 3.0}},
			})
		}
		list, err := r.Read([]byte(rows.String()))
		if err != nil {
			rt.Fatal(err)
		}
		text, _ := applied(t, files, r, list)
		var got file
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			rt.Fatalf("%v: %s", err, text)
		}
		if !reflect.DeepEqual(got, want) {
			rt.Fatalf("%v\ninstead of\n%v", got, want)
		}
	})
}

// setBox gives a decoded record a new box, with its area and outline where it has any.
func setBox(record map[string]any, x, y, w, h float64) {
	record["bbox"] = []any{x, y, w, h}
	if _, has := record["area"]; has {
		record["area"] = w * h
	}
	if outline, _ := record["segmentation"].([]any); len(outline) > 0 {
		record["segmentation"] = []any{[]any{x, y, x + w, y, x + w, y + h, x, y + h}}
	}
}

// TestAddedRecordHasIgnore: a new record has ignore, as 0, if every other one has it, whatever its value, and else lacks it.
func TestAddedRecordHasIgnore(t *testing.T) {
	for _, of := range []struct {
		each func(k int) string
		want bool
	}{
		{func(int) string { return `, "ignore": 0` }, true},
		{func(k int) string { return fmt.Sprintf(`, "ignore": %d`, k%2) }, true},
		{func(k int) string { return []string{"", `, "ignore": 0`}[min(1, k)] }, false},
		{func(int) string { return "" }, false},
	} {
		k := -1
		data := regexp.MustCompile(`"category_id": [12]`).ReplaceAllStringFunc(cats, func(s string) string {
			k++
			return s + of.each(k)
		})
		files, r := written(t, "a.json", data)
		list, err := r.Read([]byte("item,decision,new_class,new_x,new_y,new_width,new_height\n3-cccccccc,add,cat,60,60,10,20\n"))
		if err != nil {
			t.Fatal(err)
		}
		got, done := applied(t, files, r, list)
		if done.Added != 1 || strings.Contains(got, `60, 80]], "ignore": 0}`) != of.want {
			t.Errorf("%s: want ignore %v in %s", data, of.want, got)
		}
	}
}
