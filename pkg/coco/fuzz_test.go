package coco

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/find"
)

// FuzzRead holds the reader against encoding/json: what both read is the same,
// what one of them refuses the other does too, but for what is documented. And
// it holds it against itself: the sizes of blocks and the number of workers
// change nothing.
func FuzzRead(f *testing.F) {
	for _, s := range seeds() {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if bytes.HasPrefix(data, gzipMagic) || bytes.HasPrefix(data, zstdMagic) {
			return
		}
		files := map[string]string{"a.json": string(data)}
		d := texts(blockSize, 1, files)
		for _, v := range [][2]int{{64, 1}, {64, 3}, {16, 1}} {
			if other := texts(v[0], v[1], files); !reflect.DeepEqual(d, other) {
				t.Fatalf("blocks of %d, %d workers:\n%+v\nat once:\n%+v", v[0], v[1], other, d)
			}
		}
		invariants(t, d)
		compare(t, data, d)
	})
}

func seeds() []string {
	images := `{"id": 1, "file_name": "\u00e9\ud83d\ude00.jpg", "width": 100, "height": 80}, {"id": "x", "file_name": "b", "width": 0, "height": "5"}, 7`
	anns := strings.Join([]string{
		ann(""), ann(`"bbox": null; "segmentation": [[1, 2, 3, 4, 5, 6], [7.5, 8]]`),
		ann(`"bbox": [1, 2]; "segmentation": {"size": [3, 4], "counts": [4, 2, 1, 1, 4]}`),
		ann(`"bbox": null; "segmentation": {"size": [3, 4], "counts": "421O3"}`),
		ann(`"bbox": null; "segmentation": {"size": [3, 4], "counts": [12]}`), // not a pixel
		strings.Replace(ann(`"iscrowd": true`), "iscrowd", "iscroWd", 1),
		ann(`"id": 1.0; "image_id": "1"; "category_id": 1e0; "iscrowd": true; "ignore": 1; "area": -0.0`),
		ann(`"image_id": "x"; "x": [{"a": {}}, {"b": []}, {"c": null}]; "area": 1e-400`), `null`, `[]`, `{}`,
	}, ",\n")
	whole := file(images, anns, `{"id": 1, "name": "cat"}, {"id": 2}`)
	return []string{
		"", "{}", "[]", "5", whole, "\xef\xbb\xbf" + whole, strings.ReplaceAll(whole, "\n", "\r\n"), whole[:len(whole)/2],
		`{"annotations": [` + anns + `], "info": {"a": [1, {"b": "c"}]}, "images": [` + images + `]}`,
		`{"images": [], "annotations": [{"bbox": [NaN, Infinity, -Infinity, 1e999], "area": NaN}]}`,
		`{"images": [{"id": 1}], "images": [], "annotations": []}`,
		`[{"image_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}]`,
		`{"images": [{"\u0069d": 1, "ID": 2, "id": 3}], "annotations": [{"bbox": [[1], {"a": 1}, 3, 4]}]}`,
		`{"images": null, "annotations": [], "categories": {}}`,
		"{\"images\": [{\"file_name\": \"\xff\xfe\\ud800\\udc00\\ud800x\"}], \"annotations\": []}",
		`{"x": [{"id": 1}, {"id": 2}, {"id": 3}, {"id": 4}, {"id": 5}, {"id": 6}, {"id": 7}], "images": [], "annotations": []}`,
		`{"x": "}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}", "images": [{"id": 1}], "annotations": []}`,
		`{"images": [], "annotations": [{"id": -0, "bbox": [-0.0, 0.1e1, 1E+2, 123456789.123456789], "segmentation": [["]", 1]]}, {"segmentation": []}]}`,
	}
}

// invariants hold for whatever was read.
func invariants(t failer, d *dataset.Dataset) {
	for _, s := range d.Sources {
		next := int32(0)
		for i, im := range s.Images {
			if im.First != next || im.Last < im.First {
				t.Fatalf("image %d has objects %d to %d", i, im.First, im.Last)
			}
			next = im.Last
		}
		for i, o := range s.Objects {
			inside := o.Image >= 0 && s.Images[o.Image].First <= int32(i) && int32(i) < s.Images[o.Image].Last
			if inside == (int32(i) >= next) {
				t.Fatalf("object %d has image %d", i, o.Image)
			}
			if o.Class >= int32(len(d.Classes)) || !isFinite(o.Box.X+o.Box.Y) && !isFinite(o.Box.X) {
				t.Fatalf("object %+v", o)
			}
		}
		if !slices.IsSortedFunc(s.Flaws, func(a, b dataset.Flaw) int { return int(a.Offset - b.Offset) }) {
			t.Fatal("flaws are not sorted")
		}
		for _, f := range s.Flaws {
			if f.Message == "" || strings.ContainsAny(f.Message, "\n\r") || f.Line < 1 || f.Object >= 0 && s.Objects[f.Object].Offset != f.Offset {
				t.Fatalf("flaw %+v", f)
			}
		}
	}
}

// lenient are values that encoding/json does not read.
var lenient = regexp.MustCompile(`NaN|Infinity`)

