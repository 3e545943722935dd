package convention

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/text"
)

// Compare returns what sources say of each other: one finding for every two that have images in common, under one name
// or another, or one for a group of many, or one that has pictures twice, and one for two parts, of those given by
// source, without a class in common. sighted returns the sorted sightings of a list.
func Compare(
	d *dataset.Dataset, parts [][]Part, sighted func(List) iter.Seq[Sighting],
) (all []findings.Finding) {
	beside := besideOf(d, sighted(Names))
	pairs, many, together := groups(beside)
	for _, s := range pairs {
		all = append(all, s.finding(d))
	}
	for i := range many {
		all = append(all, many[i].finding(d))
	}
	all = append(all, renamed(d, beside, together, sighted)...)
	if two, ok := apartOf(parts); ok {
		all = append(all, apartFinding(d, two))
	}
	return all
}

// Findings returns what the verdict says of results: that they do not belong to the
// annotations, or else which images they lack.
func (v *Verdict) Findings(d *dataset.Dataset, r *dataset.Results) []findings.Finding {
	if v.Disagrees() {
		f := findings.New("detections-disagree")
		f.Message = v.message(d, r.Name)
		return []findings.Finding{f}
	}
	all := v.records(d, r)
	if u := &v.Missing; u.Images > 0 {
		f := findings.New("detections-missing-images")
		f.Size, f.Cases = float64(u.Images), int64(u.Images)
		if u.Objects == 0 && u.Every == 0 { // a detector that is right finds nothing there either
			f.Level = findings.Info
		}
		src := d.Source(int(u.Example[0]))
		why := "Either the detector saw nothing or did not run there, or its records stand under other image ids: " +
			"look for some of these images"
		if u.Every > 0 {
			why = fmt.Sprintf("Every %d images one has detections: unless the detector ran on these alone, the records of "+
				"whole batches stand under the id of one image, or ids were rounded", u.Every)
		}
		f.Message = fmt.Sprintf("%s: %s of %s in use have no detection, with %s, whose labels are not judged. %s. "+
			"The first is %s of %s", text.Printable(r.Name), group(u.Images), plural(u.Of, "image"),
			plural(u.Objects, "object"), why, label(&src.Images[u.Example[1]]), text.Printable(src.Name))
		all = append(all, f)
	}
	return all
}

// message says why results do not belong to the annotations.
func (v *Verdict) message(d *dataset.Dataset, name string) string {
	name = text.Printable(name)
	switch from := v.Classes.ByRank(); {
	case v.Copies.All():
		return fmt.Sprintf("%s holds the annotations, not a detector's output: %s of %s are annotated boxes with their "+
			"class. Nothing is concluded from it. Write what a detector found that did not see these labels", name,
			group(v.Copies.Same), plural(v.Copies.Of, "detection"))
	case v.Culprit.ImageOff != 0:
		return name + ": " + v.imageOffMessage(d)
	case v.Named:
	case v.shifted():
		return name + ": " + v.Shifts.message() + v.Culprit.unless(d)
	case v.Disagree:
	case v.Rows.By != 0:
		return name + ": " + v.Rows.message()
	case from < 0:
		return name + ": " + v.Swap.message(d)
	default:
		return fmt.Sprintf("%s: the category ids seem to be class indices counted from %d: "+
			"of %s that a detection overlaps, %s have its class, and %s would. "+
			"Write the ids of the annotation file's categories", name, from, plural(v.Classes.Pairs, "object"),
			group(v.Classes.Same), group(v.Classes.Rank[from]))
	}
	of := fmt.Sprintf("%s of %s are overlapped by a detection of their image (IoU %.1f)",
		group(v.Overlapped), plural(v.Objects, "object"), overlap)
	var example string
	if v.Example[0] >= 0 {
		src := d.Source(int(v.Example[0]))
		example = ". Example: " + text.Printable(src.Name) + ", " + place(src, v.Example[1])
	}
	if v.Partly {
		return fmt.Sprintf("%s does not fit these annotations in a part of its records: %s; "+
			"read as %s, %s more in %s would be. Make all records alike. %s%s",
			name, of, v.Reading, group(v.Gained), plural(v.Images, "image"),
			v.Culprit.say(d, v.Reading.mend()+" where it applies"), example)
	}
	if !v.Named {
		return fmt.Sprintf("%s does not belong to these annotations: %s, and %s by one of another image. "+
			"No other reading of the boxes fits%s", name, of, group(v.Chance), example)
	}
	if v.Resized.accepted {
		return fmt.Sprintf("%s does not fit these annotations as it stands: %s; read as %s, %s would be. %s%s", name, of,
			&v.Resized, group(v.Fits),
			v.Culprit.say(d, "Take the padding off, and scale the boxes back to the annotated images"), example)
	}
	return fmt.Sprintf("%s does not fit these annotations as it stands: %s; read as %s, %s would be. %s%s",
		name, of, v.Reading, group(v.Fits), v.Culprit.say(d, v.Reading.mend()), example)
}

