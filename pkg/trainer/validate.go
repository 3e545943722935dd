package trainer

import (
	"cmp"
	"errors"
	"fmt"

	"focalaudit/pkg/anchors"
)

// Validate reports the first key whose value makes no sense, with what was
// given and what is allowed.
func (p *Preset) Validate() error {
	if p.Name == "" {
		return errors.New("name: missing")
	}
	spec := p.Spec()
	err := cmp.Or(
		anchors.OneOf("loss", p.Loss, PerClass, Objectness, Softmax, Soft, SoftClass),
		anchors.OneOf("boxes", p.Boxes, loaderNames()...),
		anchors.OneOf("skip_empty_image", p.Skip, SkipNoLargeBox, SkipAllCrowd, SkipMMDet, SkipNone),
		anchors.OneOf("class_index", cmp.Or(p.ClassIndex, IndexRank), IndexID, IndexRank, IndexIDLess1),
		spec.Validate(),
		p.validateLoader(),
		p.validateImbalance(),
	)
	if err != nil {
		return err
	}
	return cmp.Or(p.validateMatcher(), p.validateTogether())
}

// validateLoader checks the keys that are about the loader alone.
func (p *Preset) validateLoader() error {
	if p.Cap < 0 || p.Cap > maxCap {
		return fmt.Errorf("cap: got %d, allowed: 1 to %d, or 0 for none", p.Cap, maxCap)
	}
	if !(p.Initial >= 0 && p.Initial < 1) {
		return fmt.Errorf("initial: got %g, allowed: above 0 and below 1, or 0 for 0.01", p.Initial)
	}
	if !(p.InitialObjects >= 0 && p.InitialObjects <= maxCap) {
		return fmt.Errorf("initial_objects: got %g, allowed: 0 to %d", p.InitialObjects, maxCap)
	}
	if p.Digits == "" {
		return nil
	}
	if p.Boxes != ultralyticsBoxes {
		return fmt.Errorf("digits: got %q, allowed: only with boxes: %s; leave it out", string(p.Digits), ultralyticsBoxes)
	}
	return anchors.OneOf("digits", p.Digits, SixDigits, ExactDigits)
}

// maxCap is the largest cap that a preset may have.
const maxCap = 1 << 20

// validateMatcher checks the rule with the shapes that it will see.
func (p *Preset) validateMatcher() error {
	if p.Matcher.Rule == nil {
		return errors.New("matcher: missing")
	}
	layout := anchors.New(p.Spec())
	shapes := make([]int, len(p.Anchors.Levels))
	for i := range shapes {
		shapes[i] = layout.Shapes(i)
	}
	return p.Matcher.Validate(shapes)
}

// validateTogether checks keys that have a meaning only with each other.
func (p *Preset) validateTogether() error {
	for _, name := range loaderNames() {
		if c := loaders[name].with; c != nil {
			if err := c.check(p); err != nil {
				return err
			}
		}
	}
	return nil
}
