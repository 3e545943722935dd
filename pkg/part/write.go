package part

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"

	"github.com/klauspost/compress/zstd"

	"focalaudit/internal/pack"
	"focalaudit/pkg/analysis"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/files"
	"focalaudit/pkg/pass"
)

// frameRecords is how many records are packed together, at least, unless a part has fewer: sources of a few images
// would be slow to read one by one. Sources of more are divided, so that a merge holds stretches of them.
const frameRecords = 1 << 14

// frame is four compressed pieces of records.pack, behind each other: the images and the objects of some sources, or
// of a stretch of one source, and what became of both, which is empty in a part that was not counted.
type frame struct {
	offset   int64
	length   [kinds]int64
	first, n int             // sources of the part
	of       dataset.Stretch // of a source that is divided, then n is 1; else zero
}

// divided reports whether a frame has a stretch of a source, and not all of its records.
func (f *frame) divided() bool { return f.of != dataset.Stretch{} }

// kind is what a piece of a frame holds.
type kind uint8

const (
	images kind = iota
	objects
	imageSlots
	objectSlots
	kinds
)

// piece is where compressed bytes stand in records.pack.
type piece struct{ offset, length int64 }

// fits reports whether a piece can be one of a file.
func (p piece) fits() bool { return p.offset >= 0 && p.length >= 0 && p.length <= maxFrame }

// at returns where a piece stands.
func (f *frame) at(k kind) piece {
	at := piece{f.offset, f.length[k]}
	for _, n := range f.length[:k] {
		at.offset += n
	}
	return at
}

// Write writes a part to the directory dir, in place of an earlier one there.
func Write(ctx context.Context, dir string, p *Part) error {
	return files.Replace(dir, files.Kind{Check: CheckTarget, Ours: isPartFile}, func(tmp string) error {
		h := &head{
			Program: this(p.Version), Settings: p.Settings, Sources: len(p.Data.Sources), Counted: p.Counted != nil,
			Kept: p.Kept, Checksums: map[string]string{},
		}
		for s := range p.Data.Sources {
			images, objects := p.Data.Count(s)
			h.Images, h.Objects = h.Images+int64(images), h.Objects+int64(objects)
		}
		var frames []frame
		var details []piece
		write := func(name string, fill func(w io.Writer) error) error {
			sum := sha256.New()
			err := files.Write(filepath.Join(tmp, name), func(w io.Writer) error { return fill(io.MultiWriter(w, sum)) })
			h.Checksums[name] = hex.EncodeToString(sum.Sum(nil))
			return err
		}
		err := write(recordsName, func(w io.Writer) (err error) {
			frames, details, err = writeRecords(ctx, w, p)
			return err
		})
		if err != nil {
			return err
		}
		var lists lists
		err = write(listsName, func(w io.Writer) (err error) {
			lists, err = writeLists(w, p)
			return err
		})
		if err != nil {
			return err
		}
		var rows []stretch
		err = write(rowsName, func(w io.Writer) (err error) {
			rows, err = writeRows(w, p)
			return err
		})
		if err != nil {
			return err
		}
		sources := func(w io.Writer) error { return writeSources(w, p, frames, details, &lists, rows) }
		if err := write(sourcesName, sources); err != nil {
			return err
		}
		text, err := h.text()
		if err != nil {
			return err
		}
		if len(text) > maxHead {
			return fmt.Errorf("the lists of kept labels beside the files take %d MiB, expected at most %d MiB: give them to "+
				"analyze merge in a policy", len(text)>>20, maxHead>>20)
		}
		return files.Write(filepath.Join(tmp, headName), func(w io.Writer) error {
			_, err := w.Write(text)
			return err
		})
	})
}

// encoder returns what compresses packed bytes: on one core, so that the bytes are the same everywhere.
func encoder() *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		panic(err) // it is told nothing that could be wrong
	}
	return e
}

// writeRecords writes records.pack: the frames, then the details of what the sources look like.
func writeRecords(ctx context.Context, to io.Writer, p *Part) ([]frame, []piece, error) {
	if _, err := io.WriteString(to, magic); err != nil {
		return nil, nil, err
	}
	w := &frameWriter{to: to, encoder: encoder(), offset: int64(len(magic))}
	for s := range p.Data.Sources {
		src := p.Data.Source(s)
		all := src.Divide(frameRecords)
		if len(all) == 1 {
			w.add(p, s, all[0])
			if w.records >= frameRecords {
				if err := w.end(s+1, dataset.Stretch{}); err != nil {
					return nil, nil, err
				}
			}
			continue
		}
		if err := w.end(s, dataset.Stretch{}); err != nil {
			return nil, nil, err
		}
		for _, of := range all {
			w.add(p, s, of)
			if err := w.end(s+1, of); err != nil {
				return nil, nil, err
			}
		}
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
	}
	if err := w.end(len(p.Data.Sources), dataset.Stretch{}); err != nil || p.Counted == nil {
		return w.frames, nil, err
	}
	details := make([]piece, len(p.Data.Sources))
	for s := range details {
		var b pack.Writer
		p.Counted.Digests[s].Look.Detail.Pack(&b)
		details[s].offset = w.offset
		n, err := w.write(b.Bytes)
		if err != nil {
			return nil, nil, err
		}
		details[s].length = n
	}
	return w.frames, details, nil
}

