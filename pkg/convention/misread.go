package convention

import (
	"fmt"
	"slices"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
)

// finding returns the finding on the boxes of a source.
func (b *Boxes) finding(src *dataset.Source, s int32) findings.Finding {
	if b.exchanged() && b.blame(src) == Undecided {
		return b.undecidedFinding(src, s)
	}
	how := b.Reading.String()
	for _, r := range b.Or {
		how += " or " + r.String()
	}
	fits := fmt.Sprintf("%s of %s", group(b.Fits), plural(b.Of, "box"))
	var what string
	switch {
	case b.By == ByArea:
		what = fmt.Sprintf("the recorded area of %s is that of %s", fits, how)
	case b.Reading.Form == FromBottom && b.Mixed():
		what = fmt.Sprintf("%s have the left edge, the width and the height of their outlines, and another y, as if y "+
			"were counted from the bottom of the image; the others fit their outlines", fits)
	case b.By == ByOutline && b.Mixed() && b.Of < b.Total:
		what = fmt.Sprintf("at least %s of %s are %s: of the %s whose outline was compared, %s fit it in no other way "+
			"(--check-outlines compares every one)", group(b.Fits), plural(b.Total, "box"), how, group(b.Of), group(b.Fits))
	case b.By == ByOutline && b.Mixed():
		what = fmt.Sprintf("%s fit their outlines only as %s", fits, how)
	case b.By == ByOutline:
		what = fmt.Sprintf("%s fit their outlines as %s, and not as x, y, width, height", fits, how)
	case b.Mixed():
		what = fmt.Sprintf("%s fit only as %s; the others fit as x, y, width, height", fits, how)
	case b.Reading.Unit != Pixels && 10*b.COCO < 9*b.Total:
		what = fmt.Sprintf("%s fit their images as %s, and %s as x, y, width, height in pixels", fits, how, group(b.COCO))
	case b.Reading.Unit != Pixels:
		what = fmt.Sprintf("%s fit as %s; as pixels, they would all be near the upper left corner of their images",
			fits, how)
	default:
		what = fmt.Sprintf("%s fit their images as %s, and %s as x, y, width, height", fits, how, group(b.COCO))
	}
	if b.Reading.Form == Exchanged && b.By == ByPlace {
		what += " (or the images' widths and heights are exchanged)"
	}
	f := finding("box-convention", s, -1, 0, "%s. %s", what, b.Reading.mend())
	if b.Example >= 0 {
		o := &src.Objects[b.Example]
		f = finding("box-convention", s, o.Offset, o.Line, "%s. %s. Example: %s",
			what, b.Reading.mend(), place(src, b.Example))
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
		return told(&o) && o.Outline == dataset.OutlineApart
	}))
	o := &src.Objects[k]
	f := finding("box-convention", s, o.Offset, o.Line, "bbox and segmentation disagree: of %s whose outline was "+
		"compared, %s overlap it by an IoU below 0.5, and no reading of the four numbers mends that. One of the two "+
		"was moved, scaled, mirrored or taken from another object, in all images or in a part, as in copies: draw "+
		"both on some pictures, and write the wrong one "+
		"anew; --check-outlines lists every such box. Example: %s", plural(t.compared, "box"),
		group(t.outlines[dataset.OutlineApart]), place(src, k))
	f.Level, f.Cases = findings.Warning, int64(t.outlines[dataset.OutlineApart])
	return f
}

// looseFinding returns the finding on boxes that are not those around their outlines.
func (t *tally) looseFinding(src *dataset.Source, s int32) findings.Finding {
	k := int32(slices.IndexFunc(src.Objects, func(o dataset.Object) bool {
		return told(&o) && o.Outline == dataset.OutlineOther
	}))
	o := &src.Objects[k]
	f := finding("box-convention", s, o.Offset, o.Line, "the boxes are not those around their outlines: of %s whose "+
		"outline "+
		"was compared, %s differ from it, as with a margin around it, a part cut off, or boxes and outlines that were drawn "+
		"apart. Boxes with a margin are trained as they are: take the smallest box around each outline, unless the "+
		"margin is "+
		"meant. Example: %s", plural(t.compared, "box"), group(t.outlines[dataset.OutlineOther]), place(src, k))
	f.Level, f.Cases = findings.Warning, int64(t.outlines[dataset.OutlineOther])
	return f
}
