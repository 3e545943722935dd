package coco

import (
	"bytes"
	"io"
	"slices"

	"focalaudit/pkg/find"
)

// Columns returns the columns of offsets in what a file holds, from 1 in UTF-16 code
// units, as editors and SARIF count. It reads the file up to the last offset.
func Columns(f find.File, offsets []int64) (map[int64]int, error) {
	if f.Members != nil || isArchive(f) { // offsets are those in all of its files together
		return nil, nil
	}
	in, err := open(f, func(int) {})
	if err != nil {
		return nil, unnamed(f.Name, err)
	}
	defer in.close()
	columns := make(map[int64]int, len(offsets))
	offsets = slices.Compact(slices.Sorted(slices.Values(offsets)))
	units, at := 0, int64(0) // before the byte at hand, in its line
	for block := make([]byte, 64<<10); len(offsets) > 0; {
		n, err := io.ReadFull(in, block)
		b := block[:n]
		if at == 0 && bytes.HasPrefix(b, []byte("\xef\xbb\xbf")) {
			units = -1 // no editor shows the mark
		}
		for len(offsets) > 0 && offsets[0]-at <= int64(len(b)) {
			k := offsets[0] - at
			units = unitsBehind(units, b[:k])
			b, at = b[k:], offsets[0]
			columns[at] = units + 1
			offsets = offsets[1:]
		}
		units, at = unitsBehind(units, b), at+int64(len(b))
		if err != nil {
			break // the end, or what was readable before; columns that are missing are not told
		}
	}
	return columns, nil
}

// unitsBehind counts the UTF-16 code units in a line behind b, before which there are
// some already.
func unitsBehind(units int, b []byte) int {
	if i := bytes.LastIndexByte(b, '\n'); i >= 0 {
		units, b = 0, b[i+1:]
	}
	for _, c := range b {
		switch {
		case c >= 0xf0: // the first of four bytes: a surrogate pair
			units += 2
		case c&0xc0 != 0x80:
			units++
		}
	}
	return units
}
