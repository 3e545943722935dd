package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/coco"
	"focalaudit/pkg/find"
	"focalaudit/pkg/part"
	"focalaudit/pkg/report"
)

// job is what the stages of a pipeline share.
type job struct {
	Settings part.Settings
	Parts    string // directory of the parts
	Output   string // directory of the report
}

func init() {
	register.DoFn2x2[context.Context, string, string, error](&makeFn{})
	register.DoFn3x1[context.Context, int, func(*string) bool, error](&mergeFn{})
	register.Iter1[string]()
}

// pipeline makes the pipeline of a job over some annotation files.
//
//  1. Each file becomes a part (makeFn), on any worker. The part lies in the job's directory of parts, under a name that
//     depends on the file alone: one that is made again, because a worker was lost, takes the place of the first.
//  2. One worker puts the parts together and writes the report (mergeFn). It settles the classes and their numbers, so
//     that no stage before has to.
func (j *job) pipeline(files []string) *beam.Pipeline {
	p, s := beam.NewPipelineWithRoot()
	text, err := json.Marshal(j)
	if err != nil {
		panic(err) // settings are plain
	}
	shards := beam.Reshuffle(s, beam.CreateList(s, files))
	parts := beam.ParDo(s.Scope("part"), &makeFn{string(text)}, shards)
	beam.ParDo0(s.Scope("merge"), &mergeFn{string(text)}, beam.GroupByKey(s, beam.AddFixedKey(s, parts)))
	return p
}

// jobOf reads a job, which stages are handed as JSON.
func jobOf(text string) (*job, analysis.Config, error) {
	j := &job{}
	if err := json.Unmarshal([]byte(text), j); err != nil {
		return nil, analysis.Config{}, err
	}
	c, err := j.Settings.Config()
	return j, c, err
}

// makeFn makes the part of one annotation file.
type makeFn struct{ Job string }

// ProcessElement returns where the part of a file lies. An error names the file; the runner tries again.
func (f *makeFn) ProcessElement(ctx context.Context, file string) (string, error) {
	at, err := f.make(ctx, file)
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	return at, nil
}

func (f *makeFn) make(ctx context.Context, file string) (string, error) {
	j, c, err := jobOf(f.Job)
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "focalaudit-part-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	local, err := fetch(ctx, file, dir)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(local)
	if err != nil {
		return "", err
	}
	found := []find.File{{
		Name: path.Base(filepath.ToSlash(file)), Path: local, Size: info.Size(), Listed: true, Whole: whole(file), Least: 1,
	}}
	outcomes, err := coco.ReadEach(ctx, found, coco.Options{Workers: c.Workers, Outlines: j.Settings.Outlines})
	if err != nil {
		return "", err
	}
	p, err := part.Make(ctx, found, outcomes, j.Settings, c, report.Release)
	if err != nil {
		return "", err
	}
	if p.Counted != nil {
		p.Rows = func(w io.Writer, source int) (bool, error) {
			return report.WriteRows(ctx, w, p.Counted.Result(), source, report.Release)
		}
	}
	out := filepath.Join(dir, "part")
	if err := part.Write(ctx, out, p); err != nil {
		return "", err
	}
	at := join(j.Parts, partName(file))
	return at, store(ctx, out, at)
}

// mergeFn makes the report of all parts.
type mergeFn struct{ Job string }

// ProcessElement puts together the parts that lie at the given places.
func (f *mergeFn) ProcessElement(ctx context.Context, _ int, next func(*string) bool) error {
	j, c, err := jobOf(f.Job)
	if err != nil {
		return err
	}
	var places []string
	for at := ""; next(&at); {
		places = append(places, at)
	}
	slices.Sort(places)
	places = slices.Compact(places) // of a part that was made twice
	dir, err := os.MkdirTemp("", "focalaudit-merge-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for i, at := range places {
		if places[i], err = fetchPart(ctx, at, filepath.Join(dir, path.Base(at))); err != nil {
			return fmt.Errorf("%s: %w", at, err)
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	set, err := part.Open(ctx, places, report.Release, c.Workers, cancel)
	if err != nil {
		return err
	}
	if err := j.merge(ctx, set, c, filepath.Join(dir, "report")); err != nil {
		return cause(ctx, err)
	}
	return store(ctx, filepath.Join(dir, "report"), j.Output)
}

// merge writes the report of a set of parts.
func (j *job) merge(ctx context.Context, set *part.Set, c analysis.Config, dir string) error {
	if len(set.Data.Sources) == 0 {
		return fmt.Errorf("none of the files holds COCO annotations: %v", set.Files)
	}
	for i, s := range c.Scores {
		if s.Detector == nil {
			continue
		}
		for len(c.Results) <= i {
			c.Results = append(c.Results, nil)
		}
		var err error
		if c.Results[i], err = coco.ReadResults(ctx, s.Detector.File, s.Detector.Origin, set.Data, coco.Options{}); err != nil {
			return err
		}
	}
	r, err := analysis.Merge(ctx, set.Data, c, set.Counted)
	if err != nil {
		return err
	}
	return report.Write(ctx, dir, r, report.Release, nil)
}

// cause returns why a context ended, if it did.
func cause(ctx context.Context, err error) error {
	if why := context.Cause(ctx); why != nil {
		return why
	}
	return err
}
