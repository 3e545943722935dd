// Package coco reads COCO-style annotation files: what they say, and where
// they are broken.
//
// The steps, in order:
//
//  1. Find turns paths into files, named and sorted (package find).
//  2. Read cuts each file into blocks between two records, decodes the blocks on
//     all cores (state.go, record.go; package jsonscan reads the JSON) and puts
//     them together in the order of the file (assemble.go, extract.go).
//  3. Each file's records go to a dataset.Builder, with a Flaw for what a record
//     lacks or breaks (records.go). dataset.Join joins them: annotations to
//     images, category ids to classes.
//  4. A file that is not COCO is told by name (kind.go; package foreign knows others).
//  5. Files of one image each, in a directory or an archive, are read as one (single.go, archive.go).
//
// Flaws are data, not errors: one bad record never costs the next one. Only a
// file that is not JSON, is cut off or is not COCO is refused, as a whole, with
// its place (SyntaxError); the others are still read.
//
// A Document is the way back: annotations written as a COCO file (write.go).
package coco

import (
	"cmp"
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"

	"focalaudit/internal/jsonscan"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/find"
	"focalaudit/pkg/par"
)

// Endings are how the names of files end that can be read: COCO files, compressed ones included, and files or
// archives of one image each.
var Endings = []string{".json", ".json.gz", ".json.zst", archiveEnding}

// Find returns the COCO files that paths stand for; see find.Files.
func Find(paths, include, exclude []string) ([]find.File, error) {
	return find.Files(paths, include, exclude, Endings)
}

// Options are how to read.
type Options struct {
	Workers int // goroutines that decode; less than 1 counts as 1

	// Outlines asks for every box to be compared with its segmentation, whose
	// numbers are not parsed otherwise.
	Outlines bool

	// Progress, if not nil, is told the bytes read so far, as stored, over all
	// files. It is called from any goroutine, from several at a time.
	Progress func(done int64)
}

// Read reads annotation files into one data set. The result does not depend on
// the number of workers. An error means that ctx is done: a file that cannot be
// read goes to Dataset.Refused, one that holds no boxes to Dataset.Skipped or, if
// it was named by the user, to Refused too.
func Read(ctx context.Context, files []find.File, o Options) (*dataset.Dataset, error) {
	return (&reader{Options: o, block: blockSize, open: open}).read(ctx, files)
}

// ReadEach reads annotation files and leaves it to the caller to join them, with
// those of other formats if there are any.
func ReadEach(ctx context.Context, files []find.File, o Options) ([]dataset.Outcome, error) {
	return (&reader{Options: o, block: blockSize, open: open}).each(ctx, files)
}

// blockSize is how much of a file is decoded at once: large enough that cutting
// costs nothing, small enough to stay in a core's cache.
const blockSize = 512 << 10

// reader reads files.
type reader struct {
	Options
	block int // size of blocks
	limit int // bytes of the longest record that is read; 0 counts as maxRecord
	open  func(f find.File, more func(n int)) (*input, error)
	done  atomic.Int64
}

// read reads files into one data set.
func (r *reader) read(ctx context.Context, files []find.File) (*dataset.Dataset, error) {
	outcomes, err := r.each(ctx, files)
	if err != nil {
		return nil, err
	}
	return dataset.Join(ctx, r.Workers, outcomes)
}

// each reads files one by one.
func (r *reader) each(ctx context.Context, files []find.File) ([]dataset.Outcome, error) {
	r.Workers = max(r.Workers, 1)
	outs := make([]dataset.Outcome, len(files))
	alone, shared := r.plan(files)
	err := par.Do(ctx, r.Workers, len(shared), func(i int) error {
		return r.file(ctx, files[shared[i]], 1, &outs[shared[i]])
	})
	for _, i := range alone {
		if err == nil {
			err = r.file(ctx, files[i], r.Workers, &outs[i])
		}
	}
	return outs, err
}

// plan divides the files: those large enough to occupy all workers are read one
// after the other, the rest side by side, one worker each. Compressed files,
// which have to be decompressed from front to back, are only read alone if
// there is not enough else to do meanwhile.
func (r *reader) plan(files []find.File) (alone, shared []int) {
	var total int64
	for _, f := range files {
		total += f.Size
	}
	for i, f := range files {
		large := f.Size > 4*int64(r.block)
		if f.Members != nil || isArchive(f) { // whose files are read side by side
			alone = append(alone, i)
			continue
		}
		packed := !strings.HasSuffix(strings.ToLower(f.Path), ".json")
		if large && (!packed || f.Size > total/int64(r.Workers)) {
			alone = append(alone, i)
		} else {
			shared = append(shared, i)
		}
	}
	return alone, shared
}

// file reads one file. Its error is ctx's.
func (r *reader) file(ctx context.Context, f find.File, workers int, out *dataset.Outcome) error {
	out.Name = f.Name
	if f.Err != nil {
		out.Refused = unnamed(f.Name, f.Err)
		return nil
	}
	switch {
	case f.Members != nil:
		return r.directory(ctx, f, out)
	case isArchive(f):
		return r.archive(ctx, f, out)
	}
	in, err := r.open(f, r.progress)
	if err != nil {
		out.Refused = unnamed(f.Name, err)
		return nil
	}
	defer in.close()
	x := newExtract(f.Name)
	err = r.records(ctx, f, in, workers, unknown, x)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var bad *SyntaxError
	changed := in.unchanged()
	switch {
	case changed != nil:
		out.Refused = unnamed(f.Name, changed)
	case errors.As(err, &bad):
		out.Refused = r.notJSON(f, bad, annotated)
	case err != nil && !errors.Is(err, errEnough):
		out.Refused = unnamed(f.Name, in.wrap(err))
	default:
		r.judge(f, in, x, out)
	}
	if out.Builder == nil {
		return nil
	}
	// A decoder may stop short of what stands behind its data.
	_, err = io.Copy(io.Discard, in.raw)
	if err == nil {
		err = in.unchanged()
	}
	if err != nil {
		*out = dataset.Outcome{Name: f.Name, Refused: unnamed(f.Name, err)}
		return nil
	}
	out.Builder.Bytes, out.Builder.SHA256 = in.stored.n, in.hex()
	return nil
}

func (r *reader) progress(n int) {
	done := r.done.Add(int64(n))
	if r.Progress != nil {
		r.Progress(done)
	}
}

// records reads a file: of detections if k says results, else of unknown kind.
func (r *reader) records(ctx context.Context, f find.File, in *input, workers int, k kind, to taker) error {
	first := state{kind: k, outlines: r.Outlines, limit: cmp.Or(r.limit, maxRecord)}
	room := min(int64(r.block), max(f.Size+1, 512))
	c := jsonscan.NewCutter[part](in, r.block, int(room))
	a := &assembly{file: f.Name, state: first, out: to}
	return par.Pipe(ctx, workers, c.Next, func(b *block) *block {
		speculate(b, first)
		return b
	}, func(b *block) error {
		defer c.Free(b)
		return a.add(b)
	})
}
