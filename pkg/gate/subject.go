package gate

import (
	"cmp"
	"fmt"
	"slices"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/text"
)

// Subject is what rules are held against: what a report tells of a data set.
type Subject struct {
	Dir                 string
	Preset              string
	Setting             Setting
	Coverage            Coverage             // nil if nobody asked for it
	Losses              *Losses              // under the scores of the detector that judged the labels; nil if not asked
	Scores              []string             // the sources of scores, in the run's order
	Results             map[string]string    // by source of scores: the SHA-256 of a detector's results
	Silent              map[string][]Silence // by source of scores; what a report says of images without a word of it
	Metrics             map[string]analysis.Metrics
	Counts              map[string]int // of findings by code, those that are not listed included
	Findings            []Finding      // by rank
	Kept                []string       // fingerprints of what people had looked at and kept before the run
	Images, Annotations int            // read
	Classes             []Class
	SourceClasses       []SourceClass // what each source has of each class that it has; nil if the report does not say

	// Drift is how far apart the sources are, by figure: without those that fewer than two
	// sources have. It is nil for a report of an earlier version, which does not say.
	Drift map[string]float64

	Looked  Looked
	Sources []Source
	Refused []Refusal // the files that could not be read

	// Labels reads what the report keeps of the labels; nil for a baseline, or where nobody can tell.
	Labels func(Wanted) (Labelled, error)
}

// Class is a class of the data set, with the columns of classes.parquet.
type Class struct {
	Name                   string `expr:"class" parquet:"class"`
	Annotations            int64  `expr:"annotations" parquet:"annotations"`
	Objects                int64  `expr:"objects" parquet:"objects"`
	Images                 int64  `expr:"images" parquet:"images"`
	Small                  int64  `expr:"small" parquet:"small"`
	Medium                 int64  `expr:"medium" parquet:"medium"`
	Large                  int64  `expr:"large" parquet:"large"`
	Positives              int64  `expr:"positives" parquet:"positives"`
	ObjectsWithoutPositive int64  `expr:"objects_without_positive" parquet:"objects_without_positive"`
	ObjectsRescued         int64  `expr:"objects_rescued" parquet:"objects_rescued"`
}

// Source is an annotation file.
type Source struct {
	Name        string `expr:"source"`
	Images      int64  `expr:"images"`      // in use
	Annotations int64  `expr:"annotations"` // read
	Objects     int64  `expr:"objects"`     // in use
}

// SourceClass is what an annotation file has of a class.
type SourceClass struct {
	Source      string `expr:"source"`
	Class       string `expr:"class"`
	Annotations int64  `expr:"annotations"` // read
	Objects     int64  `expr:"objects"`     // in use
}

// Finding is a row of findings.parquet.
type Finding struct {
	Rank        int
	Code        string
	Source      string // "" if it concerns no file
	Image, File string // id and file name, "" if there is none
	Annotation  string
	Class       string
	Box         geom.Rect
	HasBox      bool
	Score       float64 // NaN if it has none
	Cases       int64   // records that it stands for; 0, of a report that does not say, counts as 1
	Whole       bool    // these are all annotations, or all images, of its source
	Line        int     // 0 if there is none
	Column      int     // in UTF-16 code units, from 1; 0 if there is none, or nobody asked
	Offset      int64   // of the record in the decompressed file, -1 if there is none
	Fingerprint string
	Message     string
	Level       findings.Severity // its severity as the report has it, 0 for that of its code

	New      bool    // it is not in the baseline, or has become graver (below); or there is no baseline
	Waived   *Waiver // why it does not count, nil if it does
	Reviewed bool    // a person looked at it, and kept the record as it is: it does not count

	// Was is how many records it stood for in the baseline, 0 if it is not in it or that is not known. An error or
	// a warning that stands for more records now, or that was less severe, is New; but not one that stood for all
	// records of its source and does so now: a data set that has never had a key may grow.
	Was  int64
	rose bool // it was less severe
	same bool // it stood for all records, and does so now

	// Of a suspect that is in one of two reports only. Traced: the labels of the other report are known;
	// Untouched: its label is among them (Difference.Trace).
	Traced, Untouched bool

	// Deleted is set for a finding of the old report whose record the new report does not have any more: its annotation,
	// image or file was removed, so that nothing was mended.
	Deleted bool
}

// OfFile reports whether the finding is about an annotation file as a whole, not about an image or an annotation in it.
func (f *Finding) OfFile() bool { return f.Source != "" && f.File == "" && f.Image == "" }

// Severity returns the severity of the finding: its own, else that of its code.
func (f *Finding) Severity() findings.Severity {
	e, _ := findings.Lookup(f.Code)
	return cmp.Or(f.Level, e.Severity)
}

// Counts reports whether rules count the finding: it is neither waived nor reviewed, and new if only
// new ones are counted.
func (f *Finding) Counts(onlyNew bool) bool {
	return f.Waived == nil && !f.Reviewed && (f.New || !onlyNew)
}

// Unlisted returns how many findings of each code are counted, but not listed.
func (s *Subject) Unlisted() map[string]int {
	out := map[string]int{}
	for code, n := range s.Counts {
		out[code] = n
	}
	for i := range s.Findings {
		out[s.Findings[i].Code]--
	}
	for code, n := range out {
		if n <= 0 {
			delete(out, code)
		}
	}
	return out
}

