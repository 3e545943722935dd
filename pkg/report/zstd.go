package report

import (
	"errors"
	"sync"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
)

// zstdPages compresses the pages of tables as the library's own codec does at its fastest, with
// a window of 1 MB in place of 4. An encoder holds twice its window, each worker has one,
// and no page of a table is longer than 1 MB by much: docs/performance.md has what that saves.
type zstdPages struct{ encoders sync.Pool }

// pages is shared by the tables, so that one encoder serves the worker that writes them.
var pages zstdPages

// String implements compress.Codec.
func (*zstdPages) String() string { return "ZSTD" }

// CompressionCodec implements compress.Codec.
func (*zstdPages) CompressionCodec() format.CompressionCodec { return format.Zstd }

// Encode implements compress.Codec.
func (c *zstdPages) Encode(dst, src []byte) ([]byte, error) {
	e, ok := c.encoders.Get().(*zstd.Encoder)
	if !ok {
		var err error
		if e, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
			zstd.WithWindowSize(1<<20), zstd.WithLowerEncoderMem(true), zstd.WithZeroFrames(true),
			zstd.WithEncoderCRC(false)); err != nil {
			return dst, err
		}
	}
	defer c.encoders.Put(e)
	return e.EncodeAll(src, dst[:0]), nil
}

// Decode implements compress.Codec. A writer decodes nothing; readers take the library's codec.
func (*zstdPages) Decode(dst, _ []byte) ([]byte, error) {
	return dst, errors.New("a table that is being written was asked for what it holds")
}
