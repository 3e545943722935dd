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
	for i := range baseline.Sources {
		was := &baseline.Sources[i]
		had := fmt.Sprintf("%s and %s in the baseline", text.Plural(int(was.Images), "image"),
			text.Plural(int(was.Annotations), "annotation"))
		at := slices.IndexFunc(s.Sources, func(now Source) bool { return sameFile(now.Name, was.Name) })
		switch {
		case at < 0 && (s.couldNotRead(was.Name) || s.renamed(was, baseline)):
		case at < 0:
			fail(was.Name+" is gone", had+": "+again)
		case was.Images > 0 && s.Sources[at].Images == 0:
			fail(was.Name+" has no image any more", had+": "+again)
		case was.Annotations > 0 && s.Sources[at].Annotations == 0:
			fail(was.Name+" has no annotation any more", had+": "+again)
		}
	}
	return outcomes
}

// sameFile tells whether two names are those of one source, searched from one directory or from one above it.
func sameFile(a, b string) bool {
	return a == b || strings.HasSuffix(a, "/"+b) || strings.HasSuffix(b, "/"+a)
}

// under returns a baseline whose sources have the names that they have in s: one that was searched from another
// directory, or is under another name with as many images and annotations. Others keep theirs.
func (s *Subject) under(baseline *Subject) *Subject {
	old, now := byName(baseline.Sources, nameOfSource), byName(s.Sources, nameOfSource)
	names, taken := map[string]string{}, map[string]bool{}
	alike := func(same func(was, is *Source) bool) {
		for i := range baseline.Sources {
			was := &baseline.Sources[i]
			if _, known := names[was.Name]; known || now[was.Name] != nil {
				continue
			}
			for k := range s.Sources {
				if is := &s.Sources[k]; old[is.Name] == nil && !taken[is.Name] && same(was, is) {
					names[was.Name], taken[is.Name] = is.Name, true
					break
				}
			}
		}
	}
	alike(func(was, is *Source) bool { return sameFile(was.Name, is.Name) })
	alike(func(was, is *Source) bool { return was.Images == is.Images && was.Annotations == is.Annotations })
	if len(names) == 0 {
		return baseline
	}
	out := *baseline
	out.Sources, out.SourceClasses = slices.Clone(out.Sources), slices.Clone(out.SourceClasses)
	for i := range out.Sources {
		out.Sources[i].Name = cmp.Or(names[out.Sources[i].Name], out.Sources[i].Name)
	}
	for i := range out.SourceClasses {
		out.SourceClasses[i].Source = cmp.Or(names[out.SourceClasses[i].Source], out.SourceClasses[i].Source)
	}
	return &out
}

// couldNotRead reports whether a source is one of those that could not be read.
func (s *Subject) couldNotRead(name string) bool {
	return slices.ContainsFunc(s.Refused, func(why string) bool {
		file, _, _ := placed(why)
		return sameFile(file, name)
	})
}

// renamed reports whether a source that the baseline lacks has as many images and annotations as one of it.
func (s *Subject) renamed(was *Source, baseline *Subject) bool {
	return slices.ContainsFunc(s.Sources, func(now Source) bool {
		here := func(old Source) bool { return sameFile(old.Name, now.Name) }
		return now.Images == was.Images && now.Annotations == was.Annotations && !slices.ContainsFunc(baseline.Sources, here)
	})
}
