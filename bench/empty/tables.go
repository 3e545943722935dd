package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

// What package report hands its writer, and how its tables are cut.
const (
	chunkRows = 64
	groupRows = 1 << 17
)

// held is a table in memory.
type held struct {
	size   int64 // of its file
	schema *parquet.Schema
	groups [][][]parquet.Value // by row group and column
}

// hold reads a table.
func hold(path string) (*held, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	table, err := parquet.OpenFile(f, info.Size())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	h := &held{size: info.Size(), schema: table.Schema()}
	for _, g := range table.RowGroups() {
		var columns [][]parquet.Value
		for _, c := range g.ColumnChunks() {
			values, err := valuesOf(c)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			columns = append(columns, values)
		}
		h.groups = append(h.groups, columns)
	}
	return h, nil
}

// valuesOf reads a column of a row group.
func valuesOf(c parquet.ColumnChunk) (all []parquet.Value, err error) {
	pages := c.Pages()
	defer pages.Close()
	for {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		values := make([]parquet.Value, page.NumValues())
		n, err := page.Values().ReadValues(values)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		for i := range values[:n] {
			values[i] = values[i].Clone() // they point into the page
		}
		all = append(all, values[:n]...)
		parquet.Release(page)
	}
}

// write writes the table, hashes it as a report's is, and returns the number of its bytes.
func (h *held) write() (int64, error) {
	var count counter
	w := parquet.NewGenericWriter[any](io.MultiWriter(&count, sha256.New()), h.schema,
		parquet.Compression(&zstd.Codec{Level: zstd.SpeedFastest, Concurrency: 1}),
		parquet.MaxRowsPerRowGroup(groupRows), parquet.DataPageStatistics(false))
	columns := w.ColumnWriters()
	for _, group := range h.groups {
		rows := len(group[0])
		for from := 0; from < rows; from += chunkRows {
			to := min(rows, from+chunkRows)
			for i, c := range columns {
				if _, err := c.WriteRowValues(group[i][from:to]); err != nil {
					return 0, err
				}
			}
		}
		if err := w.Flush(); err != nil {
			return 0, err
		}
	}
	err := w.Close()
	return int64(count), err
}

// counter counts bytes.
type counter int64

// Write implements io.Writer.
func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
