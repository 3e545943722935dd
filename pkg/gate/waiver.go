package gate

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Waiver takes findings out of the counts.
type Waiver struct {
	Fingerprint string `yaml:"fingerprint" json:"fingerprint,omitempty"`
	Code        string `yaml:"code" json:"code,omitempty"`
	Source      string `yaml:"source" json:"source,omitempty"` // the annotation file; any if empty
	Files       string `yaml:"files" json:"files,omitempty"`   // glob of the images' file names; all if empty
	Reason      string `yaml:"reason" json:"reason"`
	Until       string `yaml:"until" json:"until"` // the last day on which it holds, YYYY-MM-DD
}

// Waived is a waiver that holds. Code is that of its findings, of one by fingerprint too.
type Waived struct {
	Waiver
	Findings int `json:"findings"` // that it takes out; those that are only counted are not among them
}

// check reports what makes a waiver unfit.
func (w *Waiver) check() error {
	switch {
	case w.Fingerprint != "" && !fingerprint.MatchString(w.Fingerprint):
		return notPrint("fingerprint", w.Fingerprint)
	case w.Fingerprint == "" && w.Code == "":
		return errors.New("expected a fingerprint, or a code with or without files")
	case w.Fingerprint != "" && (w.Code != "" || w.Files != ""):
		return errors.New("a fingerprint names one finding: expected neither code nor files beside it")
	case strings.TrimSpace(text.Printable(w.Reason)) == "":
		return errors.New("no reason: expected one that a reader in a year understands")
	}
	if w.Code != "" {
		if err := checkCode(w.Code); err != nil {
			return err
		}
	}
	if _, err := path.Match(w.Files, ""); err != nil {
		return fmt.Errorf("files %q: %w", w.Files, err)
	}
	if _, err := time.Parse(time.DateOnly, w.Until); err != nil {
		return fmt.Errorf("until %q: expected the last day on which it holds, YYYY-MM-DD", w.Until)
	}
	return nil
}

// listed are the findings of a report by all that a waiver names, so that no waiver looks at all findings.
type listed struct {
	of      []Finding
	byPrint map[string][]int
	byCode  map[string]*ofCode
	sources fileNames
}

// ofCode are the findings of a code.
type ofCode struct {
	all    []int
	byFile map[string][]int // by the name of the image
	files  []string         // its keys, in the order of the findings
}

func listedOf(s *Subject) *listed {
	l := &listed{of: s.Findings, byPrint: map[string][]int{}, byCode: map[string]*ofCode{}}
	names := make([]string, len(s.Sources))
	for i := range s.Sources {
		names[i] = s.Sources[i].Name
	}
	l.sources = namesIn(names)
	for i := range l.of {
		f := &l.of[i]
		l.byPrint[f.Fingerprint] = append(l.byPrint[f.Fingerprint], i)
		c := l.byCode[f.Code]
		if c == nil {
			c = &ofCode{byFile: map[string][]int{}}
			l.byCode[f.Code] = c
		}
		c.all = append(c.all, i)
		if c.byFile[f.File] == nil {
			c.files = append(c.files, f.File)
		}
		c.byFile[f.File] = append(c.byFile[f.File], i)
	}
	return l
}

// means returns the sources that a waiver names: the one of that name, else those of which one name ends in the other.
func (w *Waiver) means(l *listed) []string {
	switch {
	case w.Source == "":
		return nil
	case l.sources.whole[w.Source]:
		return []string{w.Source}
	}
	return l.sources.akin(w.Source)
}

// matches returns the findings that a waiver is about, where it names these sources.
func (w *Waiver) matches(l *listed, sources []string) []int {
	of := w.named(l)
	if w.Source == "" {
		return of
	}
	return slices.DeleteFunc(slices.Clone(of), func(i int) bool { return !slices.Contains(sources, l.of[i].Source) })
}

// named returns the findings that a waiver is about, of whatever source.
func (w *Waiver) named(l *listed) (out []int) {
	if w.Fingerprint != "" {
		return l.byPrint[w.Fingerprint]
	}
	c := l.byCode[w.Code]
	switch {
	case c == nil:
		return nil
	case w.Files == "":
		return c.all
	}
	part := literal(w.Files)
	for _, file := range c.files {
		if !strings.Contains(file, part) { // most names end here, in a tenth of the time
			continue
		}
		if ok, _ := path.Match(w.Files, file); ok {
			out = append(out, c.byFile[file]...)
		}
	}
	return out
}

