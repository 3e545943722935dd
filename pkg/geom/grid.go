package geom

// Grid is one level of an image's anchors: the same shapes laid around every
// point of a lattice. It stands for Rows × Cols × len(Shapes) boxes without
// holding any of them.
//
// The box of row j, column i and shape s has the corners of Shapes[s] moved by
// (i·StrideX + OffsetX, j·StrideY + OffsetY), the shift and the sum each
// rounded to float32. Its index in the image is
// First + (j·Cols + i)·len(Shapes) + s: row-major, shapes innermost, which is
// the order in which torchvision, detectron2 and mmdetection keep anchors.
type Grid struct {
	Rows, Cols       int
	StrideX, StrideY float32 // px between neighbours, > 0
	OffsetX, OffsetY float32 // px from the origin to the first lattice point
	Shapes           []Box32 // corners relative to the lattice point
	First            int     // index of the grid's first box among the image's
}

// Len returns the number of boxes that g stands for.
func (g *Grid) Len() int { return g.Rows * g.Cols * len(g.Shapes) }

// Index returns the index in the image of the box at a row, column and shape.
func (g *Grid) Index(row, col, shape int) int {
	return g.First + (row*g.Cols+col)*len(g.Shapes) + shape
}

// Place is the inverse of Index.
func (g *Grid) Place(index int) (row, col, shape int) {
	index -= g.First
	shape = index % len(g.Shapes)
	index /= len(g.Shapes)
	return index / g.Cols, index % g.Cols, shape
}

// ShiftX returns the x of lattice column col.
func (g *Grid) ShiftX(col int) float32 { return float32(float32(col)*g.StrideX) + g.OffsetX }

// ShiftY returns the y of lattice row row.
func (g *Grid) ShiftY(row int) float32 { return float32(float32(row)*g.StrideY) + g.OffsetY }

// At returns the box at a row, column and shape.
func (g *Grid) At(row, col, shape int) Box32 {
	x, y, s := g.ShiftX(col), g.ShiftY(row), g.Shapes[shape]
	return Box32{x + s.X0, y + s.Y0, x + s.X1, y + s.Y1}
}
