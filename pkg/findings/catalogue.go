package findings

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"focalaudit/internal/spelling"
)

// Severity says how much a finding matters. The zero value is invalid, so that
// an entry that forgets its severity can't pass for one.
type Severity uint8

// The severities, the gravest first.
const (
	Error   Severity = iota + 1 // the record is lost, damages training, or stops a loader
	Warning                     // probably wrong, worth a look
	Info                        // worth knowing, commonly harmless
)

// String returns the severity as reports have it.
func (s Severity) String() string {
	return nameOf(uint8(s), "error", "warning", "info")
}

// SeverityOf returns the severity that reports call by a name, 0 if there is none.
func SeverityOf(name string) Severity {
	for s := Error; s <= Info; s++ {
		if s.String() == name {
			return s
		}
	}
	return 0
}

// Family says where the evidence for a finding comes from. The zero value is
// invalid.
type Family uint8

// The families.
const (
	Data    Family = iota + 1 // the file alone
	Trainer                   // what a trainer's loader and anchors make of the file
	Label                     // what a detector says against the annotations
)

// String returns the family as reports have it.
func (f Family) String() string {
	return nameOf(uint8(f), "data", "trainer", "label")
}

// About says what kind of thing a code's findings are about. The zero value is
// invalid.
type About uint8

// What findings are about.
const (
	AboutRun        About = iota + 1 // the run as a whole: a file of detections
	AboutSource                      // an annotation file, or a record of any of its arrays
	AboutImage                       // an image, or how many images lack something
	AboutAnnotation                  // an annotation, or one that is missing
	AboutClass                       // a category or a class
)

// String returns the name of the thing.
func (a About) String() string {
	return nameOf(uint8(a), "run", "source", "image", "annotation", "class")
}

// nameOf returns the i-th name from 1, "invalid" if there is none.
func nameOf(i uint8, names ...string) string {
	if i == 0 || int(i) > len(names) {
		return "invalid"
	}
	return names[i-1]
}

// Entry is what there is to say about all findings of one code. All fields are
// plain text of one line.
type Entry struct {
	Code     string // kebab-case; part of fingerprints, so never renamed
	Family   Family
	Severity Severity // of a finding that has none of its own
	Else     [2]Severity
	About    About
	Title    string // sentence case, no full stop, at most 70 characters
	Text     string // what it is, and what it does to training
	Example  string // a record that has it, as JSON, or a figure
	Fix      string // how to mend it, and how to live with it

	// Mends says that each finding's message says what to do about its own key: Fix, which is about all
	// keys of the code, is not told beside it.
	Mends bool
}

// Severities returns the severities that findings of the code may have, the gravest first.
func (e *Entry) Severities() []Severity {
	var all []Severity
	for s := Error; s <= Info; s++ {
		if s == e.Severity || slices.Contains(e.Else[:], s) {
			all = append(all, s)
		}
	}
	return all
}

// SeverityText returns the severities in words: "error", or "error or info" where the
// preset decides.
func (e *Entry) SeverityText() string {
	var names []string
	for _, s := range e.Severities() {
		names = append(names, s.String())
	}
	return strings.Join(names, " or ")
}

// catalogue is the one list of entries, sorted by family, severity and code.
var catalogue = sorted(dataEntries, keyEntries, conventionEntries, trainerEntries, detectionEntries, labelEntries)

func sorted(parts ...[]Entry) []Entry {
	es := slices.Concat(parts...)
	slices.SortFunc(es, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Family, b.Family), cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Code, b.Code))
	})
	return es
}

var byCode = index(catalogue)

func index(es []Entry) map[string]Entry {
	m := make(map[string]Entry, len(es))
	for _, e := range es {
		m[e.Code] = e
	}
	return m
}

// Catalogue returns all entries, sorted by family, then severity, then code.
// The caller may change the slice.
func Catalogue() []Entry { return slices.Clone(catalogue) }

// Lookup returns the entry of a code and whether there is one.
func Lookup(code string) (Entry, bool) {
	e, ok := byCode[code]
	return e, ok
}

// Nearest returns the n codes nearest to a mistyped one, the nearest first, in
// alphabetical order among equals.
func Nearest(code string, n int) []string {
	codes := slices.Sorted(maps.Keys(byCode))
	return spelling.Nearest(code, codes, n)
}
