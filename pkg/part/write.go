package part

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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

// frameBytes is how many bytes of records are packed together, at least, unless a part has fewer: sources of a
// few images would be slow to read one by one.
const frameBytes = 4 << 20

// frame is four compressed stretches of records.pack, behind each other: the images and the objects of some sources,
// and what became of both, which is empty in a part that was not counted.
type frame struct {
	offset   int64
	length   [kinds]int64
	first, n int // sources of the part
}

// kind is what a stretch holds.
type kind uint8

const (
	images kind = iota
	objects
	imageSlots
	objectSlots
	kinds
)

// at returns where a stretch stands.
func (f *frame) at(k kind) (offset, length int64) {
	offset = f.offset
	for _, n := range f.length[:k] {
		offset += n
	}
	return offset, f.length[k]
}

// Write writes a part to the directory dir, in place of an earlier one there.
func Write(ctx context.Context, dir string, p *Part) error {
	return files.Replace(dir, files.Kind{Check: CheckTarget, Ours: isPartFile}, func(tmp string) error {
		h := &head{
			Program: this(p.Version), Settings: p.Settings, Sources: len(p.Data.Sources), Counted: p.Counted != nil,
			Checksums: map[string]string{},
		}
		for s := range p.Data.Sources {
			images, objects := p.Data.Count(s)
			h.Images, h.Objects = h.Images+int64(images), h.Objects+int64(objects)
		}
		var frames []frame
		write := func(name string, fill func(w io.Writer) error) error {
			sum := sha256.New()
			err := files.Write(filepath.Join(tmp, name), func(w io.Writer) error { return fill(io.MultiWriter(w, sum)) })
			h.Checksums[name] = hex.EncodeToString(sum.Sum(nil))
			return err
		}
		err := write(recordsName, func(w io.Writer) (err error) {
			frames, err = writeRecords(ctx, w, p)
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
		sources := func(w io.Writer) error { return writeSources(w, p, frames, &lists, rows) }
		if err := write(sourcesName, sources); err != nil {
			return err
		}
		text, err := h.text()
		if err != nil {
			return err
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

// writeRecords writes records.pack.
func writeRecords(ctx context.Context, w io.Writer, p *Part) ([]frame, error) {
	if _, err := io.WriteString(w, magic); err != nil {
		return nil, err
	}
	var frames []frame
	var buf [kinds]pack.Writer
	e := encoder()
	offset, first := int64(len(magic)), 0
	for s := range p.Data.Sources {
		src := p.Data.Source(s)
		dataset.PackImages(&buf[images], src)
		dataset.PackObjects(&buf[objects], src)
		if p.Counted != nil {
			pass.PackImages(&buf[imageSlots], p.Counted.ImageSlots(s))
			pass.PackObjects(&buf[objectSlots], p.Counted.ObjectSlots(s))
		}
		if len(buf[objects].Bytes) < frameBytes && s+1 < len(p.Data.Sources) {
			continue
		}
		f := frame{offset: offset, first: first, n: s + 1 - first}
		for k := range buf {
			packed := e.EncodeAll(buf[k].Bytes, nil)
			if _, err := w.Write(packed); err != nil {
				return nil, err
			}
			f.length[k], buf[k].Bytes = int64(len(packed)), buf[k].Bytes[:0]
			offset += int64(len(packed))
		}
		frames, first = append(frames, f), s+1
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return frames, nil
}

// writeSources writes sources.pack.
func writeSources(to io.Writer, p *Part, frames []frame, lists *lists, rows []stretch) error {
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
		packCounted(&w, p)
	}
	if _, err := io.WriteString(to, magic); err != nil {
		return err
	}
	_, err := to.Write(encoder().EncodeAll(w.Bytes, nil))
	return err
}

// packCounted packs what became of the images, but for the slots.
func packCounted(w *pack.Writer, p *Part) {
	var book pack.Writer
	p.Counted.Book.Pack(&book)
	w.Text(string(book.Bytes))
	for s, found := range p.Counted.Found {
		analysis.PackFound(w, found)
		p.Counted.Digests[s].Pack(w)
	}
	w.Len(len(p.Counted.Unlisted))
	for _, code := range slices.Sorted(maps.Keys(p.Counted.Unlisted)) {
		w.Text(code)
		w.Int(int64(p.Counted.Unlisted[code]))
	}
}
