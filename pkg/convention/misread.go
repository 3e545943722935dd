package convention

import (
	"fmt"
	"slices"

	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
)

// Finding returns the finding on the boxes of a source.
func (b *Boxes) Finding(src *dataset.Source, s int32) findings.Finding {
	if b.exchanged() && b.blame(src) == Undecided {
		return b.undecidedFinding(src, s)
	}
	how := b.Reading.String()
	for _, r := range b.Or {
		how += " or " + r.String()
	}
	fits := fmt.Sprintf("%s of %s", say.Group(b.Fits), say.Plural(b.Of, "box"))
	var what string
	switch {
	case b.By == ByArea:
		what = fmt.Sprintf("the recorded area of %s is that of %s", fits, how)
	case b.Reading.Form == reading.FromBottom && b.Mixed():
		what = fmt.Sprintf("%s have the left edge, the width and the height of their outlines, and another y, as if y "+
			"were counted from the bottom of the image; the others fit their outlines", fits)
	case b.By == ByOutline && b.Mixed() && b.Of < b.Total:
		what = fmt.Sprintf("at least %s of %s are %s: of the %s whose outline was compared, %s fit it in no other way "+
			"(--check-outlines compares every one)", say.Group(b.Fits), say.Plural(b.Total, "box"), how, say.Group(b.Of),
			say.Group(b.Fits))
	case b.By == ByOutline && b.Mixed():
		what = fmt.Sprintf("%s fit their outlines only as %s", fits, how)
	case b.By == ByOutline:
		what = fmt.Sprintf("%s fit their outlines as %s, and not as x, y, width, height", fits, how)
	case b.Mixed():
		what = fmt.Sprintf("%s fit only as %s; the others fit as x, y, width, height", fits, how)
	case b.Reading.Unit != reading.Pixels && 10*b.COCO < 9*b.Total:
		what = fmt.Sprintf("%s fit their images as %s, and %s as x, y, width, height in pixels", fits, how, say.Group(b.COCO))
	case b.Reading.Unit != reading.Pixels:
		what = fmt.Sprintf("%s fit as %s; as pixels, they would all be near the upper left corner of their images",
			fits, how)
	default:
		what = fmt.Sprintf("%s fit their images as %s, and %s as x, y, width, height", fits, how, say.Group(b.COCO))
	}
	if b.Reading.Form == reading.Exchanged && b.By == ByPlace {
		what += " (or the images' widths and heights are exchanged)"
	}
	f := say.Finding("box-convention", s, -1, 0, "%s. %s", what, b.Reading.Mend())
	if b.Example >= 0 {
		o := &src.Objects[b.Example]
		f = say.Finding("box-convention", s, o.Offset, o.Line, "%s. %s. Example: %s",
			what, b.Reading.Mend(), say.Place(src, b.Example))
	}
	if f.Cases = int64(b.Fits); !b.Mixed() { // then all boxes are so, and those in Fits only show it
		f.Cases = int64(len(src.Objects))
	}
	return f
}

// apartFinding returns the finding on boxes that are not where their outlines are. It is a
// warning, since either of the two may be right: trainers of boxes read the box.
func (t *tally) apartFinding(src *dataset.Source, s int32) findings.Finding {
	k := int32(slices.IndexFunc(src.Objects, func(o dataset.Object) bool {
		return sample.Told(&o) && o.Outline == dataset.OutlineApart
	}))
	o := &src.Objects[k]
	f := say.Finding("box-convention", s, o.Offset, o.Line, "bbox and segmentation disagree: of %s whose outline was "+
		"compared, %s overlap it by an IoU below 0.5, and no reading of the four numbers mends that. One of the two "+
		"was moved, scaled, mirrored or taken from another object, in all images or in a part, as in copies: draw "+
		"both on some pictures, and write the wrong one "+
		"anew; --check-outlines lists every such box. Example: %s", say.Plural(t.compared, "box"),
		say.Group(t.outlines[dataset.OutlineApart]), say.Place(src, k))
	f.Level, f.Cases = findings.Warning, int64(t.outlines[dataset.OutlineApart])
	return f
}

// looseFinding returns the finding on boxes that are not those around their outlines.
func (t *tally) looseFinding(src *dataset.Source, s int32) findings.Finding {
	k := int32(slices.IndexFunc(src.Objects, func(o dataset.Object) bool {
		return sample.Told(&o) && o.Outline == dataset.OutlineOther
	}))
	o := &src.Objects[k]
	f := say.Finding("box-convention", s, o.Offset, o.Line, "the boxes are not those around their outlines: of %s whose "+
		"outline "+
		"was compared, %s differ from it, as with a margin around it, a part cut off, or boxes and outlines that were drawn "+
		"apart. Boxes with a margin are trained as they are: take the smallest box around each outline, unless the "+
		"margin is "+
		"meant. Example: %s", say.Plural(t.compared, "box"), say.Group(t.outlines[dataset.OutlineOther]), say.Place(src, k))
	f.Level, f.Cases = findings.Warning, int64(t.outlines[dataset.OutlineOther])
	return f
}
