package anchors

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Limits on what a preset may ask for: far beyond any trainer, small enough
// that counts fit int64 and coordinates keep a 1/1000 px in float32.
const (
	maxSide   = 1 << 14 // px of a resized image or an anchor
	maxLevels = 32
	maxShapes = 1 << 10 // on one level
)

// Validate reports the first key whose value makes no sense, with what was
// given and what is allowed.
func (p *Preset) Validate() error {
	checks := []func() error{
		func() error { return oneOf("loss", p.Loss, PerClass, Objectness, Softmax, Soft) },
		func() error {
			return oneOf("boxes", p.Boxes, TorchvisionBoxes, Detectron2Boxes, MMDetectionBoxes, KerasBoxes, YOLOBoxes)
		},
		func() error {
			return oneOf("skip_empty_image", p.Skip, SkipNoLargeBox, SkipAllCrowd, SkipMMDet, SkipNone)
		},
		func() error { return within("pad", float64(p.Pad), 1, maxSide) },
		p.Resize.validate,
		p.Anchors.validate,
		p.Matcher.validate,
		func() error {
			if p.Anchors.Arithmetic == SSDAnchors && (p.Resize.Rule != ResizeStretch || p.Resize.Short != p.Resize.Long || p.Pad != 1) {
				return fmt.Errorf("resize: got %s to %d and %d, pad %d, allowed under the arithmetic ssd: stretch to a square, pad 1", p.Resize.Rule, p.Resize.Short, p.Resize.Long, p.Pad)
			}
			return nil
		},
		p.validateTogether,
	}
	if p.Name == "" {
		return fmt.Errorf("name: missing")
	}
	return firstError(checks)
}

// validateTogether checks keys that have a meaning only with each other.
func (p *Preset) validateTogether() error {
	together := func(what string, keys ...string) error {
		for i := 0; i < len(keys); i += 3 {
			if keys[i+1] != keys[i+2] {
				return fmt.Errorf("%s: got %q, allowed with %s: %s", keys[i], keys[i+1], what, keys[i+2])
			}
		}
		return nil
	}
	if p.Boxes == KerasBoxes || p.Anchors.Arithmetic == KerasAnchors || p.Matcher.Rule == InclusiveIoU || p.Resize.Rule == ResizeKeras {
		resize := cmp.Or(p.Resize.Rule, ResizeKeras)
		if resize == ResizeNone {
			resize = ResizeKeras
		}
		return together("what keras-retinanet does", "boxes", string(p.Boxes), string(KerasBoxes), "anchors.arithmetic", string(p.Anchors.Arithmetic), string(KerasAnchors),
			"matcher.rule", string(p.Matcher.Rule), string(InclusiveIoU), "resize.rule", string(resize), string(ResizeKeras))
	}
	if p.Boxes == YOLOBoxes || p.Anchors.Arithmetic == BoxAnchors || p.Matcher.Rule == ShapeRatio || p.Resize.Rule == ResizeLetterbox {
		if err := together("what yolov5 does", "boxes", string(p.Boxes), string(YOLOBoxes), "anchors.arithmetic", string(p.Anchors.Arithmetic), string(BoxAnchors),
			"matcher.rule", string(p.Matcher.Rule), string(ShapeRatio), "resize.rule", string(p.Resize.Rule), string(ResizeLetterbox)); err != nil {
			return err
		}
		if p.Resize.Short != p.Resize.Long {
			return fmt.Errorf("resize.short_side: got %d, allowed with what yolov5 does: %d, as long_side is", p.Resize.Short, p.Resize.Long)
		}
		if p.Resize.Long%p.Pad != 0 {
			return fmt.Errorf("resize.long_side: got %d, allowed with what yolov5 does: a multiple of pad, %d", p.Resize.Long, p.Pad)
		}
		for i, l := range p.Anchors.Levels {
			if p.Pad%l.Stride != 0 {
				return fmt.Errorf("pad: got %d, allowed with what yolov5 does: a multiple of every stride, and %d is that of anchors.levels[%d]", p.Pad, l.Stride, i)
			}
		}
	}
	for i := range p.Anchors.Levels {
		if n := len(p.Anchors.Levels[i].Sizes) * len(p.Anchors.Ratios); p.Matcher.Rule == ATSS && (n != 1 || p.Anchors.Arithmetic == SSDAnchors) {
			return fmt.Errorf("anchors.levels[%d]: got %d shapes, allowed with the rule atss: 1, one size and one ratio", i, n)
		}
	}
	return nil
}

