// Package anchors says which grid of anchors a trainer lays over an image, and
// how the trainer brings an annotation into the frame of that grid.
//
//  1. A Preset is plain data: it comes from a YAML file, one of those embedded
//     here or the user's own (Load), and is checked once (Validate).
//  2. Lay turns a preset and the size of an image into a Frame: resized and
//     padded sizes and one geom.Grid a level.
//  3. Frame.Place turns an annotation into the trainer's float32 corners, or
//     says why the trainer drops it.
//
// Each preset reproduces its trainer to the anchor for a single image at
// test-time size: no augmentation, no multi-scale training, no padding to the
// largest image of a batch. docs/methods.md names the source of each rule.
package anchors

import (
	"fmt"
	"math"
)

// Preset is what a trainer does between an annotation file and its matched
// anchors. The fields' yaml names are the keys of a preset's file.
type Preset struct {
	Extends string  `yaml:"extends,omitempty" json:"extends,omitempty"` // the embedded preset that gives the keys which a file leaves out
	Name    string  `yaml:"name" json:"name"`
	About   string  `yaml:"about" json:"about"`                       // one line: which trainer, which release
	Sources string  `yaml:"sources" json:"sources"`                   // the trainer's files that the rules were read from
	Loss    Loss    `yaml:"loss" json:"loss"`                         // what the trainer scores
	Boxes   Boxes   `yaml:"boxes" json:"boxes"`                       // how annotations become float32 corners, and which are dropped
	Resize  Resize  `yaml:"resize" json:"resize"`                     //
	Pad     Whole   `yaml:"pad" json:"pad"`                           // sides are padded up to a multiple of this, at the right and bottom
	Anchors Anchors `yaml:"anchors" json:"anchors"`                   //
	Matcher Matcher `yaml:"matcher" json:"matcher"`                   //
	Skip    Skip    `yaml:"skip_empty_image" json:"skip_empty_image"` // which images the trainer's loader skips
}

// Whole is a whole number, of pixels if nothing else is said. In YAML anything else is refused: the
// library would cut fractions off.
type Whole int

// UnmarshalYAML reads a whole number.
func (w *Whole) UnmarshalYAML(decode func(any) error) error {
	var x float64
	if err := decode(&x); err != nil {
		return err
	}
	if x != math.Trunc(x) || math.Abs(x) > 1<<30 {
		return fmt.Errorf("got %g, expected a whole number", x)
	}
	*w = Whole(x)
	return nil
}

// Loss names what a trainer's classification loss has a term for.
type Loss string

// The losses.
const (
	PerClass   Loss = "sigmoid-per-class"  // one term for each anchor and class
	Objectness Loss = "sigmoid-objectness" // one term for each anchor
	Softmax    Loss = "softmax"            // over classes and background: PerClass stands in for it
	Soft       Loss = "soft-objectness"    // towards the predicted box's IoU: Objectness stands in for it
)

// Boxes names the arithmetic by which a trainer turns x, y, width, height into
// corners in the resized image, and with it the annotations that it drops.
type Boxes string

// The arithmetics.
const (
	TorchvisionBoxes Boxes = "torchvision"
	Detectron2Boxes  Boxes = "detectron2"
	KerasBoxes       Boxes = "keras-retinanet" // float64; what leaves the image by any part of a pixel is dropped
	YOLOBoxes        Boxes = "yolov5"          // float32 centre and sides as parts of the image; one outside has the image left out
	MMDetectionBoxes Boxes = "mmdetection"
)

// Skip names the rule by which a trainer's data loader leaves out images
// without objects. It is applied only on request.
type Skip string

// The rules.
const (
	SkipNoLargeBox Skip = "no-box-over-1px" // no annotation, crowds included, is more than 1 px wide and high
	SkipAllCrowd   Skip = "no-uncrowded"    // no annotation but crowds
	SkipNone       Skip = "none"            // none is left out
	SkipMMDet      Skip = "mmdetection"     // no annotation of a declared category, or a side below MMDetMinSide
)

// MMDetMinSide is the side, in px, below which mmdetection's configurations leave
// out images: filter_cfg's min_size.
const MMDetMinSide = 32

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
	ResizeLetterbox      ResizeRule = "letterbox"        // the long side to long_side, both rounded up, padded to a square on both sides
	ResizeStretch        ResizeRule = "stretch"          // long_side wide and short_side high, whatever the aspect
	ResizeNone           ResizeRule = "none"             // images keep their size
)

