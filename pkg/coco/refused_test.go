package coco

import (
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/find"
)

func TestSyntaxErrors(t *testing.T) {
	cases := []struct {
		text         string
		line, column int
		offset       int64
		expected     string
		found        string
	}{
		{"", 1, 1, 0, "a JSON object", "end of file"},
		{" \n ", 2, 2, 3, "a JSON object", "end of file"},
		{"hello", 1, 1, 0, "a JSON value", `"h"`},
		{"{", 1, 2, 1, "a key in quotes", "end of file"},
		{`{"images": [`, 1, 13, 12, "a JSON value", "end of file"},
		{`{"images": [{"id": 1}`, 1, 22, 21, `"," or "]"`, "end of file"},
		{`{"images": [{"id": 1}, {"id"`, 1, 29, 28, `":"`, "end of file"},
		{`{"images": [{"id": 1}, {"id": 12`, 1, 33, 32, `"," or "}"`, "end of file"},
		{`{"images": [{"id": 1}, {"file_name": "a`, 1, 40, 39, "the end of the string", "end of file"},
		{`{"images": [], "annotations": []`, 1, 33, 32, `"," or "}"`, "end of file"},
		{`{"images": [], "annotations": []} x`, 1, 35, 34, "end of file", `"x"`},
		{"{\"images\": [],\n \"annotations\": [\n  {\"id\": 1},\n  {\"id\" 2}]}", 4, 9, 54, `":"`, `"2"`},
		{"{\r\n\"images\": [}", 2, 12, 14, "a JSON value", `"}"`},
		{`{"images": [{"id": 1},]}`, 1, 23, 22, "a JSON value", `"]"`},
		{`{"images": [{"id": 1,}]}`, 1, 22, 21, "a key in quotes", `"}"`},
		{`{"images": [{id: 1}]}`, 1, 14, 13, "a key in quotes", `"i"`},
		{`{"images": [{"id": 01}]}`, 1, 21, 20, "a number without leading zeros", `"1"`},
		{`{"images": [{"id": 1.}]}`, 1, 22, 21, "a digit", `"}"`},
		{`{"images": [{"id": .5}]}`, 1, 20, 19, "a JSON value", `"."`},
		{`{"images": [{"id": +5}]}`, 1, 20, 19, "a JSON value", `"+"`},
		{`{"images": [{"id": 1e}]}`, 1, 22, 21, "a digit", `"}"`},
		{`{"images": [{"id": -}]}`, 1, 21, 20, "a digit", `"}"`},
		{`{"images": [{"id": nul}]}`, 1, 23, 22, "a JSON value", `"}"`},
		{`{"images": [{"id": 1 "width": 2}]}`, 1, 22, 21, `"," or "}"`, `"\""`},
		{`{"images": [{"id": 1} {"id": 2}]}`, 1, 23, 22, `"," or "]"`, `"{"`},
		{"{\"images\": [{\"file_name\": \"a\tb\"}]}", 1, 29, 28, "the end of the string", "control character 0x09"},
		{`{"images": [{"file_name": "a\x"}]}`, 1, 30, 29, `one of "\/bfnrtu behind the backslash`, `"x"`},
		{`{"images": [{"file_name": "\u12g4"}]}`, 1, 32, 31, "four hexadecimal digits", `"g"`},
		{`{"images": [{"x": [1, 2}]}`, 1, 24, 23, `"," or "]"`, `"}"`},
		{`{"images": [{"x": {"a": 1]}]}`, 1, 26, 25, `"," or "}"`, `"]"`},
		{`{"info": {"a" 1}}`, 1, 15, 14, `":"`, `"1"`},
		{`{"info": [1 2]}`, 1, 13, 12, `"," or "]"`, `"2"`},
		{`{"annotations": [{"bbox": [1 2]}]}`, 1, 30, 29, `"," or "]"`, `"2"`},
		{`{"annotations": [{"segmentation": [[1, 2] [3]]}]}`, 1, 43, 42, `"," or "]"`, `"["`},
		{`{"annotations": [{"segmentation": [[1, 2}]}]}`, 1, 41, 40, `"," or "]"`, `"}"`},
		{`{"annotations": [{"segmentation": [[1, "a]}]}`, 1, 46, 45, "the end of the string", "end of file"},
		{`{"annotations": [{"segmentation": [[1, abc]]}]}`, 1, 40, 39, "a JSON value", `"a"`},
		{`{"annotations": [{"segmentation": [[1, 2.3.4]]}]}`, 1, 43, 42, `"," or "]"`, `"."`},
		{`{"annotations": [{"segmentation": [[1 2, 3]]}]}`, 1, 39, 38, `"," or "]"`, `"2"`},
		{`{"annotations": [{"segmentation": [[1, 2,, 3]]}]}`, 1, 42, 41, "a JSON value", `","`},
		{`{"annotations": [{"segmentation": [[1, 2, 3,]]}]}`, 1, 45, 44, "a JSON value", `"]"`},
		{"{\"annotations\": [{\"segmentation\": [[1,\n<<<<<<< HEAD\n2]]}]}", 2, 1, 39, "a JSON value", `"<"`},
		{`{"images": [], "images": []}`, 1, 16, 15, "one array of images", "a second one"},
		{"{\"annotations\": [],\n\"annotations\": []}", 2, 1, 20, "one array of annotations", "a second one"},
		{`{"images": [], "annotations": 5}`, 1, 31, 30, "an array of annotations", "a number"},
		{`{"annotations": [], "images": {}}`, 1, 31, 30, "an array of images", "an object"},
		{`{"annotations": [], "images": [], "categories": null}`, 1, 49, 48, "an array of categories", "null"},
		{"\xef\xbb\xbf{x", 1, 2, 4, "a key in quotes", `"x"`},
		{"{\"a\": \"\xff\", \xff", 1, 12, 11, "a key in quotes", "byte 0xff"},
	}
	for _, c := range cases {
		for _, block := range []int{3, 5, 16, blockSize} {
			d := texts(block, 1, map[string]string{"found/a.json": c.text})
			var got *SyntaxError
			if len(d.Refused) != 1 || !errors.As(d.Refused[0], &got) {
				t.Errorf("%q is not refused: %v %v", c.text, d.Refused, d.Skipped)
				continue
			}
			want := SyntaxError{"found/a.json", c.line, c.column, c.offset, c.expected, c.found}
			if *got != want {
				t.Errorf("blocks of %d: %q\n got %v\nwant %v", block, c.text, got, &want)
			}
		}
	}
}

