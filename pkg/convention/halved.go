package convention

import (
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// leastHalved outlines, and one in halvedShare of those that were compared, must seem to be all x and then all y. Of
// the 30,123 of the real files one does; if one in 1,000 did, by chance, five of 100 would with 7e-8, and 50 of 1,000
// with less.
const (
	leastHalved = 5
	halvedShare = 20
)

// halvedRings tells of outlines that are all x and then all y, compared being how many outlines were compared. If boxes
// are those around such outlines, read as points, it is an error of the boxes.
func halvedRings(src *dataset.Source, s int32, compared int) (f findings.Finding, ok bool) {
	tally := &src.Traits[dataset.HalvedRings]
	if tally.N < leastHalved || halvedShare*tally.N < compared {
		return f, false
	}
	o := &src.Objects[tally.First]
	code, boxes := "segmentation-rings", "The boxes are others than those around such outlines. Write x, y, x, y"
	if o.Outline == dataset.OutlineBox {
		code = "box-convention"
		boxes = "The boxes are those around the outlines as they stand, so they are wrong too. Write x, y, x, y, and " +
			"compute boxes and areas anew from that"
	}
	f = say.Finding(code, s, o.Offset, o.Line,
		"%s: %s of %s that were compared seem to be all x and then all y, not points: read so, the line around the object "+
			"is less than half as long. The two lists of its points (all_points_x and all_points_y, as VIA has them) seem to "+
			"be written behind each other. %s. Example: %s",
		text.Printable(src.Name), say.Group(tally.N), say.Plural(compared, "outline"), boxes, say.Place(src, tally.First))
	f.Size, f.Cases = float64(tally.N), int64(tally.N)
	if code == "segmentation-rings" {
		f.Key = "halved"
	}
	return f, true
}
