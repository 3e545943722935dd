package coco

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
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
	if err != nil {
		out.Refused = fmt.Errorf("%s: %w", f.Name, err)
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

// stretches returns the files of an archive whose names end in .json, sorted by name.
func stretches(ctx context.Context, file io.ReadSeeker) ([]stretch, error) {
	var list []stretch
	t := tar.NewReader(file) // which reads headers alone, and seeks over the rest
	for ctx.Err() == nil {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		at, err2 := file.Seek(0, io.SeekCurrent)
		switch {
		case errors.Is(err, io.ErrUnexpectedEOF):
			return nil, errors.New("the tar archive is cut off: copy or download it anew")
		case err != nil || err2 != nil:
			return nil, fmt.Errorf("no tar archive, or a damaged one, behind byte %d", at)
		}
		name := strings.TrimPrefix(path.Clean("/"+h.Name), "/")
		if h.Typeflag != tar.TypeReg || !find.HasEnding(name, singleEndings) || strings.HasPrefix(path.Base(name), "._") {
			continue // ._NAME is what macOS writes beside NAME
		}
		list = append(list, stretch{strings.ToValidUTF8(name, "\uFFFD"), at, h.Size})
	}
	slices.SortStableFunc(list, func(a, b stretch) int { return strings.Compare(a.name, b.name) })
	return list, nil
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
