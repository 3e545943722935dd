// Package anchors says which grid of anchors a trainer lays over an image.
//
//  1. A Spec is plain data, the part of a trainer's preset that is about sizes and
//     shapes: it is checked once (Validate).
//  2. New computes its shapes in the trainer's arithmetic.
//  3. Layout.Lay turns the size of an image into a Frame: resized and padded sizes and
//     one geom.Grid a level.
//
// It reproduces each trainer to the anchor for a single image at test-time size: no
// augmentation, no multi-scale training, no padding to the largest image of a
// batch. docs/methods.md names the source of each rule. What a trainer makes of
// annotations is package trainer's.
package anchors

import (
	"fmt"
	"math"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// Spec is how a trainer resizes an image and lays anchors over it.
type Spec struct {
	Resize  Resize
	Pad     Whole // sides are padded up to a multiple of this, at the right and bottom
	Anchors Anchors
}

// Whole is a whole number, of pixels if nothing else is said. In YAML anything else
// is refused: the library would cut fractions off.
type Whole int

// UnmarshalYAML reads a whole number.
func (w *Whole) UnmarshalYAML(at ast.Node) error {
	var x float64
	if err := yaml.NodeToValue(at, &x); err != nil {
		return err
	}
	switch key := strings.TrimPrefix(at.GetPath(), "$."); {
	case math.Abs(x) > 1<<30:
		return fmt.Errorf("%s: got %g, expected a number that an image's side may have", key, x)
	case x != math.Trunc(x):
		return fmt.Errorf("%s: got %g, expected a whole number", key, x)
	}
	*w = Whole(x)
	return nil
}

// Resize says how an image is resized: to a short side, unless its long side
// would then exceed the limit.
type Resize struct {
	Rule  ResizeRule `yaml:"rule" json:"rule"`
	Short Whole      `yaml:"short_side" json:"short_side"` // px
	Long  Whole      `yaml:"long_side" json:"long_side"`   // px, at most
}

// ResizeRule names the arithmetic of resizing; the results differ by a pixel.
type ResizeRule string

// The rules.
const (
	ResizeTorchvision    ResizeRule = "torchvision"      // float64 scale, both sides rounded down
	ResizeTorchvision014 ResizeRule = "torchvision-0.14" // the scale by a float32 reciprocal, both sides rounded down
	ResizeDetectron2     ResizeRule = "detectron2"       // float64, rounded half up, the long side as a second scale
	ResizeMMDetection    ResizeRule = "mmdetection"      // float64, rounded half up, one scale
	ResizeKeras          ResizeRule = "keras-retinanet"  // float64, one scale, rounded half to even

	// ResizeLetterbox brings the long side to long_side, rounds both up, and pads to a
	// square on both sides.
	ResizeLetterbox ResizeRule = "letterbox"

	// ResizeUltralytics brings the long side to long_side, rounds the other up, and pads to a
	// square on both sides by whole pixels.
	ResizeUltralytics ResizeRule = "ultralytics"

	// These bring the long side to long_side, round both down, and pad to a square: float64,
	// and float32.
	ResizeCorner   ResizeRule = "corner"
	ResizeCorner32 ResizeRule = "corner-float32"

	// ResizeKerasHub brings the long side to long_side in float32, and pads to a square on
	// both sides, before it resizes.
	ResizeKerasHub ResizeRule = "keras-hub"

	ResizeStretch ResizeRule = "stretch" // long_side wide and short_side high, whatever the aspect
	ResizeNone    ResizeRule = "none"    // images keep their size
)

// Anchors says which shapes are laid around which points.
type Anchors struct {
	Arithmetic Arithmetic `yaml:"arithmetic" json:"arithmetic"`
	Strides    Strides    `yaml:"strides" json:"strides"`
	Offset     float64    `yaml:"offset" json:"offset"`                     // of the first point, in strides
	Ratios     []float64  `yaml:"ratios,omitempty" json:"ratios,omitempty"` // height over width; none under boxes
	Levels     []Level    `yaml:"levels" json:"levels"`

	// Queries is how many outputs an image has that lie nowhere; only under queries.
	Queries Whole `yaml:"queries,omitempty" json:"queries,omitempty"`

	// Aspects are the width and height of each shape as parts of a size, in the place of
	// ratios; only under efficientdet.
	Aspects [][]float64 `yaml:"aspects,flow,omitempty" json:"aspects,omitempty"`
}

// Arithmetic names how shapes come from sizes and ratios.
type Arithmetic string

// The arithmetics.
const (
	TorchvisionAnchors Arithmetic = "torchvision"     // float32, ratio-major, rounded half to even to whole pixels
	Detectron2Anchors  Arithmetic = "detectron2"      // float64, size-major, rounded once to float32
	MMDetectionAnchors Arithmetic = "mmdetection"     // float32, ratio-major, sizes as multiples of the stride
	KerasAnchors       Arithmetic = "keras-retinanet" // float64, ratio-major

	// BoxAnchors takes each level's boxes as they are, all cells of one before those of
	// the next.
	BoxAnchors Arithmetic = "boxes"

	// SSDAnchors computes in parts of the input's side: a square of the first size, one
	// between both sizes, then each ratio lying and upright.
	SSDAnchors Arithmetic = "ssd"

	// EfficientDetAnchors gives each size, the outer loop, every aspect. Corners are
	// computed in float64 and rounded once to float32.
	EfficientDetAnchors Arithmetic = "efficientdet"

	// Points are places without a shape: the trainer asks where they lie. A cell's square,
	// a stride wide, stands for each.
	Points Arithmetic = "points"

	// Queries are outputs that have no place. They stand in one row of one level, whose
	// stride is the input's side.
	Queries Arithmetic = "queries"
)

// Strides names where a level's strides come from.
type Strides string

// The sources of strides.
const (
	FixedStrides  Strides = "fixed"  // the level's own stride
	DividedStride Strides = "padded" // the padded side divided by the cells along it, rounded down
	CellStride    Strides = "cells"  // the padded side divided by the cells along it
)

// Level is one feature map of the detector. Its cells along a side are the
// padded side divided by Stride, rounded up: what a stack of stride-2
// convolutions with padding 1 leaves.
type Level struct {
	Stride Whole `yaml:"stride" json:"stride"` // px

	// Sizes are square roots of anchors' areas, in px; under ssd this level's and the next
	// one's; none under points.
	Sizes []float64 `yaml:"sizes,flow,omitempty" json:"sizes,omitempty"`

	// Boxes are the width and height of every shape, in px, in the place of sizes; only
	// under boxes.
	Boxes [][]float64 `yaml:"boxes,flow,omitempty" json:"boxes,omitempty"`

	// Ratios are this level's, in the place of those of all levels; only under ssd.
	Ratios []float64 `yaml:"ratios,flow,omitempty" json:"ratios,omitempty"`
}
