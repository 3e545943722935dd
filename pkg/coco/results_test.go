package coco

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/find"
	"focalaudit/pkg/geom"
)

// resultsOf reads a results file on a data set of two images, 1 and "b c", and
// two categories, 3 and 7.
func resultsOf(t *testing.T, text string, block int) (*dataset.Results, error) {
	t.Helper()
	dir := t.TempDir()
	gt := filepath.Join(dir, "gt.json")
	if err := os.WriteFile(gt, []byte(`{"images":[{"id":1,"file_name":"a","width":9,"height":9},{"id":"b c","file_name":"b","width":9,"height":9}],
		"categories":[{"id":3,"name":"x"},{"id":7,"name":"y"}],"annotations":[]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "dt.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	files, err := Find([]string{gt}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Read(context.Background(), files, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return ReadResults(context.Background(), path, "", d, Options{Workers: block})
}

func TestReadResults(t *testing.T) {
	r, err := resultsOf(t, `[
		{"image_id": "b c", "category_id": 7, "bbox": [1, 2, 3, 4], "score": 0.5},
		{"image_id": 1.0, "category_id": "3", "bbox": [0.25, -1, 3e0, 4], "score": 1, "extra": {"a": [1]}},
		{"score": 0, "bbox": [5, 6, 7, 8], "category_id": 3, "image_id": "1"},
		{"image_id": 2, "category_id": 3, "bbox": [1, 2, 3, 4], "score": 0.5},
		{"image_id": 1, "category_id": 4, "bbox": [1, 2, 3, 4], "score": 0.5},
		{"image_id": 1, "category_id": 3, "bbox": [1, 2, -3, 4], "score": 0.5},
		{"image_id": 1, "category_id": 3, "bbox": [1, 2, NaN, 4], "score": 0.5},
		{"image_id": 1, "category_id": 3, "score": 0.5},
		17,
		{"image_id": 1, "category_id": 3, "bbox": [1, 2, 3, 4], "score": "high"},
		{"image_id": 1, "category_id": 3, "bbox": [1, 2, 3, 4], "score": NaN},
		{"image_id": 1, "category_id": 3, "bbox": [1, 2, 3, 4]}
	]`, 1)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(r.Of(0, 0)), fmt.Sprint([]dataset.Detection{{Class: 0, Row: 1, Score: 1, Box: geom.Rect{X: 0.25, Y: -1, W: 3, H: 4}}, {Class: 0, Row: 2, Score: 0, Box: geom.Rect{X: 5, Y: 6, W: 7, H: 8}}}); got != want {
		t.Errorf("image 1: got %v, want %v", got, want)
	}
	if got, want := fmt.Sprint(r.Of(0, 1)), fmt.Sprint([]dataset.Detection{{Class: 1, Score: 0.5, Box: geom.Rect{X: 1, Y: 2, W: 3, H: 4}}}); got != want {
		t.Errorf("image b c: got %v, want %v", got, want)
	}
	var got []string
	for _, f := range r.LeftOut {
		got = append(got, fmt.Sprintf("%s %d at line %d: %s", f.Code, f.N, f.Line, f.Message))
	}
	want := []string{
		"detection-malformed 4 at line 7: bbox has width -3, expected > 0",
		"detection-score 3 at line 11: score is \"high\", expected a number from 0 to 1",
		"detection-image-unknown 1 at line 5: image_id is 2, expected the id of an image in use",
		"detection-class-unknown 1 at line 6: category_id is 4, expected the id of a category of the image's annotation file",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") || r.Read != 12 {
		t.Errorf("read %d, left out:\n%s\nwant:\n%s", r.Read, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestResultsThatAreNone(t *testing.T) {
	for text, want := range map[string]string{
		`{"images": []}`: "expected an array of detections, found an object; where it holds the array under a key",
		`"x"`:            "expected an array of detections, found \"\\\"\"",
		`[{"image_id": 5, "category_id": 3, "bbox": [1,2,3,4], "score": 0.1}]`:                                                                      "seems to belong to another data set",
		`[{"image_id": 1, "category_id": 3, "bbox": [1,2,3,4], "score": 0.1}, {"image_id": 1, "category_id": 3, "bbox": [1,2,3,4], "score": -2.5}]`: "1 of 2 scores are outside 0 to 1 (-2.5 to 0.1)",
		`[{"image_id": 1, "category_id": 3, "bbox": [1,2,3,4], "score": 0.1}`:                                                                       `expected "," or "]"`,
		`[{"image_id": 1, "category_id": 3, "bbox": [1,2,3,4], "score": 0.1}] x`:                                                                    "expected end of file",
		` [ ] `: "an empty array",
		``:      "the file is empty",
		`[{"image_id": 1, "category_id": 3, "bbox": [1,2,3,4], "score": "0.5"}]`: "its only record can't be used; at byte 1, line 1: score is",
	} {
		if _, err := resultsOf(t, text, 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", text, err, want)
		}
	}
}

// TestResultsWithKeysTwice: the last one counts, as in Python's json, and the records are counted; a key that does not
// matter may stand there twice.
func TestResultsWithKeysTwice(t *testing.T) {
	r, err := resultsOf(t, `[{"image_id": 1, "category_id": 3, "bbox": [1, 2, 3, 4], "score": 0.5, "extra": 1, "extra": 2},
		{"image_id": 1, "category_id": 3, "score": 0.1, "bbox": [9, 9, 9, 9], "score": 0.25, "bbox": [1, 2, 3, 4]},
		{"image_id": 5, "image_id": 1, "category_id": 3, "bbox": [1, 2, 3, 4], "score": 2, "score": 0.75}]`, 1)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(r.Of(0, 0)), fmt.Sprint([]dataset.Detection{{Class: 0, Row: 2, Score: 0.75, Box: geom.Rect{X: 1, Y: 2, W: 3, H: 4}}, {Class: 0, Row: 0, Score: 0.5, Box: geom.Rect{X: 1, Y: 2, W: 3, H: 4}}, {Class: 0, Row: 1, Score: 0.25, Box: geom.Rect{X: 1, Y: 2, W: 3, H: 4}}}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	want := "detection-key-repeated 2 at line 2: bbox stands there more than once, expected once; the last one counts"
	if f := r.Repeated; fmt.Sprintf("%s %d at line %d: %s", f.Code, f.N, f.Line, f.Message) != want || len(r.LeftOut) != 0 {
		t.Errorf("got %+v, want %s", f, want)
	}
}

// TestResultsOfClashingCategories: the image tells which file's categories are
// meant.
func TestResultsOfClashingCategories(t *testing.T) {
	d := &dataset.Dataset{Classes: []dataset.Class{{Name: "a"}, {Name: "x"}}, Sources: []dataset.Source{
		{Name: "a.json", Images: []dataset.Image{{ID: dataset.PlainID(1)}}, Categories: []dataset.Category{{ID: dataset.PlainID(1), Class: 0}}},
		{Name: "b.json", Categories: []dataset.Category{{ID: dataset.PlainID(9), Class: 0}}},
		{Name: "c.json", Images: []dataset.Image{{ID: dataset.PlainID(7)}, {ID: dataset.PlainID(8), LeftOut: dataset.NoImageSize}}, Categories: []dataset.Category{{ID: dataset.PlainID(1), Class: 1}}},
	}}
	path := filepath.Join(t.TempDir(), "dt.json")
	if err := os.WriteFile(path, []byte(`[{"image_id":7,"category_id":1,"bbox":[1,2,3,4],"score":0.5},{"image_id":1,"category_id":1,"bbox":[1,2,3,4],"score":0.5},
		{"image_id":8,"category_id":1,"bbox":[1,2,3,4],"score":0.5},{"image_id":7,"category_id":9,"bbox":[1,2,3,4],"score":0.5}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := ReadResults(context.Background(), path, "", d, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(r.Of(0, 0)[0].Class, r.Of(2, 0)[0].Class, len(r.Detections)); got != "0 1 2" {
		t.Errorf("classes and detections: got %s, want 0 1 2", got)
	}
	if len(r.LeftOut) != 2 || r.LeftOut[0].Code != dataset.ResultImageUnknown || r.LeftOut[1].Code != dataset.ResultClassUnknown {
		t.Errorf("left out: %+v", r.LeftOut)
	}
}

// TestResultsInBlocks: many blocks on several workers read as one does.
func TestResultsInBlocks(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var b strings.Builder
	b.WriteString("[")
	for i := range 20000 {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, `{"image_id": %s, "category_id": %d, "bbox": [%.3f, %v, %d, 1], "score": %v}`,
			[]string{"1", `"b c"`, "2"}[rng.IntN(3)], 3+rng.IntN(6), rng.Float64(), rng.Float32(), 1+rng.IntN(5), rng.Float64())
	}
	b.WriteString("]")
	one, err := resultsOf(t, b.String(), 1)
	if err != nil {
		t.Fatal(err)
	}
	many, err := resultsOf(t, b.String(), 3)
	if err != nil {
		t.Fatal(err)
	}
	if len(one.Detections) < 3000 || fmt.Sprint(one.Detections) != fmt.Sprint(many.Detections) || fmt.Sprint(one.LeftOut) != fmt.Sprint(many.LeftOut) {
		t.Errorf("one worker: %d detections, %v\nthree: %d, %v", len(one.Detections), one.LeftOut, len(many.Detections), many.LeftOut)
	}
}

// TestPlainDetections: detections that are read without a raw record are those that another key keeps from that, which
// no reader of detections asks for: the same records, left out for the same reasons at the same places.
func TestPlainDetections(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 17))
	number := func() string {
		switch rng.IntN(12) {
		case 0:
			return fmt.Sprint(rng.IntN(300))
		case 1:
			return strconv.FormatFloat(rng.Float64()*300, 'f', -1, 64)
		case 2:
			return []string{"-3.5", "0", "0.0", "-0", "1e1", "1.5E-3", "NaN", "Infinity", "1e999", "null", `"7"`, "true"}[rng.IntN(12)]
		}
		return strconv.FormatFloat(float64(rng.Float32())*300, 'f', -1, 64)
	}
	var plain, other strings.Builder
	for i := range 20000 {
		between := ", "
		if rng.IntN(9) == 0 {
			between = " ,\n "
		}
		score := fmt.Sprint(rng.Float64())
		if rng.IntN(9) == 0 {
			score = []string{"1", "0", "1.0000001", "NaN", "9e-1", `"1"`}[rng.IntN(6)]
		}
		fields := []string{
			`"image_id": ` + []string{"1", "1", "1", "1.0", `"b c"`, "2"}[rng.IntN(6)],
			`"category_id": ` + []string{"3", "7", "7", "4", "-3"}[rng.IntN(5)],
			`"bbox": [` + strings.Join([]string{number(), number(), number(), number()}, between) + `]`,
			`"score": ` + score,
		}
		switch rng.IntN(20) {
		case 0:
			fields = fields[1:]
		case 1:
			fields = append(fields, fields[2])
		case 2:
			rng.Shuffle(4, func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
		}
		if i == 0 {
			plain.WriteString("[")
			other.WriteString("[")
		} else {
			plain.WriteString(between)
			other.WriteString(between)
		}
		fmt.Fprintf(&plain, "{%s}", strings.Join(fields, between))
		fmt.Fprintf(&other, `{%s, "x": 0}`, strings.Join(fields, between))
	}
	got, err := resultsOf(t, plain.String()+"]", 1)
	if err != nil {
		t.Fatal(err)
	}
	want, err := resultsOf(t, other.String()+"]", 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []*dataset.Results{got, want} {
		for i := range r.LeftOut {
			r.LeftOut[i].Offset = 0 // of longer records
		}
	}
	if len(got.Detections) < 5000 || fmt.Sprint(got.Detections) != fmt.Sprint(want.Detections) {
		t.Errorf("%d detections, want %d", len(got.Detections), len(want.Detections))
	}
	if len(got.LeftOut) != 4 || fmt.Sprint(got.LeftOut) != fmt.Sprint(want.LeftOut) {
		t.Errorf("left out: got %+v, want %+v", got.LeftOut, want.LeftOut)
	}
}

// FuzzReadResults: whatever the bytes are, small blocks on several workers read
// what one block does, and JSON arrays of objects are read to the last record.
func FuzzReadResults(f *testing.F) {
	f.Add(`[{"image_id": 1, "category_id": 3, "bbox": [1, 2, 3, 4], "score": 0.5}, {"score": 2}]`)
	f.Add(` [ {"image_id":"b c","category_id":7,"bbox":[1e0,2,3,4],"score":1,"segmentation":{"counts":"x","size":[1,2]}} , 3 ] `)
	f.Add(`[[{}],{"a":{"b":[{"c":1}]}}]`)
	d := &dataset.Dataset{Classes: []dataset.Class{{Name: "x"}, {Name: "y"}}, Sources: []dataset.Source{{Name: "a", Images: []dataset.Image{{ID: dataset.PlainID(1)}, {ID: dataset.TextID("b c")}},
		Categories: []dataset.Category{{ID: dataset.PlainID(3), Class: 0}, {ID: dataset.PlainID(7), Class: 1}}}}}
	read := func(text string, block, workers int) (*dataset.Results, int, error) {
		b, err := dataset.NewResultsBuilder("dt", d, "")
		if err != nil {
			return nil, 0, err
		}
		in, err := newInput(io.NopCloser(strings.NewReader(text)), int64(len(text)), func(int) {})
		if err != nil {
			return nil, 0, err
		}
		rd := &reader{block: block}
		c := &counter{taker: newCollector("dt", b)}
		if err := rd.records(context.Background(), find.File{Name: "dt", Size: int64(len(text))}, in, workers, results, c); err != nil {
			return nil, 0, err
		}
		r, err := b.Join()
		return r, c.n, err
	}
	f.Fuzz(func(t *testing.T, text string) {
		one, n, err := read(text, 1<<20, 1)
		many, n2, err2 := read(text, 16, 3)
		if fmt.Sprint(err) != fmt.Sprint(err2) {
			t.Fatalf("one block: %v; many: %v", err, err2)
		}
		if fmt.Sprint(one) != fmt.Sprint(many) || n != n2 || one != nil && one.Read != int64(n) {
			t.Fatalf("one block: %d records, %+v; many: %d, %+v", n, one, n2, many)
		}
		var bad *SyntaxError
		var all []any
		if !errors.As(err, &bad) && json.Unmarshal([]byte(text), &all) == nil && len(all) != n {
			t.Fatalf("%d records, want %d", n, len(all))
		}
	})
}

// counter counts the records that a taker is given.
type counter struct {
	taker
	n int
}

func (c *counter) take(a *assembly, p *part) error {
	c.n += max(len(p.recs), len(p.found)) // a record that is passed over is among recs only
	return c.taker.take(a, p)
}
