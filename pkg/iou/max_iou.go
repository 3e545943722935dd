package iou

import (
	"fmt"

	"focalaudit/pkg/geom"
)

// NameMaxIoU is the rule of presets that name none.
const NameMaxIoU = "max-iou"

var _ = Register(NameMaxIoU, func() Rule { return &MaxIoU{} })

// MaxIoU makes an anchor positive by its highest IoU with any object, as torchvision's,
// detectron2's and mmdetection's matchers do: Matcher says how.
type MaxIoU struct {
	// An anchor is positive from the IoU Positive on, negative below Negative, and
	// ignored in between.
	Positive float64 `yaml:"positive,omitempty" json:"positive,omitempty"`
	Negative float64 `yaml:"negative,omitempty" json:"negative,omitempty"`

	// LowQuality makes the best anchors of each object positive whatever their IoU.
	LowQuality bool `yaml:"low_quality" json:"low_quality"`

	// Overwrite gives such anchors to the last object whose best they are, in the
	// place of the one with which their IoU is highest.
	Overwrite bool `yaml:"low_quality_overwrites,omitempty" json:"low_quality_overwrites,omitempty"`

	// Earliest gives them to the first such object instead of the last.
	Earliest bool `yaml:"low_quality_earliest,omitempty" json:"low_quality_earliest,omitempty"`

	// First has only the first of an object's best anchors rescued.
	First bool `yaml:"low_quality_first,omitempty" json:"low_quality_first,omitempty"`
}

// Validate implements Rule.
func (m *MaxIoU) Validate([]int) error {
	if err := onlyWith("low_quality_first", m.First, "with low_quality: true", m.LowQuality); err != nil {
		return err
	}
	if err := onlyWith("low_quality_overwrites", m.Overwrite, "with low_quality: true", m.LowQuality); err != nil {
		return err
	}
	if err := onlyWith("low_quality_earliest", m.Earliest, "with low_quality_overwrites: true", m.Overwrite); err != nil {
		return err
	}
	if err := within("negative", m.Negative, 0.01, 1); err != nil {
		return err
	}
	return within("positive", m.Positive, m.Negative, 1)
}

// String implements Rule.
func (m *MaxIoU) String() string {
	text := fmt.Sprintf("%s: positive from %g, negative below %g", NameMaxIoU, m.Positive, m.Negative)
	if m.LowQuality {
		text += ", each object's best anchors too"
	}
	if m.First {
		text += " (the first of them)"
	}
	switch {
	case m.Earliest:
		text += ", taken from other objects, by the first that wants it"
	case m.Overwrite:
		text += ", taken from other objects"
	}
	return text
}

// Thresholds implements Rule.
func (m *MaxIoU) Thresholds() Thresholds {
	return Thresholds{Low: float32(m.Negative), High: float32(m.Positive), Best: m.LowQuality}
}

// Suit implements Suiter.
func (m *MaxIoU) Suit() Suit { return Suit{Measure: ByIoU, Threshold: m.Positive} }

// Measure implements Rule.
func (m *MaxIoU) Measure() Measure { return ByIoU }

// Covers implements Rule.
func (m *MaxIoU) Covers() string {
	return fmt.Sprintf("that overlap it by IoU %g or more", float32(m.Negative))
}

// Matcher returns the rule as matching needs it.
func (m *MaxIoU) Matcher(list bool) Matcher {
	return Matcher{
		Low: float32(m.Negative), High: float32(m.Positive),
		Rescue: m.LowQuality, Overwrite: m.Overwrite, Earliest: m.Earliest, First: m.First, List: list,
	}
}

// Assigner implements Rule.
func (m *MaxIoU) Assigner(list bool) Assigner { return &assignMaxIoU{m: m.Matcher(list)} }

// Reacher implements Rule.
func (m *MaxIoU) Reacher(from float32) Reacher {
	r := &reachByIoU{matcher: m.Matcher(false)}
	if from > 0 {
		r.matcher.Low = from
	}
	return r
}

// assignMaxIoU is MaxIoU at work.
type assignMaxIoU struct {
	Matching
	m     Matcher
	scene Scene
}

// Assign implements Assigner. The objects' corners are float32's numbers.
func (a *assignMaxIoU) Assign(s Scene) *Result {
	a.scene = s
	a.narrow = narrowed(a.narrow, s.Objects)
	a.m.Match(&a.Matching, a.narrow, s.Grids)
	return &a.Result
}

// Why implements Assigner.
func (a *assignMaxIoU) Why(i int) Verdict {
	o, box := &a.Objects[i], a.scene.Objects[i]
	if o.Positives > o.Rescued {
		return Verdict{}
	}
	fit := fitOf(box.Width(), box.Height(), a.scene.Grids, 0)
	if o.AtHigh > 0 {
		return shortOfIoU(OutCompeted, fit, o)
	}
	return shortOfIoU(whyShape(box.Width(), box.Height(), fit, float64(a.m.High)), fit, o)
}

// Explain implements Assigner.
func (a *assignMaxIoU) Explain(i int, v Verdict) string {
	return explainShape(a.scene.Objects[i], &a.Objects[i], v, a.m.High, 0)
}

// Hazard implements Assigner.
func (a *assignMaxIoU) Hazard(i int) string {
	switch {
	case !a.m.Rescue || a.Objects[i].IoU > 0:
		return ""
	case a.m.First:
		return fmt.Sprintf(
			"so that its best IoU is 0 and the low-quality rule gives it the first of all %d anchors, wherever that is",
			a.Anchors)
	}
	return fmt.Sprintf("so that its best IoU is 0 and the low-quality rule makes all %d anchors positive", a.Anchors)
}

// Background implements Assigner: it needs no list of matches.
func (a *assignMaxIoU) Background(box geom.Box) int {
	return a.background(a.m, box.Narrow(), a.scene.Grids)
}
