package gate

import (
	"math"
	"slices"

	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
)

// Label is a label as a report has it.
type Label struct {
	Class string
	Box   geom.Rect
}

// Labelled are the labels of a report by the file name of their image. It is nil where a report does not
// keep them: a baseline.
type Labelled map[string][]Label

// sameEdge is by how much an edge of a label may differ and be the same, in px: what writing numbers
// with two decimals rounds.
const sameEdge = 0.01

// stands reports whether what a suspect accuses is in the labels: its label with this class and box, or, of a
// missing object, a place that no label overlaps.
func (l Labelled) stands(f *Finding) bool {
	if f.Code == "missing" {
		return !slices.ContainsFunc(l[f.File], func(of Label) bool {
			return iou.Of(of.Box.Box(), f.Box.Box()) >= sameBox
		})
	}
	return slices.ContainsFunc(l[f.File], func(of Label) bool {
		near := func(a, b float64) bool { return math.Abs(a-b) <= sameEdge }
		return of.Class == f.Class && near(of.Box.X, f.Box.X) && near(of.Box.Y, f.Box.Y) &&
			near(of.Box.W, f.Box.W) && near(of.Box.H, f.Box.H)
	})
}

// Trace marks the suspects of a difference that are in one of the reports only although their label is in
// both: each run learns anew from all labels, so that the scores of labels that nobody touched move too. The
// labels are those of the old report and of the new one, nil where one does not keep them.
func (d *Difference) Trace(before, now Labelled) {
	if d.Moved != nil { // the images have other names now
		return
	}
	mark := func(of []Finding, in Labelled) {
		for i := range of {
			if f := &of[i]; in != nil && f.suspect() && f.HasBox && f.File != "" {
				f.Traced, f.Untouched = true, in.stands(f)
			}
		}
	}
	mark(d.Gone, now)
	mark(d.New, before)
}

// Suspected returns the names of the images with suspects that are in one of the reports only.
func (d *Difference) Suspected() map[string]bool {
	files := map[string]bool{}
	for _, of := range [][]Finding{d.Gone, d.New} {
		for i := range of {
			if of[i].suspect() {
				files[of[i].File] = true
			}
		}
	}
	return files
}

// suspect reports whether the finding is a label that a detector contradicts.
func (f *Finding) suspect() bool {
	e, known := findings.Lookup(f.Code)
	return known && e.Family == findings.Label && !math.IsNaN(f.Score)
}