// mend says how to write what was read as p.
func (p Pairing) mend() string {
	switch {
	case p.Shift > 0:
		return fmt.Sprintf("Subtract %d from each image_id", p.Shift)
	case p.Shift < 0:
		return fmt.Sprintf("Add %d to each image_id", -p.Shift)
	case p.Frame != Frame{}:
		return "Scale the boxes back to the annotated images"
	}
	return p.Boxes.mend()
}

// mend says how to convert boxes to COCO's reading.
func (r Reading) mend() string {
	form := map[Form]string{
		Corners: "[x0, y0, x1 - x0, y1 - y0]", ExchangedCorners: "[x0, y0, x1 - x0, y1 - y0]",
		Spans: "[x0, y0, x1 - x0, y1 - y0]", Centre: "[cx - w/2, cy - h/2, w, h]", Below: "[x, y1 - h, w, h]",
		LowerRight: "[x1 - w, y1 - h, w, h]",
		Exchanged:  "[x, y, w, h]", ExchangedPlace: "[x, y, w, h]", ExchangedSides: "[x, y, w, h]",
		FromBottom: "[x, height - y - h, w, h]", FromRight: "[width - x - w, y, w, h]",
		FromCorner: "[width - x - w, height - y - h, w, h]",
		TurnedLeft: "[width - y - h, x, h, w]", TurnedRight: "[y, height - x - w, h, w]",
	}[r.Form]
	var unit string
	if r.Unit != Pixels {
		unit = "Multiply x by the image's width and y by its height"
		if whole := r.Unit.whole(); whole > 1 {
			unit += fmt.Sprintf(", divided by %s", group(int(whole)))
		}
	}
	switch {
	case form == "":
		return unit
	case unit == "":
		return "Write " + form
	}
	return unit + ", then write " + form
}

// finding starts a finding about a source, at the place of a record.
func finding(code string, s int32, offset int64, line int32, format string, args ...any) findings.Finding {
	f := findings.New(code)
	f.Source, f.Offset, f.Line = s, offset, line
	f.Message = fmt.Sprintf(format, args...)
	return f
}

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

// finding returns the finding on the image sizes of a source.
func (z *Sizes) finding(src *dataset.Source, s int32) findings.Finding {
	im := &src.Images[z.Example]
	var what string
	switch z.Kind {
	case Turned:
		what = fmt.Sprintf("with width and height exchanged, the boxes of %s of %s with a box well outside "+
			"would all be inside. Exchange the two numbers there, or turn the boxes; "+
			"the pictures' EXIF rotation is the usual cause", group(z.Mended), plural(z.Outside, "image"))
	case Fixed:
		what = z.fixedMessage(src)
	case Shrunk:
		what = fmt.Sprintf("none of %s reaches beyond %s %% of the width or the height of its image, and %s end near "+
			"that. The boxes seem to be those of smaller pictures: write the pictures' sizes, or scale the boxes",
			plural(z.Boxes, "box"), percent(z.Limit), group(z.Near))
	case Corner:
		what = fmt.Sprintf("all %s lie in the upper left quarter of their images: none reaches beyond %s %% of the width "+
			"or the height. The sizes seem not to be those of the pictures: write the pictures' widths and heights",
			plural(z.Boxes, "box"), percent(z.Limit))
	case PiledRight, PiledBottom:
		side := [2]string{"width", "height"}[z.Kind-PiledRight]
		what = fmt.Sprintf("boxes of %s end at %s %% of the image's %s, as if the picture ended there. "+
			"The sizes of these images seem not to be those of the pictures, or the boxes were clipped there: write the "+
			"pictures' widths and heights, or clip at them", plural(z.Near, "image"), percent(z.Limit), side)
		if z.Padded {
			what = fmt.Sprintf("boxes of %s end at %s %% of the image's %s, where a picture ends that was padded to a square, "+
				"and begin where it begins or later. The padding of letterboxed pictures seems to be left in these boxes: take "+
				"it off before they are scaled back, and look whether others have it too", plural(z.Near, "image"),
				percent(z.Limit), side)
		}
		if z.Wrapped {
			what += ". Most of these boxes end at 255 px or 256 px before the edge, as numbers of 8 bits (uint8) do that are " +
				"too small for the image: take a larger type"
		}
	case OneSize:
		what = z.oneSizeMessage(src)
	case Clipped:
		what = fmt.Sprintf("the boxes seem to be clipped to exchanged sides, x at the height and y at the width: "+
			"%s of %s in oblong images end at exactly the shorter side along the longer one, and none beyond. "+
			"An array's shape is height, width: clip x at the width and y at the height, from the original boxes",
			group(z.Near), plural(z.Boxes, "box"))
	default:
		what = z.grownMessage(src)
	}
	f := finding("image-size-convention", s, im.Offset, im.Line, "%s. Example: %s, %d × %d px",
		what, label(im), im.Size.W, im.Size.H)
	switch z.Kind {
	case Turned:
		f.Cases = int64(z.Mended)
	case PiledRight, PiledBottom, Clipped:
		f.Cases = int64(z.Near)
	default: // all boxes are in another frame
		f.Cases = int64(len(src.Objects))
	}
	return f
}

