package coco

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/files"
	"focalaudit/pkg/find"
)

// archiveEnding ends the names of tar archives.
const archiveEnding = ".tar"

func isArchive(f find.File) bool { return find.HasEnding(f.Path, []string{archiveEnding}) }

// stretch is a file in an archive.
type stretch struct {
	name       string
	from, size int64
}

// archive reads a tar archive of singles as one source.
func (r *reader) archive(ctx context.Context, f find.File, out *dataset.Outcome) error {
	file, err := files.Open(f.Path)
	if err != nil {
		out.Refused = unnamed(f.Name, err)
		return nil
	}
	defer file.Close()
	changed := sinceNow(file)
	list, err := stretches(ctx, file)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	switch {
	case err != nil && (f.Listed || len(list) > 0):
		out.Refused = fmt.Errorf("%s: %w", f.Name, err)
		return nil
	case err != nil: // pictures, say
		out.Skip = err.Error()
		return nil
	}
	names := make([]string, len(list))
	for i, s := range list {
		names[i] = s.name
	}
	err = r.singles(ctx, f, names, func(i int) ([]byte, error) {
		b, err := io.ReadAll(io.NewSectionReader(file, list[i].from, min(list[i].size, maxSingle+1)))
		return b, plainError(err)
	}, out)
	read := int64(0)
	for _, s := range list {
		read += min(s.size, maxSingle+1)
	}
	r.progress(int(max(0, f.Size-read))) // pictures, which are passed over
	if err == nil && changed() != nil {
		*out = dataset.Outcome{Name: f.Name, Refused: unnamed(f.Name, changed())}
	}
	return err
}

// stretches returns the files of an archive whose names end in .json, sorted by name, and as many as there are before
// the place where it is damaged.
func stretches(ctx context.Context, file *os.File) ([]stretch, error) {
	var list []stretch
	end := int64(0)          // of the last file
	t := tar.NewReader(file) // which reads headers alone, and seeks over the rest
	for ctx.Err() == nil {
		h, err := t.Next()
		at, err2 := file.Seek(0, io.SeekCurrent)
		if errors.Is(err, io.EOF) && err2 == nil && isEnd(file, at-blockOfArchive, end) {
			if more := behindEnd(ctx, file, at); more >= 0 {
				return list, fmt.Errorf("the tar archive goes on behind its end, at byte %d, as where several were put "+
					"behind each other: most programs read the first only; unpack all of it with tar --ignore-zeros -xf", more)
			}
			break
		}
		switch {
		case err != nil && packedAs(file) != "":
			return list, fmt.Errorf("%s data, expected a tar archive: unpack it, as with tar -xf", packedAs(file))
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return list, errors.New("the tar archive is cut off: copy or download it anew")
		case err != nil || err2 != nil:
			return list, fmt.Errorf("no tar archive, or a damaged one, behind byte %d", at)
		}
		end = at + h.Size
		name := strings.TrimPrefix(path.Clean("/"+h.Name), "/")
		if h.Typeflag != tar.TypeReg || !find.HasEnding(name, singleEndings) || strings.HasPrefix(path.Base(name), "._") {
			continue // ._NAME is what macOS writes beside NAME
		}
		list = append(list, stretch{strings.ToValidUTF8(name, "\uFFFD"), at, h.Size})
	}
	slices.SortStableFunc(list, func(a, b stretch) int { return strings.Compare(a.name, b.name) })
	return list, nil
}

// blockOfArchive is the unit of tar archives, in bytes.
const blockOfArchive = 512

// isEnd reports whether the block at an offset is zero and none of the last file's, as at the end of an archive. One
// that is cut off between two files has no such block, and tar.Reader does not tell.
func isEnd(file io.ReaderAt, at, end int64) bool {
	var block [blockOfArchive]byte
	if at < end {
		return false
	}
	_, err := file.ReadAt(block[:], at)
	return err == nil && block == [blockOfArchive]byte{}
}

// mostPadding is how many zeros behind the end of an archive are looked at. GNU tar fills up blocks of 10 KiB, and of
// 1 MiB with its largest usual blocking factor.
const mostPadding = 64 << 20

// behindEnd returns the offset of the first byte behind the end of an archive that is not zero, -1 if there is none.
func behindEnd(ctx context.Context, file io.ReaderAt, at int64) int64 {
	block := make([]byte, 64<<10)
	for to := at + mostPadding; at < to && ctx.Err() == nil; {
		n, err := file.ReadAt(block, at)
		if k := bytes.IndexFunc(block[:n], func(r rune) bool { return r != 0 }); k >= 0 {
			return at + int64(k)
		}
		if at += int64(n); err != nil {
			break
		}
	}
	return -1
}

// packedAs returns the format of compressed data, "" for other data.
func packedAs(file io.ReaderAt) string {
	head := make([]byte, len(zstdMagic))
	n, _ := file.ReadAt(head, 0) // a shorter file has none of them
	switch {
	case bytes.HasPrefix(head[:n], gzipMagic):
		return "gzip"
	case bytes.HasPrefix(head[:n], zstdMagic):
		return "zstd"
	}
	return ""
}

// singleEndings are how the names of singles end.
var singleEndings = []string{".json", ".json.gz", ".json.zst"}

// plainError is an error without the path, which may be absolute.
func plainError(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
