package coco

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"focalaudit/pkg/files"
	"focalaudit/pkg/find"
)

// stored counts and hashes what is read from a file.
type stored struct {
	file io.Reader
	sum  hash.Hash
	n    int64
	more func(n int) // reports progress
}

// Read implements io.Reader.
func (r *stored) Read(p []byte) (int, error) {
	n, err := r.file.Read(p)
	r.sum.Write(p[:n])
	r.n += int64(n)
	r.more(n)
	return n, err
}

// input is an open annotation file.
type input struct {
	io.Reader // decompressed
	stored    *stored
	raw       *bufio.Reader // over stored
	close     func()
	format    string // "gzip", "zstd" or ""

	// changed reports that the file is not any more as it was when it was opened; nil if
	// that can't be told.
	changed func() error
}

// unchanged reports that somebody wrote to the file while it was read, so that what was read may
// be parts of two versions.
func (in *input) unchanged() error {
	if in.changed == nil {
		return nil
	}
	return in.changed()
}

// sinceNow returns a function that reports whether a file has changed since.
func sinceNow(file *os.File) func() error {
	before, err := file.Stat()
	return func() error {
		now, err2 := file.Stat()
		switch {
		case err != nil || err2 != nil:
			return errors.Join(err, err2)
		case before.Size() != now.Size():
			return fmt.Errorf("the file changed while it was read: it had %d bytes and has %d: "+
				"run again when nothing writes to it", before.Size(), now.Size())
		case !before.ModTime().Equal(now.ModTime()):
			return fmt.Errorf("the file changed while it was read, at %s: run again when nothing writes to it",
				now.ModTime().Format(time.RFC3339Nano))
		}
		return nil
	}
}

// hex returns the hash of what was read.
func (in *input) hex() string { return hex.EncodeToString(in.stored.sum.Sum(nil)) }

// The first bytes of compressed files, which count for more than their names.
var (
	gzipMagic = []byte{0x1f, 0x8b}
	zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}
)

// maxWindow bounds what a zstd file may make us hold: the window of its
// strongest documented setting, --long=27.
const maxWindow = 128 << 20

// open opens a file; more is told of every read.
func open(f find.File, more func(n int)) (*input, error) {
	file, err := files.Open(f.Path)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, err
	}
	changed := sinceNow(file)
	// No more is read than the file has now: what is added meanwhile is told as a change. A file of the system that says
	// it has 0 bytes, /proc/kmsg behind a link say, may wait for its next line for ever.
	bounded := struct {
		io.Reader
		io.Closer
	}{io.LimitReader(file, info.Size()), file}
	in, err := newInput(bounded, f.Size, more)
	if err != nil {
		file.Close()
		return nil, err
	}
	in.changed = changed
	return in, nil
}

// newInput returns the input that a file holds. The file is closed with it.
func newInput(file io.ReadCloser, size int64, more func(n int)) (*input, error) {
	st := &stored{file: file, sum: sha256.New(), more: more}
	in := &input{stored: st, close: func() { file.Close() }}
	in.raw = bufio.NewReaderSize(st, int(min(max(size, 512), 64<<10)))
	in.Reader = in.raw
	return in, in.decompress()
}

// decompress puts a decoder before the file if its first bytes ask for one.
func (in *input) decompress() error {
	head, err := in.raw.Peek(len(zstdMagic))
	if err != nil && err != io.EOF {
		return err
	}
	switch {
	case bytes.HasPrefix(head, gzipMagic):
		in.format = "gzip"
		z, err := gzip.NewReader(in.raw)
		if err != nil {
			return in.wrap(err)
		}
		z.Multistream(false)
		in.Reader = &members{z, in.raw}
	case bytes.HasPrefix(head, zstdMagic):
		in.format = "zstd"
		d, err := zstd.NewReader(in.raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return in.wrap(err)
		}
		closeFile := in.close
		in.Reader, in.close = d, func() { d.Close(); closeFile() }
	}
	return nil
}

// members reads gzip data that may be several after each other. gzip's own reader does not
// tell what is cut off from what something else stands behind.
type members struct {
	z   *gzip.Reader
	raw *bufio.Reader
}

var errBehind = errors.New("something else stands behind it")

// Read implements io.Reader.
func (m *members) Read(p []byte) (int, error) {
	for {
		n, err := m.z.Read(p)
		if err != io.EOF || n > 0 {
			if err == io.EOF {
				err = nil // the next call finds the end again
			}
			return n, err
		}
		head, err := m.raw.Peek(len(gzipMagic))
		switch {
		case len(head) == 0:
			return 0, err
		case !bytes.HasPrefix(head, gzipMagic):
			return 0, errBehind
		}
		if err := m.z.Reset(m.raw); err != nil {
			return 0, err
		}
		m.z.Multistream(false)
	}
}

// wrap says in whose words an error is, and how far the file was read.
func (in *input) wrap(err error) error {
	switch {
	case err == nil || in.format == "":
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("the %s data is cut off after %d bytes of the file: export or fetch it again",
			in.format, in.stored.n)
	case errors.Is(err, errBehind):
		return errors.New("the file goes on behind the end of its gzip data: copy or download it anew, " +
			"or unpack what it holds with `gunzip`")
	case errors.Is(err, zstd.ErrWindowSizeExceeded):
		return fmt.Errorf("the zstd data asks for a window of more than %d MiB", maxWindow>>20)
	}
	return fmt.Errorf("the %s data is damaged: %s", in.format, strings.TrimPrefix(err.Error(), in.format+": "))
}

// unnamed says what went wrong with a source; paths, which may be absolute,
// give way to its name.
func unnamed(name string, err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return fmt.Errorf("%s: %w", name, err)
}