// sameBox is the IoU from which on boxes of two reports are taken for one: an edge
// that rounds the other way, or a detector that was trained anew, moves them a
// little.
const sameBox = 0.5

// grew returns how many records more the finding stands for than in the baseline, 0 if it is not in it.
func (f *Finding) grew() int64 {
	if f.Was == 0 || f.same {
		return 0
	}
	return max(0, f.records()-f.Was)
}

// records is how many records the finding stands for.
func (f *Finding) records() int64 { return max(1, f.Cases) }

// counted is how many of its records rules count: of a finding that is in the baseline too, those that are new.
func (f *Finding) counted(onlyNew bool) int64 {
	if n := f.grew(); onlyNew && n > 0 {
		return n
	}
	return f.records()
}

// Told returns the message, and of an old finding that is new for more records or a graver severity, how it was.
func (f *Finding) Told() string {
	switch {
	case !f.New || f.Was == 0:
		return f.Message
	case f.grew() > 0:
		return fmt.Sprintf("%s (%s now, %s in the baseline; a record named here may be an old one)", f.Message,
			text.Plural(int(f.records()), "case"), text.Group(f.Was))
	}
	return fmt.Sprintf("%s (less severe in the baseline)", f.Message)
}

// Compare tells which findings are new, and which of the old ones are gone: first by
// fingerprint, then by code, image and box, then by the same of images whose names have
// changed in one way; each old finding for one new one. Moved is nil if no names have.
// An error or a warning that has become graver is new too (Finding.Was).
func Compare(now, before []Finding, sources Pairs) (gone []int, moved *Moved) {
	for i := range now {
		now[i].New, now[i].Was = true, 0
	}
	taken := make([]bool, len(before))
	matchPrints(now, before, taken, sources)
	matchBoxes(now, before, taken)
	moved = matchMoved(now, before, taken, sources)
	for i := range now {
		f := &now[i]
		f.New = f.New || f.Severity() != findings.Info && (f.rose || f.grew() > 0)
	}
	for i := range before {
		if !taken[i] {
			gone = append(gone, i)
		}
	}
	return gone, moved
}

// matchPrints pairs what is left by fingerprint, within one source first. What is said of a file has no image in its
// fingerprint, so that all files share it: it is about another file only where both files are in no pair. An image may
// go from one file to another.
func matchPrints(now, before []Finding, taken []bool, sources Pairs) {
	match := func(is, was func(*Finding) (source string, ok bool)) {
		left := map[[2]string][]int{}
		for i := range before {
			if source, ok := was(&before[i]); ok && !taken[i] {
				key := [2]string{before[i].Fingerprint, source}
				left[key] = append(left[key], i)
			}
		}
		for i := range now {
			f := &now[i]
			source, ok := is(f)
			key := [2]string{f.Fingerprint, source}
			if of := left[key]; ok && f.New && len(of) > 0 {
				f.pair(&before[of[0]], &taken[of[0]])
				left[key] = of[1:]
			}
		}
	}
	match(func(f *Finding) (string, bool) { return f.Source, true },
		func(f *Finding) (string, bool) { return sources.name(f.Source), true })
	match(func(f *Finding) (string, bool) { return "", !f.OfFile() || !sources.before[f.Source] },
		func(f *Finding) (string, bool) {
			return "", !f.OfFile() || sources.now[f.Source] == ""
		})
}

// pair notes that a finding is an old one, which is taken for it.
func (f *Finding) pair(old *Finding, taken *bool) {
	f.New, f.Was, *taken = false, old.Cases, true
	f.rose, f.same = f.Severity() < old.Severity(), f.Whole && old.Whole
}

// place is where a finding without a fingerprint of old may still be an old one.
type place struct{ code, file string }

// maxPairs is how many pairs of boxes of one code in one image are compared. Where there are
// more, only fingerprints are: a box that moved there counts as new.
const maxPairs = 1 << 20

// matchBoxes pairs what is left by code, image and box, the most alike first.
func matchBoxes(now, before []Finding, taken []bool) {
	fresh, old := map[place][]int{}, map[place][]int{}
	for i := range now {
		if f := &now[i]; f.New && f.HasBox && f.File != "" {
			fresh[place{f.Code, f.File}] = append(fresh[place{f.Code, f.File}], i)
		}
	}
	for i := range before {
		if f := &before[i]; !taken[i] && f.HasBox && f.File != "" {
			old[place{f.Code, f.File}] = append(old[place{f.Code, f.File}], i)
		}
	}
	for at, of := range fresh {
		if len(of)*len(old[at]) <= maxPairs {
			matchPlace(now, before, taken, of, old[at])
		}
	}
}

// matchPlace pairs findings of one code in one image: those of now at fresh with those of
// before at old.
func matchPlace(now, before []Finding, taken []bool, fresh, old []int) {
	type pair struct {
		now, old int
		iou      float64
	}
	var pairs []pair
	for _, i := range fresh {
		for _, k := range old {
			if v := iou.Of(now[i].Box.Box(), before[k].Box.Box()); v >= sameBox {
				pairs = append(pairs, pair{i, k, v})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(b.iou, a.iou) })
	for _, p := range pairs {
		if now[p.now].New && !taken[p.old] {
			now[p.now].pair(&before[p.old], &taken[p.old])
		}
	}
}