// literal returns the longest text that a pattern of path.Match spells out, which each name that it matches has in it.
func literal(pattern string) (longest string) {
	if i := strings.IndexAny(pattern, `[\`); i >= 0 {
		pattern = pattern[:i]
	}
	for _, part := range strings.FieldsFunc(pattern, func(r rune) bool { return r == '*' || r == '?' }) {
		if len(part) > len(longest) {
			longest = part
		}
	}
	return longest
}

// ambiguous returns the files that a waiver may mean, nil if they are not several: those whose names end in its source;
// or, of a waiver by fingerprint, those with a finding about the file as a whole, since the fingerprint of such a
// finding does not depend on the file.
func (w *Waiver) ambiguous(l *listed, means []string) (sources []string) {
	if len(means) > 1 {
		return means
	}
	if w.Fingerprint == "" || w.Source != "" {
		return nil
	}
	seen := map[string]bool{}
	for _, i := range w.matches(l, nil) {
		if f := &l.of[i]; f.OfFile() && !seen[f.Source] {
			seen[f.Source] = true
			sources = append(sources, f.Source)
		}
	}
	if len(sources) < 2 {
		return nil
	}
	return sources
}

// expired reports whether a waiver does not hold on a day any more.
func (w *Waiver) expired(day time.Time) bool {
	until, err := time.Parse(time.DateOnly, w.Until)
	return err != nil || day.Format(time.DateOnly) > until.Format(time.DateOnly)
}

// waive marks what waivers take out, and what was reviewed. A waiver that has expired takes nothing out
// and fails; one that finds nothing to take out warns. The others hold.
func (g *Gate) waive(s *Subject, day time.Time) (outcomes []Outcome, holds []Waived) {
	kept, found := findings.NewKept(g.policy.Reviewed), map[string]bool{}
	labels := false
	for i := range s.Findings {
		f := &s.Findings[i]
		for _, print := range kept.By(f.Fingerprint, f.Code, f.File, f.Class, f.Box, f.HasBox) {
			f.Reviewed, found[print] = true, true
		}
		e, known := findings.Lookup(f.Code)
		labels = labels || known && e.Family == findings.Label
	}
	if o := unmatched(g.policy.Reviewed, found); o != nil && labels { // without a detector there is nothing to match
		outcomes = append(outcomes, *o)
	}
	if len(g.policy.Waivers) == 0 {
		return outcomes, nil
	}
	l := listedOf(s)
	for i := range g.policy.Waivers {
		w := &g.policy.Waivers[i]
		held, means := Waived{Waiver: *w}, w.means(l)
		files, matched := w.ambiguous(l, means), w.matches(l, means)
		for _, k := range matched {
			if f := &s.Findings[k]; !w.expired(day) && f.Waived == nil {
				f.Waived = w
				held.Findings++
				held.Code = f.Code
			}
		}
		name := "waiver of " + w.Fingerprint + w.Code
		switch {
		case files != nil && !w.expired(day):
			outcomes = append(outcomes, Outcome{Name: name + " is of several files", Status: Fail,
				Rule: fmt.Sprintf("it may be about %s: name the one that is meant (source: %s), or waive the code",
					strings.Join(files, " or "), strconv.Quote(files[0]))})
		case w.expired(day):
			outcomes = append(outcomes, Outcome{Name: name + " has expired", Rule: "until " + w.Until + ": " + w.Reason,
				Status: Fail})
		case len(matched) == 0:
			outcomes = append(outcomes, Outcome{Name: name + " matches nothing",
				Rule: "until " + w.Until + ": " + w.Reason + w.files(l), Status: Warn})
		case held.Findings > 0:
			holds = append(holds, held)
		}
	}
	return outcomes, holds
}

// files says what a waiver's key files is held against, if it has one that matches nothing.
func (w *Waiver) files(l *listed) string {
	if w.Files == "" {
		return ""
	}
	c := l.byCode[w.Code]
	if c == nil {
		return " (there is no finding " + w.Code + ")"
	}
	example := c.files[0]
	if example == "" && len(c.files) > 1 {
		example = c.files[1]
	}
	if example == "" {
		return fmt.Sprintf(" (%s: %s, none of which is about an image: leave out the key files)", w.Code,
			text.Plural(len(c.all), "finding"))
	}
	return fmt.Sprintf(" (the key files is a pattern for names of images, such as %q; * does not match /)", example)
}
