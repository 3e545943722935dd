// Package report is the directory that a run writes: Parquet tables, the page index.html,
// and summary.json.
//
//  1. Write makes a directory beside the target, lets every table write its file there
//     (tables.go lists them; their rows are made there and in rows.go) and package page
//     the page, adds summary.json (summary.go), and puts the directory in the target's
//     place when all of it is there (dir.go).
//  2. Load reads a report back as the gate takes it (load.go), and Verify holds its files
//     against the checksums in summary.json (whole.go); Open opens one table.
//  3. WriteTrainers writes the tables of a comparison of trainers (trainers.go),
//     WriteDiff those of a comparison of two reports, which DiffJSON writes as JSON
//     (diff.go). WriteBaseline writes what a comparison needs of a report, small (baseline.go).
//
// It computes nothing, and prints nothing for people: package show does. docs/report.md
// describes every table and column.
package report

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"slices"

	"github.com/parquet-go/parquet-go"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/files"
	"focalaudit/pkg/gate"
	"focalaudit/pkg/page"
	"focalaudit/pkg/par"
)

// Schema is the version of the report's layout: of its files, columns and
// metric names. It rises when something is renamed, removed or changes meaning;
// names.go reads the version before it.
const Schema = 2

// Release is the version of this program: of a build that was given no other one.
const Release = "0.1.0"

// The sizes of what the Parquet writer is handed: file bytes depend on both,
// so they are fixed.
const (
	batchRows = 4096
	groupRows = 1 << 17
)

// Write writes the report of r to the directory dir, in place of an earlier
// report if there is one. Nothing half-written is ever found at dir. progress,
// if not nil, is told of every part (Parts) that is done, from any goroutine.
func Write(ctx context.Context, dir string, r *analysis.Result, version string, progress func(part string)) error {
	return WriteWith(ctx, dir, r, Options{Version: version, Progress: progress})
}

// Options are what a report is written with.
type Options struct {
	Version  string
	Progress func(part string) // see Write
	Written  func(bytes int)   // is told of all that is written, from any goroutine; nil if nobody asks
	Crops    *page.Crops       // of pictures, for the page; nil if there are none

	// Compared is the trainers side by side, for the page and tables of their own; nil if they were not compared.
	Compared *page.Compared

	// Hold, if not nil, is a gate: when all but the page is written, it is read back and given
	// to Hold, and the page shows the verdict. So the verdict is that of this report, whoever
	// writes another one to the same directory.
	Hold func(*gate.Subject) (*gate.Verdict, error)
}

// WriteWith is Write with options.
func WriteWith(ctx context.Context, dir string, r *analysis.Result, o Options) error {
	return replaceDir(dir, func(tmp string) error {
		w := &writer{ctx, tmp, r, o, map[string]string{}}
		all := slices.Clone(tables)
		if o.Compared != nil {
			all = append(all, compared(o.Compared.Trainers)...)
		}
		extras := page.Extras{Crops: o.Crops, Compared: o.Compared}
		if o.Hold == nil {
			return w.write(append(all, pageOf(extras)))
		}
		if err := w.write(all); err != nil {
			return err
		}
		subject, err := loadOnce(tmp)
		if err != nil {
			return err
		}
		subject.Dir = dir
		verdict, err := o.Hold(subject)
		if err != nil {
			return err
		}
		extras.Verdict = verdict
		return w.write([]table[*analysis.Result]{pageOf(extras)})
	})
}

// writer writes the files of a report.
type writer struct {
	ctx     context.Context
	dir     string
	of      *analysis.Result
	options Options
	sums    map[string]string // SHA-256 by the name of the file
}

// write writes tables, or the page, and then summary.json with the checksums of all files so far.
func (w *writer) write(parts []table[*analysis.Result]) error {
	sums := make([]string, len(parts))
	err := par.Do(w.ctx, w.of.Config.Workers, len(parts), func(i int) (err error) {
		file := filepath.Join(w.dir, parts[i].fileName())
		sums[i], err = parts[i].file(w.ctx, file, w.of, w.options.Version, tally(w.options.Written))
		if err == nil && w.options.Progress != nil {
			w.options.Progress(parts[i].name)
		}
		return err
	})
	if err != nil {
		return err
	}
	for i := range parts {
		w.sums[parts[i].fileName()] = sums[i]
	}
	return files.Write(filepath.Join(w.dir, summaryName),
		func(to io.Writer) error { return WriteSummary(to, w.of, w.options.Version, w.sums) })
}

