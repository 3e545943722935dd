package coco

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"

	"focalaudit/pkg/foreign"
)

// IsData reports whether a file, compressed or not, holds annotations or a detector's results: an object with an array
// "images" or "annotations", or a list of records with image_id. It reads no further than that shows.
func IsData(r io.Reader) bool {
	in, err := newInput(io.NopCloser(r), 0, func(int) {})
	if err != nil {
		return false
	}
	defer in.close()
	text := bufio.NewReader(in)
	if mark, _ := text.Peek(len(bom)); bytes.Equal(mark, bom) {
		text.Discard(len(bom)) // they were peeked at
	}
	d := json.NewDecoder(foreign.Squeeze(text))
	switch t, err := d.Token(); {
	case err != nil:
		return false
	case t == json.Delim('['):
		return isRecord(d)
	case t == json.Delim('{'):
		return hasRecords(d)
	}
	return false
}

// bom is the mark at the beginning of a file that some editors write.
var bom = []byte("\xef\xbb\xbf")

// isRecord reports whether the next value is an object with image_id.
func isRecord(d *json.Decoder) bool {
	var record map[string]json.RawMessage
	if !d.More() || d.Decode(&record) != nil {
		return false
	}
	_, ok := record["image_id"]
	return ok
}

// hasRecords reports whether the object that begins here has an array of images or of annotations.
func hasRecords(d *json.Decoder) bool {
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return false
		}
		value, err := d.Token()
		if err != nil {
			return false
		}
		if value == json.Delim('[') && (key == "images" || key == "annotations") {
			return true
		}
		if value == json.Delim('[') || value == json.Delim('{') {
			if skip(d) != nil {
				return false
			}
		}
	}
	return false
}

// skip reads to the end of the array or object that has begun.
func skip(d *json.Decoder) error {
	for depth := 1; depth > 0; {
		t, err := d.Token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('['), json.Delim('{'):
			depth++
		case json.Delim(']'), json.Delim('}'):
			depth--
		}
	}
	return nil
}
