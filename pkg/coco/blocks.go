package coco

import (
	"bytes"
	"io"
)

// blockSize is how much of a file is decoded at once: large enough that cutting
// costs nothing, small enough to stay in a core's cache.
const blockSize = 512 << 10

// block is a stretch of a file.
type block struct {
	data  []byte
	base  int64 // offset of its first byte in the (decompressed) file
	guess bool  // it probably begins behind a comma in an array of records
	final bool  // the file ends with it
	kind  kind  // results, if the file should hold detections
	check bool  // outlines are compared with boxes
	err   error // reading failed behind it
	part  *part // for what it yields
}

// cutter cuts a file into blocks, each but the last ending, by the look of it,
// behind the comma between two records. Whether that is so only shows when the
// blocks before have been scanned; a wrong cut costs time but changes nothing.
type cutter struct {
	in   io.Reader
	kind kind // of blocks

	outlines bool  // compare them with boxes
	size     int   // of blocks
	first    int   // room to begin with
	base     int64 // of the next block
	tail     []byte
	guess    bool
	ended    bool
	spare    []*block // whose memory is free
}

// next returns the next block, false behind the last one.
func (c *cutter) next() (*block, bool, error) {
	if c.ended {
		return nil, false, nil
	}
	b := c.take()
	b.base, b.guess, b.kind, b.check = c.base, c.guess, c.kind, c.outlines
	b.data = append(b.data, c.tail...)
	err := c.fill(b)
	if b.base == 0 && bytes.HasPrefix(b.data, utf8BOM) {
		b.data = append(b.data[:0], b.data[len(utf8BOM):]...)
		b.base = int64(len(utf8BOM))
	}
	c.base = b.base
	if err != nil {
		c.ended = true
		b.final = err == io.EOF
		if !b.final {
			b.err = err
		}
		return b, true, nil
	}
	cut := cutAt(b.data)
	c.guess = cut > 0
	if cut == 0 {
		cut = len(b.data)
	}
	c.tail = append(c.tail[:0], b.data[cut:]...)
	b.data = b.data[:cut]
	c.base += int64(cut)
	c.first = c.size
	return b, true, nil
}

var utf8BOM = []byte{0xef, 0xbb, 0xbf}

// take returns an empty block, memory included.
func (c *cutter) take() *block {
	if n := len(c.spare); n > 0 {
		b := c.spare[n-1]
		c.spare = c.spare[:n-1]
		*b = block{data: b.data[:0], part: b.part}
		return b
	}
	return &block{data: make([]byte, 0, c.first), part: &part{}}
}

// free gives back a block that is done with.
func (c *cutter) free(b *block) { c.spare = append(c.spare, b) }

// fill reads until the block is full. Its error is io.EOF at the end of the
// file.
func (c *cutter) fill(b *block) error {
	for {
		if len(b.data) == cap(b.data) {
			if len(b.data) >= c.size {
				return nil
			}
			b.data = append(make([]byte, 0, min(2*cap(b.data), c.size)), b.data...)
		}
		room := b.data[len(b.data):cap(b.data)]
		n, err := c.in.Read(room)
		b.data = b.data[:len(b.data)+n]
		if err != nil {
			return err
		}
	}
}

// cutAt returns the last position in b behind the comma of `} , {`, 0 if there
// is none.
func cutAt(b []byte) int {
	for {
		i := bytes.LastIndexByte(b, '{')
		if i < 0 {
			return 0
		}
		before := bytes.TrimRight(b[:i], " \t\r\n")
		if head, ok := bytes.CutSuffix(before, []byte{','}); ok {
			head = bytes.TrimRight(head, " \t\r\n")
			if bytes.HasSuffix(head, []byte{'}'}) {
				return len(before)
			}
		}
		b = b[:i]
	}
}