// finding returns the finding on names that a source spells in several ways.
func (p *Spelling) finding(src *dataset.Source, s int32) findings.Finding {
	a, b := &src.Images[p.Example[0]], &src.Images[p.Example[1]]
	f := finding("file-name-duplicate", s, b.Offset, b.Line,
		"%s %s spelt in several ways: without regard to \"\\\", \"./\", case and the form of Unicode, "+
			"there are %s more than names. Write each name in one way. Example: %q and %q",
		plural(p.Names, "file name"), are(p.Names), plural(p.Images, "image"), a.File, b.File)
	f.Image, f.Cases = p.Example[1], int64(p.Images)
	return f
}

// finding returns the finding on two sources with images in common, an error if one is
// for training and the other is not.
func (h *Shared) finding(d *dataset.Dataset) findings.Finding {
	a, b := &d.Sources[h.A], &d.Sources[h.B]
	im := d.Image(h.B, int(h.Example))
	nameA, nameB := text.Printable(a.Name), text.Printable(b.Name)
	have := fmt.Sprintf("%s and %s have %s in common (the smaller file has %s)",
		nameA, nameB, plural(h.Images, "image"), group(h.Of))
	if h.Boxes > 0 {
		have += fmt.Sprintf(", with %s", plural(h.Boxes, "equal box"))
	}
	mend := "Read only one of them, or remove the images from one"
	switch h.Kind {
	case Leak:
		train, other := nameA, nameB
		if role(b.Name) == "train" {
			train, other = nameB, nameA
		}
		mend = fmt.Sprintf("A leak: what is measured on %s is not about unseen images. Remove them from %s and train again",
			other, train)
	case Layers:
		mend = fmt.Sprintf("Both describe one set of images, so that objects count twice: "+
			"read one of them, with --include '%s'", h.Include)
	}
	f := finding("image-in-two-sources", int32(h.B), im.Offset, im.Line, "%s. %s. Example: %s", have, mend, label(im))
	f.Cases = int64(h.Images)
	if h.Kind == Leak {
		f.Level = findings.Error
	}
	return f
}

// place names an object and shows its numbers.
func place(src *dataset.Source, k int32) string {
	o := &src.Objects[k]
	of := ""
	if o.Image >= 0 {
		of = label(&src.Images[o.Image]) + ", "
	}
	return of + dataset.Label("annotation", o.ID) + ": " + numbers(o.Box)
}

// label names an image as an annotator knows it.
func label(im *dataset.Image) string {
	if im.File == "" {
		return dataset.Label("image", im.ID)
	}
	return "image " + text.Printable(im.File)
}

// numbers are the four numbers of a box as they stand in a file.
func numbers(b geom.Rect) string {
	var of []string
	for _, v := range []float64{b.X, b.Y, b.W, b.H} {
		of = append(of, text.Short(v))
	}
	return "[" + strings.Join(of, ", ") + "]"
}

func group(n int) string { return text.Group(int64(n)) }

// plural returns a number of things; the plurals of a box and a class have an e.
func plural(n int, thing string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(thing, "x"), strings.HasSuffix(thing, "ss"):
		thing += "es"
	default:
		thing += "s"
	}
	return group(n) + " " + thing
}

// are returns the verb for a number of things.
func are(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// percent returns a part in percent, to three digits.
func percent(part float64) string { return fmt.Sprintf("%.3g", 100*part) }
