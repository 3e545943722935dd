package convention

import (
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// leastPartBoxes is how many boxes must be those of one part of several: none of the real files' is.
const leastPartBoxes = 3

// partBoxes tells of boxes around one part of an outline of several. It is a warning, since the box of what is largest
// may be meant.
func partBoxes(src *dataset.Source, s int32) (f findings.Finding, ok bool) {
	tally := &src.Traits[dataset.PartBox]
	if tally.N < leastPartBoxes {
		return f, false
	}
	o := &src.Objects[tally.First]
	f = say.Finding("box-convention", s, o.Offset, o.Line,
		"%s: the boxes of %s, of those with several polygons that were looked at, are those around one polygon only, as the "+
			"largest or the first, and leave the other parts of the object out. Take the smallest box around all polygons of "+
			"an annotation; areas that are those of all polygons can stay. --check-outlines looks at every outline. Example: %s",
		text.Printable(src.Name), say.Plural(tally.N, "annotation"), say.Place(src, tally.First))
	f.Level, f.Size, f.Cases = findings.Warning, float64(tally.N), int64(tally.N)
	return f, true
}

// ofParts tells whether half of the boxes that are not those of their outlines are those of a part.
func (t *tally) ofParts(src *dataset.Source) bool {
	n := src.Traits[dataset.PartBox].N
	return n >= leastPartBoxes && 2*n >= t.outlines[dataset.OutlineApart]+t.outlines[dataset.OutlineOther]
}
