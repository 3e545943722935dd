package distribution

import (
	"encoding/binary"
	"iter"

	"focalaudit/internal/pack"
)

// Places are how many objects have their centre in each cell of an image, row by row. They take a few bytes for each
// cell that has objects: a data set has 1,024 cells for each class and source.
type Places []byte // by cell with objects, rising: how many cells it is beyond the one before, and its objects

// placesIn returns the places that cells count; nil if none has objects.
func placesIn(cells *[Side * Side]int64) (p Places) {
	last := -1
	for cell, n := range cells {
		if n > 0 {
			p = binary.AppendUvarint(p, uint64(cell-last))
			p = binary.AppendUvarint(p, uint64(n))
			last = cell
		}
	}
	return p
}

// All yields the cells that have objects, and how many.
func (p Places) All() iter.Seq2[int, int64] {
	return func(yield func(int, int64) bool) {
		cell := -1
		for len(p) > 0 {
			more, a := binary.Uvarint(p)
			n, b := binary.Uvarint(p[a:])
			p = p[a+b:]
			if cell += int(more); !yield(cell, int64(n)) {
				return
			}
		}
	}
}

// unpackPlaces reads places; it fails where they are not as placesIn writes them.
func unpackPlaces(r *pack.Reader) Places {
	p := Places(r.Text())
	cell := -1
	for rest := p; len(rest) > 0; {
		more, a := binary.Uvarint(rest)
		n, b := binary.Uvarint(rest[max(a, 0):])
		if a <= 0 || b <= 0 || more < 1 || more > Side*Side || n < 1 || n > 1<<62 {
			r.Fail()
			return nil
		}
		if cell += int(more); cell >= Side*Side {
			r.Fail()
			return nil
		}
		rest = rest[a+b:]
	}
	return p
}
