package coco

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"focalaudit/internal/jsonscan"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/find"
)

// Edit says what stands in the place of one record when a file is copied.
type Edit struct {
	Offset int64 // of the record's first byte in the decompressed file, as Object.Offset and Image.Offset

	// Do returns what is written for the record: itself, itself changed (Set), more records
	// behind it, or none. The record is valid until Do returns.
	Do func(record []byte) [][]byte
}

// Copy writes a file with edits, compressed as the file is. Every byte outside the records that are
// edited is as it was, but for the comma and the white space that go with a record or come with
// a new one. It returns the SHA-256 of the file as stored, in hex, for the caller to hold against the one
// by which the offsets were found.
func Copy(ctx context.Context, w io.Writer, f find.File, edits []Edit) (sum string, err error) {
	if f.Members != nil || isArchive(f) {
		return "", fmt.Errorf(
			"%s: files of one image each can't be written yet: change them by hand, or write COCO from them", f.Name)
	}
	in, err := open(f, func(int) {})
	if err != nil {
		return "", unnamed(f.Name, err)
	}
	defer in.close()
	out, err := compressor(w, in.format)
	if err != nil {
		return "", err
	}
	c := copier{
		ctx: ctx, file: in, in: bufio.NewReaderSize(in, blockSize), out: bufio.NewWriterSize(out, blockSize),
	}
	if err := c.all(edits); err != nil {
		return "", fmt.Errorf("%s: %w", f.Name, err)
	}
	if err := out.Close(); err != nil {
		return "", err
	}
	if err := in.unchanged(); err != nil {
		return "", fmt.Errorf("%s: %w", f.Name, err)
	}
	return in.hex(), nil
}

// compressor returns a writer that compresses as a file was.
func compressor(w io.Writer, format string) (io.WriteCloser, error) {
	switch format {
	case "gzip":
		return gzip.NewWriter(w), nil
	case "zstd":
		return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1)) // with one goroutine the same bytes each time
	}
	return asIs{w}, nil
}

// asIs is a writer whose end is no news to the one below.
type asIs struct{ io.Writer }

// Close implements io.Closer.
func (asIs) Close() error { return nil }

// copier copies a file, and holds back what stands between two records until it is known whether the
// second one stays.
type copier struct {
	ctx    context.Context
	file   *input
	in     *bufio.Reader // over file
	out    *bufio.Writer
	at     int64  // bytes read
	held   []byte // read and not written: white space, and perhaps a comma
	record []byte // scratch
}

// separators are the bytes that may stand between two records.
const separators = " \t\r\n,"

// all copies the file with edits.
func (c *copier) all(edits []Edit) error {
	edits = slices.Clone(edits)
	slices.SortFunc(edits, func(a, b Edit) int { return cmp.Compare(a.Offset, b.Offset) })
	for i := range edits {
		if err := c.edit(&edits[i]); err != nil {
			return err
		}
	}
	return c.rest()
}

// edit copies what stands before a record, and edits it.
func (c *copier) edit(e *Edit) error {
	if e.Offset < c.at {
		return fmt.Errorf("two edits of the record at byte %d", e.Offset)
	}
	if err := c.upTo(e.Offset); err != nil {
		return err
	}
	if err := c.read(); err != nil {
		return err
	}
	between := []byte(", ")
	if bytes.IndexByte(c.held, ',') >= 0 {
		between = bytes.Clone(c.held)
	}
	records := e.Do(c.record)
	if len(records) == 0 {
		return c.skipSeparator()
	}
	for i, r := range records {
		if i > 0 {
			c.held = append(c.held, between...)
		}
		if err := c.write(r); err != nil {
			return err
		}
	}
	return nil
}

// upTo copies up to an offset.
func (c *copier) upTo(offset int64) error {
	for c.at < offset {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		b, err := c.in.Peek(int(min(offset-c.at, blockSize)))
		if len(b) == 0 {
			return c.short(err)
		}
		if err := c.pass(b); err != nil {
			return err
		}
		if err := c.advance(len(b)); err != nil {
			return err
		}
	}
	return nil
}

// pass writes bytes, but for the separators that they end with.
func (c *copier) pass(b []byte) error {
	body := bytes.TrimRight(b, separators)
	if len(body) > 0 {
		if err := c.write(body); err != nil {
			return err
		}
	}
	c.held = append(c.held, b[len(body):]...)
	return nil
}

