package anchors

import (
	"math"

	"focalaudit/pkg/geom"
)

// Layout is a spec made ready: its shapes computed. It is safe for concurrent use.
type Layout struct {
	spec   Spec
	shapes [][]geom.Box32 // of each level
	halves [][]geom.Half  // of each level, under SSDAnchors
	exact  [][]geom.Box   // of each level, under KerasAnchors and EfficientDetAnchors
}

// New makes a valid spec ready.
func New(p Spec) *Layout {
	l := &Layout{spec: p, shapes: make([][]geom.Box32, len(p.Anchors.Levels))}
	for i, lv := range p.Anchors.Levels {
		switch p.Anchors.Arithmetic {
		case SSDAnchors:
			shapes, halves := ssdShapes(float64(p.Resize.Short), lv)
			l.shapes[i], l.halves = shapes, append(l.halves, halves)
		case KerasAnchors:
			exact := kerasShapes(lv.Sizes, p.Anchors.Ratios)
			for _, b := range exact {
				l.shapes[i] = append(l.shapes[i], b.Narrow())
			}
			l.exact = append(l.exact, exact)
		case EfficientDetAnchors:
			exact := efficientDetShapes(lv.Sizes, p.Anchors.Aspects)
			for _, b := range exact {
				l.shapes[i] = append(l.shapes[i], b.Narrow())
			}
			l.exact = append(l.exact, exact)
		case Points, Queries:
			half := float32(lv.Stride) / 2
			l.shapes[i] = []geom.Box32{{X0: -half, Y0: -half, X1: half, Y1: half}}
		case BoxAnchors:
			for _, b := range lv.Boxes {
				w, h := float32(b[0])/2, float32(b[1])/2
				l.shapes[i] = append(l.shapes[i], geom.Box32{X0: -w, Y0: -h, X1: w, Y1: h})
			}
		default:
			l.shapes[i] = p.Anchors.Arithmetic.shapes(float32(lv.Stride), lv.Sizes, p.Anchors.Ratios)
		}
	}
	return l
}

// Shape tells the size and ratio of a level's shape.
func (l *Layout) Shape(level, shape int) (size, ratio float64) {
	sizes, ratios := l.spec.Anchors.Levels[level].Sizes, l.spec.Anchors.Ratios
	switch l.spec.Anchors.Arithmetic {
	case SSDAnchors, BoxAnchors, EfficientDetAnchors, Points, Queries:
		b := l.shapes[level][shape]
		return math.Sqrt(float64(b.Width()) * float64(b.Height())), float64(b.Height() / b.Width())
	}
	if l.spec.Anchors.Arithmetic != Detectron2Anchors { // ratio-major
		return sizes[shape%len(sizes)], ratios[shape/len(sizes)]
	}
	return sizes[shape/len(ratios)], ratios[shape%len(ratios)]
}

// Shapes returns how many shapes a level has.
func (l *Layout) Shapes(level int) int { return len(l.shapes[level]) }

// Box returns the corners of a level's shape around its lattice point.
func (l *Layout) Box(level, shape int) geom.Box32 { return l.shapes[level][shape] }

// MaxAnchors is how many anchors an image may have: 300 times those of a
// RetinaNet at 800 px, and few enough that all of them could be matched in a
// machine's memory.
const MaxAnchors = 1 << 26

// Frame is an image as the trainer sees it.
type Frame struct {
	Image   geom.Size // as annotated
	Resized geom.Size // as the trainer resizes it
	Padded  geom.Size // as the anchors cover it
	Content geom.Size // as it lies in the padded image: Resized, but for a letterbox, which resizes a second time
	Left    float64   // px of padding left of Content, and above it
	Top     float64
	Grids   []geom.Grid // one a level, in the trainer's order
	Len     int         // anchors in all
}

// Refusal says why no grid is laid over an image; Laid if there is one.
type Refusal uint8

// The refusals.
const (
	Laid    Refusal = iota
	Nothing         // a side of the resized image would be 0 px, which no trainer can take
	Huge            // the image would have more than MaxAnchors
)