func TestSyntaxErrorText(t *testing.T) {
	e := &SyntaxError{"a.json", 4, 17, 1234, `"," or "]"`, `"}"`}
	if got, want := e.Error(), `a.json:4:17 (byte 1234): expected "," or "]", found "}"`; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// What is JSON but not COCO is skipped where it was found by searching and
// refused where it was asked for.
func TestNotCOCO(t *testing.T) {
	far := `{"images": [` + strings.Repeat(`{"id": 1, "file_name": "a.jpg"}, `, 20_000) + `{}], "annotations": [`
	cases := []struct{ text, why string }{
		{`[{"image_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}, broken`, "a list of COCO results"},
		{`[{"image_id": 1, "segmentation": {}}]`, "a list of COCO annotations without the object around it"},
		{`[{"file_name": "a.jpg"}]`, "a list of images without annotations"},
		{`[]`, "JSON of another kind"},
		{`[[1], 2]`, "JSON of another kind"},
		{`5`, "JSON of another kind"},
		{` "text" `, "JSON of another kind"},
		{`{}`, "JSON of another kind"},
		{`{"images": 5}`, "JSON of another kind"},
		{`{"annotations": []}`, "JSON of another kind"},
		{`{"images": []}`, "a list of images without annotations"},
		{`{"focalaudit": 1, "images": [], "annotations": []}`, "a report of focalaudit"},
		{`{"images": [], "annotations": [{"id": 1, "caption": "a cat"}]}`, "COCO captions"},
		{far + `5, {"id": 1, "caption": "a cat"}]}`, "COCO captions"},
		{far + `{"image_id": 1, "segments_info": [{"id": 5, "bbox": [1, 2, 3, 4]}]}]}`, "COCO panoptic annotations"},
		{`{"images": [], "annotations": [{"id": 1, "image_id": 1}]}`, "annotations without boxes"},
		{`{"version": "5.0.1", "shapes": [], "imagePath": "a.jpg"}`, "LabelMe annotations"},
	}
	for _, c := range cases {
		for _, block := range []int{1, 16, blockSize} {
			if len(c.text) > 1<<16 && block < blockSize {
				continue
			}
			d := texts(block, 1, map[string]string{"found/a.json": c.text, "b.json": c.text})
			if len(d.Skipped) != 1 || d.Skipped[0].Name != "found/a.json" || !strings.HasPrefix(d.Skipped[0].Why, c.why) {
				t.Errorf("%.80s: skipped %v, want %q", c.text, d.Skipped, c.why)
			}
			want := "b.json: expected COCO annotations, found " + c.why
			if len(d.Refused) != 1 || !strings.HasPrefix(d.Refused[0].Error(), want) {
				t.Errorf("%.80s: refused %v, want %q", c.text, d.Refused, want)
			}
		}
	}
}

// What is no JSON is refused by the name of what it is, wherever it was found, plain
// and compressed.
func TestNotJSON(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 1\n",
			"expected COCO annotations, found a Git LFS pointer"},
		{"PK\x03\x04\x14\x00\x00\x00\x08\x00abc", "expected COCO annotations, found a zip archive"},
		{"\xff\xfe{\x00}\x00", "expected COCO annotations, found UTF-16 text"},
		{"<!DOCTYPE html>\n<html>", "expected COCO annotations, found an HTML page"},
		{"{'images': [], 'annotations': []}",
			`a.json:1:2 (byte 1): expected a key in quotes, found "'": the file holds Python literals`},
		{file("", `{"id": None}`, ""), "the file holds Python literals"},
		{file("", `{"id": nan}`, ""), "the file holds Python literals"},
		{file("", `{"segmentation": [[1,`+"\n<<<<<<< HEAD\n2]]}", ""),
			`found "<": the file holds the marks of a merge conflict`},
		{file("", ann(""), "") + "\n" + file("", ann(""), ""),
			"expected COCO annotations, found COCO annotations within another value, as JSON lines"},
		{`{"source-ref": "a"}` + "\n" + `{"source-ref": "b"}`,
			"expected COCO annotations, found a SageMaker Ground Truth manifest, as JSON lines"},
		{"<annotation><object/></annotation>",
			"expected COCO annotations, found an annotation in the XML of Pascal VOC"},
		{"0 0.5 0.5 0.1 0.1\n", "expected COCO annotations, found a label file of YOLO"},
		{file("", ann(""), "") + "x", `expected end of file, found "x"`},
		{file("", `{"id": nul}`, ""), `expected a JSON value, found "}"`},
		{"hello", `expected a JSON value, found "h"`},
	} {
		for name, stored := range map[string]string{"a.json": c.text, "found/a.json": c.text, "a.json.gz": gz(t, c.text), "a.json.zst": zst(t, c.text)} {
			if strings.HasPrefix(c.want, "a.json:") && name != "a.json" {
				continue
			}
			d := texts(blockSize, 1, map[string]string{name: stored})
			if len(d.Refused) != 1 || !strings.Contains(d.Refused[0].Error(), c.want) {
				t.Errorf("%s: %.40q: refused %v, want %q", name, c.text, d.Refused, c.want)
			}
		}
	}
}

