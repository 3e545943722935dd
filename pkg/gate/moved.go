package gate

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"path"
	"slices"
	"strings"

	"focalaudit/pkg/findings"
)

// Moved says that a baseline's images have other names now, all in the same way: their
// folder is another one, or their ending.
type Moved struct {
	Old      string `json:"old"` // what the file names begin with in the baseline
	New      string `json:"new"` // and now
	OldEnd   string `json:"old_end,omitempty"`
	NewEnd   string `json:"new_end,omitempty"` // what they end in; "" if that is as it was
	Findings int    `json:"findings"`          // that are matched so
}

// String says what is other.
func (m *Moved) String() string {
	var parts []string
	switch {
	case m.Old == m.New:
	case m.Old == "":
		parts = append(parts, fmt.Sprintf("begin with %q", m.New))
	case m.New == "":
		parts = append(parts, fmt.Sprintf("no longer begin with %q", m.Old))
	default:
		parts = append(parts, fmt.Sprintf("begin with %q instead of %q", m.New, m.Old))
	}
	if m.OldEnd != m.NewEnd {
		parts = append(parts, fmt.Sprintf("end in %q instead of %q", m.NewEnd, m.OldEnd))
	}
	return "file names now " + strings.Join(parts, " and ")
}

// covers tells whether a file of the baseline would have another name now.
func (m *Moved) covers(file string) bool {
	return len(file) >= len(m.Old)+len(m.OldEnd) && strings.HasPrefix(file, m.Old) && strings.HasSuffix(file, m.OldEnd)
}

// of returns the name that a file of the baseline has now.
func (m *Moved) of(file string) string {
	return m.New + file[len(m.Old):len(file)-len(m.OldEnd)] + m.NewEnd
}

// separators are those of folders, in names from Windows too.
const separators = `/\`

// between returns how one name became the other: the shortest beginnings, at the end of
// a folder, that are other. Both have the same last element but for its ending.
func between(old, now string) Moved {
	oldEnd, nowEnd := path.Ext(old), path.Ext(now)
	a, b := strings.TrimSuffix(old, oldEnd), strings.TrimSuffix(now, nowEnd)
	same, whole := 0, 0 // bytes at the end; those of whole folders
	for {
		atStart := func(s string) bool {
			return same == len(s) || strings.IndexByte(separators, s[len(s)-same-1]) >= 0
		}
		if atStart(a) && atStart(b) {
			whole = same
		}
		if same == len(a) || same == len(b) || a[len(a)-same-1] != b[len(b)-same-1] {
			break
		}
		same++
	}
	m := Moved{Old: a[:len(a)-whole], New: b[:len(b)-whole]}
	if oldEnd != nowEnd {
		m.OldEnd, m.NewEnd = oldEnd, nowEnd
	}
	return m
}

// likeness is what a finding keeps if its image only has another folder or ending.
type likeness struct{ code, class, box, image string }

func likenessOf(f *Finding) likeness {
	name := f.File[strings.LastIndexAny(f.File, separators)+1:]
	l := likeness{f.Code, f.Class, "", strings.TrimSuffix(name, path.Ext(name))}
	if f.HasBox {
		l.box = fmt.Sprint(math.Round(f.Box.X), math.Round(f.Box.Y), math.Round(f.Box.W), math.Round(f.Box.H))
	}
	return l
}

// The bounds of the search: names that many folders share, and changes that are tried.
const (
	maxNamesakes = 16
	maxChanges   = 8
)

// matchMoved pairs what is left of two reports whose images have other names in the same
// way, and says in which: nil if there is none that is consistent. The change that most
// findings have is tried first.
func matchMoved(now, before []Finding, taken []bool, sources Pairs) *Moved {
	old := map[likeness][]string{} // names in the baseline
	for i := range before {
		if f := &before[i]; !taken[i] && f.File != "" {
			l := likenessOf(f)
			if files := old[l]; len(files) < maxNamesakes && !slices.Contains(files, f.File) {
				old[l] = append(files, f.File)
			}
		}
	}
	votes := map[Moved]int{}
	for i := range now {
		if f := &now[i]; f.New && f.File != "" {
			for _, file := range old[likenessOf(f)] {
				if file != f.File {
					votes[between(file, f.File)]++
				}
			}
		}
	}
	changes := slices.SortedFunc(maps.Keys(votes), func(a, b Moved) int {
		return cmp.Or(cmp.Compare(votes[b], votes[a]), strings.Compare(a.String(), b.String()))
	})
	for _, m := range changes[:min(len(changes), maxChanges)] {
		if m.consistent(now, before, taken, votes[m]) {
			m.match(now, before, taken, sources)
			return &m
		}
	}
	return nil
}

// consistent tells whether all images are renamed so: no finding that is in both reports
// is about one that would be, and at least half of the old findings that are left and
// would be have a new one.
func (m *Moved) consistent(now, before []Finding, taken []bool, pairs int) bool {
	for i := range now {
		if f := &now[i]; !f.New && f.File != "" && m.covers(f.File) {
			return false
		}
	}
	covered := 0
	for i := range before {
		if f := &before[i]; !taken[i] && f.File != "" && m.covers(f.File) {
			covered++
		}
	}
	return 2*pairs >= covered
}

// match pairs what is left under the new names.
func (m *Moved) match(now, before []Finding, taken []bool, sources Pairs) {
	renamed := slices.Clone(before)
	left := 0
	for i := range renamed {
		if f := &renamed[i]; !taken[i] {
			left++
			if f.File != "" && m.covers(f.File) {
				f.File = m.of(f.File)
				f.Fingerprint = findings.Fingerprint(f.Code, f.File, f.Class, f.Box, f.HasBox)
			}
		}
	}
	matchPrints(now, renamed, taken, sources)
	matchBoxes(now, renamed, taken)
	for i := range taken {
		if !taken[i] {
			left--
		}
	}
	m.Findings = left
}
