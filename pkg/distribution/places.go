package distribution

import (
	"encoding/binary"
	"iter"
	"slices"

	"focalaudit/internal/pack"
)

// Places are how many objects have their centre in each cell of an image, row by row. They take a few bytes for each
// cell that has objects: a data set has 1,024 cells for each class and source.
type Places []byte // by cell with objects, rising: how many cells it is beyond the one before, and its objects

// cells count objects by the cell in which they have their centre: few objects as a list, more as a table. There may be
// as many classes as objects, and a table for each of them would take 8 KiB.
type cells struct {
	few []uint16            // a cell for each object, in any order; nil if there is a table
	all *[Side * Side]int64 // objects by cell; nil while there are few
}

// fewCells is the most objects of a list, which then takes a quarter of the memory of a table.
const fewCells = Side * Side

// add adds n objects of a cell.
func (c *cells) add(cell int, n int64) {
	switch {
	case c.all != nil:
		c.all[cell] += n
	case n == 1 && len(c.few) < fewCells:
		c.few = append(c.few, uint16(cell))
	default:
		c.all = &[Side * Side]int64{}
		for _, of := range c.few {
			c.all[of]++
		}
		c.few = nil
		c.all[cell] += n
	}
}

// addAll adds the objects that others count.
func (c *cells) addAll(o *cells) {
	for _, cell := range o.few {
		c.add(int(cell), 1)
	}
	if o.all != nil {
		for cell, n := range o.all {
			if n > 0 {
				c.add(cell, n)
			}
		}
	}
}

// places packs what cells count; it is nil if there are no objects.
func (c *cells) places() (p Places) {
	last := -1
	put := func(cell int, n int64) {
		p = binary.AppendUvarint(p, uint64(cell-last))
		p = binary.AppendUvarint(p, uint64(n))
		last = cell
	}
	if c.all != nil {
		for cell, n := range c.all {
			if n > 0 {
				put(cell, n)
			}
		}
		return p
	}
	slices.Sort(c.few)
	for i := 0; i < len(c.few); {
		n := 1
		for i+n < len(c.few) && c.few[i+n] == c.few[i] {
			n++
		}
		put(int(c.few[i]), int64(n))
		i += n
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

// unpackPlaces reads places; it fails where they are not as cells.places writes them.
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