// Anchors says which shapes are laid around which points.
type Anchors struct {
	Arithmetic Arithmetic `yaml:"arithmetic" json:"arithmetic"`
	Strides    Strides    `yaml:"strides" json:"strides"`
	Offset     float64    `yaml:"offset" json:"offset"`                     // of the first point, in strides
	Ratios     []float64  `yaml:"ratios,omitempty" json:"ratios,omitempty"` // height over width; none under boxes
	Levels     []Level    `yaml:"levels" json:"levels"`
}

// Arithmetic names how shapes come from sizes and ratios.
type Arithmetic string

// The arithmetics.
const (
	TorchvisionAnchors Arithmetic = "torchvision"     // float32, ratio-major, rounded half to even to whole pixels
	Detectron2Anchors  Arithmetic = "detectron2"      // float64, size-major, rounded once to float32
	MMDetectionAnchors Arithmetic = "mmdetection"     // float32, ratio-major, sizes as multiples of the stride
	KerasAnchors       Arithmetic = "keras-retinanet" // float64, ratio-major
	BoxAnchors         Arithmetic = "boxes"           // each level's boxes as they are, all cells of one before those of the next
	SSDAnchors         Arithmetic = "ssd"             // parts of the input's side: a square of the first size, one between both sizes, then each ratio lying and upright
)

// Strides names where a level's strides come from.
type Strides string

// The sources of strides.
const (
	FixedStrides  Strides = "fixed"  // the level's own stride
	DividedStride Strides = "padded" // the padded side divided by the cells along it, rounded down
)

// Level is one feature map of the detector. Its cells along a side are the
// padded side divided by Stride, rounded up: what a stack of stride-2
// convolutions with padding 1 leaves.
type Level struct {
	Stride Whole     `yaml:"stride" json:"stride"`                        // px
	Sizes  []float64 `yaml:"sizes,flow,omitempty" json:"sizes,omitempty"` // square root of an anchor's area, px; under ssd this level's and the next one's

	Boxes [][]float64 `yaml:"boxes,flow,omitempty" json:"boxes,omitempty"` // width and height of every shape, px, in the place of sizes; only under boxes

	Ratios []float64 `yaml:"ratios,flow,omitempty" json:"ratios,omitempty"` // of this level, in the place of those of all; only under ssd
}

// Matcher says which anchors are positive, ignored and negative.
type Matcher struct {
	Rule     Rule    `yaml:"rule,omitempty" json:"rule,omitempty"`         // max-iou if it is left out
	Positive float64 `yaml:"positive,omitempty" json:"positive,omitempty"` // IoU from which on an anchor is positive
	Negative float64 `yaml:"negative,omitempty" json:"negative,omitempty"` // IoU below which it is negative; in between it is ignored
	Rescue   bool    `yaml:"low_quality" json:"low_quality"`               // the best anchors of each object are positive whatever their IoU

	// Overwrite gives such anchors to the last object whose best they are, in the
	// place of the one with which their IoU is highest.
	Overwrite bool `yaml:"low_quality_overwrites,omitempty" json:"low_quality_overwrites,omitempty"`

	// First has only the first of an object's best anchors rescued.
	First bool `yaml:"low_quality_first,omitempty" json:"low_quality_first,omitempty"`

	// Inside has anchors ignored whose centre is right of the image or below it; only
	// under inclusive-iou.
	Inside bool `yaml:"ignore_outside,omitempty" json:"ignore_outside,omitempty"`

	Candidates Whole   `yaml:"candidates,omitempty" json:"candidates,omitempty"` // under atss: nearest anchors of each level that an object looks at
	MaxRatio   float64 `yaml:"max_ratio,omitempty" json:"max_ratio,omitempty"`   // under shape-ratio: sides of object and anchor differ by less than this factor
}

// Rule names what makes an anchor positive.
type Rule string

// The rules.
const (
	MaxIoU       Rule = "max-iou"       // its highest IoU with an object reaches a threshold
	InclusiveIoU Rule = "inclusive-iou" // likewise in float64, boxes 1 px wider and higher, and negative up to the lower threshold
	ATSS         Rule = "atss"          // it is among an object's nearest, and its IoU stands out among theirs
	ShapeRatio   Rule = "shape-ratio"   // its sides are like the object's, and its cell is the centre's or next to it
)
