package coco

import (
	"errors"
	"strings"
	"testing"

	"focalaudit/pkg/dataset"
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
	cases := []struct{ text, why string }{
		{`[{"image_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}, broken`, "a list of results"},
		{`[{"image_id": 1, "segmentation": {}}]`, "a list of results"},
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
		{`{"images": [], "annotations": [{"id": 1, "caption": "a cat"}]}`, "captions: annotations without boxes"},
	}
	for _, c := range cases {
		for _, block := range []int{1, 16, blockSize} {
			d := texts(block, 1, map[string]string{"found/a.json": c.text, "b.json": c.text})
			if len(d.Skipped) != 1 || d.Skipped[0] != (dataset.Skip{Name: "found/a.json", Why: c.why}) {
				t.Errorf("%s: skipped %v, want %q", c.text, d.Skipped, c.why)
			}
			want := "b.json: not COCO annotations but " + c.why
			if len(d.Refused) != 1 || d.Refused[0].Error() != want {
				t.Errorf("%s: refused %v, want %q", c.text, d.Refused, want)
			}
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
	s, _ := source(t, `{"info": "`+long+`", "images": [{"id": 1, "x": "`+long+`", "width": 5, "height": 5, "file_name": "a"}], "annotations": []}`)
	if len(s.Flaws) != 0 || len(s.Images) != 1 {
		t.Error(codes(s.Flaws))
	}
	s, _ = source(t, file("", ann(`"id": `+strings.Repeat("9", 1000)), ""))
	if s.Flaws[0].Code != dataset.IDMissing || len(s.Flaws[0].Message) > 200 {
		t.Error(s.Flaws)
	}
}

func TestRecordTooLong(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second")
	}
	long := strings.Repeat("x", maxRecord)
	d := text("{\"images\": [\n{\"x\": \"" + long + `"}]}`)
	want := "a.json:2:1 (byte 13): expected a record of at most 64 MiB, found a longer one"
	if len(d.Refused) != 1 || d.Refused[0].Error() != want {
		t.Errorf("%.200v\nwant %s", d.Refused, want)
	}
}
