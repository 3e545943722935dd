package gate

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
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
	notRead := s.notRead(s.missing(baseline, &pairs))
	for i := range baseline.Sources {
		was := &baseline.Sources[i]
		had := fmt.Sprintf("%s and %s in the baseline", text.Plural(int(was.Images), "image"),
			text.Plural(int(was.Annotations), "annotation"))
		is := now[pairs.now[was.Name]]
		switch {
		case is == nil && notRead[was.Name]:
		case is == nil && pairs.unclear[was.Name] != nil:
			fail(was.Name+" is gone, or has another name", fmt.Sprintf("%s; it may be %s: give the paths as for the baseline, "+
				"or write a new baseline with analyze baseline", had, strings.Join(pairs.unclear[was.Name], " or ")))
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

// missing returns the sources of the baseline that have no pair in the report.
func (s *Subject) missing(baseline *Subject, pairs *Pairs) (names []string) {
	now := byName(s.Sources, nameOfSource)
	for i := range baseline.Sources {
		if name := baseline.Sources[i].Name; now[pairs.now[name]] == nil {
			names = append(names, name)
		}
	}
	return names
}

// Pairs are the sources of two reports that are the same.
type Pairs struct {
	now     map[string]string   // the name of today, by that of before
	before  map[string]bool     // the names of today that had one before
	unclear map[string][]string // the names of today that may be that of before, where several may be, or one for several
}

// pairs returns the sources of the baseline that are in the report: under the same name; else searched from another
// directory, so that one name ends in the other, if no other source can be meant or has as many images and annotations;
// else under another name with as many of both. A source is in one pair.
func (s *Subject) pairs(baseline *Subject) Pairs {
	p := Pairs{map[string]string{}, map[string]bool{}, map[string][]string{}}
	pair := func(was, is *Source) { p.now[was.Name], p.before[is.Name] = is.Name, true }
	now := byName(s.Sources, nameOfSource)
	for i := range baseline.Sources {
		if was := &baseline.Sources[i]; now[was.Name] != nil {
			pair(was, now[was.Name])
		}
	}
	var before, left []string
	for i := range baseline.Sources {
		if name := baseline.Sources[i].Name; p.now[name] == "" {
			before = append(before, name)
		}
	}
	for i := range s.Sources {
		if name := s.Sources[i].Name; !p.before[name] {
			left = append(left, name)
		}
	}
	old := byName(baseline.Sources, nameOfSource)
	may := namesakes(before, left)
	equal := func(a, b string) bool {
		return old[a].Images == now[b].Images && old[a].Annotations == now[b].Annotations
	}
	for a, b := range onlyPairs(may, equal) {
		pair(old[a], now[b[0]])
	}
	for a, of := range may {
		may[a] = slices.DeleteFunc(of, func(b string) bool { return p.now[a] != "" || p.before[b] })
	}
	for a, b := range onlyPairs(may, nil) {
		pair(old[a], now[b[0]])
	}
	for a, of := range may {
		if p.now[a] == "" && len(of) > 0 {
			p.unclear[a] = of
		}
	}
	p.byCounts(s, baseline)
	return p
}

// byCounts pairs what is left by the numbers of images and annotations, in the order of names.
func (p *Pairs) byCounts(s, baseline *Subject) {
	type counts struct{ images, annotations int64 }
	left := map[counts][]string{}
	for i := range s.Sources {
		if is := &s.Sources[i]; !p.before[is.Name] {
			left[counts{is.Images, is.Annotations}] = append(left[counts{is.Images, is.Annotations}], is.Name)
		}
	}
	for i := range baseline.Sources {
		was := &baseline.Sources[i]
		of := left[counts{was.Images, was.Annotations}]
		if _, known := p.now[was.Name]; known || len(of) == 0 {
			continue
		}
		p.now[was.Name], p.before[of[0]] = of[0], true
		left[counts{was.Images, was.Annotations}] = of[1:]
	}
}

// fileNames are names of files, and what they end in.
type fileNames struct {
	whole  map[string]bool
	ending map[string][]string
}

func namesIn(names []string) fileNames {
	n := fileNames{map[string]bool{}, map[string][]string{}}
	for _, name := range names {
		n.whole[name] = true
		for end := range endings(name) {
			n.ending[end] = append(n.ending[end], name)
		}
	}
	return n
}

// akin returns which of the names may be another one, searched from one directory or from one above it.
func (n *fileNames) akin(name string) []string {
	of := slices.Clone(n.ending[name])
	for end := range endings(name) {
		if n.whole[end] {
			of = append(of, end)
		}
	}
	return of
}

// namesakes returns which names of now may be one of before.
func namesakes(before, now []string) map[string][]string {
	of, may := namesIn(now), map[string][]string{}
	for _, name := range before {
		if names := of.akin(name); names != nil {
			may[name] = names
		}
	}
	return may
}

// endings yields the names of a file as searched from the directories below the first one, the longest first.
func endings(name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for {
			_, rest, more := strings.Cut(name, "/")
			if !more || !yield(rest) {
				return
			}
			name = rest
		}
	}
}

// onlyPairs returns the pairs that share no name with another pair. If same is given, only those for which it is true
// are pairs.
func onlyPairs(may map[string][]string, same func(a, b string) bool) map[string][]string {
	of, back := map[string][]string{}, map[string]int{}
	for a, all := range may {
		for _, b := range all {
			if same == nil || same(a, b) {
				of[a] = append(of[a], b)
				back[b]++
			}
		}
	}
	maps.DeleteFunc(of, func(_ string, all []string) bool { return len(all) > 1 || back[all[0]] > 1 })
	return of
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

// notRead returns which of the baseline's sources that are gone are files that could not be read: a file of the same
// name, else one whose name ends in the other's if no other file can be meant. A file stands for one source.
func (s *Subject) notRead(gone []string) map[string]bool {
	is, refused := map[string]bool{}, map[string]bool{}
	for _, r := range s.Refused {
		refused[r.File] = true
	}
	var left []string
	for _, name := range gone {
		if refused[name] {
			is[name] = true
			delete(refused, name)
		} else {
			left = append(left, name)
		}
	}
	for name := range onlyPairs(namesakes(left, slices.Sorted(maps.Keys(refused))), nil) {
		is[name] = true
	}
	return is
}
