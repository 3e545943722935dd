package distribution

import (
	"fmt"
	"math"
)

// Figure is a histogram.
type Figure uint8

// The figures.
const (
	Class       Figure = iota // objects by class
	PerImage                  // images by their number of objects
	ImageSize                 // images by √(width · height), px
	ImageAspect               // images by height / width
	BoxSize                   // objects by √(share of the image's area)
	BoxAspect                 // objects by height / width
	Place                     // objects by the cell of the image in which they are centred
	NumFigures  = iota
)

// String returns the figure's name: in distributions.parquet, and in drift of the gate.
func (f Figure) String() string {
	return [...]string{"class", "objects_per_image", "image_size", "image_aspect", "box_size", "box_aspect", "place"}[f]
}

// Parse returns the figure of a name.
func Parse(name string) (Figure, bool) {
	for f := range Figure(NumFigures) {
		if f.String() == name {
			return f, true
		}
	}
	return 0, false
}

// Names returns the names of all figures.
func Names() (names []string) {
	for f := range Figure(NumFigures) {
		names = append(names, f.String())
	}
	return names
}

// scale is the bins of a figure that has numbers: n of equal width in log2 from 2^from to
// 2^to. What is outside belongs to the first or the last one.
type scale struct {
	from, to float64
	n        int
}

// scales are those of the figures that have one; n is 0 for the others.
var scales = [NumFigures]scale{
	ImageSize:   {5, 13, 16}, // 32 to 8,192 px by half octaves
	ImageAspect: {-3, 3, 24}, // 1:8 to 8:1 by quarter octaves
	BoxSize:     {-8, 0, 24}, // 1/256 to 1 of the image's side by thirds of an octave
	BoxAspect:   {-4, 4, 32}, // 1:16 to 16:1 by quarter octaves
}

// steps are the lower ends of the bins of PerImage.
var steps = []float64{0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 256, 512, 1024}

// bins returns how many bins a figure has.
func (f Figure) bins(classes int) int {
	switch f {
	case Class:
		return classes
	case PerImage:
		return len(steps)
	case Place:
		return Side * Side
	}
	return scales[f].n
}

// binOf returns the bin of a number.
func (f Figure) binOf(x float64) int {
	if f == PerImage {
		k := 0
		for k+1 < len(steps) && x >= steps[k+1] {
			k++
		}
		return k
	}
	if !(x > 0) {
		return 0
	}
	s := &scales[f]
	at := math.Floor((math.Log2(x) - s.from) / (s.to - s.from) * float64(s.n))
	return int(max(0, min(float64(s.n-1), at)))
}

// Range returns the ends of a bin, [low, high): of a figure of numbers only, else ok is false.
// The last bin of PerImage has no upper end.
func (f Figure) Range(bin int) (low, high float64, ok bool) {
	if f == PerImage {
		high = math.Inf(1)
		if bin+1 < len(steps) {
			high = steps[bin+1]
		}
		return steps[bin], high, true
	}
	s := scales[f]
	if s.n == 0 {
		return 0, 0, false
	}
	width := (s.to - s.from) / float64(s.n)
	return math.Exp2(s.from + float64(float64(bin)*width)), math.Exp2(s.from + float64(float64(bin+1)*width)), true
}

// Check returns an error for a name that is no figure's.
func Check(name string) error {
	if _, ok := Parse(name); !ok {
		return fmt.Errorf("no figure has the name %q; figures are %v", name, Names())
	}
	return nil
}
