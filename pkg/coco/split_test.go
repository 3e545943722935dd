package coco

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"focalaudit/pkg/find"
)

// splitText splits a file that is held in memory, read in blocks of a size and with records up to a limit.
func splitText(text string, n, block, workers, limit int) ([]string, *Parts, error) {
	r := &reader{Options: Options{Workers: workers}, block: block, limit: limit}
	r.open = func(f find.File, more func(int)) (*input, error) {
		return newInput(io.NopCloser(strings.NewReader(text)), f.Size, more)
	}
	out := make([]bytes.Buffer, n)
	f := find.File{Name: "a.json", Path: "a.json", Size: int64(len(text)), Listed: true}
	parts, err := r.split(context.Background(), f, n, func(i int, b []byte) error {
		out[i].Write(b)
		return nil
	})
	var list []string
	for i := range out {
		list = append(list, out[i].String())
	}
	return list, parts, err
}

// member is a key of a JSON object with its value as it stands.
type member struct{ key, value string }

// membersOf returns what a JSON object holds, by encoding/json.
func membersOf(t *rapid.T, text string) (list []member) {
	d := json.NewDecoder(strings.NewReader(text))
	token := func() json.Token {
		k, err := d.Token()
		if err != nil {
			t.Fatalf("%v:\n%s", err, text)
		}
		return k
	}
	for token(); d.More(); {
		key := token().(string)
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			t.Fatalf("%v:\n%s", err, text)
		}
		list = append(list, member{key, string(value)})
	}
	token()
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		t.Fatalf("something stands behind the object:\n%s", text)
	}
	return list
}

// elementsOf returns the elements of a JSON array as they stand.
func elementsOf(t *rapid.T, array string) (list []string) {
	d := json.NewDecoder(strings.NewReader(array))
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	for d.More() {
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			t.Fatal(err)
		}
		list = append(list, string(raw))
	}
	return list
}

// keyOf returns the identity of the id under a key of a record, "" if there is none: 1, 1.0 and "1" are the
// same (dataset.ID).
func keyOf(t *rapid.T, record, key string) string {
	d := json.NewDecoder(strings.NewReader(record))
	d.UseNumber()
	var of map[string]any
	if d.Decode(&of) != nil {
		return "" // no object
	}
	switch v := of[key].(type) {
	case string:
		if n, err := strconv.ParseInt(v, 10, 64); err == nil && strconv.FormatInt(n, 10) == v {
			return "whole " + v
		}
		return "text " + v
	case json.Number:
		if _, err := v.Float64(); err != nil { // 1e400
			return ""
		}
		r, ok := new(big.Rat).SetString(v.String())
		if !ok {
			t.Fatalf("%s is no number", v)
		}
		if r.IsInt() && r.Num().IsInt64() {
			return "whole " + r.Num().String()
		}
		return "text " + v.String()
	}
	return ""
}

// expectedParts are the elements of images and annotations in each of n parts, by the rules in Split's comment.
func expectedParts(t *rapid.T, members []member, n, limit int) (images, annotations [][]string) {
	images, annotations = make([][]string, n), make([][]string, n)
	of := map[string]string{}
	for _, m := range members {
		of[m.key] = m.value
	}
	id := func(record, key string) string {
		if len(record) > limit {
			return ""
		}
		return keyOf(t, record, key)
	}
	all := elementsOf(t, of["images"])
	place := map[string]int{}
	for i, record := range all {
		at, key := i*n/len(all), id(record, "id")
		if first, had := place[key]; had && key != "" {
			at = first
		}
		place[key] = at
		images[at] = append(images[at], record)
	}
	for _, record := range elementsOf(t, of["annotations"]) {
		at, known := place[id(record, "image_id")]
		if !known || id(record, "image_id") == "" {
			at = n - 1
		}
		annotations[at] = append(annotations[at], record)
	}
	return images, annotations
}

// TestSplitRandomFiles: of files made up of everything that can be odd, with their arrays in any order, ids
// that repeat or lead nowhere, elements that are no record or too long: what encoding/json finds in the parts are
// the elements of the file as they stand, where they should be, and all else of the file.
func TestSplitRandomFiles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := genFile().Draw(t, "file")
		if rapid.IntRange(0, 9).Draw(t, "mark") == 0 {
			text = string(bom) + text
		}
		n := rapid.IntRange(1, 6).Draw(t, "parts")
		limit := rapid.SampledFrom([]int{maxRecord, 40, 120}).Draw(t, "limit")
		parts, done, err := splitText(text, n, blockSize, 1, limit)
		reader := &reader{Options: Options{Workers: 1}, block: blockSize, limit: limit}
		reader.open = func(f find.File, more func(int)) (*input, error) {
			return newInput(io.NopCloser(strings.NewReader(text)), f.Size, more)
		}
		d, rerr := reader.read(context.Background(), []find.File{{Name: "a.json", Path: "a.json", Listed: true}})
		if rerr != nil {
			t.Fatal(rerr)
		}
		if (err == nil) != (len(d.Sources) == 1) {
			t.Fatalf("split: %v, read: %v", err, d.Refused)
		}
		if err != nil {
			if err.Error() != d.Refused[0].Error() {
				t.Fatalf("split: %v, read: %v", err, d.Refused)
			}
			return
		}
		for _, v := range [][2]int{{32, 1}, {200, 2}, {700, 3}} {
			other, again, err := splitText(text, n, v[0], v[1], limit)
			if err != nil || !slices.Equal(other, parts) || fmt.Sprint(again) != fmt.Sprint(done) {
				t.Fatalf("blocks of %d, %d workers: %v\n%q %+v\nat once:\n%q %+v", v[0], v[1], err, other, again, parts, done)
			}
		}
		if n == 1 && parts[0] != text {
			t.Fatalf("one part is not the file:\n%s", parts[0])
		}
		plain := func(s string) string { return strings.TrimPrefix(s, string(bom)) }
		whole := membersOf(t, plain(text))
		images, annotations := expectedParts(t, whole, n, limit)
		for i, part := range parts {
			if strings.HasPrefix(part, string(bom)) != strings.HasPrefix(text, string(bom)) {
				t.Fatal("the byte order mark is not as it was")
			}
			got := membersOf(t, plain(part))
			if len(got) != len(whole) || done.Images[i] != int64(len(images[i])) ||
				done.Annotations[i] != int64(len(annotations[i])) {
				t.Fatalf("part %d, %+v:\n%s", i, done, part)
			}
			for k, m := range got {
				switch want := whole[k]; m.key {
				case want.key:
					list := map[string][]string{"images": images[i], "annotations": annotations[i]}
					if expected, ok := list[m.key]; ok {
						if got := elementsOf(t, m.value); !slices.Equal(got, expected) {
							t.Fatalf("part %d of %d: %s are\n%q, expected\n%q\n%s", i, n, m.key, got, expected, part)
						}
					} else if m.value != want.value {
						t.Fatalf("part %d: %s is %s, expected %s", i, m.key, m.value, want.value)
					}
				default:
					t.Fatalf("part %d: key %s, expected %s", i, m.key, want.key)
				}
			}
		}
	})
}