// TestCompressedWithoutItsEnding: the file is read, and the flaw told once.
func TestCompressedWithoutItsEnding(t *testing.T) {
	plain := file("", ann(""), "")
	for _, c := range []struct {
		name, stored string
		flaws        int
	}{
		{"a.json", plain, 0},
		{"a.json", gz(t, plain), 1},
		{"a.json", zst(t, plain), 1},
		{"a.json.zst", gz(t, plain), 1},
		{"a.json.gz", gz(t, plain), 0},
		{"a.json.GZ", gz(t, plain), 0},
		{"a.json.zst", zst(t, plain), 0},
		{"a.json.gz", plain, 1},
		{"a.json.zst", plain, 1},
	} {
		d := texts(blockSize, 1, map[string]string{c.name: c.stored})
		if len(d.Sources) != 1 || len(d.Sources[0].Objects) != 1 {
			t.Fatalf("%s: %v", c.name, d.Refused)
		}
		f := d.Sources[0].Flaws
		if len(f) != c.flaws || c.flaws > 0 && f[0].Code != dataset.FileEnding {
			t.Errorf("%s: %+v", c.name, f)
		}
	}
}

func TestEmptyCOCO(t *testing.T) {
	s, _ := source(t, `{"annotations": [], "images": []}`)
	if len(s.Images)+len(s.Objects)+len(s.Flaws) != 0 {
		t.Errorf("%+v", s)
	}
}

