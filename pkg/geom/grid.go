package geom

// Grid is one level of an image's anchors: the same shapes laid around every
// point of a lattice. It stands for Rows × Cols × len(Shapes) boxes without
// holding any of them.
//
// The box of row j, column i and shape s has the corners of Shapes[s] moved by
// (i·StrideX + OffsetX, j·StrideY + OffsetY), the shift and the sum each
// rounded to float32. Its index in the image is
// First + (j·Cols + i)·len(Shapes) + s: row-major, shapes innermost, which is
// the order in which torchvision, detectron2 and mmdetection keep anchors; or,
// if Planar holds, First + (s·Rows + j)·Cols + i, as YOLO keeps them.
type Grid struct {
	Rows, Cols       int
	StrideX, StrideY float32 // px between neighbours, > 0
	OffsetX, OffsetY float32 // px from the origin to the first lattice point
	Shapes           []Box32 // corners relative to the lattice point
	First            int     // index of the grid's first box among the image's
	Planar           bool    // shapes are outermost

	// Exact, if it is not nil, holds Shapes in float64: the trainer computes in it.
	Exact []Box

	// Once says that corners are Exact's, moved in float64 and rounded once to float32.
	Once bool

	// Unit, if it is not 0, says that the trainer keeps boxes as parts of the image's
	// sides, of Unit px each, as SSD does: the centre ((i + 1/2)/(Unit/StrideX)), less
	// and plus half of the box's side (Halves), times Unit, each operation rounded to
	// float32. Shapes then are the same up to rounding.
	Unit   float32
	Halves []Half // of Shapes
}

// Half is half of a box's sides, in parts of the image's.
type Half struct{ W, H float32 }

// Len returns the number of boxes that g stands for.
func (g *Grid) Len() int { return g.Rows * g.Cols * len(g.Shapes) }

// Index returns the index in the image of the box at a row, column and shape.
func (g *Grid) Index(row, col, shape int) int {
	if g.Planar {
		return g.First + (shape*g.Rows+row)*g.Cols + col
	}
	return g.First + (row*g.Cols+col)*len(g.Shapes) + shape
}

// Place is the inverse of Index.
func (g *Grid) Place(index int) (row, col, shape int) {
	index -= g.First
	if g.Planar {
		return index / g.Cols % g.Rows, index % g.Cols, index / (g.Rows * g.Cols)
	}
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
	x0, x1 := g.SpanX(col, shape)
	y0, y1 := g.SpanY(row, shape)
	return Box32{x0, y0, x1, y1}
}

// SpanX returns the left and the right edge of a column's boxes of a shape.
func (g *Grid) SpanX(col, shape int) (x0, x1 float32) {
	switch {
	case g.Once:
		x, s := exactly(col, g.StrideX, g.OffsetX), &g.Exact[shape]
		return float32(x + s.X0), float32(x + s.X1)
	case g.Unit == 0:
		x, s := g.ShiftX(col), &g.Shapes[shape]
		return x + s.X0, x + s.X1
	}
	return g.relative(col, g.StrideX, g.Halves[shape].W)
}

// SpanY returns the upper and the lower edge of a row's boxes of a shape.
func (g *Grid) SpanY(row, shape int) (y0, y1 float32) {
	switch {
	case g.Once:
		y, s := exactly(row, g.StrideY, g.OffsetY), &g.Exact[shape]
		return float32(y + s.Y0), float32(y + s.Y1)
	case g.Unit == 0:
		y, s := g.ShiftY(row), &g.Shapes[shape]
		return y + s.Y0, y + s.Y1
	}
	return g.relative(row, g.StrideY, g.Halves[shape].H)
}

// exactly returns a lattice point's coordinate in float64.
func exactly(i int, stride, offset float32) float64 {
	return float64(float64(i)*float64(stride)) + float64(offset)
}

func (g *Grid) relative(i int, stride, half float32) (from, to float32) {
	c := (float32(i) + 0.5) / (g.Unit / stride)
	return float32(float32(c-half) * g.Unit), float32(float32(c+half) * g.Unit)
}
