package coco

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"

	"focalaudit/pkg/find"
)

// copied writes a file with content, copies it with edits, and returns the copy decompressed.
func copied(t interface {
	Fatal(...any)
	Helper()
}, dir, name string, content []byte, edits []Edit) string {
	t.Helper()
	var stored bytes.Buffer
	switch filepath.Ext(name) {
	case ".gz":
		z := gzip.NewWriter(&stored)
		z.Write(content)
		z.Close()
	case ".zst":
		z, err := zstd.NewWriter(&stored)
		if err != nil {
			t.Fatal(err)
		}
		z.Write(content)
		z.Close()
	default:
		stored.Write(content)
	}
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, stored.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := Copy(context.Background(), &out, find.File{Name: name, Path: path, Size: int64(stored.Len())}, edits); err != nil {
		t.Fatal(err)
	}
	in, err := newInput(readCloser{&out}, int64(out.Len()), func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	var plain bytes.Buffer
	if _, err := plain.ReadFrom(in); err != nil {
		t.Fatal(err)
	}
	return plain.String()
}

type readCloser struct{ *bytes.Buffer }

func (readCloser) Close() error { return nil }

func drop([]byte) [][]byte { return nil }

// becomes puts records in the place of one.
func becomes(records ...string) func([]byte) [][]byte {
	return func([]byte) [][]byte {
		var all [][]byte
		for _, r := range records {
			all = append(all, []byte(r))
		}
		return all
	}
}

// TestCopyEdits: what is dropped goes with its comma, what is new comes with one as its neighbours have,
// and every other byte stays. The expectations are written by hand.
func TestCopyEdits(t *testing.T) {
	const file = `{"a" : [ {"n":"}{\"]"},  {"n":2}  ,{"n":3} ] , "b":[{"n":4}]}`
	at := func(record string) int64 { return int64(strings.Index(file, record)) }
	one, two, three, four := at(`{"n":"`), at(`{"n":2}`), at(`{"n":3}`), at(`{"n":4}`)
	for _, c := range []struct {
		name  string
		edits []Edit
		want  string
	}{
		{"nothing", nil, file},
		{"first", []Edit{{one, drop}}, `{"a" : [ {"n":2}  ,{"n":3} ] , "b":[{"n":4}]}`},
		{"middle", []Edit{{two, drop}}, `{"a" : [ {"n":"}{\"]"},  {"n":3} ] , "b":[{"n":4}]}`},
		{"last", []Edit{{three, drop}}, `{"a" : [ {"n":"}{\"]"},  {"n":2} ] , "b":[{"n":4}]}`},
		{"last two", []Edit{{three, drop}, {two, drop}}, `{"a" : [ {"n":"}{\"]"} ] , "b":[{"n":4}]}`},
		{"first and last", []Edit{{one, drop}, {three, drop}}, `{"a" : [ {"n":2} ] , "b":[{"n":4}]}`},
		{"all", []Edit{{one, drop}, {two, drop}, {three, drop}, {four, drop}}, `{"a" : [ ] , "b":[]}`},
		{"changed", []Edit{{two, becomes("{}")}}, strings.Replace(file, `{"n":2}`, `{}`, 1)},
		{"behind the last", []Edit{{three, becomes("{}", "{1}")}}, strings.Replace(file, `{"n":3}`, `{}  ,{1}`, 1)},
		{"behind the only one", []Edit{{four, becomes("{}", "{1}")}}, strings.Replace(file, `{"n":4}`, `{}, {1}`, 1)},
		{"instead of the last", []Edit{{three, becomes("{1}")}}, strings.Replace(file, `{"n":3}`, `{1}`, 1)},
	} {
		for _, name := range []string{"a.json", "a.json.gz", "a.json.zst"} {
			if got := copied(t, t.TempDir(), name, []byte(file), c.edits); got != c.want {
				t.Errorf("%s of %s:\n got %s\nwant %s", c.name, name, got, c.want)
			}
		}
	}
}

// TestCopyKeepsAllElse: of a file with any white space, the copy without some records holds what
// encoding/json says it holds without them, and is a subsequence of its bytes.
func TestCopyKeepsAllElse(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		space := func(name string) string {
			return strings.Repeat(rapid.SampledFrom([]string{"", " ", "\n", "\t "}).Draw(t, name), rapid.IntRange(0, 3).Draw(t, "times"))
		}
		var b strings.Builder
		b.WriteString(`{"x":1,"records":[`)
		n := rapid.IntRange(0, 8).Draw(t, "records")
		var edits []Edit
		var left []any
		for i := range n {
			if i > 0 {
				b.WriteString(space("before") + ",")
			}
			b.WriteString(space("after"))
			text := rapid.SampledFrom([]string{`{}`, `{"a":"},]\\\""}`, `{"b":[{"c":{}}]}`, `{"d":"é"}`}).Draw(t, "record")
			if rapid.Bool().Draw(t, "dropped") {
				edits = append(edits, Edit{int64(b.Len()), drop})
			} else {
				var v any
				if err := json.Unmarshal([]byte(text), &v); err != nil {
					t.Fatal(err)
				}
				left = append(left, v)
			}
			b.WriteString(text)
		}
		b.WriteString(space("end") + `],"y":[1,2]}`)
		got := copied(t, dir, "a.json", []byte(b.String()), edits)
		var read struct{ Records []any }
		if err := json.Unmarshal([]byte(got), &read); err != nil {
			t.Fatalf("%v: %q of %q", err, got, b.String())
		}
		if len(read.Records) != len(left) || len(left) > 0 && !reflect.DeepEqual(read.Records, left) {
			t.Fatalf("%v instead of %v", read.Records, left)
		}
		whole := b.String()
		for i := 0; i < len(got); i++ {
			at := strings.IndexByte(whole, got[i])
			if at < 0 {
				t.Fatalf("%q is no part of %q", got, b.String())
			}
			whole = whole[at+1:]
		}
	})
}

