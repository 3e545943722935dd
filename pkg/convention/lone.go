package convention

import (
	"strings"

	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
)

// isLone tells whether a record by itself says that its box is written as corners: by its outline, or,
// where areas tell, by its area.
func (t *tally) isLone(o *dataset.Object) bool {
	return sample.Told(o) && (o.Flags&dataset.OnlyCorners != 0 ||
		o.Flags&dataset.AreaAsCorners != 0 && o.Outline != dataset.OutlineBox && t.areasAsBoxes())
}

// areasAsBoxes tells whether the recorded areas of a source are width times height: those of three
// boxes at least, and of 19 in 20 of all but the corners. Areas of outlines are that of the corners by
// chance now and then.
func (t *tally) areasAsBoxes() bool {
	return t.asBox >= least && 20*t.asBox >= 19*(t.area-t.corners)
}

// lone returns the finding on single boxes that are written as corners, in a source whose boxes are
// COCO's in general.
func (t *tally) lone(src *dataset.Source, s int32) (f findings.Finding, ok bool) {
	if t.outlined == 0 && (t.corners == 0 || !t.areasAsBoxes()) {
		return f, false
	}
	var examples []string
	n, first := 0, int32(-1)
	sample.Each(src, func(k int32, o *dataset.Object, _, _ float64) {
		if !t.isLone(o) {
			return
		}
		if n++; n <= 3 {
			examples = append(examples, say.Place(src, k))
		}
		if first < 0 {
			first = k
		}
	})
	if n == 0 {
		return f, false
	}
	o := &src.Objects[first]
	what, name := "has a box written as its corners, x0, y0, x1, y1, where", "Example"
	if n > 1 {
		what = "have boxes written as their corners, x0, y0, x1, y1, where"
		name = "Examples"
	}
	f = say.Finding("box-convention", s, o.Offset, o.Line, "%s of %s %s the others are x, y, width, height: the outline "+
		"or the area fits the corners, and not the box. Write %s there. %s: %s",
		say.Group(n), say.Plural(t.n, "annotation"), what, reading.Reading{Form: reading.Corners}.Mend()[len("Write "):],
		name,
		strings.Join(examples, "; "))
	f.Key, f.Size, f.Cases = "corners", float64(n), int64(n)
	return f, true
}
