package coco

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

// What holds data is known by its beginning, whatever stands before it.
func TestIsData(t *testing.T) {
	for content, want := range map[string]bool{
		`{"images": [], "annotations": []}`:                            true,
		`{"info": {"images": [1, [2]], "x": null}, "annotations": []}`: true,
		"\xef\xbb\xbf{\"images\": [":                                   true, // cut off
		`[{"score": 0.5, "image_id": "a"}]`:                            true,
		`{"images": 3, "annotations": {}}`:                             false,
		`{"deep": {"images": []}}`:                                     false,
		`[{"id": 1}, {"image_id": 1}]`:                                 false,
		`[1, 2]`:                                                       false,
		`[]`:                                                           false,
		`{`:                                                            false,
		`{"a": [`:                                                      false,
		`"images"`:                                                     false,
		``:                                                             false,
		`images: [1]`:                                                  false,
		"\x1f\x8b broken":                                              false,
	} {
		if got := IsData(strings.NewReader(content)); got != want {
			t.Errorf("%s: %v, want %v", content, got, want)
		}
	}
	var b bytes.Buffer
	z, err := zstd.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write([]byte(`{"images": []}`)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if !IsData(&b) {
		t.Error("not known under zstd")
	}
}

// TestIsDataOfBlanks: a stretch of blanks is looked at once. 8 MB of them in readings of bufio's 4 KB would take
// quadratic time.
func TestIsDataOfBlanks(t *testing.T) {
	begun := time.Now()
	blanks := strings.Repeat(" ", 32<<20)
	if !IsData(strings.NewReader("{" + blanks + `"images":` + blanks + "[]}")) {
		t.Error("blanks hide annotations")
	}
	if took := time.Since(begun); took > time.Minute {
		t.Errorf("took %v", took)
	}
}