// TestCopyOfNoRecord: an offset that is none of a record's is an error, as is a file that ends too soon.
func TestCopyOfNoRecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.json")
	if err := os.WriteFile(path, []byte(`{"a":[1,{"b":2}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for offset, want := range map[int64]string{6: "no record begins at byte 6", 8: "", 99: "unexpected EOF"} {
		_, err := Copy(context.Background(), &bytes.Buffer{}, find.File{Name: "a", Path: path}, []Edit{{offset, drop}})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("offset %d: %v, want %q", offset, err, want)
		}
	}
}

// TestSet sets fields of a record. The expectations are written by hand.
func TestSet(t *testing.T) {
	to := func(key, value string) Field {
		return Field{key, func([]byte) []byte { return []byte(value) }}
	}
	unless := Field{"area", func(old []byte) []byte {
		if old == nil {
			return nil
		}
		return []byte("9")
	}}
	for _, c := range []struct {
		record string
		fields []Field
		want   string
	}{
		{`{"id": 1, "bbox" : [1, 2,3,4] ,"x":{"bbox":5}}`, []Field{to("bbox", "[0]")}, `{"id": 1, "bbox" : [0] ,"x":{"bbox":5}}`},
		{`{"b\u0062ox":1,"bbox":2}`, []Field{to("bbox", "3")}, `{"b\u0062ox":3,"bbox":3}`},
		{"{\n \"id\": 1\n}", []Field{to("bbox", "3")}, "{\n \"id\": 1, \"bbox\": 3\n}"},
		{`{}`, []Field{to("bbox", "3"), to("c", "4")}, `{"bbox": 3, "c": 4}`},
		{`{"id":1}`, []Field{unless}, `{"id":1}`},
		{`{"area":1}`, []Field{unless}, `{"area":9}`},
		{`{"id":1}`, nil, `{"id":1}`},
	} {
		if got := string(Set([]byte(c.record), c.fields)); got != c.want {
			t.Errorf("%s: got %s, want %s", c.record, got, c.want)
		}
	}
}
