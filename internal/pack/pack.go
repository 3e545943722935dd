// Package pack writes values behind each other in few bytes, and reads them back: what parts of
// a report are stored in. There are no names and no types in the bytes: a reader asks for what the
// writer put, in the same order.
//
// A reader never trusts its bytes: what is cut off or makes no sense is an error, and no count
// makes it allocate more than the bytes that are there can hold.
package pack

import (
	"encoding/binary"
	"errors"
	"math"
)

// ErrDamaged says that bytes are not what a writer wrote.
var ErrDamaged = errors.New("the packed data is damaged")

// Writer appends values to Bytes. Its zero value is ready.
type Writer struct{ Bytes []byte }

// Uint appends a number that is not negative: small ones take one byte.
func (w *Writer) Uint(x uint64) { w.Bytes = binary.AppendUvarint(w.Bytes, x) }

// Int appends a number: those near 0 take one byte.
func (w *Writer) Int(x int64) { w.Bytes = binary.AppendVarint(w.Bytes, x) }

// Len appends the number of elements that follow.
func (w *Writer) Len(n int) { w.Uint(uint64(n)) }

// Bool appends a truth value.
func (w *Writer) Bool(x bool) {
	b := byte(0)
	if x {
		b = 1
	}
	w.Bytes = append(w.Bytes, b)
}

// Byte appends a byte.
func (w *Writer) Byte(x byte) { w.Bytes = append(w.Bytes, x) }

// Float appends all bits of a number.
func (w *Writer) Float(x float64) {
	w.Bytes = binary.LittleEndian.AppendUint64(w.Bytes, math.Float64bits(x))
}

// Float32 appends all bits of a number.
func (w *Writer) Float32(x float32) {
	w.Bytes = binary.LittleEndian.AppendUint32(w.Bytes, math.Float32bits(x))
}

// Text appends a text.
func (w *Writer) Text(s string) {
	w.Len(len(s))
	w.Bytes = append(w.Bytes, s...)
}

// Reader reads what a Writer wrote. After the first fault it returns zeros, and Err the fault.
type Reader struct {
	rest []byte
	err  error
}

// NewReader returns a reader of bytes. Texts that it returns are copies.
func NewReader(b []byte) *Reader { return &Reader{rest: b} }

// Err returns the first fault: nil if all has been read well so far.
func (r *Reader) Err() error { return r.err }

// End returns the first fault, which it is too if bytes are left.
func (r *Reader) End() error {
	if r.err == nil && len(r.rest) > 0 {
		r.fail()
	}
	return r.err
}

func (r *Reader) fail() {
	r.err = ErrDamaged
	r.rest = nil
}

// Fail has the reader fail: what was read makes no sense to the caller.
func (r *Reader) Fail() { r.fail() }

// Uint reads a number that Uint wrote.
func (r *Reader) Uint() uint64 {
	if len(r.rest) > 0 && r.rest[0] < 0x80 { // most numbers
		x := uint64(r.rest[0])
		r.rest = r.rest[1:]
		return x
	}
	return r.long()
}

// long reads a number of several bytes.
func (r *Reader) long() uint64 {
	x, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[n:]
	return x
}

// Int reads a number that Int wrote.
func (r *Reader) Int() int64 {
	x := r.Uint()
	return int64(x>>1) ^ -int64(x&1)
}

// Int32 reads a number that Int wrote and that fits.
func (r *Reader) Int32() int32 {
	x := r.Int()
	if x < math.MinInt32 || x > math.MaxInt32 {
		r.fail()
		return 0
	}
	return int32(x)
}

// Below reads a number that Uint wrote, and that is below n.
func (r *Reader) Below(n int) int {
	x := r.Uint()
	if x >= uint64(n) {
		if r.err == nil {
			r.fail()
		}
		return 0
	}
	return int(x)
}

// Len reads the number of elements that follow, of at least so many bytes each.
func (r *Reader) Len(each int) int { return r.Below(len(r.rest)/max(each, 1) + 1) }

// Bool reads a truth value.
func (r *Reader) Bool() bool { return r.Byte() != 0 }

// Byte reads a byte.
func (r *Reader) Byte() byte {
	b := r.take(1)
	if b == nil {
		return 0
	}
	return b[0]
}

// Float reads a number that Float wrote.
func (r *Reader) Float() float64 {
	b := r.take(8)
	if b == nil {
		return 0
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b))
}

// Float32 reads a number that Float32 wrote.
func (r *Reader) Float32() float32 {
	b := r.take(4)
	if b == nil {
		return 0
	}
	return math.Float32frombits(binary.LittleEndian.Uint32(b))
}

// Text reads a text.
func (r *Reader) Text() string { return string(r.take(r.Len(1))) }

// take returns the next n bytes; nil if there are fewer.
func (r *Reader) take(n int) []byte {
	if n > len(r.rest) {
		r.fail()
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}