// far are exponents with which big.Rat would take forever.
var far = regexp.MustCompile(`[eE][+-]?[0-9]{4,}`)

// compare holds the reading of data against encoding/json's.
func compare(t failer, data []byte, d *dataset.Dataset) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	valid := json.Valid(data)
	if !valid {
		// The grammar of numbers in outlines is not checked.
		if len(d.Sources) > 0 && !lenient.Match(data) && !bytes.Contains(data, []byte("seg")) && !bytes.Contains(data, []byte(`\u`)) {
			t.Fatalf("read what encoding/json refuses: %q", data)
		}
		return
	}
	if len(d.Refused) > 0 {
		text := d.Refused[0].Error()
		if !strings.Contains(text, "expected COCO annotations, found") && !strings.Contains(text, "expected one array of") && !strings.Contains(text, "expected an array of") {
			t.Fatalf("refused what encoding/json reads: %s", text)
		}
		return
	}
	if far.Match(data) {
		return
	}
	want := decode(data)
	if want.unsure {
		return
	}
	if got := summarize(d); !reflect.DeepEqual(got, want) {
		t.Fatalf("read\n%+v\nencoding/json\n%+v", got, want)
	}
}

// failer is a *testing.T or a *rapid.T.
type failer interface {
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// FuzzLongRecords: where records are left out for their length, the sizes of blocks and the
// number of workers change nothing, and a file is refused only if it is without a limit.
func FuzzLongRecords(f *testing.F) {
	for _, s := range seeds() {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if bytes.HasPrefix(data, gzipMagic) || bytes.HasPrefix(data, zstdMagic) {
			return
		}
		read := func(block, workers, limit int) (*dataset.Dataset, string) {
			r := &reader{Options: Options{Workers: workers}, block: block, limit: limit}
			r.open = func(f find.File, more func(int)) (*input, error) {
				return newInput(io.NopCloser(bytes.NewReader(data)), f.Size, more)
			}
			d, err := r.read(t.Context(), []find.File{{Name: "a.json", Path: "a.json", Size: int64(len(data)), Listed: true}})
			if err != nil {
				t.Fatal(err)
			}
			if len(d.Refused) > 0 {
				return d, d.Refused[0].Error()
			}
			return d, ""
		}
		if !json.Valid(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))) {
			return // which fault of a record is met first depends on where it is passed over
		}
		const limit = 40
		want, refused := read(blockSize, 1, limit)
		if _, free := read(blockSize, 1, maxRecord); refused != "" && free == "" {
			t.Fatalf("refused for its records: %s", refused)
		}
		for _, v := range [][2]int{{64, 1}, {64, 3}, {16, 1}} {
			got, other := read(v[0], v[1], limit)
			if strings.Contains(other, "a key or number of at most 64 MiB") {
				continue // one is read at once where it is within a block
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("blocks of %d, %d workers:\n%+v %s\nat once:\n%+v %s", v[0], v[1], got, other, want, refused)
			}
		}
		invariants(t, want)
	})
}

// FuzzSingle: any file is a single or is none, without a panic, and one that encoding/json finds to be of the form is
// read. Its records are where they begin.
func FuzzSingle(f *testing.F) {
	for _, text := range []string{
		singleOf(1, fine(1)), singleOf(2), `{"annotations": [{"id": 1}], "image": {"image_id": "x"}}`, `{"image": {}}`, `[`, "",
		"\xef\xbb\xbf" + singleOf(1, "7", "null"), `{"image": {"image_id": 1}, "annotations": [{"bbox": [1, 2, 3, 4]}, {}]} `,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		of, _ := roleOf(text, true)
		s := &single{name: "a.json", stored: text, from: 1 << windowBits}
		s.broken = (&reader{}).single(s)
		keys := map[string]json.RawMessage{}
		var image map[string]any
		var annotations []map[string]any
		once := bytes.Count(text, []byte("annotations")) == 1 && bytes.Count(text, []byte(`"image"`)) == 1 &&
			!bytes.ContainsRune(text, '\\') // no key stands there twice, in whatever letters
		if once && json.Unmarshal(bytes.TrimPrefix(text, bom), &keys) == nil && keys["images"] == nil &&
			json.Unmarshal(keys["image"], &image) == nil && json.Unmarshal(keys["annotations"], &annotations) == nil &&
			image != nil && annotations != nil {
			cocos := bytes.Contains(keys["annotations"], []byte(fImage.String()))
			if of != find.Member && !cocos || s.broken != nil || len(s.part.recs) != 1+len(annotations) {
				t.Fatalf("%q: role %d, %d records, %v", text, of, len(s.part.recs), s.broken)
			}
		}
		if s.broken != nil {
			return
		}
		for _, r := range s.part.recs {
			if at := r.offset - s.from; !r.list && text[at] != '{' {
				t.Fatalf("%q: no record begins at byte %d", text, at)
			}
		}
		j := &joint{x: newExtract("x"), sum: sha256.New(), images: map[dataset.IDKey]string{}}
		j.add(s)
		j.settle()
		d, err := dataset.Join(t.Context(), 1, []dataset.Outcome{{Name: "x", Builder: j.x.b}})
		if err != nil {
			t.Fatal(err)
		}
		invariants(t, d)
	})
}
