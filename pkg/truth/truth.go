// Package truth writes annotations with injected errors, and the truth about each error, for other tools.
//
//  1. Check tells before any work whether a directory can take them.
//  2. Write writes a COCO file for each source (package coco), and one table for all of
//     them: the error of each annotation, and what it was before.
package truth

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"strconv"
	"strings"

	"focalaudit/pkg/coco"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/files"
	"focalaudit/pkg/inject"
	"focalaudit/pkg/text"
)

// Labels are the annotations of a data set, with errors.
type Labels struct {
	Data   *dataset.Dataset
	Images []Image // those in use, source by source
	Seed   uint64  // of the errors: part of the files' names
}

// Image is an image whose objects have errors.
type Image struct {
	Source, Index int // Data.Sources[Source].Images[Index]
	inject.Image
}

// Check reports why annotations with errors can't be put into dir: other files are
// there, or it can't be made.
func Check(dir string) error { return files.Empty(dir) }

// Write writes annotations with errors into dir, for each of the seeds: for each source a
// COCO file NAME.seed-N.json, with ids of images and categories as they were and annotations
// numbered anew, and for all of them truth.seed-N.csv with the error of each annotation.
// Either all of them are there in the end, or none.
func Write(ctx context.Context, dir string, seeds iter.Seq[Labels]) error {
	if err := Check(dir); err != nil {
		return err
	}
	return files.Replace(dir, files.New(), func(tmp string) error {
		for l := range seeds {
			if err := write(ctx, tmp, l); err != nil {
				return err
			}
		}
		return nil
	})
}

// write writes the files of one seed.
func write(ctx context.Context, dir string, l Labels) error {
	suffix := fmt.Sprintf(".seed-%d", l.Seed)
	names := l.names()
	return files.Write(filepath.Join(dir, "truth"+suffix+".csv"), func(w io.Writer) error {
		t := table{l.Data, csv.NewWriter(w)}
		if err := t.csv.Write(header); err != nil {
			return err
		}
		for s := range l.Data.Sources {
			doc := l.source(s, t)
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := files.Write(filepath.Join(dir, names[s]+suffix+".json"), doc.Write); err != nil {
				return err
			}
		}
		t.csv.Flush()
		return t.csv.Error()
	})
}

// names returns what the sources' files are called: their names in one directory,
// numbered where two would be the same.
func (l *Labels) names() []string {
	var names []string
	seen := map[string]bool{}
	for s := range l.Data.Sources {
		base := strings.NewReplacer("/", "_", "\\", "_").Replace(l.Data.Sources[s].Name)
		for _, ext := range []string{".gz", ".zst", ".json"} {
			base = strings.TrimSuffix(base, ext)
		}
		name := base
		for n := 2; seen[name]; n++ {
			name = fmt.Sprintf("%s-%d", base, n)
		}
		seen[name] = true
		names = append(names, name)
	}
	return names
}

// source makes the document of a source, and writes the truth about it.
func (l *Labels) source(s int, t table) *coco.Document {
	src := l.Data.Source(s)
	// a swapped object may have a class that only another source has
	doc := coco.NewDocument(l.Data, s, "injected ")
	for i := range l.Images {
		in := &l.Images[i]
		if in.Source != s {
			continue
		}
		im := &src.Images[in.Index]
		doc.Image(im)
		for k := range in.Objects {
			o := &in.Objects[k]
			t.row(src, im, strconv.Itoa(doc.Add(o.Class, o.Box)), o)
		}
		for k := range in.Dropped {
			t.row(src, im, "", &in.Dropped[k])
		}
		for k := im.First; k < im.Last; k++ { // crowds and ignored objects are copied unchanged
			o := &src.Objects[k]
			if o.Flags&(dataset.Crowd|dataset.Ignore) != 0 && o.LeftOut != dataset.NoBox && o.Class >= 0 {
				doc.Copy(o)
			}
		}
	}
	return doc
}

// table is the table of the truth.
type table struct {
	data *dataset.Dataset
	csv  *csv.Writer
}

var header = []string{
	"source", "image_id", "annotation_id", "error", "class", "x", "y", "width", "height",
	"was_class", "was_x", "was_y", "was_width", "was_height",
}

// row writes what was done to an annotation; annotation is its id, "" if it is dropped.
func (t table) row(src *dataset.Source, im *dataset.Image, annotation string, o *inject.Object) {
	class := func(k int32) string { return text.CSVCell(t.data.Classes[k].Name) }
	was := [5]string{}
	if o.Error == inject.Shifted || o.Error == inject.Duplicated {
		was = [5]string{"", text.Short(o.Was.X), text.Short(o.Was.Y), text.Short(o.Was.W), text.Short(o.Was.H)}
	}
	if o.Error == inject.Swapped {
		was[0] = class(o.Old)
	}
	row := []string{
		text.CSVCell(src.Name), text.CSVCell(im.ID.String()), annotation, o.Error.String(), class(o.Class),
		text.Short(o.Box.X), text.Short(o.Box.Y), text.Short(o.Box.W), text.Short(o.Box.H),
	}
	_ = t.csv.Write(append(row, was[:]...)) // the writer keeps its first error; Write returns it at the end
}
