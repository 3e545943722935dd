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
	NoBox bool // Box says nothing: the record has none that can be read
	ID    string
	Image string // ImageKey of its image
}

// Labelled are the labels of a report by ImageKey, an image without any included, and by the id of the annotation. It
// is nil where a report does not keep them: a baseline.
type Labelled map[string][]Label

// Wanted are the keys of Labelled that somebody has to know.
type Wanted map[string]bool

// ImageKey is the key of an image in Labelled: its file name, or its id where it has none.
func ImageKey(file, id string) string {
	if file != "" {
		return file
	}
	return "\x00image " + id
}

// AnnotationKey is the key in Labelled of all annotations that have an id.
func AnnotationKey(id string) string { return "\x00annotation " + id }

// sameEdge is how far two edges may be apart and be the same, in px: writing numbers with two decimals moves them so
// far.
const sameEdge = 0.01

// alike reports whether two labels have the same class and box. whole says that the box of l is rounded to px, as in a
// baseline.
func (l *Label) alike(of *Label, whole bool) bool {
	near := func(a, b float64) bool { return math.Abs(a-b) <= sameEdge || whole && a == math.Round(b) }
	return !l.NoBox && !of.NoBox && l.Class == of.Class && near(l.Box.X, of.Box.X) && near(l.Box.Y, of.Box.Y) &&
		near(l.Box.W, of.Box.W) && near(l.Box.H, of.Box.H)
}

// overlapping returns the labels of an image that overlap a box by an IoU of sameBox.
func (l Labelled) overlapping(file string, box geom.Rect) (found []Label) {
	for _, of := range l[file] {
		if !of.NoBox && iou.Of(of.Box.Box(), box.Box()) >= sameBox {
			found = append(found, of)
		}
	}
	return found
}

// fate is what became of the label that a suspect accuses.
type fate int

const (
	stands  fate = iota // it is as it was
	mended              // it was corrected or deleted, a missing object was labelled, or its image is gone
	settled             // it is as it was, and the label that it repeated is gone
)

// fate tells what became of a suspect's label: here are the labels of the suspect's own report, nil for a baseline,
// there those of the other one.
func (f *Finding) fate(here, there Labelled) fate {
	own := Label{Class: f.Class, Box: f.Box}
	over := there.overlapping(f.File, f.Box)
	if _, kept := there[f.File]; f.Code == "missing" && !kept {
		return mended // with its image
	}
	if f.Code == "missing" { // it is labelled if a label lies there that did not before
		before := here.overlapping(f.File, f.Box)
		if slices.ContainsFunc(over, func(l Label) bool {
			return !slices.ContainsFunc(before, func(b Label) bool { return b.alike(&l, false) })
		}) {
			return mended
		}
		return stands
	}
	if !slices.ContainsFunc(there[f.File], func(l Label) bool { return own.alike(&l, here == nil) }) {
		return mended
	}
	if f.Code == "duplicate" && len(over) == 1 && len(here.overlapping(f.File, f.Box)) > 1 {
		return settled
	}
	return stands
}

// List is what became of the suspects of the old report that nobody had kept before, by the scores which it gave them:
// unlike the new report's list, it changes by decisions alone.
type List struct {
	All     Part `json:"all"`
	Mended  Part `json:"mended"`  // corrected, deleted or labelled
	Settled Part `json:"settled"` // untouched duplicates of labels that were deleted or moved
	Kept    Part `json:"kept"`    // looked at, and kept as they are
	Open    Part `json:"open"`    // as they were, and not kept
}

// Part counts suspects.
type Part struct {
	Suspects int     `json:"suspects"`
	Expected float64 `json:"expected_wrong"` // the sum of their scores
}

// add counts a suspect.
func (p *Part) add(f *Finding) {
	p.Suspects++
	p.Expected += f.Score
}

// Trace tells what became of the old report's suspects (List), and marks the suspects of a difference that are in one
// of the reports only although their label is in both: each run learns anew from all labels, so that the scores of
// labels that nobody touched move too. It marks the findings that are gone with their records as well. The labels are
// those of the old report and of the new one, nil where one does not keep them.
func (d *Difference) Trace(before, now Labelled) {
	d.Parted = d.parting.mark(d.Gone, d.Moved, before, now)
	if d.Moved != nil { // the images have other names now
		return
	}
	mark := func(of []Finding, here, there Labelled) {
		for i := range of {
			if f := &of[i]; there != nil && f.suspect() && f.HasBox && f.File != "" {
				f.Traced, f.Untouched = true, f.fate(here, there) == stands
			}
		}
	}
	mark(d.Gone, before, now)
	mark(d.New, now, before)
	if now != nil && len(d.suspects) > 0 && d.Labels[0] != nil && d.Labels[1] != nil {
		d.List = d.list(before, now)
	}
}

// list divides the suspects of the old report by what became of them; nil if one of them has no name to look for.
func (d *Difference) list(before, now Labelled) *List {
	l := &List{}
	for i := range d.suspects {
		f := &d.suspects[i]
		if f.File == "" || !f.HasBox {
			return nil
		}
		l.All.add(f)
		switch fate := f.fate(before, now); {
		case fate == mended:
			l.Mended.add(f)
		case d.kept.By(f.Fingerprint, f.Code, f.File, f.Class, f.Box, f.HasBox) != nil:
			l.Kept.add(f)
		case fate == settled:
			l.Settled.add(f)
		default:
			l.Open.add(f)
		}
	}
	return l
}

// Wanted returns the images and annotations that Trace has to know the labels of.
func (d *Difference) Wanted() Wanted {
	out := d.parting.wanted(d.Gone, d.Moved)
	for _, of := range [][]Finding{d.suspects, d.Gone, d.New} {
		for i := range of {
			if of[i].suspect() {
				out[of[i].File] = true
			}
		}
	}
	return out
}

// suspect reports whether the finding is a label that a detector contradicts.
func (f *Finding) suspect() bool {
	e, known := findings.Lookup(f.Code)
	return known && e.Family == findings.Label && !math.IsNaN(f.Score)
}
