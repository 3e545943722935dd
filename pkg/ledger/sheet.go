package ledger

// Cell is terms of one kind with their losses and gradients under each loss.
type Cell struct {
	N          int64
	Loss, Grad [MaxLosses]float64
}

// Add adds n terms that cost so much together.
func (c *Cell) Add(n int64, loss, grad []float64) {
	c.N += n
	for i := range loss {
		c.Loss[i] += loss[i]
		c.Grad[i] += grad[i]
	}
}

// layout is how the cells of a sheet and of an account are numbered. The terms that a
// detector's scores lift above the lowest of its floors are told apart by band: how
// many of the floors, falling, are at or above their score. Under floor f, bands 0
// to f count with their scores, all other terms have the floor's.
type layout struct{ bands, levels int }

// size is the number of cells of a part of the data set.
func (l layout) size() int { return NumSets * NumDifficulties * l.bands }

// at is the number of a cell within its part.
func (l layout) at(set Set, d Difficulty, band int) int {
	return (int(set)*NumDifficulties+int(d))*l.bands + band
}

// The parts, by number. Those of classes follow.
func (l layout) level(i int) int      { return i }
func (l layout) sizeClass(s Size) int { return l.levels + int(s) }
func (l layout) fixed() int           { return l.levels + int(NumSizes) }

// Sheet gathers the terms of one image under one objective, by level, size class and
// class. It is reused from image to image, and costs what it holds: cells come into
// being as terms are entered.
type Sheet struct {
	layout
	cells []Cell
	at    []int32 // by part and number within it: the cell, -1 if there is none
	keys  []int   // of the cells: their places in at
	parts []int32 // by class: its part, 0 if it has none yet
	owner []int32 // of the parts after the fixed ones: their classes
}

func newSheet(l layout, classes int) *Sheet {
	s := &Sheet{layout: l, parts: make([]int32, classes)}
	s.grow(l.fixed())
	return s
}

func (s *Sheet) grow(parts int) {
	for len(s.at) < parts*s.size() {
		s.at = append(s.at, -1)
	}
}

// Level returns the cell of a level's terms of a set, difficulty and band.
func (s *Sheet) Level(level int, set Set, d Difficulty, band int) *Cell {
	return s.cell(s.level(level), s.layout.at(set, d, band))
}

// SizeClass returns the cell of a size class's terms, as Level does.
func (s *Sheet) SizeClass(size Size, set Set, d Difficulty, band int) *Cell {
	return s.cell(s.sizeClass(size), s.layout.at(set, d, band))
}

// Class returns the cell of a class's terms, as Level does.
func (s *Sheet) Class(class int32, set Set, d Difficulty, band int) *Cell {
	if s.parts[class] == 0 {
		s.parts[class] = int32(s.fixed() + len(s.owner))
		s.owner = append(s.owner, class)
		s.grow(s.fixed() + len(s.owner))
	}
	return s.cell(int(s.parts[class]), s.layout.at(set, d, band))
}

func (s *Sheet) cell(part, at int) *Cell {
	key := part*s.size() + at
	if s.at[key] < 0 {
		s.at[key] = int32(len(s.cells))
		s.keys = append(s.keys, key)
		s.cells = append(s.cells, Cell{})
	}
	return &s.cells[s.at[key]]
}

// reset empties the sheet.
func (s *Sheet) reset() {
	for _, key := range s.keys {
		s.at[key] = -1
	}
	for _, class := range s.owner {
		s.parts[class] = 0
	}
	s.cells, s.keys, s.owner = s.cells[:0], s.keys[:0], s.owner[:0]
}