// PageName is the file of the page.
const PageName = "index.html"

// pageOf makes the page.
func pageOf(e page.Extras) table[*analysis.Result] {
	return table[*analysis.Result]{
		name: PageName,
		write: func(_ context.Context, w io.Writer, of *analysis.Result, version string) error {
			return page.Write(w, of, e, version)
		},
	}
}

// Parts returns how many parts of a report Write tells progress of: the tables and the page. Trainers
// that were compared are two more.
func Parts() int { return len(tables) + 1 }

// table is a Parquet file with rows of an S, or the page.
type table[S any] struct {
	name  string
	write func(ctx context.Context, w io.Writer, of S, version string) error
}

// fileName is the name of the file.
func (t table[S]) fileName() string {
	if t.name == PageName {
		return PageName
	}
	return t.name + ".parquet"
}

// newTable makes a table of rows.
func newTable[S, T any](name string, rows func(S) iter.Seq[T]) table[S] {
	return table[S]{name, func(ctx context.Context, w io.Writer, of S, version string) error {
		return writeRows(ctx, w, name, version, rows(of))
	}}
}

// tally is told how much is written; nil if nobody asks.
type tally func(bytes int)

// Write implements io.Writer.
func (t tally) Write(p []byte) (int, error) {
	if t != nil {
		t(len(p))
	}
	return len(p), nil
}

// file writes the table into a file, and returns the SHA-256 of it.
func (t table[S]) file(ctx context.Context, path string, of S, version string, told tally) (string, error) {
	sum := sha256.New()
	err := files.Write(path, func(w io.Writer) error {
		return t.write(ctx, io.MultiWriter(w, sum, told), of, version)
	})
	return hex.EncodeToString(sum.Sum(nil)), err
}

// namesOf lists the names of tables.
func namesOf[S any](tables []table[S]) []string {
	names := make([]string, len(tables))
	for i := range tables {
		names[i] = tables[i].name
	}
	return names
}

// tableFile is the file of a table.
func tableFile(dir, name string) string { return filepath.Join(dir, name+".parquet") }

// newWriter makes the writer of a table. The name of T stands in the file, as the root of
// its schema.
func newWriter[T any](w io.Writer, name, version string, more ...parquet.WriterOption) *parquet.GenericWriter[T] {
	options := []parquet.WriterOption{
		parquet.Compression(&pages),
		parquet.MaxRowsPerRowGroup(groupRows),
		parquet.DefaultEncodingFor(parquet.ByteArray, &parquet.Plain), // old readers know no other for text
		parquet.DataPageStatistics(false),                             // the column index has them
		parquet.CreatedBy("focalaudit", version, ""),
		parquet.KeyValueMetadata("focalaudit.schema", fmt.Sprint(Schema)),
		parquet.KeyValueMetadata("focalaudit.table", name),
	}
	return parquet.NewGenericWriter[T](w, append(options, more...)...)
}

// writeRows writes rows as Parquet in batches of a fixed size.
func writeRows[T any](ctx context.Context, w io.Writer, name, version string, rows iter.Seq[T]) error {
	return writeWith(ctx, newWriter[T](w, name, version), rows)
}

// writeWith hands rows to a writer, and closes it.
func writeWith[T any](ctx context.Context, pw *parquet.GenericWriter[T], rows iter.Seq[T]) error {
	batch := make([]T, 0, batchRows)
	flush := func() error {
		_, err := pw.Write(batch)
		clear(batch)
		batch = batch[:0]
		if err == nil {
			err = ctx.Err()
		}
		return err
	}
	for row := range rows {
		if batch = append(batch, row); len(batch) == batchRows {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	return pw.Close()
}
