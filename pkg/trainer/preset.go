package trainer

import "focalaudit/pkg/anchors"

// Preset is what a trainer does between an annotation file and its assigned
// anchors. The fields' yaml names are the keys of a preset's file.
type Preset struct {
	// Extends is the embedded preset that gives the keys which a file leaves out.
	Extends string `yaml:"extends,omitempty" json:"extends,omitempty"`

	Name    string `yaml:"name" json:"name"`
	About   string `yaml:"about" json:"about"`     // one line: which trainer, which release
	Sources string `yaml:"sources" json:"sources"` // the trainer's files that the rules were read from
	Loss    Loss   `yaml:"loss" json:"loss"`       // what the trainer scores
	Boxes   Boxes  `yaml:"boxes" json:"boxes"`     // the loader: how annotations become corners, and which are dropped

	Resize  anchors.Resize  `yaml:"resize" json:"resize"`
	Pad     anchors.Whole   `yaml:"pad" json:"pad"` // sides are padded up to a multiple of this, at the right and bottom
	Anchors anchors.Anchors `yaml:"anchors" json:"anchors"`
	Matcher Matcher         `yaml:"matcher" json:"matcher"`

	// Initial is the probability that each output has before training: 0.01 if it is left out.
	Initial float64 `yaml:"initial,omitempty" json:"initial,omitempty"`

	// InitialObjects, if it is not 0, is how many objects an image of 640 px is taken to have:
	// before training the outputs of a level of stride s then have x/(1+x), with x this number
	// over the level's (640/s)² cells, and over the classes too if there is one output for each.
	InitialObjects float64 `yaml:"initial_objects,omitempty" json:"initial_objects,omitempty"`

	// Imbalance is what the trainer does against the imbalance of its classification loss.
	Imbalance Imbalance `yaml:"imbalance,omitempty" json:"imbalance,omitzero"`

	Skip Skip `yaml:"skip_empty_image" json:"skip_empty_image"` // which images the trainer's loader skips

	// Cap is how many objects of an image the trainer takes: the first ones. 0 if it takes
	// all.
	Cap anchors.Whole `yaml:"cap,omitempty" json:"cap,omitempty"`

	// Digits says with how many digits label files have the numbers of boxes: six if it is
	// left out under a loader that reads such files.
	Digits Digits `yaml:"digits,omitempty" json:"digits,omitempty"`

	// ClassIndex says which output of the model is whose: rank if it is left out.
	ClassIndex ClassIndex `yaml:"class_index,omitempty" json:"class_index,omitempty"`
}

// Spec returns the part that package anchors knows.
func (p *Preset) Spec() anchors.Spec {
	return anchors.Spec{Resize: p.Resize, Pad: p.Pad, Anchors: p.Anchors}
}

// Digits names the digits of label files.
type Digits string

// The digits.
const (
	SixDigits   Digits = "six"   // as Python's %g writes them
	ExactDigits Digits = "exact" // all
)

// FromStart returns the probability that the outputs of a level have before training, with k
// classes.
func (p *Preset) FromStart(level, k int) float64 {
	switch {
	case p.InitialObjects > 0:
		cells := 640 / float64(p.Anchors.Levels[level].Stride)
		x := p.InitialObjects / (cells * cells)
		if !p.Loss.Objectness() {
			x /= float64(k)
		}
		return x / (1 + x)
	case p.Initial > 0:
		return p.Initial
	}
	return 0.01
}

// Loss names what a trainer's classification loss has a term for.
type Loss string

// The losses.
const (
	PerClass   Loss = "sigmoid-per-class"  // one term for each anchor and class
	Objectness Loss = "sigmoid-objectness" // one term for each anchor
	Softmax    Loss = "softmax"            // over classes and background: PerClass stands in for it
	Soft       Loss = "soft-objectness"    // towards the predicted box's IoU: Objectness stands in for it
	SoftClass  Loss = "soft-per-class"     // towards how well the point predicts: PerClass stands in for it
)

// Objectness reports whether the loss has one term for each anchor, rather than one for
// each anchor and class.
func (l Loss) Objectness() bool { return l == Objectness || l == Soft }

// Approximates says which loss of the trainer's the losses here approximate; "" if they
// are the trainer's own. It goes on after "the loss is a stand-in: ".
func (l Loss) Approximates() string {
	switch l {
	case Softmax:
		return "the trainer's is a softmax over classes and background"
	case Soft:
		return "the trainer's targets are the IoUs of predicted boxes"
	case SoftClass:
		return "the trainer's targets are how well predictions fit"
	}
	return ""
}

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
