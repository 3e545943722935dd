package gate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"focalaudit/pkg/text"
)

// lost tells of the sources of the baseline that are gone, and of those that have nothing left, each a failure: whether
// a file is read at all is no matter of its findings. A file that could not be read is told already, and one that is
// there under another name, with as many images and annotations, is not lost.
func lost(s, baseline *Subject) (outcomes []Outcome) {
	fail := func(name, rule string) {
		outcomes = append(outcomes, Outcome{Name: name, Rule: rule, Status: Fail})
	}
	const again = "bring it back, or write a new baseline with analyze baseline"
	pairs, now := s.pairs(baseline), byName(s.Sources, nameOfSource)
	for i := range baseline.Sources {
		was := &baseline.Sources[i]
		had := fmt.Sprintf("%s and %s in the baseline", text.Plural(int(was.Images), "image"),
			text.Plural(int(was.Annotations), "annotation"))
		is := now[pairs.now[was.Name]]
		switch {
		case is == nil && s.couldNotRead(was.Name):
		case is == nil:
			fail(was.Name+" is gone", had+": "+again)
		case was.Images > 0 && is.Images == 0:
			fail(was.Name+" has no image any more", had+": "+again)
		case was.Annotations > 0 && is.Annotations == 0:
			fail(was.Name+" has no annotation any more", had+": "+again)
		}
	}
	return outcomes
}

// sameFile tells whether two names are those of one source, searched from one directory or from one above it.
func sameFile(a, b string) bool {
	return a == b || strings.HasSuffix(a, "/"+b) || strings.HasSuffix(b, "/"+a)
}

// Pairs are the sources of two reports that are the same.
type Pairs struct {
	now    map[string]string // the name of today, by that of before
	before map[string]bool   // the names of today that had one before
}

// pairs returns the sources of the baseline that are in the report: under the same name, else searched from another
// directory, else under another name with as many images and annotations. A source is in one pair.
func (s *Subject) pairs(baseline *Subject) Pairs {
	names, taken := map[string]string{}, map[string]bool{}
	alike := func(same func(was, is *Source) bool) {
		for i := range baseline.Sources {
			was := &baseline.Sources[i]
			if _, known := names[was.Name]; known {
				continue
			}
			for k := range s.Sources {
				if is := &s.Sources[k]; !taken[is.Name] && same(was, is) {
					names[was.Name], taken[is.Name] = is.Name, true
					break
				}
			}
		}
	}
	alike(func(was, is *Source) bool { return was.Name == is.Name })
	alike(func(was, is *Source) bool { return sameFile(was.Name, is.Name) })
	alike(func(was, is *Source) bool { return was.Images == is.Images && was.Annotations == is.Annotations })
	return Pairs{names, taken}
}

// name returns the name of today of a source of before.
func (p *Pairs) name(before string) string { return cmp.Or(p.now[before], before) }

// under returns a baseline whose sources have the names that they have in s. Others keep theirs.
func (s *Subject) under(baseline *Subject) *Subject {
	pairs := s.pairs(baseline)
	out := *baseline
	out.Sources, out.SourceClasses = slices.Clone(out.Sources), slices.Clone(out.SourceClasses)
	for i := range out.Sources {
		out.Sources[i].Name = pairs.name(out.Sources[i].Name)
	}
	for i := range out.SourceClasses {
		out.SourceClasses[i].Source = pairs.name(out.SourceClasses[i].Source)
	}
	return &out
}

// couldNotRead reports whether a source is one of those that could not be read.
func (s *Subject) couldNotRead(name string) bool {
	return slices.ContainsFunc(s.Refused, func(r Refusal) bool { return sameFile(r.File, name) })
}
