package review

import (
	"context"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"

	"focalaudit/pkg/coco"
	"focalaudit/pkg/files"
	"focalaudit/pkg/find"
)

// The files of a directory for people.
const (
	SheetName    = "review.csv"
	TasksName    = "label-studio.json"
	TemplateName = "label-studio.xml"
	CVATName     = "cvat.xml"
	LabelsName   = "cvat-labels.json"
	ImagesName   = "images" // a directory of COCO files
)

// Places say where people see the items. Paths are those of a table: relative to it, with /.
type Places struct {
	Prefix  string                   // before the names of picture files in Label Studio's tasks
	Picture func(file string) string // the path of a picture, "" where there is none; nil: nobody knows
	Page    string                   // the path of the report's page, "" if there is none
	OnPage  int                      // how many of the report's label errors it shows, the first ones
}

// Hand writes the items for people into dir, which must be new or empty: a table, tasks for Label Studio and
// CVAT, and for each annotation file with items its images with items and all of their annotations, byte for
// byte as they are. Either all of it is there in the end, or nothing.
func (r *Review) Hand(ctx context.Context, dir string, at Places, from []find.File) error {
	if err := files.Empty(dir); err != nil {
		return err
	}
	return files.Replace(dir, files.New(), func(tmp string) error {
		for name, write := range map[string]func(io.Writer) error{
			SheetName: func(w io.Writer) error { return r.writeSheet(w, &at) }, TemplateName: r.writeTemplate,
			CVATName: r.writeCVAT, LabelsName: r.writeCVATLabels,
			TasksName: func(w io.Writer) error { return r.writeTasks(w, at.Prefix) },
		} {
			if err := files.Write(filepath.Join(tmp, name), write); err != nil {
				return err
			}
		}
		named, wanted := byName(from), map[int]map[int]bool{} // images with items, by source
		for k := range r.Items {
			i := &r.Items[k]
			if wanted[i.Source] == nil {
				wanted[i.Source] = map[int]bool{}
			}
			wanted[i.Source][i.Image] = true
		}
		for _, s := range slices.Sorted(maps.Keys(wanted)) {
			if err := r.copy(ctx, tmp, ImagesName, s, named, r.only(s, wanted[s])); err != nil {
				return err
			}
		}
		return nil
	})
}

// byName returns files by their names.
func byName(of []find.File) map[string]find.File {
	named := make(map[string]find.File, len(of))
	for _, f := range of {
		named[f.Name] = f
	}
	return named
}

// only returns the edits that leave some images of a source.
func (r *Review) only(source int, wanted map[int]bool) (edits []coco.Edit) {
	src := r.Data.Source(source)
	drop := func([]byte) [][]byte { return nil }
	for i := range src.Images {
		if !wanted[i] {
			edits = append(edits, coco.Edit{Offset: src.Images[i].Offset, Do: drop})
		}
	}
	for k := range src.Objects {
		if o := &src.Objects[k]; !wanted[int(o.Image)] {
			edits = append(edits, coco.Edit{Offset: o.Offset, Do: drop})
		}
	}
	return edits
}

// copy writes a source with edits into the directory below of tmp, under its own name.
func (r *Review) copy(
	ctx context.Context, tmp, below string, source int, from map[string]find.File, edits []coco.Edit,
) error {
	src := r.Data.Source(source)
	file, there := from[src.Name]
	if !there || !filepath.IsLocal(filepath.FromSlash(src.Name)) {
		return fmt.Errorf("%s: no file has this name below the paths given", src.Name)
	}
	path := filepath.Join(tmp, below, filepath.FromSlash(src.Name))
	if err := files.MakeDirs(tmp, filepath.Dir(path)); err != nil {
		return err
	}
	return files.Write(path, func(w io.Writer) error {
		sum, err := coco.Copy(ctx, w, file, edits)
		if err == nil && sum != src.SHA256 {
			err = fmt.Errorf("%s changed while it was copied: run again when nothing writes to it", src.Name)
		}
		return err
	})
}