// write writes bytes behind what is held back.
func (c *copier) write(b []byte) error {
	if _, err := c.out.Write(c.held); err != nil {
		return err
	}
	c.held = c.held[:0]
	_, err := c.out.Write(b)
	return err
}

// read reads a record.
func (c *copier) read() error {
	c.record = c.record[:0]
	depth, inText, escaped := 0, false, false
	for {
		b, err := c.in.ReadByte()
		if err != nil {
			return c.short(err)
		}
		c.at++
		c.record = append(c.record, b)
		switch {
		case escaped:
			escaped = false
		case inText:
			escaped, inText = b == '\\', b != '"'
		case b == '"':
			inText = true
		case b == '{' || b == '[':
			depth++
		case b == '}' || b == ']':
			depth--
		}
		if depth == 0 {
			if b != '}' {
				return fmt.Errorf("no record begins at byte %d", c.at-int64(len(c.record)))
			}
			return nil
		}
	}
}

// skipSeparator drops what stands between a record that was dropped and its neighbour: behind it, or
// before it if it was the last one.
func (c *copier) skipSeparator() error {
	var behind []byte
	comma := false
	for {
		b, err := c.in.Peek(1)
		if len(b) == 0 {
			return c.short(err)
		}
		if bytes.IndexByte([]byte(separators), b[0]) < 0 {
			break
		}
		comma = comma || b[0] == ','
		behind = append(behind, b[0])
		if err := c.advance(1); err != nil {
			return err
		}
	}
	if !comma {
		c.held = append(c.held[:0], behind...)
	}
	return nil
}

// advance passes over bytes that were looked at.
func (c *copier) advance(n int) error {
	n, err := c.in.Discard(n)
	c.at += int64(n)
	return err
}

// rest copies what is left of the file.
func (c *copier) rest() error {
	if err := c.write(nil); err != nil {
		return err
	}
	for {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		b, err := c.in.Peek(blockSize)
		if _, err := c.out.Write(b); err != nil {
			return err
		}
		if err := c.advance(len(b)); err != nil {
			return err
		}
		if errors.Is(err, io.EOF) {
			return c.out.Flush()
		}
		if err != nil {
			return c.file.wrap(err)
		}
	}
}

// short is the error of a file that ends, or can't be read on, before its last edit.
func (c *copier) short(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return c.file.wrap(err)
}

// Field is a value to be set in a record.
type Field struct {
	Key string

	// Value returns the new value as JSON, given the old one, which is nil where the record
	// has no such key. It returns nil to leave the record as it is.
	Value func(old []byte) []byte
}

// Set returns a record, a JSON object as it stands in a file, with fields set. A key that stands
// there twice is set twice; a new one goes to the end. All else is as it was.
func Set(record []byte, fields []Field) []byte {
	s := jsonscan.New(record, 0, true)
	s.Move(1)
	s.Space()
	var out []byte
	done := 0 // bytes of record that are in out
	known := map[string]bool{}
	for s.Peek() == '"' {
		key, ok := s.Name()
		if !ok {
			return record
		}
		of := slices.IndexFunc(fields, func(f Field) bool { return f.Key == string(key) })
		from := s.Pos()
		if !s.SkipValue(1) {
			return record
		}
		if of >= 0 {
			known[fields[of].Key] = true
			if v := fields[of].Value(record[from:s.Pos()]); v != nil {
				out = append(append(out, record[done:from]...), v...)
				done = s.Pos()
			}
		}
		s.Space()
		if s.Peek() == ',' {
			s.Move(1)
			s.Space()
		}
	}
	end := s.Pos() // of the closing bracket
	body := len(bytes.TrimRight(record[:end], " \t\r\n"))
	out = append(out, record[done:body]...)
	for _, f := range fields {
		if known[f.Key] {
			continue
		}
		if v := f.Value(nil); v != nil {
			if len(bytes.TrimSpace(out)) > 1 {
				out = append(out, ", "...)
			}
			out = append(append(append(out, '"'), f.Key...), `": `...)
			out = append(out, v...)
		}
	}
	return append(out, record[body:]...)
}

// IDText returns an id as JSON, as it stands in its file.
func IDText(id dataset.ID) []byte {
	if id.Kind() != dataset.Text {
		return []byte(id.String())
	}
	t, err := json.Marshal(id.String())
	if err != nil {
		panic(err) // no string is beyond JSON
	}
	return t
}
