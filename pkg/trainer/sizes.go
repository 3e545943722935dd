package trainer

import (
	"fmt"
	"math"
	"slices"

	"focalaudit/pkg/anchors"
	"focalaudit/pkg/text"
)

// Input says in words which size the preset's input has.
func (p *Preset) Input() string {
	if p.Resize.Short == p.Resize.Long {
		return fmt.Sprintf("%s × %s px", text.Group(int64(p.Resize.Short)), text.Group(int64(p.Resize.Long)))
	}
	return fmt.Sprintf("a short side of %s px", text.Group(int64(p.Resize.Short)))
}

// AtSize returns the preset with another short side of the input, in px; the long side is
// scaled with it. An error says why its input has one size.
func (p *Preset) AtSize(short int) (Preset, error) {
	switch {
	case p.Resize.Rule == anchors.ResizeNone:
		return Preset{}, fmt.Errorf("%s does not resize images", p.Name)
	case p.Anchors.Arithmetic == anchors.SSDAnchors:
		return Preset{}, fmt.Errorf("%s has anchors that are parts of an input of %d px: another size is another model",
			p.Name, p.Resize.Short)
	case p.Anchors.Arithmetic == anchors.Queries:
		return Preset{}, fmt.Errorf("%s has queries without a place: their number does not change with the input", p.Name)
	}
	at := *p
	at.Anchors.Levels = slices.Clone(p.Anchors.Levels)
	at.Resize.Short = anchors.Whole(short)
	at.Resize.Long = anchors.Whole(math.Round(float64(p.Resize.Long) * float64(short) / float64(p.Resize.Short)))
	return at, at.Validate()
}