// Lay sets f to the frame of an image, reusing its memory, or says why there is
// none; f.Resized is set in any case.
func (l *Layout) Lay(f *Frame, image geom.Size) Refusal {
	p := &l.spec
	f.Image, f.Resized, f.Left, f.Top = image, p.Resize.size(image), 0, 0
	if f.Resized.W < 1 || f.Resized.H < 1 {
		return Nothing
	}
	f.Padded, f.Content = f.Resized, f.Resized
	square := geom.Size{W: int(p.Resize.Long), H: int(p.Resize.Long)}
	switch p.Resize.Rule {
	case ResizeCorner, ResizeCorner32:
		f.Padded = square
	case ResizeUltralytics:
		f.Padded = square
		f.Left, f.Top = float64((square.W-f.Resized.W)/2), float64((square.H-f.Resized.H)/2)
	case ResizeKerasHub:
		f.Padded = square
		scale := p.Resize.Scale32(image)
		f.Left = float64(margin32(image.W, scale, square.W))
		f.Top = float64(margin32(image.H, scale, square.H))
	case ResizeLetterbox:
		f.Padded = square
		scale := letterboxScale(f.Resized, f.Padded)
		f.Content = geom.Size{
			W: int(math.RoundToEven(float64(f.Resized.W) * scale)),
			H: int(math.RoundToEven(float64(f.Resized.H) * scale)),
		}
		f.Left, f.Top = float64(f.Padded.W-f.Content.W)/2, float64(f.Padded.H-f.Content.H)/2
	}
	f.Padded = geom.Size{W: roundUp(f.Padded.W, int(p.Pad)), H: roundUp(f.Padded.H, int(p.Pad))}
	f.Grids, f.Len = f.Grids[:0], 0
	for i, lv := range p.Anchors.Levels {
		stride := int(lv.Stride)
		g := geom.Grid{
			Rows: (f.Padded.H + stride - 1) / stride, Cols: (f.Padded.W + stride - 1) / stride,
			StrideX: float32(stride), StrideY: float32(stride),
			Shapes: l.shapes[i], First: f.Len, Planar: p.Anchors.Arithmetic == BoxAnchors,
		}
		if l.exact != nil {
			g.Exact, g.Once = l.exact[i], p.Anchors.Arithmetic == EfficientDetAnchors
		}
		if l.halves != nil {
			g.Unit, g.Halves = float32(p.Resize.Short), l.halves[i]
		}
		if p.Anchors.Arithmetic == Queries {
			g.Rows, g.Cols = 1, int(p.Anchors.Queries)
		}
		switch p.Anchors.Strides {
		case DividedStride:
			g.StrideX, g.StrideY = float32(f.Padded.W/g.Cols), float32(f.Padded.H/g.Rows)
		case CellStride:
			g.StrideX, g.StrideY = float32(f.Padded.W)/float32(g.Cols), float32(f.Padded.H)/float32(g.Rows)
		}
		g.OffsetX, g.OffsetY = float32(p.Anchors.Offset*float64(g.StrideX)), float32(p.Anchors.Offset*float64(g.StrideY))
		f.Len += g.Len()
		f.Grids = append(f.Grids, g)
	}
	if f.Len > MaxAnchors {
		return Huge
	}
	return Laid
}

// Back returns where a box of the frame is in the annotated image.
func (f *Frame) Back(b geom.Box) geom.Box {
	x, y := float64(f.Image.W)/float64(f.Content.W), float64(f.Image.H)/float64(f.Content.H)
	return geom.Box{X0: (b.X0 - f.Left) * x, Y0: (b.Y0 - f.Top) * y, X1: (b.X1 - f.Left) * x, Y1: (b.Y1 - f.Top) * y}
}

// Letterbox returns by how much a letterbox shrinks the resized image once more.
func (f *Frame) Letterbox() float64 { return letterboxScale(f.Resized, f.Padded) }

// letterboxScale is by how much letterbox of utils/augmentations.py shrinks what
// load_image has resized: it rounds up, by which a side can be 641 px.
func letterboxScale(resized, square geom.Size) float64 {
	return min(float64(square.W)/float64(resized.W), float64(square.H)/float64(resized.H), 1)
}

func roundUp(n, multiple int) int { return (n + multiple - 1) / multiple * multiple }