func (r Resize) validate() error {
	if err := oneOf("resize.rule", r.Rule, ResizeTorchvision, ResizeTorchvision014, ResizeDetectron2, ResizeMMDetection, ResizeKeras, ResizeLetterbox, ResizeStretch, ResizeNone); err != nil || r.Rule == ResizeNone {
		return err
	}
	if err := within("resize.short_side", float64(r.Short), 1, maxSide); err != nil {
		return err
	}
	return within("resize.long_side", float64(r.Long), float64(r.Short), maxSide)
}

func (a *Anchors) validate() error {
	return firstError([]func() error{
		func() error {
			return oneOf("anchors.arithmetic", a.Arithmetic, TorchvisionAnchors, Detectron2Anchors, MMDetectionAnchors, KerasAnchors, BoxAnchors, SSDAnchors)
		},
		func() error { return oneOf("anchors.strides", a.Strides, FixedStrides, DividedStride) },
		func() error { return within("anchors.offset", a.Offset, 0, 1) },
		func() error {
			if a.Arithmetic == BoxAnchors {
				return within("number of anchors.ratios under the arithmetic boxes", float64(len(a.Ratios)), 0, 0)
			}
			return within("number of anchors.ratios", float64(len(a.Ratios)), 1, maxShapes)
		},
		func() error { return within("number of anchors.levels", float64(len(a.Levels)), 1, maxLevels) },
		func() error { return allWithin("anchors.ratios", a.Ratios, 1e-3, 1e3) },
		a.validateLevels,
	})
}

func (a *Anchors) validateLevels() error {
	for i, l := range a.Levels {
		if slices.ContainsFunc(a.Levels[:i], func(o Level) bool { return o.Stride == l.Stride }) {
			return fmt.Errorf("anchors.levels[%d].stride: %d is an earlier level's: give all sizes of a stride in one level", i, l.Stride)
		}
		key := fmt.Sprintf("anchors.levels[%d]", i)
		if err := within(key+".stride", float64(l.Stride), 1, maxSide); err != nil {
			return err
		}
		if err := a.validateBoxes(key, &l); err != nil {
			return err
		}
		if a.Arithmetic == BoxAnchors {
			continue
		}
		if err := within("number of "+key+".sizes", float64(len(l.Sizes)), 1, float64(maxShapes/len(a.Ratios))); err != nil {
			return err
		}
		if err := allWithin(key+".sizes", l.Sizes, 1, maxSide); err != nil {
			return err
		}
		if err := a.validateSSD(key, &l); err != nil {
			return err
		}
	}
	return nil
}

// validateBoxes checks what only the arithmetic boxes has.
func (a *Anchors) validateBoxes(key string, l *Level) error {
	if a.Arithmetic != BoxAnchors {
		if len(l.Boxes) > 0 {
			return fmt.Errorf("%s.boxes: got %v, allowed: only with the arithmetic boxes", key, l.Boxes)
		}
		return nil
	}
	switch {
	case len(l.Sizes) > 0 || len(l.Ratios) > 0:
		return fmt.Errorf("%s: got sizes or ratios, allowed under the arithmetic boxes: boxes in their place", key)
	case a.Strides != FixedStrides || a.Offset != 0.5:
		return fmt.Errorf("anchors: got strides %s and offset %g, allowed under the arithmetic boxes: fixed and 0.5", a.Strides, a.Offset)
	}
	if err := within("number of "+key+".boxes", float64(len(l.Boxes)), 1, maxShapes); err != nil {
		return err
	}
	for i, b := range l.Boxes {
		name := fmt.Sprintf("%s.boxes[%d]", key, i)
		if len(b) != 2 {
			return fmt.Errorf("%s: got %d numbers, allowed: 2, width and height in px", name, len(b))
		}
		if err := allWithin(name, b, 1, maxSide); err != nil {
			return err
		}
	}
	return nil
}

