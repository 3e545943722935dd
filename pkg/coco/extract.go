package coco

import (
	"strings"

	"focalaudit/internal/jsonscan"
	"focalaudit/pkg/dataset"
)

// extract gives the records of a file to a builder, and learns from them what
// the file is.
type extract struct {
	nature
	b *dataset.Builder
}

// nature is what the records of a file show of what the file is.
type nature struct {
	seen     [kinds]bool
	notArray *SyntaxError // the first of the arrays that is none
	isList   bool
	own      bool  // it is a report of this program
	marked   bool  // it begins with a byte order mark
	bare     int64 // offset of the first annotation, -1 if there is none
	boxed    bool  // some annotation has a bbox or a segmentation
	line     int32 // newlines before the part that is being taken
	deep     int64 // offset of the first bracket that is nested deeper than Python reads, -1 if none is
	deepLine int32 // its line, from 1
}

func newExtract(name string) *extract {
	return &extract{nature: nature{bare: -1, deep: -1}, b: dataset.NewBuilder(name, dataset.Fields{
		Image: fImage.String(), Category: fCategory.String(), Box: fBox.String(), File: fFile.String(),
	})}
}

// take adds the records of a part.
func (x *extract) take(a *assembly, p *part) error {
	if err := x.look(a, p); err != nil {
		return err
	}
	for i, r := range p.runs {
		if r.not == "" {
			x.add(r.kind, p.of(i))
		}
	}
	return nil
}

// look learns from a part what the file is, its records aside.
func (x *nature) look(a *assembly, p *part) error {
	x.own = x.own || p.own
	x.marked = a.marked
	x.line = a.line
	if p.deep != nil && x.deep < 0 {
		x.deep, x.deepLine = p.deep.Offset, a.line+p.deep.Line+1
	}
	for _, r := range p.runs {
		if r.opens {
			if err := x.opened(a, r); err != nil {
				return err
			}
		}
	}
	x.isList = x.isList || p.kind == list
	return nil
}

// annotation learns from an element of annotations whether they have boxes.
func (x *nature) annotation(r *raw) {
	if r.list {
		x.boxed = x.boxed || r.most() != "" // what is so long has an outline
		return
	}
	if x.bare < 0 {
		x.bare = r.offset
	}
	x.boxed = x.boxed || r.has&(1<<fBox|1<<fOutline) != 0
}

// opened notes that an array begins. Which of two arrays of one name counts
// cannot be known before the file ends, in Python the second, so two are an
// error.
func (x *nature) opened(a *assembly, r run) error {
	bad := &jsonscan.Fault{Place: r.key, Expected: "one array of " + r.kind.String(), Found: "a second one"}
	if x.seen[r.kind] {
		return a.syntaxError(bad)
	}
	x.seen[r.kind] = true
	if r.not != "" && x.notArray == nil {
		bad.Expected, bad.Found = "an array of "+r.kind.String(), r.not
		x.notArray = a.syntaxError(bad)
	}
	return nil
}

// add adds records of one array.
func (x *extract) add(k kind, recs []raw) {
	switch k {
	case images:
		for i := range recs {
			x.image(&recs[i])
		}
	case annotations:
		for i := range recs {
			x.object(&recs[i])
		}
	case categories:
		for i := range recs {
			x.category(&recs[i])
		}
	}
}

// subject is a record of a file, with what was read of it.
type subject struct {
	dataset.Record
	r *raw
}

// common reports what any record can get wrong, in the keys that matter to its
// kind.
func (s *subject) common(matter keys) {
	for f := fID; f < fOther; f++ {
		if s.r.twice.has(f) && matter.has(f) {
			s.Flaw(dataset.KeyRepeated, "%s stands there more than once, expected once; the last one counts", f)
		}
		if s.r.garbled.has(f) && matter.has(f) {
			s.Flaw(dataset.TextGarbled, "%s holds bytes that are not UTF-8, expected text; they are shown as \uFFFD", f)
		}
		if s.r.nan.has(f) && matter.has(f) {
			s.Flaw(dataset.NotFinite, "%s, expected a finite number", s.r.found(f))
		}
	}
	switch s.r.id.Kind() {
	case dataset.Absent:
		if matter != objectKeys || s.r.has.has(fID) { // else a trait of the source
			s.Flaw(dataset.IDMissing, "%s, expected a whole number", s.r.found(fID))
		}
	case dataset.Float, dataset.Text:
		what := "expected a whole number"
		if s.r.id.Kind() == dataset.Float && !strings.ContainsAny(s.r.id.String(), ".eE") {
			what = "a whole number that does not fit 64 bits; it is kept as it stands"
		}
		s.Flaw(dataset.IDNotInteger, "id is %s, %s", s.r.id.Quoted(), what)
	}
}

// notObject reports an element of an array that is not an object.
func (x *extract) notObject(k dataset.Kind, array kind, r *raw) {
	x.b.Bad(k, r.offset, x.lineOf(r), "an element of %s is %s, expected an object%s", array, r.notes[0].text, r.most())
}

// lineOf returns the line of a record in the file, from 1.
func (x *nature) lineOf(r *raw) int32 { return x.line + r.line + 1 }