// frameWriter writes frames.
type frameWriter struct {
	to      io.Writer
	encoder *zstd.Encoder
	frames  []frame
	offset  int64 // of the next frame
	first   int   // the first source that no frame has

	buf     [kinds]pack.Writer // of the next frame
	records int                // in buf
}

// add packs a stretch of a source.
func (w *frameWriter) add(p *Part, s int, of dataset.Stretch) {
	src := p.Data.Source(s)
	dataset.PackImages(&w.buf[images], src, of)
	dataset.PackObjects(&w.buf[objects], src, of)
	if p.Counted != nil {
		pass.PackImages(&w.buf[imageSlots], p.Counted.ImageSlots(s)[of.Image:][:of.Images])
		pass.PackObjects(&w.buf[objectSlots], p.Counted.ObjectSlots(s)[of.Object:][:of.Objects])
	}
	w.records += of.Images + of.Objects
}

// write writes bytes, compressed, and returns how many these are.
func (w *frameWriter) write(b []byte) (int64, error) {
	packed := w.encoder.EncodeAll(b, nil)
	_, err := w.to.Write(packed)
	w.offset += int64(len(packed))
	return int64(len(packed)), err
}

// end writes what was packed as a frame: the sources before next that no frame has, or a stretch of the one before it.
func (w *frameWriter) end(next int, of dataset.Stretch) error {
	f := frame{offset: w.offset, first: w.first, n: next - w.first, of: of}
	if f.divided() {
		f.first, f.n = next-1, 1
	}
	if f.n == 0 {
		return nil
	}
	for k := range w.buf {
		n, err := w.write(w.buf[k].Bytes)
		if err != nil {
			return err
		}
		f.length[k], w.buf[k].Bytes = n, w.buf[k].Bytes[:0]
	}
	w.frames, w.first, w.records = append(w.frames, f), next, 0
	return nil
}

// writeSources writes sources.pack.
func writeSources(to io.Writer, p *Part, frames []frame, details []piece, lists *lists, rows []stretch) error {
	var w pack.Writer
	w.Len(len(p.Files))
	for i := range p.Files {
		f := &p.Files[i]
		w.Text(f.Name)
		w.Text(f.Whole)
		w.Int(int64(f.Least))
		w.Text(f.Skipped)
		w.Text(f.Refused)
	}
	w.Len(len(p.Data.Sources))
	for s := range p.Data.Sources {
		dataset.PackHead(&w, &p.Data.Sources[s], p.Declared[s])
	}
	w.Len(len(frames))
	for _, f := range frames {
		w.Int(f.offset)
		for _, n := range f.length {
			w.Int(n)
		}
		w.Len(f.n)
		w.Len(f.of.Images)
		w.Len(f.of.Objects)
	}
	lists.pack(&w)
	packRows(&w, rows)
	w.Bool(p.Counted != nil)
	if c := p.Counted; c != nil {
		w.Len(len(p.Data.Classes))
		for _, class := range p.Data.Classes {
			w.Text(class.Name)
			w.Bool(class.Known)
		}
		packCounted(&w, p, details)
	}
	if _, err := io.WriteString(to, magic); err != nil {
		return err
	}
	_, err := to.Write(encoder().EncodeAll(w.Bytes, nil))
	return err
}

// packCounted packs what became of the images, but for the slots.
func packCounted(w *pack.Writer, p *Part, details []piece) {
	var book pack.Writer
	p.Counted.Book.Pack(&book)
	w.Text(string(book.Bytes))
	for s, found := range p.Counted.Found {
		analysis.PackFound(w, found)
		var digest pack.Writer
		p.Counted.Digests[s].Pack(&digest)
		w.Text(string(digest.Bytes))
		w.Int(details[s].offset)
		w.Int(details[s].length)
	}
	w.Len(len(p.Counted.Unlisted))
	for _, code := range slices.Sorted(maps.Keys(p.Counted.Unlisted)) {
		w.Text(code)
		w.Int(int64(p.Counted.Unlisted[code]))
	}
}
