// Package report writes what a run found out: Parquet tables, summary.json and
// text for the terminal. It computes nothing.
//
//  1. Write makes a directory beside the target (dir.go), lets every table
//     write its file there (tables.go lists them; their rows are made there and in
//     rows.go), adds summary.json, and puts the directory in the target's place
//     when all of it is there.
//  2. Text prints the one-screen summary.
//
// docs/report.md describes every table and column.
package report

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/par"
)

// Schema is the version of the report's layout: of its files, columns and
// metric names. It rises when something is renamed, removed or changes meaning.
const Schema = 1

// The sizes of what the Parquet writer is handed: file bytes depend on both,
// so they are fixed.
const (
	batchRows = 4096
	groupRows = 1 << 17
)

// Write writes the report of r to the directory dir, in place of an earlier
// report if there is one. Nothing half-written is ever found at dir. progress,
// if not nil, is told of every table that is done, from any goroutine.
func Write(ctx context.Context, dir string, r *analysis.Result, version string, progress func(table string)) error {
	return replaceDir(dir, func(tmp string) error {
		all := tables(r)
		err := par.Do(ctx, r.Config.Workers, len(all), func(i int) error {
			if err := writeFile(filepath.Join(tmp, all[i].name+".parquet"), func(w io.Writer) error { return all[i].write(ctx, w, version) }); err != nil {
				return err
			}
			if progress != nil {
				progress(all[i].name)
			}
			return nil
		})
		if err != nil {
			return err
		}
		return writeFile(filepath.Join(tmp, "summary.json"), func(w io.Writer) error { return WriteSummary(w, r, version) })
	})
}

// table is one Parquet file.
type table struct {
	name  string
	write func(ctx context.Context, w io.Writer, version string) error
}

// newTable makes a table of rows.
func newTable[T any](name string, rows iter.Seq[T]) table {
	return table{name, func(ctx context.Context, w io.Writer, version string) error {
		return writeRows(ctx, w, name, version, rows)
	}}
}

// writeRows writes rows as Parquet in batches of a fixed size.
func writeRows[T any](ctx context.Context, w io.Writer, name, version string, rows iter.Seq[T]) error {
	pw := parquet.NewGenericWriter[T](w,
		parquet.Compression(&zstd.Codec{Level: zstd.SpeedFastest}),
		parquet.MaxRowsPerRowGroup(groupRows),
		parquet.DataPageStatistics(false), // the column index has them
		parquet.CreatedBy("focalaudit", version, ""),
		parquet.KeyValueMetadata("focalaudit.schema", fmt.Sprint(Schema)),
		parquet.KeyValueMetadata("focalaudit.table", name),
	)
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

// writeFile creates a file and reports every error of writing it, the last
// flush and the closing included.
func writeFile(path string, write func(io.Writer) error) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	b := bufio.NewWriterSize(f, 1<<18)
	if err := write(b); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	return b.Flush()
}