// size returns what an image of size s is resized to.
func (r Resize) size(s geom.Size) geom.Size {
	short, long := float64(min(s.W, s.H)), float64(max(s.W, s.H))
	switch r.Rule {
	case ResizeTorchvision:
		return floors(s, min(float64(r.Short)/short, float64(r.Long)/long))
	case ResizeTorchvision014:
		// torch divides a Python number by a tensor as reciprocal times number.
		byShort := float32(float32(1/float32(short)) * float32(r.Short))
		byLong := float32(float32(1/float32(long)) * float32(r.Long))
		return floors(s, float64(min(byShort, byLong)))
	case ResizeDetectron2:
		return r.detectron2(s)
	case ResizeKeras:
		scale := r.Scale(s)
		return geom.Size{W: int(math.RoundToEven(float64(s.W) * scale)), H: int(math.RoundToEven(float64(s.H) * scale))}
	case ResizeLetterbox:
		scale := float64(r.Long) / long
		return geom.Size{W: int(math.Ceil(float64(s.W) * scale)), H: int(math.Ceil(float64(s.H) * scale))}
	case ResizeUltralytics:
		return r.ultralytics(s)
	case ResizeCorner:
		scale := r.Corner(s)
		return geom.Size{W: int(float64(s.W) * scale), H: int(float64(s.H) * scale)}
	case ResizeCorner32:
		scale := r.Scale32(s)
		return geom.Size{W: int(float32(float32(s.W) * scale)), H: int(float32(float32(s.H) * scale))}
	case ResizeKerasHub:
		scale := r.Scale32(s)
		return geom.Size{W: evenly(float32(s.W) * scale), H: evenly(float32(s.H) * scale)}
	case ResizeStretch:
		return geom.Size{W: int(r.Long), H: int(r.Short)}
	case ResizeMMDetection:
		scale := min(float64(r.Long)/long, float64(r.Short)/short)
		return geom.Size{W: int(float64(float64(s.W)*scale) + 0.5), H: int(float64(float64(s.H)*scale) + 0.5)}
	}
	return s
}

// Scale returns the one scale that keras-retinanet gives an image and its boxes; 1
// under other rules.
func (r Resize) Scale(s geom.Size) float64 {
	if r.Rule != ResizeKeras {
		return 1
	}
	scale := float64(r.Short) / float64(min(s.W, s.H))
	if long := float64(max(s.W, s.H)); float64(long*scale) > float64(r.Long) {
		scale = float64(r.Long) / long
	}
	return scale
}

// Corner returns the one scale that ResizeCorner gives an image and its boxes.
func (r Resize) Corner(s geom.Size) float64 {
	return min(float64(r.Long)/float64(s.H), float64(r.Long)/float64(s.W))
}

// Scale32 returns the same in float32, as ResizeCorner32 and ResizeKerasHub have it.
func (r Resize) Scale32(s geom.Size) float32 {
	return min(float32(r.Long)/float32(s.H), float32(r.Long)/float32(s.W))
}

// margin32 returns the whole px of padding before an image's side in a square, as
// keras-hub has it.
func margin32(side int, scale float32, square int) float32 {
	return float32(math.Floor(float64((float32(square) - float32(float32(side)*scale)) / 2)))
}

// ultralytics follows load_image of data/base.py: an image whose long side is right keeps
// its size.
func (r Resize) ultralytics(s geom.Size) geom.Size {
	scale := float64(r.Long) / float64(max(s.W, s.H))
	if scale == 1 {
		return s
	}
	side := func(n int) int { return min(int(math.Ceil(float64(n)*scale)), int(r.Long)) }
	return geom.Size{W: side(s.W), H: side(s.H)}
}

func evenly(x float32) int { return int(math.RoundToEven(float64(x))) }

func floors(s geom.Size, scale float64) geom.Size {
	return geom.Size{W: int(math.Floor(float64(s.W) * scale)), H: int(math.Floor(float64(s.H) * scale))}
}

func (r Resize) detectron2(s geom.Size) geom.Size {
	scale := float64(r.Short) / float64(min(s.W, s.H))
	w, h := float64(r.Short), float64(float64(s.H)*scale)
	if s.H < s.W {
		w, h = float64(float64(s.W)*scale), float64(r.Short)
	}
	if long := max(w, h); long > float64(r.Long) {
		scale := float64(r.Long) / long
		w, h = float64(w*scale), float64(h*scale)
	}
	return geom.Size{W: int(w + 0.5), H: int(h + 0.5)}
}

