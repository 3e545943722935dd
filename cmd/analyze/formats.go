package main

import (
	"context"
	"slices"

	"focalaudit/pkg/coco"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/find"
)

// format is a format of annotation files.
type format struct {
	endings []string // of the names of its files
	read    func(context.Context, []find.File, readOptions) ([]dataset.Outcome, error)
}

// readOptions are how to read, whatever the format.
type readOptions struct {
	workers  int
	outlines bool             // compare boxes with outlines
	progress func(done int64) // is told the bytes read so far
}

// formats are the formats that can be read: one line and one package each. A file
// is read in the first format that has an ending of its name. A file without any of
// the endings, which only the user can have named, is read in the first format.
var formats = []format{
	{coco.Endings, cocoFiles},
}

func cocoFiles(ctx context.Context, files []find.File, o readOptions) ([]dataset.Outcome, error) {
	return coco.ReadEach(ctx, files, coco.Options{Workers: o.workers, Outlines: o.outlines, Progress: o.progress})
}

// endings are those of all formats.
func endings() []string {
	var all []string
	for _, f := range formats {
		all = append(all, f.endings...)
	}
	return all
}

// readFiles reads files, each in its format. What they hold is still to be joined.
func readFiles(ctx context.Context, files []find.File, o readOptions) ([]dataset.Outcome, error) {
	byFormat := make([][]find.File, len(formats))
	for _, file := range files {
		i := slices.IndexFunc(formats, func(f format) bool { return find.HasEnding(file.Name, f.endings) })
		byFormat[max(i, 0)] = append(byFormat[max(i, 0)], file)
	}
	var outcomes []dataset.Outcome
	before := int64(0) // bytes of the formats before
	told := o.progress
	for i, f := range formats {
		o.progress = func(done int64) { told(before + done) }
		read, err := f.read(ctx, byFormat[i], o)
		if err != nil {
			return nil, err
		}
		outcomes = append(outcomes, read...)
		for _, file := range byFormat[i] {
			before += file.Size
		}
	}
	return outcomes, nil
}
