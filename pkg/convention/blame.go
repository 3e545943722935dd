package convention

import (
	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Blame says which of boxes and outlines has x and y exchanged, where they fit each other only so.
type Blame uint8

// The two, and none: both lie in their images as they stand and exchanged.
const (
	Undecided Blame = iota
	BlameBoxes
	BlameOutlines
)

// blame decides by which of the two leaves its image. A box that agrees with its outline as x and y exchanged is, read
// so, the outline as it stands. So three boxes that fit their image only as COCO convict the outlines, and three that
// fit only exchanged the boxes, if there are ten times as many as of the other kind. Boxes whose outline was not
// compared tell too, unless only a part is exchanged.
func (b *Boxes) blame(src *dataset.Source) Blame {
	boxes, outlines := 0, 0 // that lie in their image while the other does not
	sample.Each(src, func(_ int32, o *dataset.Object, w, h float64) {
		if o.Outline != dataset.OutlineExchanged && (o.Outline != dataset.OutlineNone || b.Mixed()) {
			return
		}
		box, outline := reading.Fits(o.Box.Box(), w, h), reading.Fits(reading.Exchanged.Box(o.Box), w, h)
		boxes += sample.One(box && !outline)
		outlines += sample.One(outline && !box)
	})
	switch {
	case boxes >= least && boxes >= 10*outlines:
		return BlameOutlines
	case outlines >= least && outlines >= 10*boxes:
		return BlameBoxes
	}
	return Undecided
}

// exchanged tells whether outlines say that boxes have x and y exchanged.
func (b *Boxes) exchanged() bool { return b.Reading.Form == reading.Exchanged && b.By == ByOutline }

// exchangedExample returns the first object that agrees with its outline as exchanged.
func exchangedExample(src *dataset.Source) (k int32) {
	for k = range int32(len(src.Objects)) {
		if o := &src.Objects[k]; sample.Told(o) && o.Outline == dataset.OutlineExchanged {
			break
		}
	}
	return k
}

// outlinesFinding returns the finding on outlines that have x and y exchanged beside right boxes.
func (b *Boxes) outlinesFinding(src *dataset.Source, s int32) (f findings.Finding, ok bool) {
	if !b.exchanged() || b.blame(src) != BlameOutlines {
		return f, false
	}
	k := exchangedExample(src)
	o := &src.Objects[k]
	f = say.Finding("segmentation-rings", s, o.Offset, o.Line,
		"%s: the outlines are written as row and column (y, x), and "+
			"the boxes are right: %s of %s that were compared fit their boxes only with x and y exchanged, and of the two only "+
			"the boxes lie in their images as they stand. Write each point as x, y. Example: %s", text.Printable(src.Name),
		say.Group(b.Fits), say.Plural(b.Of, "outline"), say.Place(src, k))
	f.Key, f.Size, f.Cases = "exchanged", float64(b.Fits), int64(b.Fits)
	return f, true
}

// undecidedFinding returns the finding on boxes or outlines that have x and y exchanged, if nothing tells which.
func (b *Boxes) undecidedFinding(src *dataset.Source, s int32) findings.Finding {
	k := exchangedExample(src)
	o := &src.Objects[k]
	f := say.Finding("box-convention", s, o.Offset, o.Line,
		"x and y are exchanged in bbox or in segmentation: %s of %s that "+
			"were compared fit their boxes only so. Both lie in their images, so that nothing tells which of the two is wrong: "+
			"draw both on some pictures, and exchange the numbers of the wrong one. Example: %s", say.Group(b.Fits),
		say.Plural(b.Of, "outline"), say.Place(src, k))
	f.Level, f.Cases = findings.Warning, int64(b.Fits)
	return f
}