// validateSSD checks what only one arithmetic has.
func (a *Anchors) validateSSD(key string, l *Level) error {
	switch {
	case a.Arithmetic != SSDAnchors && len(l.Ratios) > 0:
		return fmt.Errorf("%s.ratios: got %v, allowed: only with the arithmetic ssd", key, l.Ratios)
	case a.Arithmetic != SSDAnchors:
		return nil
	case len(l.Sizes) != 2:
		return fmt.Errorf("%s.sizes: got %d, allowed: 2 under the arithmetic ssd, this level's and the next one's", key, len(l.Sizes))
	case a.Strides != FixedStrides || a.Offset != 0.5:
		return fmt.Errorf("anchors: got strides %s and offset %g, allowed under the arithmetic ssd: fixed and 0.5", a.Strides, a.Offset)
	}
	if err := within("number of "+key+".ratios", float64(len(l.Ratios)), 0, maxShapes/2-1); err != nil {
		return err
	}
	return allWithin(key+".ratios", l.Ratios, 1e-3, 1e3)
}

func (m Matcher) validate() error {
	if err := oneOf("matcher.rule", cmp.Or(m.Rule, MaxIoU), MaxIoU, InclusiveIoU, ATSS, ShapeRatio); err != nil {
		return err
	}
	byIoU, inclusive := m.Rule == "" || m.Rule == MaxIoU, m.Rule == InclusiveIoU
	only := func(key string, given any, none any, allowed bool, where string) error {
		if given != none && !allowed {
			return fmt.Errorf("matcher.%s: got %v, allowed: only %s; leave it out or set it to %v", key, given, where, none)
		}
		return nil
	}
	return firstError([]func() error{
		func() error { return only("low_quality", m.Rescue, false, byIoU, "with the rule max-iou") },
		func() error { return only("low_quality_first", m.First, false, m.Rescue, "with low_quality: true") },
		func() error {
			return only("low_quality_overwrites", m.Overwrite, false, m.Rescue, "with low_quality: true")
		},
		func() error { return only("ignore_outside", m.Inside, false, inclusive, "with the rule inclusive-iou") },
		func() error { return only("candidates", m.Candidates, Whole(0), m.Rule == ATSS, "with the rule atss") },
		func() error {
			return only("max_ratio", m.MaxRatio, 0.0, m.Rule == ShapeRatio, "with the rule shape-ratio")
		},
		func() error {
			return only("positive", m.Positive, 0.0, byIoU || inclusive, "with the rules max-iou and inclusive-iou")
		},
		func() error {
			return only("negative", m.Negative, 0.0, byIoU || inclusive, "with the rules max-iou and inclusive-iou")
		},
		func() error {
			switch {
			case m.Rule == ATSS:
				return within("matcher.candidates", float64(m.Candidates), 2, 1000)
			case m.Rule == ShapeRatio:
				return within("matcher.max_ratio", m.MaxRatio, 1.01, 1000)
			}
			if err := within("matcher.negative", m.Negative, 0.01, 1); err != nil {
				return err
			}
			return within("matcher.positive", m.Positive, m.Negative, 1)
		},
	})
}

func firstError(checks []func() error) error {
	for _, check := range checks {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func oneOf[T ~string](key string, got T, allowed ...T) error {
	if slices.Contains(allowed, got) {
		return nil
	}
	names := make([]string, len(allowed))
	for i, a := range allowed {
		names[i] = string(a)
	}
	return fmt.Errorf("%s: got %q, allowed: %s", key, string(got), strings.Join(names, ", "))
}

func within(key string, got, least, most float64) error {
	if got >= least && got <= most && !math.IsNaN(got) {
		return nil
	}
	return fmt.Errorf("%s: got %g, allowed: %g to %g", key, got, least, most)
}

func allWithin(key string, got []float64, least, most float64) error {
	for i, x := range got {
		if err := within(fmt.Sprintf("%s[%d]", key, i), x, least, most); err != nil {
			return err
		}
	}
	return nil
}
