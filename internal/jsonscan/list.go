package jsonscan

import (
	"encoding/binary"
	"math/bits"
)

// ones has a 1 in each byte, and highs the highest bit.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// noDigits marks the bytes of w that are no digits by their highest bit. Sums stay within their byte.
func noDigits(w uint64) uint64 {
	x := w ^ '0'*ones
	return ((x&^highs + (0x80-10)*ones) | x) & highs
}

// Numbers counts the numbers of a list that begins at b[0], behind its opening bracket, and ends before b[end], the
// first closing one. It reports false for everything else than a list of JSON's numbers: SkipValue then says what is
// wrong. It looks at eight bytes at a time, which hold most of the numbers of outlines.
func Numbers(b []byte, end int) (n int, ok bool) {
	p := 0
	for p+9 < len(b) { // 1.5, 22.25, -3
		if b[p] == '-' {
			p++
		}
		w := binary.LittleEndian.Uint64(b[p:])
		behind := noDigits(w)
		size := bits.TrailingZeros64(behind) / 8
		if size == 0 || byte(w) == '0' && size > 1 {
			break
		}
		if byte(w>>(8*size)) == '.' {
			whole := size
			behind &= behind - 1
			if size = bits.TrailingZeros64(behind) / 8; size == whole+1 {
				break
			}
		}
		if byte(w>>(8*size)) != ',' { // or it is longer: the shift makes 0 of it
			break
		}
		p += size + 1
		n++
		if b[p] == ' ' {
			p++
		}
	}
	return rest(b, p, end, n)
}

// rest is Numbers from p on, which is at a number, or in one behind its sign; n were before.
func rest(b []byte, p, end, n int) (int, bool) {
	for signed := p > 0 && b[p-1] == '-'; ; signed = false {
		for !signed && isSpace(b[p]) {
			p++
		}
		if b[p] == ']' {
			return n, n == 0 && !signed
		}
		if b[p] == '-' && !signed {
			p++
		}
		size := unsigned(b[p : end+1])
		if size == 0 {
			return n, false
		}
		n++
		for p += size; isSpace(b[p]); {
			p++
		}
		if c := b[p]; c != ',' {
			return n, c == ']'
		}
		p++
	}
}

// unsigned is the length of the number without a sign that b begins with, 0 if it begins with none. b ends with a
// byte that is no part of a number.
func unsigned(b []byte) int {
	p := 0
	run := func() bool {
		from := p
		for b[p]-'0' <= 9 {
			p++
		}
		return p > from
	}
	if !run() || b[0] == '0' && p > 1 {
		return 0
	}
	if b[p] == '.' {
		if p++; !run() {
			return 0
		}
	}
	if b[p]|0x20 == 'e' {
		if p++; b[p] == '+' || b[p] == '-' {
			p++
		}
		if !run() {
			return 0
		}
	}
	return p
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }
