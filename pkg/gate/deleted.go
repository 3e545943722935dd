package gate

import (
	"math"
	"slices"

	"focalaudit/pkg/findings"
)

// parting tells which of the findings that are gone were mended, and which went with their records.
type parting struct {
	pairs   Pairs
	refused bool // a file of the new report could not be read: what it held is not known

	// unread are the files of the old report that could not be read for the new one.
	unread map[string]bool

	// renamed is set where the new report has a file that the old one does not have: it may be any file of the old one,
	// under another name.
	renamed bool
}

// partingOf compares the files of two reports.
func partingOf(now, before *Subject) parting {
	p := parting{pairs: now.pairs(before), refused: len(now.Refused) > 0}
	p.renamed = len(p.pairs.before) < len(now.Sources)
	if p.refused {
		p.unread = now.notRead(now.missing(before, &p.pairs))
	}
	return p
}

// mendedByDeleting are the codes of findings that say of a record that it should not be there. Who deletes it has
// mended the finding, unless the whole image is gone.
var mendedByDeleting = []string{"spurious", "duplicate", "near-duplicate", "class-conflict"}

// ofAnnotation reports whether the finding is about one annotation that the annotation file holds.
func (f *Finding) ofAnnotation() bool {
	e, known := findings.Lookup(f.Code)
	return known && e.About == findings.AboutAnnotation && f.records() == 1 && f.Code != "missing" &&
		(f.Annotation != "" || f.HasBox)
}

// ofImage reports whether the finding is about one image, or about an annotation in it.
func (f *Finding) ofImage() bool { return (f.File != "" || f.Image != "") && f.records() == 1 }

// key is the key of the finding's image in the labels of a report. moved says how the images are named in the new
// report, and is nil for the old one.
func (f *Finding) key(moved *Moved) string {
	if moved != nil && f.File != "" && moved.covers(f.File) {
		return moved.of(f.File)
	}
	return ImageKey(f.File, f.Image)
}

// wanted returns what mark has to know of the findings that are gone, in either report.
func (p *parting) wanted(gone []Finding, moved *Moved) Wanted {
	out := Wanted{}
	for i := range gone {
		f := &gone[i]
		if f.ofImage() {
			out[f.key(nil)], out[f.key(moved)] = true, true
		}
		if f.ofAnnotation() && f.Annotation != "" {
			out[AnnotationKey(f.Annotation)] = true
		}
	}
	return out
}

// mark marks the findings that are gone with their records, and reports whether that can be told: not without the
// labels of the new report. Those of the old one may be nil.
func (p *parting) mark(gone []Finding, moved *Moved, before, now Labelled) bool {
	if now == nil || p.refused {
		return false
	}
	images := map[[2]string]*standing{} // by their names in both reports
	stand := func(f *Finding) *standing {
		key := [2]string{f.key(moved), f.key(nil)}
		if images[key] == nil {
			images[key] = newStanding(now[key[0]], before[key[1]], before != nil)
		}
		return images[key]
	}
	for i := range gone {
		f := &gone[i]
		switch _, there := now[f.key(moved)]; {
		case f.OfFile():
			_, paired := p.pairs.now[f.Source]
			f.Deleted = !paired && !p.renamed
		case f.File == "" && f.Image == "" && f.ofAnnotation() && f.Annotation != "": // of a baseline
			f.Deleted = len(now[AnnotationKey(f.Annotation)]) == 0
		case !f.ofImage():
		case f.ofAnnotation() && there:
			f.Deleted = !slices.Contains(mendedByDeleting, f.Code) && !f.stays(stand(f)) && !f.went(now)
		case f.ofAnnotation():
			f.Deleted = !f.went(now)
		default:
			f.Deleted = !there
		}
	}
	return true
}

// went reports whether the finding's record lies in another image now, under its id and with its class and box.
func (f *Finding) went(now Labelled) bool {
	own := Label{Class: f.Class, Box: f.Box, NoBox: !f.HasBox}
	return f.Annotation != "" && slices.ContainsFunc(now[AnnotationKey(f.Annotation)], func(l Label) bool {
		return l.Image != f.key(nil) && own.alike(&l, true)
	})
}

// gone compares the findings of a report with those of its baseline. It returns how many of the baseline's are gone,
// without those of files that could not be read; how many of these went with their records, nil if that can't be told;
// and how the images' names have changed.
func gone(s, baseline *Subject) (n int, deleted *int, moved *Moved, err error) {
	p := partingOf(s, baseline)
	at, moved := Compare(s.Findings, baseline.Findings, p.pairs)
	at = slices.DeleteFunc(at, func(i int) bool { return p.unread[baseline.Findings[i].Source] })
	if s.Labels == nil {
		return len(at), nil, moved, nil
	}
	of := make([]Finding, 0, len(at))
	for _, i := range at {
		of = append(of, baseline.Findings[i].slim())
	}
	now, err := s.Labels(p.wanted(of, moved))
	if err != nil || !p.mark(of, moved, nil, now) {
		return len(at), nil, moved, err
	}
	return len(at), new(Deleted(of)), moved, nil
}

// slim is the finding as a baseline has it, so that a verdict says the same of a baseline and of its report.
func (f *Finding) slim() Finding {
	out := *f
	out.Image = ""
	out.Box.X, out.Box.Y, out.Box.W, out.Box.H = math.Round(f.Box.X), math.Round(f.Box.Y), math.Round(f.Box.W),
		math.Round(f.Box.H)
	if f.Severity() == findings.Info {
		out.Annotation = ""
	}
	return out
}

// WithRecords says of so many findings that are gone that their records are, too.
func WithRecords(n int) string {
	if n == 1 {
		return "with its record"
	}
	return "with their records"
}

// Deleted counts the findings that are gone with their records.
func Deleted(of []Finding) (n int) {
	for i := range of {
		if of[i].Deleted {
			n++
		}
	}
	return n
}
