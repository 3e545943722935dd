package coco

import (
	"fmt"

	"focalaudit/pkg/dataset"
)

// extract is what a file's records say, before ids are joined.
type extract struct {
	file       string
	images     [][]dataset.Image // in file order, a slice for each run of records
	objects    [][]dataset.Object
	imageCount int32
	count      int32 // of objects
	categories []category
	refs       refs
	flaws      []dataset.Flaw // Object counts in file order
	counts     map[string]int // of flaws by code, listed or not
	seen       [kinds]bool
	notArray   *SyntaxError // the first of the arrays that is none
	first      keys         // the keys of the first element, if the file is an array
	isList     bool
	own        bool // it is a report of this program
	boxed      bool // some annotation has a bbox or a segmentation
	badImages  int
	badObjects int
	line       int32 // newlines before the part that is being taken
}

// category is a record of the array "categories".
type category struct {
	id     dataset.ID
	name   string
	offset int64
	line   int32
}

// take adds the records of a part.
func (x *extract) take(a *assembly, p *part) error {
	x.own = x.own || p.own
	x.line = a.line
	for i, r := range p.runs {
		to := len(p.recs)
		if i+1 < len(p.runs) {
			to = p.runs[i+1].first
		}
		if r.opens {
			if err := x.opened(a, r); err != nil {
				return err
			}
		}
		if r.not == "" {
			x.add(r.kind, p.recs[r.first:to])
		}
	}
	x.isList = x.isList || p.kind == list
	return nil
}

// opened notes that an array begins. Which of two arrays of one name counts
// cannot be known before the file ends, in Python the second, so two are an
// error.
func (x *extract) opened(a *assembly, r run) error {
	bad := &fault{place: r.key, expected: "one array of " + r.kind.String(), found: "a second one"}
	if x.seen[r.kind] {
		return a.syntaxError(bad)
	}
	x.seen[r.kind] = true
	if r.not != "" && x.notArray == nil {
		bad.expected, bad.found = "an array of "+r.kind.String(), r.not
		x.notArray = a.syntaxError(bad)
	}
	return nil
}

// add adds records of one array.
func (x *extract) add(k kind, recs []raw) {
	switch k {
	case images:
		chunk := make([]dataset.Image, 0, len(recs))
		for i := range recs {
			chunk = x.image(chunk, &recs[i])
		}
		x.images = append(x.images, chunk)
	case annotations:
		chunk := make([]dataset.Object, 0, len(recs))
		for i := range recs {
			chunk = x.object(chunk, &recs[i])
		}
		x.objects = append(x.objects, chunk)
	case categories:
		for i := range recs {
			x.category(&recs[i])
		}
	case list:
		for i := range recs {
			x.first = recs[i].has
		}
	}
}

// subject is what flaws of one record have in common.
type subject struct {
	x     *extract
	r     *raw
	word  string // "image", "annotation" or "category"
	image int32
	obj   int32
}

// maxFlaws is how many flaws of one code are listed for one file. Nobody reads
// more of them, and a file that is nothing but flaws must not fill the memory;
// all are counted.
const maxFlaws = 100_000

// full counts a flaw, and tells whether there are enough of its code.
func (x *extract) full(code string) bool {
	if x.counts == nil {
		x.counts = map[string]int{}
	}
	x.counts[code]++
	return x.counts[code] > maxFlaws
}

// unlisted returns the number of flaws beyond maxFlaws by code.
func (x *extract) unlisted() map[string]int {
	more := map[string]int{}
	for code, n := range x.counts {
		if n > maxFlaws {
			more[code] = n - maxFlaws
		}
	}
	return more
}

// flaw adds a flaw of the record.
func (s *subject) flaw(code, format string, args ...any) {
	if s.x.full(code) {
		return
	}
	s.x.flaws = append(s.x.flaws, dataset.Flaw{
		Code: code, Offset: s.r.offset, Line: s.x.line + s.r.line + 1,
		Image: s.image, Object: s.obj, Record: s.r.id,
		Message: dataset.Label(s.word, s.r.id) + ": " + fmt.Sprintf(format, args...),
	})
}

// common reports what any record can get wrong, in the keys that matter to its
// kind.
func (s *subject) common(matter keys) {
	for f := fID; f < fOther; f++ {
		if s.r.twice.has(f) && matter.has(f) {
			s.flaw(dataset.KeyRepeated, "%s stands there more than once, expected once; the last one counts", f)
		}
		if s.r.garbled.has(f) && matter.has(f) {
			s.flaw(dataset.TextGarbled, "%s holds bytes that are not UTF-8, expected text; they are shown as \uFFFD", f)
		}
		if s.r.nan.has(f) && matter.has(f) {
			s.flaw(dataset.NotFinite, "%s, expected a finite number", s.r.found(f))
		}
	}
	switch s.r.id.Kind() {
	case dataset.Absent:
		s.flaw(dataset.IDMissing, "%s, expected a whole number", s.r.found(fID))
	case dataset.Float, dataset.Text:
		s.flaw(dataset.IDNotInteger, "id is %s, expected a whole number", s.r.id.Quoted())
	}
}

// notObject reports an element that is not an object.
func (s *subject) notObject() {
	if s.x.full(dataset.RecordNotObject) {
		return
	}
	s.x.flaws = append(s.x.flaws, dataset.Flaw{
		Code: dataset.RecordNotObject, Offset: s.r.offset, Line: s.x.line + s.r.line + 1,
		Image: -1, Object: -1, Record: dataset.AbsentID(),
		Message: fmt.Sprintf("an element of %s is %s, expected an object", s.word, s.r.notes[0].text),
	})
}