// Nesting, strings and numbers without bounds are refused or passed over, in
// bounded memory.
func TestExtremes(t *testing.T) {
	deep := strings.Repeat("[", 9999) + strings.Repeat("]", 9999)
	if _, d := source(t, `{"x": `+deep+`, "images": [], "annotations": []}`); len(d.Refused) > 0 {
		t.Error(d.Refused)
	}
	s, _ := source(t, `{"x": `+deep+`, "images": [], "annotations": []}`)
	if got := codes(s.Flaws); len(got) != 1 || s.Flaws[0].Code != dataset.FileNested {
		t.Error(got)
	}
	tooDeep := `{"x": ` + "[" + deep + "]" + `}`
	d := text(tooDeep)
	if len(d.Refused) != 1 || !strings.Contains(d.Refused[0].Error(), "at most 10000 levels of nesting, found more") {
		t.Error(d.Refused)
	}
	d = text(strings.Repeat("[", 1<<20))
	if len(d.Refused) != 1 {
		t.Error("deep nesting is not refused")
	}
	long := strings.Repeat("x", 8<<20)
	s, _ = source(t, `{"info": "`+long+`", "images": [{"id": 1, "x": "`+long+`", "width": 5, "height": 5, "file_name": "a"}], "annotations": []}`)
	if len(s.Flaws) != 0 || len(s.Images) != 1 {
		t.Error(codes(s.Flaws))
	}
	s, _ = source(t, file("", ann(`"id": `+strings.Repeat("9", 1000)), ""))
	if s.Flaws[0].Code != dataset.IDMissing || len(s.Flaws[0].Message) > 200 {
		t.Error(s.Flaws)
	}
}