// shapes returns the corners, around the origin, of every combination of sizes
// and ratios in the trainer's order and rounding.
func (a Arithmetic) shapes(stride float32, sizes, ratios []float64) []geom.Box32 {
	var bs []geom.Box32
	if a != Detectron2Anchors {
		for _, ratio := range ratios {
			for _, size := range sizes {
				if a == MMDetectionAnchors {
					bs = append(bs, mmdetectionShape(stride, float32(size/float64(stride)), float32(ratio)))
				} else {
					bs = append(bs, torchvisionShape(float32(size), float32(ratio)))
				}
			}
		}
		return bs
	}
	for _, size := range sizes {
		for _, ratio := range ratios {
			w := math.Sqrt(float64(size*size) / ratio)
			h := float64(ratio * w)
			bs = append(bs, geom.Box32{X0: float32(-w / 2), Y0: float32(-h / 2), X1: float32(w / 2), Y1: float32(h / 2)})
		}
	}
	return bs
}

func torchvisionShape(size, ratio float32) geom.Box32 {
	tall := float32(math.Sqrt(float64(ratio))) // correctly rounded: the root of a float32 in float64, rounded once more
	wide := 1 / tall
	w, h := half(float32(wide*size)), half(float32(tall*size))
	return geom.Box32{X0: -w, Y0: -h, X1: w, Y1: h}
}

// mmdetectionShape follows task_modules/prior_generators/anchor_generator.py: the
// stride times the ratio's root or its inverse, times the scale.
func mmdetectionShape(stride, scale, ratio float32) geom.Box32 {
	tall := float32(math.Sqrt(float64(ratio)))
	wide := 1 / tall
	w, h := float32(float32(stride*wide)*scale)*0.5, float32(float32(stride*tall)*scale)*0.5
	return geom.Box32{X0: -w, Y0: -h, X1: w, Y1: h}
}

// ssdShapes follows DefaultBoxGenerator of models/detection/anchor_utils.py: sides as
// parts of the input's, in float64, rounded to float32 and cut at 1.
func ssdShapes(unit float64, l Level) (shapes []geom.Box32, halves []geom.Half) {
	add := func(w, h float64) {
		half := geom.Half{W: 0.5 * min(1, float32(w)), H: 0.5 * min(1, float32(h))}
		x, y := float32(half.W*float32(unit)), float32(half.H*float32(unit))
		shapes, halves = append(shapes, geom.Box32{X0: -x, Y0: -y, X1: x, Y1: y}), append(halves, half)
	}
	s, next := l.Sizes[0]/unit, l.Sizes[1]/unit
	add(s, s)
	between := math.Sqrt(float64(s * next))
	add(between, between)
	for _, ratio := range l.Ratios {
		root := math.Sqrt(ratio)
		w, h := float64(s*root), s/root
		add(w, h)
		add(h, w)
	}
	return shapes, halves
}

// kerasShapes follows generate_anchors of utils/anchors.py: the scales are float32,
// all else is float64.
func kerasShapes(sizes, ratios []float64) (shapes []geom.Box) {
	for _, ratio := range ratios {
		for _, size := range sizes {
			side := float64(float32(size))
			w := math.Sqrt(float64(side*side) / ratio)
			h := float64(w * ratio)
			shapes = append(shapes, geom.Box{X0: -w * 0.5, Y0: -h * 0.5, X1: w - w*0.5, Y1: h - h*0.5})
		}
	}
	return shapes
}

// efficientDetShapes follows effdet's anchors.py and automl's anchors.py: float64.
func efficientDetShapes(sizes []float64, aspects [][]float64) (shapes []geom.Box) {
	for _, size := range sizes {
		for _, a := range aspects {
			x, y := float64(size*a[0])/2, float64(size*a[1])/2
			shapes = append(shapes, geom.Box{X0: -x, Y0: -y, X1: x, Y1: y})
		}
	}
	return shapes
}

// half is half of x as a whole number, halves to even, as torch.round does.
func half(x float32) float32 { return float32(math.RoundToEven(float64(x / 2))) }
