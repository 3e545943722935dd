package jsonscan

import (
	"bytes"
	"io"
)

// Block is a stretch of a file.
type Block[P any] struct {
	Data  []byte
	Base  int64 // offset of its first byte in the (decompressed) file
	First bool  // the file begins with it
	Guess bool  // it probably begins behind a comma in an array of records
	Final bool  // the file ends with it
	Err   error // reading failed behind it
	Part  P     // what its scan yields; it comes with the memory of an earlier block's
}

// Cutter cuts a file into blocks, each but the last ending, by the look of it,
// behind the comma between two records. Whether that is so only shows when the
// blocks before have been scanned; a wrong cut costs time but changes nothing.
type Cutter[P any] struct {
	in    io.Reader
	size  int   // of blocks
	first int   // room to begin with
	base  int64 // of the next block
	tail  []byte
	guess bool
	begun bool
	ended bool
	spare []*Block[P] // whose memory is free
}

// NewCutter returns a cutter into blocks of a size; the first one has so much room
// to begin with, which saves memory for small files.
func NewCutter[P any](in io.Reader, size, room int) *Cutter[P] {
	return &Cutter[P]{in: in, size: size, first: room}
}

// Next returns the next block, false behind the last one.
func (c *Cutter[P]) Next() (*Block[P], bool, error) {
	if c.ended {
		return nil, false, nil
	}
	b := c.take()
	b.Base, b.Guess, b.First = c.base, c.guess, !c.begun
	c.begun = true
	b.Data = append(b.Data, c.tail...)
	err := c.fill(b)
	if b.First && bytes.HasPrefix(b.Data, utf8BOM) {
		b.Data = append(b.Data[:0], b.Data[len(utf8BOM):]...)
		b.Base = int64(len(utf8BOM))
	}
	c.base = b.Base
	if err != nil {
		c.ended = true
		b.Final = err == io.EOF
		if !b.Final {
			b.Err = err
		}
		return b, true, nil
	}
	cut := cutAt(b.Data)
	c.guess = cut > 0
	if cut == 0 {
		cut = len(b.Data)
	}
	c.tail = append(c.tail[:0], b.Data[cut:]...)
	b.Data = b.Data[:cut]
	c.base += int64(cut)
	c.first = c.size
	return b, true, nil
}

var utf8BOM = []byte{0xef, 0xbb, 0xbf}

// take returns an empty block, memory included.
func (c *Cutter[P]) take() *Block[P] {
	if n := len(c.spare); n > 0 {
		b := c.spare[n-1]
		c.spare = c.spare[:n-1]
		*b = Block[P]{Data: b.Data[:0], Part: b.Part}
		return b
	}
	return &Block[P]{Data: make([]byte, 0, c.first)}
}

// Free gives back a block that is done with.
func (c *Cutter[P]) Free(b *Block[P]) { c.spare = append(c.spare, b) }

// fill reads until the block is full. Its error is io.EOF at the end of the
// file.
func (c *Cutter[P]) fill(b *Block[P]) error {
	for {
		if len(b.Data) == cap(b.Data) {
			if len(b.Data) >= c.size {
				return nil
			}
			b.Data = append(make([]byte, 0, min(2*cap(b.Data), c.size)), b.Data...)
		}
		room := b.Data[len(b.Data):cap(b.Data)]
		n, err := c.in.Read(room)
		b.Data = b.Data[:len(b.Data)+n]
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