// TestRecordTooLong: a record above the limit is left out, with a finding at its place,
// and costs no other record, wherever blocks end.
func TestRecordTooLong(t *testing.T) {
	read := func(block, workers, limit int, file string) *dataset.Dataset {
		r := &reader{Options: Options{Workers: workers}, block: block, limit: limit}
		r.open = func(f find.File, more func(int)) (*input, error) {
			return newInput(io.NopCloser(strings.NewReader(file)), f.Size, more)
		}
		d, err := r.read(t.Context(), []find.File{{Name: "a.json", Path: "a.json", Size: int64(len(file)), Listed: true}})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	anns := ann("") + ",\n" + ann(`"id": 2; "x": "`+strings.Repeat("},{", 700)+`"`) + ",\n" + ann(`"id": 3`) + ",\n" +
		ann(`"id": 4; "segmentation": [[`+strings.Repeat("1,\n", 700)+`2]]`) + `, "` + strings.Repeat("y", 2000) + `", ` + ann(`"id": 5`)
	file := file("", anns, "")
	want := read(blockSize, 1, 1000, file)
	if len(want.Sources) != 1 || len(want.Sources[0].Objects) != 3 || want.Sources[0].BadAnnotations != 3 {
		t.Fatalf("refused %v, %+v", want.Refused, want.Sources)
	}
	f := want.Sources[0].Flaws[1]
	if got := f.Message; got != "an element of annotations is longer than 64 MiB, expected an object of at most 64 MiB; it is left out" ||
		!strings.HasPrefix(file[f.Offset:], `{"id": 4`) || int(f.Line) != 1+strings.Count(file[:f.Offset], "\n") {
		t.Errorf("%+v", f)
	}
	for _, block := range []int{16, 64, 100, 999, 4096} {
		for _, workers := range []int{1, 3} {
			if got := read(block, workers, 1000, file); !reflect.DeepEqual(got, want) {
				t.Errorf("blocks of %d, %d workers:\n%+v\nat once:\n%+v", block, workers, got, want)
			}
		}
	}
	for _, cut := range []string{file[:f.Offset+1500], file[:f.Offset+200]} {
		if d := read(64, 1, 1000, cut); len(d.Refused) != 1 || !strings.Contains(d.Refused[0].Error(), "found end of file") {
			t.Errorf("cut off within the record: %v", d.Refused)
		}
	}
}

// TestRecordOf64MiB: above 64 MiB, in an annotation file and in one of detections.
func TestRecordOf64MiB(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second")
	}
	long := strings.Repeat("x", maxRecord)
	s, _ := source(t, file("", ann("")+","+ann(`"id": 2; "x": "`+long+`"`)+","+ann(`"id": 3`), ""))
	if len(s.Objects) != 2 || len(s.Flaws) != 1 || s.Flaws[0].Code != dataset.RecordNotObject {
		t.Errorf("%d objects, %v", len(s.Objects), s.Flaws)
	}
	r, err := resultsOf(t, `[{"image_id":1,"category_id":3,"bbox":[1,1,2,2],"score":0.5},{"x":"`+long+`"},{"image_id":1,"category_id":7,"bbox":[1,1,2,2],"score":1}]`, blockSize)
	if err != nil || len(r.Detections) != 2 || len(r.LeftOut) != 1 || !strings.Contains(r.LeftOut[0].Message, "longer than 64 MiB") {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestLongNames: a record with a name or an id above 32 KiB is left out, with a finding, in every
// array, and costs no other. Each finding would repeat it.
func TestLongNames(t *testing.T) {
	fits, long := strings.Repeat("x", maxText), strings.Repeat("x", maxText+1)
	digits := "1." + strings.Repeat("0", maxText) + "5"
	image := func(id, name string) string {
		return `{"id":` + id + `,"file_name":"` + name + `","width":9,"height":9}`
	}
	annotation := func(id, image, category string) string {
		return `{"id":` + id + `,"image_id":` + image + `,"category_id":` + category + `,"bbox":[1,1,2,2]}`
	}
	text := `{"images":[` + image("1", fits) + "," + image("2", long) + "," + image(`"`+long+`"`, "c") + "," + image(digits, "d") + `],
		"categories":[{"id":3,"name":"` + fits + `"},{"id":4,"name":"` + long + `"},{"id":5,"name":"e","supercategory":"` + long + `"}],
		"annotations":[` + annotation("1", "1", "3") + "," + annotation(`"`+long+`"`, "1", "3") + "," + annotation(digits, "1", "3") + "," +
		annotation("4", `"`+long+`"`, "3") + "," + annotation("5", "1", `"`+long+`"`) + "," + annotation(`"`+fits+`"`, "1", "3") + `]}`
	s, _ := source(t, text)
	if len(s.Images) != 1 || s.BadImages != 3 || len(s.Categories) != 1 || len(s.Objects) != 2 || s.BadAnnotations != 4 {
		t.Errorf("%d images, %d bad, %d categories, %d objects, %d bad", len(s.Images), s.BadImages, len(s.Categories), len(s.Objects), s.BadAnnotations)
	}
	for _, f := range s.Flaws {
		kept := f.Code == dataset.IDNotInteger && strings.Contains(f.Message, fits)
		if !kept && (f.Code != dataset.RecordNotObject || !strings.Contains(f.Message, "a name or an id longer than 32 KiB") || !strings.Contains(f.Message, "it is left out")) {
			t.Errorf("%s: %.200s", f.Code, f.Message)
		}
	}
	if len(s.Flaws) != 10 {
		t.Errorf("%d flaws", len(s.Flaws))
	}
}
