package anchors

import (
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
func (p *Spec) Validate() error {
	return firstError([]func() error{
		func() error { return within("pad", float64(p.Pad), 1, maxSide) },
		p.Resize.validate,
		p.Anchors.validate,
		func() error {
			square := p.Resize.Rule == ResizeStretch && p.Resize.Short == p.Resize.Long && p.Pad == 1
			if p.Anchors.Arithmetic == SSDAnchors && !square {
				return fmt.Errorf(
					"resize: got %s to %d and %d, pad %d, allowed under the arithmetic ssd: stretch to a square, pad 1",
					p.Resize.Rule, p.Resize.Short, p.Resize.Long, p.Pad)
			}
			return nil
		},
	})
}

func (r Resize) validate() error {
	err := OneOf("resize.rule", r.Rule, ResizeTorchvision, ResizeTorchvision014, ResizeDetectron2, ResizeMMDetection,
		ResizeKeras, ResizeLetterbox, ResizeUltralytics, ResizeCorner, ResizeCorner32, ResizeKerasHub, ResizeStretch,
		ResizeNone)
	if err != nil || r.Rule == ResizeNone {
		return err
	}
	if err := within("resize.short_side", float64(r.Short), 1, maxSide); err != nil {
		return err
	}
	if err := within("resize.long_side", float64(r.Long), float64(r.Short), maxSide); err != nil {
		return err
	}
	switch r.Rule {
	case ResizeUltralytics, ResizeCorner, ResizeCorner32, ResizeKerasHub:
		return within("resize.long_side under the rule "+string(r.Rule), float64(r.Long), float64(r.Short), float64(r.Short))
	}
	return nil
}

func (a *Anchors) validate() error {
	return firstError([]func() error{
		func() error {
			return OneOf("anchors.arithmetic", a.Arithmetic, TorchvisionAnchors, Detectron2Anchors, MMDetectionAnchors,
				KerasAnchors, BoxAnchors, SSDAnchors, EfficientDetAnchors, Points, Queries)
		},
		func() error { return OneOf("anchors.strides", a.Strides, FixedStrides, DividedStride, CellStride) },
		func() error { return within("anchors.offset", a.Offset, 0, 1) },
		func() error {
			switch a.Arithmetic {
			case BoxAnchors, EfficientDetAnchors, Points, Queries:
				return within("number of anchors.ratios under the arithmetic "+string(a.Arithmetic), float64(len(a.Ratios)), 0, 0)
			}
			return within("number of anchors.ratios", float64(len(a.Ratios)), 1, maxShapes)
		},
		func() error { return within("number of anchors.levels", float64(len(a.Levels)), 1, maxLevels) },
		func() error { return allWithin("anchors.ratios", a.Ratios, 1e-3, 1e3) },
		a.validateQueries,
		a.validateAspects,
		a.validateLevels,
	})
}

// validateQueries checks what only the arithmetic queries has.
func (a *Anchors) validateQueries() error {
	if a.Arithmetic != Queries {
		return within("anchors.queries without the arithmetic queries", float64(a.Queries), 0, 0)
	}
	if err := within("anchors.queries", float64(a.Queries), 1, 1<<20); err != nil {
		return err
	}
	return within("number of anchors.levels under the arithmetic queries", float64(len(a.Levels)), 1, 1)
}

// validateAspects checks what only the arithmetic efficientdet has.
func (a *Anchors) validateAspects() error {
	if a.Arithmetic != EfficientDetAnchors {
		if len(a.Aspects) > 0 {
			return fmt.Errorf("anchors.aspects: got %v, allowed: only with the arithmetic efficientdet", a.Aspects)
		}
		return nil
	}
	if err := within("number of anchors.aspects", float64(len(a.Aspects)), 1, maxShapes); err != nil {
		return err
	}
	for i, pair := range a.Aspects {
		name := fmt.Sprintf("anchors.aspects[%d]", i)
		if len(pair) != 2 {
			return fmt.Errorf("%s: got %d numbers, allowed: 2, width and height as parts of a size", name, len(pair))
		}
		if err := allWithin(name, pair, 1e-2, 1e2); err != nil {
			return err
		}
	}
	return nil
}

func (a *Anchors) validateLevels() error {
	for i, l := range a.Levels {
		if slices.ContainsFunc(a.Levels[:i], func(o Level) bool { return o.Stride == l.Stride }) {
			return fmt.Errorf("anchors.levels[%d].stride: %d is an earlier level's: give all sizes of a stride in one level",
				i, l.Stride)
		}
		key := fmt.Sprintf("anchors.levels[%d]", i)
		if err := within(key+".stride", float64(l.Stride), 1, maxSide); err != nil {
			return err
		}
		if err := a.validateBoxes(key, &l); err != nil {
			return err
		}
		switch a.Arithmetic {
		case BoxAnchors:
			continue
		case Points, Queries:
			if len(l.Sizes) > 0 || len(l.Ratios) > 0 {
				return fmt.Errorf("%s: got sizes or ratios, allowed under the arithmetic %s: the stride alone", key, a.Arithmetic)
			}
			continue
		}
		most := float64(maxShapes / max(1, len(a.Ratios), len(a.Aspects)))
		if err := within("number of "+key+".sizes", float64(len(l.Sizes)), 1, most); err != nil {
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
		return fmt.Errorf("anchors: got strides %s and offset %g, allowed under the arithmetic boxes: fixed and 0.5",
			a.Strides, a.Offset)
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
		return fmt.Errorf("%s.sizes: got %d, allowed: 2 under the arithmetic ssd, this level's and the next one's",
			key, len(l.Sizes))
	case a.Strides == DividedStride || a.Offset != 0.5:
		return fmt.Errorf("anchors: got strides %s and offset %g, allowed under the arithmetic ssd: fixed or cells, and 0.5",
			a.Strides, a.Offset)
	}
	if err := within("number of "+key+".ratios", float64(len(l.Ratios)), 0, maxShapes/2-1); err != nil {
		return err
	}
	return allWithin(key+".ratios", l.Ratios, 1e-3, 1e3)
}

func firstError(checks []func() error) error {
	for _, check := range checks {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// OneOf returns an error unless got, the value of a key, is one of the values allowed.
func OneOf[T ~string](key string, got T, allowed ...T) error {
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
